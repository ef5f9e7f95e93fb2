/*
 * book — reads a county's visible submissions and the feeds that the grants name.
 */
#ifndef BOOK_H
#define BOOK_H

#include <stdint.h>

#include "base/err.h"
#include "month/content.h"
#include "store/store.h"

/* Read a county's book in the caller's transaction, if there is one; the caller owns it. Submissions of
   record types that this program does not know are left out. */
NODISCARD int book_load(struct store *store, uint32_t county, struct content_book **ret_book,
                        struct err *err);

#endif
