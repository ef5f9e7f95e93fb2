#include "base/option.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/mem.h"

#define OPTION_CREDENTIAL "credential:"
#define OPTION_CODE_LEN 6

/* One reading of a map. */
struct option_reader {
    const struct option_table *table;
    void *settings;
    struct problem_list *problems;
};

/* ---- places ---- */

static char **
option_text_at(const struct option *option, void *settings)
{
    assert(option->kind == OPTION_TEXT || option->kind == OPTION_PATH);
    return (char **)(void *)((char *)settings + option->place);
}

static int *
option_int_at(const struct option *option, void *settings)
{
    assert(option->kind == OPTION_INT || option->kind == OPTION_CHOICE);
    return (int *)(void *)((char *)settings + option->place);
}

/* The option's name within the map that is read. */
static const char *
option_name_in(const struct option_table *table, const struct option *option)
{
    return table->section == NULL ? option->name : option->name + strlen(table->section) + 1;
}

/* How long the section in a name is; 0: it is in none. */
static size_t
option_section_len(const char *name)
{
    const char *dot = strchr(name, '.');

    return dot == NULL ? 0 : (size_t)(dot - name);
}

static const struct yaml_node *
option_find_section(const struct yaml_node *map, const char *name)
{
    size_t len = option_section_len(name);

    for (const struct yaml_node *node = map->first; len > 0 && node != NULL; node = node->next)
        if (strncmp(node->key, name, len) == 0 && node->key[len] == '\0')
            return node;
    return NULL;
}

const struct yaml_node *
option_find(const struct yaml_node *map, const char *name)
{
    size_t len = option_section_len(name);
    const struct yaml_node *section = len == 0 ? map : option_find_section(map, name);

    if (section == NULL || section->kind != YAML_MAP)
        return NULL;
    return yaml_find(section, len == 0 ? name : name + len + 1);
}

const struct yaml_node *
option_place(const struct yaml_node *map, const char *name)
{
    const struct yaml_node *node = option_find(map, name);

    return node == NULL ? map : node;
}

/* ---- texts ---- */

/* Return whether a text can stand in one line: control characters and line ends cannot. */
static bool
option_is_line(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at < 0x20 || *at == 0x7F || (*at == 0xC2 && at[1] < 0xA0) ||
            (*at == 0xE2 && at[1] == 0x80 && (at[2] == 0xA8 || at[2] == 0xA9)))
            return false;
    return true;
}

/* The folder of a file, absolute when it is there; the caller frees it. */
static char *
option_folder(const char *file)
{
    AUTO(free) char *folder = mem_strdup(file);
    char absolute[PATH_MAX], *slash = strrchr(folder, '/');

    if (slash == NULL)
        *folder = '\0';
    else
        slash[slash == folder] = '\0';
    return mem_strdup(realpath(*folder == '\0' ? "." : folder, absolute) != NULL ? absolute
                                                                                 : folder);
}

/*
 * Make a path of a file absolute; returns NULL when it names a credential that this process has
 * not.
 */
static char *
option_resolve(const char *file, const char *path)
{
    AUTO_BUF struct buf full = {0};

    if (strncmp(path, OPTION_CREDENTIAL, strlen(OPTION_CREDENTIAL)) == 0) {
        const char *folder = getenv("CREDENTIALS_DIRECTORY");
        const char *name = path + strlen(OPTION_CREDENTIAL);

        if (folder == NULL || *name == '\0' || strchr(name, '/') != NULL)
            return NULL;
        buf_add_fmt(&full, "%s/%s", folder, name);
    } else if (*path == '/') {
        buf_add_str(&full, path);
    } else {
        AUTO(free) char *folder = option_folder(file);

        buf_add_fmt(&full, "%s/%s", folder, path);
    }
    return mem_strdup(buf_str(&full));
}

/* ---- reading ---- */

static void
option_read_text(const struct option_reader *reader, const struct option *option,
                 const struct yaml_node *node)
{
    char **place = option_text_at(option, reader->settings);
    const char *text, *reason = NULL;
    struct err err;

    if (yaml_text(node, &text, &err) != 0) {
        problem_err(reader->problems, &err);
        return;
    }
    if (!option_is_line(text))
        reason = "control characters are not allowed";
    else if (option->check != NULL)
        reason = option->check(text);
    else if (*text == '\0')
        reason = option->kind == OPTION_PATH ? "a path is expected" : "a text is expected";
    if (reason == NULL && option->kind == OPTION_TEXT)
        *place = mem_strdup(text);
    else if (reason == NULL && (*place = option_resolve(node->file, text)) == NULL)
        reason = "there is no such credential; see LoadCredential=";
    if (reason != NULL)
        problem_at(reader->problems, node, "%s: %s", option->name, reason);
}

static void
option_read_int(const struct option_reader *reader, const struct option *option,
                const struct yaml_node *node)
{
    int64_t value;
    struct err err;

    if (yaml_int(node, option->min, option->max, &value, &err) != 0)
        problem_err(reader->problems, &err);
    else
        *option_int_at(option, reader->settings) = (int)value;
}

static const struct option_choice *
option_choice_of(const struct option *option, const char *name)
{
    for (const struct option_choice *choice = option->choices; choice->name != NULL; choice++)
        if (strcmp(choice->name, name) == 0)
            return choice;
    return NULL;
}

static void
option_add_choices(const struct option *option, struct buf *out)
{
    for (const struct option_choice *choice = option->choices; choice->name != NULL; choice++)
        buf_add_fmt(out, "%s%s", choice == option->choices ? "" : ", ", choice->name);
}

static void
option_read_choice(const struct option_reader *reader, const struct option *option,
                   const struct yaml_node *node)
{
    const struct option_choice *choice =
        node->kind == YAML_SCALAR ? option_choice_of(option, node->text) : NULL;
    AUTO_BUF struct buf names = {0};

    if (choice != NULL) {
        *option_int_at(option, reader->settings) = choice->value;
        return;
    }
    option_add_choices(option, &names);
    problem_at(reader->problems, node, "%s: one of %s is expected", option->name, buf_str(&names));
}

static void
option_read_code(const struct option_reader *reader, const struct option *option,
                 const struct yaml_node *node)
{
    const char *text = node->kind == YAML_SCALAR ? node->text : "";
    uint32_t *place = (uint32_t *)(void *)((char *)reader->settings + option->place);

    if (strlen(text) != OPTION_CODE_LEN || strspn(text, "0123456789") != OPTION_CODE_LEN ||
        *text == '0')
        problem_at(reader->problems, node, "%s: six digits are expected", option->name);
    else
        *place = (uint32_t)strtoul(text, NULL, 10);
}

static void
option_take(const struct option_reader *reader, const struct option *option,
            const struct yaml_node *node)
{
    switch (option->kind) {
    case OPTION_TEXT:
    case OPTION_PATH:
        option_read_text(reader, option, node);
        return;
    case OPTION_INT:
        option_read_int(reader, option, node);
        return;
    case OPTION_CHOICE:
        option_read_choice(reader, option, node);
        return;
    case OPTION_CODE:
        option_read_code(reader, option, node);
        return;
    case OPTION_TREE:
        return;
    }
}

/* The option of a name, or NULL; says whether the name is that of a section. */
static const struct option *
option_of(const struct option_table *table, const char *name, bool *ret_section)
{
    size_t len = strlen(name);

    *ret_section = false;
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];

        if (strcmp(option->name, name) == 0)
            return option;
        *ret_section |= strncmp(option->name, name, len) == 0 && option->name[len] == '.';
    }
    return NULL;
}

/*
 * Take the keys and values of a map, in the order of the file; `section` is the map's name or NULL.
 */
static void
option_read_map(const struct option_reader *reader, const char *section,
                const struct yaml_node *map)
{
    for (const struct yaml_node *node = map->first; node != NULL; node = node->next) {
        AUTO_BUF struct buf name = {0};
        const struct option *option;
        bool is_section;

        buf_add_fmt(&name, "%s%s%s", section == NULL ? "" : section, section == NULL ? "" : ".",
                    node->key);
        option = option_of(reader->table, buf_str(&name), &is_section);
        if (option != NULL)
            option_take(reader, option, node);
        else if (!is_section)
            problem_at_key(reader->problems, node, "unknown option '%s'", buf_str(&name));
        else if (node->kind != YAML_MAP)
            problem_at(reader->problems, node, "%s: a map of options is expected", buf_str(&name));
        else
            option_read_map(reader, buf_str(&name), node);
    }
}

/*
 * Give an option its preset; a path's begins at the folder of `file`, or is left out without one.
 */
static void
option_set_preset(const struct option *option, const char *file, void *settings)
{
    if (option->preset == NULL)
        return;
    switch (option->kind) {
    case OPTION_TEXT:
        *option_text_at(option, settings) = mem_strdup(option->preset);
        return;
    case OPTION_PATH:
        if (file != NULL)
            *option_text_at(option, settings) = option_resolve(file, option->preset);
        return;
    case OPTION_INT:
        *option_int_at(option, settings) = (int)strtol(option->preset, NULL, 10);
        return;
    case OPTION_CHOICE:
        *option_int_at(option, settings) = option_choice_of(option, option->preset)->value;
        return;
    case OPTION_CODE:
    case OPTION_TREE:
        assert(!"a code and a tree have no preset");
    }
}

void
option_read(const struct option_table *table, const struct yaml_node *map, void *settings,
            struct problem_list *problems)
{
    const struct option_reader reader = {table, settings, problems};

    if (map->kind != YAML_MAP) {
        problem_at(problems, map, "%s%sa map of options is expected",
                   table->section == NULL ? "" : table->section,
                   table->section == NULL ? "" : ": ");
        return;
    }
    option_read_map(&reader, table->section, map);
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        const char *name = option_name_in(table, option);
        const struct yaml_node *section;

        if (option_find(map, name) != NULL)
            continue;
        section = option_find_section(map, name);
        if (option->required)
            problem_at(problems, section != NULL ? section : map, "'%s' is missing", option->name);
        else
            option_set_preset(option, map->file, settings);
    }
}

void
option_preset(const struct option_table *table, void *settings)
{
    for (size_t i = 0; i < table->count; i++)
        option_set_preset(&table->options[i], NULL, settings);
}

void
option_done(const struct option_table *table, void *settings)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];

        if (option->kind != OPTION_TEXT && option->kind != OPTION_PATH)
            continue;
        free(*option_text_at(option, settings));
        *option_text_at(option, settings) = NULL;
    }
}

/* ---- printing ---- */

/* Append a text as YAML in double quotes; it holds no control characters. */
static void
option_print_text(const char *text, struct buf *out)
{
    buf_add_u8(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_add_u8(out, '\\');
        buf_add_u8(out, (uint8_t)*text);
    }
    buf_add_u8(out, '"');
}

static const char *
option_choice_name(const struct option *option, int value)
{
    const struct option_choice *choice = option->choices;

    while (choice->name != NULL && choice->value != value)
        choice++;
    assert(choice->name != NULL);
    return choice->name;
}

/* Whether an option has a value to print: optional ones may not. */
static bool
option_has_value(const struct option *option, const void *settings)
{
    const char *at = (const char *)settings + option->place;

    switch (option->kind) {
    case OPTION_TEXT:
    case OPTION_PATH:
        return *(char *const *)(const void *)at != NULL;
    case OPTION_INT: /* without a preset 0 is "not given" */
        return option->preset != NULL || *(const int *)(const void *)at != 0;
    case OPTION_CHOICE:
    case OPTION_CODE:
        return true;
    case OPTION_TREE:
        return false;
    }
    return false;
}

static void
option_print_value(const struct option *option, const void *settings, struct buf *out)
{
    const char *at = (const char *)settings + option->place;

    switch (option->kind) {
    case OPTION_TEXT:
    case OPTION_PATH:
        option_print_text(*(char *const *)(const void *)at, out);
        return;
    case OPTION_INT:
        buf_add_fmt(out, "%d", *(const int *)(const void *)at);
        return;
    case OPTION_CHOICE:
        buf_add_str(out, option_choice_name(option, *(const int *)(const void *)at));
        return;
    case OPTION_CODE:
        buf_add_fmt(out, "%u", *(const uint32_t *)(const void *)at);
        return;
    case OPTION_TREE:
        return;
    }
}

/* Append one line: indent, key and value. */
static void
option_print_line(const struct option *option, const char *indent, const char *key,
                  const void *settings, struct buf *out)
{
    buf_add_fmt(out, "%s%s: ", indent, key);
    option_print_value(option, settings, out);
    buf_add_str(out, "\n");
}

void
option_print(const struct option_table *table, const void *settings, struct buf *out)
{
    const char *section = "";
    size_t section_len = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        size_t len = option_section_len(option->name);

        if (!option_has_value(option, settings))
            continue;
        if (option->secret) {
            buf_add_fmt(out, "# %s: given, not shown\n", option->name);
            continue;
        }
        if (len > 0 && (len != section_len || strncmp(option->name, section, len) != 0))
            buf_add_fmt(out, "%.*s:\n", (int)len, option->name);
        section = option->name;
        section_len = len;
        option_print_line(option, len == 0 ? "" : "  ",
                          len == 0 ? option->name : option->name + len + 1, settings, out);
    }
}

void
option_print_entry(const struct option_table *table, const void *settings, struct buf *out)
{
    bool first = true;

    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];

        if (!option_has_value(option, settings) || option->secret)
            continue;
        option_print_line(option, first ? "  - " : "    ", option_name_in(table, option), settings,
                          out);
        first = false;
    }
}

void
option_help(const struct option_table *table, const struct option_words *words, FILE *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];

        (void)fprintf(out, "  %-22s %s", option->name, option->help);
        if (option->required)
            (void)fputs(words->required, out);
        else if (option->preset != NULL)
            (void)fprintf(out, "%s%s%s", words->preset, option->preset, words->closing);
        (void)fputs("\n", out);
    }
}

static void
option_describe_kind(const struct option *option, struct buf *out)
{
    switch (option->kind) {
    case OPTION_TEXT:
        buf_add_str(out, "text");
        return;
    case OPTION_PATH:
        buf_add_str(out, "path");
        return;
    case OPTION_INT:
        buf_add_fmt(out, "%d to %d", option->min, option->max);
        return;
    case OPTION_CODE:
        buf_add_str(out, "six digits");
        return;
    case OPTION_CHOICE:
        option_add_choices(option, out);
        return;
    case OPTION_TREE:
        buf_add_str(out, "map");
        return;
    }
}

void
option_describe(const struct option_table *table, FILE *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        const char *quote = option->kind == OPTION_INT ? "" : "`";
        AUTO_BUF struct buf kind = {0};

        if (option->kind == OPTION_TREE)
            continue; /* its entries have a table of their own */
        option_describe_kind(option, &kind);
        (void)fprintf(out, "| `%s` | %s | ", option->name, buf_str(&kind));
        if (option->required)
            (void)fputs("**required**", out);
        else if (option->preset != NULL)
            (void)fprintf(out, "%s%s%s", quote, option->preset, quote);
        else
            (void)fputs("none", out);
        (void)fprintf(out, " | %s |\n", option->help);
    }
}
