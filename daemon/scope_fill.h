/*
 * scope_fill — the tables scoped_<type>: the rows of everyone whom a scope holds.
 */
#ifndef SCOPE_FILL_H
#define SCOPE_FILL_H

#include "scope.h"

/* Make the tables scoped_* of everyone in the scope, in place of those of a smaller one, and the view
   scope_subject of whom they are about. */
NODISCARD int scope_fill(struct store *store, const struct scope *scope, struct err *err);

#endif
