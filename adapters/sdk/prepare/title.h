/*
 * title — what the rows above and below a table say of all of it: the unit of its sums, its month.
 *
 * Pure. A row that says nothing of the kind is not looked at any further.
 */
#ifndef TITLE_H
#define TITLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/source.h"

/* Whether a row says that sums count thousands or ten thousands of yuan: （万元）, 单位：千元, or 单位： and
   万元 in two cells. */
bool title_counts_more(const struct source_row *row);

/* The month, YYYYMM, that a row names as 2026年4月; 0 when it names none, or several. */
int32_t title_month(const struct source_row *row);

#endif
