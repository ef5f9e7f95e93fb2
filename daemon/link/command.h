/*
 * command — `qianshao link`: the linkage on files, without a database.
 *
 * Without `known` all records of a file are linked with one another. With it the
 * records of `in` are placed one after the other among records that were linked
 * before; these are not linked again and keep their persons.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* The options of `qianshao link`; texts are borrowed. */
struct command_options {
    const char *in, *out;
    const char *known;   /* records linked before, with their entity_id; NULL: none */
    const char *explain; /* NULL: no file of pairs */
    const char *once;    /* sources that hold a person once, "a,b"; NULL: none */
    int64_t threads;     /* 0: all processors */
    bool verbose;
};

/*
 * Link the records of a file. ERR_INPUT: an option is missing or does not go with another, or a
 * file cannot be used; ERR_SYSTEM: a file cannot be read or written.
 */
NODISCARD int command_link(const struct command_options *options, struct err *err);

#endif
