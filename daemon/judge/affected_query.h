/*
 * affected_query — pieces of the queries by which an affected set takes rows in.
 *
 * The affected set stands in the tables affected_person, affected_household and affected_house,
 * each person, household or house with the round of the closure in which it came; their rows stand
 * in affected_<type>. Whatever the planner thinks of tables so new, the numbers and rows that a
 * table already holds are hashed once: an index that every row goes into costs more than the
 * look-up that found the row.
 */
#ifndef AFFECTED_QUERY_H
#define AFFECTED_QUERY_H

#include "base/buf.h"
#include "judge/affected.h"

#define AFFECTED_NAME_MAX 72
/* Few rows are looked up by index, in tables that are mostly in memory. PostgreSQL takes a look-up
   for several times as costly as it is: reading a list of ten times as many rows takes longer. */
#define AFFECTED_BY_INDEX                                                                          \
    "set local enable_nestloop = on; set local random_page_cost = 0.2;"                            \
    " set local cpu_operator_cost = 0.001"
/* Later statements go through the rows that were taken in, and look up few others. */
#define AFFECTED_TAKEN_IN "set local random_page_cost = 1.1; set local cpu_operator_cost to default"

bool affected_field(const struct record_type *type, const char *name);

/* A table of the affected set and the kind of subject it holds; its column is the subject's
   (subject.h). */
struct affected_kind {
    const char *table;
    enum subject subject;
};
#define AFFECTED_KINDS 3
extern const struct affected_kind affected_kinds[AFFECTED_KINDS];

/* Whether the natural key contains every person, household and house column, so that older rows of
   the key name nobody else. */
bool affected_key_tells(const struct record_type *type);

/* Make the empty table affected_<type>. */
NODISCARD int affected_create(struct store *store, const struct record_type *type, struct err *err);

/* Write "affected_<type>". */
void affected_table_name(const struct record_type *type, char ret_name[AFFECTED_NAME_MAX]);

/* Append the query "sought" of a column of affected_person or another table of the set: each number
   once, and in the order that affected_gain gave a round, so that an index and the rows its entries
   point to are gone through forwards. `round` 0: of every round; `except`: without the numbers in
   that table's column, or NULL. */
void affected_add_sought(const char *column, const char *table, int round, const char *except,
                         struct buf *out);

/* Append a query of the record type's rows that match.link links with a person of the affected set.
   */
void affected_add_linked(const struct affected *affected, const struct record_type *type,
                         struct buf *out);

/* Run a statement and clear the buffer. */
NODISCARD int affected_run(struct store *store, struct buf *sql, struct err *err);

/* Add to affected_person, affected_household or affected_house (`table`) the numbers in a column of
   `from`, a table or a query in brackets, that `table` lacks, in order. */
NODISCARD int affected_gain(struct store *store, const char *table, const char *column,
                            const char *from, int round, struct err *err);

/* Put the rows of a query into a table of affected_<type>, unless they are there already, and add
   their number to `count`, unless it is NULL; clears the query. */
NODISCARD int affected_put(struct store *store, const char *name, struct buf *rows, int64_t *count,
                           struct err *err);

/* Put into affected_<type> the rows that may stand in place of one of its rows, having the same
   key, and name somebody else. */
NODISCARD int affected_put_superseding(struct store *store, const struct affected *affected,
                                       const struct affected_type *one, struct err *err);

#endif
