/*
 * housing — the files of housing: houses and renovations.
 *
 * A household owns one house, whose number comes from its head; by chance none
 * that somebody must live in is graded C or D.
 */
#ifndef HOUSING_H
#define HOUSING_H

#include "world.h"

/* Write housing's files of month `m`. */
void housing_write(const struct world *world, unsigned m);

/* Append the number of the house that `owner` owns. */
void housing_put_no(const struct world *world, struct text *text, uint32_t owner);

/* Return the day on which the house of `owner` was graded, when no plan says. */
int32_t housing_graded_on(const struct world *world, uint32_t owner);

#endif
