/*
 * spending — plants of M04 (not tilted), M07 (burden), M08 (month after month) and of M06 beside
 * M05, and near misses.
 */
#ifndef SPENDING_H
#define SPENDING_H

#include "plan.h"

/* Variants of spending_stay: what one stay costs. */
enum spending_stay {
    SPENDING_HELPED,         /* 6000.00: M05 only */
    SPENDING_HELPED_ABOVE,   /* 6000.01: M06 */
    SPENDING_ORDINARY,       /* 10000.00: nothing */
    SPENDING_ORDINARY_ABOVE, /* 10000.01: M06 */
};

/* Variants of spending_untilted. */
enum spending_untilted {
    SPENDING_MONITORED,
    SPENDING_DIBAO,
    SPENDING_DESTITUTE,
    SPENDING_BELOW,      /* 7999.98 left by the basic insurance: not M04 */
    SPENDING_LATE,       /* dibao from the last day of the month: not M04 */
    SPENDING_ALLEVIATED, /* no claim: not M04 */
};

/* Variants of spending_burden. */
enum spending_burden {
    SPENDING_HALF_ABOVE, /* more than half of the income */
    SPENDING_HALF,       /* half of it, the rest on the line: nothing */
    SPENDING_LINE_BELOW, /* one fen too little is left */
    SPENDING_LINE,       /* the line is left: nothing */
    SPENDING_SMALL,      /* too little is left, but less than 1000 yuan was paid: nothing */
};

/* Variants of spending_monthly. */
enum spending_monthly {
    SPENDING_EVERY,       /* 500.00 each month: M08 from the third on */
    SPENDING_EVERY_BELOW, /* 499.99 each month: nothing */
    SPENDING_PAUSE,       /* all but the second */
};

plan_bends spending_stay;
plan_bends
    spending_untilted; /* the variants that are found are M05 and M06 too, covered ones C07 */
plan_bends spending_burden;
plan_bends spending_monthly;

#endif
