/*
 * secret — a key file of one line, and the one rule of who may read it.
 *
 * The rule, for every program: the owner may do anything, the group may read at most (as of a
 * systemd credential), others nothing. 0400, 0600, 0440 and 0640 are allowed. A public key's file
 * is read the same way, whatever its mode.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stddef.h>

#include "base/err.h"

#define SECRET_MAX 256

/*
 * Read the line into `ret_secret` (SECRET_MAX bytes, with the NUL), blanks at
 * its end dropped. ERR_MISSING when there is no such file; ERR_CONFIG when its mode breaks the rule,
 * or when it is no regular file, empty, too long or of several lines. Errors name the file and
 * never quote it.
 */
NODISCARD int secret_read(const char *path, char ret_secret[SECRET_MAX], struct err *err);

/* The same of a file that everybody may read, such as a public key's. */
NODISCARD int secret_read_public(const char *path, char ret_text[SECRET_MAX], struct err *err);

#endif
