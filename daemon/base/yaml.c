#include "base/yaml.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "base/buf.h"

#define YAML_BLOCK_BYTES 8192
#define YAML_KEYS_MAX 4096 /* of one map, whose keys are compared one by one */

/* Nodes and texts live in blocks that go together with the tree. */
struct yaml_block {
    struct yaml_block *next;
    size_t used, size;
    _Alignas(16) char bytes[];
};

struct yaml_tree {
    struct yaml_block *blocks;
    const char *file;
    const struct yaml_node *root;
};

/* One parse: libyaml's parser and event, and the tree being built. */
struct yaml_reader {
    yaml_parser_t parser;
    yaml_event_t event;
    bool event_held;
    struct yaml_tree *tree;
    struct err *err;
};

static void *
yaml_alloc(struct yaml_tree *tree, size_t size)
{
    struct yaml_block *block = tree->blocks;

    size = (size + 15) & ~(size_t)15;
    if (block == NULL || block->size - block->used < size) {
        size_t room = size > YAML_BLOCK_BYTES ? size : YAML_BLOCK_BYTES;

        block = mem_zalloc(sizeof(*block) + room);
        block->size = room;
        block->next = tree->blocks;
        tree->blocks = block;
    }
    block->used += size;
    return block->bytes + block->used - size;
}

static const char *
yaml_keep(struct yaml_tree *tree, const char *text, size_t len)
{
    char *copy = yaml_alloc(tree, len + 1);

    memcpy(copy, text, len);
    return copy;
}

static void
yaml_drop_event(struct yaml_reader *reader)
{
    if (reader->event_held)
        yaml_event_delete(&reader->event);
    reader->event_held = false;
}

static void
yaml_done(struct yaml_reader *reader)
{
    yaml_drop_event(reader);
    yaml_parser_delete(&reader->parser);
}

static int
yaml_fail_mark(struct yaml_reader *reader, yaml_mark_t mark, const char *reason)
{
    return err_set(reader->err, ERR_CONFIG, "%s:%zu:%zu: %s", reader->tree->file, mark.line + 1,
                   mark.column + 1, reason);
}

/*
 * Say which mistake libyaml found; its reader knows a byte offset only, but its mark stands near
 * it.
 */
static int
yaml_fail_syntax(struct yaml_reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    bool undecoded = parser->error == YAML_READER_ERROR;

    if (parser->error == YAML_MEMORY_ERROR)
        abort();
    return yaml_fail_mark(reader, undecoded ? parser->mark : parser->problem_mark,
                          parser->problem == NULL ? "cannot be read" : parser->problem);
}

/* Read the next event into reader->event. */
static int
yaml_next(struct yaml_reader *reader)
{
    yaml_drop_event(reader);
    if (!yaml_parser_parse(&reader->parser, &reader->event))
        return yaml_fail_syntax(reader);
    reader->event_held = true;
    return 0;
}

static int
yaml_check_plain(struct yaml_reader *reader, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL)
        return yaml_fail_mark(reader, reader->event.start_mark, "anchors are not allowed");
    if (tag != NULL)
        return yaml_fail_mark(reader, reader->event.start_mark, "tags are not allowed");
    return 0;
}

static struct yaml_node *
yaml_node_new(struct yaml_reader *reader, enum yaml_kind kind)
{
    struct yaml_node *node = yaml_alloc(reader->tree, sizeof(*node));

    *node = (struct yaml_node){
        .kind = kind,
        .file = reader->tree->file,
        .line = (int)reader->event.start_mark.line + 1,
        .column = (int)reader->event.start_mark.column + 1,
    };
    return node;
}

static int
yaml_read_scalar(struct yaml_reader *reader, struct yaml_node **ret_node)
{
    const char *value = (const char *)reader->event.data.scalar.value;
    size_t len = reader->event.data.scalar.length;
    struct yaml_node *node;

    if (yaml_check_plain(reader, reader->event.data.scalar.anchor, reader->event.data.scalar.tag) !=
        0)
        return -1;
    if (memchr(value, '\0', len) != NULL)
        return yaml_fail_mark(reader, reader->event.start_mark, "a text holds a NUL character");
    node = yaml_node_new(reader, YAML_SCALAR);
    node->text = yaml_keep(reader->tree, value, len);
    node->quoted = reader->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    *ret_node = node;
    return 0;
}

static int yaml_read_node(struct yaml_reader *reader, int depth, struct yaml_node **ret_node);

/* Hang `child` behind the others. */
static void
yaml_append(struct yaml_node *parent, struct yaml_node **last, struct yaml_node *child)
{
    if (*last == NULL)
        parent->first = child;
    else
        (*last)->next = child;
    *last = child;
    parent->count++;
}

static int
yaml_read_list(struct yaml_reader *reader, int depth, struct yaml_node **ret_node)
{
    struct yaml_node *list, *last = NULL, *child;

    if (yaml_check_plain(reader, reader->event.data.sequence_start.anchor,
                         reader->event.data.sequence_start.tag) != 0)
        return -1;
    list = yaml_node_new(reader, YAML_LIST);
    for (;;) {
        if (yaml_next(reader) != 0)
            return -1;
        if (reader->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        if (yaml_read_node(reader, depth + 1, &child) != 0)
            return -1;
        yaml_append(list, &last, child);
    }
    *ret_node = list;
    return 0;
}

/* Read a map's key from the present event, which must be a plain or quoted scalar not seen yet. */
static int
yaml_read_key(struct yaml_reader *reader, const struct yaml_node *map, struct yaml_node **ret_key)
{
    const struct yaml_node *earlier;
    struct yaml_node *key;

    if (reader->event.type == YAML_ALIAS_EVENT)
        return yaml_fail_mark(reader, reader->event.start_mark, "aliases are not allowed");
    if (reader->event.type != YAML_SCALAR_EVENT)
        return yaml_fail_mark(reader, reader->event.start_mark, "a key must be a text");
    if (map->count == YAML_KEYS_MAX)
        return yaml_fail_mark(reader, reader->event.start_mark, "too many keys");
    if (yaml_read_scalar(reader, &key) != 0)
        return -1;
    earlier = yaml_find(map, key->text);
    if (earlier != NULL)
        return yaml_fail(key, reader->err, "key '%s' appears twice, first in line %d", key->text,
                         earlier->key_line);
    *ret_key = key;
    return 0;
}

static int
yaml_read_map(struct yaml_reader *reader, int depth, struct yaml_node **ret_node)
{
    struct yaml_node *map, *last = NULL, *key = NULL, *child = NULL;

    if (yaml_check_plain(reader, reader->event.data.mapping_start.anchor,
                         reader->event.data.mapping_start.tag) != 0)
        return -1;
    map = yaml_node_new(reader, YAML_MAP);
    for (;;) {
        if (yaml_next(reader) != 0)
            return -1;
        if (reader->event.type == YAML_MAPPING_END_EVENT)
            break;
        if (yaml_read_key(reader, map, &key) != 0 || yaml_next(reader) != 0 ||
            yaml_read_node(reader, depth + 1, &child) != 0)
            return -1;
        child->key = key->text;
        child->key_line = key->line;
        child->key_column = key->column;
        yaml_append(map, &last, child);
    }
    *ret_node = map;
    return 0;
}

/* Read the node that the present event begins. */
static int
yaml_read_node(struct yaml_reader *reader, int depth, struct yaml_node **ret_node)
{
    if (depth > YAML_DEPTH_MAX)
        return yaml_fail_mark(reader, reader->event.start_mark, "nested too deep");

    switch (reader->event.type) {
    case YAML_SCALAR_EVENT:
        return yaml_read_scalar(reader, ret_node);
    case YAML_SEQUENCE_START_EVENT:
        return yaml_read_list(reader, depth, ret_node);
    case YAML_MAPPING_START_EVENT:
        return yaml_read_map(reader, depth, ret_node);
    case YAML_ALIAS_EVENT:
        return yaml_fail_mark(reader, reader->event.start_mark, "aliases are not allowed");
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        break;
    }
    return yaml_fail_mark(reader, reader->event.start_mark, "a value is missing");
}

/* Read the only document of the stream. */
static int
yaml_read_document(struct yaml_reader *reader)
{
    struct yaml_node *root;

    if (yaml_next(reader) != 0 || yaml_next(reader) != 0)
        return -1;
    if (reader->event.type == YAML_STREAM_END_EVENT)
        return yaml_fail_mark(reader, reader->event.start_mark, "the file is empty");
    assert(reader->event.type == YAML_DOCUMENT_START_EVENT);
    if (reader->event.data.document_start.version_directive != NULL ||
        reader->event.data.document_start.tag_directives.start !=
            reader->event.data.document_start.tag_directives.end)
        return yaml_fail_mark(reader, reader->event.start_mark, "directives are not allowed");
    if (yaml_next(reader) != 0 || yaml_read_node(reader, 1, &root) != 0)
        return -1;
    if (yaml_next(reader) != 0 || yaml_next(reader) != 0)
        return -1;
    if (reader->event.type != YAML_STREAM_END_EVENT)
        return yaml_fail_mark(reader, reader->event.start_mark, "only one document is allowed");
    reader->tree->root = root;
    return 0;
}

int
yaml_parse(const char *file, const char *text, size_t len, struct yaml_tree **ret_tree,
           struct err *err)
{
    AUTO(yaml_free) struct yaml_tree *tree = mem_zalloc(sizeof(*tree));
    struct yaml_reader reader = {.tree = tree, .err = err};
    int status;

    if (len > YAML_BYTES_MAX)
        return err_set(err, ERR_CONFIG, "%s: larger than %d bytes", file, YAML_BYTES_MAX);
    tree->file = yaml_keep(tree, file, strlen(file));
    if (!yaml_parser_initialize(&reader.parser))
        abort();
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
    status = yaml_read_document(&reader);
    yaml_done(&reader);
    if (status != 0)
        return -1;
    *ret_tree = STEAL(tree);
    return 0;
}

/* Read a whole stream, one byte more than is allowed at most. */
static int
yaml_read_file(FILE *in, struct buf *text)
{
    while (text->len <= YAML_BYTES_MAX) {
        size_t got = fread(buf_reserve(text, 65536), 1, 65536, in);

        text->len += got;
        if (got < 65536)
            return ferror(in) ? -1 : 0;
    }
    return 0;
}

int
yaml_load(const char *path, struct yaml_tree **ret_tree, struct err *err)
{
    AUTO_BUF struct buf text = {0};
    FILE *in = fopen(path, "re");
    int status, cause;

    if (in == NULL && errno == ENOENT)
        return err_set(err, ERR_MISSING, "%s: no such file", path);
    if (in == NULL)
        return err_set(err, ERR_SYSTEM, "cannot open %s: %s", path, strerror(errno));
    status = yaml_read_file(in, &text);
    cause = errno;
    (void)fclose(in);
    if (status != 0)
        return err_set(err, ERR_SYSTEM, "cannot read %s: %s", path, strerror(cause));
    return yaml_parse(path, buf_str(&text), text.len, ret_tree, err);
}

void
yaml_free(struct yaml_tree *tree)
{
    struct yaml_block *next;

    if (tree == NULL)
        return;
    for (struct yaml_block *block = tree->blocks; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    free(tree);
}

const struct yaml_node *
yaml_root(const struct yaml_tree *tree)
{
    return tree->root;
}

const struct yaml_node *
yaml_find(const struct yaml_node *map, const char *key)
{
    if (map->kind != YAML_MAP)
        return NULL;
    for (const struct yaml_node *child = map->first; child != NULL; child = child->next)
        if (strcmp(child->key, key) == 0)
            return child;
    return NULL;
}

/* Return whether a scalar says "nothing": empty, ~ or null without quotes. */
static bool
yaml_is_null(const struct yaml_node *node)
{
    return !node->quoted &&
           (*node->text == '\0' || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

int
yaml_text(const struct yaml_node *node, const char **ret_text, struct err *err)
{
    if (node->kind != YAML_SCALAR || yaml_is_null(node))
        return yaml_fail(node, err, "a text is expected");
    *ret_text = node->text;
    return 0;
}

int
yaml_int(const struct yaml_node *node, int64_t min, int64_t max, int64_t *ret_value,
         struct err *err)
{
    long long value;
    char *end;

    if (node->kind != YAML_SCALAR || node->quoted || node->text[strspn(node->text, "+-")] < '0' ||
        node->text[strspn(node->text, "+-")] > '9')
        return yaml_fail(node, err, "a whole number is expected");
    errno = 0;
    value = strtoll(node->text, &end, 10);
    if (*end != '\0')
        return yaml_fail(node, err, "a whole number is expected");
    if (errno == ERANGE || value < min || value > max)
        return yaml_fail(node, err, "%s is not between %lld and %lld", node->text, (long long)min,
                         (long long)max);
    *ret_value = value;
    return 0;
}

int
yaml_bool(const struct yaml_node *node, bool *ret_value, struct err *err)
{
    bool yes = node->kind == YAML_SCALAR && !node->quoted && strcmp(node->text, "true") == 0;
    bool no = node->kind == YAML_SCALAR && !node->quoted && strcmp(node->text, "false") == 0;

    if (!yes && !no)
        return yaml_fail(node, err, "true or false is expected");
    *ret_value = yes;
    return 0;
}

int
yaml_fail(const struct yaml_node *node, struct err *err, const char *fmt, ...)
{
    char reason[sizeof(err->text)];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(reason, sizeof(reason), fmt, args);
    va_end(args);
    return err_set(err, ERR_CONFIG, "%s:%d:%d: %s", node->file, node->line, node->column, reason);
}
