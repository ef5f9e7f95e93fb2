/*
 * rows — the rows that count of one record type's content, and the view that gives them.
 *
 * content.h says which submissions a month reads; this module which of their rows count: the newest
 * of each natural key, without those removed. Most feeds have each key once: whether a set of
 * submissions does is asked once, kept in match.distinct_keys, and spares every later reader a
 * sort.
 */
#ifndef ROWS_H
#define ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "month/content.h"
#include "store/list.h"
#include "store/store.h"

/* The table that holds the rows of a content, and what match.distinct_keys knows of their keys. */
struct rows {
    const struct content *content; /* borrowed */
    bool unique;                   /* no natural key occurs twice in its bases */
    bool known;                    /* match.distinct_keys knows whether one does */
    char table[80];                /* the feed's table, or affected_<type> */
};

/* Say where a content's rows are: in the feed's table or, `copies` being a prefix and not NULL, in the
   table <copies>_<type> that was made of some persons' and households' rows. */
void rows_locate(struct rows *rows, const struct content *content, const char *copies);

/*
 * Find out of each content whether its bases hold each natural key once; a row that a later part
 * replaces is no duplicate. `known_only`, for an affected set: without reading rows; bases that
 * nobody has asked about before are taken to hold some key twice, which costs the slower way over
 * few rows.
 */
NODISCARD int rows_ask(struct store *store, struct rows *list, size_t count, uint32_t county,
                       bool known_only, struct err *err);

/* List the submissions that may hold a row in place of another row of its key. */
void rows_list_superseding(const struct rows *rows, struct list *out);

/* Of the month's rows, raw_<type>; of everybody while raw_<type> hold an affected set, every_<type>. */
enum rows_view { ROWS_RAW, ROWS_EVERY };

/* Append to a script the statement that makes raw_<type><suffix> or every_<type><suffix>
   (sql/README.md). */
void rows_add(const struct rows *rows, uint32_t county, enum rows_view view, const char *suffix,
              struct buf *script);

/* Whether the rows of a record type name a person, a household or a house, so that some of them can be
   copied. */
bool rows_names(const struct record_type *type);

/* Append the natural key's columns, each behind the prefix. */
void rows_add_keys(const struct record_type *type, const char *prefix, struct buf *out);

#endif
