/*
 * prepare — the whole way of an agency's file to a submission.
 *
 * One streaming pass: read, map the columns, convert the cells, check the row,
 * then either a record or a refused row, in batches into a sink (sink.h) —
 * or, when the sink takes none, a dry run for `check` that answers the same. Memory is
 * bounded whatever the file holds: one line of the file, one batch, 16 bytes a
 * good row to find double keys, 8 bytes a refused row. Only when a natural key
 * turns up with differing content is the file read a second time, because then
 * the first row of that key was already on its way.
 *
 * A file that cannot be used is not a failure: the call returns 0 and
 * `result.refusal.code` says why. The sink keeps nothing of it then.
 *
 * It does not know the hub: what only the hub can judge (same as last month,
 * fewer rows than usual, revision conflicts) is judged there.
 */
#ifndef PREPARE_H
#define PREPARE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/json.h"
#include "frame.h"
#include "record.h"
#include "sdk/prepare/mapping.h"
#include "base/refusal.h"
#include "sdk/prepare/sink.h"
#include "sdk/prepare/table.h"

#define PREPARE_REASONS (RECORD_REASON_LAST + 1)
#define PREPARE_UNKNOWN_MAX TABLE_UNKNOWN_MAX   /* unknown columns named */
#define PREPARE_COLUMN_BYTES TABLE_COLUMN_BYTES /* of one name */
#define PREPARE_WARNINGS_MAX 16
#define PREPARE_ROWS_MAX 20000000 /* rows of a submission; 16 bytes of memory each */

/* The file, its record type, period, county and limits. Everything is borrowed for the call. */
struct prepare_options {
    const char *path;               /* NULL or "" for a nil report without a file */
    const struct record_type *type; /* from --type, filename_parse or prepare_guess; never NULL */
    const struct mapping *mapping;  /* of the adapter's YAML; may be NULL */
    const char *producer;
    uint32_t county; /* six digits */
    int32_t period;  /* YYYYMM */
    int32_t named;   /* the month that the file's name says; 0: none */
    enum frame_submission kind;
    uint32_t revision; /* 0: the hub's next */
    bool nil;
    int reject_above_percent; /* 0..100; the whole file is refused above */
    int32_t today;            /* clock_today() */
    bool rejects;             /* write the reject report, or remove it when no row is refused */
    const char *base;         /* path by which receipt and report are named; NULL: the file's own */
    bool split;               /* rows of other counties, by the mapping's column, are passed over */
    bool book;                /* the report as .xlsx too, even when the file is no spreadsheet */
};

struct prepare_warning {
    const char *code; /* stable word: "unknown_columns", "short_ids", "copies", … */
    char zh[256], en[256];
};

struct prepare_result {
    struct refusal refusal; /* REFUSAL_NONE: the file is (or would be) a submission */

    const struct record_type *type;
    enum frame_submission kind;
    bool nil;
    uint64_t rows;                     /* data rows in the file; = stored + collapsed + refused */
    uint64_t stored;                   /* records made, deletions of a delta among them */
    uint64_t removed;                  /* deletions */
    uint64_t collapsed;                /* exact copies of an earlier row */
    uint64_t refused;                  /* rows that cannot be used */
    uint64_t blank;                    /* empty rows, not counted in rows; nor are: */
    uint64_t tails;                    /* sums and what stands at a form's foot, dropped */
    uint64_t tests;                    /* rows that somebody typed to try the system, dropped */
    uint64_t examples;                 /* the template's example row, dropped */
    uint64_t reasons[PREPARE_REASONS]; /* of the refused rows, by enum record_reason */
    uint64_t column_bad[RECORD_FIELDS_MAX];    /* of the refused rows, by field */
    uint64_t column_filled[RECORD_FIELDS_MAX]; /* not empty, of the stored, by field */

    size_t total_count;               /* money fields */
    int64_t totals[FRAME_TOTALS_MAX]; /* fen, over the stored rows, in field order, modulo 2^64 */

    size_t unknown_count; /* columns of the file that the record type does not have */
    char unknown[PREPARE_UNKNOWN_MAX][PREPARE_COLUMN_BYTES];
    size_t warning_count;
    struct prepare_warning warnings[PREPARE_WARNINGS_MAX];

    struct sink_row *rejects; /* in the order of the file; owned by the result */
    size_t reject_count;
    bool rejects_written; /* the report is there */
    struct sink_report report;

    uint8_t uuid[FRAME_UUID_BYTES]; /* of the submission in the sink; zeros in a dry run */
    uint8_t digest[DIGEST_BYTES];   /* over the encoded records and refused rows */
};

/*
 * Read a file and make a submission of it. `sink->begin` NULL: dry run.
 *
 * Returns 0 with the answer in `ret_result` (also for a refused file), or -1:
 * ERR_MISSING no such file, ERR_SYSTEM reading failed, ERR_INPUT the file
 * changed while it was read, or what the sink failed with. After -1 and after a
 * refusal the submission was aborted; `ret_result` may always be given to
 * prepare_result_done.
 */
NODISCARD int prepare_run(const struct prepare_options *options, const struct sink *sink,
                          struct prepare_result *ret_result, struct err *err);

/* Free the lists and texts of a result. Allowed on {0} and twice. */
void prepare_result_done(struct prepare_result *result);

/*
 * Find the record type of a sector whose columns match the file's header best.
 * `*ret_type` is NULL and `ret_refusal` says why when none does or two do.
 * ERR_MISSING and ERR_SYSTEM as above.
 */
NODISCARD int prepare_guess(const char *path, const char *sector, const struct mapping *mapping,
                            const struct record_type **ret_type, struct refusal *ret_refusal,
                            struct err *err);

/*
 * Whether the file is a reject report of this record type, by its header; false when it cannot be
 * read. ERR_MISSING and ERR_SYSTEM as above.
 */
NODISCARD int prepare_is_report(const char *path, const struct record_type *type,
                                const struct mapping *mapping, bool *ret_report, struct err *err);

/* Print the answer for a clerk at a terminal, in Chinese. No row's content is in it. */
void prepare_print(FILE *out, const struct prepare_options *options,
                   const struct prepare_result *result);

/* Write the answer as members of the JSON object that is open. */
void prepare_json(struct json *json, const struct prepare_options *options,
                  const struct prepare_result *result);

#endif
