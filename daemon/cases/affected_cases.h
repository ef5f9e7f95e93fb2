/*
 * affected_cases — the cases that can look different from how they were told last.
 *
 * The part of `cases` that keeps a long history out of every judging: the same SQL derives either
 * all cases or those of the keys in `affected_key`, from the tables or views `caught` (findings)
 * and `told_case` (cases as they are told) and the register's rows of the households and persons in
 * `party`.
 */
#ifndef AFFECTED_CASES_H
#define AFFECTED_CASES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "month/month.h"
#include "store/list.h"
#include "store/store.h"

struct affected_cases {
    uint32_t county;
    bool full;        /* every case is affected */
    struct list now;  /* submissions of the month's register */
    struct buf every; /* `now` and the submissions of the register told last; an array */
};

void affected_cases_done(struct affected_cases *affected);
#define AUTO_AFFECTED_CASES __attribute__((cleanup(affected_cases_done)))

/*
 * Find the affected cases. `month`: the judged month whose register names people; `published` and
 * `publishing`: first days of the newest months told before and told now, or NULL. Drops the
 * temporary tables of judging; makes affected_key, caught, told_case, party, concerned_member and
 * concerned_household.
 */
NODISCARD int affected_cases_find(struct store *store, const struct month *month,
                                  const char *published, const char *publishing,
                                  struct affected_cases *ret_affected, struct err *err);

/* Make `told_case` of the cases as cases.case has them now. */
NODISCARD int affected_cases_stand(struct store *store, const struct affected_cases *affected,
                                   struct err *err);

/* Note in match.county that every case is told, and by which register; empties match.touched. */
NODISCARD int affected_cases_note(struct store *store, struct affected_cases *affected,
                                  struct err *err);

#endif
