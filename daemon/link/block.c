#include "link/block.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/pool.h"

#define BLOCK_BITS_MIN 10    /* of a hash that the bucket tells */
#define BLOCK_BITS_MAX 12    /* more buckets than pages that a processor remembers are slow */
#define BLOCK_ITEMS 1024     /* of a bucket, about */
#define BLOCK_PARTS 256      /* of a bucket while it is sorted */
#define BLOCK_SORT_MAX 16384 /* items of a bucket that is sorted by parts */
#define BLOCK_CHUNKS 64      /* of a thread, about: buckets are taken in chunks */

struct block {
    const struct block_task *task;
    unsigned bits;
    uint64_t *hashes; /* of the present round */
    uint64_t *items;
    uint32_t *places; /* threads × buckets: where the next item goes */
    uint32_t *ends;   /* of the buckets */
    atomic_uint next; /* bucket to be taken */
    pthread_barrier_t barrier;
};

static inline size_t
block_bucket(const struct block *block, uint64_t hash)
{
    return hash >> (64 - block->bits);
}

static void
block_count(struct block *block, unsigned thread, unsigned round, uint32_t from, uint32_t to)
{
    uint32_t *places = block->places + ((size_t)thread << block->bits);

    memset(places, 0, sizeof(*places) << block->bits);
    block->task->hash(block->task->context, round, from, to, block->hashes + from);
    for (uint32_t i = from; i < to; i++)
        if (block->hashes[i] != 0)
            places[block_bucket(block, block->hashes[i])]++;
}

/* Turn counts into places: all threads' items of a bucket stand together, in order of records. */
static void
block_place(struct block *block)
{
    uint32_t at = 0;

    for (size_t bucket = 0; bucket < (size_t)1 << block->bits; bucket++) {
        for (unsigned thread = 0; thread < block->task->threads; thread++) {
            uint32_t *place = &block->places[((size_t)thread << block->bits) + bucket];
            uint32_t count = *place;

            *place = at;
            at += count;
        }
        block->ends[bucket] = at;
    }
    atomic_store(&block->next, 0);
}

static void
block_scatter(struct block *block, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t *places = block->places + ((size_t)thread << block->bits);

    for (uint32_t i = from; i < to; i++) {
        uint64_t hash = block->hashes[i];

        if (hash != 0)
            block->items[places[block_bucket(block, hash)]++] = hash << block->bits >> 32 << 32 | i;
    }
}

static int
block_order(const void *a_, const void *b_)
{
    uint64_t a = *(const uint64_t *)a_, b = *(const uint64_t *)b_;

    return a < b ? -1 : a > b;
}

/* Sort a bucket: by the first bits of what is left of the hash, then among neighbours. */
static void
block_sort(uint64_t *items, size_t count)
{
    uint64_t copy[BLOCK_SORT_MAX];
    uint32_t places[BLOCK_PARTS + 1] = {0};

    if (count > BLOCK_SORT_MAX) {
        qsort(items, count, sizeof(*items), block_order);
        return;
    }
    for (size_t i = 0; i < count; i++)
        places[(items[i] >> 56) + 1]++;
    for (size_t part = 1; part < BLOCK_PARTS; part++)
        places[part] += places[part - 1];
    for (size_t i = 0; i < count; i++)
        copy[places[items[i] >> 56]++] = items[i];
    for (size_t i = 0; i < count; i++) {
        size_t at = i;

        for (; at > 0 && items[at - 1] > copy[i]; at--)
            items[at] = items[at - 1];
        items[at] = copy[i];
    }
}

static void
block_take(struct block *block, unsigned thread, unsigned round, uint32_t bucket)
{
    uint32_t begin = bucket == 0 ? 0 : block->ends[bucket - 1];
    uint32_t count = block->ends[bucket] - begin;

    if (count == 0)
        return;
    block_sort(block->items + begin, count);
    block->task->take(block->task->context, thread, round, block->items + begin, count);
}

static void
block_work(void *block_, unsigned thread)
{
    struct block *block = block_;
    const struct block_task *task = block->task;
    uint32_t from = (uint32_t)((uint64_t)task->count * thread / task->threads);
    uint32_t to = (uint32_t)((uint64_t)task->count * (thread + 1) / task->threads);
    unsigned buckets = 1U << block->bits, chunk = buckets / BLOCK_CHUNKS / task->threads + 1;

    for (unsigned round = 0; round < task->rounds; round++) {
        block_count(block, thread, round, from, to);
        pthread_barrier_wait(&block->barrier);
        if (thread == 0)
            block_place(block);
        pthread_barrier_wait(&block->barrier);
        block_scatter(block, thread, from, to);
        pthread_barrier_wait(&block->barrier);
        for (unsigned at; (at = atomic_fetch_add(&block->next, chunk)) < buckets;)
            for (unsigned i = at; i < at + chunk && i < buckets; i++)
                block_take(block, thread, round, i);
        pthread_barrier_wait(&block->barrier);
    }
}

void
block_run(const struct block_task *task)
{
    struct block block = {.task = task, .bits = BLOCK_BITS_MIN};
    int failed = pthread_barrier_init(&block.barrier, NULL, task->threads);

    assert(failed == 0);
    while (block.bits < BLOCK_BITS_MAX && task->count >> block.bits > BLOCK_ITEMS)
        block.bits++;
    block.hashes = mem_grow(NULL, (size_t)task->count + 1, sizeof(*block.hashes));
    block.items = mem_grow(NULL, (size_t)task->count + 1, sizeof(*block.items));
    block.places = mem_grow(NULL, (size_t)task->threads << block.bits, sizeof(*block.places));
    block.ends = mem_grow(NULL, (size_t)1 << block.bits, sizeof(*block.ends));
    pool_run(task->threads, block_work, &block);
    pthread_barrier_destroy(&block.barrier);
    free(block.hashes);
    free(block.items);
    free(block.places);
    free(block.ends);
}
