#include "base/refusal.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const refusal_words[] = {
#define X(code, word, meaning) [REFUSAL_##code] = (word),
#include "base/refusal.def"
#undef X
};

const char *
refusal_word(enum refusal_code code)
{
    return refusal_words[code];
}

/* A cut text must still be UTF-8: it goes into JSON. */
static void
refusal_trim(char *text)
{
    size_t len = strlen(text), start = len;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xc0) {
        unsigned char lead = (unsigned char)text[start - 1];
        size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

        if (len - (start - 1) < want)
            text[start - 1] = '\0';
    }
}

void
refusal_set(struct refusal *refusal, enum refusal_code code, const char *zh, const char *en, ...)
{
    va_list args;

    assert(code != REFUSAL_NONE);
    if (refusal->code != REFUSAL_NONE)
        return;
    refusal->code = code;
    va_start(args, en);
    (void)vsnprintf(refusal->zh, sizeof(refusal->zh), zh, args);
    va_end(args);
    va_start(args, en);
    (void)vsnprintf(refusal->en, sizeof(refusal->en), en, args);
    va_end(args);
    refusal_trim(refusal->zh);
    refusal_trim(refusal->en);
}
