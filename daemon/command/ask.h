/*
 * ask — the commands of `qianshao` that only show something.
 *
 * Each is a function of the table in qianshao.c: it takes the struct order, prints to stdout and
 * returns 0, or -1 with order->err.
 */
#ifndef ASK_H
#define ASK_H

#include "command/order.h"

/* A report of report.h, by the first word of the command: status, feeds, findings, cases, … */
int ask_report(void *values);

/* What is wrong with a sector's lists. For the sector: its own rows, without names and numbers. */
int ask_quality(void *values);

/* One link, both records side by side. */
int ask_link(void *values);

/* The rules, one rule, a profile; they need no database. */
int ask_rules(void *values);
int ask_rule(void *values);
int ask_profile(void *values);

#endif
