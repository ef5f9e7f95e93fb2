#include "sdk/prepare/keys.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "base/digest.h"

/*
 * A key's home grows with the key, and what does not fit there is kept behind
 * it in the order of the keys; so the whole table is sorted by key. That is
 * what lets it grow in place, without a second table beside it. Keys whose
 * home is near the end may run over into KEYS_SPILL more slots.
 */
#define KEYS_FIRST_SLOTS 4096
#define KEYS_SPILL 4096
#define KEYS_DOUBLE_MAX (1u << 20) /* slots up to which the table doubles; */
#define KEYS_STEP (256u * 1024)    /* then it grows by so many, to waste little */
#define KEYS_FULL_PERCENT 92

#define KEYS_SEEN (1ull << 63) /* of content: this reading has met the key */
#define KEYS_CLASH 0ull        /* of content: the key has differing contents */

struct keys_slot {
    uint64_t key; /* 0: empty */
    uint64_t content;
};

struct keys {
    struct keys_slot *slots; /* size + KEYS_SPILL */
    size_t size, used;
    uint64_t conflicts;
    uint64_t seed; /* of this table, so that no file can be made to crowd its keys */
};

/* The key as the table knows it: a bijection (SplitMix64), never 0. */
static uint64_t
keys_spread(const struct keys *keys, uint64_t key)
{
    key ^= keys->seed;
    key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9u;
    key = (key ^ (key >> 27)) * 0x94d049bb133111ebu;
    key ^= key >> 31;
    return key == 0 ? 1 : key;
}

static size_t
keys_home(const struct keys *keys, uint64_t key)
{
    __extension__ unsigned __int128 product = key;

    product *= keys->size;
    return (size_t)(product >> 64);
}

static size_t
keys_bytes(size_t size)
{
    return (size + KEYS_SPILL) * sizeof(struct keys_slot);
}

struct keys *
keys_new(void)
{
    struct keys *keys = mem_zalloc(sizeof(*keys));

    digest_random(&keys->seed, sizeof(keys->seed));
    keys->size = KEYS_FIRST_SLOTS;
    keys->slots = mmap(NULL, keys_bytes(keys->size), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (keys->slots == MAP_FAILED)
        abort();
    return keys;
}

void
keys_free(struct keys *keys)
{
    if (keys == NULL)
        return;
    (void)munmap(keys->slots, keys_bytes(keys->size));
    free(keys);
}

/* Pack all keys at the end of the larger table, then spread them out from its beginning. */
static void
keys_grow(struct keys *keys)
{
    size_t from = keys->size + KEYS_SPILL, to, next = 0;
    size_t size = keys->size < KEYS_DOUBLE_MAX ? keys->size * 2 : keys->size + KEYS_STEP;
    struct keys_slot *slots =
        mremap(keys->slots, keys_bytes(keys->size), keys_bytes(size), MREMAP_MAYMOVE);

    if (slots == MAP_FAILED)
        abort();
    keys->slots = slots;
    keys->size = size;
    for (to = size + KEYS_SPILL; from-- > 0;) {
        struct keys_slot slot = slots[from];

        slots[from].key = 0;
        if (slot.key != 0)
            slots[--to] = slot;
    }
    for (; to < size + KEYS_SPILL; to++) {
        struct keys_slot slot = slots[to];
        size_t home = keys_home(keys, slot.key);

        slots[to].key = 0;
        next = home > next ? home : next;
        slots[next++] = slot;
    }
}

/* Put a new key at `at`, moving those behind it up to the next empty slot. */
static bool
keys_insert(struct keys *keys, size_t at, struct keys_slot slot)
{
    size_t empty = at;

    while (empty < keys->size + KEYS_SPILL && keys->slots[empty].key != 0)
        empty++;
    if (empty == keys->size + KEYS_SPILL)
        return false;
    memmove(keys->slots + at + 1, keys->slots + at, (empty - at) * sizeof(slot));
    keys->slots[at] = slot;
    keys->used++;
    return true;
}

static enum keys_seen
keys_meet(struct keys *keys, struct keys_slot *slot, uint64_t content)
{
    if (slot->content == KEYS_CLASH)
        return KEYS_CONFLICT;
    if ((slot->content | KEYS_SEEN) != content) {
        slot->content = KEYS_CLASH;
        keys->conflicts++;
        return KEYS_CONFLICT;
    }
    if (slot->content == content)
        return KEYS_COPY;
    slot->content = content;
    return KEYS_NEW;
}

void
keys_prefetch(const struct keys *keys, uint64_t key)
{
    __builtin_prefetch(keys->slots + keys_home(keys, keys_spread(keys, key)), 1);
}

enum keys_seen
keys_add(struct keys *keys, uint64_t key, uint64_t content)
{
    struct keys_slot slot = {keys_spread(keys, key), content | KEYS_SEEN};

    if (keys->used >= keys->size / 100 * KEYS_FULL_PERCENT)
        keys_grow(keys);
    for (;;) {
        size_t at = keys_home(keys, slot.key), end = keys->size + KEYS_SPILL;

        while (at < end && keys->slots[at].key != 0 && keys->slots[at].key < slot.key)
            at++;
        if (at < end && keys->slots[at].key == slot.key)
            return keys_meet(keys, &keys->slots[at], slot.content);
        if (keys_insert(keys, at, slot))
            return KEYS_NEW;
        keys_grow(keys);
    }
}

uint64_t
keys_conflicts(const struct keys *keys)
{
    return keys->conflicts;
}

void
keys_again(struct keys *keys)
{
    for (size_t i = 0; i < keys->size + KEYS_SPILL; i++)
        keys->slots[i].content &= ~KEYS_SEEN;
}
