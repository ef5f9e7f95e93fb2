/*
 * cases — findings become cases, and changed cases become events.
 *
 * A county's cases are derived from all published findings: those of published months, and urgent
 * ones of months that are not. Cases that no new or changed finding has touched since they were
 * told are left out (`affected_cases`). Consecutive months make a spell, spells of one household
 * (or of a person without household) an episode, an episode a case. A case that differs from its
 * last event gets a new event (`outbox`). Nothing is remembered that the findings do not say, so
 * the same findings always give the same cases.
 *
 * Works in the caller's transaction; the caller holds the county's lock.
 */
#ifndef CASES_H
#define CASES_H

#include <stdbool.h>
#include <stdint.h>

#include "month/content.h"
#include "judge/judge.h"
#include "store/store.h"

/*
 * Note which judged months are settled by now: all expected feeds in, or the
 * due day past at `today`. A settled month stays settled.
 */
NODISCARD int cases_settle(struct store *store, const struct judge *judge,
                           const struct content_book *book, int32_t today, struct err *err);

/* Whether cases_publish has anything to do. */
NODISCARD int cases_due(struct store *store, uint32_t county, bool *ret_due, struct err *err);

/* Let the next cases_publish derive every case again. */
NODISCARD int cases_forget(struct store *store, uint32_t county, struct err *err);

/*
 * Bring cases.case, cases.finding and cases.outbox to what the findings say, one newly settled
 * month after the other. Names come from the register that the newest judged month reads.
 */
NODISCARD int cases_publish(struct store *store, const struct judge *judge,
                            const struct content_book *book, int64_t *ret_events, struct err *err);

#endif
