/*
 * err — why a call failed.
 *
 * A function that can fail returns 0 or -1. When the reason is worth telling
 * somebody, its last parameter is a `struct err`, owned by the caller and
 * written only on failure. A text never holds a name, a number of a person or
 * a row's content.
 */
#ifndef ERR_H
#define ERR_H

#include <stdbool.h>

enum err_code {
    ERR_NONE = 0,
#define X(code, number, retry, meaning) ERR_##code = (number),
#include "base/err.def"
#undef X
};

struct err {
    enum err_code code;
    char text[256]; /* lower case, no final full stop; one line, cut if too long */
    char hint[160]; /* what to do about it; empty when there is nothing to say */
};

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/* Record a failure and clear the hint. Always returns -1, so callers can `return err_set(...)`. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF(3, 4);

/* Put "context: " before the recorded reason. Always returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) PRINTF(2, 3);

/* Say what to do about the recorded failure. Always returns -1. */
int err_hint(struct err *err, const char *fmt, ...) PRINTF(2, 3);

/* Return the code's name as written in err.def, such as "CONFIG". */
const char *err_name(enum err_code code);

/* Return whether the peer may try the same call again. */
bool err_retryable(enum err_code code);

#endif
