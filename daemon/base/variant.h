/*
 * variant — which Han characters count as spellings of one another.
 *
 * The table is made at build time by variant.py from the Unihan database and
 * variant.txt. It serves keys only: 昇 and 升 are different in law.
 */
#ifndef VARIANT_H
#define VARIANT_H

#include <stddef.h>
#include <stdint.h>

#define VARIANT_FIRST 0x3400 /* the block that is looked up directly */
#define VARIANT_LAST 0x9FFF

struct variant_pair {
    uint32_t from, to;
};

/* By code point − VARIANT_FIRST: what it folds to, itself included. */
extern const uint16_t variant_direct[VARIANT_LAST - VARIANT_FIRST + 1];

/* The rest (radicals, other planes), ascending by `from`. */
extern const struct variant_pair variant_pairs[];
extern const size_t variant_pair_count;

#endif
