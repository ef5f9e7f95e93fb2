/*
 * stream — an old workbook's records, put together by hand.
 */
#ifndef STREAM_H
#define STREAM_H

#include <string.h>

#include "base/buf.h"

/* Bytes of a string literal and how many they are, NUL bytes within included. */
#define STREAM(bytes) (bytes), sizeof(bytes) - 1

static inline void
stream_u16(struct buf *out, unsigned value)
{
    buf_add_u8(out, (uint8_t)value);
    buf_add_u8(out, (uint8_t)(value >> 8));
}

static inline void
stream_record(struct buf *out, unsigned type, const void *bytes, size_t len)
{
    stream_u16(out, type);
    stream_u16(out, (unsigned)len);
    buf_add(out, bytes, len);
}

/* A cell: where it is, its style, and what follows. */
static inline void
stream_cell(struct buf *out, unsigned type, unsigned row, unsigned column, unsigned style,
            const void *bytes, size_t len)
{
    stream_u16(out, type);
    stream_u16(out, (unsigned)len + 6);
    stream_u16(out, row);
    stream_u16(out, column);
    stream_u16(out, style);
    buf_add(out, bytes, len);
}

static inline void
stream_number(struct buf *out, unsigned row, unsigned column, unsigned style, double value)
{
    stream_cell(out, 0x0203, row, column, style, &value, sizeof(value));
}

/* A formula with these eight bytes as its result. */
static inline void
stream_formula(struct buf *out, unsigned row, unsigned column, const char result[8], unsigned flags)
{
    char bytes[16] = {0};

    memcpy(bytes, result, 8);
    bytes[8] = (char)flags;
    stream_cell(out, 0x0006, row, column, 0, bytes, sizeof(bytes));
}

#define STREAM_BEGIN_5 STREAM("\x00\x05\x05\x00\0\0\0\0")
#define STREAM_BEGIN_8 STREAM("\x00\x06\x05\x00\0\0\0\0")
#define STREAM_SHEET STREAM("\x00\x06\x10\x00\0\0\0\0")

#endif
