/*
 * migration — the numbered SQL files of daemon/migration/, oldest first.
 */
#ifndef MIGRATION_H
#define MIGRATION_H

#include "sql.h"

#define MIGRATION_MAX 64

SQL_FILES(migration);

#endif
