/*
 * cases_concern — whose cases can look different from how they were told last.
 *
 * The part of `cases` that keeps a long history out of every judging: the same
 * SQL derives either all cases or those of the keys in `concern`, from the
 * tables or views `caught` (findings) and `standing` (cases as they are told)
 * and the register's rows of whom these are about.
 */
#ifndef CASES_CONCERN_H
#define CASES_CONCERN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "content.h"
#include "store.h"

struct cases_concern {
    uint32_t county;
    bool anew;             /* every case */
    struct buf now, every; /* submissions that name people: now, and before too; arrays */
};

void cases_concern_done(struct cases_concern *concern);
#define AUTO_CONCERN __attribute__((cleanup(cases_concern_done)))

/*
 * Find whom. `month`: the judged month whose register names people; `published`
 * and `publishing`: first days of the newest months told before and told now,
 * or NULL. Drops the temporary tables of judging; makes `concern`, `caught`,
 * concerned_member and concerned_household.
 */
NODISCARD int cases_concern_find(struct store *store, const struct content_book *book,
                                 uint32_t county, int32_t month, const char *published,
                                 const char *publishing, struct cases_concern *ret_concern,
                                 struct err *err);

/* Make `standing` as the cases are now. */
NODISCARD int cases_concern_stand(struct store *store, const struct cases_concern *concern,
                                  struct err *err);

/* Note that everything is told. */
NODISCARD int cases_concern_note(struct store *store, struct cases_concern *concern,
                                 struct err *err);

#endif
