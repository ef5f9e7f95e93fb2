#include "bureau/setup.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/yaml.h"
#include "bureau/ledger.h"
#include "sdk/program/option.h"

#define AT(field) offsetof(struct setup, field)

static const struct option setup_options[] = {
    {"hub.endpoint", OPTION_TEXT, AT(endpoint), NULL, 0, 0, "where the hub sends events"},
    {"hub.key", OPTION_TEXT, AT(hub_key), "", 0, 0, "the hub's public key"},
    {"hub.key_file", OPTION_PATH, AT(hub_key_file), "", 0, 0, "or a file that holds it"},
    {"key_file", OPTION_PATH, AT(key_file), NULL, 0, 0, "our own secret key, a file of mode 0600"},
    {"county", OPTION_INT, AT(county), NULL, 110000, 829999, "six-digit division code"},
    {"route", OPTION_TEXT, AT(route), "bureau", 0, 0, "which of the county's events"},
    {"dir", OPTION_PATH, AT(dir), NULL, 0, 0, "the directory of the ledger"},
    {"ping_seconds", OPTION_INT, AT(ping_seconds), "5", 1, 60, "a quiet hub is asked so often"},
    {"dead_seconds", OPTION_INT, AT(dead_seconds), "15", 2, 600, "a silent hub is left after"},
    {"retry_max_seconds", OPTION_INT, AT(retry_max_seconds), "30", 1, 3600,
     "longest pause before connecting again"},
};

#define SETUP_COUNT (sizeof(setup_options) / sizeof(setup_options[0]))

/* Read the hub's key from its file when that is how it is given. */
static int
setup_read_hub_key(struct setup *setup, const struct yaml_node *root, struct err *err)
{
    char key[WIRE_KEY_LEN + 1];
    struct err why;

    if ((setup->hub_key == NULL) == (setup->hub_key_file == NULL))
        return yaml_fail(root, err, "give one of hub.key and hub.key_file");
    if (setup->hub_key != NULL)
        return strlen(setup->hub_key) == WIRE_KEY_LEN
                   ? 0
                   : yaml_fail(option_find(root, "hub.key"), err, "not a key of %d characters",
                               WIRE_KEY_LEN);
    if (option_read_key(setup->hub_key_file, false, key, &why) != 0)
        return yaml_fail(option_find(root, "hub.key_file"), err, "%s", why.text);
    setup->hub_key = mem_strdup(key);
    return 0;
}

static int
setup_read_own_key(struct setup *setup, const struct yaml_node *root, struct err *err)
{
    char key[WIRE_KEY_LEN + 1];
    struct err why;
    int result = option_read_key(setup->key_file, true, key, &why);

    if (result == 0) {
        result = wire_keys_derive(key, &setup->keys, &why);
        explicit_bzero(key, sizeof(key));
    }
    return result == 0 ? 0 : yaml_fail(option_find(root, "key_file"), err, "%s", why.text);
}

/* Check what no single option can say. */
static int
setup_check(const struct setup *setup, const struct yaml_node *root, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    size_t len = strspn(setup->route, letters);

    if (len == 0 || len > LEDGER_ROUTE_MAX || setup->route[len] != '\0')
        return yaml_fail(option_find(root, "route"), err, "not the name of a route");
    if (setup->dead_seconds <= setup->ping_seconds)
        return yaml_fail(root, err, "dead_seconds must be more than ping_seconds");
    return 0;
}

int
setup_load(const char *path, struct setup **ret_setup, struct buf *problems, struct err *err)
{
    AUTO(setup_free) struct setup *setup = mem_zalloc(sizeof(*setup));
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    const struct yaml_node *root;
    struct err why;

    if (yaml_load(path, &tree, err) != 0) {
        buf_add_fmt(problems, "%s\n", err->text);
        return -1;
    }
    root = yaml_root(tree);
    if (!option_read(setup_options, SETUP_COUNT, root, setup, problems))
        return err_set(err, ERR_CONFIG, "%s cannot be used", path);
    if (setup_check(setup, root, &why) != 0 || setup_read_hub_key(setup, root, &why) != 0 ||
        setup_read_own_key(setup, root, &why) != 0) {
        buf_add_fmt(problems, "%s\n", why.text);
        return err_set(err, ERR_CONFIG, "%s cannot be used", path);
    }
    *ret_setup = STEAL(setup);
    return 0;
}

void
setup_free(struct setup *setup)
{
    if (setup == NULL)
        return;
    explicit_bzero(&setup->keys, sizeof(setup->keys));
    option_done(setup_options, SETUP_COUNT, setup);
    free(setup);
}

/* Append one text as a JSON string, which YAML reads alike. */
static void
setup_print_text(struct buf *out, const char *name, const char *text)
{
    struct json json = {.out = out};

    buf_add_fmt(out, "%s: ", name);
    json_add_text(&json, NULL, text);
    buf_add_str(out, "\n");
}

void
setup_print(const struct setup *setup, struct buf *out)
{
    buf_add_str(out, "hub:\n");
    setup_print_text(out, "  endpoint", setup->endpoint);
    setup_print_text(out, "  key", setup->hub_key);
    setup_print_text(out, "key_file", setup->key_file);
    buf_add_fmt(out, "county: %" PRId64 "\n", setup->county);
    setup_print_text(out, "route", setup->route);
    setup_print_text(out, "dir", setup->dir);
    buf_add_fmt(out, "ping_seconds: %" PRId64 "\ndead_seconds: %" PRId64 "\n", setup->ping_seconds,
                setup->dead_seconds);
    buf_add_fmt(out, "retry_max_seconds: %" PRId64 "\n", setup->retry_max_seconds);
}

void
setup_help(FILE *out)
{
    option_print(setup_options, SETUP_COUNT, out);
}
