#include "bureau/setup.h"

#include <string.h>

#include "base/option.h"
#include "bureau/ledger.h"
#include "sdk/program/keyfile.h"

#define AT(field) offsetof(struct setup, field)

static const char *
setup_check_key(const char *text)
{
    return strlen(text) == WIRE_KEY_LEN ? NULL : "a key of 40 characters is expected";
}

static const char *
setup_check_route(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return len > 0 && len <= LEDGER_ROUTE_MAX && text[len] == '\0' ? NULL
                                                                   : "not the name of a route";
}

static const struct option setup_options[] = {
    {"hub.endpoint", OPTION_TEXT, AT(endpoint), .required = true,
     .help = "where the hub sends events"},
    {"hub.key", OPTION_TEXT, AT(hub_key), .check = setup_check_key, .help = "the hub's public key"},
    {"hub.key_file", OPTION_PATH, AT(hub_key_file), .help = "or a file that holds it"},
    {"key_file", OPTION_PATH, AT(key_file), .required = true,
     .help = "our own secret key, a file of mode 0600"},
    {"county", OPTION_INT, AT(county), .required = true, .min = 110000, .max = 829999,
     .help = "six-digit division code"},
    {"route", OPTION_TEXT, AT(route), .preset = "bureau", .check = setup_check_route,
     .help = "which of the county's events"},
    {"dir", OPTION_PATH, AT(dir), .required = true, .help = "the directory of the ledger"},
    {"ping_seconds", OPTION_INT, AT(ping_seconds), .preset = "5", .min = 1, .max = 60,
     .help = "a quiet hub is asked so often"},
    {"dead_seconds", OPTION_INT, AT(dead_seconds), .preset = "15", .min = 2, .max = 600,
     .help = "a silent hub is left after"},
    {"retry_max_seconds", OPTION_INT, AT(retry_max_seconds), .preset = "30", .min = 1, .max = 3600,
     .help = "longest pause before connecting again"},
};

static const struct option_table setup_table = {
    .options = setup_options,
    .count = sizeof(setup_options) / sizeof(setup_options[0]),
};

/* Check options against each other. */
static void
setup_check(const struct setup *setup, const struct yaml_node *root, struct problem_list *problems)
{
    if ((setup->hub_key == NULL) == (setup->hub_key_file == NULL))
        problem_at(problems, root, "give one of hub.key and hub.key_file");
    if (setup->dead_seconds <= setup->ping_seconds)
        problem_at(problems, root, "dead_seconds must be more than ping_seconds");
}

/* Read the hub's key and our own. */
static void
setup_read_keys(struct setup *setup, const struct yaml_node *root, struct problem_list *problems)
{
    struct err why;

    if (setup->hub_key != NULL)
        memcpy(setup->server, setup->hub_key, sizeof(setup->server));
    else if (keyfile_public(setup->hub_key_file, setup->server, &why) != 0)
        problem_at(problems, option_place(root, "hub.key_file"), "%s", why.text);
    if (keyfile_own(setup->key_file, &setup->keys, &why) != 0)
        problem_at(problems, option_place(root, "key_file"), "%s", why.text);
}

int
setup_load(const char *path, struct setup **ret_setup, struct buf *lines, struct err *err)
{
    AUTO(setup_free) struct setup *setup = mem_zalloc(sizeof(*setup));
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    struct problem_list problems = {.lines = lines};

    if (yaml_load(path, &tree, err) != 0) {
        problem_err(&problems, err);
        return -1;
    }
    option_read(&setup_table, yaml_root(tree), setup, &problems);
    if (problems.count == 0)
        setup_check(setup, yaml_root(tree), &problems);
    if (problems.count == 0)
        setup_read_keys(setup, yaml_root(tree), &problems);
    if (problems.count > 0)
        return err_set(err, ERR_CONFIG, "%s cannot be used", path);
    *ret_setup = STEAL(setup);
    return 0;
}

void
setup_free(struct setup *setup)
{
    if (setup == NULL)
        return;
    explicit_bzero(&setup->keys, sizeof(setup->keys));
    option_done(&setup_table, setup);
    free(setup);
}

void
setup_print(const struct setup *setup, struct buf *out)
{
    option_print(&setup_table, setup, out);
}

void
setup_help(FILE *out)
{
    static const struct option_words words = {"（必填 required）", "（默认 default ", "）"};

    option_help(&setup_table, &words, out);
}
