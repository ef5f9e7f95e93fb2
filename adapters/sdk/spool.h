/*
 * spool — whole submissions on disk until the hub has acknowledged them.
 *
 * Directory: `lock` (held by the one owner), `epoch` (16 random bytes as hex and the
 * first sequence number), `acked` (next_seq that the hub has committed),
 * `incoming/<uuid>.sub` (whole, durable, not yet numbered), `queue/<first_seq>-<last_seq>.sub`
 * (numbered by the owner), `receipts/<uuid>.json`. A submission is written to
 * a temporary file, fsynced, renamed and its directory fsynced: it is in the
 * spool whole or not at all, at whatever byte the process dies. Any process may
 * add to incoming/; only the owner numbers, sends and removes.
 *
 * A file is a header and the batches, each with its length and SHA-256; a
 * damaged file is set aside as `*.damaged` and reported, never sent.
 * Acknowledged submissions stay `retain_days` for RESEND. The spool is bounded
 * by `bytes_max`: above it a new submission is refused with ERR_LIMIT.
 * A submission with --no-wait counts once it is in incoming/.
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

#define SPOOL_BATCH_BYTES (512 * 1024) /* a batch is cut at the first row that reaches it */

struct spool;

/* What a submission is; texts are borrowed for the call. */
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

/* Open or create a spool below `dir`. Many processes may have it open; see spool_own. */
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

/* Return the receipt of a submission as JSON text (owned by the caller), or NULL when there is none yet. */
char *spool_receipt(struct spool *spool, const uint8_t uuid[FRAME_UUID_BYTES]);

/* ---- owner only; see spool.c's session ---- */

/* Try to become the owner: returns 1, 0 when another process is, -1 on failure. */
NODISCARD int spool_own(struct spool *spool, struct err *err);

#endif
