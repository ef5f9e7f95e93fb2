#include "link/tally.h"

#include <math.h>
#include <stdatomic.h>
#include <stddef.h>

#include "base/mem.h"
#include "link/hash.h"
#include "link/pool.h"

#define TALLY_AHEAD 16      /* records ahead whose slot is fetched from memory */
#define TALLY_HOUSEHOLD 4   /* people of a household, who share a telephone and an address */
#define TALLY_UNSEEN 0.1    /* others with a telephone or address of which no other record tells */
#define TALLY_NAMESAKE 0.03 /* people of one's name of whom no number tells, at least */
#define TALLY_NUMBERED 0.1  /* part of the records that must have a number for numbers to tell */

enum tally_field { TALLY_NAME, TALLY_PINYIN, TALLY_PHONE, TALLY_ADDRESS, TALLY_FIELDS };

/* A value, how many records have it and how many numbers; a table of them by open addressing. */
struct tally_slot {
    uint64_t value;
    uint32_t records, numbers, births;
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
    unsigned bits;
    double records;   /* a person's, on average */
    double numbered;  /* part of the people of whom a number is known; 0: too few to tell */
    atomic_uint next; /* field to be counted */
    double chances[TALLY_FIELDS];
};

static uint64_t
tally_value(const struct person *person, unsigned field)
{
    return *(const uint64_t *)(const void *)((const char *)person + tally_fields[field].value);
}

static size_t
tally_home(uint64_t value, unsigned bits)
{
    return (value * 0x9E3779B97F4A7C15U) >> (64 - bits);
}

static struct tally_slot *
tally_find(struct tally_slot *slots, unsigned bits, uint64_t value)
{
    size_t mask = ((size_t)1 << bits) - 1, at = tally_home(value, bits);

    while (slots[at].value != 0 && slots[at].value != value)
        at = (at + 1) & mask;
    return &slots[at];
}

/* Put a value into a set; returns whether it was not there. */
static bool
tally_add(uint64_t *set, unsigned bits, uint64_t value)
{
    size_t mask = ((size_t)1 << bits) - 1, at = tally_home(value, bits);

    while (set[at] != 0 && set[at] != value)
        at = (at + 1) & mask;
    if (set[at] == value)
        return false;
    set[at] = value;
    return true;
}

static uint64_t
tally_number(const struct person *person)
{
    return hash_mix(person->number.head, person->number.tail) | 1;
}

/* Find out how many records have a good number, and how many one number has. */
static void
tally_numbers(struct tally_run *run)
{
    uint64_t *set = mem_zalloc(sizeof(*set) << run->bits);
    uint32_t records = 0, numbers = 0;

    for (uint32_t i = 0; i < run->count; i++)
        if (number_good(&run->persons[i].number)) {
            records++;
            numbers += tally_add(set, run->bits, tally_number(&run->persons[i]));
        }
    free(set);
    double part = run->count == 0 ? 0 : (double)records / run->count;

    run->records = numbers == 0 || part < TALLY_NUMBERED ? 1 : (double)records / numbers / part;
    run->numbered = part < TALLY_NUMBERED ? 0 : 1 - pow(1 - part, run->records);
}

static void
tally_fetch(const struct tally_run *run, const struct tally_slot *slots, uint32_t i, unsigned field)
{
    if (i + TALLY_AHEAD < run->count)
        __builtin_prefetch(
            &slots[tally_home(tally_value(&run->persons[i + TALLY_AHEAD], field), run->bits)], 1);
}

/* What tells the people of one name apart: sets of value and number, value and birth date. */
struct tally_sets {
    uint64_t *numbers, *births;
};

static void
tally_tell(const struct tally_run *run, const struct tally_sets *sets, struct tally_slot *slot,
           const struct person *person)
{
    uint64_t birth = (uint64_t)(int64_t)person_birth(person);

    if (!number_good(&person->number))
        return;
    slot->numbers +=
        tally_add(sets->numbers, run->bits, hash_mix(slot->value, tally_number(person)) | 1);
    slot->births += tally_add(sets->births, run->bits, hash_mix(slot->value, birth) | 1);
}

static void
tally_count(const struct tally_run *run, unsigned field, struct tally_slot *slots)
{
    bool people = field == TALLY_NAME || field == TALLY_PINYIN;
    struct tally_sets sets = {0};

    if (people) {
        sets.numbers = mem_zalloc(sizeof(*sets.numbers) << run->bits);
        sets.births = mem_zalloc(sizeof(*sets.births) << run->bits);
    }
    for (uint32_t i = 0; i < run->count; i++) {
        uint64_t value = tally_value(&run->persons[i], field);

        tally_fetch(run, slots, i, field);
        if (value == 0)
            continue;
        struct tally_slot *slot = tally_find(slots, run->bits, value);

        slot->value = value;
        slot->records++;
        if (people)
            tally_tell(run, &sets, slot, &run->persons[i]);
    }
    free(sets.numbers);
    free(sets.births);
}

/*
 * How many people have a name besides the one whose record it is. Where numbers tell people apart,
 * each but one of them, and a few of whom no number is known; a number borrowed from a parent makes
 * no second person, since the birth date stays. Elsewhere the records must do.
 */
static double
tally_namesakes(const struct tally_run *run, const struct tally_slot *slot, double unseen)
{
    double people = slot->numbers < slot->births ? slot->numbers : slot->births;

    if (run->numbered <= 0 || people < 1)
        return fmax(slot->records / run->records - 1, 0) + unseen;
    return (people - 1) / run->numbered + fmax(people / run->numbered - people, TALLY_NAMESAKE);
}

/*
 * How many others may be expected to have a name that nobody else is known to have: of records whose
 * name stands at most twice, the part that are two (after Good and Turing).
 */
static double
tally_unseen(const struct tally_run *run, const struct tally_slot *slots)
{
    double alone = 1, paired = 1;

    for (size_t i = 0; i < (size_t)1 << run->bits; i++) {
        alone += slots[i].records > 0 && slots[i].records / run->records < 1.5;
        paired += slots[i].records / run->records >= 1.5 && slots[i].records / run->records < 2.5;
    }
    return 2 * paired / (alone + 2 * paired);
}

/* Estimate the others of each slot's value. */
static double
tally_others(const struct tally_run *run, unsigned field, const struct tally_slot *slot,
             double unseen)
{
    if (field == TALLY_NAME || field == TALLY_PINYIN)
        return tally_namesakes(run, slot, unseen);
    /* One household's records are no sign that others share the value: kin are weighed apart. */
    return fmax(slot->records / run->records - TALLY_HOUSEHOLD, TALLY_UNSEEN);
}

static void
tally_field(struct tally_run *run, unsigned field)
{
    struct tally_slot *slots = mem_zalloc(sizeof(*slots) << run->bits);
    double unseen, sum = 0, known = 0;

    tally_count(run, field, slots);
    unseen = tally_unseen(run, slots);
    for (uint32_t i = 0; i < run->count; i++) {
        uint64_t value = tally_value(&run->persons[i], field);

        tally_fetch(run, slots, i, field);
        if (value != 0) {
            double others = tally_others(run, field, tally_find(slots, run->bits, value), unseen);

            *(float *)(void *)((char *)&run->persons[i] + tally_fields[field].others) =
                (float)others;
            sum += others;
            known++;
        }
    }
    run->chances[field] = known == 0 ? 0 : sum / known / (run->count / run->records);
    free(slots);
}

static void
tally_work(void *run_, unsigned thread)
{
    struct tally_run *run = run_;

    (void)thread;
    for (unsigned field; (field = atomic_fetch_add(&run->next, 1)) < TALLY_FIELDS;)
        tally_field(run, field);
}

void
tally_persons(struct person *persons, uint32_t count, unsigned threads, struct tally *ret_tally)
{
    struct tally_run run = {.persons = persons, .count = count, .bits = 4};

    while ((uint64_t)1 << run.bits < (uint64_t)count * 2)
        run.bits++;
    tally_numbers(&run);
    pool_run(threads, tally_work, &run);
    /* Who has the same name sounds the same; what is wanted is the same sound by another name. */
    for (uint32_t i = 0; i < count; i++)
        persons[i].sound_others =
            fmaxf(persons[i].sound_others - persons[i].name_others, (float)TALLY_UNSEEN);
    *ret_tally = (struct tally){
        .people = fmax(count / run.records, 1),
        .name = run.chances[TALLY_NAME],
        .sound = fmax(run.chances[TALLY_PINYIN] - run.chances[TALLY_NAME], 0),
        .phone = run.chances[TALLY_PHONE],
        .address = run.chances[TALLY_ADDRESS],
    };
}
