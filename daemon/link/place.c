#include "link/place.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define PLACE_HAN 3 /* bytes of a Han character */
#define PLACE_MIN 6 /* bytes that must be left when what stands before is dropped */

static bool
place_is(const char *at, const char *end, const char *word)
{
    size_t len = strlen(word);

    return (size_t)(end - at) >= len && memcmp(at, word, len) == 0;
}

/* Return the digit that a Han numeral stands for, or -1. */
static int
place_numeral(const char *at, const char *end)
{
    static const char numerals[] = "〇一二三四五六七八九";

    if (end - at < PLACE_HAN)
        return -1;
    for (int i = 0; i < 10; i++)
        if (memcmp(at, numerals + i * PLACE_HAN, PLACE_HAN) == 0)
            return i;
    return memcmp(at, "零", PLACE_HAN) == 0 ? 0 : -1;
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

/* Whether a character may begin one of the words or be a numeral; most are passed over by this. */
static bool
place_is_special(const char *at, const char *end)
{
    static const char special[] = "〇一二三四五六七八九零十村行小居门第号";

    if (end - at < PLACE_HAN || (unsigned char)at[0] < 0xE3)
        return false;
    for (size_t i = 0; i + PLACE_HAN < sizeof(special); i += PLACE_HAN)
        if (special[i + 2] == at[2] && special[i + 1] == at[1] && special[i] == at[0])
            return true;
    return false;
}

/* Take one character at `*from`; returns the bytes written. */
static size_t
place_copy(const char **from, const char *end, char *to)
{
    size_t len = (unsigned char)**from >= 0xE0 && end - *from >= PLACE_HAN ? PLACE_HAN : 1;

    memmove(to, *from, len);
    *from += len;
    return len;
}

/* Take one word or character at `*from`; returns the bytes written. */
static size_t
place_step(const char **from, const char *end, bool before, char *to)
{
    const char *at = *from;
    int numeral;

    if (!place_is_special(at, end))
        return place_copy(from, end, to);
    numeral = place_numeral(at, end);
    if (numeral >= 0) {
        *from += PLACE_HAN;
        *to = (char)('0' + numeral);
        return 1;
    }
    if (place_is(at, end, "十")) {
        *from += PLACE_HAN;
        return place_ten(
            before, *from < end && (place_is_digit(**from) || place_numeral(*from, end) >= 0), to);
    }
    for (size_t i = 0; i < sizeof(place_words) / sizeof(place_words[0]); i++)
        if (place_is(at, end, place_words[i].word)) {
            *from += strlen(place_words[i].word);
            memcpy(to, place_words[i].to, strlen(place_words[i].to));
            return strlen(place_words[i].to);
        }
    return place_copy(from, end, to);
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

/* Return where the part behind the last of `words` begins; 0: none, or too little is left. */
static size_t
place_behind(const char *text, size_t len, const char *const *words, size_t count)
{
    for (size_t at = len < PLACE_MIN ? 0 : len - PLACE_MIN; at >= PLACE_HAN; at--)
        for (size_t i = 0; i < count && (unsigned char)text[at - PLACE_HAN] >= 0xE0; i++) {
            size_t word = strlen(words[i]);

            if (at >= word && memcmp(text + at - word, words[i], word) == 0)
                return at;
        }
    return 0;
}

/* Drop province, prefecture, county and township; 小区 and 社区 are none of them. */
static size_t
place_begin(const char *text, size_t len)
{
    static const char *const towns[] = {"镇", "乡", "街道", "办事处", "苏木"};
    static const char *const counties[] = {"县", "省", "自治区", "市辖区", "市"};
    size_t at = place_behind(text, len, towns, sizeof(towns) / sizeof(towns[0]));

    return at > 0 ? at : place_behind(text, len, counties, sizeof(counties) / sizeof(counties[0]));
}

/* The part before the first digit, or all of it up to 村 or 社区 where a digit begins the name. */
static size_t
place_village(const char *text, size_t len)
{
    size_t at = 0;

    for (size_t i = 0; i < len; i++)
        if (place_is(text + i, text + len, "村") || place_is(text + i, text + len, "社区"))
            return i;
    while (at < len && !place_is_digit(text[at]))
        at++;
    return at;
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
