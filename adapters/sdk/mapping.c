#include "sdk/mapping.h"

#include <string.h>

#define MAPPING_TEXT_BYTES 256 /* of one alias or value */

/* One alias of a column, or one value with what to read instead. */
struct mapping_entry {
    const struct record_type *type;
    int field;
    char *text;
    size_t len;
    char *value; /* NULL for an alias */
};

struct mapping {
    struct mapping_entry *entries;
    size_t count;
};

/* What a part of the YAML does with one field of one record type. */
typedef int mapping_take_fn(struct mapping *mapping, const struct record_type *type, int field,
                            const struct yaml_node *node, struct err *err);

static const struct mapping_entry *
mapping_find(const struct mapping *mapping, const struct record_type *type, int field,
             const char *text, size_t len, bool value)
{
    for (size_t i = 0; mapping != NULL && i < mapping->count; i++) {
        const struct mapping_entry *entry = &mapping->entries[i];

        if (entry->type == type && (field < 0 || entry->field == field) &&
            (entry->value != NULL) == value && entry->len == len &&
            memcmp(entry->text, text, len) == 0)
            return entry;
    }
    return NULL;
}

static int
mapping_add(struct mapping *mapping, struct mapping_entry entry, const struct yaml_node *node,
            const char *text, const char *value, struct err *err)
{
    if (mapping->count == MAPPING_ENTRIES_MAX)
        return yaml_fail(node, err, "more than %d column names and values", MAPPING_ENTRIES_MAX);
    if (strlen(text) > MAPPING_TEXT_BYTES || (value != NULL && strlen(value) > MAPPING_TEXT_BYTES))
        return yaml_fail(node, err, "longer than %d bytes", MAPPING_TEXT_BYTES);
    entry.text = mem_strdup(text);
    entry.len = strlen(text);
    entry.value = value == NULL ? NULL : mem_strdup(value);
    mapping->entries = mem_grow(mapping->entries, mapping->count + 1, sizeof(*mapping->entries));
    mapping->entries[mapping->count++] = entry;
    return 0;
}

static int
mapping_take_alias(struct mapping *mapping, const struct record_type *type, int field,
                   const struct yaml_node *node, struct err *err)
{
    const struct mapping_entry *other;
    const char *text;

    if (yaml_text(node, &text, err) != 0)
        return -1;
    if (*text == '\0')
        return yaml_fail(node, err, "a column name is empty");
    for (size_t i = 0; i < type->field_count; i++)
        if ((int)i != field && strcmp(type->fields[i].column, text) == 0)
            return yaml_fail(node, err, "'%s' is the column of field %s", text,
                             type->fields[i].name);
    other = mapping_find(mapping, type, -1, text, strlen(text), false);
    if (other != NULL && other->field != field)
        return yaml_fail(node, err, "'%s' already stands for field %s", text,
                         type->fields[other->field].name);
    if (other != NULL)
        return 0;
    return mapping_add(mapping, (struct mapping_entry){type, field, NULL, 0, NULL}, node, text,
                       NULL, err);
}

/* One name or a list of names. */
static int
mapping_take_column(struct mapping *mapping, const struct record_type *type, int field,
                    const struct yaml_node *node, struct err *err)
{
    if (node->kind == YAML_SCALAR)
        return mapping_take_alias(mapping, type, field, node, err);
    if (node->kind != YAML_LIST)
        return yaml_fail(node, err, "must be a column name or a list of them");
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next)
        if (mapping_take_alias(mapping, type, field, item, err) != 0)
            return -1;
    return 0;
}

static int
mapping_take_values(struct mapping *mapping, const struct record_type *type, int field,
                    const struct yaml_node *node, struct err *err)
{
    const struct record_field *of = &type->fields[field];

    if (node->kind != YAML_MAP)
        return yaml_fail(node, err, "must map cell texts to values");
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        const char *value;

        if (yaml_text(item, &value, err) != 0)
            return -1;
        if (of->codes != NULL && *value != '\0' &&
            record_code_find(of, value, strlen(value)) == NULL)
            return yaml_fail(item, err, "'%s' is no code of field %s", value, of->name);
        if (mapping_add(mapping, (struct mapping_entry){type, field, NULL, 0, NULL}, item,
                        item->key, value, err) != 0)
            return -1;
    }
    return 0;
}

static int
mapping_take_part(struct mapping *mapping, const struct yaml_node *part, mapping_take_fn *take,
                  struct err *err)
{
    if (part == NULL)
        return 0;
    if (part->kind != YAML_MAP)
        return yaml_fail(part, err, "must map record types to their fields");
    for (const struct yaml_node *of = part->first; of != NULL; of = of->next) {
        const struct record_type *type = record_find(of->key);

        if (type == NULL)
            return yaml_fail(of, err, "unknown record type '%s'", of->key);
        if (of->kind != YAML_MAP)
            return yaml_fail(of, err, "must map the fields of %s", type->name);
        for (const struct yaml_node *node = of->first; node != NULL; node = node->next) {
            int field = record_field_find(type, node->key);

            if (field < 0)
                return yaml_fail(node, err, "%s has no field '%s'", type->name, node->key);
            if (take(mapping, type, field, node, err) != 0)
                return -1;
        }
    }
    return 0;
}

int
mapping_parse(const struct yaml_node *root, struct mapping **ret_mapping, struct err *err)
{
    AUTO(mapping_free) struct mapping *mapping = mem_zalloc(sizeof(*mapping));

    if (root != NULL && root->kind == YAML_MAP &&
        (mapping_take_part(mapping, yaml_find(root, "columns"), mapping_take_column, err) != 0 ||
         mapping_take_part(mapping, yaml_find(root, "values"), mapping_take_values, err) != 0))
        return -1;
    *ret_mapping = STEAL(mapping);
    return 0;
}

void
mapping_free(struct mapping *mapping)
{
    if (mapping == NULL)
        return;
    for (size_t i = 0; i < mapping->count; i++) {
        free(mapping->entries[i].text);
        free(mapping->entries[i].value);
    }
    free(mapping->entries);
    free(mapping);
}

int
mapping_field(const struct mapping *mapping, const struct record_type *type, const char *column,
              size_t len)
{
    const struct mapping_entry *entry = mapping_find(mapping, type, -1, column, len, false);

    return entry == NULL ? -1 : entry->field;
}

const char *
mapping_value(const struct mapping *mapping, const struct record_type *type, int field,
              const char *text, size_t len)
{
    const struct mapping_entry *entry = mapping_find(mapping, type, field, text, len, true);

    return entry == NULL ? NULL : entry->value;
}

bool
mapping_has_values(const struct mapping *mapping, const struct record_type *type, int field)
{
    for (size_t i = 0; mapping != NULL && i < mapping->count; i++)
        if (mapping->entries[i].type == type && mapping->entries[i].field == field &&
            mapping->entries[i].value != NULL)
            return true;
    return false;
}
