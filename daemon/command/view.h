/*
 * view — a result as a table for people or as JSON for programs.
 *
 * A table is aligned by display width, since Chinese characters take two
 * columns. JSON is one object a line. Stateless; any thread.
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "store/store.h"

enum view_kind {
    VIEW_TEXT,
    VIEW_INT,
    VIEW_BOOL,
    VIEW_JSON, /* jsonb, in JSON only */
    VIEW_LIST  /* text for people, left out of JSON */
};

/* One column of a result, in its order. */
struct view_column {
    const char *key;   /* in JSON */
    const char *title; /* Chinese, in the table */
    enum view_kind kind;
};

/* Write every row as an object a line. */
void view_json(struct store_result *result, const struct view_column *columns, size_t count,
               FILE *out);

/* Write a table with a header line; says that there is nothing when there are no rows. */
void view_table(struct store_result *result, const struct view_column *columns, size_t count,
                FILE *out);

/* Columns that a text takes on a terminal. */
int view_width(const char *text);

#endif
