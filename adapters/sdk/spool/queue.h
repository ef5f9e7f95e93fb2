/*
 * queue — the owner's view of a spool: numbering, reading, acknowledging, removing.
 *
 * A queue exists for the one process that holds the spool's lock. It takes
 * submissions from incoming/ in the order in which they were begun and gives
 * each a run of sequence numbers: one for OPEN, one a batch, one for CLOSE. The
 * rename into queue/ is the numbering; it is durable before any entry is read.
 *
 * Numbers belong to an epoch. When a submission that the hub has not taken is
 * damaged, the numbers behind it go on under a new epoch (queue_set_aside),
 * because the hub would wait for the damaged ones for ever.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "frame.h"
#include "sdk/spool/spool.h"

struct queue;

/*
 * Try to become the owner of `spool`, which must outlive the queue. Returns 1
 * with the queue, 0 when another process is the owner, -1 with ERR_SYSTEM, or
 * ERR_CONFLICT when two files claim the same numbers.
 */
NODISCARD int queue_own(struct spool *spool, struct queue **ret_queue, struct err *err);

/* Give up ownership; `acked` is written. NULL is allowed. */
void queue_close(struct queue *queue);
AUTO_DEFINE(struct queue, queue_close)

/*
 * Number the submissions that wait in incoming/. A damaged file is set aside with a receipt
 * that says so and counted. ERR_SYSTEM; submissions that were numbered before stay so.
 */
NODISCARD int queue_adopt(struct queue *queue, size_t *ret_damaged, struct err *err);

/*
 * A descriptor that becomes readable when something enters incoming/, or -1; queue_adopt drains it.
 */
int queue_doorbell(const struct queue *queue);

/* Where the queue stands. The entries that it holds of its epoch: [first_seq, next_seq). */
struct queue_position {
    uint8_t epoch[FRAME_EPOCH_BYTES];
    uint64_t first_seq, next_seq;
    uint64_t acked; /* everything below is committed at the hub */
    /* last_seq of the oldest submission of the epoch without a receipt; 0: none */
    uint64_t receipts_from;
};
struct queue_position queue_position(const struct queue *queue);

/* One entry, ready to be sent. Texts and payload live until the next call on the queue. */
struct queue_item {
    struct frame frame; /* OPEN, BATCH or CLOSE */
    const uint8_t *payload;
    size_t payload_len; /* 0 and NULL but for a batch */
};

/*
 * Read the entry `seq`. Returns 1, 0 when the queue does not hold it (past its end,
 * or removed), -1 with ERR_INPUT when its submission is damaged and with
 * ERR_SYSTEM when it cannot be read now. A submission is verified whole before
 * its first entry is given out.
 */
NODISCARD int queue_read(struct queue *queue, uint64_t seq, struct queue_item *ret_item,
                         struct err *err);

/*
 * Note the position up to which the hub has committed. It is on disk after queue_save or
 * queue_close.
 */
void queue_acknowledge(struct queue *queue, uint64_t next_seq);
NODISCARD int queue_save(struct queue *queue, struct err *err);

/*
 * Keep the receipt of a submission, durably. `ret_head` says what it was.
 * Returns 1, 0 when the queue does not know the submission, -1 with ERR_SYSTEM.
 */
NODISCARD int queue_answer(struct queue *queue, const uint8_t uuid[FRAME_UUID_BYTES],
                           const char *json, size_t len, struct err *err);

/* Read the head of a submission; returns -1 when the queue does not know it or it is damaged. */
NODISCARD int queue_find(const struct queue *queue, const uint8_t uuid[FRAME_UUID_BYTES],
                         struct subfile_head *ret_head);

/*
 * Set aside the damaged submission that holds `seq`: write a receipt that asks for the file
 * again, begin a new epoch behind it, rename it. Call it only once everything before it is
 * acknowledged and answered (queue_answered_before). `ret_head` tells what is still known of it;
 * its uuid is zeros when its file is gone.
 */
NODISCARD int queue_set_aside(struct queue *queue, uint64_t seq, struct subfile_head *ret_head,
                              struct err *err);

/* Whether every submission of the epoch whose last number is below `seq` has its receipt. */
bool queue_answered_before(const struct queue *queue, uint64_t seq);

/*
 * Remove submissions that were answered more than retain_days ago; the newest always stays, to keep
 * the count.
 */
NODISCARD int queue_retire(struct queue *queue, struct err *err);

#endif
