/*
 * trial — tries the rules before they judge anybody (`qianshao rules check`).
 *
 * Each rule's query is parsed against the views of an empty month; the relations and functions in
 * it are taken from the parsed query itself; the query is planned as if every list held a million
 * rows, and run as qs_rule. All in one transaction that is rolled back. Nothing of the county's
 * data is read.
 *
 * Refused are: a query that PostgreSQL does not take, relations that are no view for rules,
 * functions whose answer depends on more than their arguments or that do something, nested loops
 * over whole tables, and a query that does not end.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "judge/judge.h"

/*
 * Try every rule of `judge`. A line "file:line: reason" for each refused rule is appended to
 * `problems`, and counted. A query that takes longer than `timeout_ms`, at most 10 s, does not end.
 * Fails only when nothing can be tried (no database, no privilege).
 */
NODISCARD int trial_run(struct store *store, const struct judge *judge, int timeout_ms,
                        struct buf *problems, size_t *ret_refused, struct err *err);

#endif
