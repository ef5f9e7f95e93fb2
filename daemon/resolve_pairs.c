#include "resolve_pairs.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/keys.h"
#include "link/pool.h"

#define PAIRS_NONE UINT32_MAX
#define PAIRS_KEPT_MIN (-10 * MODEL_BIT) /* a weaker pair is nobody's rival */

/* A block: the rows of one key's value, and how many members have it. */
struct pairs_block {
    uint64_t hash; /* 0: free */
    uint32_t first, hits;
};

/* A row in a block's list. */
struct pairs_entry {
    uint32_t row, next;
};

/* What a thread gathers. */
struct pairs_gathered {
    struct resolve_pair *list;
    size_t count, size;
    uint32_t *patterns; /* how many pairs, by pattern */
};

struct pairs_run {
    const struct person *rows, *members;
    uint32_t row_count, member_count;
    unsigned threads, bits;
    struct pairs_block *blocks;
    struct pairs_entry *entries;
    uint32_t *cuts; /* by row: keys whose block is cut */
    struct pairs_gathered gathered[POOL_THREADS_MAX];
};

static struct pairs_block *
pairs_block(const struct pairs_run *run, uint64_t hash)
{
    size_t mask = ((size_t)1 << run->bits) - 1;
    size_t at = (hash * 0x9E3779B97F4A7C15U) >> (64 - run->bits);

    while (run->blocks[at].hash != 0 && run->blocks[at].hash != hash)
        at = (at + 1) & mask;
    return &run->blocks[at];
}

static void
pairs_index(struct pairs_run *run)
{
    size_t entries = (size_t)run->row_count * KEYS_COUNT;
    uint32_t used = 0;

    for (run->bits = 4; (size_t)1 << run->bits < entries * 2; run->bits++)
        ;
    run->blocks = mem_zalloc(sizeof(*run->blocks) << run->bits);
    run->entries = mem_grow(NULL, entries + 1, sizeof(*run->entries));
    run->cuts = mem_zalloc(((size_t)run->row_count + 1) * sizeof(*run->cuts));
    for (uint32_t row = 0; row < run->row_count; row++)
        for (unsigned key = 0; key < KEYS_COUNT; key++) {
            uint64_t hash = keys_hash(&run->rows[row], key);
            struct pairs_block *block;

            if (hash == 0)
                continue;
            block = pairs_block(run, hash);
            run->entries[used] =
                (struct pairs_entry){row, block->hash == 0 ? PAIRS_NONE : block->first};
            block->hash = hash;
            block->first = used++;
        }
}

/* The members that a thread looks at. */
static void
pairs_slice(const struct pairs_run *run, unsigned thread, uint32_t *ret_from, uint32_t *ret_to)
{
    *ret_from = (uint32_t)((uint64_t)run->member_count * thread / run->threads);
    *ret_to = (uint32_t)((uint64_t)run->member_count * (thread + 1) / run->threads);
}

static void
pairs_count(void *run_, unsigned thread)
{
    struct pairs_run *run = run_;
    uint32_t from, to;

    pairs_slice(run, thread, &from, &to);
    for (uint32_t member = from; member < to; member++)
        for (unsigned key = 0; key < KEYS_COUNT; key++) {
            uint64_t hash = keys_hash(&run->members[member], key);
            struct pairs_block *block = hash == 0 ? NULL : pairs_block(run, hash);

            if (block != NULL && block->hash == hash)
                __atomic_fetch_add(&block->hits, 1, __ATOMIC_RELAXED);
        }
}

/* Note for each row the keys that join too many members; returns how many blocks are cut. */
static uint32_t
pairs_cut(struct pairs_run *run)
{
    uint32_t cut = 0;

    for (size_t i = 0; i < (size_t)1 << run->bits; i++)
        cut += run->blocks[i].hits > KEYS_BLOCK_MAX;
    for (uint32_t row = 0; row < run->row_count && cut > 0; row++)
        for (unsigned key = 0; key < KEYS_COUNT; key++) {
            uint64_t hash = keys_hash(&run->rows[row], key);

            if (hash != 0 && pairs_block(run, hash)->hits > KEYS_BLOCK_MAX)
                run->cuts[row] |= 1U << key;
        }
    return cut;
}

/* Whether a pair cannot become a link whatever the model says. */
static bool
pairs_are_hopeless(uint32_t pattern)
{
    unsigned name = compare_level(pattern, COMPARE_NAME);
    unsigned number = compare_level(pattern, COMPARE_NUMBER);

    return compare_veto(pattern) || name == NAME_MISSING ||
           (name >= NAME_SURNAME && number != NUMBER_EQUAL && number != NUMBER_NEAR);
}

static void
pairs_compare(struct pairs_run *run, struct pairs_gathered *gathered, uint32_t row, uint32_t member)
{
    uint32_t pattern = compare_pair(&run->rows[row], &run->members[member]);

    gathered->patterns[pattern]++;
    if (pairs_are_hopeless(pattern))
        return;
    if (gathered->count == gathered->size) {
        gathered->size = gathered->size == 0 ? 4096 : gathered->size + gathered->size / 2;
        gathered->list = mem_grow(gathered->list, gathered->size, sizeof(*gathered->list));
    }
    gathered->list[gathered->count++] =
        (struct resolve_pair){.row = row, .member = member, .pattern = pattern};
}

/* Compare a member with the rows of one key's block that no earlier key has joined it with. */
static void
pairs_join(struct pairs_run *run, struct pairs_gathered *gathered, const struct pairs_block *block,
           unsigned key, uint32_t member)
{
    uint32_t earlier = (1U << key) - 1;

    for (uint32_t at = block->first; at != PAIRS_NONE; at = run->entries[at].next) {
        uint32_t row = run->entries[at].row;
        uint32_t joined = keys_join(&run->rows[row], &run->members[member]);

        /* Without the key itself, it is another value of the same hash. */
        if ((joined >> key & 1) != 0 && (joined & earlier & ~run->cuts[row]) == 0)
            pairs_compare(run, gathered, row, member);
    }
}

static void
pairs_emit(void *run_, unsigned thread)
{
    struct pairs_run *run = run_;
    uint32_t from, to;

    pairs_slice(run, thread, &from, &to);
    for (uint32_t member = from; member < to; member++)
        for (unsigned key = 0; key < KEYS_COUNT; key++) {
            uint64_t hash = keys_hash(&run->members[member], key);
            const struct pairs_block *block = hash == 0 ? NULL : pairs_block(run, hash);

            if (block != NULL && block->hash == hash && block->hits <= KEYS_BLOCK_MAX)
                pairs_join(run, &run->gathered[thread], block, key, member);
        }
}

static void
pairs_fit(const struct pairs_run *run, const struct tally *tally, struct model *ret_model)
{
    const uint32_t *lists[POOL_THREADS_MAX];
    struct model_count *counts;
    size_t count;

    for (unsigned i = 0; i < run->threads; i++)
        lists[i] = run->gathered[i].patterns;
    counts = model_gather(lists, run->threads, &count);
    model_fit(ret_model, run->members, run->member_count,
              (double)run->row_count * (double)run->member_count, tally, counts, count);
    free(counts);
}

static int
pairs_order(const void *a_, const void *b_)
{
    const struct resolve_pair *a = a_, *b = b_;

    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    if (a->total != b->total)
        return a->total > b->total ? -1 : 1;
    return a->member < b->member ? -1 : a->member > b->member;
}

/* Score what the threads gathered, keep what is worth showing, in order. */
static void
pairs_collect(struct pairs_run *run, struct resolve_pairs *pairs)
{
    size_t count = 0;

    for (unsigned i = 0; i < run->threads; i++)
        count += run->gathered[i].count;
    pairs->list = mem_grow(NULL, count + 1, sizeof(*pairs->list));
    for (unsigned i = 0; i < run->threads; i++)
        for (size_t j = 0; j < run->gathered[i].count; j++) {
            struct resolve_pair pair = run->gathered[i].list[j];

            pair.total = model_score(&pairs->model, pair.pattern, &run->rows[pair.row],
                                     &run->members[pair.member])
                             .total;
            if (pair.total >= PAIRS_KEPT_MIN || compare_certain(pair.pattern) != 0)
                pairs->list[pairs->count++] = pair;
        }
    qsort(pairs->list, pairs->count, sizeof(*pairs->list), pairs_order);
}

void
resolve_pairs_find(const struct person *rows, uint32_t row_count, struct person *members,
                   uint32_t member_count, unsigned threads, struct resolve_pairs *ret_pairs)
{
    struct pairs_run run = {.rows = rows,
                            .members = members,
                            .row_count = row_count,
                            .member_count = member_count,
                            .threads = threads};
    struct tally tally;

    assert(threads > 0 && threads <= POOL_THREADS_MAX);
    *ret_pairs = (struct resolve_pairs){0};
    tally_persons(members, member_count, threads, &tally);
    for (unsigned i = 0; i < threads; i++)
        run.gathered[i].patterns = mem_zalloc(COMPARE_PATTERNS * sizeof(uint32_t));
    pairs_index(&run);
    pool_run(threads, pairs_count, &run);
    ret_pairs->cut = pairs_cut(&run);
    pool_run(threads, pairs_emit, &run);
    pairs_fit(&run, &tally, &ret_pairs->model);
    pairs_collect(&run, ret_pairs);
    for (unsigned i = 0; i < threads; i++) {
        free(run.gathered[i].list);
        free(run.gathered[i].patterns);
    }
    free(run.blocks);
    free(run.entries);
    free(run.cuts);
}

void
resolve_pairs_done(struct resolve_pairs *pairs)
{
    free(pairs->list);
    *pairs = (struct resolve_pairs){0};
}
