#include "link/place.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define PLACE_HAN 3 /* bytes of a Han character */
#define PLACE_MIN 6 /* bytes that must be left when what stands before is dropped */

/* The character of three bytes at `at`, or 0 when there is another. */
static inline uint32_t
place_char(const char *at, const char *end)
{
    const uint8_t *u = (const uint8_t *)at;

    if (end - at < PLACE_HAN || (u[0] & 0xF0) != 0xE0)
        return 0;
    return (uint32_t)(u[0] & 0x0F) << 12 | (uint32_t)(u[1] & 0x3F) << 6 | (u[2] & 0x3F);
}

static bool
place_is(const char *at, const char *end, const char *word)
{
    size_t len = strlen(word);

    return (size_t)(end - at) >= len && memcmp(at, word, len) == 0;
}

/* Return the digit that a Han numeral stands for, or -1. */
static int
place_numeral(uint32_t c)
{
    switch (c) {
    case U'〇':
    case U'零':
        return 0;
    case U'一':
        return 1;
    case U'二':
        return 2;
    case U'三':
        return 3;
    case U'四':
        return 4;
    case U'五':
        return 5;
    case U'六':
        return 6;
    case U'七':
        return 7;
    case U'八':
        return 8;
    case U'九':
        return 9;
    default:
        return -1;
    }
}

static bool
place_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Write ten, which is a digit, a place or both by what stands beside it: 十二 12, 二十 20, 十 10. */
static size_t
place_ten(bool before, bool after, char *to)
{
    size_t len = 0;

    if (!before)
        to[len++] = '1';
    if (!after)
        to[len++] = '0';
    return len;
}

/* Words that may be left out, and what stands for them. */
static const struct {
    const char *word, *to;
} place_words[] = {
    {"村民小组", "组"}, {"村民委员会", "村"}, {"村委会", "村"},
    {"行政村", "村"},   {"小组", "组"},       {"居民委员会", "社区"},
    {"居委会", "社区"}, {"门牌", ""},         {"第", ""},
    {"号", ""},
};

/* Whether one of the words begins with the character. */
static bool
place_begins_word(uint32_t c)
{
    return c == U'村' || c == U'行' || c == U'小' || c == U'居' || c == U'门' || c == U'第' ||
           c == U'号';
}

/* Take one word or character at `*from`; returns the bytes written. */
static size_t
place_step(const char **from, const char *end, bool before, char *to)
{
    const char *at = *from;
    uint32_t c = place_char(at, end);
    int numeral = place_numeral(c);

    if (c == 0) {
        *to = **from;
        ++*from;
        return 1;
    }
    *from += PLACE_HAN;
    if (numeral >= 0) {
        *to = (char)('0' + numeral);
        return 1;
    }
    if (c == U'十')
        return place_ten(before,
                         *from < end &&
                             (place_is_digit(**from) || place_numeral(place_char(*from, end)) >= 0),
                         to);
    for (size_t i = 0; place_begins_word(c) && i < sizeof(place_words) / sizeof(place_words[0]);
         i++)
        if (place_is(at, end, place_words[i].word)) {
            *from = at + strlen(place_words[i].word);
            memcpy(to, place_words[i].to, strlen(place_words[i].to));
            return strlen(place_words[i].to);
        }
    memmove(to, at, PLACE_HAN);
    return PLACE_HAN;
}

/* Write the address with one kind of digits and words, in place behind what is read. */
static size_t
place_shorten(char *text, size_t len)
{
    const char *from = text, *end = text + len;
    size_t kept = 0;

    while (from < end)
        kept += place_step(&from, end, kept > 0 && place_is_digit(text[kept - 1]), text + kept);
    return kept;
}

/*
 * Return where the village begins: behind the last township, or else behind the last county,
 * prefecture or province; too little must not be left. 小区 and 社区 are none of them.
 */
static size_t
place_begin(const char *text, size_t len)
{
    size_t county = 0;

    for (size_t at = len < PLACE_MIN ? 0 : len - PLACE_MIN; at > PLACE_HAN; at--) {
        switch (place_char(text + at - PLACE_HAN, text + len)) {
        case U'镇':
        case U'乡':
            return at;
        case U'道':
            if (place_is(text + at - 2 * PLACE_HAN, text + len, "街道"))
                return at;
            break;
        case U'处':
            if (at >= 3 * PLACE_HAN && place_is(text + at - 3 * PLACE_HAN, text + len, "办事处"))
                return at;
            break;
        case U'县':
        case U'省':
        case U'市':
            county = county == 0 ? at : county;
            break;
        default:
            break;
        }
    }
    return county;
}

/* The part up to 村 or 社区, or else before the first digit. */
static size_t
place_village(const char *text, size_t len)
{
    size_t digit = len;

    for (size_t i = 0; i < len; i++) {
        uint32_t c = place_char(text + i, text + len);

        if (c == U'村' || (c == U'社' && place_is(text + i, text + len, "社区")))
            return i;
        if (digit == len && place_is_digit(text[i]))
            digit = i;
    }
    return digit;
}

struct place
place_read(const char *text, size_t len, char *to)
{
    struct place place = {0};

    len = place_shorten(to, text_narrow(text, len, to));
    place.at = place_begin(to, len);
    place.len = len - place.at;
    place.village = place_village(to + place.at, place.len);
    return place;
}
