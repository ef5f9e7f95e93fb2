/*
 * scope_query — pieces of the queries by which a scope takes rows in.
 *
 * Whom the scope holds stands in scope_person, scope_household and scope_house, each with the round it
 * came in; rows stand in scoped_<type>. Whatever the planner thinks of tables so new, who and what is
 * there already is hashed once: an index that each goes into costs more than the look-up that found it.
 */
#ifndef SCOPE_QUERY_H
#define SCOPE_QUERY_H

#include "base/buf.h"
#include "scope.h"

#define SCOPE_NAME_MAX 72
/* Few are looked up by index, in tables that are mostly in memory. What PostgreSQL thinks a look-up costs
   is several times what it does: a list of ten times as many rows takes longer to read. */
#define SCOPE_BY_INDEX                                                                             \
    "set local enable_nestloop = on; set local random_page_cost = 0.2;"                            \
    " set local cpu_operator_cost = 0.001"
/* What follows goes through what was taken in, and looks up little else. */
#define SCOPE_TAKEN_IN "set local random_page_cost = 1.1; set local cpu_operator_cost to default"

bool scope_field(const struct record_type *type, const char *name);

/* Whether a list joins persons and households to each other. */
bool scope_joins(const struct record_type *type);

/* Whom a scope holds: a table each, by the column that names them. */
struct scope_kind {
    const char *whom, *column;
};
#define SCOPE_KINDS 3
extern const struct scope_kind scope_kinds[SCOPE_KINDS];

/* Whether the natural key alone says who a row is about. */
bool scope_key_tells(const struct record_type *type);

/* Write "scoped_<type>". */
void scope_table_name(const struct record_type *type, char ret_name[SCOPE_NAME_MAX]);

/* Append whom of a table, each once and in the order of a round (scope_gain): then an index and what it
   points to are gone through forwards. Of every round, when it is 0; without those whom a table holds,
   unless it is NULL. */
void scope_add_sought(const char *column, const char *whom, int round, const char *except,
                      struct buf *out);

/* Append a query of the rows of a record type that are linked with a person of the scope. */
void scope_add_linked(const struct scope *scope, const struct record_type *type, struct buf *out);

/* Run a statement and clear it. */
NODISCARD int scope_run(struct store *store, struct buf *sql, struct err *err);

/* Add whom a column of a table, or of a query in brackets, names to scope_person, scope_household or
   scope_house, in order. */
NODISCARD int scope_gain(struct store *store, const char *whom, const char *column,
                         const char *from, int round, struct err *err);

/* Put the rows of a query into a table where they are not yet, and add to `count`, unless it is NULL,
   how many those are; clears the query. */
NODISCARD int scope_put(struct store *store, const char *name, struct buf *rows, int64_t *count,
                        struct err *err);

/* Put in the rows that may stand in place of those in a record type's table, and be about somebody else. */
NODISCARD int scope_put_rivals(struct store *store, const struct scope *scope,
                               const struct scope_type *one, struct err *err);

#endif
