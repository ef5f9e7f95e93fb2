#include "link/link.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "link/pool.h"
#include "link/tally.h"

#define LINK_KEPT_MIN (-8 * MODEL_BIT) /* score of a pair that is still shown */
#define LINK_SLICE 256                 /* records that a thread normalises at once */
#define LINK_SPARE 8                   /* part of the records that a look-up has room for besides */
#define LINK_WEAKEST 0.85              /* probability below which no link is automatic */
#define LINK_CAUTION 0.8 /* part of the errors allowed that are spent: one link may join many */

/* A pair while there are no scores as yet. */
struct link_found {
    uint32_t a, b, pattern;
    struct model_others others;
};

/* The pairs that a thread compared, and then the part of the links that it scores. */
struct link_pairs {
    struct link_found *found;
    size_t count, size;
    uint32_t *counts; /* by pattern */
    struct cluster_link *links;
    size_t link_count;
};

struct link {
    struct link_options options;
    struct normalise *normalisers[POOL_THREADS_MAX];
    struct person *persons;
    uint32_t count, size;
    struct cluster_place *places;
    struct cluster_link *pairs;
    size_t pair_count;
    struct tally tally;
    struct model model;
    struct cluster_rules rules;
    struct keys_report keys[KEYS_COUNT];
    uint64_t compared;
    struct link_pace paces[LINK_STEPS];
    struct link_pairs gathered[POOL_THREADS_MAX];
    const struct link_record *adding; /* from link_add_start to link_add_finish */
    size_t adding_count;
    atomic_size_t added;   /* of them, taken by a thread */
    const uint32_t *known; /* first record of each record's person, while link_keep runs */
    struct pool pool;
};

struct link *
link_new(const struct link_options *options)
{
    struct link *link = mem_zalloc(sizeof(*link));

    assert(options->threads > 0 && options->threads <= POOL_THREADS_MAX);
    link->options = *options;
    if (link->options.accept <= 0)
        link->options.accept = LINK_ACCEPT;
    if (link->options.review <= 0)
        link->options.review = LINK_REVIEW;
    for (unsigned i = 0; i < options->threads; i++)
        link->normalisers[i] = normalise_new(options->today);
    return link;
}

void
link_free(struct link *link)
{
    if (link == NULL)
        return;
    pool_finish(&link->pool);
    for (unsigned i = 0; i < POOL_THREADS_MAX; i++) {
        normalise_free(link->normalisers[i]);
        free(link->gathered[i].found);
        free(link->gathered[i].counts);
    }
    free(link->persons);
    free(link->places);
    free(link->pairs);
    free(link);
}

/* Normalise slices of the records being added until none is left. */
static void
link_add_slices(void *link_, unsigned thread)
{
    struct link *link = link_;

    for (size_t at; (at = atomic_fetch_add(&link->added, LINK_SLICE)) < link->adding_count;)
        for (size_t i = at; i < at + LINK_SLICE && i < link->adding_count; i++) {
            struct person *person = &link->persons[link->count + i];

            normalise_person(link->normalisers[thread], &link->adding[i].cells, person);
            person->source = link->adding[i].source;
        }
}

void
link_add_start(struct link *link, const struct link_record *records, size_t count)
{
    assert(link->places == NULL && link->adding_count == 0 &&
           count <= LINK_RECORDS_MAX - link->count);
    if (link->size - link->count < count) {
        size_t size = link->size + link->size / 2 + count;

        link->persons = mem_grow(link->persons, size, sizeof(*link->persons));
        link->size = (uint32_t)size;
    }
    link->adding = records;
    link->adding_count = count;
    atomic_store(&link->added, 0);
    pool_start(&link->pool, link->options.threads, link_add_slices, link);
}

void
link_add_finish(struct link *link)
{
    pool_finish(&link->pool);
    link->count += (uint32_t)link->adding_count;
    link->adding_count = 0;
}

/* ---- pairs ---- */

/* Whether a pattern cannot become a link whatever the model says; such pairs are only counted. */
static bool
link_is_hopeless(uint32_t pattern)
{
    unsigned name = compare_level(pattern, COMPARE_NAME);
    unsigned number = compare_level(pattern, COMPARE_NUMBER);

    return compare_veto(pattern) ||
           (name >= NAME_SURNAME && number != NUMBER_EQUAL && number != NUMBER_NEAR);
}

/* Whether a source holds a person once, so that two of its records are two people. */
static bool
link_is_once(const struct link *link, uint16_t source)
{
    return link->options.once != NULL && link->options.once[source];
}

/* How many pairs of records there are that could be one person. */
static double
link_all_pairs(const struct link *link)
{
    double all = (double)link->count * ((double)link->count - 1) / 2;
    uint32_t *counts = mem_zalloc(LINK_SOURCES_MAX * sizeof(*counts));

    for (uint32_t i = 0; i < link->count; i++)
        counts[link->persons[i].source]++;
    for (uint16_t i = 0; i < LINK_SOURCES_MAX; i++)
        if (link_is_once(link, i) && counts[i] > 0)
            all -= (double)counts[i] * ((double)counts[i] - 1) / 2;
    free(counts);
    return all;
}

static void
link_compare(void *link_, unsigned thread, uint32_t a, uint32_t b)
{
    struct link *link = link_;
    struct link_pairs *pairs = &link->gathered[thread];
    const struct person *one = &link->persons[a], *other = &link->persons[b];
    uint32_t pattern;

    if (link_is_once(link, one->source) && one->source == other->source)
        return;
    pattern = compare_pair(one, other);
    pairs->counts[pattern]++;
    if (link_is_hopeless(pattern))
        return;
    if (pairs->count == pairs->size) {
        pairs->size = pairs->size == 0 ? 65536 : pairs->size + pairs->size / 2;
        pairs->found = mem_grow(pairs->found, pairs->size, sizeof(*pairs->found));
    }
    pairs->found[pairs->count++] =
        (struct link_found){a, b, pattern, model_others(pattern, one, other)};
}

/* Fit the model to the patterns of all threads. */
static void
link_fit(struct link *link)
{
    const uint32_t *lists[POOL_THREADS_MAX];
    struct model_count *counts;
    size_t count;

    for (unsigned i = 0; i < link->options.threads; i++)
        lists[i] = link->gathered[i].counts;
    counts = model_gather(lists, link->options.threads, &count);
    for (size_t i = 0; i < count; i++)
        link->compared += counts[i].pairs;
    model_fit(&link->model, link->persons, link->count, link_all_pairs(link), &link->tally, counts,
              count);
    free(counts);
}

static int
link_stronger(const void *a_, const void *b_)
{
    const struct cluster_link *a = a_, *b = b_;

    if (a->total != b->total)
        return a->total > b->total ? -1 : 1;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return a->b < b->b ? -1 : a->b > b->b;
}

/* Score the pairs of a thread, keep those that are worth showing, and sort them. */
static void
link_score_part(void *link_, unsigned thread)
{
    struct link *link = link_;
    struct link_pairs *pairs = &link->gathered[thread];

    for (size_t i = 0; i < pairs->count; i++) {
        const struct link_found *found = &pairs->found[i];
        int certain = compare_certain(found->pattern);
        struct cluster_link pair = {.a = found->a, .b = found->b, .pattern = found->pattern};

        pair.total = model_score_others(&link->model, found->pattern, found->others).total;
        pair.pass = (uint8_t)(certain != 0 ? certain : 3);
        if (pair.total >= LINK_KEPT_MIN)
            pairs->links[pairs->link_count++] = pair;
    }
    if (pairs->link_count > 0)
        qsort(pairs->links, pairs->link_count, sizeof(*pairs->links), link_stronger);
}

/* Merge the threads' links, of which the strongest that is left is taken each time. */
static void
link_merge(struct link *link)
{
    size_t at[POOL_THREADS_MAX] = {0};

    for (link->pair_count = 0;; link->pair_count++) {
        const struct cluster_link *best = NULL;
        unsigned from = 0;

        for (unsigned i = 0; i < link->options.threads; i++) {
            const struct link_pairs *pairs = &link->gathered[i];

            if (at[i] < pairs->link_count &&
                (best == NULL || link_stronger(&pairs->links[at[i]], best) < 0)) {
                best = &pairs->links[at[i]];
                from = i;
            }
        }
        if (best == NULL)
            return;
        link->pairs[link->pair_count] = *best;
        at[from]++;
    }
}

static void
link_score(struct link *link)
{
    size_t count = 0;
    struct cluster_link *links;

    for (unsigned i = 0; i < link->options.threads; i++)
        count += link->gathered[i].count;
    links = mem_grow(NULL, count + 1, sizeof(*links));
    count = 0;
    for (unsigned i = 0; i < link->options.threads; i++) {
        link->gathered[i].links = links + count;
        count += link->gathered[i].count;
    }
    pool_run(link->options.threads, link_score_part, link);
    for (unsigned i = 0; i < link->options.threads; i++) {
        free(link->gathered[i].found);
        free(link->gathered[i].counts);
        link->gathered[i].found = NULL;
        link->gathered[i].counts = NULL;
    }
    link->pairs = mem_grow(NULL, count + 1, sizeof(*link->pairs));
    link_merge(link);
    free(links);
}

/*
 * The score from which links are automatic: the lowest at which the expected precision of all that
 * are as strong is what the options want, and no single one is weaker than LINK_WEAKEST.
 */
static int32_t
link_accept(const struct link *link)
{
    int32_t accept = model_total(link->options.accept), weakest = model_total(LINK_WEAKEST);
    double wrong = 0;

    for (size_t i = 0; i < link->pair_count && link->pairs[i].total >= weakest; i++) {
        wrong += 1 - model_probability(link->pairs[i].total);
        if (wrong > (double)(i + 1) * (1 - link->options.accept) * LINK_CAUTION)
            break;
        if (link->pairs[i].total < accept)
            accept = link->pairs[i].total;
    }
    return accept;
}

static void
link_tally(struct link *link)
{
    tally_persons(link->persons, link->count, link->options.threads, &link->tally);
}

static void
link_pair(struct link *link)
{
    for (unsigned i = 0; i < link->options.threads; i++)
        link->gathered[i].counts = mem_zalloc(COMPARE_PATTERNS * sizeof(uint32_t));
    keys_pairs(link->persons, link->count, link->options.threads, link_compare, link, link->keys);
}

static void
link_cluster(struct link *link)
{
    link->rules = (struct cluster_rules){.once = link->options.once,
                                         .accept = link_accept(link),
                                         .review = model_total(link->options.review)};
    link->places = mem_grow(NULL, (size_t)link->count + 1, sizeof(*link->places));
    for (uint32_t i = 0; link->known != NULL && i < link->count; i++)
        link->places[i] = (struct cluster_place){.entity = link->known[i]};
    if (link->known == NULL)
        cluster_build(link->persons, link->count, &link->model, &link->rules, link->pairs,
                      link->pair_count, link->places);
}

static const struct {
    const char *name;
    void (*run)(struct link *link);
} link_steps[LINK_STEPS] = {
    [LINK_TALLY] = {"tally", link_tally},
    [LINK_PAIRS] = {"pairs", link_pair},
    [LINK_FIT] = {"fit", link_fit},
    [LINK_SCORE] = {"score", link_score},
    [LINK_CLUSTER] = {"cluster", link_cluster},
};

void
link_run(struct link *link)
{
    assert(link->places == NULL);
    for (int step = 0; step < LINK_STEPS; step++) {
        struct link_pace begun = link_pace_now(), ended;

        link_steps[step].run(link);
        ended = link_pace_now();
        link->paces[step] = (struct link_pace){ended.ms - begun.ms, ended.cpu_ms - begun.cpu_ms};
    }
}

void
link_keep(struct link *link, const uint32_t *entities)
{
    link->known = entities;
    link_run(link);
    link->known = NULL;
}

const struct link_pace *
link_paces(const struct link *link)
{
    return link->paces;
}

const char *
link_step_name(enum link_step step)
{
    return link_steps[step].name;
}

struct link_pace
link_pace_now(void)
{
    struct timespec cpu;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) != 0)
        abort();
    return (struct link_pace){clock_mono_ms(), cpu.tv_sec * 1000 + cpu.tv_nsec / 1000000};
}

unsigned
link_threads(const struct link *link)
{
    return link->options.threads;
}

uint32_t
link_count(const struct link *link)
{
    return link->count;
}

const struct person *
link_persons(const struct link *link)
{
    return link->persons;
}

const struct cluster_place *
link_places(const struct link *link)
{
    return link->places;
}

size_t
link_pair_count(const struct link *link)
{
    return link->pair_count;
}

const struct cluster_link *
link_pairs(const struct link *link)
{
    return link->pairs;
}

struct model_score
link_explain(const struct link *link, const struct cluster_link *pair)
{
    return model_score(&link->model, pair->pattern, &link->persons[pair->a],
                       &link->persons[pair->b]);
}

const struct model *
link_model(const struct link *link)
{
    return &link->model;
}

const struct cluster_rules *
link_rules(const struct link *link)
{
    return &link->rules;
}

struct lookup *
link_lookup(const struct link *link)
{
    struct lookup *lookup =
        lookup_new(&link->model, &link->rules, link->count + link->count / LINK_SPARE);

    for (uint32_t i = 0; i < link->count; i++) {
        uint32_t entity = link->places[i].entity;

        (void)lookup_add(lookup, &link->persons[i], entity == i ? LOOKUP_NOBODY : entity);
    }
    return lookup;
}

const struct keys_report *
link_keys(const struct link *link)
{
    return link->keys;
}

uint64_t
link_compared(const struct link *link)
{
    return link->compared;
}
