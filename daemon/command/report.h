/*
 * report — what the command `qianshao` shows, as SQL and columns.
 *
 * Each report is one query over what ops may read, command/sql/<name>.sql, and the
 * columns of its result in their order. Parameters: $1 county or null, $2 month
 * (its first day) or null, $3 the word behind the command or null. A view that
 * holds people comes twice, _masked and _full; `{sight}` in the SQL stands for
 * one of the two.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "command/view.h"
#include "store/sql.h"

struct report {
    const char *name;
    const struct sql *sql;
    const struct view_column *columns;
    size_t column_count;
    bool monthly;                  /* takes $4: the record types that come every month */
    int subject_type, subject_ref; /* columns by which a look-up is audited; 0: none */
    const char *detail; /* the report of the same word shown below it as a table, and audited */
};

/* Return the report of this name, or NULL. */
const struct report *report_find(const char *name);

/* Whether it holds people, so that the role reveal may see more than ops. */
bool report_can_reveal(const struct report *report);

/* Append its query: in full, for the role reveal, or masked. */
void report_add_sql(const struct report *report, bool full, struct buf *out);

#endif
