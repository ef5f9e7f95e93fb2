/*
 * identity_unmatched — the rows of a month that number and name leave open, and what they say of whose
 * they are.
 *
 * Table `unmatched` of the transaction holds those found now, match.unmatched_row those of the month.
 * Of an affected set only rows that its members, households or changed keys can have opened or settled are
 * looked at again (`looked`), and all that could not be used, since these are few.
 */
#ifndef IDENTITY_UNMATCHED_H
#define IDENTITY_UNMATCHED_H

#include "identity/identity.h"

/* Find the unmatched rows of the month, or of the affected set: makes the table `unmatched` and the view `looked`. A
   month without a register has none. */
NODISCARD int identity_unmatched_find(struct store *store, const struct identity *identity,
                                      struct err *err);

/* Bring match.unmatched_row to what was found. `*ret_changed`: a row came, went or says something else. */
NODISCARD int identity_unmatched_keep(struct store *store, const struct identity *identity,
                                      bool *ret_changed, struct err *err);

/* Put every unmatched row of the month into `unmatched`. */
NODISCARD int identity_unmatched_load(struct store *store, const struct identity *identity,
                                      struct err *err);

/* Append raw_<type> or, of everybody while the month is affected, every_<type>. */
void identity_add_view(const struct identity *identity, const struct record_type *type,
                       bool everybody, struct buf *out);

/* Append concat_ws of the natural key's fields, without the number when `rest`. */
void identity_add_key(const struct record_type *type, const char *prefix, bool rest,
                      struct buf *out);

#endif
