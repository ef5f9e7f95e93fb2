/*
 * link — whose record is it: records of persons in, links and persons out.
 *
 * A linkage is filled with records, run once, and read: the persons it found,
 * the links that hold them together, and for each link what every field
 * weighed. It needs no database, no settings and no network; records may come
 * from files or from the store. The order of the records does not matter to
 * who is linked with whom, nor does the number of threads.
 *
 * Three passes mark a link: 1 the same number and a name or birth date that
 * agrees; 2 name, birth date and one of telephone, address and household
 * without two different numbers; 3 the model's score.
 */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/cluster.h"
#include "link/keys.h"
#include "link/lookup.h"
#include "link/normalise.h"

#define LINK_RECORDS_MAX 100000000
#define LINK_SOURCES_MAX 1024

struct link_options {
    unsigned threads; /* at least 1 */
    int32_t today;    /* no birth date lies behind it */
    double accept;    /* probability from which a link is automatic; 0: LINK_ACCEPT */
    double review;    /* probability from which it is kept for review; 0: LINK_REVIEW */
    const bool *once; /* by source: it holds a person once; borrowed; NULL: none does */
};

#define LINK_ACCEPT 0.9995
#define LINK_REVIEW 0.5

/* A record that is added. */
struct link_record {
    struct normalise_cells cells;
    uint16_t source;
};

struct link;

struct link *link_new(const struct link_options *options);
void link_free(struct link *link);
AUTO_DEFINE(struct link, link_free)

/*
 * Begin to add records, numbered from 0 in the order added, and return while the other threads
 * normalise; `records` and the bytes of their cells stay until link_add_finish, which does its part
 * and waits. One start at a time.
 */
void link_add_start(struct link *link, const struct link_record *records, size_t count);
void link_add_finish(struct link *link);

/* Link the records that were added. Call once. */
void link_run(struct link *link);

/*
 * Keep the persons that records were linked to before, instead of link_run: `entities` holds for
 * each record the first record of its person. The model is fitted and the pairs are scored, no
 * record moves.
 */
void link_keep(struct link *link, const uint32_t *entities);

/* How many threads work. */
unsigned link_threads(const struct link *link);

/* The records that were added, and after link_run or link_keep where each record ended. */
uint32_t link_count(const struct link *link);
const struct person *link_persons(const struct link *link);
const struct cluster_place *link_places(const struct link *link);

/* The scored pairs, strongest first, those too weak for review among them. */
size_t link_pair_count(const struct link *link);
const struct cluster_link *link_pairs(const struct link *link);

/* What each field of a scored pair weighs; the terms add up to its total. */
struct model_score link_explain(const struct link *link, const struct cluster_link *pair);

const struct model *link_model(const struct link *link);

/* From which scores on links are automatic, and are kept for review. */
const struct cluster_rules *link_rules(const struct link *link);

/*
 * Make a look-up of all linked records, for new ones; the caller owns it, and it borrows
 * the linkage.
 */
struct lookup *link_lookup(const struct link *link);

/* The steps of link_run, in order. */
enum link_step { LINK_TALLY, LINK_PAIRS, LINK_FIT, LINK_SCORE, LINK_CLUSTER, LINK_STEPS };

/* How long a step took; processor time is that of all the process's threads. */
struct link_pace {
    int64_t ms, cpu_ms;
};

/* After link_run: how long each step took (LINK_STEPS), and its name: "pairs". */
const struct link_pace *link_paces(const struct link *link);
const char *link_step_name(enum link_step step);

/* The time that has passed and the processor time that was used, so far; only differences count. */
struct link_pace link_pace_now(void);

/* The reports of blocking, one a key (KEYS_COUNT), and how many pairs were compared. */
const struct keys_report *link_keys(const struct link *link);
uint64_t link_compared(const struct link *link);

#endif
