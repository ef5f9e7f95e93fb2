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

/* Variants of school_audit: a child that had not come back at the term's audit. */
enum school_audit {
    SCHOOL_RETURNS,  /* at school from the next month on: E03 in the audit's only */
    SCHOOL_GONE,     /* status 05 from the audit on: E01 and E03 */
    SCHOOL_VANISHED, /* no record from the next month on: E02 and E03 */
    SCHOOL_ABSENTEE, /* ten days absent from the next month on: E01 and E03 */
    SCHOOL_ON_LEAVE, /* status 02: nothing */
    SCHOOL_MOVED,    /* at school elsewhere from the next month on: E03 in the audit's only */
};

/* Variants of school_unaided. */
enum school_unaided {
    SCHOOL_HELPED,     /* E05 from the term's third month on */
    SCHOOL_NOT_HELPED, /* an ordinary household: nothing */
    SCHOOL_DROPPED,    /* status 05: E01 only */
};

/* Variants of school_outside. */
enum school_outside {
    SCHOOL_ELSEWHERE,       /* E06 */
    SCHOOL_LIVES_ELSEWHERE, /* lives elsewhere and has no record: E06 */
    SCHOOL_NOT_ASKED,       /* an ordinary household: nothing */
};

/* Variants of school_costly. */
enum school_costly {
    SCHOOL_MOST_ABOVE,  /* 10000.01: E07 */
    SCHOOL_MOST,        /* 10000.00: nothing */
    SCHOOL_SHARE_ABOVE, /* one fen above three tenths of the income: E07 */
    SCHOOL_SHARE,       /* three tenths: nothing */
};

plan_bends school_audit;    /* E03; variant: enum school_audit */
plan_bends school_unaided;  /* E05; variant: enum school_unaided */
plan_bends school_outside;  /* E06; variant: enum school_outside */
plan_bends school_costly;   /* E07; variant: enum school_costly */
plan_bends school_dropout;  /* E01; variant: enum school_dropout */
plan_bends school_stranger; /* E01 of a pupil in no register household */
plan_bends school_missing;  /* E02; variant: enum school_missing */
plan_bends school_exempt;   /* not E02; variant: enum school_exempt */

#endif
