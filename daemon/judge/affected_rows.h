/*
 * affected_rows — whom a change touches, and who else must be looked at with them.
 *
 * Rows that came or went name the first; lists that join persons and households name, round by round,
 * the others. Feed tables are read by index, since few are touched.
 */
#ifndef AFFECTED_ROWS_H
#define AFFECTED_ROWS_H

#include "judge/affected.h"

/* Make the tables of whom, and put in whoever stands in rows that came or went. */
NODISCARD int affected_rows_begin(struct store *store, struct affected *affected, struct err *err);

/* Add persons and households, PostgreSQL arrays or NULL, to the next round. */
NODISCARD int affected_rows_add(struct store *store, struct affected *affected, const char *persons,
                                const char *households, struct err *err);

/* Go on until nobody new is reached; gives up above `most` persons with `*ret_large`. */
NODISCARD int affected_rows_close(struct store *store, struct affected *affected, int64_t most,
                                  bool *ret_large, struct err *err);

#endif
