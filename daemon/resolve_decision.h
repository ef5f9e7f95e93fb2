/*
 * resolve_decision — what clerks decided of records and members, as judging reads it.
 *
 * A decision is kept by the record's natural key and the member's number, so it outlives the month
 * it was taken in. The months it touches are those that read a submission which holds the record.
 */
#ifndef RESOLVE_DECISION_H
#define RESOLVE_DECISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "content.h"
#include "store.h"

struct resolve_decision {
    const char *record_type, *record_key, *id_no;
    bool same;               /* one person, or two */
    const char *submissions; /* that hold the record: "{1,2}" */
};

struct resolve_decisions {
    struct resolve_decision *list; /* by type, key and number */
    size_t count;
    struct store_result *rows; /* whose texts these are */
};

void resolve_decisions_done(struct resolve_decisions *decisions);
#define AUTO_RESOLVE_DECISIONS __attribute__((cleanup(resolve_decisions_done)))

/* Read a county's decisions, noting for new ones which submissions hold the record. */
NODISCARD int resolve_decisions_load(struct store *store, uint32_t county,
                                     struct resolve_decisions *ret_decisions, struct err *err);

/* Add to a digest what touches the month; nothing when there is nothing. */
void resolve_decisions_digest(const struct resolve_decisions *decisions,
                              const struct content_book *book, int32_t month,
                              struct digest *digest);

#endif
