#include "record.h"

#include <assert.h>
#include <string.h>

#include "record_types.inc"

#define RECORD_TYPES (sizeof(record_types) / sizeof(record_types[0]))

static const struct {
    const char *name, *text;
} reasons[] = {
    [RECORD_OK] = {"ok", ""},
    [RECORD_BAD_ID] = {"id", "证件号码有误，请核对位数、字符、校验码和出生日期"},
    [RECORD_BAD_NAME] = {"name", "姓名为空、有乱码、被打码（*）或不是姓名，请按证件填写完整姓名"},
    [RECORD_BAD_CODE] = {"code", "不在代码表中，请按模板的选项填写"},
    [RECORD_BAD_DATE] = {"date", "日期无法识别或不存在，请按 2024-03-05 的格式填写"},
    [RECORD_BAD_MONTH] = {"month", "年月无法识别，请按 2024-03 的格式填写"},
    [RECORD_BAD_MONEY] = {"money", "金额无法识别，请填写以元为单位的数字"},
    [RECORD_BAD_NUMBER] = {"number", "数字无法识别或超出范围，请核对"},
    [RECORD_REQUIRED] = {"required", "必填项为空，请补填"},
    [RECORD_KEY] = {"key", "同一编号有多行且内容不同，请核对后只保留一行"},
    [RECORD_COUNTY] = {"county", "不属于本县（市、区），请核对行政区划代码"},
    [RECORD_STORAGE] = {"storage", "内容过长或无法入库，请核对后缩短"},
    [RECORD_BAD_UNIT] = {"unit", "金额单位不是元，请换算成元后填写"},
    [RECORD_FORMULA] = {"formula", "公式没有计算结果，请用 Excel 打开并保存后再报送"},
    [RECORD_BAD_TEXT] = {"text",
                         "编号已被表格软件损坏或是错误值，请从原系统重新导出，该列设为“文本”"},
};

static bool
record_same(const char *known, const char *text, size_t len)
{
    return strlen(known) == len && memcmp(known, text, len) == 0;
}

/* Fold a word into a hash: the high and low half of a 128-bit product. */
static uint64_t
record_mix(uint64_t hash, uint64_t word)
{
    __extension__ unsigned __int128 product;

    product = hash ^ word ^ 0x9e3779b97f4a7c15u;
    product *= 0xd6e8feb86659fd93u;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t
record_mix_text(uint64_t hash, const char *bytes, size_t len)
{
    uint64_t word;

    hash = record_mix(hash, len);
    for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        hash = record_mix(hash, word);
    }
    if (len == 0)
        return hash;
    word = 0;
    memcpy(&word, bytes, len);
    return record_mix(hash, word);
}

static uint64_t
record_mix_cell(uint64_t hash, const struct record_field *field, const struct record_cell *cell)
{
    if (!cell->set)
        return record_mix(hash, 0);
    switch (field->type) {
    case RECORD_ID:
    case RECORD_NAME:
    case RECORD_AREA:
    case RECORD_PHONE:
    case RECORD_TEXT:
    case RECORD_CODE:
    case RECORD_DEC:
        return record_mix_text(record_mix(hash, 1), cell->text.bytes, cell->text.len);
    case RECORD_DATE:
    case RECORD_MONTH:
    case RECORD_MONEY:
    case RECORD_INT:
    case RECORD_BOOL:
        return record_mix(record_mix(hash, 1), (uint64_t)cell->number);
    case RECORD_CODES:
    case RECORD_AREAS:
    case RECORD_TEXTS:
        break;
    }
    hash = record_mix(record_mix(hash, 1), cell->list.count);
    for (uint32_t i = 0; i < cell->list.count; i++)
        hash = record_mix_text(hash, cell->list.items[i].bytes, cell->list.items[i].len);
    return hash;
}

const struct record_type *
record_find(const char *name)
{
    for (size_t i = 0; i < RECORD_TYPES; i++)
        if (strcmp(record_types[i].name, name) == 0)
            return &record_types[i];
    return NULL;
}

const struct record_type *
record_of_role(enum record_role role)
{
    for (size_t i = 0; i < RECORD_TYPES; i++)
        if (record_types[i].role == role)
            return &record_types[i];
    assert(!"a role that a record type of this build has");
    return NULL;
}

bool
record_is_register(const struct record_type *type)
{
    return type->role == RECORD_HOUSEHOLDS || type->role == RECORD_MEMBERS;
}

const char *
record_ident(const struct record_type *type)
{
    return strchr(type->table, '.') + 1; /* behind the schema */
}

const struct record_type *
record_at(size_t index)
{
    return index < RECORD_TYPES ? &record_types[index] : NULL;
}

int
record_field_find(const struct record_type *type, const char *name)
{
    for (size_t i = 0; i < type->field_count; i++)
        if (strcmp(type->fields[i].name, name) == 0)
            return (int)i;
    return -1;
}

const struct record_code *
record_code_find(const struct record_field *field, const char *text, size_t len)
{
    for (const struct record_code *code = field->codes; code != NULL && code->code != NULL;
         code++) {
        if (record_same(code->code, text, len) || record_same(code->label, text, len))
            return code;
        for (const char *const *alias = code->aliases; alias != NULL && *alias != NULL; alias++)
            if (record_same(*alias, text, len))
                return code;
    }
    return NULL;
}

bool
record_is_error(const char *text, size_t len)
{
    static const char *const errors[] = {"#N/A",    "#REF!",   "#NAME?",    "#DIV/0!",
                                         "#VALUE!", "#NULL!",  "#NUM!",     "#SPILL!",
                                         "#CALC!",  "#FIELD!", "#BLOCKED!", "#GETTING_DATA"};

    for (size_t i = 0; len > 0 && text[0] == '#' && i < sizeof(errors) / sizeof(errors[0]); i++)
        if (record_same(errors[i], text, len))
            return true;
    return false;
}

bool
record_is_scientific(const char *text, size_t len)
{
    size_t i = 0, digits = 0;

    for (; i < len && ((text[i] >= '0' && text[i] <= '9') || text[i] == '.'); i++)
        digits += text[i] != '.';
    if (digits == 0 || i >= len || (text[i] != 'E' && text[i] != 'e'))
        return false;
    i++;
    if (i >= len || (text[i] != '+' && text[i] != '-'))
        return false;
    for (digits = 0, i++; i < len && text[i] >= '0' && text[i] <= '9'; i++)
        digits++;
    return digits > 0 && i == len;
}

const char *
record_reason_name(enum record_reason reason)
{
    return reasons[reason].name;
}

const char *
record_reason_text(enum record_reason reason)
{
    return reasons[reason].text;
}

uint64_t
record_key_hash(const struct record_type *type, const struct record_row *row)
{
    uint64_t hash = 0;

    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++)
        hash = record_mix_cell(hash, &type->fields[type->key[i]], &row->cells[type->key[i]]);
    return hash;
}

uint64_t
record_content_hash(const struct record_type *type, const struct record_row *row)
{
    uint64_t hash = row->removed ? 1 : 2;

    if (row->removed)
        return record_mix(hash, record_key_hash(type, row));
    for (size_t i = 0; i < type->field_count; i++)
        hash = record_mix_cell(hash, &type->fields[i], &row->cells[i]);
    return hash;
}
