/*
 * spool — whole submissions on disk until the hub has acknowledged them.
 *
 * Directory: `lock` (held by the one owner), `epoch` (16 random bytes as hex and the
 * first sequence number), `acked` (next_seq that the hub has committed),
 * `incoming/<uuid>.sub` (whole, durable, not yet numbered),
 * `queue/<first_seq>-<last_seq>-<uuid>.sub` (numbered by the owner), `receipts/<uuid>.json`.
 * A submission is written to a temporary file, fsynced, renamed and its
 * directory fsynced: it is in the spool whole or not at all, at whatever byte
 * the process dies. Any process may add to incoming/ and read receipts, which
 * is what this module is for; only the owner numbers, sends and removes
 * (queue.h).
 *
 * A file is a header and the batches, each with its length and SHA-256
 * (subfile.h); a damaged file is set aside as `*.damaged` and reported,
 * never sent. Acknowledged submissions stay `retain_days` for RESEND. The spool
 * is bounded by `bytes_max`: above it a new submission is refused with
 * ERR_LIMIT. A submission with --no-wait counts once it is in incoming/.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "frame.h"
#include "sdk/spool/subfile.h"

#define SPOOL_NAME_BYTES 96

struct spool;

/* The feed, period, kind and uuid of a submission; texts are borrowed for the call. */
struct spool_meta {
    uint8_t uuid[FRAME_UUID_BYTES];
    const char *producer, *record_type;
    uint32_t county, period; /* YYYYMM */
    enum frame_submission kind;
    uint32_t revision; /* 0: the hub's next */
    bool nil;
    const char *file; /* path of the agency's file, for the receipt next to it; may be "" */
};

struct spool_limits {
    uint64_t bytes_max;
    int retain_days;
};

/*
 * Open or create a spool at `dir`. Many processes may have it open. ERR_SYSTEM when it cannot be.
 */
NODISCARD int spool_open(const char *dir, const struct spool_limits *limits,
                         struct spool **ret_spool, struct err *err);
void spool_close(struct spool *spool);
AUTO_DEFINE(struct spool, spool_close)

/* ---- writing, any process ---- */

struct spool_writer;

/* Begin a submission in a temporary file. ERR_LIMIT when the spool is full. */
NODISCARD int spool_writer_begin(struct spool *spool, const struct spool_meta *meta,
                                 struct spool_writer **ret_writer, struct err *err);

/* Add one batch payload (at most FRAME_PAYLOAD_BYTES, from record_encode). */
NODISCARD int spool_writer_batch(struct spool_writer *writer, const void *payload, size_t len,
                                 uint32_t rows, uint32_t unresolved, struct err *err);

/*
 * Make it durable and visible in incoming/. `totals` are the sums of the money
 * fields in field order. Frees the writer in success and failure; on failure
 * nothing is left.
 */
NODISCARD int spool_writer_commit(struct spool_writer *writer, const int64_t *totals,
                                  size_t total_count, uint8_t ret_digest[DIGEST_BYTES],
                                  struct err *err);

/* Give up a submission and remove its file; NULL is allowed. */
void spool_writer_abort(struct spool_writer *writer);
AUTO_DEFINE(struct spool_writer, spool_writer_abort)

/* ---- looking, any process ---- */

/*
 * Return the receipt of a submission as JSON text (owned by the caller), or
 * NULL when there is none yet.
 */
char *spool_receipt(const struct spool *spool, const uint8_t uuid[FRAME_UUID_BYTES]);

enum spool_state {
    SPOOL_INCOMING, /* durable, not yet numbered */
    SPOOL_QUEUED,   /* numbered, not yet committed by the hub as far as is known */
    SPOOL_ACKED,    /* committed, the receipt is on its way */
    SPOOL_ANSWERED, /* its receipt is there */
    SPOOL_DAMAGED   /* the file cannot be read */
};

/* One submission of the spool. */
struct spool_row {
    enum spool_state state;
    uint64_t first_seq, last_seq; /* 0 in incoming/ */
    char name[SPOOL_NAME_BYTES];  /* of the file */
    struct subfile_head head;     /* only uuid is set when damaged */
};

/* Called for each; returns false to stop. */
typedef bool spool_list_fn(void *context, const struct spool_row *row);

/* The directories of a spool. */
enum spool_place {
    SPOOL_ROOT,
    SPOOL_INCOMING_DIR,
    SPOOL_QUEUE_DIR,
    SPOOL_RECEIPTS_DIR,
    SPOOL_PLACES
};

/* Walk over the submissions in incoming/ or in queue/, in no order. */
NODISCARD int spool_list(const struct spool *spool, enum spool_place place, spool_list_fn *fn,
                         void *context, struct err *err);

/* Bytes that the submissions take on disk. */
uint64_t spool_bytes(const struct spool *spool);

/* Read the files `epoch` and `acked`; false when one is not there yet or cannot be read. */
bool spool_epoch(const struct spool *spool, uint8_t ret_epoch[FRAME_EPOCH_BYTES],
                 uint64_t *ret_first_seq);
bool spool_acked(const struct spool *spool, uint64_t *ret_next_seq);

/* ---- for the owner (queue.c) ---- */

/* Descriptor of a directory of the spool, which stays the spool's. */
int spool_dir(const struct spool *spool, enum spool_place place);
const struct spool_limits *spool_limits(const struct spool *spool);

/* Names: "<uuid>.sub" and "<first>-<last>-<uuid>.sub"; read returns false for any other name. */
void spool_name(const uint8_t uuid[FRAME_UUID_BYTES], const char *suffix,
                char ret_name[SPOOL_NAME_BYTES]);
void spool_queue_name(uint64_t first_seq, uint64_t last_seq, const uint8_t uuid[FRAME_UUID_BYTES],
                      char ret_name[SPOOL_NAME_BYTES]);
bool spool_name_read(const char *name, uint8_t ret_uuid[FRAME_UUID_BYTES]);
bool spool_queue_name_read(const char *name, uint64_t *ret_first_seq, uint64_t *ret_last_seq,
                           uint8_t ret_uuid[FRAME_UUID_BYTES]);

#endif
