/*
 * roster_list — the rows of an access list. Private to roster*.c.
 */
#ifndef ROSTER_LIST_H
#define ROSTER_LIST_H

#include "base/buf.h"
#include "roster/roster.h"

struct roster {
    struct buf rows[ROSTER_TABLES]; /* JSON, ended by a NUL */
};

/* Append a table's rows to `out` as a JSON array of objects. */
void roster_list_offices(const struct access *access, struct buf *out);
void roster_list_grants(const struct access *access, struct buf *out);
void roster_list_keys(const struct access *access, struct buf *out);
void roster_list_logins(const struct access *access, struct buf *out);

#endif
