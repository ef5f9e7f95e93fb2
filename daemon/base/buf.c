#include "base/buf.h"

#include <assert.h>
#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BUF_FIRST 64

void
buf_done(struct buf *buf)
{
    free(buf->bytes);
    *buf = (struct buf){0};
}

void
buf_clear(struct buf *buf)
{
    buf->len = 0;
}

uint8_t *
buf_reserve(struct buf *buf, size_t len)
{
    size_t size = buf->size == 0 ? BUF_FIRST : buf->size;

    if (len <= buf->size - buf->len && buf->bytes != NULL)
        return buf->bytes + buf->len;
    assert(len <= SIZE_MAX / 4 && buf->len <= SIZE_MAX / 4);
    while (size - buf->len < len)
        size *= 2;
    buf->bytes = mem_grow(buf->bytes, size, 1);
    buf->size = size;
    return buf->bytes + buf->len;
}

void
buf_add(struct buf *buf, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    memcpy(buf_reserve(buf, len), bytes, len);
    buf->len += len;
}

void
buf_add_u8(struct buf *buf, uint8_t value)
{
    *buf_reserve(buf, 1) = value;
    buf->len++;
}

void
buf_add_be16(struct buf *buf, uint16_t value)
{
    uint16_t be = htobe16(value);

    buf_add(buf, &be, sizeof(be));
}

void
buf_add_be32(struct buf *buf, uint32_t value)
{
    uint32_t be = htobe32(value);

    buf_add(buf, &be, sizeof(be));
}

void
buf_add_be64(struct buf *buf, uint64_t value)
{
    uint64_t be = htobe64(value);

    buf_add(buf, &be, sizeof(be));
}

void
buf_add_str(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void
buf_add_fmt(struct buf *buf, const char *fmt, ...)
{
    size_t room = 128;

    for (;;) {
        char *at = (char *)buf_reserve(buf, room);
        va_list args;

        va_start(args, fmt);
        int len = vsnprintf(at, room, fmt, args);
        va_end(args);
        assert(len >= 0);
        if ((size_t)len < room) {
            buf->len += (size_t)len;
            return;
        }
        room = (size_t)len + 1;
    }
}

const char *
buf_str(struct buf *buf)
{
    *buf_reserve(buf, 1) = '\0';
    return (const char *)buf->bytes;
}

/* The word that stands in braces here, or NULL. */
static const struct buf_word *
buf_find_word(const char *brace, const struct buf_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(words[i].name);

        if (strncmp(brace + 1, words[i].name, len) == 0 && brace[1 + len] == '}')
            return &words[i];
    }
    return NULL;
}

void
buf_add_filled(struct buf *buf, const char *text, const struct buf_word *words, size_t count)
{
    const char *brace;

    for (const char *from = text; (brace = strchr(from, '{')) != NULL;) {
        const struct buf_word *word = buf_find_word(brace, words, count);

        from = brace + 1;
        if (word == NULL)
            continue;
        buf_add(buf, text, (size_t)(brace - text));
        buf_add_str(buf, word->value);
        text = from = brace + strlen(word->name) + 2;
    }
    buf_add_str(buf, text);
}
