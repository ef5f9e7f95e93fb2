/*
 * list — PostgreSQL's array texts, '{1,2}' and '{"a","b \"c\""}', and the only place that quotes them.
 */
#ifndef LIST_H
#define LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* An array that grows; {0} is empty. */
struct list {
    struct buf text;
    size_t count;
};

void list_done(struct list *list);
#define AUTO_LIST __attribute__((cleanup(list_done)))

/* Forget the elements, keep the memory. */
void list_clear(struct list *list);

/* Append a number, or a text in quotes; NULL is SQL's null. The text ends before its first NUL. */
void list_add_int(struct list *list, int64_t number);
void list_add_text(struct list *list, const char *text);

/* The array as a parameter takes it, "{}" when it is empty; the list keeps it until it changes. */
const char *list_str(struct list *list);

/* Append the array as an SQL literal, '{1,2}'::integer[], for a script that takes no parameters. */
void list_add_literal(struct list *list, const char *type, struct buf *sql);

#endif
