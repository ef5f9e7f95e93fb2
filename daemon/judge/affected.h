/*
 * affected — whom a change touches, so that a month need not be judged in full.
 *
 * A month that was judged before is compared with what it read then: which
 * submissions came and went. The natural keys of their rows, and what else
 * stands under those keys, name the touched persons, households and houses;
 * they are closed over everything that joins them to others (members of one
 * household before and after, owners of a house, accounts of a household), so
 * that nothing outside can depend on the change nor be needed to judge what is
 * inside. The rules then run unchanged over the rows of these alone
 * (`wide_build`), and only what was found about them is replaced.
 *
 * What does not fit is judged in full: the first judging of a month, other rules
 * or profile, a rule that begins or ceases to run, another standard, a change
 * that touches too many.
 *
 * Works on the caller's store, in the caller's transaction. Makes temporary
 * tables, keyed by county: affected_person, affected_household, affected_house (whom),
 * and a table affected_<record type> each (their rows, of every submission read
 * now or before).
 */
#ifndef AFFECTED_H
#define AFFECTED_H

#include <stdbool.h>
#include <stdint.h>

#include "month/month.h"
#include "rules/profile.h"
#include "rules/rules.h"
#include "store/list.h"
#include "store/store.h"

#define AFFECTED_TYPES_MAX (MONTH_TYPES_MAX + 1)

/* What one record type's content was and is. Texts are PostgreSQL arrays, "{1,2}". */
struct affected_type {
    const struct record_type *type;
    bool before;       /* the earlier register of X02 */
    char *every;       /* submissions read now or before; owned */
    char *changed;     /* those read only now or only before; owned */
    char *superseding; /* those that may hold a row in place of another one of its key; owned */
    bool differs;      /* `changed` is not empty */
    bool once; /* a joining list that holds each number once: who has a row there has no other */
};

struct affected {
    const struct month *month; /* borrowed, as the next two */
    const struct rules *rules;
    const struct profile *profile;
    bool full;       /* everything must be judged */
    const char *why; /* full: the reason, a static text; else NULL */
    int64_t persons, households;
    struct affected_type types[AFFECTED_TYPES_MAX];
    size_t type_count;
    int round; /* of the closure */
};

void affected_done(struct affected *affected);
#define AUTO_AFFECTED __attribute__((cleanup(affected_done)))

/*
 * Find whom the month must be judged for again. `full`: everybody, whatever
 * has changed. Drops the temporary tables of the month before; unless the affected set
 * is full, it is closed and filled: wide_relink can follow, then affected_keep.
 */
NODISCARD int affected_find(struct store *store, const struct rules *rules,
                            const struct profile *profile, const struct month *month, bool full,
                            struct affected *ret_affected, struct err *err);

/* Whether the register has changed. */
bool affected_moves_register(const struct affected *affected);

/*
 * Take in persons and households, PostgreSQL arrays or NULL, and whom they bring, and fill again.
 * Too many after all: the affected set is full, and everything dropped.
 */
NODISCARD int affected_add(struct store *store, struct affected *affected, const char *persons,
                           const char *households, struct err *err);

/* Make the affected set as it is a place to come back to: the savepoint "affected". */
NODISCARD int affected_keep(struct store *store, struct err *err);

/*
 * When the guards of absence (match/found.sql, `unknown`) know more or less of
 * somebody outside than the month did: go back to the savepoint, take them in,
 * and say so; what followed it must be done again. Completes `unknown` with
 * what is known of those outside.
 */
NODISCARD int affected_widen(struct store *store, struct affected *affected, bool *ret_wider,
                             struct err *err);

/* Give up and judge in full: go back to the savepoint, drop everything, note why. */
NODISCARD int affected_leave(struct store *store, struct affected *affected, const char *why,
                             struct err *err);

/* List the rules that can be used, and what each is about. */
void affected_list_subjects(const struct rules *rules, struct list *ids, struct list *subjects);

/* Leave out of found_row whom the affected set does not hold. */
NODISCARD int affected_trim(struct store *store, const struct affected *affected, struct err *err);

/* Note what the month has read and by what it was judged, for the next time. */
NODISCARD int affected_note(struct store *store, const struct affected *affected, struct err *err);

#endif
