/*
 * retention — drops the rows of old months, and says which months are closed by it.
 *
 * A row goes once its period is store.retain_months old and no month that may
 * still be judged reads it: the base of a roster whose later periods only brought
 * changes, the twelve months of a sum and the earlier register of X02 stay as
 * long as they are needed. Findings, cases, audit, and the submissions'
 * own lines with their digests stay for ever. Age is counted from the newest
 * judged month, so it is a function of what was received and not of the day.
 *
 * Called by the program that holds the county's lock, between judgings. It does not log.
 */
#ifndef RETENTION_H
#define RETENTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record.h"
#include "store/store.h"

/* Submissions and rows that were dropped. */
struct retention_done {
    uint64_t submissions, rows;
};

/* The first period of a record type whose rows are kept for their age alone, when `newest` is the
   newest judged month; 0: all are. */
int32_t retention_first(const struct record_type *type, int32_t newest, int months);

/*
 * Whether a month is closed: rows that it reads may be gone, so it keeps what
 * was found in it. `through` is the newest period of which rows were dropped, 0
 * for none.
 */
bool retention_closes(int32_t month, int32_t newest, int months, int32_t through);

/* The newest period of which rows were dropped, or 0. */
NODISCARD int retention_through(struct store *store, uint32_t county, int32_t *ret_through,
                                struct err *err);

/*
 * Drop what is old, a transaction a submission, until done or `stopping` (may be
 * NULL), and the details of people that only judging closed months again would need. Adds to
 * `done` what was committed.
 */
NODISCARD int retention_drop(struct store *store, uint32_t county, int32_t newest, int months,
                             const atomic_bool *stopping, struct retention_done *done,
                             struct err *err);

#endif
