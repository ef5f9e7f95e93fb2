/*
 * settings — the options of an adapter, from its YAML file.
 *
 * Read once and then only read; a reload makes a new one. Relative paths are
 * taken from the directory of the file. `<sector>-adapter --help` prints the
 * options; config/adapters/ has a sample for each sector.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "sdk/prepare/mapping.h"
#include "wire.h"

struct settings {
    char *channel;
    char *endpoint;               /* of the hub */
    char *hub_key, *hub_key_file; /* one of the two */
    char *key_file;
    char *spool_dir;
    int spool_max_mib, spool_retain_days;
    int county;     /* 0: every command names it */
    char *producer; /* NULL: every command or file name names it */
    char *watch_dir;
    int reject_above_percent;
    int reject_xlsx; /* 1: each reject report as .xlsx too */
    char *areas;     /* file of the county's divisions; NULL: places are given by code */
    struct mapping *mapping;
};

/*
 * Read and check a file. Every problem is a line "file:line:col: message" in `lines`.
 * ERR_CONFIG, ERR_MISSING when there is no such file.
 */
NODISCARD int settings_load(const char *path, struct settings **ret_settings, struct buf *lines,
                            struct err *err);
void settings_free(struct settings *settings);
AUTO_DEFINE(struct settings, settings_free)

/* Settings for a dry run without a file: no hub, no spool, no aliases, the presets. */
struct settings *settings_preset(void);

/* Keys of a connection; wiped by settings_wipe. */
struct settings_keys {
    char server[WIRE_KEY_LEN + 1];
    struct wire_keys own;
};

/*
 * Read the keys that the settings name. ERR_CONFIG or ERR_MISSING, with a hint when there is one;
 * never a key in the text.
 */
NODISCARD int settings_read_keys(const struct settings *settings, struct settings_keys *ret_keys,
                                 struct err *err);
void settings_wipe(struct settings_keys *keys);
#define AUTO_KEYS __attribute__((cleanup(settings_wipe)))

/* Print the options for --help. */
void settings_help(FILE *out);

#endif
