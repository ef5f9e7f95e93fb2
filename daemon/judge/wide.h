/*
 * wide — a judged month's rows side by side, for the rules to read.
 *
 * Inside the judging transaction it makes temporary views and tables: for each
 * record type its content, then one wide row a person and a household, then
 * the views that rules see (daemon/README.md, "What a rule can read"), which
 * the role qs_rule may select. Nothing of it outlives the transaction, and
 * nothing of it is written to the log of PostgreSQL.
 *
 * Identity, pass 1 (rules.md): a sector's row is a member's when the number is
 * the same and the folded name is the same or has the same surname and one
 * other character. A household's row is linked by its number when the head's
 * name agrees, otherwise through its owner.
 */
#ifndef WIDE_H
#define WIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "month/content.h"
#include "rules/profile.h"
#include "identity/identity.h"
#include "store/store.h"
#include "judge/wide_content.h"

#define WIDE_TYPES_MAX 64

struct wide {
    const struct content_book *book;
    uint32_t county;
    int32_t month;
    bool affected; /* the rows of those whom an affected set holds, see affected.h */
    struct wide_content types[WIDE_TYPES_MAX]; /* by record_at's index */
    size_t type_count;
    struct wide_content before; /* X02's earlier register.household */
    bool standard;              /* a row of civil.standard is in force */
    int64_t monthly;            /* fen: that row's standard */
};

/* Free what a wide that was opened holds. */
void wide_done(struct wide *wide);
#define AUTO_WIDE __attribute__((cleanup(wide_done)))

/*
 * Say what the month reads of each record type, and make the views of its rows in the store's
 * transaction: in place of everything that was made there, or, `affected`, of those for whom an affected set has
 * made tables. `ret_wide` is written only on success; it borrows from the book.
 */
NODISCARD int wide_open(struct store *store, const struct content_book *book, uint32_t county,
                        int32_t month, bool affected, struct wide *ret_wide, struct err *err);

/*
 * Bring the month's links to a change whom an affected set holds (identity_look), before its rows are built;
 * `members`: the register has changed.
 */
NODISCARD int wide_relink(struct store *store, const struct wide *wide, bool members,
                          struct identity_moved *ret_moved, struct err *err);

/* Make the month's tables, and the views for rules. */
NODISCARD int wide_build(struct store *store, struct wide *wide, const struct profile *profile,
                         struct err *err);

/* Make only what names a person in an event: content_register_* of the month, from the feeds' rows
   or those in tables affected_register_*. Drops nothing. */
NODISCARD int wide_build_register(struct store *store, const struct content_book *book,
                                  uint32_t county, int32_t month, bool affected, struct err *err);

/* Drop everything that was made. */
NODISCARD int wide_drop(struct store *store, struct err *err);

/* The content of a record type. */
const struct content *wide_content(const struct wide *wide, const struct record_type *type);

#endif
