/*
 * household — the true people of a synthetic population, one household at a time.
 *
 * A household depends only on the seed and its number, so any size of population begins with the
 * same households.
 */
#ifndef LINK_HOUSEHOLD_H
#define LINK_HOUSEHOLD_H

#include <stdint.h>

#include "names.h"

#define HOUSEHOLD_TODAY (719468 + 20453) /* 2025-12-31, as date.h counts */
#define HOUSEHOLD_MAX 8
#define HOUSEHOLD_VILLAGE 450 /* households of a village */
#define HOUSEHOLD_TOWN 15     /* villages of a township */
#define HOUSEHOLD_COUNTY 20   /* townships of a county */

struct one {
    struct name name;
    char number[19];
    int32_t birth; /* as date.h counts */
    bool woman, twin;
    int parent;     /* member whose number may be typed for this child's; −1: none */
    uint32_t phone; /* the last eight digits */
};

struct household {
    struct one people[HOUSEHOLD_MAX];
    int count;
    uint32_t county, town, village, group, house; /* house 0: the village writes none */
    uint64_t no;
};

/* Begin a population, in which no number is given as yet. */
void household_begin(uint64_t seed);
void household_end(void);

/* Make the household of number `no`; call in order of numbers. */
void household_make(uint64_t no, struct household *ret_household);

/* The check character of a number's first 17 digits. */
char household_check(const char *number);

#endif
