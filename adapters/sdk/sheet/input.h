/*
 * input — an agency's file, whatever kind it is.
 *
 * The one place that knows which module reads which kind of file. A new kind
 * is a module that makes a source, and a line here.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>

#include "base/source.h"

/*
 * Open a file as what it is by its first bytes. Returns 0 with `*ret_source`,
 * or with NULL there and `refusal` set when it is a kind that cannot be read.
 * ERR_MISSING no such file, ERR_INPUT not a regular file, ERR_SYSTEM otherwise.
 */
NODISCARD int input_open(const char *path, struct source **ret_source, struct refusal *refusal,
                         struct err *err);

/* Whether the file is a spreadsheet, by its first bytes; false when it cannot be read. */
bool input_is_book(const char *path);

#endif
