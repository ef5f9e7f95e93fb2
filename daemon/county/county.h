/*
 * county — one look at a county: which months must be judged, and judging them.
 *
 * Works on the caller's store and holds the county's advisory lock meanwhile, so
 * two programs never judge one county side by side.
 */
#ifndef COUNTY_H
#define COUNTY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "county/basis.h"
#include "county/retention.h"
#include "store/store.h"

/* Months, events and dropped rows of one look at a county. */
struct county_done {
    uint64_t months, touched; /* months judged; of these, months judged only for the affected */
    const char *why;          /* why the last of the others was judged in full, a static text */
    int64_t events;
    struct retention_done dropped;
};

/* Months to judge besides those whose input has changed. */
struct county_order {
    int32_t month; /* for everybody, with the present rules; 0: none */
    bool full;     /* every month for everybody, and every case anew */
};

/* Connect as the role that judges, with the configuration's limits. */
NODISCARD int county_connect(const struct config *config, struct store **ret_store,
                             struct err *err);

/*
 * Judge the months of the county of this index whose input has changed, and
 * what the order says, a transaction each; the last one settles months and
 * writes cases and events; then drop the rows of months that are too old. Adds to
 * `done` the work that was committed. ERR_MISSING when the order's month is none that can be
 * judged, ERR_CONFLICT when rows that it reads were dropped.
 */
NODISCARD int county_run(struct store *store, const struct basis *setup, size_t index,
                         const atomic_bool *stopping, struct county_order order,
                         struct county_done *done, struct err *err);

/* Whether a submission of the county is half in. */
NODISCARD int county_half_in(struct store *store, uint32_t county, bool *ret_half, struct err *err);

#endif
