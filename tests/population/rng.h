/*
 * rng — reproducible chance.
 *
 * Two kinds: a stream, for building things in order, and a roll, a hash of
 * (seed, entity, purpose) that gives the same answer whenever it is asked, so
 * that attributes need not be stored.
 */
#ifndef RNG_H
#define RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

/* The finalizer of splitmix64. */
static inline uint64_t
rng_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9U;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

/* Return the stream's next number below `n`, which is positive. */
static inline unsigned
rng_below(struct rng *rng, unsigned n)
{
    rng->state += 0x9e3779b97f4a7c15U;
    return (unsigned)(rng_mix(rng->state) % n);
}

/* Return the stream's next number from `low` to `high`, both included. */
static inline int
rng_range(struct rng *rng, int low, int high)
{
    return low + (int)rng_below(rng, (unsigned)(high - low + 1));
}

/* Return the roll of `entity` for `purpose`, below `n`, which is positive. */
static inline unsigned
rng_roll(uint64_t seed, uint64_t entity, uint64_t purpose, unsigned n)
{
    uint64_t x = seed + entity * 0x9e3779b97f4a7c15U + (purpose + 1) * 0xd1342543de82ef95U;

    return (unsigned)(rng_mix(rng_mix(x)) % n);
}

#endif
