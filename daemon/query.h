/*
 * query — the SQL of judging: the files of daemon/match, one statement or script each.
 */
#ifndef QUERY_H
#define QUERY_H

#include <assert.h>
#include <string.h>

#include "sql.h"

SQL_FILES(query);

/* The text of a file by its name, "person.sql". */
static inline const char *
query_text(const char *name)
{
    for (size_t i = 0; i < query_count; i++)
        if (strcmp(query_files[i].name, name) == 0)
            return query_files[i].text;
    assert(!"a query that the build knows");
    return NULL;
}

#endif
