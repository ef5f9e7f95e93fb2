/*
 * affected — the persons, households and houses whom a change touches, so that a month need not be
 * judged in full.
 *
 * A month that was judged before is compared with the submissions that it read then: some came,
 * some went. The natural keys of their rows, and other rows under the same keys, name the touched
 * persons, households and houses: the affected set. It is closed over every list that joins one of
 * them to another (members of one household before and after, owners of a house, accounts of a
 * household), so that no person or household outside the set can depend on the change, nor be
 * needed to judge those inside. The rules then run unchanged over the rows of the affected set
 * alone (`wide_build`), and only findings about its members are replaced.
 *
 * Judged in full are: the first judging of a month, other rules or profile, a rule that begins or
 * ceases to run, another standard, a change that touches too many persons.
 *
 * Works on the caller's store, in the caller's transaction. Makes the temporary tables
 * affected_person, affected_household and affected_house (the affected set), and affected_<type> of
 * each record type (its rows that name somebody of the set, of every submission read now or
 * before).
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

/* The submissions that one record type's content has now and had before. Texts are PostgreSQL
   arrays, "{1,2}". */
struct affected_type {
    const struct record_type *type;
    bool before;       /* the earlier register of X02 */
    char *every;       /* submissions read now or before; owned */
    char *changed;     /* submissions read only now or only before; owned */
    char *superseding; /* submissions whose rows may replace others of their key; owned */
    bool differs;      /* `changed` is not empty */
    bool once; /* a joining list that holds each number once: a person has one row in the list */
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
 * Find the affected set of the month. `full`: everybody, whatever has changed. Drops the temporary
 * tables of the month before; unless the month must be judged in full, the affected set is closed
 * and filled: wide_relink can follow, then affected_keep.
 */
NODISCARD int affected_find(struct store *store, const struct rules *rules,
                            const struct profile *profile, const struct month *month, bool full,
                            struct affected *ret_affected, struct err *err);

/* Whether the register has changed. */
bool affected_moves_register(const struct affected *affected);

/*
 * Take persons and households, PostgreSQL arrays or NULL, into the affected set, and everybody
 * joined to them, and fill affected_<type> again. Too many persons after all: the month is judged
 * in full, and the tables are dropped.
 */
NODISCARD int affected_add(struct store *store, struct affected *affected, const char *persons,
                           const char *households, struct err *err);

/* Make the savepoint "affected": the affected set as it is now can be come back to. */
NODISCARD int affected_keep(struct store *store, struct err *err);

/*
 * Complete `unknown` with what match.unknown says of persons outside the affected set. When the
 * guards of absence (sql/found.sql, `unknown`) then know more or less of somebody outside than the
 * month did: go back to the savepoint, take these persons and households in, and set `*ret_wider`;
 * everything done after the savepoint must be done again.
 */
NODISCARD int affected_widen(struct store *store, struct affected *affected, bool *ret_wider,
                             struct err *err);

/* Give up and judge in full: go back to the savepoint, drop everything, note why. */
NODISCARD int affected_leave(struct store *store, struct affected *affected, const char *why,
                             struct err *err);

/* List the ids of the rules that can be used, and the subject of each. */
void affected_list_subjects(const struct rules *rules, struct list *ids, struct list *subjects);

/* Delete from found_row the subjects that the affected set does not hold. */
NODISCARD int affected_trim(struct store *store, const struct affected *affected, struct err *err);

/* Note in match.month and match.reading by which rules and profile the month was judged and which
   submissions it read, for the next time. */
NODISCARD int affected_note(struct store *store, const struct affected *affected, struct err *err);

#endif
