#include "bureau/series.h"

#include <stdlib.h>

#include "base/mem.h"

#define SERIES_FIRST 1024

/* FNV-1a, 64 bits. */
static uint64_t
series_key(const char *case_id, size_t len)
{
    uint64_t key = 0xcbf29ce484222325U;

    for (size_t i = 0; i < len; i++)
        key = (key ^ (unsigned char)case_id[i]) * 0x100000001b3U;
    return key == 0 ? 1 : key;
}

/* The key's slot, or the empty one where it belongs. */
static struct series_slot *
series_slot(const struct series *series, uint64_t key)
{
    size_t at = (size_t)key & (series->size - 1);

    while (series->slots[at].key != 0 && series->slots[at].key != key)
        at = (at + 1) & (series->size - 1);
    return &series->slots[at];
}

static void
series_grow(struct series *series)
{
    struct series old = *series;

    series->size = old.size == 0 ? SERIES_FIRST : old.size * 2;
    series->slots = mem_zalloc(series->size * sizeof(*series->slots));
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i].key != 0)
            *series_slot(series, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

void
series_done(struct series *series)
{
    free(series->slots);
    *series = (struct series){0};
}

uint32_t
series_find(const struct series *series, const char *case_id, size_t len)
{
    return series->size == 0 ? 0 : series_slot(series, series_key(case_id, len))->case_seq;
}

void
series_set(struct series *series, const char *case_id, size_t len, uint32_t case_seq)
{
    uint64_t key = series_key(case_id, len);
    struct series_slot *slot;

    if (series->count * 4 >= series->size * 3)
        series_grow(series);
    slot = series_slot(series, key);
    if (slot->key == 0)
        series->count++;
    *slot = (struct series_slot){.key = key, .case_seq = case_seq};
}
