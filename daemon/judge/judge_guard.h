/*
 * judge_guard — keeps back what rules of absence find where the absence is not certain.
 *
 * A subject whose number or name stands in a quarantined row, or under another person's name, may
 * be in the list after all: the subject is withheld and counted. Works on the month's temporary
 * tables (sql/found.sql).
 */
#ifndef JUDGE_GUARD_H
#define JUDGE_GUARD_H

#include "base/buf.h"
#include "judge/judge.h"
#include "judge/wide.h"
#include "store/list.h"

#define JUDGE_REASON_MAX 320

/* How one rule's run ended; the month's report has the same words. */
enum judge_state { JUDGE_OFF, JUDGE_RUN, JUDGE_NOT_RUN, JUDGE_FAILED };
const char *judge_state_name(enum judge_state state);

struct judge_run {
    const struct rule *rule;
    enum judge_state state;
    struct list missing,
        unhelped; /* record types, each with a month or "/before" behind its name */
    char reason[JUDGE_REASON_MAX];
};

/* Note in `unknown` the numbers, names and households of which a list that rules read for absence
   may hold a row that cannot be read. */
NODISCARD int judge_guard_note(struct store *store, const struct judge *judge,
                               const struct wide *wide, const struct judge_run *runs,
                               struct err *err);

/* Move the subjects that the rule found, and whose absence is not certain, from found_row to
   withheld_row. */
NODISCARD int judge_guard_withhold(struct store *store, const struct judge_run *run,
                                   struct err *err);

#endif
