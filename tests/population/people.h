/*
 * people — the background county: who lives where, with whom, on what.
 *
 * It satisfies no rule that this program plants: incomes lie above the lines,
 * whoever must be insured is, every resident child has a student record. The
 * sector writers keep their part of that promise; rolls never touch a household
 * that a plan uses.
 */
#ifndef PEOPLE_H
#define PEOPLE_H

#include "world.h"

/* Build `count` households and the people of no household. */
void people_build(struct world *world, uint32_t count);

/* Return how many members all households have, in the first month. */
uint32_t people_count(const struct world *world);

#endif
