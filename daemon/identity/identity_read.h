/*
 * identity_read — the two sides of a month's linkage, read by COPY BINARY and normalised.
 *
 * Rows are those of table `unmatched`, which pass 1 has left; members are the whole register of the
 * month: how rare a name is and how many members could fit follow from all members. Members come in
 * an order that follows from their content alone, as the model's sample is taken in that order; the
 * order of rows does not matter.
 */
#ifndef IDENTITY_READ_H
#define IDENTITY_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "link/normalise.h"
#include "link/person.h"
#include "store/store.h"

/* The columns of a row that its person does not hold; texts are offsets in the set's `texts`. */
struct identity_row {
    uint32_t record_type, record_key, key_rest;
    int32_t submission, row_no;
    bool quarantined;
    bool
        known; /* the row's number is a member's, whose name differs: no other member can be linked */
    bool sounds; /* and the two names sound the same */
    uint32_t known_id, known_fold, known_household;
};

struct identity_member {
    uint32_t id_no, fold, household_no;
};

/* Persons, and of each its row or its member. Rows that are not known come first. */
struct identity_set {
    struct normalise *normalise;
    struct person *persons;
    struct identity_row *rows;       /* NULL in a set of members */
    struct identity_member *members; /* NULL in a set of rows */
    uint32_t count, size;
    uint32_t unknown; /* rows that are not known: their number is no member's */
    struct buf texts;
};

void identity_set_done(struct identity_set *set);
#define AUTO_IDENTITY_SET __attribute__((cleanup(identity_set_done)))

/* A text of the set, ended by a NUL; "" when the row has none. */
const char *identity_text(const struct identity_set *set, uint32_t text);

/* Read all of table `unmatched`; no birth date lies behind `today`. */
NODISCARD int identity_read_rows(struct store *store, int32_t today, struct identity_set *ret_set,
                                 struct err *err);

/* Read the month's members, ascending by number: table `named` with the households' details or, when
   that holds only an affected set, the views every_register_*. */
NODISCARD int identity_read_members(struct store *store, bool affected, int32_t today,
                                    struct identity_set *ret_set, struct err *err);

/* The index of the member who has this number, or -1. */
int64_t identity_find_member(const struct identity_set *members, const char *id_no);

#endif
