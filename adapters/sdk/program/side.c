#include "sdk/program/side.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/yaml.h"
#include "sdk/program/filename.h"

struct side {
    struct yaml_tree *tree;
    struct side_words words;
};

#define AT(member) offsetof(struct side_words, member)

/* A member of the side file and of a receipt, and where it goes. */
static const struct {
    const char *name, *receipt;
    size_t place;
} side_members[] = {
    {"type", "record_type", AT(type)}, {"period", "period", AT(period)},
    {"county", "county", AT(county)},  {"producer", "producer", AT(producer)},
    {"kind", NULL, AT(kind)},          {"revision", NULL, AT(revision)},
};
#define SIDE_MEMBERS (sizeof(side_members) / sizeof(side_members[0]))

static void
side_refuse(struct refusal *refusal, const struct err *err)
{
    refusal_set(refusal, "side_file",
                "数据文件旁边的说明文件有误：%s。可写的有 type、period、county、producer、kind、"
                "revision、nil。",
                "the side file is wrong: %s; it may have type, period, county, producer, kind, "
                "revision and nil",
                err->text);
}

static int
side_take(struct side *side, const struct yaml_node *node, struct err *err)
{
    if (strcmp(node->key, "nil") == 0)
        return yaml_bool(node, &side->words.nil, err);
    for (size_t i = 0; i < SIDE_MEMBERS; i++)
        if (strcmp(node->key, side_members[i].name) == 0)
            return yaml_text(node, (const char **)((char *)&side->words + side_members[i].place),
                             err);
    return yaml_fail(node, err, "unknown option %s", node->key);
}

static int
side_read_file(struct side *side, const char *path, struct err *err)
{
    const struct yaml_node *root;

    if (yaml_load(path, &side->tree, err) != 0)
        return -1;
    root = yaml_root(side->tree);
    if (root->kind != YAML_MAP)
        return yaml_fail(root, err, "not a map of options");
    for (const struct yaml_node *node = root->first; node != NULL; node = node->next)
        if (side_take(side, node, err) != 0)
            return -1;
    return 0;
}

/* The receipt of the file that a report belongs to; what it does not say is nothing. */
static int
side_read_receipt(struct side *side, const char *path, struct err *err)
{
    const struct yaml_node *root, *kind;

    if (yaml_load(path, &side->tree, err) != 0)
        return -1;
    root = yaml_root(side->tree);
    if (root->kind != YAML_MAP || yaml_find(root, "record_type") == NULL)
        return err_set(err, ERR_INPUT, "the receipt does not tell what was sent");
    for (size_t i = 0; i < SIDE_MEMBERS; i++) {
        const struct yaml_node *node =
            side_members[i].receipt == NULL ? NULL : yaml_find(root, side_members[i].receipt);

        if (node != NULL && node->kind == YAML_SCALAR)
            *(const char **)((char *)&side->words + side_members[i].place) = node->text;
    }
    kind = yaml_find(root, "kind");
    side->words.kind = kind != NULL && kind->text != NULL && strcmp(kind->text, "delta") == 0
                           ? "delta"
                           : "correction";
    return 0;
}

void
side_read(const char *path, struct side **ret_side, struct refusal *refusal)
{
    AUTO(side_free) struct side *side = mem_zalloc(sizeof(*side));
    AUTO_BUF struct buf name = {0};
    size_t base = filename_rejects(path);
    struct err err;

    *ret_side = NULL;
    buf_add_fmt(&name, "%s%s", path, SIDE_ENDING);
    if (access(buf_str(&name), F_OK) == 0) {
        if (side_read_file(side, buf_str(&name), &err) == 0)
            *ret_side = STEAL(side);
        else
            side_refuse(refusal, &err);
        return;
    }
    if (base == 0)
        return;
    buf_clear(&name);
    buf_add_fmt(&name, "%.*s.receipt.json", (int)base, path);
    if (side_read_receipt(side, buf_str(&name), &err) == 0)
        *ret_side = STEAL(side);
}

void
side_free(struct side *side)
{
    if (side == NULL)
        return;
    yaml_free(side->tree);
    free(side);
}

struct side_words
side_words(const struct side *side)
{
    return side == NULL ? (struct side_words){0} : side->words;
}
