/* affected_fill — the tables affected_<type>: the rows that name somebody of the affected set. */
#ifndef AFFECTED_FILL_H
#define AFFECTED_FILL_H

#include "judge/affected.h"

/* Make the tables affected_<type>, in place of those of a smaller affected set, and the view
   affected_subject of the set's persons, households and houses. */
NODISCARD int affected_fill(struct store *store, const struct affected *affected, struct err *err);

#endif
