/*
 * affected_cases — whose cases can look different from how they were told last.
 *
 * The part of `cases` that keeps a long history out of every judging: the same
 * SQL derives either all cases or those of the keys in `concern`, from the
 * tables or views `caught` (findings) and `told_case` (cases as they are told)
 * and the register's rows of whom these are about.
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
    bool full;        /* every case */
    struct list now;  /* submissions that name people now */
    struct buf every; /* and before, too; an array */
};

void affected_cases_done(struct affected_cases *concern);
#define AUTO_CONCERN __attribute__((cleanup(affected_cases_done)))

/*
 * Find whom. `month`: the judged month whose register names people; `published`
 * and `publishing`: first days of the newest months told before and told now,
 * or NULL. Drops the temporary tables of judging; makes `concern`, `caught`,
 * concerned_member and concerned_household.
 */
NODISCARD int affected_cases_find(struct store *store, const struct month *month,
                                  const char *published, const char *publishing,
                                  struct affected_cases *ret_concern, struct err *err);

/* Make `told_case` as the cases are now. */
NODISCARD int affected_cases_stand(struct store *store, const struct affected_cases *concern,
                                   struct err *err);

/* Note that everything is told. */
NODISCARD int affected_cases_note(struct store *store, struct affected_cases *concern,
                                  struct err *err);

#endif
