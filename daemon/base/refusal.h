/*
 * refusal — why a whole file cannot be used.
 *
 * A refusal is an ordinary outcome, not a failure of the program: it says a
 * stable code word, a Chinese sentence that tells the clerk what to do, and
 * the same in English. It never holds a row's content, only row numbers and
 * column names of the template. The code words are listed in refusal.c.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "base/err.h"

struct refusal {
    const char *code; /* "column_missing"; NULL while nothing is refused */
    char zh[512];     /* what the clerk reads */
    char en[512];
};

/*
 * Record why the file is refused; both formats take the same arguments. The
 * first refusal of a file stays, later ones are ignored. `code` is static.
 */
void refusal_set(struct refusal *refusal, const char *code, const char *zh, const char *en, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/* Return whether this is a code word that refusal.c lists. */
bool refusal_known(const char *code);

#endif
