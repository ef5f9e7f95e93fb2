/*
 * problem — everything that is wrong with a YAML file, not just the first thing.
 *
 * A reader goes on after a problem, and fails at the end when there was one.
 */
#ifndef PROBLEM_H
#define PROBLEM_H

#include "base/buf.h"
#include "base/err.h"
#include "base/yaml.h"

struct problem_list {
    struct buf *lines; /* borrowed; "file:line:col: message\n" each */
    int count;
};

/* Add a problem at a node, or at its key. */
void problem_at(struct problem_list *list, const struct yaml_node *node, const char *fmt, ...)
    PRINTF(3, 4);
void problem_at_key(struct problem_list *list, const struct yaml_node *node, const char *fmt, ...)
    PRINTF(3, 4);

/* Add the error of a yaml_* function, which names the place already. */
void problem_err(struct problem_list *list, const struct err *err);

/* Make the failure of yaml_load or yaml_parse the file's only problem, unless it is not about the
   file's content. Always returns -1. */
int problem_only(struct buf *lines, const char *file, struct err *err);

/* Fail with ERR_CONFIG and the number of problems when there was any. */
NODISCARD int problem_check(const struct problem_list *list, const char *file, struct err *err);

#endif
