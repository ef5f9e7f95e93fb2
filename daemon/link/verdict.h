/*
 * verdict — the files that `qianshao link` writes: links and their explanation.
 *
 * links: record_id, entity_id (the record_id of the person's first record), band (auto, review or
 * single), pass, weight (bits), probability. pairs: two record_ids, whether they ended as one person,
 * pass, and the terms of the weight, which add up to it. A file appears whole or not at all.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "link/people.h"

/* How many records and persons a linkage found; pairs above the threshold for review. */
struct verdict_counts {
    uint32_t records, persons, automatic, review, single;
};

/* Write the links. ERR_SYSTEM. */
NODISCARD int verdict_links(const char *path, const struct link *link, const struct people *people,
                            struct verdict_counts *ret_counts, struct err *err);

/* Where a new record was placed. */
struct verdict_placed {
    struct lookup_place place;
    /* A known record of its person; or for a new person, by how much more than known_count, the new
       record that began it. */
    uint32_t entity;
};

/* New records that were placed among known ones. */
struct verdict_placing {
    const struct people *known, *people;
    uint32_t known_count, count;
    const struct verdict_placed *placed; /* one a new record */
};

/*
 * Write where new records were placed, as verdict_links does; entity_id is the known records' own, or
 * the record_id of a new person's first record. ERR_SYSTEM.
 */
NODISCARD int verdict_places(const char *path, const struct verdict_placing *placing,
                             struct verdict_counts *ret_counts, struct err *err);

/* Write the scored pairs with the weight of each field. ERR_SYSTEM. */
NODISCARD int verdict_pairs(const char *path, const struct link *link, const struct people *people,
                            struct err *err);

#endif
