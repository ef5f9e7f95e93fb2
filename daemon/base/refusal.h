/*
 * refusal — why a whole file cannot be used.
 *
 * A refusal is an ordinary outcome, not a failure of the program: it says a
 * stable code word, a Chinese sentence that tells the clerk what to do, and
 * the same in English. It never holds a row's content, only row numbers and
 * column names of the template. The codes and their words stand in refusal.def.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "base/err.h"

enum refusal_code {
    REFUSAL_NONE = 0, /* nothing is refused */
#define X(code, word, meaning) REFUSAL_##code,
#include "base/refusal.def"
#undef X
};

struct refusal {
    enum refusal_code code;
    char zh[512]; /* what the clerk reads */
    char en[512];
};

/*
 * Record why the file is refused; both formats take the same arguments. The
 * first refusal of a file stays, later ones are ignored.
 */
void refusal_set(struct refusal *refusal, enum refusal_code code, const char *zh, const char *en,
                 ...) __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/* The word of a code, "column_missing", for receipts and scripts; NULL for REFUSAL_NONE. */
const char *refusal_word(enum refusal_code code);

#endif
