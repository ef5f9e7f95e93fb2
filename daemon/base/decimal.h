/*
 * decimal — exact decimal numbers of the configuration.
 *
 * 1.2 times a standard is a number of fen, never a floating-point value. Pure.
 */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#define DECIMAL_TEXT 32 /* bytes of a formatted decimal, with its end */
#define DECIMAL_SCALE_MAX 6

/* digits ÷ 10^scale */
struct decimal {
    int64_t digits;
    int scale;
};

/* Parse "12", "1.25" or "-3.5": at most 12 digits before the point and DECIMAL_SCALE_MAX behind it.
   Returns false when the text is anything else. */
bool decimal_parse(const char *text, struct decimal *ret_decimal);

/* Parse yuan with at most two digits behind the point, "1234.50", into fen. */
bool decimal_parse_fen(const char *text, int64_t *ret_fen);

/* Multiply by a whole number; returns false when the product does not fit. */
bool decimal_multiply(struct decimal decimal, int64_t factor, struct decimal *ret_decimal);

/* Write without needless zeros: 799200, 1.5. */
void decimal_format(struct decimal decimal, char ret_text[DECIMAL_TEXT]);

#endif
