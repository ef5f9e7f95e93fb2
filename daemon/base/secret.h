/*
 * secret — a secret of one line in a file that others cannot read.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stddef.h>

#include "base/err.h"

#define SECRET_MAX 256

/*
 * Read the line into `ret_secret` (SECRET_MAX bytes, with the NUL), blanks at
 * its end dropped. ERR_MISSING when there is no such file; ERR_CONFIG when others
 * than its owner and group may read it or the group may write it, or when it is
 * empty, too long or of several lines. Errors never quote it.
 */
NODISCARD int secret_read(const char *path, char ret_secret[SECRET_MAX], struct err *err);

#endif
