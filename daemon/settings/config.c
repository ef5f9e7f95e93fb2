#include "settings/config.h"

#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base/problem.h"
#include "base/yaml.h"
#include "settings/config_option.h"

#define CONFIG_OPTIONS_MAX 64
#define CONFIG_COUNTIES_MAX 4096
#define CONFIG_CREDENTIAL "credential:" /* a path that systemd's LoadCredential= provides */

/* One reading of a file. */
struct config_reader {
    const struct yaml_node *root;
    const struct yaml_node *given[CONFIG_OPTIONS_MAX]; /* by index of config_options */
    char dir[PATH_MAX];                                /* relative paths begin here */
    struct problem_list problems;
};

/* Return where an option is kept in `base`, a struct config or struct config_county. */
static char **
config_text_at(void *base, const struct config_option *option)
{
    assert(option->kind == CONFIG_TEXT || option->kind == CONFIG_PATH);
    return (char **)(void *)((char *)base + option->offset);
}

static int *
config_int_at(void *base, const struct config_option *option)
{
    return (int *)(void *)((char *)base + option->offset);
}

static void
config_set_dir(struct config_reader *reader, const char *file)
{
    AUTO(free) char *dir = mem_strdup(file);
    char *slash = strrchr(dir, '/');

    if (slash == NULL)
        *dir = '\0';
    else
        slash[slash == dir] = '\0';
    if (realpath(*dir == '\0' ? "." : dir, reader->dir) == NULL)
        (void)snprintf(reader->dir, sizeof(reader->dir), "%s", dir);
}

/* Make a path absolute; returns NULL when it names a credential that this process has not. */
static char *
config_resolve(const struct config_reader *reader, const char *path)
{
    AUTO_BUF struct buf full = {0};
    const char *dir = reader->dir, *name = path;

    if (strncmp(path, CONFIG_CREDENTIAL, strlen(CONFIG_CREDENTIAL)) == 0) {
        dir = getenv("CREDENTIALS_DIRECTORY");
        name = path + strlen(CONFIG_CREDENTIAL);
        if (dir == NULL || *name == '\0' || strchr(name, '/') != NULL)
            return NULL;
    } else if (*path == '/') {
        return mem_strdup(path);
    }
    buf_add_fmt(&full, "%s/%s", dir, name);
    return mem_strdup(buf_str(&full));
}

/* Return whether a text can stand in one line: control characters and line ends cannot. */
static bool
config_is_line(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at < 0x20 || *at == 0x7F || (*at == 0xC2 && at[1] < 0xA0) ||
            (*at == 0xE2 && at[1] == 0x80 && (at[2] == 0xA8 || at[2] == 0xA9)))
            return false;
    return true;
}

static void
config_read_text(struct config_reader *reader, const struct config_option *option,
                 const struct yaml_node *node, void *base)
{
    const char *text, *reason = NULL;
    struct err err;

    if (yaml_text(node, &text, &err) != 0) {
        problem_err(&reader->problems, &err);
        return;
    }
    if (!config_is_line(text))
        reason = "control characters are not allowed";
    else if (option->kind == CONFIG_TEXT)
        reason = option->check(text);
    else if (*text == '\0')
        reason = "a path is expected";
    if (reason != NULL) {
        problem_at(&reader->problems, node, "%s.%s: %s", option->section, option->name, reason);
        return;
    }
    if (option->kind == CONFIG_TEXT)
        *config_text_at(base, option) = mem_strdup(text);
    else if ((*config_text_at(base, option) = config_resolve(reader, text)) == NULL)
        problem_at(&reader->problems, node,
                   "%s.%s: there is no such credential; see LoadCredential=", option->section,
                   option->name);
}

static void
config_read_int(struct config_reader *reader, const struct config_option *option,
                const struct yaml_node *node, void *base)
{
    int64_t value;
    struct err err;

    if (yaml_int(node, option->min, option->max, &value, &err) != 0)
        problem_err(&reader->problems, &err);
    else
        *config_int_at(base, option) = (int)value;
}

/* Write the names of an option's choices, separated by commas. */
static void
config_list_choices(const struct config_option *option, struct buf *out)
{
    for (const struct config_choice *choice = option->choices; choice->name != NULL; choice++)
        buf_add_fmt(out, "%s%s", choice == option->choices ? "" : ", ", choice->name);
}

static void
config_read_choice(struct config_reader *reader, const struct config_option *option,
                   const struct yaml_node *node, void *base)
{
    AUTO_BUF struct buf names = {0};

    if (node->kind == YAML_SCALAR)
        for (const struct config_choice *choice = option->choices; choice->name != NULL; choice++)
            if (strcmp(choice->name, node->text) == 0) {
                *config_int_at(base, option) = choice->value;
                return;
            }
    config_list_choices(option, &names);
    problem_at(&reader->problems, node, "%s.%s: one of %s is expected", option->section,
               option->name, buf_str(&names));
}

static void
config_read_code(struct config_reader *reader, const struct config_option *option,
                 const struct yaml_node *node, void *base)
{
    const char *text = node->kind == YAML_SCALAR ? node->text : "";

    if (strlen(text) != 6 || strspn(text, "0123456789") != 6 || *text == '0')
        problem_at(&reader->problems, node, "%s.%s: six digits are expected", option->section,
                   option->name);
    else
        *(uint32_t *)(void *)((char *)base + option->offset) = (uint32_t)strtoul(text, NULL, 10);
}

static void
config_read_option(struct config_reader *reader, const struct config_option *option,
                   const struct yaml_node *node, void *base)
{
    switch (option->kind) {
    case CONFIG_TEXT:
    case CONFIG_PATH:
        config_read_text(reader, option, node, base);
        return;
    case CONFIG_INT:
        config_read_int(reader, option, node, base);
        return;
    case CONFIG_CHOICE:
        config_read_choice(reader, option, node, base);
        return;
    case CONFIG_CODE:
        config_read_code(reader, option, node, base);
        return;
    }
}

/* Return the option of a section, or NULL; with `name` NULL, the first one. */
static const struct config_option *
config_find(const char *section, const char *name)
{
    for (const struct config_option *option = config_options; option->name != NULL; option++)
        if (strcmp(option->section, section) == 0 &&
            (name == NULL || strcmp(option->name, name) == 0))
            return option;
    return NULL;
}

static void
config_read_section(struct config_reader *reader, const struct yaml_node *section,
                    struct config *config)
{
    if (section->kind != YAML_MAP) {
        problem_at(&reader->problems, section, "%s: a map of options is expected", section->key);
        return;
    }
    for (const struct yaml_node *node = section->first; node != NULL; node = node->next) {
        const struct config_option *option = config_find(section->key, node->key);

        if (option == NULL) {
            problem_at_key(&reader->problems, node, "unknown option '%s.%s'", section->key,
                           node->key);
            continue;
        }
        reader->given[option - config_options] = node;
        config_read_option(reader, option, node, config);
    }
}

/* Read one entry of `counties` into `county`, which is zeroed. */
static void
config_read_county(struct config_reader *reader, const struct yaml_node *entry,
                   struct config_county *county)
{
    const struct config_option *option;

    if (entry->kind != YAML_MAP) {
        problem_at(&reader->problems, entry, "counties: a map of code and profile is expected");
        return;
    }
    for (const struct yaml_node *node = entry->first; node != NULL; node = node->next) {
        for (option = config_county_options; option->name != NULL; option++)
            if (strcmp(option->name, node->key) == 0)
                break;
        if (option->name == NULL)
            problem_at_key(&reader->problems, node, "unknown option '%s' of a county", node->key);
        else
            config_read_option(reader, option, node, county);
    }
    for (option = config_county_options; option->name != NULL; option++)
        if (yaml_find(entry, option->name) == NULL)
            problem_at(&reader->problems, entry, "counties: '%s' is missing", option->name);
}

static void
config_read_counties(struct config_reader *reader, const struct yaml_node *list,
                     struct config *config)
{
    if (list->kind != YAML_LIST || list->count == 0 || list->count > CONFIG_COUNTIES_MAX) {
        problem_at(&reader->problems, list, "counties: a list of 1 to %d counties is expected",
                   CONFIG_COUNTIES_MAX);
        return;
    }
    config->counties = mem_zalloc(list->count * sizeof(*config->counties));
    for (const struct yaml_node *entry = list->first; entry != NULL; entry = entry->next) {
        struct config_county *county = &config->counties[config->county_count];

        config_read_county(reader, entry, county);
        if (county->code != 0 && config_county(config, county->code) != NULL)
            problem_at(&reader->problems, entry, "counties: %u appears twice", county->code);
        config->county_count++;
    }
}

static void
config_read_root(struct config_reader *reader, struct config *config)
{
    if (reader->root->kind != YAML_MAP) {
        problem_at(&reader->problems, reader->root, "a map of sections is expected");
        return;
    }
    for (const struct yaml_node *node = reader->root->first; node != NULL; node = node->next)
        if (strcmp(node->key, "counties") == 0)
            config_read_counties(reader, node, config);
        else if (config_find(node->key, NULL) != NULL)
            config_read_section(reader, node, config);
        else
            problem_at_key(&reader->problems, node, "unknown section '%s'", node->key);
}

/* Give an option that the file does not mention its preset. */
static void
config_preset(struct config_reader *reader, const struct config_option *option,
              struct config *config)
{
    const struct yaml_node *section = yaml_find(reader->root, option->section);

    if (option->required) {
        problem_at(&reader->problems, section != NULL ? section : reader->root,
                   "'%s.%s' is missing", option->section, option->name);
        return;
    }
    switch (option->kind) {
    case CONFIG_TEXT:
        if (option->preset != NULL)
            *config_text_at(config, option) = mem_strdup(option->preset);
        return;
    case CONFIG_PATH:
        if (option->preset != NULL)
            *config_text_at(config, option) = config_resolve(reader, option->preset);
        return;
    case CONFIG_INT:
        *config_int_at(config, option) = option->preset_int;
        return;
    case CONFIG_CHOICE:
        for (const struct config_choice *choice = option->choices; choice->name != NULL; choice++)
            if (strcmp(choice->name, option->preset) == 0)
                *config_int_at(config, option) = choice->value;
        return;
    case CONFIG_CODE:
        assert(option->required);
        return;
    }
}

/* Return the place to complain about an option: its own, or the whole file's. */
static const struct yaml_node *
config_place(const struct config_reader *reader, const char *section, const char *name)
{
    const struct yaml_node *node = reader->given[config_find(section, name) - config_options];

    return node != NULL ? node : reader->root;
}

/* Check what no option alone can tell. */
static void
config_check_together(struct config_reader *reader, const struct config *config)
{
    if (config->session_dead_seconds <= config->session_ping_seconds)
        problem_at(&reader->problems, config_place(reader, "session", "dead_seconds"),
                   "session.dead_seconds must be more than session.ping_seconds (%d)",
                   config->session_ping_seconds);
    if (config->limits_frame_bytes - config->limits_batch_bytes < 262144)
        problem_at(&reader->problems, config_place(reader, "limits", "frame_bytes"),
                   "limits.frame_bytes must be at least limits.batch_bytes and 256 KiB (%d)",
                   config->limits_batch_bytes + 262144);
    if (config->judge_max_wait_ms < config->judge_quiet_ms)
        problem_at(&reader->problems, config_place(reader, "judge", "max_wait_ms"),
                   "judge.max_wait_ms must be at least judge.quiet_ms (%d)",
                   config->judge_quiet_ms);
}

static void
config_read(struct config_reader *reader, struct config *config)
{
    config_read_root(reader, config);
    if (reader->root->kind != YAML_MAP)
        return;
    for (size_t i = 0; config_options[i].name != NULL; i++) {
        assert(i < CONFIG_OPTIONS_MAX);
        if (reader->given[i] == NULL)
            config_preset(reader, &config_options[i], config);
    }
    if (yaml_find(reader->root, "counties") == NULL)
        problem_at(&reader->problems, reader->root, "'counties' is missing");
    if (reader->problems.count == 0)
        config_check_together(reader, config);
}

/* Build a configuration from a parsed file. */
static int
config_build(const char *file, const struct yaml_tree *tree, struct config **ret_config,
             struct buf *problems, struct err *err)
{
    AUTO(config_free) struct config *config = mem_zalloc(sizeof(*config));
    struct config_reader reader = {.root = yaml_root(tree), .problems.lines = problems};

    config_set_dir(&reader, file);
    config_read(&reader, config);
    if (problem_check(&reader.problems, file, err) != 0)
        return -1;
    *ret_config = STEAL(config);
    return 0;
}

int
config_load(const char *path, struct config **ret_config, struct buf *problems, struct err *err)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;

    if (yaml_load(path, &tree, err) != 0)
        return problem_only(problems, path, err);
    return config_build(path, tree, ret_config, problems, err);
}

int
config_parse(const char *file, const char *text, size_t len, struct config **ret_config,
             struct buf *problems, struct err *err)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;

    if (yaml_parse(file, text, len, &tree, err) != 0)
        return problem_only(problems, file, err);
    return config_build(file, tree, ret_config, problems, err);
}

static void
config_free_texts(const struct config_option *options, void *base)
{
    for (const struct config_option *option = options; option->name != NULL; option++)
        if (option->kind == CONFIG_TEXT || option->kind == CONFIG_PATH)
            free(*config_text_at(base, option));
}

struct config *
config_hold(struct config *config)
{
    (void)atomic_fetch_add(&config->holds, 1);
    return config;
}

void
config_free(struct config *config)
{
    if (config == NULL || atomic_fetch_sub(&config->holds, 1) > 0)
        return;
    for (size_t i = 0; i < config->county_count; i++)
        config_free_texts(config_county_options, &config->counties[i]);
    free(config->counties);
    config_free_texts(config_options, config);
    free(config);
}

const struct config_county *
config_county(const struct config *config, uint32_t code)
{
    for (size_t i = 0; i < config->county_count; i++)
        if (config->counties[i].code == code)
            return &config->counties[i];
    return NULL;
}
