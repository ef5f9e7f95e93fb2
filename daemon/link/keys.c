#include "link/keys.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "link/block.h"
#include "link/hash.h"
#include "link/pool.h"

#define KEYS_AHEAD 16 /* items ahead that are fetched from memory */
#define KEYS_WAIT 16  /* pairs that wait while their persons are fetched; a power of 2 */
#define KEYS_MET 4    /* partners of a record that are remembered */

/* The components that keys are made of. */
enum keys_part {
    KEYS_FIRST16,
    KEYS_LAST11,   /* not twelve: the digit of the thousands is free to be swapped */
    KEYS_NO_PLACE, /* of the number, all but the first two characters behind the birth date */
    KEYS_NO_DAY,   /* all but month and day */
    KEYS_NO_YEAR,
    KEYS_DIGITS,  /* in any order */
    KEYS_SURNAME, /* its sound */
    KEYS_PINYIN,
    KEYS_BIRTH,
    KEYS_PHONE,
    KEYS_ADDRESS,
    KEYS_COUNTY,
    KEYS_TOWN,
    KEYS_VILLAGE,
    KEYS_HOUSEHOLD,
    KEYS_HEAD,  /* first two characters */
    KEYS_TAIL,  /* first and last; of a name with a dot, the last two */
    KEYS_SHORT, /* surname of a name of two characters */
    KEYS_PARTS,
};

#define PART(part) (1U << KEYS_##part)

static const struct {
    const char *name;
    uint32_t parts;
} keys_table[KEYS_COUNT] = {
    {"number", PART(FIRST16) | PART(LAST11)},
    {"number_first16+surname", PART(FIRST16) | PART(SURNAME)},
    {"number_no_place+surname", PART(NO_PLACE) | PART(SURNAME)},
    {"number_last11+surname", PART(LAST11) | PART(SURNAME)},
    {"number_no_day+surname", PART(NO_DAY) | PART(SURNAME)},
    {"number_no_year+surname", PART(NO_YEAR) | PART(SURNAME)},
    {"number_digits+pinyin", PART(DIGITS) | PART(PINYIN)},
    {"pinyin+birth", PART(PINYIN) | PART(BIRTH)},
    {"pinyin+phone", PART(PINYIN) | PART(PHONE)},
    {"pinyin+address", PART(PINYIN) | PART(ADDRESS)},
    {"pinyin+household", PART(PINYIN) | PART(HOUSEHOLD)},
    {"surname+birth+county", PART(SURNAME) | PART(BIRTH) | PART(COUNTY)},
    {"phone+birth", PART(PHONE) | PART(BIRTH)},
    {"address+birth", PART(ADDRESS) | PART(BIRTH)},
    {"household+birth", PART(HOUSEHOLD) | PART(BIRTH)},
    {"head+phone", PART(HEAD) | PART(PHONE)},
    {"tail+phone", PART(TAIL) | PART(PHONE)},
    {"head+address", PART(HEAD) | PART(ADDRESS)},
    {"tail+address", PART(TAIL) | PART(ADDRESS)},
    {"short+phone", PART(SHORT) | PART(PHONE)},
    {"short+address", PART(SHORT) | PART(ADDRESS)},
    {"head+birth", PART(HEAD) | PART(BIRTH)},
    {"pinyin+town", PART(PINYIN) | PART(TOWN)},
    {"pinyin+village", PART(PINYIN) | PART(VILLAGE)},
};

const char *
keys_name(unsigned key)
{
    return keys_table[key].name;
}

/* ---- parts ---- */

/*
 * A value in 32 bits. Two that collide are compared in vain, or once in a thousand millions missed.
 */
static inline uint32_t
keys_fold(uint64_t value)
{
    uint32_t folded = (uint32_t)(hash_mix(value, 1) >> 32);

    return value == 0 ? 0 : folded == 0 ? 1 : folded;
}

/* Whether the number has its eighteen characters, so that its parts stand where they should. */
static inline bool
keys_whole(const struct number *number)
{
    return number->state >= NUMBER_SLIPPED;
}

static uint32_t
keys_birth(const struct person *person)
{
    int32_t birth = person_birth(person);

    return birth == PERSON_NO_DATE ? 0 : (uint32_t)(birth - CLOCK_DATE_MIN) + 1;
}

/* The pair of characters that HEAD and TAIL are; a name of one character has none. */
static uint32_t
keys_two(const struct person *person, size_t first, size_t second)
{
    const uint16_t *chars = person_chars(person);

    return (uint32_t)chars[first] << 16 | chars[second];
}

static uint32_t
keys_part(const struct person *person, enum keys_part part)
{
    const struct number *number = &person->number;
    size_t len = person->name_len;

    switch (part) {
    case KEYS_FIRST16:
        return number->state != NUMBER_NONE ? keys_fold(number_first16(number)) : 0;
    case KEYS_LAST11:
        return keys_whole(number) ? keys_fold(number_last11(number)) : 0;
    case KEYS_NO_PLACE:
        return keys_whole(number) ? keys_fold(number_no_place(number)) : 0;
    case KEYS_NO_DAY:
        return keys_whole(number) ? keys_fold(number_no_day(number)) : 0;
    case KEYS_NO_YEAR:
        return keys_whole(number) ? keys_fold(number_no_year(number)) : 0;
    case KEYS_DIGITS:
        return keys_whole(number) ? keys_fold(number_digits(number)) : 0;
    case KEYS_SURNAME:
        return person->name == 0 ? 0 : person_sounds(person)[0] + 1U;
    case KEYS_PINYIN:
        return keys_fold(person->pinyin);
    case KEYS_BIRTH:
        return keys_birth(person);
    case KEYS_PHONE:
        return keys_fold(person->phone);
    case KEYS_ADDRESS:
        return keys_fold(person->address);
    case KEYS_COUNTY:
        return person->area_len >= 6 ? (uint32_t)(person->area / 1000000) : 0;
    case KEYS_TOWN:
        return person->area_len >= 9 ? (uint32_t)(person->area / 1000) : 0;
    case KEYS_VILLAGE:
        return keys_fold(person->village);
    case KEYS_HOUSEHOLD:
        return keys_fold(person->household);
    case KEYS_HEAD:
        return len < 2 ? 0 : keys_two(person, 0, 1);
    case KEYS_TAIL:
        return len < 2 ? 0 : keys_two(person, person->segment != 0 ? len - 2 : 0, len - 1);
    case KEYS_SHORT:
        return len == 2 ? person->near.chars[0] : 0;
    case KEYS_PARTS:
        break;
    }
    return 0;
}

/* One key's hash from its parts; 0 when one is missing. */
static inline uint64_t
keys_mix(uint64_t hash, uint32_t part)
{
    return hash == 0 || part == 0 ? 0 : hash_mix(hash, part) | 1;
}

uint64_t
keys_hash(const struct person *person, unsigned key)
{
    uint64_t hash = key + 1;

    for (uint32_t rest = keys_table[key].parts; rest != 0; rest &= rest - 1)
        hash = keys_mix(hash, keys_part(person, (enum keys_part)__builtin_ctz(rest)));
    return hash;
}

uint32_t
keys_join(const struct person *a, const struct person *b)
{
    uint32_t common = 0, joined = 0;

    for (int i = 0; i < KEYS_PARTS; i++) {
        uint32_t part = keys_part(a, (enum keys_part)i);

        common |= (uint32_t)(part != 0 && part == keys_part(b, (enum keys_part)i)) << i;
    }
    for (unsigned key = 0; key < KEYS_COUNT; key++)
        joined |= (uint32_t)((common & keys_table[key].parts) == keys_table[key].parts) << key;
    return joined;
}

/* ---- blocks ---- */

/* Pairs wait here until their persons have come from memory. */
struct keys_wait {
    struct keys_report reports[KEYS_COUNT];
    uint32_t pairs[KEYS_WAIT][2];
    size_t count; /* pairs that came; the last KEYS_WAIT of them wait */
};

/* The first records that a record was paired with, each of a higher number; 0: none as yet. */
struct keys_met {
    uint32_t records[KEYS_MET];
};

/*
 * One run over all keys. Records are numbered through both lists; without a second, pairs are
 * within one.
 */
struct keys_run {
    const struct person *left, *right;
    bool across;
    uint32_t left_count, count;
    keys_emit *emit;
    void *context;
    uint32_t *columns[KEYS_PARTS]; /* a part of all persons, 0 where there is none */
    struct keys_met *met;
    uint32_t *cuts; /* a record's keys whose block was cut */
    struct keys_wait waits[POOL_THREADS_MAX];
};

static inline const struct person *
keys_person(const struct keys_run *run, uint32_t record)
{
    return record < run->left_count ? &run->left[record] : &run->right[record - run->left_count];
}

static void
keys_read(struct keys_run *run, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        for (int part = 0; part < KEYS_PARTS; part++)
            run->columns[part][i] = keys_part(keys_person(run, i), (enum keys_part)part);
}

static void
keys_hash_all(void *run_, unsigned key, uint32_t from, uint32_t to, uint64_t *ret_hashes)
{
    struct keys_run *run = run_;

    if (key == 0)
        keys_read(run, from, to);
    for (uint32_t i = from; i < to; i++)
        ret_hashes[i - from] = key + 1;
    for (uint32_t rest = keys_table[key].parts; rest != 0; rest &= rest - 1) {
        const uint32_t *column = run->columns[__builtin_ctz(rest)];

        for (uint32_t i = from; i < to; i++)
            ret_hashes[i - from] = keys_mix(ret_hashes[i - from], column[i]);
    }
}

static void
keys_cut(struct keys_run *run, unsigned thread, unsigned key, const uint64_t *items, size_t count)
{
    run->waits[thread].reports[key].cut_blocks++;
    run->waits[thread].reports[key].cut_records += (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        run->cuts[block_record(items[i])] |= 1U << key;
}

static void
keys_fetch(const struct person *person)
{
    __builtin_prefetch(person);
    __builtin_prefetch((const char *)person + 64);
    __builtin_prefetch((const char *)person + sizeof(*person) - 1);
}

static inline void
keys_send(const struct keys_run *run, unsigned thread, const uint32_t pair[2])
{
    run->emit(run->context, thread, pair[0], run->across ? pair[1] - run->left_count : pair[1]);
}

/* Emit the oldest pair that waits, and let another one wait. */
static void
keys_pass(struct keys_run *run, unsigned thread, unsigned key, uint32_t a, uint32_t b)
{
    struct keys_wait *wait = &run->waits[thread];
    uint32_t *pair = wait->pairs[wait->count++ % KEYS_WAIT];

    if (wait->count > KEYS_WAIT)
        keys_send(run, thread, pair);
    pair[0] = a;
    pair[1] = b;
    keys_fetch(keys_person(run, a));
    keys_fetch(keys_person(run, b));
    wait->reports[key].pairs++;
}

/* Emit the pairs that still wait. */
static void
keys_drain(void *run_, unsigned thread)
{
    struct keys_run *run = run_;
    struct keys_wait *wait = &run->waits[thread];
    size_t from = wait->count < KEYS_WAIT ? 0 : wait->count - KEYS_WAIT;

    for (size_t i = from; i < wait->count; i++)
        keys_send(run, thread, wait->pairs[i % KEYS_WAIT]);
}

/*
 * Whether a pair came by an earlier key. A record is in one block of a key, so that one thread at a
 * time asks about it. Where there is no room to remember a pair, its keys are compared again.
 */
static bool
keys_have_met(struct keys_run *run, unsigned key, uint32_t a, uint32_t b)
{
    struct keys_met *met = &run->met[a];
    uint32_t joins;

    for (size_t i = 0; i < KEYS_MET; i++) {
        if (met->records[i] == b)
            return true;
        if (met->records[i] == 0) {
            met->records[i] = b;
            return false;
        }
    }
    joins = keys_join(keys_person(run, a), keys_person(run, b));
    /* Equal hashes of different parts are the hash's fault; such a pair must not come twice. */
    return (joins >> key & 1) == 0 || (joins & ((1U << key) - 1) & ~run->cuts[a]) != 0;
}

/* Where in a block the second list begins; the end, when there is none. */
static size_t
keys_middle(const struct keys_run *run, const uint64_t *items, size_t count)
{
    size_t middle = count;

    while (middle > 0 && block_record(items[middle - 1]) >= run->left_count)
        middle--;
    return middle;
}

/* Emit the pairs of one block that no earlier key has joined. */
static void
keys_block(struct keys_run *run, unsigned thread, unsigned key, const uint64_t *items, size_t count,
           size_t middle)
{
    for (size_t i = 0; i < middle; i++)
        for (size_t j = run->across ? middle : i + 1; j < count; j++) {
            uint32_t a = block_record(items[i]), b = block_record(items[j]);

            if (!keys_have_met(run, key, a, b))
                keys_pass(run, thread, key, a, b);
        }
}

static void
keys_take(void *run_, unsigned thread, unsigned key, const uint64_t *items, size_t count)
{
    struct keys_run *run = run_;
    size_t fetched = 0, middle;

    for (size_t at = 0, end; at < count; at = end) {
        end = block_end(items, at, count);
        for (; fetched + 1 < count && fetched < end + KEYS_AHEAD; fetched++)
            if (block_together(items, fetched))
                __builtin_prefetch(&run->met[block_record(items[fetched])]);
        middle = keys_middle(run, items + at, end - at);
        if (end - at < 2 || middle == 0)
            continue;
        if ((run->across ? end - at - middle : end - at) > KEYS_BLOCK_MAX)
            keys_cut(run, thread, key, items + at, end - at);
        else
            keys_block(run, thread, key, items + at, end - at, middle);
    }
}

/* Bring records of one key together and emit their pairs; the run says of which lists. */
static void
keys_go(struct keys_run *run, unsigned threads, struct keys_report ret_reports[KEYS_COUNT])
{
    struct block_task task = {run, run->count, threads, KEYS_COUNT, keys_hash_all, keys_take};
    size_t size = (size_t)run->count + 1;

    run->columns[0] = mem_grow(NULL, size * KEYS_PARTS, sizeof(*run->columns[0]));
    for (int part = 1; part < KEYS_PARTS; part++)
        run->columns[part] = run->columns[part - 1] + size;
    run->met = mem_zalloc(size * sizeof(*run->met));
    run->cuts = mem_zalloc(size * sizeof(*run->cuts));
    block_run(&task);
    pool_run(threads, keys_drain, run);
    memset(ret_reports, 0, KEYS_COUNT * sizeof(*ret_reports));
    for (unsigned thread = 0; thread < threads; thread++)
        for (unsigned key = 0; key < KEYS_COUNT; key++) {
            const struct keys_report *report = &run->waits[thread].reports[key];

            ret_reports[key].pairs += report->pairs;
            ret_reports[key].cut_blocks += report->cut_blocks;
            ret_reports[key].cut_records += report->cut_records;
        }
    free(run->columns[0]);
    free(run->met);
    free(run->cuts);
}

void
keys_pairs(const struct person *persons, uint32_t count, unsigned threads, keys_emit *emit,
           void *context, struct keys_report ret_reports[KEYS_COUNT])
{
    struct keys_run *run = mem_zalloc(sizeof(*run));

    *run = (struct keys_run){
        .left = persons, .left_count = count, .count = count, .emit = emit, .context = context};
    keys_go(run, threads, ret_reports);
    free(run);
}

void
keys_pairs_across(const struct person *left, uint32_t left_count, const struct person *right,
                  uint32_t right_count, unsigned threads, keys_emit *emit, void *context,
                  struct keys_report ret_reports[KEYS_COUNT])
{
    struct keys_run *run = mem_zalloc(sizeof(*run));

    *run = (struct keys_run){.left = left,
                             .right = right,
                             .across = true,
                             .left_count = left_count,
                             .count = left_count + right_count,
                             .emit = emit,
                             .context = context};
    keys_go(run, threads, ret_reports);
    free(run);
}
