/* Dates and months in the forms that feeds name. */
#include "sdk/convert_parts.h"

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
    if (cell->len < 5 || !convert_all_digits(cell->bytes, 4))
        return false;
    *ret_year = convert_digits(cell->bytes, 4);
    *cell = (struct source_cell){cell->bytes + 4, cell->len - 4};
    for (*ret_form = 0; *ret_form < count; ++*ret_form)
        if (convert_skip(cell, marks[*ret_form]))
            return true;
    return false;
}

enum record_reason
convert_date(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    int32_t date;

    if (!clock_parse_date(cell.bytes, cell.len, &date) &&
        (!convert_narrow(convert, &cell) || !clock_parse_date(cell.bytes, cell.len, &date)))
        return RECORD_BAD_DATE;
    convert_set_number(ret_cell, date);
    return RECORD_OK;
}

enum record_reason
convert_month(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    static const char *const marks[] = {"-", "年"};
    static const char *const ends[] = {"", "月"};
    int year, month;
    size_t form;

    if (!convert_narrow(convert, &cell))
        return RECORD_BAD_MONTH;
    if (cell.len == 6 && convert_all_digits(cell.bytes, 6)) {
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
