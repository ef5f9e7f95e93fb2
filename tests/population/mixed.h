/*
 * mixed — several hardships in one household, for X01 and for episodes.
 */
#ifndef MIXED_H
#define MIXED_H

#include "plan.h"

plan_bends mixed_ill_dry;        /* M05 yellow and W01 yellow: red by X01 */
plan_bends mixed_ill_unsafe;     /* M05 yellow and H01 yellow: red by X01 */
plan_bends mixed_unsafe_dry;     /* H02 yellow and W01 yellow: red by X01 */
plan_bends mixed_poor_truant;    /* C01 yellow and E02 red */
plan_bends mixed_poor_uninsured; /* C01 yellow and M01, green while the fee is collected */
plan_bends mixed_one_family;     /* M01 and M05: one family, no X01 */
plan_bends mixed_green;          /* M01 green in the first month only and W01 yellow: no X01 */
plan_bends mixed_echo;       /* E01 in the first month, W01 from the third: X01 across episodes */
plan_bends mixed_fading;     /* M05 in the first month, C01 in all: X01 by the window */
plan_bends mixed_everything; /* M05, E01, H01, W01 and C01 */

#endif
