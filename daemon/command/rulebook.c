#include "command/rulebook.h"

#include <string.h>

#include "base/json.h"
#include "rules/profile_origin.h"
#include "command/view.h"

#define RULEBOOK_KEY 26 /* columns of a table's first cells */
#define RULEBOOK_VALUE 34
#define RULEBOOK_ABSENCE "absence_max"
#define RULEBOOK_DUE "due_day"

/* Print a text, filled up with blanks to `width` columns. */
static void
rulebook_put(const char *text, int width, FILE *out)
{
    int pad = width - view_width(text);

    fprintf(out, "%s%*s  ", text, pad > 0 ? pad : 0, "");
}

static void
rulebook_join(const struct record_type *const *types, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++)
        buf_add_fmt(out, "%s%s", i > 0 ? ", " : "", types[i]->name);
}

static void
rulebook_add_types(struct json *json, const char *key, const struct record_type *const *types,
                   size_t count)
{
    json_open_array(json, key);
    for (size_t i = 0; i < count; i++)
        json_add_text(json, NULL, types[i]->name);
    json_close_array(json);
}

static void
rulebook_print_json(struct buf *line, FILE *out)
{
    fprintf(out, "%s\n", buf_str(line));
    buf_clear(line);
}

/* The members of a rule's object that `list` and `explain` share. */
static void
rulebook_add_rule(struct json *json, const struct rule *rule)
{
    json_add_text(json, "id", rule->id);
    json_add_text(json, "file", rules_file(rule));
    json_add_text(json, "broken", rule->broken);
    if (rule->broken != NULL)
        return;
    json_add_int(json, "version", rule->version);
    json_add_text(json, "title", rule->title);
    json_add_text(json, "title_en", rule->title_en);
    json_add_text(json, "subject", subject_name(rule->subject));
    json_add_text(json, "family", rule->family);
    json_add_text(json, "route", rule->route);
    json_open_array(json, "requirements");
    for (size_t i = 0; i < rule->requirement_count; i++)
        json_add_text(json, NULL, rule->requirements[i]);
    json_close_array(json);
    rulebook_add_types(json, "needs", rule->needs, rule->need_count);
    rulebook_add_types(json, "helps", rule->helps, rule->help_count);
    rulebook_add_types(json, "absence", rule->absence, rule->absence_count);
    rulebook_add_types(json, "history", rule->history, rule->history_count);
}

void
rulebook_list(const struct rules *rules, bool json, FILE *out)
{
    AUTO_BUF struct buf line = {0};

    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *rule = &rules->list[i];
        struct json object = {.out = &line};
        AUTO_BUF struct buf needs = {0};

        if (json) {
            json_open_object(&object, NULL);
            rulebook_add_rule(&object, rule);
            json_close_object(&object);
            rulebook_print_json(&line, out);
            continue;
        }
        rulebook_put(rule->id, 4, out);
        if (rule->broken != NULL) {
            fprintf(out, "不能使用 refused  %s:%s\n", rule->file, rule->broken);
            continue;
        }
        rulebook_join(rule->needs, rule->need_count, &needs);
        fprintf(out, "v%d  ", rule->version);
        rulebook_put(rule->title, 24, out);
        rulebook_put(subject_name(rule->subject), 9, out);
        rulebook_put(rule->route, 15, out);
        fprintf(out, "%s\n", buf_str(&needs));
    }
}

/* A parameter's value as a file would write it: yuan for money. */
static void
rulebook_value(const struct rule *rule, size_t index, const char *text, struct buf *out)
{
    buf_add_str(out, text);
    if (rule->parameters[index].type == RULES_MONEY)
        buf_add_str(out, " fen");
}

static void
rulebook_explain_text(const struct rule *rule, const struct profile *profile, FILE *out)
{
    static const char *const names[] = {"needs", "helps", "absence", "history"};
    const struct {
        const struct record_type *const *types;
        size_t count;
    } lists[] = {{rule->needs, rule->need_count},
                 {rule->helps, rule->help_count},
                 {rule->absence, rule->absence_count},
                 {rule->history, rule->history_count}};

    fprintf(out, "%s v%d %s (%s)\n文件 file: %s\n依据 requirements:", rule->id, rule->version,
            rule->title, rule->title_en, rule->file);
    for (size_t i = 0; i < rule->requirement_count; i++)
        fprintf(out, " %s", rule->requirements[i]);
    fprintf(out, "\n对象 subject: %s\n去向 route: %s\n", subject_name(rule->subject), rule->route);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        AUTO_BUF struct buf list = {0};

        rulebook_join(lists[i].types, lists[i].count, &list);
        if (lists[i].count > 0)
            fprintf(out, "%s: %s\n", names[i], buf_str(&list));
    }
    for (size_t i = 0; i < rule->parameter_count; i++) {
        const struct rules_parameter *parameter = &rule->parameters[i];
        AUTO_BUF struct buf value = {0};

        rulebook_value(rule, i, profile != NULL ? profile_value(profile, rule, i) : parameter->text,
                       &value);
        fprintf(out, "参数 parameter %s (%s): %s\n", parameter->name,
                rules_value_name(parameter->type), buf_str(&value));
    }
    fprintf(out, "\n%s", rule->query);
}

static void
rulebook_explain_json(const struct rule *rule, const struct profile *profile, FILE *out)
{
    AUTO_BUF struct buf line = {0};
    struct json json = {.out = &line};

    json_open_object(&json, NULL);
    rulebook_add_rule(&json, rule);
    json_open_object(&json, "parameters");
    for (size_t i = 0; i < rule->parameter_count; i++)
        json_add_text(&json, rule->parameters[i].name,
                      profile != NULL ? profile_value(profile, rule, i) : rule->parameters[i].text);
    json_close_object(&json);
    json_add_text(&json, "sql", rule->query);
    json_close_object(&json);
    rulebook_print_json(&line, out);
}

int
rulebook_explain(const struct rules *rules, const char *id, const struct profile *profile,
                 bool json, FILE *out, struct err *err)
{
    const struct rule *rule = rules_find(rules, id);

    if (rule == NULL)
        return err_set(err, ERR_MISSING, "there is no rule '%s'", id);
    if (rule->broken != NULL)
        return err_set(err, ERR_CONFIG, "%s:%s", rule->file, rule->broken);
    (json ? rulebook_explain_json : rulebook_explain_text)(rule, profile, out);
    return 0;
}

/* Whether a value comes from a requirement of the profile's document, "GZ-01 （一）". */
static bool
rulebook_required(const struct profile_origin *origin)
{
    const char *from = origin->from;

    return from == NULL || (from[0] >= 'A' && from[0] <= 'Z' && from[2] == '-');
}

/* One value: a line of the table, or an object. */
static void
rulebook_show(const char *key, const char *value, const struct profile_origin *origin,
              const char *otherwise, bool json, FILE *out)
{
    AUTO_BUF struct buf line = {0};
    struct json object = {.out = &line};
    bool inferred = origin != NULL && origin->inferred;
    const char *from = origin != NULL ? origin->from : otherwise;

    if (json) {
        json_open_object(&object, NULL);
        json_add_text(&object, "key", key);
        json_add_text(&object, "value", value);
        json_add_bool(&object, "inferred", inferred);
        json_add_text(&object, "from", from);
        json_add_text(&object, "document",
                      origin != NULL && !inferred && rulebook_required(origin) ? origin->document
                                                                               : NULL);
        json_add_text(&object, "profile", origin != NULL ? origin->profile : NULL);
        json_close_object(&object);
        rulebook_print_json(&line, out);
        return;
    }
    rulebook_put(key, RULEBOOK_KEY, out);
    rulebook_put(value[0] != '\0' ? value : "–", RULEBOOK_VALUE, out);
    if (inferred)
        fprintf(out, "推定 inferred (%s)\n", origin->profile);
    else if (origin == NULL)
        fprintf(out, "%s\n", otherwise);
    else
        fprintf(out, "%s%s%s (%s)\n",
                rulebook_required(origin) && origin->document != NULL ? origin->document : "",
                origin->from != NULL && rulebook_required(origin) ? " " : "",
                origin->from != NULL ? origin->from : "", origin->profile);
}

void
rulebook_profile(const struct rules *rules, const struct profile *profile, bool json, FILE *out)
{
    static const char contract[] = "默认 default";

    for (size_t i = 0; i < profile->origin_count; i++)
        if (strchr(profile->origins[i].key, '.') == NULL)
            rulebook_show(profile->origins[i].key, profile->origins[i].value, &profile->origins[i],
                          NULL, json, out);
    if (profile_origin_find(profile, RULEBOOK_DUE) == NULL)
        rulebook_show(RULEBOOK_DUE, "10", NULL, contract, json, out);
    if (profile_origin_find(profile, RULEBOOK_ABSENCE) == NULL)
        rulebook_show(RULEBOOK_ABSENCE, "0.01", NULL, contract, json, out);
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *rule = &rules->list[i];

        for (size_t j = 0; j < rule->parameter_count; j++) {
            AUTO_BUF struct buf key = {0}, value = {0}, from = {0};

            buf_add_fmt(&key, "%s.%s", rule->id, rule->parameters[j].name);
            rulebook_value(rule, j, profile_value(profile, rule, j), &value);
            buf_add_fmt(&from, "规则默认 default of rule %s v%d", rule->id, rule->version);
            rulebook_show(buf_str(&key), buf_str(&value),
                          profile_origin_find(profile, buf_str(&key)), buf_str(&from), json, out);
        }
    }
}
