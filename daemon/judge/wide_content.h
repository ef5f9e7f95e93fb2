/*
 * wide_content — the view that gives the rows of one record type's content.
 *
 * Which submissions a month reads is content.h's; which of their rows count is said here: the newest
 * of each natural key, without those removed. Most feeds have each key once: that is asked once for
 * a set of submissions, kept, and spares every later reader a sort.
 */
#ifndef WIDE_CONTENT_H
#define WIDE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "month/content.h"
#include "store/store.h"

/* What a month reads of one record type. */
struct wide_content {
    struct content content;
    bool unique;    /* no natural key occurs twice in its bases */
    bool known;     /* whether it does is known */
    char table[80]; /* where its rows are: the feed's, or those of an affected set */
};

/* Say where a record type's rows are: in the feed's table, or of an affected set in affected_<type>. */
void wide_content_locate(struct wide_content *wide, bool affected);

/*
 * Find out of each content whether its bases hold each natural key once; what later parts replace is
 * no duplicate. `known_only`, for an affected set: without reading rows, for what nobody has asked before is
 * taken to have some twice, which costs the slower way over few rows.
 */
NODISCARD int wide_content_ask(struct store *store, struct wide_content *list, size_t count,
                               uint32_t county, bool known_only, struct err *err);

/* Append {1,2}: the submissions that may hold a row in place of another one of its key. */
void wide_content_add_superseding(const struct wide_content *wide, struct buf *out);

/* Append to a script what makes <kind>_<type><suffix>: kind is "content", or "raw" where rows are
   still to be linked, or "every". */
void wide_content_add(const struct wide_content *wide, uint32_t county, const char *kind,
                      const char *suffix, struct buf *script);

/* Whether the rows of a record type name a person, a household or a house: then an affected set has a table
   of them. */
bool wide_names(const struct record_type *type);

/* Append the natural key's columns, each behind the prefix. */
void wide_add_keys(const struct record_type *type, const char *prefix, struct buf *out);

#endif
