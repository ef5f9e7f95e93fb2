/*
 * quality — errors in a sector's lists of a month, for the sector itself.
 *
 * Q01 bad number, Q02 damaged column, Q03 a number under another name than the register's, Q04
 * duplicate or contradiction, Q05 money that does not add up, Q06 a number that the register does
 * not have. Row by row, by the row's place in the sector's own file: no name and no number leaves
 * the database. Never part of an event: the bureau does not get the report.
 */
#ifndef QUALITY_H
#define QUALITY_H

#include "judge/judge.h"

/* Columns of the result: check, its meaning (Chinese), record type, producer, period (YYYY-MM),
   revision, row in the file (null: the whole file), column (may be null). */
#define QUALITY_COLUMNS 8

/*
 * Look through the lists of a sector ("education") that the month reads and that came for the
 * month. Makes the month's views in the caller's transaction, which the caller rolls back.
 * ERR_INPUT: no such sector.
 */
NODISCARD int quality_report(struct store *store, const struct judge *judge,
                             const struct month *month, const char *sector,
                             struct store_result **ret_result, struct err *err);

#endif
