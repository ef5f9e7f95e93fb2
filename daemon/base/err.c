#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Drop what is left of a UTF-8 character when vsnprintf cut it at the end of the room. */
static void
err_trim(char *text, size_t size)
{
    size_t len = strlen(text), start = len;

    if (len + 1 < size)
        return;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0 || ((unsigned char)text[start - 1] & 0x80) == 0)
        return;
    start--;

    unsigned char lead = (unsigned char)text[start];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (len - start < need)
        text[start] = '\0';
}

/* One line, whatever was put in: a key of a YAML file may hold a line break. */
static void
err_tidy(char *text, size_t size)
{
    err_trim(text, size);
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

int
err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list args;

    assert(err != NULL && code != ERR_NONE);
    err->code = code;
    err->hint[0] = '\0';
    va_start(args, fmt);
    (void)vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);
    err_tidy(err->text, sizeof(err->text));
    return -1;
}

int
err_wrap(struct err *err, const char *fmt, ...)
{
    struct err inner = *err;
    va_list args;
    size_t len;

    assert(err->code != ERR_NONE);
    va_start(args, fmt);
    (void)vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);
    len = strlen(err->text);
    (void)snprintf(err->text + len, sizeof(err->text) - len, ": %s", inner.text);
    err_tidy(err->text, sizeof(err->text));
    return -1;
}

int
err_hint(struct err *err, const char *fmt, ...)
{
    va_list args;

    assert(err->code != ERR_NONE);
    va_start(args, fmt);
    (void)vsnprintf(err->hint, sizeof(err->hint), fmt, args);
    va_end(args);
    err_tidy(err->hint, sizeof(err->hint));
    return -1;
}

const char *
err_name(enum err_code code)
{
    switch (code) {
    case ERR_NONE:
        return "NONE";
#define X(code, number, retry, meaning)                                                            \
    case ERR_##code:                                                                               \
        return #code;
#include "base/err.def"
#undef X
    }
    return "UNKNOWN";
}

bool
err_retryable(enum err_code code)
{
    switch (code) {
    case ERR_NONE:
        return false;
#define X(code, number, retry, meaning)                                                            \
    case ERR_##code:                                                                               \
        return retry;
#include "base/err.def"
#undef X
    }
    return false;
}
