/*
 * feed — the feed tables, one a record type, as the compiled record types (record.h) ask for them.
 *
 * Made outside the numbered migrations, so that a new sector is a .proto file and nothing else:
 * tables and columns that are missing are made under the owner's role, readable to the judge
 * alone. Only the natural key is "not null": a deletion of a delta carries nothing but its key;
 * whether a value is required is checked on every row before it is stored. name_key is the folded
 * name, kept where it differs from name. The ingest role owns the tables, since COPY refuses
 * row-level security for others.
 *
 * Nothing is ever dropped or changed: another type for a column is refused, and the table of a
 * record type that the program does not know any more stays, closed to everybody but its owner.
 */
#ifndef FEED_H
#define FEED_H

#include "base/err.h"
#include "store/store.h"

/*
 * Make the feed tables and columns that are missing, in a transaction of its own, as a superuser
 * or owner. `*ret_changed`: how many tables were made, extended, opened or closed. ERR_CONFLICT
 * when a column has another type than its field, or a natural key has a field that the table
 * lacks.
 */
NODISCARD int feed_bring(struct store *store, int *ret_changed, struct err *err);

/* ERR_CONFLICT when a table or column is missing, closed or of another type, with a hint. */
NODISCARD int feed_check(struct store *store, struct err *err);

#endif
