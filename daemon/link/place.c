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

/* Words that may be left out, and what stands for them; those that begin alike stand together. */
#define WORD(first, word, to)                                                                      \
    {                                                                                              \
        first, sizeof(word) - 1, sizeof(to) - 1, word, to                                          \
    }

static const struct {
    uint32_t first;
    uint8_t len, to_len;
    const char *word, *to;
} place_words[] = {
    WORD(U'村', "村民小组", "组"), WORD(U'村', "村民委员会", "村"),
    WORD(U'村', "村委会", "村"),   WORD(U'行', "行政村", "村"),
    WORD(U'小', "小组", "组"),     WORD(U'居', "居民委员会", "社区"),
    WORD(U'居', "居委会", "社区"), WORD(U'门', "门牌", ""),
    WORD(U'第', "第", ""),         WORD(U'号', "号", ""),
};

/* Take one word at `*from`, which begins with `c`; returns the bytes written, or -1: it is none. */
static int
place_word(const char **from, const char *end, uint32_t c, char *to)
{
    for (size_t i = 0; i < sizeof(place_words) / sizeof(place_words[0]); i++) {
        size_t len = place_words[i].len;

        if (place_words[i].first != c || (size_t)(end - *from) < len ||
            memcmp(*from, place_words[i].word, len) != 0)
            continue;
        *from += len;
        memcpy(to, place_words[i].to, place_words[i].to_len);
        return place_words[i].to_len;
    }
    return -1;
}

/* What a character may be the beginning of. */
enum place_kind { PLACE_OTHER, PLACE_NUMERAL, PLACE_TEN, PLACE_WORD };

static enum place_kind
place_kind(uint32_t c)
{
    switch (c) {
    case U'〇':
    case U'零':
    case U'一':
    case U'二':
    case U'三':
    case U'四':
    case U'五':
    case U'六':
    case U'七':
    case U'八':
    case U'九':
        return PLACE_NUMERAL;
    case U'十':
        return PLACE_TEN;
    case U'村':
    case U'行':
    case U'小':
    case U'居':
    case U'门':
    case U'第':
    case U'号':
        return PLACE_WORD;
    default:
        return PLACE_OTHER;
    }
}

/* Take one word or character at `*from`; returns the bytes written. */
static size_t
place_step(const char **from, const char *end, bool before, char *to)
{
    uint32_t c = place_char(*from, end);
    enum place_kind kind = c == 0 ? PLACE_OTHER : place_kind(c);
    int written = kind == PLACE_WORD ? place_word(from, end, c, to) : -1;

    if (written >= 0)
        return (size_t)written;
    if (c == 0) {
        *to = *(*from)++;
        return 1;
    }
    if (kind == PLACE_NUMERAL)
        *to = (char)('0' + place_numeral(c));
    else if (kind != PLACE_TEN)
        memmove(to, *from, PLACE_HAN);
    *from += PLACE_HAN;
    if (kind == PLACE_TEN)
        return place_ten(before,
                         *from < end &&
                             (place_is_digit(**from) || place_numeral(place_char(*from, end)) >= 0),
                         to);
    return kind == PLACE_NUMERAL ? 1 : PLACE_HAN;
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
