/*
 * buf — a growing run of bytes.
 *
 * `{0}` is an empty buffer. The owner calls buf_done; the bytes move when the
 * buffer grows, so no pointer into it outlives an append.
 */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf {
    uint8_t *bytes;
    size_t len, size;
};

/* Free the bytes and leave an empty buffer. */
void buf_done(struct buf *buf);
#define AUTO_BUF __attribute__((cleanup(buf_done)))

/* Forget the content, keep the memory. */
void buf_clear(struct buf *buf);

/* Return room for `len` more bytes behind the content, which buf->len does not count yet. */
uint8_t *buf_reserve(struct buf *buf, size_t len);

/* Append bytes. */
void buf_add(struct buf *buf, const void *bytes, size_t len);

/* Append one byte, or a big-endian integer as PostgreSQL's binary formats want it. */
void buf_add_u8(struct buf *buf, uint8_t value);
void buf_add_be16(struct buf *buf, uint16_t value);
void buf_add_be32(struct buf *buf, uint32_t value);
void buf_add_be64(struct buf *buf, uint64_t value);

/* Append a C string without its end, or formatted text. */
void buf_add_str(struct buf *buf, const char *text);
void buf_add_fmt(struct buf *buf, const char *fmt, ...) PRINTF(2, 3);

/* Return the content as a C string; the buffer keeps it and a NUL stands behind it. */
const char *buf_str(struct buf *buf);

/* What a word in braces stands for. */
struct buf_word {
    const char *name, *value;
};

/* Append a text in which "{name}" stands for the value of each word; other braces stay. */
void buf_add_filled(struct buf *buf, const char *text, const struct buf_word *words, size_t count);
#define BUF_ADD_FILLED(buf, text, ...)                                                             \
    buf_add_filled(buf, text, (const struct buf_word[]){__VA_ARGS__},                              \
                   sizeof((const struct buf_word[]){__VA_ARGS__}) / sizeof(struct buf_word))

#endif
