#include "rules/rules.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "rules/rules_read.h"

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
                              : rules_sql_type(rule->parameters[parameter].type));
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
    rules_read_keys(reader, root);
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
    free(rule->family);
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
