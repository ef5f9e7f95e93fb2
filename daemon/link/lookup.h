/*
 * lookup — new records against records that are linked already.
 *
 * Keeps every record's blocking keys in one table, so that a new record costs a
 * few look-ups, however many there are. Comparisons and refusals are those
 * of a whole run (keys, model, cluster); it never moves a record that is
 * placed. Finding only reads, by any number of threads; adding is one thread's,
 * and nobody finds meanwhile.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "base/mem.h"
#include "link/cluster.h"
#include "link/keys.h"

#define LOOKUP_NOBODY UINT32_MAX

/* A record that a new one may be the same person as. */
struct lookup_match {
    uint32_t record, pattern;
    int32_t total;
    uint8_t pass; /* as in struct cluster_link */
};

struct lookup;

/* Make an empty table for about `expected` records; borrows model and rules for its life. */
struct lookup *lookup_new(const struct model *model, const struct cluster_rules *rules,
                          uint32_t expected);
void lookup_free(struct lookup *lookup);
AUTO_DEFINE(struct lookup, lookup_free)

/*
 * Add a record of the entity that record `with` belongs to, or of a new one for LOOKUP_NOBODY.
 * Returns its number, ascending from 0. A long name stays its normaliser's (struct person).
 */
uint32_t lookup_add(struct lookup *lookup, const struct person *person, uint32_t with);

/*
 * Find the records that the person may be the same as: scored from rules->review on, strongest
 * first, at most `size`. Returns how many.
 */
size_t lookup_find(const struct lookup *lookup, const struct person *person,
                   struct lookup_match *ret_matches, size_t size);

/* How a new record is placed. */
struct lookup_place {
    struct lookup_match match; /* record: LOOKUP_NOBODY when it stands alone */
    bool review;               /* the match is below rules->accept, or another person is as near */
};

/* Decide whose record it is; nothing is added. */
struct lookup_place lookup_link(const struct lookup *lookup, const struct person *person);

#endif
