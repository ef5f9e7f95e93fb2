/*
 * sql — SQL files that the build has put into the program (sql.py).
 *
 * A folder's files stand in its generated header, judge/judge_sql.h: judge_sql_person is
 * judge/sql/person.sql, and judge_sql_all all of them, in the order that meson.build gives.
 */
#ifndef SQL_H
#define SQL_H

#include <stddef.h>

struct sql {
    const char *name; /* "person.sql" */
    const char *text;
};

#endif
