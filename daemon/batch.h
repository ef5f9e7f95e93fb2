/*
 * batch — puts the rows of one batch into the database.
 *
 * One transaction: the channel moves, usable rows go by COPY into the feed
 * table, the others into ops.quarantine, the submission's counters and running
 * digest go on. Rows travel from the payload into COPY's bytes without an
 * object of their own.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "channel.h"
#include "frame.h"
#include "store.h"
#include "submission.h"

struct batch {
    const struct frame_batch *frame;
    const uint8_t *payload;
    size_t len;
    int32_t today;
    bool bisect; /* PostgreSQL refuses these rows: find those at fault and quarantine them */
};

/* Whether the payload is what its frame says: its digest. */
bool batch_intact(const struct batch *batch);

/*
 * Take a batch at the channel's position. Returns 1 when committed: the channel
 * has moved in memory, too; 0 when the database's position is another one.
 *
 * ERR_PROTOCOL when no submission is half in or the batch is not one of its
 * own; ERR_INPUT when the submission cannot be taken whatever follows (rows
 * that cannot be read, counts that differ): it must be refused. ERR_STORE with
 * store_refused_data() when PostgreSQL refuses rows.
 */
NODISCARD int batch_take(struct store *store, struct channel *channel, const struct batch *batch,
                         struct err *err);

#endif
