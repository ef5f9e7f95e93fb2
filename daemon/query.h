/*
 * query — the SQL of judging: the files of daemon/match, one statement or script each.
 */
#ifndef QUERY_H
#define QUERY_H

#include "sql.h"

SQL_FILES(query);

/* The text of a file by its name, "person.sql". */
static inline const char *
query_text(const char *name)
{
    return sql_text(query_files, query_count, name);
}

#endif
