/*
 * settings — what bureau-adapter is told, from one YAML file.
 *
 * Read once and then only read; a reload makes a new one. The option reference
 * is README.md in this directory. Paths are relative to the file they stand in.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "wire.h"

struct settings {
    char *endpoint; /* of the hub's event side */
    char *hub_key;  /* the hub's public key, Z85 */
    char *key_file; /* our secret key is read from it */
    struct wire_keys keys;
    int64_t county;
    char *route;
    char *dir; /* of the ledger */
    int64_t ping_seconds, dead_seconds, retry_max_seconds;
};

/*
 * Read and check a file and the key files it names. Every problem found is a
 * line "file:line:col: message" in `problems`. ERR_CONFIG; ERR_MISSING when there is no such file.
 */
NODISCARD int settings_load(const char *path, struct settings **ret_settings, struct buf *problems,
                            struct err *err);

/* Append the settings as YAML that settings_load reads to the same; secrets stay in their files. */
void settings_print(const struct settings *settings, struct buf *out);

void settings_free(struct settings *settings);
AUTO_DEFINE(struct settings, settings_free)

#endif
