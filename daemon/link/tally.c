#include "link/tally.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/mem.h"
#include "link/pool.h"

#define TALLY_AHEAD 16 /* records ahead whose slot is fetched from memory */

/* A value and how many have it; a table of them by open addressing. */
struct tally_slot {
    uint64_t value;
    uint32_t count;
};

/* What is counted: the value and where its count goes. */
static const struct {
    size_t value, count;
} tally_fields[] = {
    {offsetof(struct person, name), offsetof(struct person, name_count)},
    {offsetof(struct person, pinyin), offsetof(struct person, pinyin_count)},
    {offsetof(struct person, phone), offsetof(struct person, phone_count)},
    {offsetof(struct person, address), offsetof(struct person, address_count)},
};

struct tally {
    struct person *persons;
    uint32_t count;
    atomic_uint next; /* field to be counted */
};

static uint64_t
tally_value(const struct person *person, unsigned field)
{
    return *(const uint64_t *)(const void *)((const char *)person + tally_fields[field].value);
}

static struct tally_slot *
tally_find(struct tally_slot *slots, unsigned bits, uint64_t value)
{
    size_t mask = ((size_t)1 << bits) - 1, at = (value * 0x9E3779B97F4A7C15U) >> (64 - bits);

    while (slots[at].value != 0 && slots[at].value != value)
        at = (at + 1) & mask;
    return &slots[at];
}

static void
tally_field(struct tally *tally, unsigned field)
{
    unsigned bits = 4;

    while ((uint64_t)1 << bits < (uint64_t)tally->count * 2)
        bits++;
    struct tally_slot *slots = mem_zalloc(sizeof(*slots) << bits);

    for (uint32_t i = 0; i < tally->count; i++) {
        uint64_t value = tally_value(&tally->persons[i], field);
        uint64_t ahead = i + TALLY_AHEAD < tally->count
                             ? tally_value(&tally->persons[i + TALLY_AHEAD], field)
                             : 0;

        __builtin_prefetch(&slots[(ahead * 0x9E3779B97F4A7C15U) >> (64 - bits)], 1);
        if (value != 0) {
            struct tally_slot *slot = tally_find(slots, bits, value);

            slot->value = value;
            slot->count++;
        }
    }
    for (uint32_t i = 0; i < tally->count; i++) {
        uint64_t value = tally_value(&tally->persons[i], field);
        uint64_t ahead = i + TALLY_AHEAD < tally->count
                             ? tally_value(&tally->persons[i + TALLY_AHEAD], field)
                             : 0;

        __builtin_prefetch(&slots[(ahead * 0x9E3779B97F4A7C15U) >> (64 - bits)], 0);
        if (value != 0)
            *(uint32_t *)(void *)((char *)&tally->persons[i] + tally_fields[field].count) =
                tally_find(slots, bits, value)->count;
    }
    free(slots);
}

static void
tally_work(void *tally_, unsigned thread)
{
    struct tally *tally = tally_;
    unsigned fields = sizeof(tally_fields) / sizeof(tally_fields[0]);

    (void)thread;
    for (unsigned field; (field = atomic_fetch_add(&tally->next, 1)) < fields;)
        tally_field(tally, field);
}

void
tally_persons(struct person *persons, uint32_t count, unsigned threads)
{
    struct tally tally = {.persons = persons, .count = count};

    pool_run(threads, tally_work, &tally);
}
