/*
 * wide — a judged month's rows side by side, for the rules to read.
 *
 * Inside the judging transaction it makes temporary views and tables: for each record type its
 * content, then one wide row a person and a household, then the views that rules see
 * (daemon/README.md, "What a rule can read"), which the role qs_rule may select. None of these
 * outlives the transaction, and PostgreSQL writes none of them to its log.
 *
 * Identity, pass 1 (rules.md): a sector's row is a member's when the number is the same and the
 * folded name is the same or has the same surname and one other character. A household's row is
 * linked by its number when the head's name agrees, otherwise through its owner.
 */
#ifndef WIDE_H
#define WIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "month/month.h"
#include "month/rows.h"
#include "rules/profile.h"
#include "identity/identity.h"
#include "store/store.h"

#define WIDE_AFFECTED "affected" /* tables affected_<type>: copies of an affected set's rows */

struct wide {
    const struct month *month;         /* borrowed */
    bool affected;                     /* the rows of an affected set, see affected.h */
    struct rows rows[MONTH_TYPES_MAX]; /* by record_at's index */
    struct rows before;                /* of the earlier register.household */
    bool standard;                     /* a row of civil.standard is in force */
    int64_t monthly;                   /* fen: that row's standard */
};

/*
 * Make the views raw_<type> and content_<type> of the month's rows in the store's transaction: in
 * place of every temporary table and view there or, `affected`, of the tables affected_<type>.
 * `ret_wide` is written only on success; it borrows from the month.
 */
NODISCARD int wide_open(struct store *store, const struct month *month, bool affected,
                        struct wide *ret_wide, struct err *err);

/*
 * Bring the month's links to a change (identity_look), before the rows of its affected set are
 * built; `members`: the register has changed.
 */
NODISCARD int wide_relink(struct store *store, const struct wide *wide, bool members,
                          struct identity_moved *ret_moved, struct err *err);

/* Make the month's tables, and the views for rules. */
NODISCARD int wide_build(struct store *store, struct wide *wide, const struct profile *profile,
                         struct err *err);

/* Make only the views that name a person in an event: content_register_* of the month, from the
   feeds' rows or, `copies` not being NULL, from the tables <copies>_register_*. Drops nothing. */
NODISCARD int wide_build_register(struct store *store, const struct month *month,
                                  const char *copies, struct err *err);

/* Drop every temporary table and view of the connection. */
NODISCARD int wide_drop(struct store *store, struct err *err);

#endif
