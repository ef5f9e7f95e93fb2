/*
 * profile — what differs between the five jurisdictions, as rules.md gives it.
 *
 * The dibao standards are invented; they only have to make the lines exact in
 * fen. The program keeps its own table so that a wrong profile of the hub is
 * seen as a difference.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stdbool.h>
#include <stdint.h>

struct profile {
    const char *name;
    const char *prefix;      /* of the county codes that it is the default of */
    const char *person_area; /* area part of person numbers, which no county has */
    int64_t standard;        /* fen a month and person */
    int64_t multiple;        /* tenths of dibao; 0: the line is absolute */
    int64_t absolute;        /* fen a year and person */
    bool pension_excluded;
    bool job_cost_excluded;
};

/* Area parts of person numbers, one a prefecture; no real number has them. */
#define PROFILE_AREAS 4
extern const char *const profile_areas[PROFILE_AREAS];

/* Return the profile called `name`, or NULL. */
const struct profile *profile_find(const char *name);

/* Return the default profile of a county, or NULL. */
const struct profile *profile_of(const char *county);

/* Return fen a year and person. */
int64_t profile_dibao(const struct profile *profile);
int64_t profile_line(const struct profile *profile);

#endif
