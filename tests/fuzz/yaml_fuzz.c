/* YAML: the tree holds together, and printed as JSON it is read as the same tree. */
#include "fuzz.h"

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"

static void
check_scalar(const struct yaml_node *node)
{
    struct err err = {0};
    const char *text;
    int64_t number;
    bool flag;

    assert(text_utf8_length(node->text, strlen(node->text)) >= 0);
    if (yaml_text(node, &text, &err) == 0)
        assert(strcmp(text, node->text) == 0);
    else
        assert(err.code == ERR_CONFIG);
    if (yaml_int(node, -1000, 1000, &number, &err) == 0)
        assert(number >= -1000 && number <= 1000 && !node->quoted);
    if (yaml_bool(node, &flag, &err) == 0)
        assert(strcmp(node->text, flag ? "true" : "false") == 0 && !node->quoted);
}

static void
check_node(const struct yaml_node *node, int depth)
{
    size_t count = 0;

    assert(depth <= YAML_DEPTH_MAX);
    assert(node->line > 0 && node->column > 0);
    if (node->kind == YAML_SCALAR) {
        assert(node->first == NULL && node->count == 0);
        check_scalar(node);
        return;
    }
    for (const struct yaml_node *at = node->first; at != NULL; at = at->next, count++) {
        assert((at->key != NULL) == (node->kind == YAML_MAP));
        assert(at->key == NULL || yaml_find(node, at->key) == at);
        check_node(at, depth + 1);
    }
    assert(count == node->count);
}

static void
print(struct json *json, const struct yaml_node *node)
{
    switch (node->kind) {
    case YAML_SCALAR:
        json_add_text(json, node->key, node->text);
        return;
    case YAML_LIST:
        json_open_array(json, node->key);
        break;
    case YAML_MAP:
        json_open_object(json, node->key);
        break;
    }
    for (const struct yaml_node *at = node->first; at != NULL; at = at->next)
        print(json, at);
    if (node->kind == YAML_LIST)
        json_close_array(json);
    else
        json_close_object(json);
}

/* A key of a flow map may have 1024 characters, and printing can make six of one. */
static bool
has_long_key(const struct yaml_node *node)
{
    if (node->key != NULL && strlen(node->key) > 1000 / 6)
        return true;
    for (const struct yaml_node *at = node->first; at != NULL; at = at->next)
        if (has_long_key(at))
            return true;
    return false;
}

static void
check_same(const struct yaml_node *a, const struct yaml_node *b)
{
    assert(a->kind == b->kind && a->count == b->count);
    assert((a->key == NULL) == (b->key == NULL));
    assert(a->key == NULL || strcmp(a->key, b->key) == 0);
    if (a->kind == YAML_SCALAR)
        assert(strcmp(a->text, b->text) == 0);
    for (a = a->first, b = b->first; a != NULL; a = a->next, b = b->next)
        check_same(a, b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL, *again = NULL;
    AUTO_BUF struct buf text = {0};
    struct json json = {.out = &text};
    struct err err = {0};

    if (yaml_parse("input", (const char *)bytes, len, &tree, &err) != 0) {
        fuzz_check_err(&err);
        assert(err.code == ERR_CONFIG && tree == NULL);
        return 0;
    }
    check_node(yaml_root(tree), 1);
    print(&json, yaml_root(tree));
    if (text.len > YAML_BYTES_MAX || has_long_key(yaml_root(tree)))
        return 0;
    assert(yaml_parse("again", (const char *)text.bytes, text.len, &again, &err) == 0);
    check_same(yaml_root(tree), yaml_root(again));
    return 0;
}
