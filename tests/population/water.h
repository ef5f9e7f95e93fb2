/*
 * water — the files of water supply: households, works, complaints.
 */
#ifndef WATER_H
#define WATER_H

#include "world.h"

/* What a plan says of a household's water, as the value of BEND_WATER. */
#define WATER(supply, quality, tenths_of_litres, minutes, metres)                                  \
    ((int64_t)(supply) | (int64_t)(quality) << 8 | (int64_t)(tenths_of_litres) << 16 |             \
     (int64_t)(minutes) << 32 | (int64_t)(metres) << 40)

/* Write water supply's files of month `m`. */
void water_write(const struct world *world, unsigned m);

#endif
