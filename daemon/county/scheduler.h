/*
 * scheduler — judges what the feeds say, county by county.
 *
 * Threads of its own (judge.workers), each with its own connection as the role
 * qs_match. A county is judged when no submission of it is half in and nothing
 * has become visible for judge.quiet_ms, after judge.max_wait_ms in any case;
 * judging one county is serialised by an advisory lock of the database, so a
 * second process waits. What must be judged is read from the database, never
 * remembered: a notification that is lost only comes later, with the check of
 * every minute.
 *
 * Not done here: taking feeds, sending events (`events` reads the outbox).
 */
#ifndef SCHEDULER_H
#define SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "settings/config.h"
#include "store/store.h"

struct scheduler;

/*
 * Read rules and profiles and start the threads; everything whose input has
 * changed is judged at once. Holds `config`. Waits for no database. ERR_CONFIG
 * when a rule, a profile or the subject key cannot be used.
 */
NODISCARD int scheduler_start(struct config *config, struct scheduler **ret_match, struct err *err);

/* A submission of the county has become visible, or an open one was given up. Any thread. */
void scheduler_notify(struct scheduler *scheduler, uint32_t county);

/* Call `published` after events were written, from a thread of scheduler; NULL ends it. */
void scheduler_listen(struct scheduler *scheduler, void (*published)(void *context), void *context);

/*
 * Use another configuration, rules and profiles, and hold it. Waits for nobody:
 * a county that is being judged is judged again behind it. Settled months keep
 * what they were judged with; see scheduler_judge. After a failure the old ones stay.
 */
NODISCARD int scheduler_reload(struct scheduler *scheduler, struct config *config, struct err *err);

/* End the threads, interrupting the statements that judge, and free everything. NULL is allowed. */
void scheduler_stop(struct scheduler *scheduler);
AUTO_DEFINE(struct scheduler, scheduler_stop)

/* The counters since the start: counts/counts.def. Any thread. */
struct scheduler_counts {
#define COUNT_JUDGE(name, ...) uint64_t name;
#include "counts/counts.def"
};
void scheduler_counts(struct scheduler *scheduler, struct scheduler_counts *ret_counts);

/*
 * Judge what has changed in a county, or in every county when 0, and write the
 * events that follow; besides, `month` (YYYYMM, 0: none) for everybody with the
 * present rules and profile, even when nothing has changed; `full`: every month
 * for everybody, and every case anew, which brings all months to the present
 * rules. For the command line; needs no running thread. ERR_MISSING when there
 * is nothing to judge in that month.
 */
NODISCARD int scheduler_judge(const struct config *config, uint32_t county, int32_t month,
                              bool full, struct err *err);

/*
 * Read the rules and the profiles of the configuration as scheduler_start does.
 * Everything that is wrong is appended to `problems`, a line each.
 */
NODISCARD int scheduler_check(const struct config *config, struct buf *problems, struct err *err);

/*
 * The problems of a sector's lists of a month (quality.h), of a county that the configuration
 * names. The caller frees the result.
 */
NODISCARD int scheduler_quality(const struct config *config, uint32_t county, int32_t month,
                                const char *sector, struct store_result **ret_result,
                                struct err *err);

/*
 * Try every rule on an empty month (trial.h), with the first county's profile. Rules that are
 * refused are appended to `problems`, a line "file:line: reason" each, files that cannot be read
 * among them.
 */
NODISCARD int scheduler_try(const struct config *config, struct buf *problems, size_t *ret_refused,
                            struct err *err);

#endif
