/*
 * sql — SQL files that the build has put into the program (sql.py).
 *
 * SQL_FILES(query) declares what meson.build's `sql_embed` made for a module
 * "query": its files in the order given, which is by name for migrations.
 */
#ifndef SQL_H
#define SQL_H

#include <stddef.h>

struct sql_file {
    const char *name; /* "0001_ops.sql" */
    const char *text;
};

#define SQL_FILES(module)                                                                          \
    extern const struct sql_file module##_files[];                                                 \
    extern const size_t module##_count

#endif
