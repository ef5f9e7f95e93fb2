/*
 * resolve_open — the rows of a month that number and name leave open, and what they say of whose
 * they are.
 *
 * Table `unresolved` of the transaction holds those found now, match.open_row those of the month.
 * Of a scope only rows that its members, households or changed keys can have opened or settled are
 * looked at again (`looked`), and all that could not be used, since these are few.
 */
#ifndef RESOLVE_OPEN_H
#define RESOLVE_OPEN_H

#include "resolve.h"

/* Find the open rows of the month, or of the scope: makes the table `unresolved` and the view `looked`. A
   month without a register has none. */
NODISCARD int resolve_open_find(struct store *store, const struct resolve *resolve,
                                struct err *err);

/* Bring match.open_row to what was found. `*ret_changed`: a row came, went or says something else. */
NODISCARD int resolve_open_keep(struct store *store, const struct resolve *resolve,
                                bool *ret_changed, struct err *err);

/* Put every open row of the month into `unresolved`. */
NODISCARD int resolve_open_load(struct store *store, const struct resolve *resolve,
                                struct err *err);

/* Append raw_<type> or, of everybody while the month is scoped, every_<type>. */
void resolve_add_view(const struct resolve *resolve, const struct record_type *type, bool everybody,
                      struct buf *out);

/* Append concat_ws of the natural key's fields, without the number when `rest`. */
void resolve_add_key(const struct record_type *type, const char *prefix, bool rest,
                     struct buf *out);

#endif
