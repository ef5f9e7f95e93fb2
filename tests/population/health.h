/*
 * health — plants of M01 (not enrolled), M05 and M06 (paid too much), and near misses.
 */
#ifndef HEALTH_H
#define HEALTH_H

#include "plan.h"

/* Variants of health_uninsured: a category and an enum uninsured. */
#define HEALTH_UNINSURED(category, how) ((category)*16 + (how))

/* Variants of health_cost. */
enum health_cost {
    HEALTH_HELPED_LEAST,    /* 5000.00, alleviated: yellow */
    HEALTH_HELPED_BELOW,    /* 4999.99, alleviated: nothing */
    HEALTH_HELPED_MOST,     /* 9999.99, monitored: yellow */
    HEALTH_HELPED_DOUBLE,   /* 10000.00, monitored: red */
    HEALTH_COVERED,         /* 7000.00, dibao: yellow */
    HEALTH_ORDINARY_BELOW,  /* 19999.99: nothing */
    HEALTH_ORDINARY_LEAST,  /* 20000.00: yellow */
    HEALTH_ORDINARY_DOUBLE, /* 40000.00: red */
};

/* Variants of health_exempt: why somebody without enrolment is not found. */
enum health_exempt {
    HEALTH_ORDINARY,   /* of an ordinary household */
    HEALTH_ELIMINATED, /* monitored once, of category 3 */
    HEALTH_FORETOLD,   /* monitored from a day after the run */
    HEALTH_DEAD,
    HEALTH_SOLDIER,
};

/* A bill in month `m`, reversed in month `reversed` unless that lies after the run. */
void health_bill(struct plan *plan, struct person *person, unsigned m, int64_t fen, unsigned kind,
                 unsigned reversed);

/* Months in which a bill of month `m` counts. */
uint32_t health_counting(const struct plan *plan, unsigned m);

plan_bends health_uninsured;      /* M01; the variant from HEALTH_UNINSURED */
plan_bends health_two_uninsured;  /* M01 twice in an alleviated household */
plan_bends health_newborn;        /* M01; variant: age in days at the end of the run */
plan_bends health_eliminated;     /* M01 until the second month; variant: category */
plan_bends health_identified;     /* M01 from the second month on */
plan_bends health_outlasting;     /* M01 though the elimination stands in the register already */
plan_bends health_exempt;         /* not M01; variant: enum health_exempt */
plan_bends health_insured;        /* not M01; variant: enum insured */
plan_bends health_spelled;        /* not M01; variant: enum name_form of the enrolment */
plan_bends health_mistaken;       /* withheld: the number stands beside another name */
plan_bends health_cost;           /* M05; variant: enum health_cost */
plan_bends health_accumulated;    /* M05 by two bills; variant: whether the second makes it red */
plan_bends health_cost_dead;      /* M05 until death; variant: month of death */
plan_bends health_cost_spelled;   /* M05; variant: enum name_form of the bills */
plan_bends health_cost_ended;     /* M05 while monitored */
plan_bends health_cost_reversed;  /* not M05: reversed in the same month */
plan_bends health_cost_elsewhere; /* not M05: the bill names somebody else */

#endif
