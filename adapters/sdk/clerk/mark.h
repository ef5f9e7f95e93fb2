/*
 * mark — whether a reject report is still as it was written.
 *
 * A report ends with a check word over all its cells, in its last column. Whoever mends a cell,
 * deletes a row or adds one makes it untrue; merely opening and saving the report in a spreadsheet
 * does not. So a new report takes the place of an old one only when nobody's work is lost.
 */
#ifndef MARK_H
#define MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/source.h"

/* A running check word. */
struct mark {
    struct digest digest;
    uint32_t column; /* of the next cell */
};

void mark_begin(struct mark *mark);

/* Add the next cell of the row, and end the row. Empty cells at its end do not count. */
void mark_add(struct mark *mark, struct source_cell cell);
void mark_end_row(struct mark *mark);

/* Append the note that holds the check word of all rows so far. */
void mark_format(const struct mark *mark, struct buf *out);

/* Whether the report at `path`, of whatever kind it is now, bears the check word of its cells. */
bool mark_holds(const char *path);

#endif
