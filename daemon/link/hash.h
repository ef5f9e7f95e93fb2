/*
 * hash — 64-bit hashes of bytes, for equality of names, addresses and keys.
 *
 * Not for adversaries: two records that collide would be compared field by
 * field all the same. 0 stands for "nothing" and is never a hash.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Mix two words into one. */
static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)(a ^ 0x9E3779B97F4A7C15U) * (b ^ 0xD1B54A32D192ED03U);

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t
hash_bytes(const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    uint64_t hash = len, word;

    for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        hash = hash_mix(hash, word);
    }
    word = 0;
    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)at[i] << (8 * i);
    hash = hash_mix(hash_mix(hash, word), 0x2545F4914F6CDD1DU);
    return hash == 0 ? 1 : hash;
}

#endif
