/*
 * submission — a submission as ops.submission keeps it.
 *
 * Numbering, loading, counting and ending. Everything runs inside the caller's
 * transaction on the caller's store; nothing here decides (intake does), and
 * the receipt that the agency gets of it is made by `receipt`.
 */
#ifndef DAEMON_SUBMISSION_H
#define DAEMON_SUBMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "frame.h"
#include "record.h"
#include "store/store.h"

#define SUBMISSION_NAME_MAX 64 /* bytes of a producer's or record type's name */

/* OPEN: half in. VISIBLE, DUPLICATE and REFUSED are how it ends by its content; DISCARDED, given up
   by an operator. */
enum submission_state {
    SUBMISSION_OPEN,
    SUBMISSION_VISIBLE,
    SUBMISSION_DUPLICATE,
    SUBMISSION_REFUSED,
    SUBMISSION_DISCARDED
};

/* "open", "visible", … as ops.submission has them, and back. */
const char *submission_state_name(enum submission_state state);
enum submission_state submission_state_of(const char *name);

/* Why a submission is refused, for the log and for the clerk. code ERR_NONE: it is not. */
struct submission_refusal {
    enum err_code code;
    char text[256], text_zh[384];
};

/* Record a refusal: English and Chinese of the same sentence. */
void submission_refuse(struct submission_refusal *refusal, enum err_code code, const char *text,
                       const char *text_zh);

/* Sums over rows that were read: of a batch, or of a submission so far. */
struct submission_counts {
    uint64_t rows, unresolved; /* as sent */
    uint64_t stored,
        quarantined; /* in the feed table; in quarantine, refused by the sender or the hub */
    uint32_t batches;
    int64_t totals[FRAME_TOTALS_MAX]; /* fen, one a money field */
};

/* The submission that is half in on a channel. */
struct submission {
    uint32_t county, number;
    uint8_t digest[DIGEST_BYTES];
    uint64_t first_seq, last_seq;
    char producer[SUBMISSION_NAME_MAX + 1];
    const struct record_type *type;
    uint32_t period; /* YYYYMM */
    enum frame_submission kind;
    uint32_t wanted; /* revision as sent; 0: the next */
    bool nil;
    uint64_t expected_rows, expected_unresolved;
    uint32_t expected_batches;
    struct submission_counts counts;
    struct digest running;
};

/* Add `more` to `counts`; sums wrap around as the adapter's do. */
void submission_count(struct submission_counts *counts, const struct submission_counts *more);

/* "full", "delta", "correction". */
const char *submission_kind(enum frame_submission kind);

/* How many totals a record type has: its money fields. */
size_t submission_totals(const struct record_type *type);

/* Load a submission that is half in. ERR_CONFLICT when its record type is unknown to this build. */
NODISCARD int submission_load(struct store *store, uint32_t county, uint32_t number,
                              struct submission *ret_submission, struct err *err);

/* Take the county's next number. */
NODISCARD int submission_next_number(struct store *store, uint32_t county, uint32_t *ret_number,
                                     struct err *err);

/* How a submission starts in the table. */
struct submission_start {
    uint32_t number;
    const char *channel;
    const uint8_t *epoch;        /* FRAME_EPOCH_BYTES */
    enum submission_state state; /* OPEN, DUPLICATE or REFUSED */
    uint32_t revision;           /* of a duplicate */
    const struct submission_refusal
        *refusal; /* its texts also name the submission that a duplicate repeats */
};
NODISCARD int submission_insert(struct store *store, const struct frame_open *open,
                                const struct submission_start *start, struct err *err);

/*
 * Write counts and the running digest of a submission that is half in. ERR_CONFLICT when it is not.
 */
NODISCARD int submission_save(struct store *store, const struct submission *submission,
                              struct err *err);

/* Remove a submission's rows and quarantined rows. */
NODISCARD int submission_purge(struct store *store, const struct record_type *type, uint32_t county,
                               uint32_t number, struct err *err);

/* How a submission ends. `warnings` is a PostgreSQL array: "{identical,partial}". */
struct submission_end {
    enum submission_state state; /* VISIBLE, DUPLICATE or REFUSED */
    uint32_t revision;           /* 0: none */
    const struct submission_refusal *refusal;
    bool partial;
    const char *warnings;
    uint64_t stored, quarantined;
};
NODISCARD int submission_finish(struct store *store, const struct submission *submission,
                                const struct submission_end *end, struct err *err);

#endif
