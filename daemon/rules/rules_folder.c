#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"
#include "rules/rules.h"

/* Read a whole file; a rule is small, and a larger file is refused by the YAML reader. */
static int
rules_read_file(const char *path, struct buf *out, struct err *err)
{
    FILE *file = fopen(path, "re");
    size_t got;

    if (file == NULL)
        return err_set(err, ERR_CONFIG, "cannot read %s: %s", path, strerror(errno));
    do {
        got = fread(buf_reserve(out, 4096), 1, 4096, file);
        out->len += got;
    } while (got > 0 && out->len <= YAML_BYTES_MAX);
    (void)fclose(file);
    return 0;
}

static int
rules_compare(const void *left, const void *right)
{
    const struct rule *a = left, *b = right;

    return strcmp(a->id, b->id);
}

static int
rules_is_yaml(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".yaml") == 0;
}

/* "M05" of "M05_self_paid.yaml"; false when the name does not begin with an id. */
static bool
rules_id_of(const char *name, char ret_id[RULES_ID_MAX + 1])
{
    size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    if (len == 0 || len > RULES_ID_MAX || name[0] > 'Z' || name[0] < 'A')
        return false;
    memcpy(ret_id, name, len);
    ret_id[len] = '\0';
    return true;
}

/* Put a file that cannot be used into the set, with the first of its problems. */
static void
rules_add_broken(struct rules *rules, const char *path, const char *name, const char *problem)
{
    struct rule rule = {.file = mem_strdup(path)};
    size_t len;

    if (strncmp(problem, path, strlen(path)) == 0 && problem[strlen(path)] == ':')
        problem += strlen(path) + 1;
    len = strcspn(problem, "\n");
    if (!rules_id_of(name, rule.id) || rules_find(rules, rule.id) != NULL) {
        rules_done(&rule);
        return;
    }
    rule.broken = mem_strdup(problem);
    rule.broken[len] = '\0';
    digest_bytes(problem, len, rule.digest);
    rules->list = mem_grow(rules->list, rules->count + 1, sizeof(*rules->list));
    rules->list[rules->count++] = rule;
}

/* Read one file of the folder into the set. Returns the number of problems. */
static size_t
rules_load_one(struct rules *rules, const char *dir, const char *name, struct buf *problems)
{
    AUTO_BUF struct buf path = {0}, text = {0};
    struct rule rule;
    struct err err;

    buf_add_fmt(&path, "%s/%s", dir, name);
    if (rules_read_file(buf_str(&path), &text, &err) < 0) {
        buf_add_fmt(problems, "%s\n", err.text);
        return 1;
    }
    if (rules_parse(buf_str(&path), buf_str(&text), text.len, &rule, problems, &err) < 0)
        return 1;
    if (rules_find(rules, rule.id) != NULL) {
        buf_add_fmt(problems, "%s:1:1: there is another rule %s\n", buf_str(&path), rule.id);
        rules_done(&rule);
        return 1;
    }
    rules->list = mem_grow(rules->list, rules->count + 1, sizeof(*rules->list));
    rules->list[rules->count++] = rule;
    return 0;
}

/* Read the folder's files; those that cannot be used are counted, and kept as broken if wanted. */
static int
rules_load_folder(const char *dir, bool keep_broken, struct rules *rules, struct buf *problems,
                  size_t *ret_wrong, struct err *err)
{
    struct dirent **entries;
    int count = scandir(dir, &entries, rules_is_yaml, alphasort);

    *ret_wrong = 0;
    if (count < 0)
        return err_set(err, ERR_MISSING, "cannot read the rules in %s: %s", dir, strerror(errno));
    for (int i = 0; i < count; i++) {
        AUTO_BUF struct buf path = {0};
        size_t before = problems->len, wrong;

        wrong = rules_load_one(rules, dir, entries[i]->d_name, problems);
        buf_add_fmt(&path, "%s/%s", dir, entries[i]->d_name);
        if (wrong > 0 && keep_broken)
            rules_add_broken(rules, buf_str(&path), entries[i]->d_name, buf_str(problems) + before);
        *ret_wrong += wrong;
        free(entries[i]);
    }
    free(entries);
    return 0;
}

static void
rules_sort(struct rules *rules)
{
    qsort(rules->list, rules->count, sizeof(*rules->list), rules_compare);
}

int
rules_load_sound(const char *dir, struct rules **ret_rules, struct buf *problems, struct err *err)
{
    AUTO(rules_free) struct rules *rules = mem_zalloc(sizeof(*rules));
    size_t wrong;

    if (rules_load_folder(dir, true, rules, problems, &wrong, err) < 0)
        return -1;
    if (rules->count == 0)
        return err_set(err, ERR_CONFIG, "there is no rule in %s", dir);
    rules_sort(rules);
    *ret_rules = STEAL(rules);
    return 0;
}

int
rules_load(const char *dir, struct rules **ret_rules, struct buf *problems, struct err *err)
{
    AUTO(rules_free) struct rules *rules = mem_zalloc(sizeof(*rules));
    size_t wrong;

    if (rules_load_folder(dir, false, rules, problems, &wrong, err) < 0)
        return -1;
    if (wrong > 0)
        return err_set(err, ERR_CONFIG, "%zu of the rules in %s cannot be used", wrong, dir);
    if (rules->count == 0)
        return err_set(err, ERR_CONFIG, "there is no rule in %s", dir);
    rules_sort(rules);
    *ret_rules = STEAL(rules);
    return 0;
}
