#include "link/tally.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"
#include "link/block.h"
#include "link/hash.h"
#include "link/pool.h"

#define TALLY_AHEAD 16      /* items ahead whose record is fetched from memory */
#define TALLY_HOUSEHOLD 4   /* people of a household, who share a telephone and an address */
#define TALLY_UNSEEN 0.1    /* others with a telephone or address of which no other record tells */
#define TALLY_NAMESAKE 0.03 /* people of one's name of whom no number tells, at least */
#define TALLY_NUMBERED 0.1  /* part of the records that must have a number for numbers to tell */
#define TALLY_SLICE 65536 /* records whose sums are added up apart, so that threads do not matter */

enum tally_field { TALLY_NAME, TALLY_PINYIN, TALLY_PHONE, TALLY_ADDRESS, TALLY_FIELDS };

/* The records and people that have a value. */
struct tally_value {
    uint32_t records, numbers, births;
};

/* A thread's: what it counts, and where it tells the people of one name apart. */
struct tally_thread {
    uint64_t numbers, numbered;                         /* good ones, and records that have one */
    uint64_t alone[TALLY_FIELDS], paired[TALLY_FIELDS]; /* values that one person has, and two */
    uint64_t *telling;
    size_t size;
};

/* Sums over a slice of the records. */
struct tally_sums {
    double others[TALLY_FIELDS];
    uint32_t known[TALLY_FIELDS];
};

/* Where a value stands, and where the estimate of others goes. */
static const struct {
    size_t value, others;
} tally_fields[TALLY_FIELDS] = {
    [TALLY_NAME] = {offsetof(struct person, name), offsetof(struct person, name_others)},
    [TALLY_PINYIN] = {offsetof(struct person, pinyin), offsetof(struct person, sound_others)},
    [TALLY_PHONE] = {offsetof(struct person, phone), offsetof(struct person, phone_others)},
    [TALLY_ADDRESS] = {offsetof(struct person, address), offsetof(struct person, address_others)},
};

struct tally_run {
    struct person *persons;
    uint32_t count;
    unsigned threads;
    double records;  /* a person's, on average */
    double numbered; /* part of the people of whom a number is known; 0: too few to tell */
    double unseen[TALLY_FIELDS];
    struct tally_sums *sums; /* by slice */
    struct tally_thread parts[POOL_THREADS_MAX];
};

static uint64_t
tally_value(const struct person *person, unsigned field)
{
    return *(const uint64_t *)(const void *)((const char *)person + tally_fields[field].value);
}

static float *
tally_place(struct person *person, unsigned field)
{
    return (float *)(void *)((char *)person + tally_fields[field].others);
}

static uint64_t
tally_number(const struct person *person)
{
    return hash_mix(person->number.head, person->number.tail) | 1;
}

/* ---- numbers ---- */

static void
tally_hash_numbers(void *run_, unsigned round, uint32_t from, uint32_t to, uint64_t *ret_hashes)
{
    const struct tally_run *run = run_;

    (void)round;
    for (uint32_t i = from; i < to; i++)
        ret_hashes[i - from] =
            number_good(&run->persons[i].number) ? tally_number(&run->persons[i]) : 0;
}

static void
tally_take_numbers(void *run_, unsigned thread, unsigned round, const uint64_t *items, size_t count)
{
    struct tally_thread *part = &((struct tally_run *)run_)->parts[thread];

    (void)round;
    part->numbered += count;
    for (size_t at = 0; at < count; at = block_end(items, at, count))
        part->numbers++;
}

/* Find out how many records have a good number, and how many one number has. */
static void
tally_numbers(struct tally_run *run)
{
    struct block_task task = {run, run->count,         run->threads,
                              1,   tally_hash_numbers, tally_take_numbers};
    uint64_t records = 0, numbers = 0;

    block_run(&task);
    for (unsigned i = 0; i < run->threads; i++) {
        records += run->parts[i].numbered;
        numbers += run->parts[i].numbers;
    }
    double part = run->count == 0 ? 0 : (double)records / run->count;

    run->records =
        numbers == 0 || part < TALLY_NUMBERED ? 1 : (double)records / (double)numbers / part;
    run->numbered = part < TALLY_NUMBERED ? 0 : 1 - pow(1 - part, run->records);
}

/* ---- values ---- */

static void
tally_hash(void *run_, unsigned field, uint32_t from, uint32_t to, uint64_t *ret_hashes)
{
    const struct tally_run *run = run_;

    for (uint32_t i = from; i < to; i++) {
        uint64_t value = tally_value(&run->persons[i], field);

        ret_hashes[i - from] = value == 0 ? 0 : hash_mix(value, field) | 1;
    }
}

static bool
tally_is_name(unsigned field)
{
    return field == TALLY_NAME || field == TALLY_PINYIN;
}

static int
tally_order(const void *a_, const void *b_)
{
    uint64_t a = *(const uint64_t *)a_, b = *(const uint64_t *)b_;

    return a < b ? -1 : a > b;
}

/* How many different values there are; they are sorted. */
static uint32_t
tally_distinct(uint64_t *values, size_t count)
{
    uint32_t distinct = count > 0;

    if (count > 1)
        qsort(values, count, sizeof(*values), tally_order);
    for (size_t i = 1; i < count; i++)
        distinct += values[i] != values[i - 1];
    return distinct;
}

/* Tell the people of one name apart, by their numbers and by their birth dates. */
static void
tally_tell(struct tally_run *run, unsigned thread, const uint64_t *items, size_t count,
           struct tally_value *value)
{
    struct tally_thread *part = &run->parts[thread];
    uint64_t *numbers, *births;
    size_t good = 0;

    if (part->size < 2 * count) {
        part->size = 2 * count + part->size;
        part->telling = mem_grow(part->telling, part->size, sizeof(*part->telling));
    }
    numbers = part->telling;
    births = part->telling + count;
    for (size_t i = 0; i < count; i++) {
        const struct person *person = &run->persons[block_record(items[i])];

        if (!number_good(&person->number))
            continue;
        numbers[good] = tally_number(person);
        births[good++] = (uint64_t)(int64_t)person_birth(person);
    }
    value->numbers = tally_distinct(numbers, good);
    value->births = tally_distinct(births, good);
}

/*
 * How many people have a name besides the one whose record it is. Where numbers tell people apart,
 * each but one of them, and a few of whom no number is known; a number borrowed from a parent makes
 * no second person, since the birth date stays. Elsewhere the records must do, and what they say is
 * known when all values are counted: until then it is their number, negative.
 */
static double
tally_namesakes(const struct tally_run *run, const struct tally_value *value)
{
    double people = value->numbers < value->births ? value->numbers : value->births;

    if (run->numbered <= 0 || people < 1)
        return -(double)value->records;
    return (people - 1) / run->numbered + fmax(people / run->numbered - people, TALLY_NAMESAKE);
}

/*
 * Estimate the others of a value; one household's records are no sign of others: kin are weighed
 * apart.
 */
static double
tally_others(const struct tally_run *run, unsigned field, const struct tally_value *value)
{
    return tally_is_name(field)
               ? tally_namesakes(run, value)
               : fmax(value->records / run->records - TALLY_HOUSEHOLD, TALLY_UNSEEN);
}

static void
tally_take(void *run_, unsigned thread, unsigned field, const uint64_t *items, size_t count)
{
    struct tally_run *run = run_;
    struct tally_thread *part = &run->parts[thread];
    size_t fetched = 0;

    for (size_t at = 0, end; at < count; at = end) {
        struct tally_value value = {0};
        double persons;
        float others;

        end = block_end(items, at, count);
        for (; fetched < count && fetched < end + TALLY_AHEAD; fetched++) {
            struct person *person = &run->persons[block_record(items[fetched])];

            __builtin_prefetch(&person->number);
            __builtin_prefetch(tally_place(person, field), 1);
        }
        value.records = (uint32_t)(end - at);
        if (tally_is_name(field))
            tally_tell(run, thread, items + at, end - at, &value);
        persons = value.records / run->records;
        part->alone[field] += persons < 1.5;
        part->paired[field] += persons >= 1.5 && persons < 2.5;
        others = (float)tally_others(run, field, &value);
        for (size_t i = at; i < end; i++)
            *tally_place(&run->persons[block_record(items[i])], field) = others;
    }
}

/*
 * How many others may be expected to have a name that nobody else is known to have: of records
 * whose name stands at most twice, the part that are two (after Good and Turing).
 */
static void
tally_unseen(struct tally_run *run, unsigned field)
{
    double alone = 1, paired = 1;

    for (unsigned i = 0; i < run->threads; i++) {
        alone += (double)run->parts[i].alone[field];
        paired += (double)run->parts[i].paired[field];
    }
    run->unseen[field] = 2 * paired / (alone + 2 * paired);
}

/* ---- sums ---- */

static void
tally_finish(const struct tally_run *run, struct person *person, struct tally_sums *sums)
{
    for (unsigned field = 0; field < TALLY_FIELDS; field++) {
        float *others = tally_place(person, field);

        if (tally_value(person, field) == 0)
            continue;
        if (*others < 0)
            *others = (float)(fmax(-(double)*others / run->records - 1, 0) + run->unseen[field]);
        sums->others[field] += (double)*others;
        sums->known[field]++;
    }
    /* Who has the same name sounds the same; what is wanted is the same sound by another name. */
    person->sound_others = fmaxf(person->sound_others - person->name_others, (float)TALLY_UNSEEN);
}

static void
tally_finish_slices(void *run_, unsigned thread)
{
    struct tally_run *run = run_;

    for (size_t slice = thread; slice * TALLY_SLICE < run->count; slice += run->threads)
        for (size_t i = slice * TALLY_SLICE; i < run->count && i < (slice + 1) * TALLY_SLICE; i++)
            tally_finish(run, &run->persons[i], &run->sums[slice]);
}

/* The chance that another record has the same value. */
static double
tally_chance(const struct tally_run *run, unsigned field)
{
    double others = 0, known = 0;

    for (size_t slice = 0; slice * TALLY_SLICE < run->count; slice++) {
        others += run->sums[slice].others[field];
        known += run->sums[slice].known[field];
    }
    return known <= 0 ? 0 : others / known / (run->count / run->records);
}

void
tally_persons(struct person *persons, uint32_t count, unsigned threads, struct tally *ret_tally)
{
    struct tally_run *run = mem_zalloc(sizeof(*run));
    struct block_task task = {run, count, threads, TALLY_FIELDS, tally_hash, tally_take};

    run->persons = persons;
    run->count = count;
    run->threads = threads;
    run->sums = mem_zalloc(((size_t)count / TALLY_SLICE + 1) * sizeof(*run->sums));
    tally_numbers(run);
    block_run(&task);
    for (unsigned field = 0; field < TALLY_FIELDS; field++)
        tally_unseen(run, field);
    pool_run(threads, tally_finish_slices, run);
    *ret_tally = (struct tally){
        .people = fmax(count / run->records, 1),
        .name = tally_chance(run, TALLY_NAME),
        .sound = fmax(tally_chance(run, TALLY_PINYIN) - tally_chance(run, TALLY_NAME), 0),
        .phone = tally_chance(run, TALLY_PHONE),
        .address = tally_chance(run, TALLY_ADDRESS),
    };
    for (unsigned i = 0; i < threads; i++)
        free(run->parts[i].telling);
    free(run->sums);
    free(run);
}
