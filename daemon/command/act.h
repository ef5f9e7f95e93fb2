/*
 * act — the commands of `qianshao` that change or make something, or try it.
 *
 * Each is a function of the table in qianshao.c: it takes the struct order and returns 0, or -1
 * with order->err.
 */
#ifndef ACT_H
#define ACT_H

#include "command/order.h"

/* Take a stopped channel up again, discarding its half submission. */
int act_accept(void *values);

/* Judge the months whose input has changed, or one month, or every month. */
int act_judge(void *values);

/* A clerk's decision about a link. */
int act_confirm(void *values);
int act_break(void *values);

/* Try every rule on an empty month. */
int act_check_rules(void *values);

/* Make a CURVE key: FILE and FILE.pub; replaces nothing. */
int act_make_key(void *values);

/* The linkage on files. */
int act_link(void *values);

#endif
