#include "settings/config.h"

#include <stdint.h>

#include "base/problem.h"
#include "base/yaml.h"
#include "settings/config_option.h"

#define CONFIG_COUNTIES_MAX 4096

static void
config_read_counties(const struct yaml_node *list, struct config *config,
                     struct problem_list *problems)
{
    if (list->kind != YAML_LIST || list->count == 0 || list->count > CONFIG_COUNTIES_MAX) {
        problem_at(problems, list, "counties: a list of 1 to %d counties is expected",
                   CONFIG_COUNTIES_MAX);
        return;
    }
    config->counties = mem_zalloc(list->count * sizeof(*config->counties));
    for (const struct yaml_node *entry = list->first; entry != NULL; entry = entry->next) {
        struct config_county *county = &config->counties[config->county_count];

        option_read(&config_county_table, entry, county, problems);
        if (county->code != 0 && config_county(config, county->code) != NULL)
            problem_at(problems, entry, "counties: %u appears twice", county->code);
        config->county_count++;
    }
}

/* Check options against each other. */
static void
config_check_together(const struct yaml_node *root, const struct config *config,
                      struct problem_list *problems)
{
    if (config->session_dead_seconds <= config->session_ping_seconds)
        problem_at(problems, option_place(root, "session.dead_seconds"),
                   "session.dead_seconds must be more than session.ping_seconds (%d)",
                   config->session_ping_seconds);
    if (config->judge_max_wait_ms < config->judge_quiet_ms)
        problem_at(problems, option_place(root, "judge.max_wait_ms"),
                   "judge.max_wait_ms must be at least judge.quiet_ms (%d)",
                   config->judge_quiet_ms);
}

/* Build a configuration from a parsed file. */
static int
config_build(const char *file, const struct yaml_tree *tree, struct config **ret_config,
             struct buf *lines, struct err *err)
{
    AUTO(config_free) struct config *config = mem_zalloc(sizeof(*config));
    const struct yaml_node *root = yaml_root(tree);
    struct problem_list problems = {.lines = lines};
    const struct yaml_node *counties;

    option_read(&config_table, root, config, &problems);
    counties = option_find(root, "counties");
    if (counties != NULL)
        config_read_counties(counties, config, &problems);
    if (problems.count == 0)
        config_check_together(root, config, &problems);
    if (problem_check(&problems, file, err) != 0)
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
        option_done(&config_county_table, &config->counties[i]);
    free(config->counties);
    option_done(&config_table, config);
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

void
config_print(const struct config *config, FILE *out)
{
    AUTO_BUF struct buf text = {0};

    option_print(&config_table, config, &text);
    buf_add_str(&text, "counties:\n");
    for (size_t i = 0; i < config->county_count; i++)
        option_print_entry(&config_county_table, &config->counties[i], &text);
    (void)fwrite(text.bytes, 1, text.len, out);
}

void
config_describe(FILE *out)
{
    (void)fputs("| option | value | default | meaning |\n|---|---|---|---|\n", out);
    option_describe(&config_table, out);
    option_describe(&config_county_table, out);
}
