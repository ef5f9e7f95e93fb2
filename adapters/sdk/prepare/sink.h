/*
 * sink — where a prepared file goes: its submission, and the report of its refused rows.
 *
 * The caller of prepare fills it in, so that prepare knows neither the spool nor the form of the
 * report. prepare calls it on its own thread, one submission at a time; after `begin` comes either
 * `commit` or `abort`, and after `abort` perhaps `begin` again, when the file is read a second
 * time.
 */
#ifndef SINK_H
#define SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "frame.h"
#include "record.h"
#include "sdk/prepare/mapping.h"

#define SINK_BATCH_BYTES (512 * 1024) /* a batch is cut at the first row that reaches it */

/* The feed, period, kind and uuid of a submission; texts are borrowed for the call. */
struct sink_entry {
    uint8_t uuid[FRAME_UUID_BYTES];
    const char *producer, *record_type;
    uint32_t county, period; /* YYYYMM */
    enum frame_submission kind;
    uint32_t revision; /* 0: the hub's next */
    bool nil;
    const char *file; /* path of the agency's file, for the receipt next to it; may be "" */
};

/* A refused row of the file. */
struct sink_row {
    uint32_t row_no;
    uint8_t reason; /* enum record_reason */
    int8_t field;   /* index, or -1 */
};

/* What a report of refused rows is about; all borrowed. */
struct sink_file {
    const char *path; /* the agency's file, which is read again */
    const char *base; /* path by which the report is named; NULL: the file's */
    const struct record_type *type;
    const struct mapping *mapping; /* may be NULL */
    bool book;                     /* as .xlsx too, even when the file is no spreadsheet */
};

/* The reports that lie beside the file now. */
struct sink_report {
    char *csv, *book; /* paths; NULL: not written */
    char *kept;       /* an earlier report that somebody has changed; NULL: none */
};

struct sink {
    void *context;

    /* A submission; `begin` NULL is a dry run, and prepare then counts the digest itself. */
    int (*begin)(void *context, const struct sink_entry *entry, struct err *err);
    int (*batch)(void *context, const void *payload, size_t len, uint32_t rows, uint32_t unresolved,
                 struct err *err);
    /* Make it durable; `totals` are the sums of the money fields in field order. Ends it always. */
    int (*commit)(void *context, const int64_t *totals, size_t total_count,
                  uint8_t ret_digest[DIGEST_BYTES], struct err *err);
    /* Remove the submission that was begun; allowed when none was. */
    void (*abort)(void *context);

    /* Write the report of `count` refused rows in the file's order, or with 0 remove it. */
    int (*report)(void *context, const struct sink_file *file, const struct sink_row *rows,
                  size_t count, struct sink_report *ret_report, struct err *err);
};

/* Free the paths. Allowed on {0} and twice. */
void sink_report_done(struct sink_report *report);

#endif
