/*
 * migrate — brings a database to this program's schema: the numbered files of migration/, forward only,
 * then the feed tables (feed.h).
 */
#ifndef MIGRATE_H
#define MIGRATE_H

#include "base/err.h"
#include "store/store.h"

/* Apply the migrations that are missing, each in its own transaction, as a superuser or owner, and make
   the feed tables; `*ret_applied` counts both. ERR_CONFLICT when the database is newer than this program. */
NODISCARD int migrate_run(struct store *store, int *ret_applied, struct err *err);

/* ERR_CONFLICT when the schema is older or newer than this program, with a hint. */
NODISCARD int migrate_check(struct store *store, struct err *err);

#endif
