/*
 * subfile — the file that holds one whole submission.
 *
 * Layout, integers big-endian: a header of SUBFILE_HEADER_BYTES (magic, what
 * the submission is, counts, totals, digest, size of the file, SHA-256 of the
 * header itself), then for each batch a batch header (mark, length, rows,
 * unresolved rows, SHA-256) and its payload. The header is written last, so a
 * file that was not finished, was cut or was changed is known as damaged.
 *
 * Reading takes one batch into memory at a time. Opening verifies every byte.
 */
#ifndef SUBFILE_H
#define SUBFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "frame.h"

#define SUBFILE_HEADER_BYTES 8192
#define SUBFILE_BATCH_HEADER_BYTES 48
#define SUBFILE_TEXT_BYTES 65   /* producer, record type; with the NUL */
#define SUBFILE_PATH_BYTES 4097 /* of the agency's file */
#define SUBFILE_BATCHES_MAX 1000000

struct subfile_head {
    uint8_t uuid[FRAME_UUID_BYTES];
    char producer[SUBFILE_TEXT_BYTES], record_type[SUBFILE_TEXT_BYTES];
    char file[SUBFILE_PATH_BYTES];
    uint32_t county, period; /* YYYYMM */
    enum frame_submission kind;
    uint32_t revision;
    bool nil;
    int64_t created_us;
    uint64_t rows, unresolved, bytes; /* bytes of the whole file */
    uint32_t batches;
    uint8_t digest[DIGEST_BYTES];
    size_t total_count;
    int64_t totals[FRAME_TOTALS_MAX];
};

struct subfile_batch {
    uint64_t offset; /* of the payload */
    uint32_t len, rows, unresolved;
    uint8_t digest[DIGEST_BYTES];
};

/* ---- writing ---- */

struct subfile_writer;

/*
 * Create the file `name` below `dir`; `head` says what it is, its counts are ignored. ERR_SYSTEM.
 */
NODISCARD int subfile_create(int dir, const char *name, const struct subfile_head *head,
                             struct subfile_writer **ret_writer, struct err *err);

/*
 * Append a batch. ERR_LIMIT when the payload, the number of batches or the disk is over its limit.
 */
NODISCARD int subfile_add(struct subfile_writer *writer, const void *payload, size_t len,
                          uint32_t rows, uint32_t unresolved, struct err *err);

/* Write the header and make the file's content durable. */
NODISCARD int subfile_seal(struct subfile_writer *writer, const int64_t *totals, size_t total_count,
                           struct err *err);

/* The header as far as it is known; after subfile_seal all of it. */
const struct subfile_head *subfile_written(const struct subfile_writer *writer);

/* Close the file, wherever it stands; it stays on disk. NULL is allowed. */
void subfile_finish(struct subfile_writer *writer);
AUTO_DEFINE(struct subfile_writer, subfile_finish)

/* ---- reading ---- */

struct subfile;

/*
 * Read the header and compare the file's size with it. ERR_MISSING when there is no such file,
 * ERR_INPUT when it is damaged, ERR_SYSTEM when it cannot be read.
 */
NODISCARD int subfile_peek(int dir, const char *name, struct subfile_head *ret_head,
                           struct err *err);

/* Open a file and verify all of it. Fails as subfile_peek does. */
NODISCARD int subfile_open(int dir, const char *name, struct subfile **ret_subfile,
                           struct err *err);
void subfile_close(struct subfile *subfile);
AUTO_DEFINE(struct subfile, subfile_close)

const struct subfile_head *subfile_head(const struct subfile *subfile);

/* Return the batch at `index` (below head->batches). */
const struct subfile_batch *subfile_batch(const struct subfile *subfile, uint32_t index);

/* Read a batch's payload; it lives until the next call or the close. */
NODISCARD int subfile_payload(struct subfile *subfile, uint32_t index, const uint8_t **ret_payload,
                              struct err *err);

#endif
