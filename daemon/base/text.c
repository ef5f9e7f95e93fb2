#include "base/text.h"

#include <assert.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "base/mem.h"
#include "base/variant.h"

#define TEXT_DOT 0xB7
#define TEXT_HAN_BYTES 3 /* of each character from VARIANT_FIRST to VARIANT_LAST */

/* UTF-8 */

static bool
text_is_tail(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Return the length of the valid multi-byte character at `at`, or 0. RFC 3629, section 4. */
static size_t
text_char_length(const uint8_t *at, size_t left)
{
    if (at[0] < 0xC2 || at[0] > 0xF4)
        return 0;
    if (at[0] < 0xE0)
        return left >= 2 && text_is_tail(at[1]) ? 2 : 0;
    if (at[0] < 0xF0) {
        uint8_t low = at[0] == 0xE0 ? 0xA0 : 0x80, high = at[0] == 0xED ? 0x9F : 0xBF;

        return left >= 3 && at[1] >= low && at[1] <= high && text_is_tail(at[2]) ? 3 : 0;
    }
    uint8_t low = at[0] == 0xF0 ? 0x90 : 0x80, high = at[0] == 0xF4 ? 0x8F : 0xBF;

    return left >= 4 && at[1] >= low && at[1] <= high && text_is_tail(at[2]) && text_is_tail(at[3])
               ? 4
               : 0;
}

/* Return whether all eight bytes are ASCII and none is NUL. */
static bool
text_is_ascii8(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return ((word | (word - 0x0101010101010101)) & 0x8080808080808080) == 0;
}

long
text_utf8_length(const char *text, size_t len)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + len;
    long count = 0;

    while (at < end) {
        if (*at >= 0xE1 && *at <= 0xEC) { /* where Han is: no special second byte */
            if (end - at < 3 || !text_is_tail(at[1]) || !text_is_tail(at[2]))
                return -1;
            at += 3;
            count++;
        } else if (*at < 0x80) {
            if (end - at >= 8 && text_is_ascii8(at)) {
                at += 8;
                count += 8;
                continue;
            }
            if (*at == 0)
                return -1;
            at++;
            count++;
        } else {
            size_t step = text_char_length(at, (size_t)(end - at));

            if (step == 0)
                return -1;
            at += step;
            count++;
        }
    }
    return count;
}

/* Cells */

size_t
text_blank(const char *at, size_t left)
{
    const unsigned char *u = (const unsigned char *)at;

    if (u[0] <= ' ' || u[0] == 0x7f)
        return 1;
    if (u[0] == 0xc2)
        return left >= 2 && (u[1] == 0xa0 || u[1] == 0xad) ? 2 : 0;
    if (left < 3)
        return 0;
    if (u[0] == 0xe2 && u[1] == 0x80) /* U+2000..200F, U+2028..202F */
        return u[2] <= 0x8f || (u[2] >= 0xa8 && u[2] <= 0xaf) ? 3 : 0;
    if (u[0] == 0xe2 && u[1] == 0x81) /* U+205F..2064 */
        return u[2] >= 0x9f && u[2] <= 0xa4 ? 3 : 0;
    if (u[0] == 0xe3) /* U+3000 */
        return u[1] == 0x80 && u[2] == 0x80 ? 3 : 0;
    return u[0] == 0xef && u[1] == 0xbb && u[2] == 0xbf ? 3 : 0;
}

/* Whether eight bytes are ASCII that can be seen; may say no where it is true, never the reverse. */
static bool
text_is_plain8(const char *bytes)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return (((word - ones * '!') | word | (word + ones)) & (ones << 7)) == 0;
}

size_t
text_narrow(const char *text, size_t len, char *to)
{
    size_t kept = 0;

    for (size_t i = 0; i < len;) {
        if (len - i >= 8 && text_is_plain8(text + i)) {
            memmove(to + kept, text + i, 8);
            kept += 8;
            i += 8;
            continue;
        }
        if (text_is_han_lead(text[i]) && len - i >= TEXT_HAN_BYTES) {
            memmove(to + kept, text + i, TEXT_HAN_BYTES);
            kept += TEXT_HAN_BYTES;
            i += TEXT_HAN_BYTES;
            continue;
        }
        if (text[i] > ' ' && text[i] < 0x7F) {
            to[kept++] = text[i++];
            continue;
        }
        const uint8_t *u = (const uint8_t *)text + i;
        size_t left = len - i, blank = text_blank(text + i, left);

        if (blank > 0) {
            i += blank;
        } else if (left >= 3 && u[0] == 0xef && (u[1] == 0xbc || u[1] == 0xbd) &&
                   (u[1] == 0xbc ? u[2] >= 0x81 : u[2] <= 0x9e)) {
            to[kept++] = (char)(u[1] == 0xbc ? u[2] - 0x81 + '!' : u[2] - 0x80 + '`');
            i += 3;
        } else {
            to[kept++] = text[i++];
        }
    }
    return kept;
}

/* Names */

/* Return the Han character of the main blocks at `at`, or 0 when it is another. */
static uint32_t
text_han(const uint8_t *at, size_t left)
{
    uint32_t c;

    if (left < TEXT_HAN_BYTES || at[0] < 0xE3 || at[0] > 0xE9)
        return 0;
    c = (uint32_t)(at[0] & 0x0F) << 12 | (uint32_t)(at[1] & 0x3F) << 6 | (at[2] & 0x3F);
    return c >= VARIANT_FIRST ? c : 0;
}

/* Return whether U+00B7 stands at `at`. */
static bool
text_is_kept_dot(const uint8_t *at, size_t left)
{
    return left >= 2 && at[0] == 0xC2 && at[1] == TEXT_DOT;
}

static bool
text_is_han(UChar32 c)
{
    UErrorCode status = U_ZERO_ERROR;

    return uscript_getScript(c, &status) == USCRIPT_HAN && U_SUCCESS(status);
}

/* Return whether a name may lose `c`: spaces of every kind, and what shows nothing. */
static bool
text_is_blank(UChar32 c)
{
    return u_isUWhiteSpace(c) || u_charType(c) == U_FORMAT_CHAR ||
           u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

/* Return whether `c` is written for the dot between the parts of a name. */
static bool
text_is_dot(UChar32 c)
{
    static const UChar32 dots[] = {
        TEXT_DOT, /* middle dot, the one we keep */
        0x2022,   /* bullet */
        0x2024,   /* one dot leader */
        0x2027,   /* hyphenation point */
        0x2219,   /* bullet operator */
        0x22C5,   /* dot operator */
        0x25CF,   /* black circle */
        0x2E31,   /* word separator middle dot */
        0x30FB,   /* katakana middle dot */
        0x318D,   /* hangul araea */
        0xA78F,   /* sinological dot */
        0xFE52,   /* small full stop */
        0xFF0E,   /* full-width full stop */
        0xFF65,   /* half-width katakana middle dot */
    };

    for (size_t i = 0; i < sizeof(dots) / sizeof(dots[0]); i++)
        if (dots[i] == c)
            return true;
    return false;
}

/* A piece of UTF-16 for ICU; the owner frees `chars`. */
struct text_wide {
    UChar *chars;
    int32_t len;
};

static void
text_wide_done(struct text_wide *wide)
{
    free(wide->chars);
}
#define AUTO_WIDE __attribute__((cleanup(text_wide_done)))

static struct text_wide
text_widen(const char *text, size_t len)
{
    struct text_wide wide = {0};
    UErrorCode status = U_ZERO_ERROR;

    assert(len < INT32_MAX / 8);
    wide.chars = mem_grow(NULL, len + 1, sizeof(UChar));
    u_strFromUTF8WithSub(wide.chars, (int32_t)len + 1, &wide.len, text, (int32_t)len, 0xFFFD, NULL,
                         &status);
    assert(U_SUCCESS(status));
    return wide;
}

/* Compose to NFC in place. */
static void
text_compose(struct text_wide *wide)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    int32_t room = wide->len * 3 + 1; /* NFC grows no text to more than three times its length */
    UChar *composed = mem_grow(NULL, (size_t)room, sizeof(UChar));

    wide->len = unorm2_normalize(nfc, wide->chars, wide->len, composed, room, &status);
    assert(U_SUCCESS(status));
    free(wide->chars);
    wide->chars = composed;
}

static void
text_narrow_wide(const struct text_wide *wide, struct buf *out)
{
    size_t room = (size_t)wide->len * 3 + 1;
    UErrorCode status = U_ZERO_ERROR;
    int32_t len;

    u_strToUTF8WithSub((char *)buf_reserve(out, room), (int32_t)room, &len, wide->chars, wide->len,
                       0xFFFD, NULL, &status);
    assert(U_SUCCESS(status));
    out->len += (size_t)len;
}

/* Return the character at `*at` and step over it. */
static UChar32
text_wide_next(const struct text_wide *wide, int32_t *at)
{
    UChar32 lead = wide->chars[(*at)++];

    if ((lead & 0xFC00) != 0xD800 || *at == wide->len)
        return lead;
    return ((lead - 0xD800) << 10) + (wide->chars[(*at)++] - 0xDC00) + 0x10000;
}

static void
text_wide_add(struct text_wide *wide, UChar32 c)
{
    if (c > 0xFFFF)
        wide->chars[wide->len++] = U16_LEAD(c);
    wide->chars[wide->len++] = (UChar)(c > 0xFFFF ? U16_TRAIL(c) : c);
}

/* Works in place: what is kept never overtakes what is read. */
static void
text_drop_blanks(struct text_wide *wide)
{
    struct text_wide kept = {.chars = wide->chars};

    for (int32_t at = 0; at < wide->len;) {
        UChar32 c = text_wide_next(wide, &at);

        if (!text_is_blank(c))
            text_wide_add(&kept, c);
    }
    wide->len = kept.len;
}

/* Unify the dots; a plain full stop is one only between two Han characters. */
static void
text_unify_dots(struct text_wide *wide)
{
    bool after_han = false;

    for (int32_t at = 0, next = 0; at < wide->len; at = next) {
        UChar32 c = text_wide_next(wide, &next);
        int32_t ahead = next;
        bool between =
            c == '.' && after_han && next < wide->len && text_is_han(text_wide_next(wide, &ahead));

        if (between || text_is_dot(c))
            wide->chars[at] = TEXT_DOT;
        after_han = text_is_han(c);
    }
}

static void
text_normalise_any(const char *name, size_t len, struct buf *out)
{
    AUTO_WIDE struct text_wide wide = text_widen(name, len);

    text_drop_blanks(&wide);
    text_compose(&wide);
    text_unify_dots(&wide);
    text_narrow_wide(&wide, out);
}

void
text_normalise_name(const char *name, size_t len, struct buf *out)
{
    const uint8_t *bytes = (const uint8_t *)name;
    size_t at = 0;

    while (at < len) {
        if (text_han(bytes + at, len - at) != 0)
            at += TEXT_HAN_BYTES;
        else if (bytes[at] > ' ' && bytes[at] < 0x7F && bytes[at] != '.')
            at++;
        else if (text_is_kept_dot(bytes + at, len - at))
            at += 2;
        else {
            text_normalise_any(name, len, out);
            return;
        }
    }
    buf_add(out, name, len);
}

static uint32_t
text_fold_char(uint32_t c)
{
    size_t low = 0, high = variant_pair_count;

    if (c >= VARIANT_FIRST && c <= VARIANT_LAST)
        return variant_direct[c - VARIANT_FIRST];
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (variant_pairs[middle].from == c)
            return variant_pairs[middle].to;
        if (variant_pairs[middle].from < c)
            low = middle + 1;
        else
            high = middle;
    }
    return c;
}

/* Return what `c` becomes in a key, or 0 when keys leave it out. */
static UChar32
text_key_char(UChar32 c)
{
    if (c == TEXT_DOT || c == '.')
        return 0;
    if (c >= 0xFF01 && c <= 0xFF5E) /* full-width ASCII */
        c -= 0xFF01 - '!';
    return (UChar32)text_fold_char((uint32_t)u_toupper(c));
}

static void
text_fold_any(const char *name, size_t len, struct buf *out)
{
    AUTO_BUF struct buf normal = {0};

    text_normalise_any(name, len, &normal);
    AUTO_WIDE struct text_wide wide = text_widen(buf_str(&normal), normal.len);
    AUTO_WIDE struct text_wide key = {.chars =
                                          mem_grow(NULL, (size_t)wide.len * 2 + 1, sizeof(UChar))};

    for (int32_t at = 0; at < wide.len;) {
        UChar32 c = text_key_char(text_wide_next(&wide, &at));

        if (c != 0)
            text_wide_add(&key, c);
    }
    text_compose(&key);
    text_narrow_wide(&key, out);
}

/* Write the key of a name of Han, dots and ASCII; returns its end, or NULL for another name. */
static uint8_t *
text_fold_plain(const uint8_t *name, size_t len, uint8_t *key)
{
    size_t at = 0;

    while (at < len) {
        uint32_t c = text_han(name + at, len - at);

        if (c != 0) {
            c = variant_direct[c - VARIANT_FIRST];
            *key++ = (uint8_t)(0xE0 | c >> 12);
            *key++ = (uint8_t)(0x80 | (c >> 6 & 0x3F));
            *key++ = (uint8_t)(0x80 | (c & 0x3F));
            at += TEXT_HAN_BYTES;
        } else if (name[at] > ' ' && name[at] < 0x7F) {
            c = (uint32_t)text_key_char(name[at++]);
            if (c != 0)
                *key++ = (uint8_t)c;
        } else if (text_is_kept_dot(name + at, len - at)) {
            at += 2;
        } else {
            return NULL;
        }
    }
    return key;
}

void
text_fold_name(const char *name, size_t len, struct buf *out)
{
    uint8_t *end = text_fold_plain((const uint8_t *)name, len, buf_reserve(out, len));

    if (end == NULL)
        text_fold_any(name, len, out);
    else
        out->len = (size_t)(end - out->bytes);
}

/* Return the bytes of the character that begins at `at` in valid UTF-8. */
static size_t
text_step(const char *at)
{
    uint8_t lead = (uint8_t)*at;

    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

void
text_mask_name(const char *name, size_t len, struct buf *out)
{
    size_t at = 0, count = 0, last = 0;

    for (; at < len; at += text_step(name + at)) {
        last = at;
        count++;
    }
    assert(at == len);
    for (size_t i = 0; i < count; i++)
        if (i == 0 && count > 1)
            buf_add(out, name, text_step(name));
        else if (i == count - 1 && count > 2)
            buf_add(out, name + last, len - last);
        else
            buf_add_u8(out, '*');
}
