/*
 * text — CSV rows into a buffer, and the buffer into a file.
 *
 * Every field ends with a comma, and text_end turns the last comma into a
 * newline. No field here needs quotes: the caller never writes a comma, a quote
 * or a newline. A text without a file (text_scratch) only collects. A file that
 * cannot be written ends the program with a message: half a county is of no use.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "date.h"

#define TEXT_BUFFER (1U << 20)
/* No row is longer than this. */
#define TEXT_ROW_MAX 4096U

struct text {
    char *buffer;
    size_t length;
    size_t rows;
    int file; /* -1: scratch */
    char path[1024];
};

/* Create the file `path`, replacing an older one; text_close ends it. */
void text_open(struct text *text, const char *path);

/* Begin a text without a file; text_close frees it. */
void text_scratch(struct text *text);

/* Write what is left, close the file, free the buffer. */
void text_close(struct text *text);

/* Append as it is. */
static inline void
text_raw(struct text *text, const char *bytes, size_t length)
{
    memcpy(text->buffer + text->length, bytes, length);
    text->length += length;
}

static inline void
text_char(struct text *text, char c)
{
    text->buffer[text->length++] = c;
}

static inline void
text_append(struct text *text, const char *string)
{
    text_raw(text, string, strlen(string));
}

/* Append one field. */
static inline void
text_field(struct text *text, const char *string)
{
    text_append(text, string);
    text_char(text, ',');
}

static inline void
text_blank(struct text *text)
{
    text_char(text, ',');
}

static inline void
text_bool(struct text *text, bool value)
{
    text_field(text, value ? "是" : "否");
}

/* Append an integer, without a comma; `width` pads with zeros. */
void text_digits(struct text *text, uint64_t value, unsigned width);

/* Append one field. */
void text_int(struct text *text, int64_t value);

/* Append fen as yuan with two decimals. */
void text_money(struct text *text, int64_t fen);

/* Append tenths with one decimal. */
void text_tenths(struct text *text, int64_t tenths);

/* Append a day, or an empty field for DATE_NONE. */
static inline void
text_date(struct text *text, int32_t day)
{
    if (day != DATE_NONE)
        text_raw(text, date_text(day), DATE_LENGTH);
    text_char(text, ',');
}

/* Append the month of a day, such as 2026-01. */
static inline void
text_month(struct text *text, int32_t day)
{
    text_raw(text, date_text(day), 7);
    text_char(text, ',');
}

/* End the row, and write the buffer when it is nearly full. */
void text_end(struct text *text);

#endif
