#include "text.h"

#include <assert.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void
text_scratch(struct text *text)
{
    text->buffer = malloc(TEXT_BUFFER);
    if (text->buffer == NULL)
        abort();
    text->length = 0;
    text->rows = 0;
    text->file = -1;
    text->path[0] = '\0';
}

void
text_open(struct text *text, const char *path)
{
    text_scratch(text);
    if ((size_t)snprintf(text->path, sizeof(text->path), "%s", path) >= sizeof(text->path))
        errx(EXIT_FAILURE, "path too long: %s", path);
    text->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (text->file < 0)
        err(EXIT_FAILURE, "cannot create %s", path);
}

static void
flush(struct text *text)
{
    size_t done = 0;

    while (done < text->length) {
        ssize_t n = write(text->file, text->buffer + done, text->length - done);

        if (n < 0)
            err(EXIT_FAILURE, "cannot write %s", text->path);
        done += (size_t)n;
    }
    text->length = 0;
}

void
text_close(struct text *text)
{
    if (text->file >= 0) {
        flush(text);
        if (close(text->file) != 0)
            err(EXIT_FAILURE, "cannot write %s", text->path);
    }
    free(text->buffer);
    text->buffer = NULL;
}

void
text_digits(struct text *text, uint64_t value, unsigned width)
{
    char digits[20];
    unsigned at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (sizeof(digits) - at < width)
        digits[--at] = '0';
    text_raw(text, digits + at, sizeof(digits) - at);
}

static uint64_t
magnitude(struct text *text, int64_t value)
{
    if (value >= 0)
        return (uint64_t)value;
    text_char(text, '-');
    return (uint64_t)-value;
}

void
text_int(struct text *text, int64_t value)
{
    text_digits(text, magnitude(text, value), 1);
    text_char(text, ',');
}

void
text_money(struct text *text, int64_t fen)
{
    uint64_t size = magnitude(text, fen);

    text_digits(text, size / 100, 1);
    text_char(text, '.');
    text_digits(text, size % 100, 2);
    text_char(text, ',');
}

void
text_tenths(struct text *text, int64_t tenths)
{
    uint64_t size = magnitude(text, tenths);

    text_digits(text, size / 10, 1);
    text_char(text, '.');
    text_digits(text, size % 10, 1);
    text_char(text, ',');
}

void
text_end(struct text *text)
{
    assert(text->length > 0 && text->buffer[text->length - 1] == ',');
    text->buffer[text->length - 1] = '\n';
    text->rows++;
    if (text->file >= 0 && text->length > TEXT_BUFFER - TEXT_ROW_MAX)
        flush(text);
}
