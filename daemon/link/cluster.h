/*
 * cluster — from scored pairs to persons.
 *
 * Links are taken strongest first, and one that would bring together what
 * cannot be one person is left out; so a cluster splits at its weakest edge and
 * is never joined blindly. What cannot be: two good numbers that differ with
 * different given names, two records of a source that holds a person once, two
 * records whose own comparison says that they are two people.
 */
#ifndef CLUSTER_H
#define CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "link/model.h"

/* A scored pair of records. */
struct cluster_link {
    uint32_t a, b; /* indices, a < b */
    uint32_t pattern;
    int32_t total;
    uint8_t pass; /* 1 number, 2 combination, 3 probabilistic */
};

/* Where a record ended. */
struct cluster_place {
    uint32_t entity; /* the smallest index of its cluster */
    int32_t total;   /* of the link that brought it in; of its best link in the first pair */
    uint8_t pass;    /* 0: it stands alone */
    bool review;     /* it came in by a link below `accept` */
};

struct cluster_rules {
    const bool *once; /* by source: it holds a person once; NULL: none does */
    int32_t accept;   /* thousandths: from here on a link is automatic */
    int32_t review;   /* from here on it is kept for review */
};

/* Whether two records keep the clusters apart that they are in. */
bool cluster_apart(const struct cluster_rules *rules, const struct model *model,
                   const struct person *a, const struct person *b);

/*
 * Cluster `count` persons by `links`, the strongest first. Writes one place a person.
 */
void cluster_build(const struct person *persons, uint32_t count, const struct model *model,
                   const struct cluster_rules *rules, const struct cluster_link *links,
                   size_t link_count, struct cluster_place *ret_places);

#endif
