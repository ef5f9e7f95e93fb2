/*
 * tuple — rows as PostgreSQL's COPY BINARY wants them.
 *
 * Pure: bytes in, bytes out. A COPY is tuple_begin, any number of tuples of
 * one table, tuple_end; the pieces may be sent to the server as they come.
 * Rows must have passed record_check.
 */
#ifndef TUPLE_H
#define TUPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "record.h"

/* Append "copy <feed table> (…) from stdin (format binary)". */
void tuple_copy_rows(const struct record_type *type, struct buf *out);

/* The same for ops.quarantine. */
const char *tuple_copy_quarantine(void);

void tuple_begin(struct buf *out);
void tuple_end(struct buf *out);

/* Append a row of the feed table. `scratch` is the caller's, emptied here. */
void tuple_add_row(const struct record_type *type, uint32_t county, uint32_t submission,
                   const struct record_row *row, struct buf *scratch, struct buf *out);

/* Append a row of ops.quarantine; `hub` tells that the hub refused it, not the adapter. */
void tuple_add_quarantine(uint32_t county, uint32_t submission, bool hub,
                          const struct record_unresolved *row, struct buf *scratch,
                          struct buf *out);

#endif
