/*
 * log — one line to stderr per event, for the journal.
 *
 * Format: "<priority>program event key=value key=value". Only event handlers
 * log; modules below return errors. Never a name, an id number or the content
 * of a row: not in a key, a value or a hint.
 */
#ifndef LOG_H
#define LOG_H

#include "base/err.h"

enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_NOTICE = 5, LOG_INFO = 6, LOG_DEBUG = 7 };

/* Set the program's name (borrowed for the life of the process) and the least urgent level. */
void log_init(const char *program, enum log_level most);

/* Write one event; `fmt` gives its "key=value" pairs and may be "". Values with blanks are quoted
   by the caller. Thread-safe: a line is written whole. */
void log_event(enum log_level level, const char *event, const char *fmt, ...) PRINTF(3, 4);

/* Write one event for a failure: code=, reason="…" and, when there is one, hint="…". */
void log_err(enum log_level level, const char *event, const struct err *err);

#endif
