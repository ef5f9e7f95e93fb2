/*
 * batch — puts the rows of one batch into the database.
 *
 * One transaction in two steps. batch_copy brings the rows in: usable ones by
 * COPY into the feed table, the others into ops.quarantine. batch_commit moves
 * the channel, with it the submission's counters and running digest, and
 * commits. The first step needs only to know the submission, so it may run
 * while the batch before is still being committed on another connection; the
 * second must wait for its turn. Rows travel from the payload into COPY's bytes
 * without an object of their own.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "intake/channel.h"
#include "frame.h"
#include "store/store.h"
#include "intake/submission.h"

struct batch;

/* The frame and payload that a batch is made of; everything is borrowed until batch_free. */
struct batch_source {
    const struct frame_batch *frame;
    const uint8_t *payload;
    size_t len;
    int32_t today;
    bool divide; /* PostgreSQL refuses rows: find the rows at fault and quarantine them */
};

/* Whether the payload has the digest that the BATCH names. */
bool batch_intact(const struct batch_source *source);

/* Whether a channel's submission that is half in announced this batch. */
bool batch_expected(const struct channel *channel, const struct frame_batch *frame);

/* Make a batch of the channel's submission; of `channel`, a copy is kept. */
struct batch *batch_new(struct store *store, const struct channel *channel,
                        const struct batch_source *source);

/* Free a batch; one that is not committed is rolled back. NULL is allowed. */
void batch_free(struct batch *batch);
AUTO_DEFINE(struct batch, batch_free)

/*
 * Begin the transaction and bring the rows in. ERR_INPUT when the submission cannot be taken
 * whatever follows (rows that cannot be read, counts that differ): it must be
 * refused. ERR_STORE with store_refused_data() when PostgreSQL refuses rows.
 */
NODISCARD int batch_copy(struct batch *batch, struct err *err);

/* Whether the batch was made of the same submission in the same session. */
bool batch_fits(const struct batch *batch, const struct channel *channel);

/*
 * Move the channel and commit. Returns 1 when committed: the channel has moved in memory, too; 0
 * when the database's position is another one. ERR_INPUT as above when the batch names another
 * one as the one before it.
 */
NODISCARD int batch_commit(struct batch *batch, struct channel *channel, struct err *err);

#endif
