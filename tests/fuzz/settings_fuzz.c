/* An adapter's settings, with the mapping of columns and values that they hold. */
#include "fuzz.h"

#include "base/yaml.h"
#include "sdk/program/settings.h"

/* What the file maps a column or a cell to is there. */
static void
check_mapping(const struct mapping *mapping, const struct yaml_node *root)
{
    const struct yaml_node *columns = yaml_find(root, "columns");

    for (const struct yaml_node *of = columns == NULL ? NULL : columns->first; of; of = of->next) {
        const struct record_type *type = record_find(of->key);

        assert(type != NULL);
        for (const struct yaml_node *field = of->first; field != NULL; field = field->next) {
            assert(record_field_find(type, field->key) >= 0);
            if (field->kind == YAML_SCALAR)
                continue;
            for (const struct yaml_node *name = field->first; name != NULL; name = name->next)
                assert(name->text[0] == '\0' ||
                       mapping_field(mapping, type, name->text, strlen(name->text)) ==
                           record_field_find(type, field->key));
        }
    }
}

static void
check_settings(const struct settings *settings)
{
    assert(settings->channel != NULL && settings->endpoint != NULL && settings->key_file != NULL);
    assert(settings->spool_dir != NULL && settings->spool_dir[0] == '/');
    assert((settings->hub_key == NULL) != (settings->hub_key_file == NULL));
    assert(settings->county == 0 || (settings->county >= 110000 && settings->county <= 829999));
    assert(settings->reject_above_percent >= 0 && settings->reject_above_percent <= 100);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(settings_free) struct settings *settings = NULL;
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    AUTO_BUF struct buf problems = {0};
    struct err err = {0};
    const char *path = fuzz_write("settings.yaml", bytes, len);
    int result = settings_load(path, &settings, &problems, &err);

    fuzz_check_problems(&problems, result, &err);
    assert((result == 0) == (settings != NULL));
    if (result != 0)
        return 0;
    check_settings(settings);
    assert(yaml_parse("input", (const char *)bytes, len, &tree, &err) == 0);
    check_mapping(settings->mapping, yaml_root(tree));
    return 0;
}
