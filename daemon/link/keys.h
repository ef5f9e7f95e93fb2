/*
 * keys — blocking: which pairs of records are worth comparing.
 *
 * A key is a set of components (number, pinyin, birth date, telephone …); two
 * records share a block when all components of a key are there and agree. A
 * pair is emitted once, by the first key that joins it, so no table of pairs is
 * kept. A block above KEYS_BLOCK_MAX records joins nobody by that key, and is
 * counted: its pairs may still meet by a later key.
 */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "link/person.h"

#define KEYS_COUNT 24
#define KEYS_BLOCK_MAX 200 /* records of a block that are compared with one another */

/* Pairs of a key and its blocks that were cut. */
struct keys_report {
    uint64_t pairs;       /* emitted by this key first */
    uint32_t cut_blocks;  /* too large, joined nobody */
    uint32_t cut_records; /* in those blocks */
};

/* Called by thread `thread` of the pool, for each pair of indices once; a < b. */
typedef void keys_emit(void *context, unsigned thread, uint32_t a, uint32_t b);

/* Name of a key as reports show it: "pinyin+birth". */
const char *keys_name(unsigned key);

/* The hash of one key of a person; 0 when a component is missing. */
uint64_t keys_hash(const struct person *person, unsigned key);

/* The keys that join two persons, a bit each. */
uint32_t keys_join(const struct person *a, const struct person *b);

/* Emit all pairs of `persons` that share a block. */
void keys_pairs(const struct person *persons, uint32_t count, unsigned threads, keys_emit *emit,
                void *context, struct keys_report ret_reports[KEYS_COUNT]);

/*
 * Emit all pairs of a person of `left` (a: its index there) and one of `right` (b) that share a
 * block, as linkage between two lists needs them. A block is too large when more than
 * KEYS_BLOCK_MAX of `right` are in it, however many of `left` are.
 */
void keys_pairs_across(const struct person *left, uint32_t left_count, const struct person *right,
                       uint32_t right_count, unsigned threads, keys_emit *emit, void *context,
                       struct keys_report ret_reports[KEYS_COUNT]);

#endif
