/*
 * config — the hub's settings, read from one YAML file.
 *
 * What exists stands in config.def. A configuration is built whole and never
 * changes; a reload builds another and swaps it in. It may be read from any
 * thread. Keys, the access list, rules and profiles are files of their own,
 * which their modules read: here are only their paths.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

/* One county that the hub serves. */
struct config_county {
#define COUNTY_CODE(name, help) uint32_t name;
#define COUNTY_TEXT(name, check, help) char *name;
#include "settings/config.def"
};

/*
 * `feeds.endpoint` is feeds_endpoint. Optional texts that are not given are NULL; paths are
 * absolute.
 */
struct config {
#define TEXT(section, name, check, preset, help) char *section##_##name;
#define PATH(section, name, preset, help) char *section##_##name;
#define INT(section, name, preset, min, max, help) int section##_##name;
#define CHOICE(section, name, type, choices, preset, help) enum type section##_##name;
#include "settings/config.def"
    struct config_county *counties; /* in the order of the file; at least one */
    size_t county_count;
    atomic_int holds; /* owners besides the first */
};

/*
 * Read a file. The caller owns `*ret_config`.
 *
 * Everything that is wrong is appended to `problems`, a line "file:line:col:
 * message" each; then it fails with ERR_CONFIG and their number. ERR_MISSING
 * when there is no such file.
 */
NODISCARD int config_load(const char *path, struct config **ret_config, struct buf *problems,
                          struct err *err);

/* Parse text as if it came from `file`, which says what paths are relative to. */
NODISCARD int config_parse(const char *file, const char *text, size_t len,
                           struct config **ret_config, struct buf *problems, struct err *err);

/* Become another owner, who frees it, too. Any thread. */
struct config *config_hold(struct config *config);

/* Give up one ownership; the last owner frees it. Any thread; NULL is allowed. */
void config_free(struct config *config);
AUTO_DEFINE(struct config, config_free)

/* Return the county of a code, or NULL. */
const struct config_county *config_county(const struct config *config, uint32_t code);

/* Write a configuration as YAML, defaults included; reading it gives the same one. It holds no
   secret: connection strings with a password are refused. */
void config_print(const struct config *config, FILE *out);

/* Write the reference of all options as Markdown. */
void config_describe(FILE *out);

#endif
