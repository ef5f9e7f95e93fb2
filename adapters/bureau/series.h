/*
 * series — the newest case_seq of each case.
 *
 * A table in memory from a 64-bit hash of the case id; it serves a warning when
 * a case's events do not follow one another, so a collision costs a log line.
 */
#ifndef SERIES_H
#define SERIES_H

#include <stddef.h>
#include <stdint.h>

struct series_slot {
    uint64_t key; /* 0: empty */
    uint32_t case_seq;
};

/* {0} is empty. */
struct series {
    struct series_slot *slots;
    size_t size, count; /* size is a power of two */
};

void series_done(struct series *series);

/* Return the newest case_seq of a case, 0 when it is not there. */
uint32_t series_find(const struct series *series, const char *case_id, size_t len);

/* Note a case's newest case_seq. */
void series_set(struct series *series, const char *case_id, size_t len, uint32_t case_seq);

#endif
