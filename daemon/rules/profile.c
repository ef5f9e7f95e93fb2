#include "rules/profile.h"

#include <stdio.h>
#include <string.h>

#include "base/problem.h"
#include "base/yaml.h"
#include "rules/profile_origin.h"

#define PROFILE_DEPTH_MAX 4 /* profiles that extend each other */
#define PROFILE_DUE_DAY 10
#define PROFILE_MONTHS 12

struct profile_reader {
    const char *dir, *name, *document; /* of the file that is being read */
    const struct rules *rules;
    struct profile *profile;
    struct problem_list problems;
    int depth;
};

/* Whether a map says where its value comes from; notes a `from` that is no text. */
static size_t
profile_has_from(struct profile_reader *reader, const struct yaml_node *node)
{
    const struct yaml_node *from = yaml_find(node, "from");

    if (from == NULL)
        return 0;
    if (from->kind != YAML_SCALAR || from->text == NULL || from->text[0] == '\0')
        problem_at(&reader->problems, from, "a requirement and its clause are wanted here");
    return 1;
}

/*
 * The text of a value, which is a scalar or {value: …, from: …, inferred: true};
 * NULL after noting what is wrong.
 */
static const char *
profile_text(struct profile_reader *reader, const struct yaml_node *node, bool *ret_inferred)
{
    const struct yaml_node *value = node->kind == YAML_MAP ? yaml_find(node, "value") : node;
    const struct yaml_node *inferred = node->kind == YAML_MAP ? yaml_find(node, "inferred") : NULL;
    struct err err;

    *ret_inferred = false;
    if (value == NULL || value->kind != YAML_SCALAR || value->text == NULL ||
        value->text[0] == '\0') {
        problem_at(&reader->problems, node, "a text is wanted here");
        return NULL;
    }
    if (inferred != NULL && yaml_bool(inferred, ret_inferred, &err) < 0)
        problem_at(&reader->problems, inferred, "true or false is wanted here");
    if (node->kind == YAML_MAP &&
        node->count != 1 + profile_has_from(reader, node) + (inferred != NULL))
        problem_at(&reader->problems, node, "only value, from and inferred may stand here");
    return value->text;
}

static void
profile_set(char **text, const char *value)
{
    free(*text);
    *text = mem_strdup(value);
}

static void
profile_read_name(struct profile_reader *reader, const struct yaml_node *node)
{
    bool inferred;
    const char *text = profile_text(reader, node, &inferred);

    if (text != NULL)
        profile_set(&reader->profile->name, text);
}

static void
profile_read_area(struct profile_reader *reader, const struct yaml_node *node)
{
    bool inferred;
    const char *text = profile_text(reader, node, &inferred);
    size_t len = text != NULL ? strlen(text) : 0;

    if (text == NULL)
        return;
    if ((len != 2 && len != 4 && len != 6) || text[strspn(text, "0123456789")] != '\0')
        problem_at(&reader->problems, node,
                   "an area is a division code of two, four or six digits");
    else
        profile_set(&reader->profile->area, text);
}

/* {multiple: 1.2}, {amount: 6000} in yuan, each with inferred: true where it is. */
static void
profile_read_amount(struct profile_reader *reader, const struct yaml_node *node,
                    struct profile_line *line)
{
    const struct yaml_node *multiple = yaml_find(node, "multiple");
    const struct yaml_node *amount = yaml_find(node, "amount");
    const struct yaml_node *inferred = yaml_find(node, "inferred");
    const struct yaml_node *value = multiple != NULL ? multiple : amount;
    struct profile_line read = {.set = true, .absolute = multiple == NULL};
    struct err err;

    if (node->kind != YAML_MAP || (multiple == NULL) == (amount == NULL) ||
        value->kind != YAML_SCALAR || value->text == NULL ||
        node->count != 1 + profile_has_from(reader, node) + (inferred != NULL)) {
        problem_at(&reader->problems, node,
                   "a multiple of dibao or an amount in yuan is wanted here");
        return;
    }
    if (inferred != NULL && yaml_bool(inferred, &read.inferred, &err) < 0)
        problem_at(&reader->problems, inferred, "true or false is wanted here");
    if (read.absolute ? !decimal_parse_fen(value->text, &read.fen) || read.fen <= 0
                      : !decimal_parse(value->text, &read.multiple) || read.multiple.digits <= 0)
        problem_at(&reader->problems, value, "a positive decimal number is wanted here");
    else
        *line = read;
}

static void
profile_read_line(struct profile_reader *reader, const struct yaml_node *node)
{
    profile_read_amount(reader, node, &reader->profile->line);
}

static void
profile_read_floor(struct profile_reader *reader, const struct yaml_node *node)
{
    profile_read_amount(reader, node, &reader->profile->floor);
}

/* A list of income items, or {items: […], from: …}. */
static void
profile_read_exclude(struct profile_reader *reader, const struct yaml_node *node)
{
    const struct yaml_node *items = node->kind == YAML_MAP ? yaml_find(node, "items") : node;

    if (items == NULL ||
        (node->kind == YAML_MAP && node->count != 1 + profile_has_from(reader, node))) {
        problem_at(&reader->problems, node, "items and from are wanted here");
        return;
    }
    node = items;
    if (node->kind != YAML_LIST) {
        problem_at(&reader->problems, node, "a list of income items is wanted here");
        return;
    }
    reader->profile->exclude_pension = reader->profile->exclude_job_cost = false;
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        bool inferred;
        const char *text = profile_text(reader, item, &inferred);

        if (text == NULL)
            continue;
        if (strcmp(text, "basic_pension") == 0)
            reader->profile->exclude_pension = true;
        else if (strcmp(text, "job_cost") == 0)
            reader->profile->exclude_job_cost = true;
        else
            problem_at(&reader->problems, item, "an income item is basic_pension or job_cost");
    }
}

static void
profile_read_due_day(struct profile_reader *reader, const struct yaml_node *node)
{
    const struct yaml_node *value = node->kind == YAML_MAP ? yaml_find(node, "value") : node;
    int64_t day;
    struct err err;
    bool inferred;

    if (profile_text(reader, node, &inferred) == NULL)
        return;
    if (yaml_int(value, 1, 28, &day, &err) < 0)
        problem_at(&reader->problems, node, "a due day is a number from 1 to 28");
    else
        reader->profile->due_day = (int)day;
}

static void
profile_read_absence_max(struct profile_reader *reader, const struct yaml_node *node)
{
    bool inferred;
    const char *text = profile_text(reader, node, &inferred);
    struct decimal share;

    if (text == NULL)
        return;
    if (!decimal_parse(text, &share) || share.digits < 0)
        problem_at(&reader->problems, node, "a share is a decimal number such as 0.01");
    else
        reader->profile->absence_max = share;
}

/* Check a fact; its text is kept by profile_origin_note, as people see it. */
static void
profile_read_fact(struct profile_reader *reader, const struct yaml_node *node)
{
    bool inferred;

    (void)profile_text(reader, node, &inferred);
}

static void
profile_read_off(struct profile_reader *reader, const struct yaml_node *node)
{
    struct profile *profile = reader->profile;

    if (node->kind != YAML_LIST) {
        problem_at(&reader->problems, node, "a list of rules is wanted here");
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        bool inferred;
        const char *text = profile_text(reader, item, &inferred);

        if (text == NULL)
            continue;
        if (rules_find(reader->rules, text) == NULL)
            problem_at(&reader->problems, item, "there is no rule '%s'", text);
        profile->off = mem_grow(profile->off, profile->off_count + 1, sizeof(*profile->off));
        profile->off[profile->off_count++] = mem_strdup(text);
    }
}

/* Keep an override, in place of one that a profile further down gave. */
static void
profile_override_set(struct profile *profile, const char *rule, const char *name, char *text)
{
    for (size_t i = 0; i < profile->override_count; i++) {
        struct profile_override *known = &profile->overrides[i];

        if (strcmp(known->rule, rule) == 0 && strcmp(known->name, name) == 0) {
            free(known->text);
            known->text = text;
            return;
        }
    }
    profile->overrides =
        mem_grow(profile->overrides, profile->override_count + 1, sizeof(*profile->overrides));
    profile->overrides[profile->override_count++] =
        (struct profile_override){.rule = mem_strdup(rule), .name = mem_strdup(name), .text = text};
}

static void
profile_read_override(struct profile_reader *reader, const struct rule *rule,
                      const struct yaml_node *node)
{
    int index = rules_parameter_find(rule, node->key);
    bool inferred;
    const char *text = profile_text(reader, node, &inferred);
    char *value;

    if (rule->broken != NULL)
        return; /* its parameters are not known */
    if (index < 0) {
        problem_at(&reader->problems, node, "rule %s has no parameter '%s'", rule->id, node->key);
        return;
    }
    if (text == NULL)
        return;
    value = rules_value_read(rule->parameters[index].type, text);
    if (value == NULL)
        problem_at(&reader->problems, node, "this is no value of type %s",
                   rules_value_name(rule->parameters[index].type));
    else {
        char key[RULES_ID_MAX + 80];

        (void)snprintf(key, sizeof(key), "%s.%s", rule->id, node->key);
        profile_override_set(reader->profile, rule->id, node->key, value);
        profile_origin_note_as(reader->profile, key, node, reader->name, reader->document);
    }
}

static void
profile_read_parameters(struct profile_reader *reader, const struct yaml_node *node)
{
    if (node->kind != YAML_MAP) {
        problem_at(&reader->problems, node, "parameters are a map: rule: {name: value}");
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        const struct rule *rule = rules_find(reader->rules, item->key);

        if (rule == NULL || item->kind != YAML_MAP)
            problem_at(&reader->problems, item, "there is no rule '%s' with a map of values",
                       item->key);
        else
            for (const struct yaml_node *one = item->first; one != NULL; one = one->next)
                profile_read_override(reader, rule, one);
    }
}

/* Facts that the five documents set beside lines and exclusions; not for rules in this edition. */
static const char *const profile_facts[] = {
    "title",         "documents",  "line_note",  "identified_within_days", "judgement",
    "roll_up",       "scheduling", "civil_push", "look_back_open",         "look_back_eliminated",
    "green_channel", "called",     "scope_adds", "sectors_named",          "special",
};
#define PROFILE_FACTS (sizeof(profile_facts) / sizeof(profile_facts[0]))

static const struct {
    const char *name;
    void (*read)(struct profile_reader *reader, const struct yaml_node *node);
} profile_keys[] = {
    {"name", profile_read_name},
    {"area", profile_read_area},
    {"line", profile_read_line},
    {"floor", profile_read_floor},
    {"exclude_from_income", profile_read_exclude},
    {"due_day", profile_read_due_day},
    {"absence_max", profile_read_absence_max},
    {"off", profile_read_off},
    {"parameters", profile_read_parameters},
};
#define PROFILE_KEYS (sizeof(profile_keys) / sizeof(profile_keys[0]))

static void
profile_read_key(struct profile_reader *reader, const struct yaml_node *node)
{
    if (strcmp(node->key, "name") != 0 && strcmp(node->key, "extends") != 0 &&
        strcmp(node->key, "parameters") != 0)
        profile_origin_note(reader->profile, node, reader->name, reader->document);
    for (size_t i = 0; i < PROFILE_KEYS; i++)
        if (strcmp(profile_keys[i].name, node->key) == 0) {
            profile_keys[i].read(reader, node);
            return;
        }
    for (size_t i = 0; i < PROFILE_FACTS; i++)
        if (strcmp(profile_facts[i], node->key) == 0) {
            profile_read_fact(reader, node);
            return;
        }
    if (strcmp(node->key, "extends") != 0)
        problem_at(&reader->problems, node, "unknown key '%s'", node->key);
}

static void profile_read(struct profile_reader *reader, const char *name,
                         const struct yaml_node *extends);

static void
profile_read_root(struct profile_reader *reader, const struct yaml_node *root, const char *name)
{
    const struct yaml_node *extends, *own;
    struct err err;

    if (root == NULL || root->kind != YAML_MAP) {
        (void)err_set(&err, ERR_CONFIG, "%s/%s.yaml:1:1: a profile is a map of keys", reader->dir,
                      name);
        problem_err(&reader->problems, &err);
        return;
    }
    extends = yaml_find(root, "extends");
    if (extends != NULL) {
        bool inferred;
        const char *base = profile_text(reader, extends, &inferred);

        if (base != NULL)
            profile_read(reader, base, extends);
    }
    reader->name = name;
    own = yaml_find(root, "documents");
    reader->document = own != NULL && own->kind == YAML_SCALAR ? own->text : NULL;
    for (const struct yaml_node *node = root->first; node != NULL; node = node->next)
        profile_read_key(reader, node);
    own = yaml_find(root, "name");
    if (own == NULL || own->text == NULL || strcmp(own->text, name) != 0)
        problem_at(&reader->problems, own != NULL ? own : root,
                   "the profile's name is its file's, %s", name);
}

/* Lay the values of `<name>.yaml` over those that the reader has already. */
static void
profile_read(struct profile_reader *reader, const char *name, const struct yaml_node *extends)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    AUTO_BUF struct buf path = {0};
    struct err err;

    if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")] != '\0' ||
        reader->depth == PROFILE_DEPTH_MAX) {
        (void)err_set(&err, ERR_CONFIG, "'%s' is no profile's name", name);
        if (extends != NULL)
            problem_at(&reader->problems, extends, "'%s' cannot be extended", name);
        else
            problem_err(&reader->problems, &err);
        return;
    }
    buf_add_fmt(&path, "%s/%s.yaml", reader->dir, name);
    if (yaml_load(buf_str(&path), &tree, &err) < 0) {
        if (extends != NULL)
            problem_at(&reader->problems, extends, "there is no readable profile '%s'", name);
        problem_err(&reader->problems, &err);
        return;
    }
    reader->depth++;
    profile_read_root(reader, yaml_root(tree), name);
    reader->depth--;
}

static void
profile_digest_text(struct digest *digest, const char *text)
{
    digest_add(digest, text, strlen(text) + 1);
}

static void
profile_digest_line(struct digest *digest, const struct profile_line *line)
{
    char text[80];

    (void)snprintf(text, sizeof(text), "%d %lld %d %lld", line->absolute,
                   (long long)line->multiple.digits, line->multiple.scale, (long long)line->fen);
    profile_digest_text(digest, text);
}

/* The digest of all values that judging depends on; facts are for people. */
static void
profile_digest(struct profile *profile)
{
    struct digest digest;
    char text[120];

    digest_init(&digest);
    profile_digest_text(&digest, profile->name);
    profile_digest_line(&digest, &profile->line);
    profile_digest_line(&digest, &profile->floor);
    (void)snprintf(text, sizeof(text), "%d %d %lld %d", profile->exclude_pension,
                   profile->exclude_job_cost, (long long)profile->absence_max.digits,
                   profile->absence_max.scale);
    profile_digest_text(&digest, text);
    for (size_t i = 0; i < profile->override_count; i++) {
        profile_digest_text(&digest, profile->overrides[i].rule);
        profile_digest_text(&digest, profile->overrides[i].name);
        profile_digest_text(&digest, profile->overrides[i].text);
    }
    for (size_t i = 0; i < profile->off_count; i++)
        profile_digest_text(&digest, profile->off[i]);
    digest_finish(&digest, profile->digest);
}

int
profile_load(const char *dir, const char *name, const struct rules *rules,
             struct profile **ret_profile, struct buf *problems, struct err *err)
{
    AUTO(profile_free) struct profile *profile = mem_zalloc(sizeof(*profile));
    struct profile_reader reader = {
        .dir = dir, .rules = rules, .profile = profile, .problems = {.lines = problems}};

    profile->due_day = PROFILE_DUE_DAY;
    profile->absence_max = (struct decimal){.digits = 1, .scale = 2};
    profile_read(&reader, name, NULL);
    if (reader.problems.count == 0 &&
        (profile->area == NULL || !profile->line.set || !profile->floor.set)) {
        (void)err_set(err, ERR_CONFIG, "%s/%s.yaml:1:1: area, line and floor must be set", dir,
                      name);
        problem_err(&reader.problems, err);
    }
    if (problem_check(&reader.problems, name, err) < 0)
        return -1;
    profile_digest(profile);
    *ret_profile = STEAL(profile);
    return 0;
}

void
profile_free(struct profile *profile)
{
    if (profile == NULL)
        return;
    free(profile->name);
    free(profile->area);
    for (size_t i = 0; i < profile->override_count; i++) {
        free(profile->overrides[i].rule);
        free(profile->overrides[i].name);
        free(profile->overrides[i].text);
    }
    free(profile->overrides);
    for (size_t i = 0; i < profile->off_count; i++)
        free(profile->off[i]);
    free(profile->off);
    profile_origin_free(profile);
    free(profile);
}

const char *
profile_value(const struct profile *profile, const struct rule *rule, size_t parameter)
{
    const char *name = rule->parameters[parameter].name;

    for (size_t i = 0; i < profile->override_count; i++)
        if (strcmp(profile->overrides[i].rule, rule->id) == 0 &&
            strcmp(profile->overrides[i].name, name) == 0)
            return profile->overrides[i].text;
    return rule->parameters[parameter].text;
}

bool
profile_runs(const struct profile *profile, const char *rule)
{
    for (size_t i = 0; i < profile->off_count; i++)
        if (strcmp(profile->off[i], rule) == 0)
            return false;
    return true;
}

bool
profile_amount(const struct profile_line *line, int64_t monthly, char ret_text[DECIMAL_TEXT])
{
    struct decimal amount = {.digits = line->fen};

    if (!line->set)
        return false;
    if (!line->absolute && (!decimal_multiply(line->multiple, monthly, &amount) ||
                            !decimal_multiply(amount, PROFILE_MONTHS, &amount)))
        return false;
    decimal_format(amount, ret_text);
    return true;
}
