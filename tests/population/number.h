/*
 * number — citizen numbers that no real person has.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include "world.h"

/*
 * Give everybody a number: an area part that no county has, the birth date, a
 * sequence of the right sex, and the check digit of GB 11643. All differ. Runs
 * after the plans, which may move births.
 */
void number_assign(struct world *world);

#endif
