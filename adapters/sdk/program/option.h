/*
 * option — a program's settings read from YAML by one table.
 *
 * The table is the only place where an option exists: it says where the value
 * goes, its range, its preset and what it is for. Everything wrong with a file
 * is reported at once, each as a line "file:line:col: message".
 */
#ifndef OPTION_H
#define OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/yaml.h"
#include "wire.h"

enum option_kind {
    OPTION_TEXT, /* char *, owned by the settings */
    OPTION_PATH, /* char *; a relative path is taken from the settings file's directory */
    OPTION_INT,  /* int64_t */
    OPTION_TREE  /* somebody else's: only the key is known here */
};

struct option {
    const char *name; /* "spool.max_mib": max_mib in the map spool */
    enum option_kind kind;
    size_t place;       /* offset in the settings struct */
    const char *preset; /* NULL: must be given; "": may be left out (text NULL, number 0) */
    int64_t min, max;
    const char *help;
};

/*
 * Read every option of a table from a YAML map into `settings`, which is zeroed. Returns whether
 * all is well; otherwise each problem is a line appended to `problems`, and `settings` may be
 * partly filled: option_done frees it.
 */
NODISCARD bool option_read(const struct option *options, size_t count, const struct yaml_node *root,
                           void *settings, struct buf *problems);

/* Free the texts of a settings struct. */
void option_done(const struct option *options, size_t count, void *settings);

/* Return the node of an option, or NULL when the file does not give it. */
const struct yaml_node *option_find(const struct yaml_node *root, const char *name);

/* Append a problem at a node as one line. */
void option_problem(const struct yaml_node *node, struct buf *problems, const char *fmt, ...)
    PRINTF(3, 4);

/* Print the table for --help. */
void option_print(const struct option *options, size_t count, FILE *out);

/*
 * Read a key file: one Z85 key on its first line. ERR_CONFIG when it cannot be read, holds no key
 * or, for a secret, others than the owner may read it.
 */
NODISCARD int option_read_key(const char *path, bool secret, char ret_key[WIRE_KEY_LEN + 1],
                              struct err *err);

#endif
