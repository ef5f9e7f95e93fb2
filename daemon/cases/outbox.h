/*
 * outbox — writes the events about changed cases.
 *
 * Reads the tables `due` and `held` that `cases` has made in the present
 * transaction, and the register's content for names, which are masked here:
 * no event holds a name or a number in full. Numbers come without gaps in the
 * order of commits, since the counter's row is locked until then.
 */
#ifndef OUTBOX_H
#define OUTBOX_H

#include <stdint.h>

#include "rules/rules.h"
#include "store/store.h"

#define OUTBOX_ROUTE "bureau" /* the bureau gets every case */

/* Write an event for every row of `due`. */
NODISCARD int outbox_write(struct store *store, uint32_t county, const struct rules *rules,
                           int64_t *ret_events, struct err *err);

/* The age band of a person on a date; minors are those below 18. */
const char *outbox_age_band(int age);

#endif
