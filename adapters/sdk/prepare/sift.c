#include "sdk/prepare/sift.h"

#include <string.h>

#include "base/text.h"
#include "sdk/prepare/convert.h"

#define SIFT_WORD_MAX 64 /* bytes of a cell that may be a sum's or a tail's word */

static bool
sift_begins(struct source_cell cell, const char *word)
{
    size_t len = strlen(word);

    return cell.len >= len && memcmp(cell.bytes, word, len) == 0;
}

static bool
sift_is(struct source_cell cell, const char *word)
{
    return cell.len == strlen(word) && sift_begins(cell, word);
}

static bool
sift_ends(struct source_cell cell, const char *word)
{
    size_t len = strlen(word);

    return cell.len >= len && memcmp(cell.bytes + cell.len - len, word, len) == 0;
}

/* The beginning of a cell without the blanks in it. */
static struct source_cell
sift_word(struct source_cell cell, char word[SIFT_WORD_MAX])
{
    uint32_t len = 0;

    for (uint32_t i = 0; i < cell.len && len < SIFT_WORD_MAX; i++) {
        if (cell.len - i >= 3 && memcmp(cell.bytes + i, "　", 3) == 0)
            i += 2;
        else if (cell.len - i >= 2 && memcmp(cell.bytes + i, "\xc2\xa0", 2) == 0)
            i += 1;
        else if ((unsigned char)cell.bytes[i] > ' ')
            word[len++] = cell.bytes[i];
    }
    return (struct source_cell){word, len};
}

/* Whether a word and a colon begin the cell, or the word is all of it. */
static bool
sift_is_labelled(struct source_cell cell, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t len = (uint32_t)strlen(words[i]);
        struct source_cell rest;

        if (!sift_begins(cell, words[i]))
            continue;
        rest = (struct source_cell){cell.bytes + len, cell.len - len};
        if (rest.len == 0 || sift_begins(rest, ":") || sift_begins(rest, "：") ||
            sift_begins(rest, "(") || sift_begins(rest, "（") ||
            (rest.bytes[0] >= '0' && rest.bytes[0] <= '9'))
            return true;
    }
    return false;
}

static struct source_cell
sift_cell(const struct table *table, const struct source_row *row, int field)
{
    int column = field < 0 ? -1 : table->column[field];

    if (column < 0 || (uint32_t)column >= row->count)
        return (struct source_cell){"", 0};
    return convert_unwrap(row->cells[column]);
}

/* Whether the cell begins with a Han character, as every word of a sum or a foot does. */
static bool
sift_is_word(struct source_cell cell)
{
    return cell.len > 0 && text_is_han_lead(cell.bytes[0]);
}

/* Whether a Han character stands anywhere in the cell. */
static bool
sift_has_han(struct source_cell cell)
{
    for (uint32_t i = 0; i < cell.len; i++)
        if (text_is_han_lead(cell.bytes[i]))
            return true;
    return false;
}

static bool
sift_is_foot(struct source_cell cell)
{
    static const char *const feet[] = {
        "填表人",   "填报人",     "填报单位",       "填报日期", "填表日期", "填表单位", "填表时间",
        "填报时间", "制表人",     "制表",           "制表日期", "制表时间", "审核人",   "复核人",
        "审核",     "负责人",     "经办人",         "联系人",   "联系电话", "报送单位", "报送日期",
        "单位盖章", "单位负责人", "备注",           "注",       "说明",     "打印日期", "打印时间",
        "以下空白", "以下无正文", "（以下无正文）", "本页完",   "总人数",   "总户数"};
    char bytes[SIFT_WORD_MAX];

    return sift_is_word(cell) &&
           sift_is_labelled(sift_word(cell, bytes), feet, sizeof(feet) / sizeof(feet[0]));
}

static bool
sift_is_sum(struct source_cell cell)
{
    static const char *const sums[] = {"合计",   "总计",     "小计",     "累计",    "共计",
                                       "本页计", "本页合计", "本页小计", "本页累计"};
    char bytes[SIFT_WORD_MAX];
    struct source_cell word;

    if (!sift_is_word(cell))
        return false;
    word = sift_word(cell, bytes);
    return (sift_is_labelled(word, sums, sizeof(sums) / sizeof(sums[0])) ||
            sift_ends(word, "小计") || sift_ends(word, "合计") || sift_ends(word, "总计"));
}

/* Whether the row names nothing that could be counted, but for the cell `first` itself and what the
   foot says besides (审核人：…). */
static bool
sift_is_keyless(const struct table *table, const struct source_row *row, uint32_t first)
{
    const struct record_type *type = table->type;

    for (size_t i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++) {
        int field = type->key[i];
        struct source_cell cell = sift_cell(table, row, field);

        if (cell.len > 0 && table->column[field] != (int)first && !sift_is_foot(cell) &&
            (type->fields[field].type != RECORD_ID || cell.len >= 15))
            return false;
    }
    return true;
}

/* A sum or a form's foot, by the row's first cell that is not empty. */
static bool
sift_is_tail(const struct table *table, const struct source_row *row, uint32_t first)
{
    struct source_cell cell = convert_unwrap(row->cells[first]);

    return (sift_is_sum(cell) || sift_is_foot(cell)) && sift_is_keyless(table, row, first);
}

/*
 * A note or a signature line of a list of people: at most two cells, the first one words, and neither
 * a number nor a name. Such a row can be about nobody.
 */
static bool
sift_is_note(const struct table *table, const struct source_row *row, uint32_t first)
{
    const struct record_type *type = table->type;
    struct source_cell cell = convert_unwrap(row->cells[first]);
    uint32_t filled = 0;

    if (type->id < 0 || type->person_name < 0 || table->column[type->id] < 0 ||
        table->column[type->person_name] < 0 || table->column[type->person_name] == (int)first ||
        sift_cell(table, row, type->person_name).len > 0 || !sift_has_han(cell))
        return false;
    for (uint32_t i = 0; i < row->count; i++)
        filled += convert_unwrap(row->cells[i]).len > 0;
    return filled <= 2 &&
           (table->column[type->id] == (int)first || sift_cell(table, row, type->id).len == 0);
}

/* The header once more, as on every page of a printed form: the key's column holds its own name. */
static bool
sift_is_header(const struct table *table, const struct source_row *row)
{
    struct source_cell cell = sift_cell(table, row, table->type->key[0]);
    char bytes[SIFT_WORD_MAX];

    return sift_is_word(cell) && sift_is(sift_word(cell, bytes), table->key_name);
}

static bool
sift_is_one_digit(struct source_cell id)
{
    for (uint32_t i = 0; i < id.len; i++)
        if (id.bytes[i] != id.bytes[0])
            return false;
    return id.len == TEXT_ID_LEN && id.bytes[0] >= '0' && id.bytes[0] <= '9';
}

static bool
sift_is_test(const struct table *table, const struct source_row *row, int32_t today)
{
    struct source_cell name = sift_cell(table, row, table->type->person_name);
    struct source_cell id = sift_cell(table, row, table->type->id);

    if (sift_begins(name, "测试") || sift_is_one_digit(id))
        return true;
    if (sift_is(id, "110101199001010000") && sift_is(name, "张三"))
        return true;
    return table->type->phone >= 0 &&
           sift_is(sift_cell(table, row, table->type->phone), "13800000000") &&
           (id.len != TEXT_ID_LEN || !text_id_valid(id.bytes, today));
}

/* The example of our own template (template.h). */
static bool
sift_is_example(const struct table *table, const struct source_row *row)
{
    const struct record_type *type = table->type;

    if (table->note >= 0 && (uint32_t)table->note < row->count &&
        sift_begins(convert_unwrap(row->cells[table->note]), "示例"))
        return true;
    return type->fields[type->key[0]].type == RECORD_TEXT &&
           sift_is(sift_cell(table, row, type->key[0]), "示例");
}

enum sift
sift_row(const struct table *table, const struct source_row *row, int32_t today)
{
    uint32_t first = 0;

    while (first < row->count &&
           (row->cells[first].len == 0 || convert_unwrap(row->cells[first]).len == 0))
        first++;
    if (first == row->count)
        return SIFT_BLANK;
    if (sift_is_tail(table, row, first) || sift_is_header(table, row) ||
        sift_is_note(table, row, first))
        return SIFT_TAIL;
    if (sift_is_example(table, row))
        return SIFT_EXAMPLE;
    return sift_is_test(table, row, today) ? SIFT_TEST : SIFT_DATA;
}
