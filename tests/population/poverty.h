/*
 * poverty — plants of C01 (income below the line) and C02 (dibao owed).
 */
#ifndef POVERTY_H
#define POVERTY_H

#include "plan.h"

/* Variants of poverty_low: how low, and who. The sums are those of the household. */
enum poverty_low {
    POVERTY_LINE_BELOW,        /* one fen below the line: C01 yellow */
    POVERTY_LINE,              /* the line: nothing */
    POVERTY_FLOOR,             /* dibao: C01 yellow, not C02 */
    POVERTY_FLOOR_BELOW,       /* one fen below dibao: C01 red and C02 */
    POVERTY_DEEP,              /* half of dibao: C01 red and C02 */
    POVERTY_ALLEVIATED,        /* one fen below the line: C01 yellow */
    POVERTY_EDGE,              /* edge, below dibao: C01 red and C02 */
    POVERTY_DIBAO,             /* dibao, below it: C01 red */
    POVERTY_DESTITUTE,         /* destitute, below dibao: C01 red */
    POVERTY_MONITORED,         /* monitored, below dibao: C02 */
    POVERTY_MONITORED_LINE,    /* monitored, below the line: nothing */
    POVERTY_MONITORED_COVERED, /* monitored, dibao, below it: nothing */
    POVERTY_MONITORED_SPELLED, /* the same, another last character in the roster: nothing */
};

/* Variants of poverty_cover: when the dibao of a monitored household holds. */
enum poverty_cover {
    POVERTY_COVER_ENDS,   /* ends on the last day of the second month: C02 from it on */
    POVERTY_COVER_BEGINS, /* begins in the third month: C02 until then */
};

/* Variants of poverty_alone: a monitored person living alone. */
enum poverty_alone {
    POVERTY_SIXTY,      /* sixty on the last day of the first month, below the line: C06 */
    POVERTY_FIFTY_NINE, /* sixty the day after the last month: nothing */
    POVERTY_ON_LINE,    /* nothing */
};

/* Variants of poverty_wage: what was earned until the fourth month, and from it on. */
enum poverty_wage {
    POVERTY_HALF_BELOW, /* 20000.00, 9999.99: X02 for three months */
    POVERTY_HALF,       /* 20000.00, 10000.00: nothing */
    POVERTY_DROP,       /* 5000.00, 2000.00: X02 */
    POVERTY_DROP_BELOW, /* 5000.00, 2000.01: nothing */
};

/* Give a household an income, and say C06 where an old person lives alone on less than the line. */
void poverty_earn(struct plan *plan, struct household *home, uint32_t months, int64_t fen);

plan_bends poverty_alone;    /* C06; variant: enum poverty_alone */
plan_bends poverty_wage;     /* X02; variant: enum poverty_wage */
plan_bends poverty_low;      /* C01, C02; variant: enum poverty_low */
plan_bends poverty_stale;    /* C01 in months at most 15 after the income's; variant: its age */
plan_bends poverty_dies;     /* C01 until a death leaves more for each */
plan_bends poverty_left;     /* not C01: one who has left does not count */
plan_bends poverty_removed;  /* C01 until the household leaves the register */
plan_bends poverty_cover;    /* C02; variant: enum poverty_cover */
plan_bends poverty_deceased; /* C01 and C02: only a dead member has dibao */
plan_bends poverty_extinct;  /* nothing: no living member, no water, no income */

#endif
