/* Money, whole and decimal numbers: digits only, never a floating-point number. */
#include "sdk/prepare/convert_parts.h"

#define CONVERT_DIGITS_MAX 15         /* of a number before its point */
#define CONVERT_WHOLE_MAX 10000000000 /* of a number in 万元 */

/* A decimal number without an exponent, in its parts. */
struct convert_number {
    bool negative;
    int64_t whole;
    const char *fraction; /* digits behind the point */
    uint32_t fraction_len;
};

/* Digits, in groups of three when there are commas. Moves `cell` behind them. */
static bool
convert_whole(struct source_cell *cell, int64_t *ret_value)
{
    int64_t value = 0;
    uint32_t i = 0, digits = 0, group = 0;
    bool grouped = false;

    for (; i < cell->len; i++) {
        char c = cell->bytes[i];

        if (c == ',') {
            if (grouped ? group != 3 : (digits == 0 || digits > 3))
                return false;
            grouped = true;
            group = 0;
        } else if (convert_is_digit(c)) {
            if (++digits > CONVERT_DIGITS_MAX)
                return false;
            group++;
            value = value * 10 + (c - '0');
        } else {
            break;
        }
    }
    if (digits == 0 || (grouped && group != 3))
        return false;
    *cell = (struct source_cell){cell->bytes + i, cell->len - i};
    *ret_value = value;
    return true;
}

static bool
convert_number(struct source_cell cell, bool yuan, struct convert_number *ret_number)
{
    struct convert_number number = {0};

    number.negative = convert_skip(&cell, "-");
    if (yuan && (convert_skip(&cell, "¥") || convert_skip(&cell, "￥")) && !number.negative)
        number.negative = convert_skip(&cell, "-");
    if (!convert_whole(&cell, &number.whole))
        return false;
    if (cell.len > 0) {
        if (cell.bytes[0] != '.' || !text_is_digits(cell.bytes + 1, cell.len - 1))
            return false;
        number.fraction = cell.bytes + 1;
        number.fraction_len = cell.len - 1;
    }
    *ret_number = number;
    return true;
}

static bool
convert_drop(struct source_cell *cell, const char *ending)
{
    uint32_t len = (uint32_t)strlen(ending);

    if (cell->len <= len || memcmp(cell->bytes + cell->len - len, ending, len) != 0)
        return false;
    cell->len -= len;
    return true;
}

/*
 * The decimal places from the number to the fen, by the field's unit and what stands behind the
 * number, which is dropped. Where the agency declared no unit nothing may stand there.
 */
static uint32_t
convert_places(const struct convert *convert, int field, struct source_cell *cell)
{
    enum mapping_unit unit = convert->units[field];

    if (unit == MAPPING_YUAN)
        return 2;
    if (convert_drop(cell, "万元") || convert_drop(cell, "万") || unit == MAPPING_TEN_THOUSAND)
        return 6;
    (void)convert_drop(cell, "元");
    return 2;
}

/* Whether a sum says that it counts thousands or ten thousands: 1.25万元, 1.2万. */
static bool
convert_has_unit(struct source_cell cell)
{
    static const char *const units[] = {"万元", "千元", "百元", "万"};

    if (cell.len == 0 || (unsigned char)cell.bytes[cell.len - 1] < 0x80)
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t len = strlen(units[i]);

        if (cell.len > len && memcmp(cell.bytes + cell.len - len, units[i], len) == 0 &&
            convert_is_digit(cell.bytes[cell.len - len - 1]))
            return true;
    }
    return false;
}

enum record_reason
convert_money(struct convert *convert, int field, struct source_cell cell,
              struct record_cell *ret_cell)
{
    struct convert_number number;
    uint32_t places;
    int64_t fen;

    if (!convert_narrow(convert, &cell))
        return RECORD_BAD_MONEY;
    places = convert_places(convert, field, &cell);
    if (convert_has_unit(cell))
        return RECORD_BAD_UNIT;
    if (!convert_number(cell, true, &number) ||
        (number.fraction_len > places &&
         !convert_all_zeros(number.fraction + places, number.fraction_len - places)) ||
        (places > 2 && number.whole > CONVERT_WHOLE_MAX))
        return RECORD_BAD_MONEY;
    fen = number.whole;
    for (uint32_t i = 0; i < places; i++)
        fen = fen * 10 + (i < number.fraction_len ? number.fraction[i] - '0' : 0);
    convert_set_number(ret_cell, number.negative ? -fen : fen);
    return RECORD_OK;
}

enum record_reason
convert_int(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    struct convert_number number;

    if (!convert_narrow(convert, &cell) || !convert_number(cell, false, &number) ||
        !convert_all_zeros(number.fraction, number.fraction_len))
        return RECORD_BAD_NUMBER;
    convert_set_number(ret_cell, number.negative ? -number.whole : number.whole);
    return RECORD_OK;
}

enum record_reason
convert_dec(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    struct convert_number number;
    char *to;
    uint32_t len = 0;

    if (!convert_narrow(convert, &cell) || !convert_number(cell, false, &number))
        return RECORD_BAD_NUMBER;
    if (memchr(cell.bytes, ',', cell.len) == NULL) {
        convert_set_text(ret_cell, cell.bytes, cell.len);
        return RECORD_OK;
    }
    to = convert_take(convert, cell.len);
    for (uint32_t i = 0; i < cell.len; i++)
        if (cell.bytes[i] != ',')
            to[len++] = cell.bytes[i];
    convert_set_text(ret_cell, to, len);
    return RECORD_OK;
}
