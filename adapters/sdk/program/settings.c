#include "sdk/program/settings.h"

#include <stddef.h>
#include <string.h>

#include "base/yaml.h"
#include "sdk/prepare/convert.h"
#include "sdk/program/option.h"

#define AT(member) offsetof(struct settings, member)

/* The help is the clerk's; the English of each line stands behind it. */
static const struct option settings_options[] = {
    {"channel", OPTION_TEXT, AT(channel), NULL,
     .help = "通道名，与中心的准入名单一致"}, /* name of this key in the hub's access list */
    {"hub.endpoint", OPTION_TEXT, AT(endpoint), NULL,
     .help = "中心的报送地址 tcp://主机:端口"}, /* address of the hub's feeds */
    {"hub.key", OPTION_TEXT, AT(hub_key), "",
     .help = "中心的公钥（Z85），与 hub.key_file 二选一"}, /* the hub's public key, or its file */
    {"hub.key_file", OPTION_PATH, AT(hub_key_file), "", .help = "存放中心公钥的文件"},
    {"key_file", OPTION_PATH, AT(key_file), NULL,
     .help = "本单位私钥文件，权限须为 0600"}, /* our secret key, mode 0600 */
    {"spool.dir", OPTION_PATH, AT(spool_dir), NULL,
     .help = "暂存区文件夹"}, /* where submissions wait */
    {"spool.max_mib", OPTION_INT, AT(spool_max_mib), "8192", 1, 1 << 30,
     "暂存区上限 MiB，满了不再接收"}, /* size of the spool; a full one takes nothing more */
    {"spool.retain_days", OPTION_INT, AT(spool_retain_days), "35", 1, 3650,
     "已入库的报送保留几天"}, /* how long acknowledged submissions stay */
    {"county", OPTION_INT, AT(county), "", 110000, 829999,
     "六位县级代码，也可用 --county"}, /* county */
    {"producer", OPTION_TEXT, AT(producer), "",
     .help = "报送单位代码，也可用 --producer 或写在文件名里"}, /* office that sends */
    {"watch.dir", OPTION_PATH, AT(watch_dir), "",
     .help = "投递文件夹，watch 命令用"}, /* drop folder */
    {"reject_above_percent", OPTION_INT, AT(reject_above_percent), "20", 0, 100,
     "退回行超过百分之几时整份不收"}, /* more refused rows refuse the whole file */
    {"reject_xlsx", OPTION_INT, AT(reject_xlsx), "0", 0, 1,
     "退回清单是否总是另存一份 .xlsx，0 否 1 是"}, /* each reject report as .xlsx too */
    {"columns", OPTION_TREE, 0, "",
     .help = "列名对照 记录类型: {字段: [本单位的列名]}"}, /* the agency's column names */
    {"values", OPTION_TREE, 0, "",
     .help = "取值对照 记录类型: {字段: {本单位的写法: 标准写法}}"}, /* the agency's values */
    {"dates", OPTION_TREE, 0, "",
     .help = "日期写法 记录类型: {字段: [DD/MM/YYYY]}"}, /* forms of its dates */
    {"units", OPTION_TREE, 0, "",
     .help = "金额单位 记录类型: {字段: 元、万元 或 元或万元}"}, /* units of its sums */
    {"defaults", OPTION_TREE, 0, "",
     .help = "空格或缺列时的取值 记录类型: {字段: 取值}"}, /* what an empty cell stands for */
    {"areas", OPTION_PATH, AT(areas), "",
     .help = "本县区划表（代码、名称、曾用名），有它才能用地名代替代码"}, /* divisions by name */
    {"townships", OPTION_TREE, 0, "",
     .help = "乡镇所在的列 记录类型: {字段: [列名]}"}, /* column of the township of a place */
    {"split", OPTION_TREE, 0, "",
     .help = "一个文件含多个县时按哪一列拆分 记录类型: 列名"}, /* column that tells the county */
};

#define SETTINGS_OPTIONS (sizeof(settings_options) / sizeof(settings_options[0]))

/* Names that go over the wire and into file names. */
static bool
settings_is_name(const char *text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t len = strspn(text, letters);

    return len > 0 && len <= 63 && text[len] == '\0';
}

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
settings_read_mapping(struct settings *settings, const struct yaml_node *root, struct buf *problems)
{
    struct problem_list list = {.lines = problems};
    struct places *places = NULL;
    struct err err;

    if (settings->areas != NULL && places_load(settings->areas, &places, &err) != 0)
        option_problem(option_find(root, "areas"), problems, "%s", err.text);
    if (mapping_parse(root, &settings->mapping, &list) != 0) {
        places_free(places);
        return;
    }
    mapping_set_places(settings->mapping, places);
    settings_check_defaults(settings->mapping, root, &list);
}

/* Check what no single option can say. */
static void
settings_check(struct settings *settings, const struct yaml_node *root, struct buf *problems)
{
    if (!settings_is_name(settings->channel))
        option_problem(option_find(root, "channel"), problems,
                       "channel must be letters, digits, _ and -");
    if (settings->producer != NULL && !settings_is_name(settings->producer))
        option_problem(option_find(root, "producer"), problems,
                       "producer must be letters, digits, _ and -");
    if ((settings->hub_key == NULL) == (settings->hub_key_file == NULL))
        option_problem(root, problems, "give one of hub.key and hub.key_file");
    if (settings->hub_key != NULL && strlen(settings->hub_key) != WIRE_KEY_LEN)
        option_problem(option_find(root, "hub.key"), problems,
                       "hub.key is not a key of %d characters", WIRE_KEY_LEN);
    settings_read_mapping(settings, root, problems);
}

int
settings_load(const char *path, struct settings **ret_settings, struct buf *problems,
              struct err *err)
{
    AUTO(settings_free) struct settings *settings = mem_zalloc(sizeof(*settings));
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    size_t before = problems->len;

    if (yaml_load(path, &tree, err) != 0) {
        buf_add_fmt(problems, "%s\n", err->text);
        return -1;
    }
    if (option_read(settings_options, SETTINGS_OPTIONS, yaml_root(tree), settings, problems))
        settings_check(settings, yaml_root(tree), problems);
    if (problems->len != before)
        return err_set(err, ERR_CONFIG, "%s cannot be used", path);
    *ret_settings = STEAL(settings);
    return 0;
}

void
settings_free(struct settings *settings)
{
    if (settings == NULL)
        return;
    option_done(settings_options, SETTINGS_OPTIONS, settings);
    mapping_free(settings->mapping);
    free(settings);
}

struct settings *
settings_preset(void)
{
    struct settings *settings = mem_zalloc(sizeof(*settings));

    for (size_t i = 0; i < SETTINGS_OPTIONS; i++)
        if (settings_options[i].kind == OPTION_INT && settings_options[i].preset[0] != '\0') {
            int64_t *place = (int64_t *)((char *)settings + settings_options[i].place);

            *place = strtoll(settings_options[i].preset, NULL, 10);
        }
    return settings;
}

int
settings_read_keys(const struct settings *settings, struct settings_keys *ret_keys, struct err *err)
{
    AUTO_KEYS struct settings_keys keys = {0};
    char secret[WIRE_KEY_LEN + 1] = "";
    int result;

    if (settings->hub_key_file == NULL)
        memcpy(keys.server, settings->hub_key, sizeof(keys.server));
    else if (option_read_key(settings->hub_key_file, false, keys.server, err) != 0)
        return err_wrap(err, "hub.key_file");
    if (option_read_key(settings->key_file, true, secret, err) != 0)
        return err_wrap(err, "key_file");
    result = wire_keys_derive(secret, &keys.own, err);
    explicit_bzero(secret, sizeof(secret));
    if (result != 0)
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
    option_print(settings_options, SETTINGS_OPTIONS, out);
}
