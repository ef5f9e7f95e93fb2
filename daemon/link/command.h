/*
 * command — `qianshao link`: the linkage on files, without a database.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdio.h>

#include "base/err.h"

/* What the command takes, for --help. */
void command_usage(FILE *out);

/*
 * Run `qianshao link` with its arguments; `argv[0]` is "link". ERR_INPUT: the arguments or the file
 * cannot be used; ERR_SYSTEM: a file cannot be read or written.
 */
NODISCARD int command_link(int argc, char **argv, struct err *err);

#endif
