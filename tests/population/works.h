/*
 * works — plants of W03 (interrupted), W04 (complaints) and W05 (failed tests), and near misses.
 *
 * They belong to water works and villages; each plant takes the next ones.
 */
#ifndef WORKS_H
#define WORKS_H

#include "plan.h"

/* Variants of works_outage, in the second month of the run. */
enum works_outage {
    WORKS_THREE,      /* three days: found */
    WORKS_TWO,        /* nothing */
    WORKS_PLANNED,    /* nothing */
    WORKS_OPEN,       /* the month's last three days and on: found, and in the next month */
    WORKS_OPEN_SHORT, /* its last two days and the next one: found in the next month */
};

/* Variants of works_complaint: received in the second month. */
enum works_complaint {
    WORKS_OLD,    /* sixteen days before its end, closed a month later */
    WORKS_YOUNG,  /* fifteen days before its end: found in the next month only */
    WORKS_CLOSED, /* closed on its last day: nothing */
};

plan_bends works_outage;    /* W03 */
plan_bends works_complaint; /* W04 */
plan_bends works_failed;    /* W05; variant: whether it was tested well again */

#endif
