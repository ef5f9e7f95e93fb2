/*
 * identity_pairs — the pairs of two sets of persons that are worth comparing, and the weight of
 * each.
 *
 * Linkage between two tables: unmatched rows on one side, the register's members on the other. Only
 * pairs across are looked for, by the keys of link/keys.h, and the model is fitted to these pairs
 * (link/model.h): how often kin and strangers share a key says nothing about members among
 * themselves. Pure; the threads that a call starts have ended when it returns, and their number
 * changes nothing.
 */
#ifndef IDENTITY_PAIRS_H
#define IDENTITY_PAIRS_H

#include <stddef.h>
#include <stdint.h>

#include "link/model.h"
#include "link/person.h"

/* A row and a member that may be one person. */
struct identity_pair {
    uint32_t row, member; /* indices */
    uint32_t pattern;
    int32_t total; /* of the model: thousandths of a bit */
};

struct identity_pairs {
    struct model model;
    struct identity_pair *list; /* by row, then strongest first, then by member */
    size_t count;
    uint32_t cut; /* blocks of members too large to be compared with a row */
};

/*
 * Compare rows with members. The members' order matters to the model's sample, so it must follow
 * from the members' content; their field `others` is set here. Pairs that cannot become a link are
 * counted in the model and left out of the list.
 */
void identity_pairs_find(const struct person *rows, uint32_t row_count, struct person *members,
                         uint32_t member_count, unsigned threads, struct identity_pairs *ret_pairs);

void identity_pairs_done(struct identity_pairs *pairs);

#endif
