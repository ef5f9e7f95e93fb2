/*
 * resolve — whose row is it where number and name do not say so: identity, passes 2 and 3.
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
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "content.h"
#include "store.h"

#define RESOLVE_TYPES_MAX 64

struct resolve_content {
    const struct record_type *type;
    const struct content *content;
    bool linked; /* out: rows of it are linked */
};

/* A county's month: the content of each record type, whose rows the views raw_<type> give. */
struct resolve {
    uint32_t county;
    int32_t month;
    struct resolve_content types[RESOLVE_TYPES_MAX];
    size_t type_count;
    bool scoped; /* the views hold whom a scope holds (scope.h) */
    bool whole;  /* out, of a scope: what is open cannot be linked by a part of the register */
};

/* Whether a record type's rows are of persons and may be linked: then its content is read from raw_<type>. */
bool resolve_takes(const struct record_type *type);

/*
 * A scope's rows are linked only as far as number and name go: who else may be meant depends on the
 * whole register. `whole` says that the month has open rows, or decisions; it must be judged whole.
 *
 * Link the month's rows in the store's transaction: makes the table `resolved` (record_type,
 * submission, row_no, id_no, fold, household_no, pass, how, band, weight, quarantined), brings
 * match.link to it and notes which types have linked rows.
 */
NODISCARD int resolve_month(struct store *store, struct resolve *resolve, struct err *err);

/*
 * Append the query of a record type's content: the rows of raw_<type>, those that are linked under
 * the member's number and name, with a column `resolved`: how it was linked, or null.
 */
void resolve_add_content(const struct resolve *resolve, size_t index, struct buf *out);

#endif
