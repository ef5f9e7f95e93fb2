/*
 * shelter — plants of H01, H02 (unsafe only home) and W01 (no safe water).
 */
#ifndef SHELTER_H
#define SHELTER_H

#include "plan.h"

/* Whose house it is, in the variants of shelter_house. */
enum shelter_owner {
    SHELTER_ORDINARY,
    SHELTER_ALLEVIATED,
    SHELTER_MONITORED,
    SHELTER_DIBAO,
    SHELTER_DESTITUTE,
    SHELTER_EDGE,
    SHELTER_ELIMINATED, /* ordinary again */
    SHELTER_FORETOLD,   /* monitored from a day after the run */
};

/* Variants of shelter_house: owner and grade. */
#define SHELTER_HOUSE(owner, grade) ((owner)*256 + (grade))

/* Variants of shelter_renovated. */
enum shelter_renovated {
    SHELTER_BEFORE,    /* finished the day before the grading: found */
    SHELTER_CANCELLED, /* found */
    SHELTER_UNDER_WAY, /* found until it is finished in the second month */
    SHELTER_SAME_DAY,  /* finished on the day of the grading: nothing */
    SHELTER_AFTER,     /* nothing */
};

/* Variants of shelter_unlived. */
enum shelter_unlived {
    SHELTER_NOT_ONLY,
    SHELTER_NOT_OCCUPIED,
    SHELTER_GRADE_B,
};

/* Variants of shelter_water. */
enum shelter_water {
    SHELTER_NO_SUPPLY,   /* red */
    SHELTER_BAD_QUALITY, /* red */
    SHELTER_FEW_LITRES,  /* 19.9: yellow */
    SHELTER_FAR,         /* 21 minutes and 801 metres: yellow */
    SHELTER_BY_HEAD,     /* no supply, without household number: red */
    SHELTER_BY_PHONE,    /* no supply, with name and phone only: red */
    SHELTER_LITRES,      /* 20.0: nothing */
    SHELTER_LONG,        /* 40 minutes and 800 metres: nothing */
    SHELTER_WIDE,        /* 20 minutes and 2000 metres: nothing */
    SHELTER_UNTESTED,    /* quality 9: nothing */
};

/* Variants of shelter_visit. */
enum shelter_visit {
    SHELTER_NEVER,        /* H03 in a quarter's last month */
    SHELTER_LAST_QUARTER, /* the day before the quarter: H03 */
    SHELTER_THIS_QUARTER, /* its first day: nothing */
    SHELTER_NOT_OURS,     /* never, but an ordinary household: nothing */
};

/* Variants of shelter_project: a project of the year. */
enum shelter_project {
    SHELTER_NOT_STARTED,  /* H04 from April on */
    SHELTER_STARTED,      /* on 30 April, and finished in July: nothing */
    SHELTER_STARTED_LATE, /* on 1 May: H04 in April */
    SHELTER_UNFINISHED,   /* started in March: H04 from August on */
    SHELTER_CALLED_OFF,   /* not started, cancelled: nothing */
};

/* Variants of shelter_old. */
enum shelter_old {
    SHELTER_HAZARD,    /* grade B with a hazard: H05 */
    SHELTER_OLD,       /* ungraded, 31 years old: H05 */
    SHELTER_OLD_BELOW, /* ungraded, 30 years old at the run's end: nothing */
    SHELTER_OLD_SAFE,  /* grade B, very old, without a hazard: nothing */
};

/* Variants of shelter_outage. */
enum shelter_outage {
    SHELTER_SEVEN,      /* seven days in the month: W02 */
    SHELTER_YEAR,       /* 37 days in the year: W02 */
    SHELTER_DAYS_BELOW, /* six days, 36 in the year: nothing */
    SHELTER_NOBODY,     /* twenty days, but all members live elsewhere: nothing */
};

plan_bends shelter_visit;      /* H03; variant: enum shelter_visit */
plan_bends shelter_project;    /* H04; variant: enum shelter_project */
plan_bends shelter_old;        /* H05; variant: enum shelter_old */
plan_bends shelter_outage;     /* W02; variant: enum shelter_outage */
plan_bends shelter_covered;    /* W01 of a household with dibao: C07; variant: enum shelter_water */
plan_bends shelter_house;      /* H01 or H02; variant from SHELTER_HOUSE */
plan_bends shelter_loose;      /* H01 of a house without household number, spelled with a blank */
plan_bends shelter_dead_owner; /* H01 of a house whose owner is dead */
plan_bends shelter_renovated;  /* H01; variant: enum shelter_renovated */
plan_bends shelter_eliminated; /* H01 in the first month, H02 from then on */
plan_bends shelter_stranger;   /* H02 of an owner in no register household; variant: grade */
plan_bends shelter_unlived;    /* not H01; variant: enum shelter_unlived */
plan_bends shelter_water;      /* W01; variant: enum shelter_water */
plan_bends shelter_last_home;  /* W01 though all members but one live elsewhere */
plan_bends shelter_empty;      /* not W01: all members live elsewhere */

#endif
