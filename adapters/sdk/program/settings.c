#include "sdk/program/settings.h"

#include <stddef.h>
#include <string.h>

#include "base/option.h"
#include "sdk/prepare/convert.h"
#include "sdk/program/keyfile.h"

#define AT(member) offsetof(struct settings, member)
#define SETTINGS_NAME_MAX 63

/* Names that go over the wire and into file names. */
static const char *
settings_check_name(const char *text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t len = strspn(text, letters);

    return len > 0 && len <= SETTINGS_NAME_MAX && text[len] == '\0'
               ? NULL
               : "only letters, digits, _ and - are allowed, 63 at most";
}

static const char *
settings_check_key(const char *text)
{
    return strlen(text) == WIRE_KEY_LEN ? NULL : "a key of 40 characters is expected";
}

/* The help is the clerk's; the English of each line stands behind it. */
static const struct option settings_options[] = {
    {"channel", OPTION_TEXT, AT(channel), .required = true, .check = settings_check_name,
     .help = "通道名，与中心的准入名单一致"}, /* name of this key in the hub's access list */
    {"hub.endpoint", OPTION_TEXT, AT(endpoint), .required = true,
     .help = "中心的报送地址 tcp://主机:端口"}, /* address of the hub's feeds */
    {"hub.key", OPTION_TEXT, AT(hub_key), .check = settings_check_key,
     .help = "中心的公钥（Z85），与 hub.key_file 二选一"}, /* the hub's public key, or its file */
    {"hub.key_file", OPTION_PATH, AT(hub_key_file), .help = "存放中心公钥的文件"},
    {"key_file", OPTION_PATH, AT(key_file), .required = true,
     .help = "本单位私钥文件，权限须为 0600"}, /* our secret key, mode 0600 */
    {"spool.dir", OPTION_PATH, AT(spool_dir), .required = true,
     .help = "暂存区文件夹"}, /* where submissions wait */
    {"spool.max_mib", OPTION_INT, AT(spool_max_mib), .preset = "8192", .min = 1, .max = 1 << 30,
     .help = "暂存区上限 MiB，满了不再接收"}, /* size of the spool; a full one takes nothing more */
    {"spool.retain_days", OPTION_INT, AT(spool_retain_days), .preset = "35", .min = 1, .max = 3650,
     .help = "已入库的报送保留几天"}, /* how long acknowledged submissions stay */
    {"county", OPTION_INT, AT(county), .min = 110000, .max = 829999,
     .help = "六位县级代码，也可用 --county"}, /* county */
    {"producer", OPTION_TEXT, AT(producer), .check = settings_check_name,
     .help = "报送单位代码，也可用 --producer 或写在文件名里"}, /* office that sends */
    {"watch.dir", OPTION_PATH, AT(watch_dir), .help = "投递文件夹，watch 命令用"}, /* drop folder */
    {"reject_above_percent", OPTION_INT, AT(reject_above_percent), .preset = "20", .max = 100,
     .help = "退回行超过百分之几时整份不收"}, /* more refused rows refuse the whole file */
    {"reject_xlsx", OPTION_INT, AT(reject_xlsx), .preset = "0", .max = 1,
     .help = "退回清单是否总是另存一份 .xlsx，0 否 1 是"}, /* each reject report as .xlsx too */
    {"columns", OPTION_TREE,
     .help = "列名对照 记录类型: {字段: [本单位的列名]}"}, /* the agency's column names */
    {"values", OPTION_TREE,
     .help = "取值对照 记录类型: {字段: {本单位的写法: 标准写法}}"}, /* the agency's values */
    {"dates", OPTION_TREE,
     .help = "日期写法 记录类型: {字段: [DD/MM/YYYY]}"}, /* forms of its dates */
    {"units", OPTION_TREE,
     .help = "金额单位 记录类型: {字段: 元、万元 或 元或万元}"}, /* units of its sums */
    {"defaults", OPTION_TREE,
     .help = "空格或缺列时的取值 记录类型: {字段: 取值}"}, /* values of empty cells */
    {"areas", OPTION_PATH, AT(areas),
     .help = "本县区划表（代码、名称、曾用名），有它才能用地名代替代码"}, /* divisions by name */
    {"townships", OPTION_TREE,
     .help = "乡镇所在的列 记录类型: {字段: [列名]}"}, /* column of the township of a place */
    {"split", OPTION_TREE,
     .help = "一个文件含多个县时按哪一列拆分 记录类型: 列名"}, /* column that tells the county */
};

static const struct option_table settings_table = {
    .options = settings_options,
    .count = sizeof(settings_options) / sizeof(settings_options[0]),
};

/* Check that each default can be read as its field's value. */
static void
settings_check_defaults(const struct mapping *mapping, const struct yaml_node *root,
                        struct problem_list *problems)
{
    const struct yaml_node *part = yaml_find(root, "defaults");

    for (const struct yaml_node *of = part == NULL ? NULL : part->first; of != NULL;
         of = of->next) {
        const struct record_type *type = record_find(of->key);
        AUTO(convert_free) struct convert *convert = convert_new(type, mapping);

        for (const struct yaml_node *node = of->first; node != NULL; node = node->next) {
            int field = record_field_find(type, node->key);
            struct source_cell none = {"", 0};
            struct record_cell cell;

            convert_begin(convert, strlen(node->text));
            if (convert_cell(convert, field, none, &cell) != RECORD_OK || !cell.set)
                problem_at(problems, node, "'%s' is no value of field %s", node->text,
                           type->fields[field].name);
        }
    }
}

/* Read how the agency's files differ from the template. */
static void
settings_read_mapping(struct settings *settings, const struct yaml_node *root,
                      struct problem_list *problems)
{
    struct places *places = NULL;
    struct err err;

    if (settings->areas != NULL && places_load(settings->areas, &places, &err) != 0)
        problem_at(problems, option_place(root, "areas"), "%s", err.text);
    if (mapping_parse(root, &settings->mapping, problems) != 0) {
        places_free(places);
        return;
    }
    mapping_set_places(settings->mapping, places);
    settings_check_defaults(settings->mapping, root, problems);
}

int
settings_load(const char *path, struct settings **ret_settings, struct buf *lines, struct err *err)
{
    AUTO(settings_free) struct settings *settings = mem_zalloc(sizeof(*settings));
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    struct problem_list problems = {.lines = lines};
    size_t before = lines->len;

    if (yaml_load(path, &tree, err) != 0) {
        problem_err(&problems, err);
        return -1;
    }
    option_read(&settings_table, yaml_root(tree), settings, &problems);
    if (problems.count == 0 && (settings->hub_key == NULL) == (settings->hub_key_file == NULL))
        problem_at(&problems, yaml_root(tree), "give one of hub.key and hub.key_file");
    if (problems.count == 0)
        settings_read_mapping(settings, yaml_root(tree), &problems);
    if (lines->len != before)
        return err_set(err, ERR_CONFIG, "%s cannot be used", path);
    *ret_settings = STEAL(settings);
    return 0;
}

void
settings_free(struct settings *settings)
{
    if (settings == NULL)
        return;
    option_done(&settings_table, settings);
    mapping_free(settings->mapping);
    free(settings);
}

struct settings *
settings_preset(void)
{
    struct settings *settings = mem_zalloc(sizeof(*settings));

    option_preset(&settings_table, settings);
    return settings;
}

int
settings_read_keys(const struct settings *settings, struct settings_keys *ret_keys, struct err *err)
{
    AUTO_KEYS struct settings_keys keys = {0};

    if (settings->hub_key_file == NULL)
        memcpy(keys.server, settings->hub_key, sizeof(keys.server));
    else if (keyfile_public(settings->hub_key_file, keys.server, err) != 0)
        return err_wrap(err, "hub.key_file");
    if (keyfile_own(settings->key_file, &keys.own, err) != 0)
        return err_wrap(err, "key_file");
    *ret_keys = keys;
    return 0;
}

void
settings_wipe(struct settings_keys *keys)
{
    explicit_bzero(keys, sizeof(*keys));
}

void
settings_help(FILE *out)
{
    static const struct option_words words = {"（必填）", "（默认 ", "）"}; /* required; default */

    option_help(&settings_table, &words, out);
}
