/*
 * keys — which natural keys a file has had so far, and with which content.
 *
 * Sixteen bytes a key in one open-addressed table, whatever the key is made
 * of: 64 bits of its hash and 63 of its content's. Two keys of five million
 * share a hash once in a million files; both rows are then quarantined, which
 * a clerk sees, so nothing is lost. The table grows in place.
 */
#ifndef KEYS_H
#define KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct keys;

enum keys_seen {
    KEYS_NEW,     /* the first row of this key */
    KEYS_COPY,    /* an exact copy of an earlier row */
    KEYS_CONFLICT /* the key has differing contents, from now on */
};

struct keys *keys_new(void);
void keys_free(struct keys *keys);
AUTO_DEFINE(struct keys, keys_free)

/* Have the processor fetch a key's place before keys_add needs it. */
void keys_prefetch(const struct keys *keys, uint64_t key);

/* Add a row and say whether its key is new, has the same content, or another one. */
enum keys_seen keys_add(struct keys *keys, uint64_t key, uint64_t content);

/* How many keys conflict. */
uint64_t keys_conflicts(const struct keys *keys);

/* Begin the second reading: conflicting keys stay known, all others count as not yet seen. */
void keys_again(struct keys *keys);

#endif
