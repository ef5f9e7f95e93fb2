/*
 * school — plants of E01 (dropout) and E02 (of school age, in no school).
 */
#ifndef SCHOOL_H
#define SCHOOL_H

#include "plan.h"

/* Variants of school_dropout and school_stranger. */
enum school_dropout {
    SCHOOL_SUSPECTED,        /* status 04 */
    SCHOOL_LEFT,             /* status 05 */
    SCHOOL_ABSENT,           /* status 01, ten days absent */
    SCHOOL_ABSENT_LONG,      /* status 01, 22 days absent, for want of money */
    SCHOOL_ABSENT_BELOW,     /* nine days: nothing */
    SCHOOL_ABSENT_ILL,       /* 15 days, reason 01: nothing */
    SCHOOL_LEFT_ILL,         /* status 05, reason 01: nothing */
    SCHOOL_LEFT_OUTSIDE,     /* status 05 in another county: nothing */
    SCHOOL_LEFT_SENIOR,      /* status 05 in H1: nothing */
    SCHOOL_SUSPECTED_SENIOR, /* status 04 in V1: nothing */
    SCHOOL_RESTING,          /* status 02, absent all month: nothing */
};

/* Variants of school_missing; the age is that on the last 31 August before the run. */
enum school_missing {
    SCHOOL_NO_RECORD,
    SCHOOL_SIX,           /* six years old on the very day */
    SCHOOL_FOURTEEN,      /* fifteen years old the day after */
    SCHOOL_PRIMARY_ENDED, /* only a record of status 08 in P6 */
    SCHOOL_FIVE,          /* six years old the day after: nothing */
    SCHOOL_FIFTEEN,       /* fifteen years old on the very day: nothing */
};

/* Variants of school_exempt: why a child without a usual record is not found. */
enum school_exempt {
    SCHOOL_JUNIOR_ENDED, /* status 08 in J3 */
    SCHOOL_AWAY,         /* lives elsewhere */
    SCHOOL_DEAD,
    SCHOOL_OUTSIDE, /* goes to school elsewhere */
    SCHOOL_SPELLED, /* the record has another last character */
};

plan_bends school_dropout;  /* E01; variant: enum school_dropout */
plan_bends school_stranger; /* E01 of a pupil in no register household */
plan_bends school_missing;  /* E02; variant: enum school_missing */
plan_bends school_exempt;   /* not E02; variant: enum school_exempt */

#endif
