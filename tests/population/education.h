/*
 * education — the files of the schools: pupils, aid, cost, term audit.
 *
 * Aid and audit are sent in the first month of the run or of a term, cost in
 * the first month of the run or of a school year.
 */
#ifndef EDUCATION_H
#define EDUCATION_H

#include "world.h"

/* 年级 */
enum grade {
    GRADE_PRESCHOOL, /* S0 */
    GRADE_PRIMARY,   /* P1, and P2..P6 after it */
    GRADE_JUNIOR = GRADE_PRIMARY + 6,
    GRADE_SENIOR = GRADE_JUNIOR + 3,
    GRADE_VOCATIONAL = GRADE_SENIOR + 3,
    GRADE_HIGHER = GRADE_VOCATIONAL + 3, /* U */
    GRADE_BY_AGE = 31,
};

/* What a plan says of a pupil, as the value of BEND_PUPIL. */
#define PUPIL(status, reason, absent, grade, outside)                                              \
    ((int64_t)(status) | (int64_t)(reason) << 8 | (int64_t)(absent) << 16 |                        \
     (int64_t)(grade) << 24 | (int64_t)(outside) << 32)

/* Write the schools' files of month `m`. */
void education_write(const struct world *world, unsigned m);

#endif
