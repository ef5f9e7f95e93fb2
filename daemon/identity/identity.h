/*
 * identity — the member to whom a row belongs where number and name do not say so: identity, passes
 * 2 and 3.
 *
 * Rows of a month's content that pass 1 leaves unmatched are linked with members of the register
 * (rules.md, "Whose record is it"): by a clerk's decision; by the same number under a name that
 * sounds the same; by name and household number, telephone, or village and address, when one member
 * of the county alone fits and the two numbers are not both good (pass 2); by the model's score
 * (pass 3). A link stands in match.link with the weight of each field. The links are a function of
 * the month's content and of the clerks' decisions, never of the order of arrival.
 *
 * A linked row counts as the member's own in all later steps: `wide` reads the row under the
 * member's number and name. A row in doubt is nobody's, and the member with whom it may be linked
 * cannot be called absent. Rows whose number is a member's with another name stay apart (Q03).
 *
 * Which members fit depends on the whole register, and the weight of a field on every unmatched
 * row. So a change that touches no unmatched row, no member and no decision leaves the links as
 * they stand, and any other change links all unmatched rows again; then only persons and households
 * of links that moved must be judged again.
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
    /* raw_<type> hold an affected set's rows (affected.h), and every_<type> the rows of everybody:
       of the register for identity_look, of all lists for identity_again. */
    bool affected;
};

/* Persons and households of links that moved, whom the affected set must take in; PostgreSQL
   arrays, NULL: none. */
struct identity_moved {
    char *persons, *households; /* owned */
};

void identity_moved_done(struct identity_moved *moved);
#define AUTO_IDENTITY_MOVED __attribute__((cleanup(identity_moved_done)))

/* Add to a digest the SQL by which this program links rows. */
void identity_digest(struct digest *digest);

/* Whether a record type's rows are of persons and may be linked: then content_<type> is made here,
   of raw_<type>. */
bool identity_takes(const struct record_type *type);

/*
 * Link all unmatched rows of a month in the store's transaction, and bring match.unmatched_row, match.link and
 * match.linkage to it; makes the table `link_row` (record_type, submission, row_no, id_no, fold,
 * household_no, pass, how, band, weight, quarantined) and notes which types have linked rows.
 */
NODISCARD int identity_month(struct store *store, struct identity *identity, struct err *err);

/*
 * Bring match.unmatched_row to the unmatched rows of an affected set; `*ret_stand`: the links may
 * stand as they are, since no unmatched row, not the register (`members`) and no decision has
 * changed.
 */
NODISCARD int identity_look(struct store *store, const struct identity *identity, bool members,
                            bool *ret_stand, struct err *err);

/* After identity_look: link all unmatched rows of the month again. Findings that rest on a link of
   another weight are changed to tell so. `link_row` is not made. */
NODISCARD int identity_again(struct store *store, const struct identity *identity,
                             struct identity_moved *ret_moved, struct err *err);

/* Make `link_row` of an affected set from the links as match.link has them. */
NODISCARD int identity_stand(struct store *store, struct identity *identity, struct err *err);

/*
 * Append the query of a record type's content: the rows of raw_<type>, linked rows under the
 * member's number and name, with a column `linked_how`: how the row was linked, or null.
 */
void identity_add_content(const struct identity *identity, size_t index, struct buf *out);

#endif
