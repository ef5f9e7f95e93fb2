#include "rules/rules.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/problem.h"
#include "base/yaml.h"
#include "base/decimal.h"

/* What is being read. */
struct rules_reader {
    struct rule *rule;
    struct problem_list problems;
};

/* The text of a scalar, or NULL after noting that it is none. */
static const char *
rules_text(struct rules_reader *reader, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR && node->text != NULL && node->text[0] != '\0')
        return node->text;
    problem_at(&reader->problems, node, "a text is wanted here");
    return NULL;
}

static bool
rules_date(const char *text, int32_t *ret_date)
{
    int year, month, day, end = 0;

    return sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) == 3 && text[end] == '\0' &&
           end == 10 && clock_date(year, month, day, ret_date);
}

/* A day that every year has, or 29 February. */
static bool
rules_monthday(const char *text)
{
    int month, day, end = 0;
    int32_t date;

    return sscanf(text, "%2d-%2d%n", &month, &day, &end) == 2 && text[end] == '\0' && end == 5 &&
           clock_date(2024, month, day, &date);
}

static char *
rules_number_read(const char *text)
{
    struct decimal decimal;
    char number[DECIMAL_TEXT];

    if (!decimal_parse(text, &decimal))
        return NULL;
    decimal_format(decimal, number);
    return mem_strdup(number);
}

char *
rules_value_read(enum rules_value type, const char *text)
{
    char number[DECIMAL_TEXT];
    int32_t date;
    int64_t fen;

    switch (type) {
    case RULES_INT:
        return strchr(text, '.') == NULL ? rules_number_read(text) : NULL;
    case RULES_DEC:
        return rules_number_read(text);
    case RULES_MONEY:
        if (!decimal_parse_fen(text, &fen))
            return NULL;
        decimal_format((struct decimal){.digits = fen}, number);
        return mem_strdup(number);
    case RULES_DATE:
        return rules_date(text, &date) ? mem_strdup(text) : NULL;
    case RULES_MONTHDAY:
        return rules_monthday(text) ? mem_strdup(text) : NULL;
    case RULES_TEXT:
        return mem_strdup(text);
    case RULES_BOOL:
        return strcmp(text, "true") == 0 || strcmp(text, "false") == 0 ? mem_strdup(text) : NULL;
    }
    return NULL;
}

static const struct {
    const char *name, *sql;
} rules_values[] = {
    [RULES_INT] = {"int", "bigint"},         [RULES_MONEY] = {"money", "bigint"},
    [RULES_DEC] = {"dec", "numeric"},        [RULES_DATE] = {"date", "date"},
    [RULES_MONTHDAY] = {"monthday", "date"}, [RULES_TEXT] = {"text", "text"},
    [RULES_BOOL] = {"bool", "boolean"},
};
#define RULES_VALUES (sizeof(rules_values) / sizeof(rules_values[0]))

const char *
rules_value_name(enum rules_value type)
{
    return rules_values[type].name;
}

const char *
rules_sql_type(enum rules_value type)
{
    return rules_values[type].sql;
}

static const struct {
    const char *name, *sql;
} rules_builtins[] = {
    {"county", "integer"},   {"year", "integer"}, {"month_first", "date"},
    {"month_last", "date"},  {"line", "numeric"}, {"floor", "numeric"},
    {"dibao", "numeric"},    {"term", "text"},    {"term_month", "integer"},
    {"school_year", "text"},
};
#define RULES_BUILTINS (sizeof(rules_builtins) / sizeof(rules_builtins[0]))

const char *
rules_builtin_type(const char *name)
{
    for (size_t i = 0; i < RULES_BUILTINS; i++)
        if (strcmp(rules_builtins[i].name, name) == 0)
            return rules_builtins[i].sql;
    return NULL;
}

/* --- keys of a rule's file --- */

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

static void
rules_read_parameter(struct rules_reader *reader, const struct yaml_node *node)
{
    const struct yaml_node *type = yaml_find(node, "type"), *preset = yaml_find(node, "default");
    struct rule *rule = reader->rule;
    struct rules_parameter parameter = {.type = RULES_VALUES};

    if (type == NULL || preset == NULL || node->count != 2 || type->kind != YAML_SCALAR ||
        preset->kind != YAML_SCALAR || preset->text == NULL) {
        problem_at(&reader->problems, node, "a parameter has a type and a default, nothing else");
        return;
    }
    for (size_t i = 0; i < RULES_VALUES; i++)
        if (type->text != NULL && strcmp(type->text, rules_values[i].name) == 0)
            parameter.type = (enum rules_value)i;
    if ((size_t)parameter.type == RULES_VALUES) {
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

/* --- the query --- */

/* The length of a quoted text, comment or cast at `at`, which is copied as it is; 0: none. */
static size_t
rules_opaque(const char *at)
{
    const char *end;

    if (at[0] == '\'' || at[0] == '"') {
        end = strchr(at + 1, at[0]);
        return end == NULL ? strlen(at) : (size_t)(end - at) + 1;
    }
    if (at[0] == '-' && at[1] == '-')
        return strcspn(at, "\n");
    if (at[0] == '/' && at[1] == '*') {
        end = strstr(at + 2, "*/");
        return end == NULL ? strlen(at) : (size_t)(end - at) + 2;
    }
    return at[0] == ':' && at[1] == ':' ? 2 : 0;
}

/* The slot of a name, added when it is new; -1 when there is no such value or no room. */
static int
rules_slot_add(struct rule *rule, const char *name)
{
    int parameter = rules_parameter_find(rule, name);

    for (size_t i = 0; i < rule->slot_count; i++)
        if (strcmp(rule->slots[i].name, name) == 0)
            return (int)i;
    if ((parameter < 0 && rules_builtin_type(name) == NULL) || rule->slot_count == RULES_SLOTS_MAX)
        return -1;
    rule->slots[rule->slot_count] =
        (struct rules_slot){.name = mem_strdup(name), .parameter = parameter};
    return (int)rule->slot_count++;
}

static void
rules_bind_name(struct rules_reader *reader, const struct yaml_node *node, const char *name,
                struct buf *out)
{
    struct rule *rule = reader->rule;
    int slot = rules_slot_add(rule, name);

    if (slot < 0) {
        problem_at(&reader->problems, node,
                   "the query names ':%s', which is neither a parameter nor built in", name);
        return;
    }
    int parameter = rule->slots[slot].parameter;
    buf_add_fmt(out, "$%d::%s", slot + 1,
                parameter < 0 ? rules_builtin_type(name)
                              : rules_values[rule->parameters[parameter].type].sql);
}

/* Turn every :name of the query into $n::type. */
static void
rules_bind(struct rules_reader *reader, const struct yaml_node *node)
{
    AUTO_BUF struct buf out = {0};
    struct rule *rule = reader->rule;

    for (const char *at = rule->sql; *at != '\0';) {
        size_t opaque = rules_opaque(at);

        if (opaque > 0) {
            buf_add(&out, at, opaque);
            at += opaque;
        } else if (*at == ':' && at[1] >= 'a' && at[1] <= 'z') {
            char name[64];
            size_t len = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");

            (void)snprintf(name, sizeof(name), "%.*s", (int)len, at + 1);
            rules_bind_name(reader, node, name, &out);
            at += len + 1;
        } else {
            if (*at == ';' || *at == '$')
                problem_at(&reader->problems, node, "a query holds no '%c'", *at);
            buf_add(&out, at++, 1);
        }
    }
    rule->query = rule->sql;
    rule->sql = mem_strdup(buf_str(&out));
}

static void
rules_check_used(struct rules_reader *reader, const struct yaml_node *root)
{
    const struct rule *rule = reader->rule;

    for (size_t i = 0; i < rule->parameter_count; i++) {
        bool used = false;

        for (size_t j = 0; j < rule->slot_count; j++)
            used = used || rule->slots[j].parameter == (int)i;
        if (!used)
            problem_at(&reader->problems, yaml_find(root, "parameters"),
                       "the query does not use the parameter '%s'", rule->parameters[i].name);
    }
    for (size_t i = 0; i < rule->absence_count; i++)
        if (!rules_reads(rule, rule->absence[i]))
            problem_at(&reader->problems, yaml_find(root, "absence"),
                       "%s is not among needs or helps", rule->absence[i]->name);
    for (size_t i = 0; i < rule->doubt_count; i++)
        if (!rules_reads(rule, rule->doubt[i]))
            problem_at(&reader->problems, yaml_find(root, "doubt"),
                       "%s is not among needs or helps", rule->doubt[i]->name);
}

static void
rules_read_root(struct rules_reader *reader, const struct yaml_node *root)
{
    if (root == NULL || root->kind != YAML_MAP) {
        static const struct yaml_node start = {.line = 1, .column = 1};
        struct yaml_node place = root != NULL ? *root : start;

        place.file = reader->rule->file;
        problem_at(&reader->problems, &place, "a rule is a map of keys");
        return;
    }
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
    if (reader->rule->sql == NULL)
        return;
    rules_bind(reader, yaml_find(root, "sql"));
    rules_check_used(reader, root);
}

/* --- loading --- */

int
rules_parse(const char *file, const char *text, size_t len, struct rule *ret_rule,
            struct buf *problems, struct err *err)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    struct rule rule = {.file = mem_strdup(file), .history_months = RULES_HISTORY_MONTHS};
    struct rules_reader reader = {.rule = &rule, .problems = {.lines = problems}};

    if (yaml_parse(file, text, len, &tree, err) < 0) {
        problem_err(&reader.problems, err);
    } else {
        rules_read_root(&reader, yaml_root(tree));
    }
    if (problem_check(&reader.problems, file, err) < 0) {
        rules_done(&rule);
        return -1;
    }
    digest_bytes(text, len, rule.digest);
    *ret_rule = rule;
    return 0;
}

void
rules_done(struct rule *rule)
{
    free(rule->title);
    free(rule->title_en);
    free(rule->route);
    free(rule->query);
    free(rule->sql);
    free(rule->file);
    free(rule->broken);
    for (size_t i = 0; i < rule->requirement_count; i++)
        free(rule->requirements[i]);
    free(rule->requirements);
    for (size_t i = 0; i < rule->parameter_count; i++) {
        free(rule->parameters[i].name);
        free(rule->parameters[i].text);
    }
    for (size_t i = 0; i < rule->slot_count; i++)
        free(rule->slots[i].name);
}

void
rules_free(struct rules *rules)
{
    if (rules == NULL)
        return;
    for (size_t i = 0; i < rules->count; i++)
        rules_done(&rules->list[i]);
    free(rules->list);
    free(rules);
}

const struct rule *
rules_find(const struct rules *rules, const char *id)
{
    for (size_t i = 0; i < rules->count; i++)
        if (strcmp(rules->list[i].id, id) == 0)
            return &rules->list[i];
    return NULL;
}

int
rules_parameter_find(const struct rule *rule, const char *name)
{
    for (size_t i = 0; i < rule->parameter_count; i++)
        if (strcmp(rule->parameters[i].name, name) == 0)
            return (int)i;
    return -1;
}

int
rules_line(const struct rule *rule, int character)
{
    /* A block begins on the line after its mark. */
    int line = rule->line + (strchr(rule->sql, '\n') != NULL ? 1 : 0);

    for (const char *at = rule->sql; *at != '\0' && character > 1; at++) {
        line += *at == '\n';
        character -= (*at & 0xc0) != 0x80; /* bytes that continue a character do not count */
    }
    return line;
}

const char *
rules_file(const struct rule *rule)
{
    const char *slash = strrchr(rule->file, '/');

    return slash == NULL ? rule->file : slash + 1;
}

bool
rules_of_area(const struct rule *rule)
{
    return subject_column(rule->subject) == NULL;
}

bool
rules_reads(const struct rule *rule, const struct record_type *type)
{
    for (size_t i = 0; i < rule->need_count; i++)
        if (rule->needs[i] == type)
            return true;
    for (size_t i = 0; i < rule->help_count; i++)
        if (rule->helps[i] == type)
            return true;
    return false;
}
