#include "base/decimal.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define DECIMAL_WHOLE_MAX 12 /* digits before the point */

bool
decimal_parse(const char *text, struct decimal *ret_decimal)
{
    struct decimal decimal = {0};
    bool negative = *text == '-';
    size_t whole = 0;

    if (negative)
        text++;
    for (; *text >= '0' && *text <= '9'; text++, whole++)
        decimal.digits = decimal.digits * 10 + (*text - '0') * (whole < DECIMAL_WHOLE_MAX);
    if (whole == 0 || whole > DECIMAL_WHOLE_MAX)
        return false;
    if (*text == '.') {
        for (text++; *text >= '0' && *text <= '9' && decimal.scale < DECIMAL_SCALE_MAX; text++) {
            decimal.digits = decimal.digits * 10 + (*text - '0');
            decimal.scale++;
        }
        if (decimal.scale == 0)
            return false;
    }
    if (*text != '\0')
        return false;
    if (negative)
        decimal.digits = -decimal.digits;
    *ret_decimal = decimal;
    return true;
}

bool
decimal_parse_fen(const char *text, int64_t *ret_fen)
{
    struct decimal decimal;

    if (!decimal_parse(text, &decimal) || decimal.scale > 2)
        return false;
    for (; decimal.scale < 2; decimal.scale++)
        decimal.digits *= 10;
    *ret_fen = decimal.digits;
    return true;
}

bool
decimal_multiply(struct decimal decimal, int64_t factor, struct decimal *ret_decimal)
{
    struct decimal product = {.scale = decimal.scale};

    if (__builtin_mul_overflow(decimal.digits, factor, &product.digits))
        return false;
    *ret_decimal = product;
    return true;
}

void
decimal_format(struct decimal decimal, char ret_text[DECIMAL_TEXT])
{
    uint64_t digits = decimal.digits < 0 ? -(uint64_t)decimal.digits : (uint64_t)decimal.digits;
    const char *sign = decimal.digits < 0 ? "-" : "";
    uint64_t unit = 1;

    while (decimal.scale > 0 && digits % 10 == 0) {
        digits /= 10;
        decimal.scale--;
    }
    for (int i = 0; i < decimal.scale; i++)
        unit *= 10;
    if (decimal.scale == 0)
        (void)snprintf(ret_text, DECIMAL_TEXT, "%s%" PRIu64, sign, digits);
    else
        (void)snprintf(ret_text, DECIMAL_TEXT, "%s%" PRIu64 ".%0*" PRIu64, sign, digits / unit,
                       decimal.scale, digits % unit);
}
