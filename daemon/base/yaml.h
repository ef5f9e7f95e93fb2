/*
 * yaml — a YAML file as a tree whose nodes know where they stand.
 *
 * One document a file, at most YAML_BYTES_MAX bytes and YAML_DEPTH_MAX levels;
 * anchors, aliases, tags and duplicate keys are refused. Every node belongs to
 * its tree.
 */
#ifndef YAML_TREE_H
#define YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

#define YAML_BYTES_MAX (1 << 20)
#define YAML_DEPTH_MAX 16

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    const char *file;
    int line, column; /* from 1 */
    const char *key;  /* within a map, else NULL */
    int key_line, key_column;
    const char *text;                     /* of a scalar */
    bool quoted;                          /* the scalar was quoted: never null or a number */
    const struct yaml_node *first, *next; /* children of a list or map; next sibling */
    size_t count;                         /* children */
};

struct yaml_tree;

/* Read a file. ERR_CONFIG with "file:line:col: reason", ERR_MISSING when there is no such file. */
NODISCARD int yaml_load(const char *path, struct yaml_tree **ret_tree, struct err *err);

/* Parse text as if it came from `file`. */
NODISCARD int yaml_parse(const char *file, const char *text, size_t len,
                         struct yaml_tree **ret_tree, struct err *err);

/* libyaml exports a yaml_free of its own, which it would reach ours instead of. */
void yaml_free(struct yaml_tree *tree) __asm__("yaml_tree_free");
AUTO_DEFINE(struct yaml_tree, yaml_free)

const struct yaml_node *yaml_root(const struct yaml_tree *tree);

/* Return a map's child, or NULL. */
const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key);

/*
 * Read a scalar; each fails with ERR_CONFIG "file:line:col: …" when the node is of another kind.
 * A value left empty, ~ and null are no text; numbers are decimal and booleans true or false.
 */
NODISCARD int yaml_text(const struct yaml_node *node, const char **ret_text, struct err *err);
NODISCARD int yaml_int(const struct yaml_node *node, int64_t min, int64_t max, int64_t *ret_value,
                       struct err *err);
NODISCARD int yaml_bool(const struct yaml_node *node, bool *ret_value, struct err *err);

/* Fail with ERR_CONFIG at the node's place: "file:line:col: message". Always returns -1. */
int yaml_fail(const struct yaml_node *node, struct err *err, const char *fmt, ...) PRINTF(3, 4);

#endif
