/*
 * affected_query — pieces of the queries by which an affected set takes rows in.
 *
 * Whom the affected set holds stands in affected_person, affected_household and affected_house, each with the round it
 * came in; rows stand in affected_<type>. Whatever the planner thinks of tables so new, who and what is
 * there already is hashed once: an index that each goes into costs more than the look-up that found it.
 */
#ifndef AFFECTED_QUERY_H
#define AFFECTED_QUERY_H

#include "base/buf.h"
#include "judge/affected.h"

#define AFFECTED_NAME_MAX 72
/* Few are looked up by index, in tables that are mostly in memory. What PostgreSQL thinks a look-up costs
   is several times what it does: a list of ten times as many rows takes longer to read. */
#define AFFECTED_BY_INDEX                                                                          \
    "set local enable_nestloop = on; set local random_page_cost = 0.2;"                            \
    " set local cpu_operator_cost = 0.001"
/* What follows goes through what was taken in, and looks up little else. */
#define AFFECTED_TAKEN_IN "set local random_page_cost = 1.1; set local cpu_operator_cost to default"

bool affected_field(const struct record_type *type, const char *name);

/* Whom an affected set holds: a table each, whose column is the subject's (subject.h). */
struct affected_kind {
    const char *whom; /* the table */
    enum subject subject;
};
#define AFFECTED_KINDS 3
extern const struct affected_kind affected_kinds[AFFECTED_KINDS];

/* Whether the natural key alone says who a row is about. */
bool affected_key_tells(const struct record_type *type);

/* Make the empty table affected_<type>. */
NODISCARD int affected_create(struct store *store, const struct record_type *type, struct err *err);

/* Write "affected_<type>". */
void affected_table_name(const struct record_type *type, char ret_name[AFFECTED_NAME_MAX]);

/* Append whom of a table, each once and in the order of a round (affected_gain): then an index and what it
   points to are gone through forwards. Of every round, when it is 0; without those whom a table holds,
   unless it is NULL. */
void affected_add_sought(const char *column, const char *whom, int round, const char *except,
                         struct buf *out);

/* Append a query of the rows of a record type that are linked with a person of the affected set. */
void affected_add_linked(const struct affected *affected, const struct record_type *type,
                         struct buf *out);

/* Run a statement and clear it. */
NODISCARD int affected_run(struct store *store, struct buf *sql, struct err *err);

/* Add whom a column of a table, or of a query in brackets, names to affected_person, affected_household or
   affected_house, in order. */
NODISCARD int affected_gain(struct store *store, const char *whom, const char *column,
                            const char *from, int round, struct err *err);

/* Put the rows of a query into a table where they are not yet, and add to `count`, unless it is NULL,
   how many those are; clears the query. */
NODISCARD int affected_put(struct store *store, const char *name, struct buf *rows, int64_t *count,
                           struct err *err);

/* Put in the rows that may stand in place of those in a record type's table, and be about somebody else. */
NODISCARD int affected_put_superseding(struct store *store, const struct affected *affected,
                                       const struct affected_type *one, struct err *err);

#endif
