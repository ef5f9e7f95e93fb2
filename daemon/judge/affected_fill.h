/*
 * affected_fill — the tables affected_<type>: the rows of everyone whom an affected set holds.
 */
#ifndef AFFECTED_FILL_H
#define AFFECTED_FILL_H

#include "judge/affected.h"

/* Make the tables affected_* of everyone in the affected set, in place of those of a smaller one, and the view
   affected_subject of whom they are about. */
NODISCARD int affected_fill(struct store *store, const struct affected *affected, struct err *err);

#endif
