/*
 * prepare_parts — the structs and functions that the files of prepare share; nobody else includes
 * it.
 */
#ifndef PREPARE_PARTS_H
#define PREPARE_PARTS_H

#include "base/buf.h"
#include "sdk/prepare/convert.h"
#include "sdk/prepare/keys.h"
#include "sdk/prepare/prepare.h"
#include "sdk/prepare/prepare_judge.h"
#include "base/source.h"

#define PREPARE_SHEETS_BYTES 240 /* of the names of sheets in a refusal */

/* One run over a file. */
struct prepare {
    const struct prepare_options *options;
    const struct record_type *type;
    struct prepare_result *result;
    struct source *source;
    struct convert *convert;
    struct keys *keys;
    const struct sink *sink;
    bool begun; /* the sink has the beginning of a submission */
    struct table table;
    bool is_key[RECORD_FIELDS_MAX];
    int32_t first_day, last_day; /* of the period */
    bool again;                  /* the second reading, which knows all conflicting keys */
    bool scouting;               /* the first one after a conflict: only looks for more of them */
    struct prepare_counts counts;
    struct buf payload;
    uint32_t batch_rows, batch_unresolved;
    struct digest digest; /* of a dry run */
    size_t reject_size;
    struct record_row row;
};

/*
 * Take one row of the file: a record, a copy, a refused row or a blank one.
 * SOURCE_ROW to go on, SOURCE_REFUSED or SOURCE_ERROR.
 */
enum source_read prepare_row(struct prepare *prepare, const struct source_row *row,
                             struct err *err);

/* Whether a row could be stored as it stands; what was counted for it before is no matter then. */
bool prepare_row_fits(struct prepare *prepare, const struct source_row *row, int *ret_field);

/* Close the present batch: into the sink, or only into the digest. */
int prepare_flush(struct prepare *prepare, struct err *err);

#endif
