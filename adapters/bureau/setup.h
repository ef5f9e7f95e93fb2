/*
 * setup — the settings of bureau-adapter, from its YAML file.
 *
 * Read once and then only read; a reload makes a new one. Relative paths are
 * taken from the directory of the file. README.md explains the options.
 */
#ifndef SETUP_H
#define SETUP_H

#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "wire.h"

struct setup {
    char *endpoint;                /* of the hub's event side */
    char *hub_key, *hub_key_file;  /* one of the two */
    char server[WIRE_KEY_LEN + 1]; /* the hub's key, from either */
    char *key_file;
    struct wire_keys keys; /* ours, from key_file */
    int county;
    char *route;
    char *dir; /* of the ledger */
    int ping_seconds, dead_seconds, retry_max_seconds;
};

/*
 * Read and check a file and the key files that it names. Every problem is a line
 * "file:line:col: message" in `lines`. ERR_CONFIG, ERR_MISSING when there is no such file.
 */
NODISCARD int setup_load(const char *path, struct setup **ret_setup, struct buf *lines,
                         struct err *err);
void setup_free(struct setup *setup);
AUTO_DEFINE(struct setup, setup_free)

/* Append the setup as YAML that setup_load reads to the same; secrets stay in their files. */
void setup_print(const struct setup *setup, struct buf *out);

/* Print the options for --help. */
void setup_help(FILE *out);

#endif
