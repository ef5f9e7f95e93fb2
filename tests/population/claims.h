/*
 * claims — plants of M02 (premium aid), M03 (marks), C03 (disabled), C04 (grace), C05 (no labour)
 * and near misses.
 */
#ifndef CLAIMS_H
#define CLAIMS_H

#include "plan.h"

/* Variants of claims_unpaid. */
enum claims_unpaid {
    CLAIMS_DESTITUTE,
    CLAIMS_DIBAO,
    CLAIMS_MONITORED,
    CLAIMS_IDENTIFIED, /* monitored after the payment: M02 from the next insured year only */
    CLAIMS_EMPLOYEE,   /* employees' insurance has no premium aid: nothing */
    CLAIMS_ALLEVIATED, /* no claim: nothing */
};

/* Variants of claims_marked. */
enum claims_marked {
    CLAIMS_LACKS_DESTITUTE,
    CLAIMS_LACKS_DIBAO,
    CLAIMS_LACKS_MONITORED,
    CLAIMS_LACKS_ALLEVIATED,
    CLAIMS_HAS_DESTITUTE,
    CLAIMS_HAS_DIBAO,
    CLAIMS_HAS_MONITORED,
    CLAIMS_HAS_ALLEVIATED,
    CLAIMS_FIRST_DAY,  /* dibao from the second month's first day: M03 in the third only */
    CLAIMS_DAY_BEFORE, /* from the day before it: M03 in the second and third */
};

/* Variants of claims_disabled; the household is monitored, so below the line it is no C01. */
enum claims_disabled {
    CLAIMS_GRADE_TWO,
    CLAIMS_GRADE_THREE,      /* of the mind */
    CLAIMS_GRADE_THREE_BODY, /* nothing */
    CLAIMS_RICH,             /* one and a half dibao a head: nothing */
    CLAIMS_RICH_EDGE,        /* found all the same */
    CLAIMS_COVERED,          /* dibao himself: nothing */
};

/* Variants of claims_grace: why and when dibao ended in the second month. */
enum claims_grace {
    CLAIMS_EARLY,      /* a day before the twelve months are over */
    CLAIMS_ELIMINATED, /* the same in a household that is no longer monitored: nothing */
    CLAIMS_FULL,       /* twelve months to the day: nothing */
    CLAIMS_WISH,       /* the person's own wish: nothing */
};

plan_bends claims_unpaid;    /* M02 */
plan_bends claims_marked;    /* M03 */
plan_bends claims_disabled;  /* C03 */
plan_bends claims_grace;     /* C04 */
plan_bends claims_no_labour; /* C05; variant: whether dibao covers it */

#endif
