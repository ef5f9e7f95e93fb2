#include "rules/rules_read.h"

#include <string.h>

/* The text of a scalar, or NULL after noting that it is none. */
static const char *
rules_text(struct rules_reader *reader, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR && node->text != NULL && node->text[0] != '\0')
        return node->text;
    problem_at(&reader->problems, node, "a text is wanted here");
    return NULL;
}

static void
rules_read_id(struct rules_reader *reader, const struct yaml_node *node)
{
    const char *text = rules_text(reader, node);

    if (text == NULL)
        return;
    if (strlen(text) > RULES_ID_MAX || text[0] < 'A' || text[0] > 'Z' ||
        text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] != '\0')
        problem_at(&reader->problems, node,
                   "an id is a capital letter and up to %d letters or digits", RULES_ID_MAX - 1);
    else
        memcpy(reader->rule->id, text, strlen(text) + 1);
}

static void
rules_read_version(struct rules_reader *reader, const struct yaml_node *node)
{
    struct err err;
    int64_t version;

    if (yaml_int(node, 1, 1000000, &version, &err) < 0)
        problem_at(&reader->problems, node, "a version is a number from 1 to 1000000");
    else
        reader->rule->version = (int)version;
}

static void
rules_keep_text(struct rules_reader *reader, const struct yaml_node *node, char **text)
{
    const char *value = rules_text(reader, node);

    if (value != NULL && *text == NULL)
        *text = mem_strdup(value);
}

/* Keep one line of text that people read. */
static void
rules_keep_line(struct rules_reader *reader, const struct yaml_node *node, char **text)
{
    const char *value = rules_text(reader, node);

    if (value == NULL)
        return;
    for (const char *at = value; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            problem_at(&reader->problems, node, "a title is one line without control characters");
            return;
        }
    if (strlen(value) > RULES_TITLE_MAX)
        problem_at(&reader->problems, node, "a title has at most %d bytes", RULES_TITLE_MAX);
    else
        rules_keep_text(reader, node, text);
}

static void
rules_read_title(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_keep_line(reader, node, &reader->rule->title);
}

static void
rules_read_title_en(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_keep_line(reader, node, &reader->rule->title_en);
}

/* Keep a word that is stored, compared and told: not for sentences. `more`: besides its letters. */
static void
rules_keep_word(struct rules_reader *reader, const struct yaml_node *node, const char *more,
                char **text)
{
    const char *value = rules_text(reader, node);

    if (value == NULL)
        return;
    for (const char *at = value; *at != '\0'; at++)
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", *at) == NULL &&
            strchr(more, *at) == NULL) {
            problem_at(&reader->problems, node, "only a-z, 0-9, _ and - are allowed here");
            return;
        }
    if (strlen(value) > RULES_WORD_MAX)
        problem_at(&reader->problems, node, "at most %d characters are allowed here",
                   RULES_WORD_MAX);
    else
        rules_keep_text(reader, node, text);
}

/* Words with commas between them. */
static void
rules_read_route(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_keep_word(reader, node, ",", &reader->rule->route);
}

static void
rules_read_family(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_keep_word(reader, node, "", &reader->rule->family);
}

static void
rules_read_subject(struct rules_reader *reader, const struct yaml_node *node)
{
    const char *text = rules_text(reader, node);
    AUTO_BUF struct buf names = {0};

    if (text == NULL || subject_parse(text, &reader->rule->subject))
        return;
    subject_add_names(&names);
    problem_at(&reader->problems, node, "a subject is %s", buf_str(&names));
}

static void
rules_read_requirements(struct rules_reader *reader, const struct yaml_node *node)
{
    struct rule *rule = reader->rule;

    if (node->kind != YAML_LIST || node->count == 0) {
        problem_at(&reader->problems, node, "a list of requirement ids is wanted here");
        return;
    }
    rule->requirements = mem_zalloc(node->count * sizeof(*rule->requirements));
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        const char *text = rules_text(reader, item);

        if (text != NULL)
            rule->requirements[rule->requirement_count++] = mem_strdup(text);
    }
}

static void
rules_add_type(struct rules_reader *reader, const struct yaml_node *node, const char *name,
               const struct record_type **list, size_t *count)
{
    const struct record_type *type = record_find(name);

    if (type == NULL)
        problem_at(&reader->problems, node, "'%s' is no record type", name);
    else if (*count == RULES_TYPES_MAX)
        problem_at(&reader->problems, node, "more than %d record types", RULES_TYPES_MAX);
    else
        list[(*count)++] = type;
}

/* A list of record types; "register" stands for the household and the member. */
static void
rules_read_types(struct rules_reader *reader, const struct yaml_node *node,
                 const struct record_type **list, size_t *count)
{
    if (node->kind != YAML_LIST) {
        problem_at(&reader->problems, node, "a list of record types is wanted here");
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        const char *text = rules_text(reader, item);

        if (text == NULL)
            continue;
        if (strcmp(text, "register") == 0) {
            rules_add_type(reader, item, record_of_role(RECORD_HOUSEHOLDS)->name, list, count);
            rules_add_type(reader, item, record_of_role(RECORD_MEMBERS)->name, list, count);
        } else {
            rules_add_type(reader, item, text, list, count);
        }
    }
}

static void
rules_read_needs(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_read_types(reader, node, reader->rule->needs, &reader->rule->need_count);
}

static void
rules_read_helps(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_read_types(reader, node, reader->rule->helps, &reader->rule->help_count);
}

static void
rules_read_absence(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_read_types(reader, node, reader->rule->absence, &reader->rule->absence_count);
}

static void
rules_read_doubt(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_read_types(reader, node, reader->rule->doubt, &reader->rule->doubt_count);
}

static void
rules_read_history(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_read_types(reader, node, reader->rule->history, &reader->rule->history_count);
}

static void
rules_read_history_months(struct rules_reader *reader, const struct yaml_node *node)
{
    struct err err;
    int64_t months;

    if (yaml_int(node, 1, RULES_HISTORY_MONTHS, &months, &err) < 0)
        problem_at(&reader->problems, node, "earlier months are a number from 1 to %d",
                   RULES_HISTORY_MONTHS);
    else
        reader->rule->history_months = (int)months;
}

static void
rules_read_flag(struct rules_reader *reader, const struct yaml_node *node, bool *flag)
{
    struct err err;

    if (yaml_bool(node, flag, &err) < 0)
        problem_at(&reader->problems, node, "true or false is wanted here");
}

static void
rules_read_before(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_read_flag(reader, node, &reader->rule->before);
}

static void
rules_read_findings(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_read_flag(reader, node, &reader->rule->findings);
}

static bool
rules_name_fits(const char *name)
{
    return name[0] >= 'a' && name[0] <= 'z' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* The type that a file calls by this name. */
static bool
rules_read_value(const char *name, enum rules_value *ret_type)
{
    for (int type = RULES_INT; type <= RULES_BOOL; type++)
        if (name != NULL && strcmp(name, rules_value_name((enum rules_value)type)) == 0) {
            *ret_type = (enum rules_value)type;
            return true;
        }
    return false;
}

static void
rules_read_parameter(struct rules_reader *reader, const struct yaml_node *node)
{
    const struct yaml_node *type = yaml_find(node, "type"), *preset = yaml_find(node, "default");
    struct rule *rule = reader->rule;
    struct rules_parameter parameter = {0};

    if (type == NULL || preset == NULL || node->count != 2 || type->kind != YAML_SCALAR ||
        preset->kind != YAML_SCALAR || preset->text == NULL) {
        problem_at(&reader->problems, node, "a parameter has a type and a default, nothing else");
        return;
    }
    if (!rules_read_value(type->text, &parameter.type)) {
        problem_at(&reader->problems, type,
                   "a type is int, money, dec, date, monthday, text or bool");
        return;
    }
    if (!rules_name_fits(node->key) || rules_builtin_type(node->key) != NULL)
        problem_at(&reader->problems, node, "'%s' cannot be a parameter's name", node->key);
    else if (rule->parameter_count == RULES_PARAMETERS_MAX)
        problem_at(&reader->problems, node, "more than %d parameters", RULES_PARAMETERS_MAX);
    else if ((parameter.text = rules_value_read(parameter.type, preset->text)) == NULL)
        problem_at(&reader->problems, preset, "this is no value of type %s", type->text);
    else {
        parameter.name = mem_strdup(node->key);
        rule->parameters[rule->parameter_count++] = parameter;
    }
}

static void
rules_read_parameters(struct rules_reader *reader, const struct yaml_node *node)
{
    if (node->kind != YAML_MAP) {
        problem_at(&reader->problems, node, "parameters are a map: name: {type: …, default: …}");
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next)
        rules_read_parameter(reader, item);
}

static void
rules_read_sql(struct rules_reader *reader, const struct yaml_node *node)
{
    rules_keep_text(reader, node, &reader->rule->sql);
    reader->rule->line = node->line;
    reader->rule->column = node->column;
}

static const struct {
    const char *name;
    bool required;
    void (*read)(struct rules_reader *reader, const struct yaml_node *node);
} rules_keys[] = {
    {"id", true, rules_read_id},
    {"version", true, rules_read_version},
    {"title", true, rules_read_title},
    {"title_en", true, rules_read_title_en},
    {"requirements", true, rules_read_requirements},
    {"family", false, rules_read_family},
    {"subject", true, rules_read_subject},
    {"needs", true, rules_read_needs},
    {"helps", false, rules_read_helps},
    {"absence", false, rules_read_absence},
    {"doubt", false, rules_read_doubt},
    {"history", false, rules_read_history},
    {"history_months", false, rules_read_history_months},
    {"before", false, rules_read_before},
    {"findings", false, rules_read_findings},
    {"route", true, rules_read_route},
    {"parameters", false, rules_read_parameters},
    {"sql", true, rules_read_sql},
};
#define RULES_KEYS (sizeof(rules_keys) / sizeof(rules_keys[0]))

void
rules_read_keys(struct rules_reader *reader, const struct yaml_node *root)
{
    for (const struct yaml_node *node = root->first; node != NULL; node = node->next) {
        size_t i = 0;

        while (i < RULES_KEYS && strcmp(rules_keys[i].name, node->key) != 0)
            i++;
        if (i == RULES_KEYS)
            problem_at(&reader->problems, node, "unknown key '%s'", node->key);
        else
            rules_keys[i].read(reader, node);
    }
    for (size_t i = 0; i < RULES_KEYS; i++)
        if (rules_keys[i].required && yaml_find(root, rules_keys[i].name) == NULL)
            problem_at(&reader->problems, root, "'%s' is missing", rules_keys[i].name);
}
