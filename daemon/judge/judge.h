/*
 * judge — one month of one county: the wide rows, every rule, the findings.
 *
 * Works on the caller's store, in the caller's transaction; the caller holds the county's lock. A
 * rule that fails is noted and the others go on. The result depends on the submissions, the rules
 * and the profile alone, never on what was judged before or in which order.
 *
 * Not done here: when to judge (`county`), cases and events (`cases`, `outbox`).
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "month/month.h"
#include "rules/profile.h"
#include "identity/identity_decision.h"
#include "rules/rules.h"
#include "store/store.h"
#include "judge/wide.h"

/* What a county is judged with. Everything is borrowed. */
struct judge {
    uint32_t county;
    const struct rules *rules;
    const struct profile *profile;
    uint8_t key[DIGEST_BYTES]; /* of the county's subject references, see reference.h */
    const struct identity_decisions *decisions; /* of clerks; NULL: not asked for */
    const atomic_bool *stopping; /* set: give up instead of noting a failed rule; may be NULL */
};

/* Digest of everything the month's findings depend on, and of the submissions alone. */
void judge_input(const struct judge *judge, const struct month *month,
                 uint8_t ret_input[DIGEST_BYTES], uint8_t ret_rows[DIGEST_BYTES]);

/* Run one rule's query on the month's views as qs_rule, into found_row. An error names file and
   line, and the statement is rolled back. */
NODISCARD int judge_try(struct store *store, const struct judge *judge, const struct wide *wide,
                        const struct rule *rule, struct err *err);

/*
 * Judge the month, or only the affected set of its change (`affected`), and write match.finding,
 * match.run, match.withheld and match.month, changing only rows that differ; marks the county as
 * due for publishing. `full`: judge everybody. `*ret_why` is why everybody was judged, a static
 * text, or NULL when only the affected set was. The month's temporary views stay until wide_drop.
 */
NODISCARD int judge_month(struct store *store, const struct judge *judge, const struct month *month,
                          bool full, const char **ret_why, struct err *err);

#endif
