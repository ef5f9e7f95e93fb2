/*
 * channel — how far a key's entries are committed.
 *
 * ops.channel holds the position; a struct channel is what one worker knows of
 * it between two entries. Every transaction that commits an entry moves the
 * position by channel_move, which fails when anybody else has moved it: that is
 * what counts each entry once. The database is right, never this copy.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "frame.h"
#include "store/store.h"
#include "intake/submission.h"

#define CHANNEL_NAME_MAX 64
#define CHANNEL_SEQ_MAX (UINT64_C(1) << 62)

struct channel {
    char name[CHANNEL_NAME_MAX + 1];
    bool known; /* an epoch is set; false before the first HELLO and after channel_accept */
    bool stopped;
    uint8_t epoch[FRAME_EPOCH_BYTES];
    uint64_t next_seq, generation;
    uint8_t previous[DIGEST_BYTES]; /* digest of the submission's batch before */
    bool half;                      /* a submission is half in */
    struct submission submission;   /* that one */
};

/* What a HELLO means for a position. */
enum channel_verdict {
    CHANNEL_GO_ON,       /* send from next_seq */
    CHANNEL_TAKE,        /* a new log: take its epoch and begin at its oldest entry */
    CHANNEL_STOP_EPOCH,  /* a new log while a submission of the old one is half in */
    CHANNEL_STOP_BEHIND, /* the log ends before our position: the spool was lost or set back */
    CHANNEL_STOP_AHEAD   /* the log begins after our position: this database was set back */
};
enum channel_verdict channel_judge(const struct channel *channel, const struct frame_hello *hello);

/* Read a position. ERR_MISSING when there is no such channel. */
NODISCARD int channel_load(struct store *store, const char *name, struct channel *ret_channel,
                           struct err *err);

/*
 * Begin a session, in a transaction of its own: the position goes by the
 * verdict, the generation is one more. ERR_CONFLICT with a hint when the
 * channel is stopped, now or before; ERR_PROTOCOL when the HELLO makes no sense.
 */
NODISCARD int channel_hello(struct store *store, const struct frame_hello *hello,
                            struct channel *ret_channel, struct err *err);

/*
 * Inside the caller's transaction: move the position from `seq` to `next_seq`
 * with `half` the submission that is then half in (0: none) and `previous` the
 * digest that the next batch must name. Returns 1 when it moved, 0 when the
 * position, epoch or generation is not what the channel says.
 */
NODISCARD int channel_move(struct store *store, const struct channel *channel, uint64_t seq,
                           uint64_t next_seq, uint32_t county, uint32_t half,
                           const uint8_t previous[DIGEST_BYTES], struct err *err);

/*
 * For the command `qianshao channel accept NAME`, as the role qs_ops: let a
 * stopped channel begin anew at its next HELLO. A submission that is half in is
 * discarded; the hub removes its rows then. ERR_MISSING, ERR_CONFLICT when it is
 * not stopped.
 */
NODISCARD int channel_accept(struct store *store, const char *name, struct err *err);

#endif
