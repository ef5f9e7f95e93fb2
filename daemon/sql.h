/*
 * sql — SQL files that the build has put into the program (sql.py).
 *
 * SQL_FILES(query) declares what meson.build's `sql_embed` made for a module
 * "query": its files in the order given, which is by name for migrations.
 */
#ifndef SQL_H
#define SQL_H

#include <assert.h>
#include <stddef.h>
#include <string.h>

struct sql_file {
    const char *name; /* "0001_ops.sql" */
    const char *text;
};

#define SQL_FILES(module)                                                                          \
    extern const struct sql_file module##_files[];                                                 \
    extern const size_t module##_count

/* The text of a file by its name, which the build knows. */
static inline const char *
sql_text(const struct sql_file *files, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i].name, name) == 0)
            return files[i].text;
    assert(!"a file that the build knows");
    return NULL;
}

#endif
