/*
 * roster — the access list as rows of the database, with their history.
 *
 *     ops.office    who sends feeds or takes events
 *     ops."grant"   what a key may send or take in a county, and which feeds are expected
 *     ops.key       public keys, never a secret one
 *     ops.login     the counties whose rows a login of the database sees
 *
 * A row says since when the list has named it and, once the list does not, until when. It is never
 * changed otherwise and never deleted: an entry that changes ends its row and begins another one,
 * and so does one that comes again. Rows without `until` stand.
 *
 * A roster is made from a list and never changes; any thread may write it. Not done here: who may
 * connect, which the list in memory decides (settings/access).
 */
#ifndef ROSTER_H
#define ROSTER_H

#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "settings/access.h"
#include "store/store.h"

enum roster_table { ROSTER_OFFICE, ROSTER_GRANT, ROSTER_KEY, ROSTER_LOGIN };
#define ROSTER_TABLES (ROSTER_LOGIN + 1)

struct roster;

/* Take the rows of a list, which may go away afterwards. */
struct roster *roster_new(const struct access *access);
void roster_free(struct roster *roster);
AUTO_DEFINE(struct roster, roster_free)

/* A table's rows as the list has them: a JSON array of objects, which belongs to the roster. */
const char *roster_rows(const struct roster *roster, enum roster_table table);

/* How many rows began and ended. */
struct roster_changes {
    int64_t begun, ended;
};

/*
 * Bring the tables to the access list, in a transaction of its own: `today` is the first day of
 * rows that begin and the last of rows that end. Committed on return; after a failure the caller
 * rolls back.
 */
NODISCARD int roster_write(struct store *store, const struct roster *roster, int32_t today,
                           struct roster_changes *ret_changes, struct err *err);

#endif
