#include "sdk/prepare/mapping.h"

#include <string.h>

#define MAPPING_TEXT_BYTES 256 /* of one entry's text or value */

enum mapping_part {
    MAPPING_COLUMN,   /* text: a header */
    MAPPING_VALUE,    /* text: a cell's; value: the text to read instead */
    MAPPING_FORM,     /* text: a form of dates */
    MAPPING_UNIT,     /* unit */
    MAPPING_DEFAULT,  /* text: what to read where there is nothing */
    MAPPING_TOWNSHIP, /* text: a header */
    MAPPING_SPLIT     /* text: a header; no field */
};

struct mapping_entry {
    enum mapping_part part;
    const struct record_type *type;
    int field; /* -1 where the part has none */
    char *text;
    size_t len;
    char *value;
    enum mapping_unit unit;
};

struct mapping {
    struct mapping_entry *entries;
    size_t count;
    struct places *places;
};

/* One run over the YAML, and where in it. */
struct mapping_reader {
    struct mapping *mapping;
    struct problem_list *problems;
    enum mapping_part part;
    const struct record_type *type;
    int field;
};

static const char *const mapping_units[] = {
    [MAPPING_YUAN] = "元", [MAPPING_TEN_THOUSAND] = "万元", [MAPPING_EITHER] = "元或万元"};

/* The first entry of a part; `field` -1 and `text` NULL: any. */
static const struct mapping_entry *
mapping_find(const struct mapping *mapping, enum mapping_part part, const struct record_type *type,
             int field, const char *text, size_t len)
{
    for (size_t i = 0; mapping != NULL && i < mapping->count; i++) {
        const struct mapping_entry *entry = &mapping->entries[i];

        if (entry->part == part && entry->type == type && (field < 0 || entry->field == field) &&
            (text == NULL || (entry->len == len && memcmp(entry->text, text, len) == 0)))
            return entry;
    }
    return NULL;
}

/* ---- reading ---- */

static void
mapping_add(struct mapping_reader *reader, const struct yaml_node *node, const char *text,
            const char *value, enum mapping_unit unit)
{
    struct mapping *mapping = reader->mapping;

    if (mapping->count == MAPPING_ENTRIES_MAX) {
        problem_at(reader->problems, node, "more than %d column names and values",
                   MAPPING_ENTRIES_MAX);
        return;
    }
    if (strlen(text) > MAPPING_TEXT_BYTES ||
        (value != NULL && strlen(value) > MAPPING_TEXT_BYTES)) {
        problem_at(reader->problems, node, "longer than %d bytes", MAPPING_TEXT_BYTES);
        return;
    }
    mapping->entries = mem_grow(mapping->entries, mapping->count + 1, sizeof(*mapping->entries));
    mapping->entries[mapping->count++] = (struct mapping_entry){
        .part = reader->part,
        .type = reader->type,
        .field = reader->field,
        .text = mem_strdup(text),
        .len = strlen(text),
        .value = value == NULL ? NULL : mem_strdup(value),
        .unit = unit,
    };
}

/* The node's text, or NULL after a problem; an empty one is a problem too. */
static const char *
mapping_text(struct mapping_reader *reader, const struct yaml_node *node, const char *what)
{
    const char *text;
    struct err err;

    if (yaml_text(node, &text, &err) != 0) {
        problem_err(reader->problems, &err);
        return NULL;
    }
    if (*text != '\0')
        return text;
    problem_at(reader->problems, node, "%s is empty", what);
    return NULL;
}

/* One header, which no other field may have. */
static void
mapping_take_header(struct mapping_reader *reader, const struct yaml_node *node)
{
    static const enum mapping_part parts[] = {MAPPING_COLUMN, MAPPING_TOWNSHIP};
    const struct record_type *type = reader->type;
    const char *text = mapping_text(reader, node, "a column name");
    const struct mapping_entry *other = NULL;

    if (text == NULL)
        return;
    for (size_t i = 0; i < type->field_count; i++)
        if (((int)i != reader->field || reader->part == MAPPING_TOWNSHIP) &&
            strcmp(type->fields[i].column, text) == 0) {
            problem_at(reader->problems, node, "'%s' is the column of field %s", text,
                       type->fields[i].name);
            return;
        }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && other == NULL; i++)
        other = mapping_find(reader->mapping, parts[i], type, -1, text, strlen(text));
    if (other == NULL)
        mapping_add(reader, node, text, NULL, MAPPING_YUAN);
    else if (other->field != reader->field || other->part != reader->part)
        problem_at(reader->problems, node, "'%s' already stands for field %s", text,
                   type->fields[other->field].name);
}

/*
 * Whether `form` tells year, month and, for a date, day, each once: YYYY, MM, DD; hh, mm and ss
 * are digits to pass over, * at the end whatever follows, the rest stands for itself.
 */
static bool
mapping_is_form(const char *form, bool day)
{
    static const char *const words[] = {"YYYY", "MM", "DD", "hh", "mm", "ss"};
    const char *star = strchr(form, '*');

    if (strpbrk(form, "0123456789") != NULL || (star != NULL && star[1] != '\0'))
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const char *at = strchr(form, words[i][0]);
        size_t len = strlen(words[i]);

        if (at == NULL ? i < 2 || (i == 2 && day)
                       : strncmp(at, words[i], len) != 0 || strchr(at + len, *at) != NULL)
            return false;
    }
    return true;
}

static void
mapping_take_form(struct mapping_reader *reader, const struct yaml_node *node)
{
    const struct record_field *of = &reader->type->fields[reader->field];
    const char *text = mapping_text(reader, node, "a form of dates");

    if (text == NULL)
        return;
    if (of->type != RECORD_DATE && of->type != RECORD_MONTH)
        problem_at(reader->problems, node, "%s is neither a date nor a month", of->name);
    else if (!mapping_is_form(text, of->type == RECORD_DATE))
        problem_at(reader->problems, node,
                   "'%s' is no form of dates: it needs YYYY, MM and, for a date, DD, once each",
                   text);
    else
        mapping_add(reader, node, text, NULL, MAPPING_YUAN);
}

/* One text or a list of them. */
static void
mapping_take_each(struct mapping_reader *reader, const struct yaml_node *node,
                  void (*take)(struct mapping_reader *reader, const struct yaml_node *node))
{
    if (node->kind == YAML_SCALAR) {
        take(reader, node);
    } else if (node->kind == YAML_LIST) {
        for (const struct yaml_node *item = node->first; item != NULL; item = item->next)
            take(reader, item);
    } else {
        problem_at(reader->problems, node, "must be a text or a list of texts");
    }
}

static void
mapping_take_columns(struct mapping_reader *reader, const struct yaml_node *node)
{
    mapping_take_each(reader, node, mapping_take_header);
}

static void
mapping_take_townships(struct mapping_reader *reader, const struct yaml_node *node)
{
    const struct record_field *of = &reader->type->fields[reader->field];

    if (of->type == RECORD_AREA)
        mapping_take_each(reader, node, mapping_take_header);
    else
        problem_at(reader->problems, node, "%s is no area", of->name);
}

static void
mapping_take_forms(struct mapping_reader *reader, const struct yaml_node *node)
{
    mapping_take_each(reader, node, mapping_take_form);
}

static void
mapping_take_values(struct mapping_reader *reader, const struct yaml_node *node)
{
    const struct record_field *of = &reader->type->fields[reader->field];
    struct err err;

    if (node->kind != YAML_MAP) {
        problem_at(reader->problems, node, "must map cell texts to values");
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        const char *value;

        if (yaml_text(item, &value, &err) != 0)
            problem_err(reader->problems, &err);
        else if (of->codes != NULL && *value != '\0' &&
                 record_code_find(of, value, strlen(value)) == NULL)
            problem_at(reader->problems, item, "'%s' is no code of field %s", value, of->name);
        else
            mapping_add(reader, item, item->key, value, MAPPING_YUAN);
    }
}

static void
mapping_take_unit(struct mapping_reader *reader, const struct yaml_node *node)
{
    const struct record_field *of = &reader->type->fields[reader->field];
    const char *text = mapping_text(reader, node, "the unit");

    if (text == NULL)
        return;
    if (of->type != RECORD_MONEY) {
        problem_at(reader->problems, node, "%s is no sum of money", of->name);
        return;
    }
    for (int i = MAPPING_YUAN; i <= MAPPING_EITHER; i++)
        if (strcmp(mapping_units[i], text) == 0) {
            mapping_add(reader, node, text, NULL, (enum mapping_unit)i);
            return;
        }
    problem_at(reader->problems, node, "'%s' is no unit: 元, 万元 or 元或万元", text);
}

/* No default may stand in for a person's number or name: the row would be somebody else's. */
static void
mapping_take_default(struct mapping_reader *reader, const struct yaml_node *node)
{
    const struct record_type *type = reader->type;
    const struct record_field *of = &type->fields[reader->field];
    const char *text = mapping_text(reader, node, "the default");

    if (text == NULL)
        return;
    if (of->type == RECORD_ID || of->type == RECORD_NAME || of->type == RECORD_PHONE ||
        (type->key[0] == reader->field && type->key[1] < 0))
        problem_at(reader->problems, node, "%s tells whose row it is and has no default", of->name);
    else
        mapping_add(reader, node, text, NULL, MAPPING_YUAN);
}

static void
mapping_take_split(struct mapping_reader *reader, const struct yaml_node *node)
{
    const char *text = mapping_text(reader, node, "the column to split by");

    if (text != NULL)
        mapping_add(reader, node, text, NULL, MAPPING_YUAN);
}

/* The fields of one record type. */
static void
mapping_take_fields(struct mapping_reader *reader, const struct yaml_node *of,
                    void (*take)(struct mapping_reader *reader, const struct yaml_node *node))
{
    if (of->kind != YAML_MAP) {
        problem_at(reader->problems, of, "must map the fields of %s", reader->type->name);
        return;
    }
    for (const struct yaml_node *node = of->first; node != NULL; node = node->next) {
        reader->field = record_field_find(reader->type, node->key);
        if (reader->field < 0)
            problem_at_key(reader->problems, node, "%s has no field '%s'", reader->type->name,
                           node->key);
        else
            take(reader, node);
    }
}

/*
 * The parts: the key of each in the settings, and the function that takes the node of a field (or
 * of a record type).
 */
static const struct {
    const char *name;
    bool fields;
    void (*take)(struct mapping_reader *reader, const struct yaml_node *node);
} mapping_parts[] = {
    [MAPPING_COLUMN] = {"columns", true, mapping_take_columns},
    [MAPPING_VALUE] = {"values", true, mapping_take_values},
    [MAPPING_FORM] = {"dates", true, mapping_take_forms},
    [MAPPING_UNIT] = {"units", true, mapping_take_unit},
    [MAPPING_DEFAULT] = {"defaults", true, mapping_take_default},
    [MAPPING_TOWNSHIP] = {"townships", true, mapping_take_townships},
    [MAPPING_SPLIT] = {"split", false, mapping_take_split},
};

static void
mapping_take_part(struct mapping_reader *reader, const struct yaml_node *part)
{
    if (part->kind != YAML_MAP) {
        problem_at(reader->problems, part, "must map record types%s",
                   mapping_parts[reader->part].fields ? " to their fields" : "");
        return;
    }
    for (const struct yaml_node *of = part->first; of != NULL; of = of->next) {
        reader->type = record_find(of->key);
        reader->field = -1;
        if (reader->type == NULL)
            problem_at_key(reader->problems, of, "unknown record type '%s'", of->key);
        else if (mapping_parts[reader->part].fields)
            mapping_take_fields(reader, of, mapping_parts[reader->part].take);
        else
            mapping_parts[reader->part].take(reader, of);
    }
}

int
mapping_parse(const struct yaml_node *root, struct mapping **ret_mapping,
              struct problem_list *problems)
{
    AUTO(mapping_free) struct mapping *mapping = mem_zalloc(sizeof(*mapping));
    struct mapping_reader reader = {.mapping = mapping, .problems = problems};
    int before = problems->count;

    for (int i = MAPPING_COLUMN; i <= MAPPING_SPLIT; i++) {
        const struct yaml_node *part =
            root == NULL || root->kind != YAML_MAP ? NULL : yaml_find(root, mapping_parts[i].name);

        reader.part = (enum mapping_part)i;
        if (part != NULL)
            mapping_take_part(&reader, part);
    }
    if (problems->count != before)
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
    places_free(mapping->places);
    free(mapping);
}

void
mapping_set_places(struct mapping *mapping, struct places *places)
{
    places_free(mapping->places);
    mapping->places = places;
}

/* ---- asking ---- */

int
mapping_field(const struct mapping *mapping, const struct record_type *type, const char *column,
              size_t len)
{
    const struct mapping_entry *entry =
        mapping_find(mapping, MAPPING_COLUMN, type, -1, column, len);

    return entry == NULL ? -1 : entry->field;
}

int
mapping_township(const struct mapping *mapping, const struct record_type *type, const char *column,
                 size_t len)
{
    const struct mapping_entry *entry =
        mapping_find(mapping, MAPPING_TOWNSHIP, type, -1, column, len);

    return entry == NULL ? -1 : entry->field;
}

const char *
mapping_value(const struct mapping *mapping, const struct record_type *type, int field,
              const char *text, size_t len)
{
    const struct mapping_entry *entry =
        mapping_find(mapping, MAPPING_VALUE, type, field, text, len);

    return entry == NULL ? NULL : entry->value;
}

bool
mapping_has_values(const struct mapping *mapping, const struct record_type *type, int field)
{
    return mapping_find(mapping, MAPPING_VALUE, type, field, NULL, 0) != NULL;
}

const char *
mapping_form(const struct mapping *mapping, const struct record_type *type, int field, size_t index)
{
    for (size_t i = 0; mapping != NULL && i < mapping->count; i++) {
        const struct mapping_entry *entry = &mapping->entries[i];

        if (entry->part == MAPPING_FORM && entry->type == type && entry->field == field &&
            index-- == 0)
            return entry->text;
    }
    return NULL;
}

enum mapping_unit
mapping_unit(const struct mapping *mapping, const struct record_type *type, int field)
{
    const struct mapping_entry *entry = mapping_find(mapping, MAPPING_UNIT, type, field, NULL, 0);

    return entry == NULL ? MAPPING_YUAN : entry->unit;
}

const char *
mapping_default(const struct mapping *mapping, const struct record_type *type, int field)
{
    const struct mapping_entry *entry =
        mapping_find(mapping, MAPPING_DEFAULT, type, field, NULL, 0);

    return entry == NULL ? NULL : entry->text;
}

const struct places *
mapping_places(const struct mapping *mapping)
{
    return mapping == NULL ? NULL : mapping->places;
}

const char *
mapping_split(const struct mapping *mapping, const struct record_type *type)
{
    const struct mapping_entry *entry = mapping_find(mapping, MAPPING_SPLIT, type, -1, NULL, 0);

    return entry == NULL ? NULL : entry->text;
}
