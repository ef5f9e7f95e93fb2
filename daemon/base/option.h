/*
 * option — a program's settings, read from YAML by one table.
 *
 * The table is the only place where an option exists: it says where the value goes, what it may be,
 * its preset and what it is for. Everything wrong with a file is reported at once, each problem
 * with its place; --help, the reference and --print come from the same table. What no single
 * option can say is checked by the table's owner. Stateless; any thread.
 */
#ifndef OPTION_H
#define OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/problem.h"
#include "base/yaml.h"

enum option_kind {
    OPTION_TEXT,   /* char *, owned by the settings; one line, not empty */
    OPTION_PATH,   /* the same, made absolute: it begins at the folder of the settings file, or is
                      "credential:NAME", which systemd's LoadCredential= provides */
    OPTION_INT,    /* int, from min to max */
    OPTION_CHOICE, /* int or an enum, by name */
    OPTION_CODE,   /* uint32_t: six digits, the first one not 0 */
    OPTION_TREE    /* somebody else's: only the key is known here */
};

struct option_choice {
    const char *name; /* NULL ends a list */
    int value;
};

/* Return why a text is no value of an option, or NULL. */
typedef const char *option_check_fn(const char *text);

struct option {
    const char *name; /* "spool.max_mib": max_mib in the map spool, which is called a section */
    enum option_kind kind;
    size_t place;       /* offset in the settings struct */
    bool required;      /* it must be given */
    bool secret;        /* option_print hides its value */
    const char *preset; /* as it would stand in the file; NULL: none (NULL or 0) */
    int min, max;
    const struct option_choice *choices;
    option_check_fn *check; /* of a text; NULL: any */
    const char *help;
};

/* A table and, for entries of a list, the section that each entry is: "counties". */
struct option_table {
    const struct option *options;
    size_t count;
    const char *section; /* NULL: the options' names begin at the map that is read */
};

/*
 * Read every option from a map into `settings`, which is zeroed, and give the others their presets.
 * Problems are added to the list; `settings` may then be partly filled: option_done frees it.
 */
void option_read(const struct option_table *table, const struct yaml_node *map, void *settings,
                 struct problem_list *problems);

/* Give every option its preset, as if the file were empty; paths, which need a file, get none. */
void option_preset(const struct option_table *table, void *settings);

/* Free the texts of a settings struct. */
void option_done(const struct option_table *table, void *settings);

/* Return the node of an option by its name, or NULL when the map does not give it. */
const struct yaml_node *option_find(const struct yaml_node *map, const char *name);

/* Return where to complain about an option: its node, or the map when it is not given. */
const struct yaml_node *option_place(const struct yaml_node *map, const char *name);

/*
 * Append the values in force as YAML that option_read reads to the same. Options that have none,
 * trees and the values of secrets are left out; a secret's line says so in a comment.
 */
void option_print(const struct option_table *table, const void *settings, struct buf *out);

/* Append the values in force as an entry of a YAML list. */
void option_print_entry(const struct option_table *table, const void *settings, struct buf *out);

/* The words around an option's help, in the reader's language. */
struct option_words {
    const char *required;         /* " (required)" */
    const char *preset, *closing; /* " (default ", ")" */
};

/* Print the table for --help. */
void option_help(const struct option_table *table, const struct option_words *words, FILE *out);

/* Print the table's rows of a reference in Markdown: option, value, default, meaning. */
void option_describe(const struct option_table *table, FILE *out);

#endif
