/*
 * change — what happens in any county and is no hardship: the register's deltas.
 *
 * Each happens in a month of its own after the first. None makes a finding.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include "plan.h"

plan_suits change_room; /* an infant may come, and income suffices for one more */
plan_bends change_birth;
plan_bends change_death;
plan_bends change_move;       /* a member joins another household */
plan_bends change_leave;      /* a member works elsewhere */
plan_bends change_deregister; /* status 迁出 */
plan_bends change_remove;     /* the household leaves the register with its members */
plan_bends change_income;     /* more income */
plan_bends change_identify;   /* becomes monitored, everything being provided */

#endif
