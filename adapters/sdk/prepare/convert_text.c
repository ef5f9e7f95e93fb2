/* Texts: references get the care that citizen numbers have, and what stands for nothing is nothing. */
#include "sdk/prepare/convert_parts.h"

#define CONVERT_WORD_MAX 6 /* bytes of "——" and "暂无", the longest words for nothing */

static bool
convert_is_one(struct source_cell cell, const char *const words[], size_t count)
{
    for (size_t i = 0; cell.len <= CONVERT_WORD_MAX && i < count; i++)
        if (convert_is(cell, words[i]))
            return true;
    return false;
}

bool
convert_is_null(struct source_cell cell)
{
    static const char *const words[] = {"NULL", "null", "\\N", "None", "nan", "NaN", "NaT"};

    if (cell.len == 0 || (cell.bytes[0] != 'N' && cell.bytes[0] != 'n' && cell.bytes[0] != '\\'))
        return false;
    return convert_is_one(cell, words, sizeof(words) / sizeof(words[0]));
}

bool
convert_is_nothing(struct source_cell cell, bool reference)
{
    static const char *const words[] = {"无", "暂无", "-", "--", "—", "——", "/", "／", "－"};

    if (cell.len > 0 && convert_is_digit(cell.bytes[0]))
        return reference && convert_is(cell, "0");
    return convert_is_one(cell, words, sizeof(words) / sizeof(words[0]));
}

/* Take away one guard that spreadsheets and clerks put before a number so that it stays a text. */
static bool
convert_skip_guard(struct source_cell *cell)
{
    static const char *const guards[] = {"'", "’", "‘", "`", "＇"};

    for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++)
        if (cell->len > strlen(guards[i]) && convert_skip(cell, guards[i]))
            return true;
    return false;
}

/* The text in =T("…") or =TEXT("…",…), which only keeps a number a text; the cell itself otherwise. */
static struct source_cell
convert_skip_formula(struct source_cell cell)
{
    struct source_cell inner = cell;
    const char *end;

    if (!convert_skip(&inner, "=T(\"") && !convert_skip(&inner, "=TEXT(\""))
        return cell;
    end = memchr(inner.bytes, '"', inner.len);
    return end == NULL || inner.bytes[inner.len - 1] != ')'
               ? cell
               : (struct source_cell){inner.bytes, (uint32_t)(end - inner.bytes)};
}

/* A whole number as an export writes it that takes it for a quantity: 36072200000013.0. */
static struct source_cell
convert_cut_point(struct source_cell cell)
{
    const char *point = memchr(cell.bytes, '.', cell.len);
    uint32_t whole = point == NULL ? 0 : (uint32_t)(point - cell.bytes);

    if (whole > 0 && cell.len > whole + 1 && text_is_digits(cell.bytes, whole) &&
        convert_all_zeros(point + 1, cell.len - whole - 1))
        cell.len = whole;
    return cell;
}

/* Punctuation that a clerk's hand leaves behind a number. */
static struct source_cell
convert_cut_tail(struct source_cell cell)
{
    while (cell.len > 1 && strchr(",;", cell.bytes[cell.len - 1]) != NULL)
        cell.len--;
    return cell;
}

enum record_reason
convert_text(struct convert *convert, int field, struct source_cell cell,
             struct record_cell *ret_cell)
{
    const struct record_field *of = &convert->type->fields[field];

    if (record_is_error(cell.bytes, cell.len))
        return RECORD_BAD_TEXT;
    if (!of->reference) {
        convert_set_text(ret_cell, cell.bytes, cell.len);
        return RECORD_OK;
    }
    if (!convert_narrow(convert, &cell))
        return RECORD_STORAGE;
    while (convert_skip_guard(&cell))
        ;
    cell = convert_cut_tail(convert_cut_point(convert_skip_formula(cell)));
    if (record_is_scientific(cell.bytes, cell.len) || record_is_error(cell.bytes, cell.len) ||
        (cell.len > 0 && cell.bytes[0] == '='))
        return RECORD_BAD_TEXT;
    convert_set_text(ret_cell, cell.bytes, cell.len);
    return RECORD_OK;
}
