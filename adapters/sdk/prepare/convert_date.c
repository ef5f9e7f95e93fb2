/* Dates and months in the forms that feeds name. */
#include "sdk/prepare/convert_parts.h"

#include "base/clock.h"

/* One or two digits, then `end` ("" for the end of the cell). Moves `cell` behind both. */
static bool
convert_part(struct source_cell *cell, const char *end, int *ret_value)
{
    uint32_t len = 0;

    while (len < cell->len && len < 2 && convert_is_digit(cell->bytes[len]))
        len++;
    if (len == 0)
        return false;
    *ret_value = convert_digits(cell->bytes, len);
    *cell = (struct source_cell){cell->bytes + len, cell->len - len};
    return *end == '\0' ? cell->len == 0 : convert_skip(cell, end);
}

/* Year and the mark behind it; `ret_form` is the index of the form. */
static bool
convert_year(struct source_cell *cell, const char *const marks[], size_t count, int *ret_year,
             size_t *ret_form)
{
    if (cell->len < 5 || !text_is_digits(cell->bytes, 4))
        return false;
    *ret_year = convert_digits(cell->bytes, 4);
    *cell = (struct source_cell){cell->bytes + 4, cell->len - 4};
    for (*ret_form = 0; *ret_form < count; ++*ret_form)
        if (convert_skip(cell, marks[*ret_form]))
            return true;
    return false;
}

/* ---- forms of the agency's own ---- */

static const char convert_letters[] = "YMDhms";

static bool
convert_is_letter(char c)
{
    return c != '\0' && strchr(convert_letters, c) != NULL;
}

/* Digits for a letter of a form: one may do for two where no other digits follow. */
static bool
convert_form_digits(struct source_cell *cell, const char *form, uint32_t letters, int *ret_value)
{
    bool exact = letters > 2 || convert_is_letter(form[letters]);
    uint32_t len = 0;

    while (len < cell->len && len < letters && convert_is_digit(cell->bytes[len]))
        len++;
    if (len == 0 || (exact && len < letters))
        return false;
    *ret_value = convert_digits(cell->bytes, len);
    *cell = (struct source_cell){cell->bytes + len, cell->len - len};
    return true;
}

/* Read a cell by one form; a blank in the form is one or more in the cell. */
static bool
convert_by_form(struct source_cell cell, const char *form, int *ret_year, int *ret_month,
                int *ret_day)
{
    int passed;

    for (; *form != '\0' && *form != '*'; form++) {
        uint32_t letters = 1;
        int *value = *form == 'Y' ? ret_year : *form == 'M' ? ret_month : &passed;

        if (convert_is_letter(*form)) {
            while (form[letters] == *form)
                letters++;
            if (!convert_form_digits(&cell, form, letters, *form == 'D' ? ret_day : value))
                return false;
            form += letters - 1;
            continue;
        }
        if (cell.len == 0 || cell.bytes[0] != *form)
            return false;
        do
            cell = (struct source_cell){cell.bytes + 1, cell.len - 1};
        while (*form == ' ' && cell.len > 0 && cell.bytes[0] == ' ');
    }
    return *form == '*' || cell.len == 0;
}

/* Whether one of the agency's forms fits; `ret_day` is 1 where the form has no day. */
static bool
convert_declared(const struct convert *convert, int field, struct source_cell cell, int *ret_year,
                 int *ret_month, int *ret_day)
{
    const char *form;

    if (!convert->formed[field])
        return false;
    for (size_t i = 0; (form = mapping_form(convert->mapping, convert->type, field, i)) != NULL;
         i++) {
        *ret_year = *ret_month = 0;
        *ret_day = 1;
        if (convert_by_form(cell, form, ret_year, ret_month, ret_day))
            return true;
    }
    return false;
}

enum record_reason
convert_date(struct convert *convert, int field, struct source_cell cell,
             struct record_cell *ret_cell)
{
    int year, month, day;
    int32_t date;

    if (convert_declared(convert, field, cell, &year, &month, &day)) {
        if (!clock_date(year, month, day, &date))
            return RECORD_BAD_DATE;
    } else if (!clock_parse_date(cell.bytes, cell.len, &date) &&
               (!convert_narrow(convert, &cell) ||
                !clock_parse_date(cell.bytes, cell.len, &date))) {
        return RECORD_BAD_DATE;
    }
    /* A serial number of a workbook whose days count from 1904 would be read as four years earlier,
       here and in a reject report that has lost where it came from. */
    if (convert->serials_refused && text_is_digits(cell.bytes, cell.len) && cell.len < 6)
        return RECORD_BAD_DATE;
    convert_set_number(ret_cell, date);
    return RECORD_OK;
}

enum record_reason
convert_month(struct convert *convert, int field, struct source_cell cell,
              struct record_cell *ret_cell)
{
    static const char *const marks[] = {"-", "年"};
    static const char *const ends[] = {"", "月"};
    int year, month, day;
    size_t form;

    if (convert_declared(convert, field, cell, &year, &month, &day)) {
        cell.len = 0;
    } else if (!convert_narrow(convert, &cell)) {
        return RECORD_BAD_MONTH;
    } else if (cell.len == 6 && text_is_digits(cell.bytes, 6)) {
        year = convert_digits(cell.bytes, 4);
        month = convert_digits(cell.bytes + 4, 2);
    } else if (!convert_year(&cell, marks, 2, &year, &form) ||
               !convert_part(&cell, ends[form], &month) || cell.len > 0) {
        return RECORD_BAD_MONTH;
    }
    if (!clock_month_valid(year * 100 + month))
        return RECORD_BAD_MONTH;
    convert_set_number(ret_cell, year * 100 + month);
    return RECORD_OK;
}
