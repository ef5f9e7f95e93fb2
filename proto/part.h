/*
 * part — protobuf's wire format, read and written by hand.
 *
 * A message is cut into parts, one a field. Everything here is pure, inline
 * for the sake of rows, and safe on any bytes.
 */
#ifndef PART_H
#define PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { PART_VARINT = 0, PART_64 = 1, PART_BYTES = 2, PART_32 = 5 };

#define PART_TAG(number, wire) ((uint32_t)(number) << 3 | (wire))
#define PART_VARINT_MAX 10 /* bytes */

/* One field of a message: its number, wire type and value. */
struct part {
    uint32_t number, wire;
    uint64_t value;       /* PART_VARINT */
    const uint8_t *bytes; /* PART_BYTES */
    size_t len;
};

struct ProtobufCMessageDescriptor;

/*
 * Return whether every text of an encoded message, and of the messages within,
 * is valid UTF-8 without NUL: what protobuf-c does not check.
 */
bool part_texts_valid(const struct ProtobufCMessageDescriptor *message, const uint8_t *bytes,
                      size_t len);

static inline size_t
part_varint_size(uint64_t value)
{
    return (size_t)(64 - __builtin_clzll(value | 1) + 6) / 7;
}

static inline uint8_t *
part_varint_put(uint8_t *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

/* Return the place behind the varint, or NULL when it does not end in time or is over 64 bits. */
static inline const uint8_t *
part_varint_get(const uint8_t *at, const uint8_t *end, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (at < end && *at < 0x80) {
        *ret_value = *at;
        return at + 1;
    }
    for (unsigned shift = 0; at < end && shift < 7 * PART_VARINT_MAX; shift += 7) {
        uint8_t byte = *at++;

        if (shift == 63 && byte > 1)
            return NULL;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_value = value;
            return at;
        }
    }
    return NULL;
}

static inline uint64_t
part_zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static inline int64_t
part_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static inline size_t
part_text_size(uint32_t number, size_t len)
{
    return part_varint_size(PART_TAG(number, 0)) + part_varint_size(len) + len;
}

static inline uint8_t *
part_text_put(uint8_t *at, uint32_t number, const char *bytes, size_t len)
{
    at = part_varint_put(at, PART_TAG(number, PART_BYTES));
    at = part_varint_put(at, len);
    memcpy(at, bytes, len);
    return at + len;
}

/* Return the place behind the next part, or NULL when there is no valid one. */
static inline const uint8_t *
part_get(const uint8_t *at, const uint8_t *end, struct part *ret_part)
{
    uint64_t tag, len;

    at = part_varint_get(at, end, &tag);
    if (at == NULL || tag > UINT32_MAX || tag >> 3 == 0)
        return NULL;
    *ret_part = (struct part){.number = (uint32_t)tag >> 3, .wire = (uint32_t)tag & 7};
    switch (ret_part->wire) {
    case PART_VARINT:
        return part_varint_get(at, end, &ret_part->value);
    case PART_BYTES:
        at = part_varint_get(at, end, &len);
        if (at == NULL || len > (size_t)(end - at))
            return NULL;
        ret_part->bytes = at;
        ret_part->len = (size_t)len;
        return at + len;
    case PART_64:
        return end - at >= 8 ? at + 8 : NULL;
    case PART_32:
        return end - at >= 4 ? at + 4 : NULL;
    default: /* groups, which our messages never had */
        return NULL;
    }
}

/* Length of the UTF-8 character of more than one byte at `at`, or 0 when it is none. */
static inline size_t
part_utf8_step(const uint8_t *at, size_t left)
{
    if (left >= 3 && at[0] >= 0xE0 && at[0] < 0xF0) {
        if ((at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80)
            return 0;
        if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] >= 0xA0))
            return 0; /* over-long, or half of a UTF-16 pair */
        return 3;
    }
    if (left >= 2 && at[0] >= 0xC2 && at[0] < 0xE0)
        return (at[1] & 0xC0) == 0x80 ? 2 : 0;
    if (left >= 4 && at[0] >= 0xF0 && at[0] < 0xF5) {
        if ((at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80 || (at[3] & 0xC0) != 0x80)
            return 0;
        if ((at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] >= 0x90))
            return 0; /* over-long, or above U+10FFFF */
        return 4;
    }
    return 0;
}

/* Return whether a text is valid UTF-8 without NUL: text_utf8_length, inline for every row's texts. */
static inline bool
part_utf8_valid(const uint8_t *at, size_t len)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;

    while (len > 0) {
        uint64_t word;
        size_t step;

        if (len >= sizeof(word)) {
            memcpy(&word, at, sizeof(word));
            if ((((word - ones) | word) & high) == 0) {
                at += sizeof(word);
                len -= sizeof(word);
                continue;
            }
        }
        step = *at < 0x80 ? (size_t)(*at != 0) : part_utf8_step(at, len);
        if (step == 0)
            return false;
        at += step;
        len -= step;
    }
    return true;
}

/* Length to which a text is cut, between characters, to have at most `max` bytes. */
static inline size_t
part_cut(const char *text, size_t len, size_t max)
{
    if (len <= max)
        return len;
    len = max;
    while (len > 0 && ((uint8_t)text[len] & 0xC0) == 0x80)
        len--;
    return len;
}

#endif
