/*
 * affected_rows — the persons and households whom a change touches, and the others who must be
 * judged with them.
 *
 * The rows that came or went name the former; lists that join persons and households name, round by
 * round, the latter. Feed tables are read by index, since few rows are touched.
 */
#ifndef AFFECTED_ROWS_H
#define AFFECTED_ROWS_H

#include "judge/affected.h"

/* Make affected_person, affected_household and affected_house, and put in everybody whom rows that
   came or went name. */
NODISCARD int affected_rows_begin(struct store *store, struct affected *affected, struct err *err);

/* Add persons and households, PostgreSQL arrays or NULL, to the next round of the closure. */
NODISCARD int affected_rows_add(struct store *store, struct affected *affected, const char *persons,
                                const char *households, struct err *err);

/* Follow the joining lists until a round brings nobody new; gives up above `most` persons with
   `*ret_large`. */
NODISCARD int affected_rows_close(struct store *store, struct affected *affected, int64_t most,
                                  bool *ret_large, struct err *err);

#endif
