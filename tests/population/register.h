/*
 * register — the files of the rural revitalization register.
 *
 * Households and members are sent in full in the first month and in every third
 * month after it, as deltas otherwise: a row goes into a delta when its text
 * differs from the month before.
 */
#ifndef REGISTER_H
#define REGISTER_H

#include "world.h"

/* Write the register's files of month `m`. */
void register_write(const struct world *world, unsigned m);

#endif
