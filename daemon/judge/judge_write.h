/*
 * judge_write — brings match.* to what a month's rules have found.
 *
 * Changes only rows that differ, and notes in match.touched and match.county the keys whose cases
 * that can change.
 */
#ifndef JUDGE_WRITE_H
#define JUDGE_WRITE_H

#include "judge/judge.h"
#include "judge/judge_guard.h"
#include "judge/affected.h"

/* Write findings, withheld subjects, the report of every rule's run and the month itself, of
   everybody or of the affected set. */
NODISCARD int judge_write(struct store *store, const struct judge *judge,
                          const struct affected *affected, struct judge_run *runs, struct err *err);

#endif
