/*
 * judge_write — brings match.* to what a month's rules have found.
 *
 * Changes only what differs, and takes note in match.touched and match.county
 * of whose cases that can change.
 */
#ifndef JUDGE_WRITE_H
#define JUDGE_WRITE_H

#include "judge/judge.h"
#include "judge/judge_guard.h"
#include "judge/affected.h"

/* Write findings, withheld subjects, the report of every rule's run and the month itself, of all or
   of whom the affected set holds. */
NODISCARD int judge_write(struct store *store, const struct judge *judge,
                          const struct affected *affected, struct judge_run *runs, struct err *err);

#endif
