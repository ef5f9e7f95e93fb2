#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A pipe takes this much in one piece, so lines of several threads or processes never mix. */
#define LOG_LINE_MAX 4096

static const char *log_program = "qianshao";
static enum log_level log_most = LOG_INFO;

void
log_init(const char *program, enum log_level most)
{
    log_program = program;
    log_most = most;
}

/* One event is one line, whatever a peer managed to put into a value. */
static void
log_write(char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = ' ';
    line[len] = '\n';

    int saved = errno;
    while (write(STDERR_FILENO, line, len + 1) < 0 && errno == EINTR)
        ;
    errno = saved;
}

void
log_event(enum log_level level, const char *event, const char *fmt, ...)
{
    char line[LOG_LINE_MAX];
    const size_t room = sizeof(line) - 1;
    size_t len;
    va_list args;

    if (level > log_most)
        return;
    len = (size_t)snprintf(line, room, "<%d>%s %s ", (int)level, log_program, event);
    if (len < room) {
        va_start(args, fmt);
        len += (size_t)vsnprintf(line + len, room - len, fmt, args);
        va_end(args);
    }
    if (len >= room)
        len = room - 1;
    if (line[len - 1] == ' ')
        len--;
    log_write(line, len);
}

/* Put `text` between quotes, with its own quotes and backslashes escaped. */
static void
log_quote(const char *text, char *ret_text, size_t room)
{
    size_t len = 0;

    ret_text[len++] = '"';
    for (; *text != '\0' && len + 3 < room; text++) {
        if (*text == '"' || *text == '\\')
            ret_text[len++] = '\\';
        ret_text[len++] = *text;
    }
    ret_text[len++] = '"';
    ret_text[len] = '\0';
}

void
log_err(enum log_level level, const char *event, const struct err *err)
{
    char reason[2 * sizeof(err->text) + 3], hint[2 * sizeof(err->hint) + 3];

    log_quote(err->text, reason, sizeof(reason));
    log_quote(err->hint, hint, sizeof(hint));
    if (err->hint[0] == '\0')
        log_event(level, event, "code=%s reason=%s", err_name(err->code), reason);
    else
        log_event(level, event, "code=%s reason=%s hint=%s", err_name(err->code), reason, hint);
}
