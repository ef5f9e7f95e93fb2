/*
 * review — the clerical review of links: one link shown, one link decided.
 *
 * A link is named as `review list` shows it: <record type>/<submission>/<row>, and behind it the
 * number of a decision whose link is gone. Everybody of ops sees masked records; to decide, and to
 * see them in full, takes the role reveal. What a clerk decides holds for the record's natural key
 * and the member, so it outlives the month; the judging that comes next goes by it.
 */
#ifndef REVIEW_H
#define REVIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "settings/config.h"
#include "store/store.h"

#define REVIEW_TYPE_MAX 64

struct review_id {
    char record_type[REVIEW_TYPE_MAX];
    int32_t submission, row, decision; /* decision 0: none named */
};

/* Read an ID. ERR_INPUT with a hint when it is none. */
NODISCARD int review_parse(const char *text, struct review_id *ret_id, struct err *err);

struct review_order {
    const char *county; /* NULL: whichever of the login's has it */
    const char *reason; /* of a look-up in full, NULL: masked; of a decision */
    bool json;
};

/*
 * Print a link: both records side by side and what each field weighs. With a reason the look-up is
 * on record, by an HMAC of each number, before anything is printed; after a failure nothing is.
 * ERR_MISSING when there is no such link, ERR_CONFLICT when several counties have one, ERR_DENIED
 * when the login may not see people in full.
 */
NODISCARD int review_show(struct store *store, const struct config *config,
                          const struct review_id *id, const struct review_order *order, FILE *out,
                          struct err *err);

/*
 * Decide that record and member are one person, or two, and say what follows. Committed on return.
 * Besides the errors of review_show: ERR_INPUT when the reason is too short or names somebody.
 */
NODISCARD int review_decide(struct store *store, const struct config *config,
                            const struct review_id *id, bool same, const struct review_order *order,
                            FILE *out, struct err *err);

#endif
