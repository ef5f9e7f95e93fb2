#include "sdk/program/side.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/option.h"
#include "sdk/program/filename.h"

struct side {
    struct side_words words;
};

#define AT(member) offsetof(struct side_words, member)

static const struct option_choice side_yes[] = {{"true", true}, {"false", false}, {NULL, 0}};

static const struct option side_options[] = {
    {"type", OPTION_TEXT, AT(type)},
    {"period", OPTION_TEXT, AT(period)},
    {"county", OPTION_TEXT, AT(county)},
    {"producer", OPTION_TEXT, AT(producer)},
    {"kind", OPTION_TEXT, AT(kind)},
    {"revision", OPTION_TEXT, AT(revision)},
    {"nil", OPTION_CHOICE, AT(nil), .choices = side_yes},
};
static const struct option_table side_table = {
    .options = side_options, .count = sizeof(side_options) / sizeof(side_options[0])};

/* Members of a receipt that say what an option would. */
static const struct {
    const char *name;
    size_t place;
} side_members[] = {
    {"record_type", AT(type)},
    {"period", AT(period)},
    {"county", AT(county)},
    {"producer", AT(producer)},
};

/* Refuse the side file for its problems, "file:line:col: message\n" each. */
static void
side_refuse(struct refusal *refusal, struct buf *problems)
{
    for (size_t i = 0; i < problems->len; i++)
        if (problems->bytes[i] == '\n')
            problems->bytes[i] = i + 1 == problems->len ? '\0' : ';';
    refusal_set(refusal, REFUSAL_SIDE_FILE,
                "数据文件旁边的说明文件有误：%s。可写的有 type、period、county、producer、kind、"
                "revision、nil。",
                "the side file is wrong: %s; it may have type, period, county, producer, kind, "
                "revision and nil",
                buf_str(problems));
}

/* Read the side file; returns false when anything in it is wrong. */
static bool
side_read_file(struct side *side, const char *path, struct buf *lines)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    struct problem_list problems = {.lines = lines};
    struct err err;

    if (yaml_load(path, &tree, &err) != 0)
        problem_err(&problems, &err);
    else
        option_read(&side_table, yaml_root(tree), &side->words, &problems);
    return problems.count == 0;
}

/* Read the receipt of the file that a report belongs to; members that it lacks stay NULL. */
static int
side_read_receipt(struct side *side, const char *path, struct err *err)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    const struct yaml_node *root, *kind;
    bool delta;

    if (yaml_load(path, &tree, err) != 0)
        return -1;
    root = yaml_root(tree);
    if (root->kind != YAML_MAP || yaml_find(root, "record_type") == NULL)
        return err_set(err, ERR_INPUT, "the receipt does not tell what was sent");
    for (size_t i = 0; i < sizeof(side_members) / sizeof(side_members[0]); i++) {
        const struct yaml_node *node = yaml_find(root, side_members[i].name);

        if (node != NULL && node->kind == YAML_SCALAR && node->text != NULL)
            *(char **)((char *)&side->words + side_members[i].place) = mem_strdup(node->text);
    }
    kind = yaml_find(root, "kind");
    delta = kind != NULL && kind->text != NULL && strcmp(kind->text, "delta") == 0;
    side->words.kind = mem_strdup(delta ? "delta" : "correction");
    return 0;
}

void
side_read(const char *path, struct side **ret_side, struct refusal *refusal)
{
    AUTO(side_free) struct side *side = mem_zalloc(sizeof(*side));
    AUTO_BUF struct buf name = {0};
    AUTO_BUF struct buf problems = {0};
    size_t base = filename_rejects(path);
    struct err err;

    *ret_side = NULL;
    buf_add_fmt(&name, "%s%s", path, SIDE_ENDING);
    if (access(buf_str(&name), F_OK) == 0) {
        if (side_read_file(side, buf_str(&name), &problems))
            *ret_side = STEAL(side);
        else
            side_refuse(refusal, &problems);
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
    option_done(&side_table, &side->words);
    free(side);
}

struct side_words
side_words(const struct side *side)
{
    return side == NULL ? (struct side_words){0} : side->words;
}
