/*
 * split — one file with the rows of many counties, such as a prefecture's.
 *
 * The adapter's YAML names the column that tells a row's county: by a division code, whose first
 * six digits count, or by a name of the table of divisions. Each county becomes a submission of
 * its own, made by reading the file once more with the others' rows passed over. Receipt and
 * reject report are called by the file and the county: `<file>.360799.receipt.json`.
 */
#ifndef SPLIT_H
#define SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/refusal.h"
#include "base/source.h"
#include "sdk/prepare/mapping.h"
#include "sdk/prepare/sink.h"
#include "sdk/prepare/table.h"

#define SPLIT_COUNTIES_MAX 128 /* of one file */

/* The counties of a file, and the rows of each. */
struct split {
    uint32_t counties[SPLIT_COUNTIES_MAX]; /* in rising order */
    size_t count;
    struct sink_row *lost; /* rows that no county can be told of; owned */
    size_t lost_count;
};

/*
 * Read a file's counties. Returns 0, with `refusal` set when the file cannot be read as a table,
 * has no such column, or holds too many counties; then nothing is found. ERR_MISSING, ERR_SYSTEM.
 */
NODISCARD int split_find(const char *path, const struct record_type *type,
                         const struct mapping *mapping, int32_t today, struct split *ret_split,
                         struct refusal *refusal, struct err *err);
void split_done(struct split *split);

/* The county of a row, or 0. */
uint32_t split_county(const struct table *table, const struct mapping *mapping,
                      const struct source_row *row);

/* Append the name of a county's part of a file. */
void split_label(const char *path, uint32_t county, struct buf *out);

/* Append the path of the file that a label belongs to; the label itself when it is a file. */
void split_path(const char *label, uint32_t county, struct buf *out);

#endif
