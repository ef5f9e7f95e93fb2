#include "identity/identity_pairs.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/keys.h"
#include "link/pool.h"

#define PAIRS_KEPT_MIN (-10 * MODEL_BIT) /* a weaker pair is nobody's rival */

/* What a thread gathers. */
struct pairs_gathered {
    struct identity_pair *list;
    size_t count, size;
    uint32_t *patterns; /* how many pairs, by pattern */
};

struct pairs_run {
    const struct person *rows, *members;
    uint32_t row_count, member_count;
    unsigned threads;
    struct pairs_gathered gathered[POOL_THREADS_MAX];
};

/* Whether a pair cannot become a link, whatever weight the model gives it. */
static bool
pairs_are_hopeless(uint32_t pattern)
{
    unsigned name = compare_level(pattern, COMPARE_NAME);
    unsigned number = compare_level(pattern, COMPARE_NUMBER);

    return compare_veto(pattern) || name == NAME_MISSING ||
           (name >= NAME_SURNAME && number != NUMBER_EQUAL && number != NUMBER_NEAR);
}

static void
pairs_take(void *run_, unsigned thread, uint32_t row, uint32_t member)
{
    struct pairs_run *run = run_;
    struct pairs_gathered *gathered = &run->gathered[thread];
    uint32_t pattern = compare_pair(&run->rows[row], &run->members[member]);

    gathered->patterns[pattern]++;
    if (pairs_are_hopeless(pattern))
        return;
    if (gathered->count == gathered->size) {
        gathered->size = gathered->size == 0 ? 4096 : gathered->size + gathered->size / 2;
        gathered->list = mem_grow(gathered->list, gathered->size, sizeof(*gathered->list));
    }
    gathered->list[gathered->count++] =
        (struct identity_pair){.row = row, .member = member, .pattern = pattern};
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
    const struct identity_pair *a = a_, *b = b_;

    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    if (a->total != b->total)
        return a->total > b->total ? -1 : 1;
    return a->member < b->member ? -1 : a->member > b->member;
}

/* Score the pairs that the threads gathered, and keep those worth showing, in order. */
static void
pairs_collect(struct pairs_run *run, struct identity_pairs *pairs)
{
    size_t count = 0;

    for (unsigned i = 0; i < run->threads; i++)
        count += run->gathered[i].count;
    pairs->list = mem_grow(NULL, count + 1, sizeof(*pairs->list));
    for (unsigned i = 0; i < run->threads; i++)
        for (size_t j = 0; j < run->gathered[i].count; j++) {
            struct identity_pair pair = run->gathered[i].list[j];

            pair.total = model_score(&pairs->model, pair.pattern, &run->rows[pair.row],
                                     &run->members[pair.member])
                             .total;
            if (pair.total >= PAIRS_KEPT_MIN || compare_certain(pair.pattern) != 0)
                pairs->list[pairs->count++] = pair;
        }
    qsort(pairs->list, pairs->count, sizeof(*pairs->list), pairs_order);
}

void
identity_pairs_find(const struct person *rows, uint32_t row_count, struct person *members,
                    uint32_t member_count, unsigned threads, struct identity_pairs *ret_pairs)
{
    struct pairs_run run = {.rows = rows,
                            .members = members,
                            .row_count = row_count,
                            .member_count = member_count,
                            .threads = threads};
    struct keys_report reports[KEYS_COUNT];
    struct tally tally;

    assert(threads > 0 && threads <= POOL_THREADS_MAX);
    *ret_pairs = (struct identity_pairs){0};
    tally_persons(members, member_count, threads, &tally);
    for (unsigned i = 0; i < threads; i++)
        run.gathered[i].patterns = mem_zalloc(COMPARE_PATTERNS * sizeof(uint32_t));
    keys_pairs_across(rows, row_count, members, member_count, threads, pairs_take, &run, reports);
    for (unsigned key = 0; key < KEYS_COUNT; key++)
        ret_pairs->cut += reports[key].cut_blocks;
    pairs_fit(&run, &tally, &ret_pairs->model);
    pairs_collect(&run, ret_pairs);
    for (unsigned i = 0; i < threads; i++) {
        free(run.gathered[i].list);
        free(run.gathered[i].patterns);
    }
}

void
identity_pairs_done(struct identity_pairs *pairs)
{
    free(pairs->list);
    *pairs = (struct identity_pairs){0};
}
