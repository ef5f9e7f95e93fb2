/*
 * identity_decision — the clerks' decisions about records and members, as judging reads them.
 *
 * A decision is kept by the record's natural key and the member's number, so it outlives the month
 * in which it was taken. It touches the months that read a submission which holds the record.
 */
#ifndef IDENTITY_DECISION_H
#define IDENTITY_DECISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "month/month.h"
#include "store/store.h"

struct identity_decision {
    const char *record_type, *record_key, *id_no;
    bool same;               /* record and member are one person; false: two */
    const char *submissions; /* that hold the record: "{1,2}" */
};

struct identity_decisions {
    struct identity_decision *list; /* by type, key and number */
    size_t count;
    struct store_result *rows; /* rows of match.decision, which hold the list's texts */
};

void identity_decisions_done(struct identity_decisions *decisions);
#define AUTO_IDENTITY_DECISIONS __attribute__((cleanup(identity_decisions_done)))

/* Read a county's decisions, noting in match.decision the submissions that hold the record of each
   new one. */
NODISCARD int identity_decisions_load(struct store *store, uint32_t county,
                                      struct identity_decisions *ret_decisions, struct err *err);

/* Add to a digest the decisions that touch the month; nothing when no decision does. */
void identity_decisions_digest(const struct identity_decisions *decisions,
                               const struct month *month, struct digest *digest);

#endif
