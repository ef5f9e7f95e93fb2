#include "link/keys.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "link/hash.h"
#include "link/pool.h"

#define KEYS_BUCKET_RECORDS 32 /* of a bucket, about */
#define KEYS_BUCKET_BITS_MAX 15
#define KEYS_CHUNK 32   /* buckets that a thread takes at once */
#define KEYS_INSERT 256 /* items that are sorted by insertion */
#define KEYS_AHEAD 12   /* items ahead that are fetched from memory */

/* What keys are made of. */
enum keys_part {
    KEYS_NUMBER,
    KEYS_FIRST14,
    KEYS_LAST11, /* not twelve: the digit of the thousands is free to be swapped */
    KEYS_ENDS,   /* area and last four */
    KEYS_FIRST9,
    KEYS_SURNAME, /* its sound */
    KEYS_PINYIN,
    KEYS_BIRTH,
    KEYS_PHONE,
    KEYS_ADDRESS,
    KEYS_COUNTY,
    KEYS_TOWN,
    KEYS_VILLAGE,
    KEYS_HOUSEHOLD,
    KEYS_HEAD,
    KEYS_TAIL,
    KEYS_SHORT, /* surname of a name of two characters */
    KEYS_PARTS,
};

#define PART(part) (1U << KEYS_##part)

static const struct {
    const char *name;
    uint32_t parts;
} keys_table[KEYS_COUNT] = {
    {"number", PART(NUMBER)},
    {"number_first14+surname", PART(FIRST14) | PART(SURNAME)},
    {"number_last11", PART(LAST11)},
    {"number_ends+surname", PART(ENDS) | PART(SURNAME)},
    {"number_first9+pinyin", PART(FIRST9) | PART(PINYIN)},
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

static inline uint64_t
keys_surname(const struct person *person)
{
    return person->name == 0 ? 0 : (uint64_t)person_sounds(person)[0] + 1;
}

static inline uint64_t
keys_short(const struct person *person)
{
    return person->name != 0 && person->name_len == 2 ? (uint64_t)person->near.chars[0] : 0;
}

static inline uint64_t
keys_county(const struct person *person)
{
    return person->area_len >= 6 ? person->area / 1000000 : 0;
}

static inline uint64_t
keys_town(const struct person *person)
{
    return person->area_len >= 9 ? person->area / 1000 : 0;
}

/* Whether the number has its eighteen characters, so that its parts stand where they should. */
static inline bool
keys_whole(const struct number *number)
{
    return number->state >= NUMBER_SLIPPED;
}

static uint64_t
keys_part(const struct person *person, enum keys_part part)
{
    const struct number *number = &person->number;

    switch (part) {
    case KEYS_NUMBER:
        return keys_whole(number) ? hash_mix(number->head, number->tail) : 0;
    case KEYS_FIRST14:
        return number->state != NUMBER_NONE ? number_first14(number) : 0;
    case KEYS_LAST11:
        return keys_whole(number) ? number_last11(number) : 0;
    case KEYS_ENDS:
        return keys_whole(number) ? number_ends(number) : 0;
    case KEYS_FIRST9:
        return number->state != NUMBER_NONE ? number_first9(number) : 0;
    case KEYS_SURNAME:
        return keys_surname(person);
    case KEYS_PINYIN:
        return person->pinyin;
    case KEYS_BIRTH:
        return person_birth(person) == PERSON_NO_DATE
                   ? 0
                   : (uint64_t)(int64_t)person_birth(person) + (UINT64_C(1) << 32);
    case KEYS_PHONE:
        return person->phone;
    case KEYS_ADDRESS:
        return person->address;
    case KEYS_COUNTY:
        return keys_county(person);
    case KEYS_TOWN:
        return keys_town(person);
    case KEYS_VILLAGE:
        return person->village;
    case KEYS_HOUSEHOLD:
        return person->household;
    case KEYS_HEAD:
        return person->head;
    case KEYS_TAIL:
        return person->tail;
    case KEYS_SHORT:
        return keys_short(person);
    case KEYS_PARTS:
        break;
    }
    return 0;
}

uint64_t
keys_hash(const struct person *person, unsigned key)
{
    uint64_t hash = key + 1;

    for (uint32_t parts = keys_table[key].parts; parts != 0; parts &= parts - 1) {
        uint64_t part = keys_part(person, (enum keys_part)__builtin_ctz(parts));

        if (part == 0)
            return 0;
        hash = hash_mix(hash, part);
    }
    return hash == 0 ? 1 : hash;
}

static inline uint32_t
keys_bit(uint64_t a, uint64_t b, enum keys_part part)
{
    return (uint32_t)(a == b && a != 0) << part;
}

/* The parts that two persons have in common, a bit each. */
static uint32_t
keys_common(const struct person *a, const struct person *b)
{
    uint32_t common =
        keys_bit(a->pinyin, b->pinyin, KEYS_PINYIN) | keys_bit(a->phone, b->phone, KEYS_PHONE) |
        keys_bit(a->address, b->address, KEYS_ADDRESS) |
        keys_bit(a->household, b->household, KEYS_HOUSEHOLD) |
        keys_bit(a->head, b->head, KEYS_HEAD) | keys_bit(a->tail, b->tail, KEYS_TAIL) |
        keys_bit(keys_surname(a), keys_surname(b), KEYS_SURNAME) |
        keys_bit(keys_short(a), keys_short(b), KEYS_SHORT) |
        keys_bit(keys_county(a), keys_county(b), KEYS_COUNTY) |
        keys_bit(keys_town(a), keys_town(b), KEYS_TOWN) |
        keys_bit(a->village, b->village, KEYS_VILLAGE) |
        keys_bit(keys_part(a, KEYS_BIRTH), keys_part(b, KEYS_BIRTH), KEYS_BIRTH);

    if (a->number.state == NUMBER_NONE || b->number.state == NUMBER_NONE)
        return common;
    common |= keys_bit(number_first14(&a->number), number_first14(&b->number), KEYS_FIRST14) |
              keys_bit(number_first9(&a->number), number_first9(&b->number), KEYS_FIRST9);
    if (!keys_whole(&a->number) || !keys_whole(&b->number))
        return common;
    return common | keys_bit(number_last11(&a->number), number_last11(&b->number), KEYS_LAST11) |
           keys_bit(number_ends(&a->number), number_ends(&b->number), KEYS_ENDS) |
           (uint32_t)(a->number.tail == b->number.tail && a->number.head == b->number.head)
               << KEYS_NUMBER;
}

uint32_t
keys_join(const struct person *a, const struct person *b)
{
    uint32_t common = keys_common(a, b), joined = 0;

    for (unsigned key = 0; key < KEYS_COUNT; key++)
        joined |= (uint32_t)((common & keys_table[key].parts) == keys_table[key].parts) << key;
    return joined;
}

/* ---- blocks ---- */

struct keys_item {
    uint64_t hash;
    uint32_t record;
};

/* One run over all keys; the threads share it and stay together by the barrier. */
struct keys_run {
    const struct person *persons;
    uint32_t count;
    unsigned threads, bits;
    keys_emit *emit;
    void *context;
    uint32_t *joins;  /* by the parts in common: the keys that join */
    uint64_t *hashes; /* of the present key */
    struct keys_item *items;
    uint32_t *places; /* threads × buckets: where the next item goes */
    uint32_t *ends;   /* of the buckets */
    uint32_t *cuts;   /* a record's keys whose block was cut */
    atomic_uint next; /* bucket to be taken */
    pthread_barrier_t barrier;
    struct keys_report reports[POOL_THREADS_MAX][KEYS_COUNT];
};

static void
keys_count(struct keys_run *run, unsigned thread, unsigned key, uint32_t from, uint32_t to)
{
    uint32_t *places = run->places + ((size_t)thread << run->bits);

    memset(places, 0, sizeof(*places) << run->bits);
    for (uint32_t i = from; i < to; i++) {
        run->hashes[i] = keys_hash(&run->persons[i], key);
        if (run->hashes[i] != 0)
            places[run->hashes[i] >> (64 - run->bits)]++;
    }
}

/* Turn counts into places: all threads' items of a bucket stand together, in order of records. */
static void
keys_place(struct keys_run *run)
{
    uint32_t at = 0;

    for (size_t bucket = 0; bucket < (size_t)1 << run->bits; bucket++) {
        for (unsigned thread = 0; thread < run->threads; thread++) {
            uint32_t *place = &run->places[((size_t)thread << run->bits) + bucket];
            uint32_t count = *place;

            *place = at;
            at += count;
        }
        run->ends[bucket] = at;
    }
    atomic_store(&run->next, 0);
}

static void
keys_scatter(struct keys_run *run, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t *places = run->places + ((size_t)thread << run->bits);

    for (uint32_t i = from; i < to; i++)
        if (run->hashes[i] != 0)
            run->items[places[run->hashes[i] >> (64 - run->bits)]++] =
                (struct keys_item){run->hashes[i], i};
}

static int
keys_order(const void *a_, const void *b_)
{
    const struct keys_item *a = a_, *b = b_;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->record < b->record ? -1 : a->record > b->record;
}

/* Sort by hash, then record; items come in order of records. */
static void
keys_sort(struct keys_item *items, size_t count)
{
    if (count > KEYS_INSERT) {
        qsort(items, count, sizeof(*items), keys_order);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct keys_item item = items[i];
        size_t at = i;

        for (; at > 0 && items[at - 1].hash > item.hash; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

static void
keys_cut(struct keys_run *run, unsigned thread, unsigned key, const struct keys_item *items,
         size_t count)
{
    run->reports[thread][key].cut_blocks++;
    run->reports[thread][key].cut_records += (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        run->cuts[items[i].record] |= 1U << key;
}

/* Emit the pairs of one block that no earlier key has joined. */
static void
keys_block(struct keys_run *run, unsigned thread, unsigned key, const struct keys_item *items,
           size_t count)
{
    uint32_t earlier = (1U << key) - 1;

    for (size_t i = 0; i + 1 < count; i++) {
        const struct person *a = &run->persons[items[i].record];
        uint32_t uncut = earlier & ~run->cuts[items[i].record];

        for (size_t j = i + 1; j < count; j++) {
            uint32_t joins = run->joins[keys_common(a, &run->persons[items[j].record])];

            /* Equal hashes of different parts would be the hash's fault. */
            if ((joins & uncut) != 0 || (joins >> key & 1) == 0)
                continue;
            run->reports[thread][key].pairs++;
            run->emit(run->context, thread, items[i].record, items[j].record);
        }
    }
}

static size_t
keys_block_end(const struct keys_item *items, size_t at, size_t count)
{
    size_t end = at + 1;

    while (end < count && items[end].hash == items[at].hash)
        end++;
    return end;
}

static void
keys_bucket(struct keys_run *run, unsigned thread, unsigned key, struct keys_item *items,
            size_t count)
{
    size_t fetched = 0;

    keys_sort(items, count);
    for (size_t at = 0, end; at < count; at = end) {
        end = keys_block_end(items, at, count);
        for (; fetched < count && fetched < end + KEYS_AHEAD; fetched++)
            if ((fetched > 0 && items[fetched].hash == items[fetched - 1].hash) ||
                (fetched + 1 < count && items[fetched].hash == items[fetched + 1].hash)) {
                const char *person = (const char *)&run->persons[items[fetched].record];

                __builtin_prefetch(person);
                __builtin_prefetch(person + 64);
                __builtin_prefetch(&run->cuts[items[fetched].record]);
            }
        if (end - at > KEYS_BLOCK_MAX)
            keys_cut(run, thread, key, items + at, end - at);
        else if (end - at > 1)
            keys_block(run, thread, key, items + at, end - at);
    }
}

static void
keys_work(void *run_, unsigned thread)
{
    struct keys_run *run = run_;
    uint32_t from = (uint32_t)((uint64_t)run->count * thread / run->threads);
    uint32_t to = (uint32_t)((uint64_t)run->count * (thread + 1) / run->threads);
    unsigned buckets = 1U << run->bits;

    for (unsigned key = 0; key < KEYS_COUNT; key++) {
        keys_count(run, thread, key, from, to);
        pthread_barrier_wait(&run->barrier);
        if (thread == 0)
            keys_place(run);
        pthread_barrier_wait(&run->barrier);
        keys_scatter(run, thread, from, to);
        pthread_barrier_wait(&run->barrier);
        for (unsigned at; (at = atomic_fetch_add(&run->next, KEYS_CHUNK)) < buckets;)
            for (unsigned i = at; i < at + KEYS_CHUNK && i < buckets; i++) {
                uint32_t begin = i == 0 ? 0 : run->ends[i - 1];

                keys_bucket(run, thread, key, run->items + begin, run->ends[i] - begin);
            }
        pthread_barrier_wait(&run->barrier);
    }
}

static unsigned
keys_bits(uint32_t count)
{
    unsigned bits = 1;

    while (bits < KEYS_BUCKET_BITS_MAX && count >> bits > KEYS_BUCKET_RECORDS)
        bits++;
    return bits;
}

static uint32_t *
keys_joins(void)
{
    uint32_t *joins = mem_zalloc(sizeof(*joins) << KEYS_PARTS);

    for (uint32_t common = 0; common < 1U << KEYS_PARTS; common++)
        for (unsigned key = 0; key < KEYS_COUNT; key++)
            if ((common & keys_table[key].parts) == keys_table[key].parts)
                joins[common] |= 1U << key;
    return joins;
}

void
keys_pairs(const struct person *persons, uint32_t count, unsigned threads, keys_emit *emit,
           void *context, struct keys_report ret_reports[KEYS_COUNT])
{
    struct keys_run *run = mem_zalloc(sizeof(*run));

    run->persons = persons;
    run->count = count;
    run->threads = threads;
    run->bits = keys_bits(count);
    run->emit = emit;
    run->context = context;
    run->joins = keys_joins();
    run->hashes = mem_grow(NULL, (size_t)count + 1, sizeof(*run->hashes));
    run->items = mem_grow(NULL, (size_t)count + 1, sizeof(*run->items));
    run->places = mem_grow(NULL, (size_t)threads << run->bits, sizeof(*run->places));
    run->ends = mem_grow(NULL, (size_t)1 << run->bits, sizeof(*run->ends));
    run->cuts = mem_zalloc(((size_t)count + 1) * sizeof(*run->cuts));
    int failed = pthread_barrier_init(&run->barrier, NULL, threads);
    assert(failed == 0);

    pool_run(threads, keys_work, run);

    memset(ret_reports, 0, KEYS_COUNT * sizeof(*ret_reports));
    for (unsigned thread = 0; thread < threads; thread++)
        for (unsigned key = 0; key < KEYS_COUNT; key++) {
            ret_reports[key].pairs += run->reports[thread][key].pairs;
            ret_reports[key].cut_blocks += run->reports[thread][key].cut_blocks;
            ret_reports[key].cut_records += run->reports[thread][key].cut_records;
        }
    pthread_barrier_destroy(&run->barrier);
    free(run->joins);
    free(run->hashes);
    free(run->items);
    free(run->places);
    free(run->ends);
    free(run->cuts);
    free(run);
}
