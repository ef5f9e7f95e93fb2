/*
 * identity — whose row is it where number and name do not say so: identity, passes 2 and 3.
 *
 * Rows of a month's content that pass 1 leaves open are linked with members of the register
 * (rules.md, "Whose record is it"): by what a clerk decided; by the same number under a name that
 * sounds the same; by name and household number, telephone, or village and address, when that is
 * one member of the county and not two good numbers (pass 2); by the model's score (pass 3). A link
 * stands in match.link with what each field weighed. It is a function of the month's content and of
 * the clerks' decisions, never of the order of arrival.
 *
 * What is linked counts as the member's row in all that follows: `wide` reads the row under the
 * member's number and name. What is in doubt is nobody's, and the member whom it may be cannot be
 * called absent. Rows whose number is a member's with another name stay apart (Q03).
 *
 * Who may be meant depends on the whole register, and what a field weighs on every unmatched row. So a
 * change that touches none of these leaves the links as they stand, and any other links all open
 * rows again; only whom a link means anew must then be judged again.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "month/month.h"
#include "store/store.h"

/* A month whose record types' rows the views raw_<type> give. */
struct identity {
    const struct month *month;    /* borrowed */
    bool linked[MONTH_TYPES_MAX]; /* out: rows of the content of this index are linked */
    /* raw_<type> hold an affected set's rows (affected.h), and every_<type> everybody's: those of the
       register for identity_look, all for identity_again. */
    bool affected;
};

/* Whom an affected set must take in since links mean somebody else; PostgreSQL arrays, NULL: nobody. */
struct identity_moved {
    char *persons, *households; /* owned */
};

void identity_moved_done(struct identity_moved *moved);
#define AUTO_IDENTITY_MOVED __attribute__((cleanup(identity_moved_done)))

/* Add to a digest by what rows are linked: this program's SQL. */
void identity_digest(struct digest *digest);

/* Whether a record type's rows are of persons and may be linked: then its content is read from raw_<type>. */
bool identity_takes(const struct record_type *type);

/*
 * Link all unmatched rows of a month in the store's transaction, and bring match.unmatched_row, match.link and
 * match.linkage to it; makes the table `link_row` (record_type, submission, row_no, id_no, fold,
 * household_no, pass, how, band, weight, quarantined) and notes which types have linked rows.
 */
NODISCARD int identity_month(struct store *store, struct identity *identity, struct err *err);

/*
 * Look at the rows of whom an affected set holds, and bring match.unmatched_row to them; `*ret_stand`: the links
 * may stand as they are, since no unmatched row, not the register (`members`) and no decision has changed.
 */
NODISCARD int identity_look(struct store *store, const struct identity *identity, bool members,
                            bool *ret_stand, struct err *err);

/* After that: link all unmatched rows of the month again. Findings that rest on a link of another weight
   are told so. `link_row` is not made. */
NODISCARD int identity_again(struct store *store, const struct identity *identity,
                             struct identity_moved *ret_moved, struct err *err);

/* Make `link_row` of the links as they stand, for an affected set. */
NODISCARD int identity_stand(struct store *store, struct identity *identity, struct err *err);

/*
 * Append the query of a record type's content: the rows of raw_<type>, those that are linked under
 * the member's number and name, with a column `linked_how`: how it was linked, or null.
 */
void identity_add_content(const struct identity *identity, size_t index, struct buf *out);

#endif
