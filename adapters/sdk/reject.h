/*
 * reject — the report next to an agency's file with the rows that were refused.
 *
 * `<file>.rejects.csv`: UTF-8 with byte order mark, CRLF, mode 0600; the columns
 * 行号, 列名, 原因, 处理办法, then the row as it was under the file's own header.
 * Long numbers are written as ="…" and cells that a spreadsheet would run stand
 * behind an apostrophe, so that opening it neither damages nor runs anything.
 * The clerk mends it and sends it as it is with --kind correction.
 *
 * The rows come from a second, streaming reading of the file: memory does not
 * grow with them. The report appears whole or not at all.
 */
#ifndef REJECT_H
#define REJECT_H

#include <stddef.h>

#include "base/err.h"
#include "record.h"
#include "sdk/mapping.h"

/* A refused row. */
struct reject_row {
    uint32_t row_no;
    uint8_t reason; /* enum record_reason */
    int8_t field;   /* index, or -1 */
};

/*
 * Write the report of the file at `path`; `rows` in the order of row_no. A
 * report that is there already is replaced. ERR_MISSING or ERR_INPUT when the
 * file is gone or is no longer what it was, ERR_SYSTEM when writing fails; what
 * was there before stays then.
 */
NODISCARD int reject_write(const char *path, const struct record_type *type,
                           const struct mapping *mapping, const struct reject_row *rows,
                           size_t count, struct err *err);

/* Remove the report of the file at `path`, if there is one. ERR_SYSTEM. */
NODISCARD int reject_remove(const char *path, struct err *err);

/* What the clerk is to do about a row of this reason. */
const char *reject_advice(enum record_reason reason);

#endif
