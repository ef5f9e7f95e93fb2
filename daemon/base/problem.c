#include "base/problem.h"

#include <stdarg.h>
#include <stdio.h>

static void problem_add(struct problem_list *list, const char *file, int line, int column,
                        const char *fmt, va_list args) PRINTF(5, 0);

static void
problem_add(struct problem_list *list, const char *file, int line, int column, const char *fmt,
            va_list args)
{
    struct err reason;
    char text[sizeof(reason.text)];

    (void)vsnprintf(text, sizeof(text), fmt, args);
    (void)err_set(&reason, ERR_CONFIG, "%s", text); /* one line */
    buf_add_fmt(list->lines, "%s:%d:%d: %s\n", file, line, column, reason.text);
    list->count++;
}

void
problem_at(struct problem_list *list, const struct yaml_node *node, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    problem_add(list, node->file, node->line, node->column, fmt, args);
    va_end(args);
}

void
problem_at_key(struct problem_list *list, const struct yaml_node *node, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    problem_add(list, node->file, node->key_line, node->key_column, fmt, args);
    va_end(args);
}

void
problem_err(struct problem_list *list, const struct err *err)
{
    buf_add_fmt(list->lines, "%s\n", err->text);
    list->count++;
}

int
problem_only(struct buf *lines, const char *file, struct err *err)
{
    struct problem_list list = {.lines = lines};

    if (err->code != ERR_CONFIG)
        return -1;
    problem_err(&list, err);
    return problem_check(&list, file, err);
}

int
problem_check(const struct problem_list *list, const char *file, struct err *err)
{
    if (list->count == 0)
        return 0;
    return err_set(err, ERR_CONFIG, "%s: %d problem%s", file, list->count,
                   list->count == 1 ? "" : "s");
}
