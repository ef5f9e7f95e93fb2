/*
 * identity_unmatched — the rows of a month that number and name leave unmatched, with the columns
 * by which they can be linked.
 *
 * Table `unmatched` of the transaction holds the rows found now, match.unmatched_row those kept of
 * the month. Of an affected set only rows that its members, households or changed keys can have
 * made unmatched, or matched, are looked at again (`looked`), and all quarantined rows, since these
 * are few.
 */
#ifndef IDENTITY_UNMATCHED_H
#define IDENTITY_UNMATCHED_H

#include "identity/identity.h"

/* Find the unmatched rows of the month, or of the affected set: makes the tables `unmatched` and
   `scored` and the view `looked`. A month without a register has none. */
NODISCARD int identity_unmatched_find(struct store *store, const struct identity *identity,
                                      struct err *err);

/* Bring match.unmatched_row to the rows of `unmatched`. `*ret_changed`: a row came, went or has
   other columns. */
NODISCARD int identity_unmatched_keep(struct store *store, const struct identity *identity,
                                      bool *ret_changed, struct err *err);

/* Put every unmatched row of the month into `unmatched`. */
NODISCARD int identity_unmatched_load(struct store *store, const struct identity *identity,
                                      struct err *err);

/* Append raw_<type> or, while raw_<type> hold an affected set and `everybody` is wanted,
   every_<type>. */
void identity_add_view(const struct identity *identity, const struct record_type *type,
                       bool everybody, struct buf *out);

/* Append concat_ws of the natural key's fields, without the number when `rest`. */
void identity_add_key(const struct record_type *type, const char *prefix, bool rest,
                      struct buf *out);

#endif
