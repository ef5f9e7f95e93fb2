#include "link/lookup.h"

#include <assert.h>
#include <stdlib.h>

#define LOOKUP_MATCHES 32             /* records that are looked at for one decision */
#define LOOKUP_MARGIN (5 * MODEL_BIT) /* another person who is nearer than this makes a review */
#define LOOKUP_FIRST 1024             /* records that there is room for at first */
#define LOOKUP_NONE 0                 /* end of a chain; entries are numbered from 1 */

/* One key of one record: entry record × KEYS_COUNT + key + 1. */
struct lookup_entry {
    uint32_t next, tag; /* the tag is the hash's upper half */
};

struct lookup {
    const struct model *model;
    const struct cluster_rules *rules;
    struct person *persons;
    uint32_t *ring; /* next record of the same entity */
    struct lookup_entry *entries;
    uint32_t count, size;
    uint32_t *heads;
    unsigned bits;
};

static void
lookup_chain(struct lookup *lookup, uint32_t record, unsigned key, uint64_t hash)
{
    uint32_t entry = record * KEYS_COUNT + key + 1;
    uint32_t *head = &lookup->heads[hash & (((uint64_t)1 << lookup->bits) - 1)];

    lookup->entries[entry] = (struct lookup_entry){*head, (uint32_t)(hash >> 32)};
    *head = entry;
}

static void
lookup_chain_all(struct lookup *lookup, uint32_t record)
{
    for (unsigned key = 0; key < KEYS_COUNT; key++) {
        uint64_t hash = keys_hash(&lookup->persons[record], key);

        if (hash != 0)
            lookup_chain(lookup, record, key, hash);
    }
}

/* Make room for `size` records; chains are made anew, about one entry each. */
static void
lookup_grow(struct lookup *lookup, uint32_t size)
{
    assert(size < UINT32_MAX / KEYS_COUNT);
    lookup->persons = mem_grow(lookup->persons, size, sizeof(*lookup->persons));
    lookup->ring = mem_grow(lookup->ring, size, sizeof(*lookup->ring));
    lookup->entries =
        mem_grow(lookup->entries, (size_t)size * KEYS_COUNT + 1, sizeof(*lookup->entries));
    lookup->size = size;
    while ((uint64_t)1 << lookup->bits < (uint64_t)size * KEYS_COUNT / 2)
        lookup->bits++;
    free(lookup->heads);
    lookup->heads = mem_zalloc(sizeof(*lookup->heads) << lookup->bits);
    for (uint32_t i = 0; i < lookup->count; i++)
        lookup_chain_all(lookup, i);
}

struct lookup *
lookup_new(const struct model *model, const struct cluster_rules *rules, uint32_t expected)
{
    struct lookup *lookup = mem_zalloc(sizeof(*lookup));

    lookup->model = model;
    lookup->rules = rules;
    lookup_grow(lookup, expected < LOOKUP_FIRST ? LOOKUP_FIRST : expected);
    return lookup;
}

void
lookup_free(struct lookup *lookup)
{
    if (lookup == NULL)
        return;
    free(lookup->persons);
    free(lookup->ring);
    free(lookup->entries);
    free(lookup->heads);
    free(lookup);
}

uint32_t
lookup_add(struct lookup *lookup, const struct person *person, uint32_t with)
{
    uint32_t record = lookup->count;

    assert(with == LOOKUP_NOBODY || with < lookup->count);
    if (record == lookup->size)
        lookup_grow(lookup, lookup->size + lookup->size / 2);
    lookup->persons[record] = *person;
    lookup->ring[record] = record;
    if (with != LOOKUP_NOBODY) {
        lookup->ring[record] = lookup->ring[with];
        lookup->ring[with] = record;
    }
    lookup->count++;
    lookup_chain_all(lookup, record);
    return record;
}

/* ---- finding ---- */

/* The matches found for one record so far. */
struct lookup_search {
    const struct person *person;
    uint32_t cut; /* keys whose block is too large */
    struct lookup_match *matches;
    size_t count, size;
};

/* Keep the strongest matches, in order. */
static void
lookup_keep(struct lookup_search *search, struct lookup_match match)
{
    size_t at = search->count;

    if (search->count < search->size)
        search->count++;
    else if (search->matches[--at].total >= match.total)
        return;
    for (; at > 0 && search->matches[at - 1].total < match.total; at--)
        search->matches[at] = search->matches[at - 1];
    search->matches[at] = match;
}

static void
lookup_compare(const struct lookup *lookup, struct lookup_search *search, uint32_t record)
{
    const struct person *other = &lookup->persons[record];
    uint32_t pattern = compare_pair(search->person, other);
    struct lookup_match match = {.record = record, .pattern = pattern};
    int certain = compare_certain(pattern);

    if (compare_veto(pattern))
        return;
    match.total = model_score(lookup->model, pattern, search->person, other).total;
    match.pass = (uint8_t)(certain != 0 ? certain : 3);
    if (match.total >= lookup->rules->review)
        lookup_keep(search, match);
}

/* Compare with the block of one key; a pair counts by the first key that joins it. */
static void
lookup_block(const struct lookup *lookup, struct lookup_search *search, unsigned key, uint64_t hash)
{
    uint32_t block[KEYS_BLOCK_MAX], count = 0;
    uint32_t entry = lookup->heads[hash & (((uint64_t)1 << lookup->bits) - 1)];

    for (; entry != LOOKUP_NONE; entry = lookup->entries[entry].next) {
        if (lookup->entries[entry].tag != (uint32_t)(hash >> 32) || (entry - 1) % KEYS_COUNT != key)
            continue;
        if (count == KEYS_BLOCK_MAX) {
            search->cut |= 1U << key;
            return;
        }
        block[count] = (entry - 1) / KEYS_COUNT;
        __builtin_prefetch(&lookup->persons[block[count++]]);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t joins = keys_join(search->person, &lookup->persons[block[i]]) & ~search->cut;

        if (joins != 0 && (unsigned)__builtin_ctz(joins) == key)
            lookup_compare(lookup, search, block[i]);
    }
}

size_t
lookup_find(const struct lookup *lookup, const struct person *person,
            struct lookup_match *ret_matches, size_t size)
{
    struct lookup_search search = {.person = person, .matches = ret_matches, .size = size};
    uint64_t hashes[KEYS_COUNT];

    assert(size > 0);
    for (unsigned key = 0; key < KEYS_COUNT; key++) {
        hashes[key] = keys_hash(person, key);
        __builtin_prefetch(&lookup->heads[hashes[key] & (((uint64_t)1 << lookup->bits) - 1)]);
    }
    for (unsigned key = 0; key < KEYS_COUNT; key++)
        if (hashes[key] != 0)
            lookup_block(lookup, &search, key, hashes[key]);
    return search.count;
}

/* Whether a record may join the entity of another: no member keeps it out. */
static bool
lookup_may_join(const struct lookup *lookup, const struct person *person, uint32_t record)
{
    uint32_t i = record;

    do {
        if (cluster_apart(lookup->rules, lookup->model, person, &lookup->persons[i]))
            return false;
        i = lookup->ring[i];
    } while (i != record);
    return true;
}

static bool
lookup_together(const struct lookup *lookup, uint32_t a, uint32_t b)
{
    uint32_t i = a;

    do {
        if (i == b)
            return true;
        i = lookup->ring[i];
    } while (i != a);
    return false;
}

struct lookup_place
lookup_link(const struct lookup *lookup, const struct person *person)
{
    struct lookup_match matches[LOOKUP_MATCHES];
    size_t count = lookup_find(lookup, person, matches, LOOKUP_MATCHES);
    struct lookup_place place = {.match = {.record = LOOKUP_NOBODY}};

    for (size_t i = 0; i < count; i++) {
        if (place.match.record != LOOKUP_NOBODY) {
            if (matches[i].total < place.match.total - LOOKUP_MARGIN)
                break;
            if (!lookup_together(lookup, place.match.record, matches[i].record) &&
                lookup_may_join(lookup, person, matches[i].record))
                place.review = true;
        } else if (lookup_may_join(lookup, person, matches[i].record)) {
            place.match = matches[i];
            place.review = matches[i].total < lookup->rules->accept;
        }
    }
    return place;
}
