/* Whether a row's values can be used: the closed list of reasons of feeds.md. */
#include "record.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define DATE_MAX 84005 /* 2199-12-31 */
#define COUNTY_DIGITS 6

/* Valid UTF-8 is at most `limit` characters long. */
static bool
check_length(const char *bytes, size_t len, uint32_t limit)
{
    size_t count = 0;

    if (len <= limit)
        return true;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    return count <= limit;
}

static bool
check_is(const char *bytes, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(bytes, word, len) == 0;
}

/* Whether a word stands for nothing, or for the column itself, where a name should be. */
static bool
check_is_no_name(const char *bytes, size_t len)
{
    if ((unsigned char)bytes[0] >= 0x80)
        return check_is(bytes, len, "无") || check_is(bytes, len, "暂无") ||
               check_is(bytes, len, "姓名");
    return check_is(bytes, len, "NULL") || check_is(bytes, len, "null") ||
           check_is(bytes, len, "None") || check_is(bytes, len, "nan") ||
           record_is_error(bytes, len) || record_is_scientific(bytes, len);
}

/* Whether a name was masked (陈*芳, 陈某某), or has no letter at all (0, -, /). */
static bool
check_is_masked(const char *bytes, size_t len)
{
    bool letter = false;
    size_t step;

    for (size_t i = 0; i < len; i += step) { /* a character at a time */
        unsigned char c = (unsigned char)bytes[i];

        step = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        letter = letter || c >= 0x80 || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (c == '*' || (c == 0xef && len - i >= 3 && memcmp(bytes + i, "＊", 3) == 0) ||
            (c == 0xc3 && len - i >= 2 && memcmp(bytes + i, "×", 2) == 0) ||
            (c == 0xe6 && len - i >= 6 && memcmp(bytes + i, "某某", 6) == 0))
            return true;
    }
    return !letter;
}

/*
 * What stands for characters that were lost: controls, question marks, U+FFFD, and 锟斤,
 * which is U+FFFD read as GBK. Blanks are not mojibake, but a normalised name has none.
 */
static bool
check_name(const char *bytes, size_t len, uint32_t limit)
{
    static const char lost[][4] = {"\xEF\xBF\xBD", "\xEF\xBC\x9F", "\xE3\x80\x80"};
    const unsigned char *at = (const unsigned char *)bytes;

    for (size_t i = 0; i < len; i++) {
        if (at[i] <= ' ' || at[i] == '?' || at[i] == 0x7F)
            return false;
        if (at[i] == 0xC2 && at[i + 1] <= 0xA0)
            return false;
        if (at[i] != 0xEF && at[i] != 0xE3 && at[i] != 0xE9)
            continue;
        for (size_t j = 0; j < sizeof(lost) / sizeof(lost[0]); j++)
            if (memcmp(at + i, lost[j], 3) == 0)
                return false;
        if (len - i >= 6 && memcmp(at + i, "锟斤", 6) == 0)
            return false;
    }
    return len > 0 && check_length(bytes, len, limit) && !check_is_masked(bytes, len) &&
           !check_is_no_name(bytes, len);
}

/* A reference bears no control character, no blank, and is what it was before a spreadsheet. */
static bool
check_text(const struct record_field *field, const char *bytes, size_t len)
{
    if (len > 0 && bytes[0] == '#' && record_is_error(bytes, len))
        return false;
    if (!field->reference)
        return true;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)bytes[i] <= ' ' || bytes[i] == 0x7f)
            return false;
    return !record_is_scientific(bytes, len);
}

static bool
check_area(const char *bytes, size_t len, uint32_t limit)
{
    return (len == 6 || len == 9 || len == 12) && len <= limit && text_is_digits(bytes, len);
}

static bool
check_decimal(const char *bytes, size_t len, uint32_t limit)
{
    const char *end = bytes + len, *dot;

    if (len > limit)
        return false;
    if (len > 0 && *bytes == '-')
        bytes++;
    dot = memchr(bytes, '.', (size_t)(end - bytes));
    if (dot == NULL)
        return text_is_digits(bytes, (size_t)(end - bytes));
    return text_is_digits(bytes, (size_t)(dot - bytes)) &&
           text_is_digits(dot + 1, (size_t)(end - dot - 1));
}

/* Only the code itself travels, never its label or another spelling. */
static bool
check_code(const struct record_field *field, const char *bytes, size_t len)
{
    for (const struct record_code *code = field->codes; code->code != NULL; code++)
        if (len > 0 && code->code[0] == bytes[0] && strlen(code->code) == len &&
            memcmp(code->code, bytes, len) == 0)
            return true;
    return false;
}

static enum record_reason
check_items(const struct record_field *field, const struct record_cell *cell)
{
    for (uint32_t i = 0; i < cell->list.count; i++) {
        const struct record_item *item = &cell->list.items[i];

        if (field->type == RECORD_CODES && !check_code(field, item->bytes, item->len))
            return RECORD_BAD_CODE;
        if (field->type == RECORD_AREAS && !check_area(item->bytes, item->len, field->limit))
            return RECORD_BAD_CODE;
        if (field->type == RECORD_TEXTS && item->len == 0)
            return RECORD_REQUIRED;
        if (field->type == RECORD_TEXTS && !check_length(item->bytes, item->len, field->limit))
            return RECORD_STORAGE;
    }
    return RECORD_OK;
}

static enum record_reason
check_cell(const struct record_field *field, const struct record_cell *cell, int32_t today)
{
    const char *bytes = cell->text.bytes;
    uint32_t len = cell->text.len;

    switch (field->type) {
    case RECORD_ID:
        return len == TEXT_ID_LEN && text_id_valid(bytes, today) ? RECORD_OK : RECORD_BAD_ID;
    case RECORD_NAME:
        return check_name(bytes, len, field->limit) ? RECORD_OK : RECORD_BAD_NAME;
    case RECORD_AREA:
        return check_area(bytes, len, field->limit) ? RECORD_OK : RECORD_BAD_CODE;
    case RECORD_PHONE:
        return len <= field->limit && text_is_digits(bytes, len) ? RECORD_OK : RECORD_BAD_NUMBER;
    case RECORD_TEXT:
        if (!check_text(field, bytes, len))
            return RECORD_BAD_TEXT;
        return check_length(bytes, len, field->limit) ? RECORD_OK : RECORD_STORAGE;
    case RECORD_CODE:
        return check_code(field, bytes, len) ? RECORD_OK : RECORD_BAD_CODE;
    case RECORD_DATE:
        return cell->number >= CLOCK_DATE_MIN && cell->number <= DATE_MAX ? RECORD_OK
                                                                          : RECORD_BAD_DATE;
    case RECORD_MONTH:
        return clock_month_valid((int32_t)cell->number) ? RECORD_OK : RECORD_BAD_MONTH;
    case RECORD_INT:
        return cell->number >= field->min && cell->number <= field->max ? RECORD_OK
                                                                        : RECORD_BAD_NUMBER;
    case RECORD_DEC:
        return check_decimal(bytes, len, field->limit) ? RECORD_OK : RECORD_BAD_NUMBER;
    case RECORD_MONEY:
    case RECORD_BOOL:
        return RECORD_OK;
    case RECORD_CODES:
    case RECORD_AREAS:
    case RECORD_TEXTS:
        return check_items(field, cell);
    }
    return RECORD_OK;
}

/* Whether the row has one of the codes that a condition names. */
static bool
check_value(const struct record_type *type, const struct record_row *row,
            const struct record_value *value)
{
    const struct record_cell *cell = &row->cells[record_field_find(type, value->field)];

    for (size_t i = 0; cell->set && value->is[i] != NULL; i++)
        if (strlen(value->is[i]) == cell->text.len &&
            memcmp(value->is[i], cell->text.bytes, cell->text.len) == 0)
            return true;
    return false;
}

/* Only a reversal has negative amounts. */
static bool
check_negative(const struct record_type *type, const struct record_row *row)
{
    for (size_t i = 0; i < type->field_count; i++)
        if (type->fields[i].type == RECORD_MONEY && row->cells[i].set && row->cells[i].number < 0)
            return true;
    return false;
}

/* Whether an empty value is missing, and by which reason. */
static enum record_reason
check_empty(const struct record_type *type, const struct record_row *row, size_t at)
{
    const struct record_field *field = &type->fields[at];

    if (!field->optional)
        return field->type == RECORD_NAME ? RECORD_BAD_NAME : RECORD_REQUIRED;
    if ((int)at == type->cancels && check_negative(type, row))
        return RECORD_REQUIRED;
    return field->required_when != NULL && check_value(type, row, field->required_when)
               ? RECORD_REQUIRED
               : RECORD_OK;
}

static bool
check_county(const struct record_cell *area, uint32_t county)
{
    uint32_t number = 0;

    for (int i = 0; i < COUNTY_DIGITS; i++)
        number = number * 10 + (uint32_t)(area->text.bytes[i] - '0');
    return number == county;
}

static enum record_reason
check_field(const struct record_type *type, const struct record_row *row, size_t at,
            uint32_t county, int32_t today)
{
    const struct record_cell *cell = &row->cells[at];
    enum record_reason reason;

    if (!cell->set)
        return check_empty(type, row, at);
    reason = check_cell(&type->fields[at], cell, today);
    if (reason == RECORD_OK && (int)at == type->county_area && !check_county(cell, county))
        return RECORD_COUNTY;
    return reason;
}

static bool
check_is_key(const struct record_type *type, size_t at)
{
    for (int i = 0; i < RECORD_KEY_MAX; i++)
        if (type->key[i] == (int)at)
            return true;
    return false;
}

enum record_reason
record_check(const struct record_type *type, const struct record_row *row, uint32_t county,
             int32_t today, int *ret_field)
{
    for (size_t i = 0; i < type->field_count; i++) {
        enum record_reason reason;

        if (row->removed && !check_is_key(type, i))
            continue;
        reason = check_field(type, row, i, county, today);
        if (reason != RECORD_OK) {
            *ret_field = (int)i;
            return reason;
        }
    }
    return RECORD_OK;
}
