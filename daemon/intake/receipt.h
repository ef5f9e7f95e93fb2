/*
 * receipt — tells the agency what became of its submissions.
 *
 * Every receipt is made from ops.submission, so one sent again says what the
 * first one said.
 */
#ifndef RECEIPT_H
#define RECEIPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/store.h"

/* Receipts of one answer, which a peer's queue can hold; the rest follow its next HELLO. */
#define RECEIPT_MAX 500

/* Encoded RECEIPT frames, oldest first. {0} is empty. */
struct receipts {
    struct buf *items;
    size_t count;
};
void receipt_done(struct receipts *receipts);

/*
 * Append a receipt for each ended submission of a channel and epoch whose
 * CLOSE has a number in [from_seq, to_seq); of those with one number the newest:
 * a channel that was accepted anew may use its numbers again.
 */
NODISCARD int receipt_load(struct store *store, const char *channel, const uint8_t *epoch,
                           uint64_t from_seq, uint64_t to_seq, struct receipts *receipts,
                           struct err *err);

#endif
