#include "settings/access.h"

#include <string.h>

#include "base/clock.h"
#include "base/problem.h"
#include "base/text.h"
#include "base/yaml.h"

#define ACCESS_ENTRIES_MAX 4096
#define ACCESS_TITLE_MAX 64 /* characters */

struct access {
    struct access_entry *entries;
    size_t count, key_count;
    struct access_entry **by_key; /* ascending */
};

/* Return why a text is no value of the kind, or NULL. */
typedef const char *access_check_fn(const char *text);

static const char *
access_check_key(const char *text)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 ".-:+=^!/*?&<>()[]{}@%$#";

    if (strlen(text) != ACCESS_KEY_LEN || text[strspn(text, digits)] != '\0')
        return "a public key has 40 characters (Z85)";
    for (size_t at = 0; at < ACCESS_KEY_LEN; at += 5) {
        uint64_t word = 0;

        for (size_t i = 0; i < 5; i++)
            word = word * 85 + (uint64_t)(strchr(digits, text[at + i]) - digits);
        if (word > UINT32_MAX)
            return "this is no public key: a character is wrong";
    }
    return NULL;
}

static const char *
access_check_name(const char *text)
{
    size_t len = strlen(text);

    if (len >= 1 && len <= ACCESS_NAME_MAX &&
        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len)
        return NULL;
    return "1 to 63 characters a-z, 0-9 and - are expected";
}

/* A role of PostgreSQL, as it is written without quotes. */
static const char *
access_check_login(const char *text)
{
    size_t len = strlen(text);

    if (len >= 1 && len <= ACCESS_NAME_MAX &&
        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == len)
        return NULL;
    return "1 to 63 characters a-z, 0-9 and _ are expected";
}

static const char *
access_check_producer(const char *text)
{
    size_t len = strlen(text);

    if (len >= 1 && len <= ACCESS_PRODUCER_MAX &&
        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len)
        return NULL;
    return "1 to 31 characters a-z, 0-9, _ and - are expected";
}

static const char *
access_check_title(const char *text)
{
    long length = text_utf8_length(text, strlen(text));

    return length >= 1 && length <= ACCESS_TITLE_MAX ? NULL : "1 to 64 characters are expected";
}

static const char *
access_check_record(const char *text)
{
    size_t sector = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    size_t type =
        text[sector] == '.' ? strspn(text + sector + 1, "abcdefghijklmnopqrstuvwxyz_") : 0;

    if (sector > 0 && type > 0 && text[sector + 1 + type] == '\0')
        return NULL;
    return "a record type is sector.type";
}

static const char *
access_check_county(const char *text)
{
    if (strlen(text) == 6 && strspn(text, "0123456789") == 6 && *text != '0')
        return NULL;
    return "a county is six digits";
}

static const char *
access_check_month(const char *text)
{
    int32_t month;

    return clock_parse_month(text, &month) ? NULL : "a month is YYYY-MM";
}

/* Return a scalar's text when it passes, else NULL with the problem noted. */
static const char *
access_text(struct problem_list *problems, const struct yaml_node *node, access_check_fn *check)
{
    const char *text, *reason;
    struct err err;

    if (yaml_text(node, &text, &err) != 0) {
        problem_err(problems, &err);
        return NULL;
    }
    reason = check(text);
    if (reason == NULL)
        return text;
    if (node->key != NULL)
        problem_at(problems, node, "%s: %s", node->key, reason);
    else
        problem_at(problems, node, "%s", reason);
    return NULL;
}

/* Return a copy of a map's text, or NULL when it is not there or not good. */
static char *
access_member(struct problem_list *problems, const struct yaml_node *map, const char *key,
              access_check_fn *check)
{
    const struct yaml_node *node = yaml_find(map, key);
    const char *text = node != NULL ? access_text(problems, node, check) : NULL;

    return text != NULL ? mem_strdup(text) : NULL;
}

/* Check that a node is a map with all of `required` and nothing beyond `optional`; each list ends
   with NULL. */
static bool
access_is_map(struct problem_list *problems, const struct yaml_node *node,
              const char *const *required, const char *const *optional)
{
    const char *const *name;

    if (node->kind != YAML_MAP) {
        problem_at(problems, node, "a map is expected");
        return false;
    }
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
        bool known = false;

        for (name = required; *name != NULL && !known; name++)
            known = strcmp(*name, child->key) == 0;
        for (name = optional; *name != NULL && !known; name++)
            known = strcmp(*name, child->key) == 0;
        if (!known)
            problem_at_key(problems, child, "unknown key '%s'", child->key);
    }
    for (name = required; *name != NULL; name++)
        if (yaml_find(node, *name) == NULL)
            problem_at(problems, node, "'%s' is missing", *name);
    return true;
}

/* Return a map's list, or NULL when it is not there or no list with entries. */
static const struct yaml_node *
access_list(struct problem_list *problems, const struct yaml_node *map, const char *key)
{
    const struct yaml_node *list = yaml_find(map, key);

    if (list == NULL)
        return NULL;
    if (list->kind == YAML_LIST && list->count > 0 && list->count <= ACCESS_ENTRIES_MAX)
        return list;
    problem_at(problems, list, "%s: a list of 1 to %d entries is expected", key,
               ACCESS_ENTRIES_MAX);
    return NULL;
}

static struct access_record *
access_find_record(const struct access_grant *grant, const char *type)
{
    for (size_t i = 0; i < grant->record_count; i++)
        if (strcmp(grant->records[i].type, type) == 0)
            return &grant->records[i];
    return NULL;
}

static void
access_read_records(struct problem_list *problems, const struct yaml_node *map,
                    struct access_grant *grant)
{
    const struct yaml_node *list = access_list(problems, map, "records");

    if (list == NULL)
        return;
    grant->records = mem_zalloc(list->count * sizeof(*grant->records));
    for (const struct yaml_node *node = list->first; node != NULL; node = node->next) {
        const char *type = access_text(problems, node, access_check_record);

        if (type == NULL)
            continue;
        if (access_find_record(grant, type) != NULL) {
            problem_at(problems, node, "'%s' appears twice", type);
            continue;
        }
        grant->records[grant->record_count++] =
            (struct access_record){.type = mem_strdup(type), .expected = true};
    }
}

static void
access_read_optional(struct problem_list *problems, const struct yaml_node *map,
                     struct access_grant *grant)
{
    const struct yaml_node *list = access_list(problems, map, "optional");

    if (list == NULL)
        return;
    for (const struct yaml_node *node = list->first; node != NULL; node = node->next) {
        const char *type = access_text(problems, node, access_check_record);
        struct access_record *record = type != NULL ? access_find_record(grant, type) : NULL;

        if (record != NULL)
            record->expected = false;
        else if (type != NULL)
            problem_at(problems, node, "'%s' is not among the records", type);
    }
}

static bool
access_has_county(const uint32_t *counties, size_t count, uint32_t county)
{
    for (size_t i = 0; i < count; i++)
        if (counties[i] == county)
            return true;
    return false;
}

static void
access_read_counties(struct problem_list *problems, const struct yaml_node *map,
                     uint32_t **ret_counties, size_t *ret_count)
{
    const struct yaml_node *list = access_list(problems, map, "counties");

    if (list == NULL)
        return;
    *ret_counties = mem_zalloc(list->count * sizeof(**ret_counties));
    for (const struct yaml_node *node = list->first; node != NULL; node = node->next) {
        const char *text = access_text(problems, node, access_check_county);
        uint32_t county = text != NULL ? (uint32_t)strtoul(text, NULL, 10) : 0;

        if (county != 0 && access_has_county(*ret_counties, *ret_count, county))
            problem_at(problems, node, "'%u' appears twice", county);
        else if (county != 0)
            (*ret_counties)[(*ret_count)++] = county;
    }
}

/* Report counties and record types that an earlier grant of the entry names already. */
static void
access_check_overlap(struct problem_list *problems, const struct yaml_node *node,
                     const struct access_entry *entry, const struct access_grant *grant)
{
    if (grant->producer == NULL)
        return;
    for (size_t i = 0; i < grant->record_count; i++)
        for (size_t j = 0; j < grant->county_count; j++)
            if (access_allows(entry, grant->producer, grant->records[i].type, grant->counties[j]))
                problem_at(problems, node, "%s of producer %s in county %u is granted twice",
                           grant->records[i].type, grant->producer, grant->counties[j]);
}

/* Return a map's month, or 0 when it is not there or not good. */
static int32_t
access_month(struct problem_list *problems, const struct yaml_node *map, const char *key)
{
    const struct yaml_node *node = yaml_find(map, key);
    const char *text = node != NULL ? access_text(problems, node, access_check_month) : NULL;
    int32_t month = 0;

    return text != NULL && clock_parse_month(text, &month) ? month : 0;
}

static void
access_read_periods(struct problem_list *problems, const struct yaml_node *map,
                    struct access_grant *grant)
{
    grant->since = access_month(problems, map, "since");
    grant->until = access_month(problems, map, "until");
    if (grant->until != 0 && grant->until < grant->since)
        problem_at(problems, yaml_find(map, "until"), "until: it lies before 'since'");
}

static void
access_read_grants(struct problem_list *problems, const struct yaml_node *map,
                   struct access_entry *entry)
{
    static const char *const required[] = {"producer", "records", "counties", NULL};
    static const char *const optional[] = {"title", "optional", "since", "until", NULL};
    const struct yaml_node *list = access_list(problems, map, "grants");

    if (list == NULL)
        return;
    entry->grants = mem_zalloc(list->count * sizeof(*entry->grants));
    for (const struct yaml_node *node = list->first; node != NULL; node = node->next) {
        struct access_grant *grant = &entry->grants[entry->grant_count];

        if (!access_is_map(problems, node, required, optional))
            continue;
        grant->producer = access_member(problems, node, "producer", access_check_producer);
        grant->title = access_member(problems, node, "title", access_check_title);
        access_read_records(problems, node, grant);
        access_read_optional(problems, node, grant);
        access_read_counties(problems, node, &grant->counties, &grant->county_count);
        access_read_periods(problems, node, grant);
        access_check_overlap(problems, node, entry, grant);
        entry->grant_count++;
    }
}

/* Return the key under which an entry has its name. */
static const char *
access_name_key(enum access_kind kind)
{
    static const char *const keys[] = {
        [ACCESS_ADAPTER] = "channel",
        [ACCESS_SUBSCRIBER] = "name",
        [ACCESS_OPS] = "login",
    };

    return keys[kind];
}

static void
access_read_entry(struct problem_list *problems, enum access_kind kind,
                  const struct yaml_node *node, struct access_entry *entry)
{
    static const char *const none[] = {NULL};
    static const char *const required[][5] = {
        [ACCESS_ADAPTER] = {"channel", "key", "grants", NULL},
        [ACCESS_SUBSCRIBER] = {"name", "key", "county", "route", NULL},
        [ACCESS_OPS] = {"login", "counties", NULL},
    };
    const struct yaml_node *county;
    const char *text;

    entry->kind = kind;
    if (!access_is_map(problems, node, required[kind], none))
        return;
    entry->name = access_member(problems, node, access_name_key(kind),
                                kind == ACCESS_OPS ? access_check_login : access_check_name);
    if (kind != ACCESS_OPS)
        entry->key = access_member(problems, node, "key", access_check_key);
    else
        access_read_counties(problems, node, &entry->counties, &entry->county_count);
    if (kind == ACCESS_ADAPTER)
        access_read_grants(problems, node, entry);
    if (kind == ACCESS_SUBSCRIBER) {
        entry->route = access_member(problems, node, "route", access_check_producer);
        county = yaml_find(node, "county");
        text = county != NULL ? access_text(problems, county, access_check_county) : NULL;
        entry->county = text != NULL ? (uint32_t)strtoul(text, NULL, 10) : 0;
    }
}

/* Report a key or name that an earlier entry has. Each kind has names of its own. */
static void
access_check_twice(struct problem_list *problems, const struct yaml_node *node,
                   const struct access *access, const struct access_entry *entry)
{
    for (const struct access_entry *other = access->entries; other < entry; other++) {
        if (entry->key != NULL && other->key != NULL && strcmp(entry->key, other->key) == 0)
            problem_at(problems, yaml_find(node, "key"), "the key of '%s' appears twice",
                       other->name != NULL ? other->name : "another entry");
        if (entry->name != NULL && other->name != NULL && entry->kind == other->kind &&
            strcmp(entry->name, other->name) == 0)
            problem_at(problems, yaml_find(node, access_name_key(entry->kind)),
                       "'%s' appears twice", entry->name);
    }
}

static void
access_read_entries(struct problem_list *problems, enum access_kind kind,
                    const struct yaml_node *root, const char *key, struct access *access)
{
    const struct yaml_node *list = access_list(problems, root, key);

    if (list == NULL)
        return;
    access->entries =
        mem_grow(access->entries, access->count + list->count, sizeof(*access->entries));
    for (const struct yaml_node *node = list->first; node != NULL; node = node->next) {
        struct access_entry *entry = &access->entries[access->count];

        *entry = (struct access_entry){0};
        access->count++;
        access_read_entry(problems, kind, node, entry);
        access_check_twice(problems, node, access, entry);
    }
}

static int
access_compare(const void *a, const void *b)
{
    const struct access_entry *const *first = a, *const *second = b;

    return strcmp((*first)->key, (*second)->key);
}

/* Make the index of the entries that have a key. */
static void
access_sort(struct access *access)
{
    access->by_key = mem_zalloc((access->count + 1) * sizeof(struct access_entry *));
    for (size_t i = 0; i < access->count; i++)
        if (access->entries[i].key != NULL)
            access->by_key[access->key_count++] = &access->entries[i];
    qsort(access->by_key, access->key_count, sizeof(struct access_entry *), access_compare);
}

static int
access_build(const char *file, const struct yaml_tree *tree, struct access **ret_access,
             struct buf *lines, struct err *err)
{
    static const char *const required[] = {"adapters", NULL};
    static const char *const optional[] = {"subscribers", "ops", NULL};
    AUTO(access_free) struct access *access = mem_zalloc(sizeof(*access));
    struct problem_list problems = {.lines = lines};
    const struct yaml_node *root = yaml_root(tree);

    if (access_is_map(&problems, root, required, optional)) {
        access_read_entries(&problems, ACCESS_ADAPTER, root, "adapters", access);
        access_read_entries(&problems, ACCESS_SUBSCRIBER, root, "subscribers", access);
        access_read_entries(&problems, ACCESS_OPS, root, "ops", access);
    }
    if (problem_check(&problems, file, err) != 0)
        return -1;
    access_sort(access);
    *ret_access = STEAL(access);
    return 0;
}

int
access_load(const char *path, struct access **ret_access, struct buf *problems, struct err *err)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;

    if (yaml_load(path, &tree, err) != 0)
        return problem_only(problems, path, err);
    return access_build(path, tree, ret_access, problems, err);
}

int
access_parse(const char *file, const char *text, size_t len, struct access **ret_access,
             struct buf *problems, struct err *err)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;

    if (yaml_parse(file, text, len, &tree, err) != 0)
        return problem_only(problems, file, err);
    return access_build(file, tree, ret_access, problems, err);
}

static void
access_free_grant(struct access_grant *grant)
{
    for (size_t i = 0; i < grant->record_count; i++)
        free(grant->records[i].type);
    free(grant->records);
    free(grant->counties);
    free(grant->producer);
    free(grant->title);
}

void
access_free(struct access *access)
{
    if (access == NULL)
        return;
    for (size_t i = 0; i < access->count; i++) {
        struct access_entry *entry = &access->entries[i];

        for (size_t j = 0; j < entry->grant_count; j++)
            access_free_grant(&entry->grants[j]);
        free(entry->grants);
        free(entry->name);
        free(entry->key);
        free(entry->route);
        free(entry->counties);
    }
    free(access->entries);
    free(access->by_key);
    free(access);
}

const struct access_entry *
access_find_key(const struct access *access, const char *key)
{
    size_t low = 0, high = access->key_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(access->by_key[middle]->key, key);

        if (order == 0)
            return access->by_key[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool
access_allows(const struct access_entry *entry, const char *producer, const char *record_type,
              uint32_t county)
{
    for (size_t i = 0; i < entry->grant_count; i++) {
        const struct access_grant *grant = &entry->grants[i];

        if (grant->producer != NULL && strcmp(grant->producer, producer) == 0 &&
            access_has_county(grant->counties, grant->county_count, county) &&
            access_find_record(grant, record_type) != NULL)
            return true;
    }
    return false;
}

const char *
access_subscriber(const struct access *access, const char *key, uint32_t county, const char *route)
{
    const struct access_entry *entry = access_find_key(access, key);

    if (entry == NULL || entry->kind != ACCESS_SUBSCRIBER || entry->county != county ||
        strcmp(entry->route, route) != 0)
        return NULL;
    return entry->name;
}

const struct access_entry *
access_at(const struct access *access, size_t index)
{
    return index < access->count ? &access->entries[index] : NULL;
}
