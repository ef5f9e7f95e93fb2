/*
 * scope_rows — whom a change touches, and who else must be looked at with them.
 *
 * Rows that came or went name the first; lists that join persons and households name, round by round,
 * the others. Feed tables are read by index, since few are touched.
 */
#ifndef SCOPE_ROWS_H
#define SCOPE_ROWS_H

#include "scope.h"

/* Make the tables of whom, and put in whoever stands in rows that came or went. */
NODISCARD int scope_rows_begin(struct store *store, struct scope *scope, struct err *err);

/* Add persons and households, PostgreSQL arrays or NULL, to the next round. */
NODISCARD int scope_rows_add(struct store *store, struct scope *scope, const char *persons,
                             const char *households, struct err *err);

/* Go on until nobody new is reached; gives up above `most` persons with `*ret_large`. */
NODISCARD int scope_rows_close(struct store *store, struct scope *scope, int64_t most,
                               bool *ret_large, struct err *err);

#endif
