/*
 * block — records brought together by equal hashes, by several threads.
 *
 * A run has rounds: one for each blocking key, or for each field whose values are counted. In a round
 * every record is hashed once, spread over buckets and sorted where a processor's cache holds a
 * bucket, so that records of one hash stand side by side; then the bucket is taken. Only 42 bits of
 * a hash and more are compared: whoever must be sure compares what was hashed.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct block_task {
    void *context;
    uint32_t count; /* of records, numbered from 0 */
    unsigned threads, rounds;
    /* Write the hashes of records from `from` to `to` − 1; 0 leaves a record out. */
    void (*hash)(void *context, unsigned round, uint32_t from, uint32_t to, uint64_t *ret_hashes);
    /*
     * Take a bucket: items ascending, by hash and then by record. Which thread takes a bucket, and
     * when, is chance; a round begins when all have ended the one before.
     */
    void (*take)(void *context, unsigned thread, unsigned round, const uint64_t *items,
                 size_t count);
};

/* The record of an item. */
static inline uint32_t
block_record(uint64_t item)
{
    return (uint32_t)item;
}

/* Whether the item behind the one at `at` has the same hash. */
static inline bool
block_together(const uint64_t *items, size_t at)
{
    return items[at] >> 32 == items[at + 1] >> 32;
}

/* Return where the items end that have the hash of the one at `at`. */
static inline size_t
block_end(const uint64_t *items, size_t at, size_t count)
{
    size_t end = at + 1;

    while (end < count && items[end] >> 32 == items[at] >> 32)
        end++;
    return end;
}

void block_run(const struct block_task *task);

#endif
