#include "rules/profile_origin.h"

#include <string.h>

/* The value as one text: "1.2 × dibao", "6000 yuan", items joined. */
static void
profile_origin_value(const struct yaml_node *node, struct buf *out)
{
    static const struct {
        const char *key, *unit;
    } values[] = {{"value", ""}, {"items", ""}, {"multiple", " × dibao"}, {"amount", " yuan"}};

    if (node->kind == YAML_SCALAR && node->text != NULL)
        buf_add_str(out, node->text);
    if (node->kind == YAML_LIST)
        for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
            buf_add_str(out, item != node->first ? ", " : "");
            profile_origin_value(item, out);
        }
    for (size_t i = 0; node->kind == YAML_MAP && i < sizeof(values) / sizeof(values[0]); i++) {
        const struct yaml_node *value = yaml_find(node, values[i].key);

        if (value == NULL)
            continue;
        profile_origin_value(value, out);
        buf_add_str(out, values[i].unit);
    }
}

static void
profile_origin_done(struct profile_origin *origin)
{
    free(origin->key);
    free(origin->value);
    free(origin->from);
    free(origin->profile);
    free(origin->document);
}

void
profile_origin_note_as(struct profile *profile, const char *key, const struct yaml_node *node,
                       const char *name, const char *document)
{
    const struct yaml_node *from = node->kind == YAML_MAP ? yaml_find(node, "from") : NULL;
    const struct yaml_node *inferred = node->kind == YAML_MAP ? yaml_find(node, "inferred") : NULL;
    AUTO_BUF struct buf value = {0};
    struct profile_origin origin = {.key = mem_strdup(key), .profile = mem_strdup(name)};
    struct err err;
    size_t i = 0;

    profile_origin_value(node, &value);
    origin.value = mem_strdup(buf_str(&value));
    if (from != NULL && from->text != NULL)
        origin.from = mem_strdup(from->text);
    if (document != NULL)
        origin.document = mem_strdup(document);
    if (inferred != NULL && yaml_bool(inferred, &origin.inferred, &err) < 0)
        origin.inferred = false; /* the profile's reader has complained */
    while (i < profile->origin_count && strcmp(profile->origins[i].key, key) != 0)
        i++;
    if (i == profile->origin_count)
        profile->origins =
            mem_grow(profile->origins, ++profile->origin_count, sizeof(*profile->origins));
    else
        profile_origin_done(&profile->origins[i]);
    profile->origins[i] = origin;
}

void
profile_origin_note(struct profile *profile, const struct yaml_node *node, const char *name,
                    const char *document)
{
    profile_origin_note_as(profile, node->key, node, name, document);
}

const struct profile_origin *
profile_origin_find(const struct profile *profile, const char *key)
{
    for (size_t i = 0; i < profile->origin_count; i++)
        if (strcmp(profile->origins[i].key, key) == 0)
            return &profile->origins[i];
    return NULL;
}

void
profile_origin_free(struct profile *profile)
{
    for (size_t i = 0; i < profile->origin_count; i++)
        profile_origin_done(&profile->origins[i]);
    free(profile->origins);
}
