#include "bureau/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/yaml.h"

enum settings_kind { SETTINGS_TEXT, SETTINGS_PATH, SETTINGS_INT };

/* Every option there is. A map comes without a kind of its own: its options are "map.option". */
static const struct settings_option {
    const char *name;
    enum settings_kind kind;
    size_t place;
    const char *preset; /* NULL: must be given; "": may be left out */
    int64_t min, max;
} settings_options[] = {
    {"hub.endpoint", SETTINGS_TEXT, offsetof(struct settings, endpoint), NULL},
    {"hub.key", SETTINGS_TEXT, offsetof(struct settings, hub_key), ""},
    {"hub.key_file", SETTINGS_PATH, SIZE_MAX, ""},
    {"key_file", SETTINGS_PATH, offsetof(struct settings, key_file), NULL},
    {"county", SETTINGS_INT, offsetof(struct settings, county), NULL, 110000, 829999},
    {"route", SETTINGS_TEXT, offsetof(struct settings, route), "bureau"},
    {"dir", SETTINGS_PATH, offsetof(struct settings, dir), NULL},
    {"ping_seconds", SETTINGS_INT, offsetof(struct settings, ping_seconds), "5", 1, 60},
    {"dead_seconds", SETTINGS_INT, offsetof(struct settings, dead_seconds), "15", 2, 300},
    {"retry_max_seconds", SETTINGS_INT, offsetof(struct settings, retry_max_seconds), "30", 1,
     3600},
};

#define SETTINGS_OPTIONS (sizeof(settings_options) / sizeof(settings_options[0]))

/* The value's place in the struct: a char * or an int64_t. */
static void *
settings_place(struct settings *settings, const struct settings_option *option)
{
    return (char *)settings + option->place;
}

static const struct yaml_node *
settings_find(const struct yaml_node *root, const char *name)
{
    const char *dot = strchr(name, '.');
    char group[16];

    if (dot == NULL)
        return yaml_find(root, name);
    (void)snprintf(group, sizeof(group), "%.*s", (int)(dot - name), name);
    root = yaml_find(root, group);
    return root == NULL || root->kind != YAML_MAP ? NULL : yaml_find(root, dot + 1);
}

static void
settings_problem(struct buf *problems, const struct err *err)
{
    buf_add_fmt(problems, "%s\n", err->text);
}

/* Find keys that no option has, also below maps. */
static void
settings_check_keys(const struct yaml_node *map, const char *prefix, struct buf *problems)
{
    for (const struct yaml_node *node = map->first; node != NULL; node = node->next) {
        bool known = false, group = false;
        char name[64];
        struct err err;

        (void)snprintf(name, sizeof(name), "%s%s", prefix, node->key);
        for (size_t i = 0; i < SETTINGS_OPTIONS; i++) {
            const char *option = settings_options[i].name;
            size_t len = strlen(name);

            known |= strcmp(option, name) == 0;
            group |= strncmp(option, name, len) == 0 && option[len] == '.';
        }
        if (group && node->kind == YAML_MAP) {
            (void)strncat(name, ".", sizeof(name) - strlen(name) - 1);
            settings_check_keys(node, name, problems);
        } else if (!known) {
            (void)yaml_fail(node, &err, "unknown option %s", name);
            settings_problem(problems, &err);
        }
    }
}

/* Join a path to the directory of the settings file. Owned by the caller. */
static char *
settings_path(const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    AUTO_BUF struct buf joined = {0};

    if (path[0] != '/' && slash != NULL)
        buf_add(&joined, file, (size_t)(slash - file) + 1);
    buf_add_str(&joined, path);
    return mem_strdup(buf_str(&joined));
}

/* Read the first line of a key file. */
static int
settings_read_key(const char *path, char ret_key[WIRE_KEY_LEN + 1], struct err *err)
{
    char text[WIRE_KEY_LEN + 3] = {0};
    FILE *file = fopen(path, "re");
    size_t len;

    if (file == NULL)
        return err_set(err, ERR_CONFIG, "cannot open the key file: %s", strerror(errno));
    len = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        text[--len] = '\0';
    if (len != WIRE_KEY_LEN)
        return err_set(err, ERR_CONFIG, "the key file does not hold one key of %d characters",
                       WIRE_KEY_LEN);
    memcpy(ret_key, text, WIRE_KEY_LEN + 1);
    return 0;
}

static int
settings_take(struct settings *settings, const struct settings_option *option,
              const struct yaml_node *node, struct err *err)
{
    const char *text;
    char key[WIRE_KEY_LEN + 1];
    struct err why;

    if (option->kind == SETTINGS_INT)
        return yaml_int(node, option->min, option->max, (int64_t *)settings_place(settings, option),
                        err);
    if (yaml_text(node, &text, err) != 0)
        return -1;

    AUTO(free)
    char *value =
        option->kind == SETTINGS_PATH ? settings_path(node->file, text) : mem_strdup(text);
    if (option->place != SIZE_MAX) {
        *(char **)settings_place(settings, option) = STEAL(value);
        return 0;
    }
    if (settings_read_key(value, key, &why) != 0)
        return yaml_fail(node, err, "%s", why.text);
    free(settings->hub_key);
    settings->hub_key = mem_strdup(key);
    return 0;
}

/* Take what is not given from its preset; say what must be given and is not. */
static int
settings_preset(struct settings *settings, const struct settings_option *option,
                const struct yaml_node *root, struct err *err)
{
    if (option->preset == NULL)
        return yaml_fail(root, err, "%s is not given", option->name);
    if (option->kind == SETTINGS_INT)
        *(int64_t *)settings_place(settings, option) = strtoll(option->preset, NULL, 10);
    else if (*option->preset != '\0')
        *(char **)settings_place(settings, option) = mem_strdup(option->preset);
    return 0;
}

/* Check what no single option can say. */
static int
settings_check(struct settings *settings, const struct yaml_node *root, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    size_t route_len = strspn(settings->route, letters);
    const struct yaml_node *key_file = settings_find(root, "key_file");
    char key[WIRE_KEY_LEN + 1];
    struct err why;
    int result;

    if (settings->hub_key == NULL)
        return yaml_fail(root, err, "neither hub.key nor hub.key_file is given");
    if (strlen(settings->hub_key) != WIRE_KEY_LEN)
        return yaml_fail(settings_find(root, "hub.key"), err, "not a key of %d characters",
                         WIRE_KEY_LEN);
    if (route_len == 0 || route_len > 32 || settings->route[route_len] != '\0')
        return yaml_fail(settings_find(root, "route"), err, "not a route's name");
    if (settings->dead_seconds <= settings->ping_seconds)
        return yaml_fail(root, err, "dead_seconds must be more than ping_seconds");
    if (settings_read_key(settings->key_file, key, &why) != 0)
        return yaml_fail(key_file, err, "%s", why.text);
    result = wire_keys_derive(key, &settings->keys, &why);
    explicit_bzero(key, sizeof(key));
    return result == 0 ? 0 : yaml_fail(key_file, err, "%s", why.text);
}

int
settings_load(const char *path, struct settings **ret_settings, struct buf *problems,
              struct err *err)
{
    AUTO(settings_free) struct settings *settings = mem_zalloc(sizeof(*settings));
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    const struct yaml_node *root;
    size_t before = problems->len;
    struct err why;

    if (yaml_load(path, &tree, err) != 0) {
        settings_problem(problems, err);
        return -1;
    }
    root = yaml_root(tree);
    if (root == NULL || root->kind != YAML_MAP) {
        err_set(err, ERR_CONFIG, "%s: not a map of options", path);
        settings_problem(problems, err);
        return -1;
    }
    settings_check_keys(root, "", problems);
    for (size_t i = 0; i < SETTINGS_OPTIONS; i++) {
        const struct settings_option *option = &settings_options[i];
        const struct yaml_node *node = settings_find(root, option->name);
        int result = node == NULL ? settings_preset(settings, option, root, &why)
                                  : settings_take(settings, option, node, &why);

        if (result != 0)
            settings_problem(problems, &why);
    }
    if (problems->len == before && settings_check(settings, root, &why) != 0)
        settings_problem(problems, &why);
    if (problems->len != before) {
        err_set(err, ERR_CONFIG, "%s cannot be used", path);
        return -1;
    }
    *ret_settings = STEAL(settings);
    return 0;
}

void
settings_print(const struct settings *settings, struct buf *out)
{
    struct json json = {.out = out};

    /* JSON is YAML, so texts are quoted as both want it. */
    buf_add_str(out, "hub: ");
    json_open_object(&json, NULL);
    json_add_text(&json, "endpoint", settings->endpoint);
    json_add_text(&json, "key", settings->hub_key);
    json_close_object(&json);
    json = (struct json){.out = out};
    buf_add_str(out, "\nkey_file: ");
    json_add_text(&json, NULL, settings->key_file);
    buf_add_fmt(out, "\ncounty: %" PRId64 "\nroute: %s\ndir: ", settings->county, settings->route);
    json = (struct json){.out = out};
    json_add_text(&json, NULL, settings->dir);
    buf_add_fmt(out,
                "\nping_seconds: %" PRId64 "\ndead_seconds: %" PRId64
                "\nretry_max_seconds: %" PRId64 "\n",
                settings->ping_seconds, settings->dead_seconds, settings->retry_max_seconds);
}

void
settings_free(struct settings *settings)
{
    if (settings == NULL)
        return;
    explicit_bzero(&settings->keys, sizeof(settings->keys));
    free(settings->endpoint);
    free(settings->hub_key);
    free(settings->key_file);
    free(settings->route);
    free(settings->dir);
    free(settings);
}
