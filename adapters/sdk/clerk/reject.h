/*
 * reject — the report next to an agency's file with the rows that were refused.
 *
 * `<file>.rejects.csv`: UTF-8 with byte order mark, CRLF, mode 0600; the columns
 * 行号, 列名, 原因, 处理办法, then the row as it was under the file's own header,
 * then 填写说明. Long numbers are written as ="…" and cells that a spreadsheet would
 * run stand behind an apostrophe, so that opening it neither damages nor runs
 * anything. Of a spreadsheet, or when asked for, the same lies beside it as
 * `<file>.rejects.xlsx`, every cell a text. The clerk mends either and sends it as it is.
 *
 * The rows come from a second, streaming reading of the file: memory does not
 * grow with them. A report appears whole or not at all. One that somebody has
 * changed since is never replaced: the new one is then called `.rejects.2.csv`.
 */
#ifndef REJECT_H
#define REJECT_H

#include <stddef.h>

#include "base/err.h"
#include "record.h"
#include "sdk/prepare/sink.h"

#define REJECT_REPORTS_MAX 99 /* reports of one file that are kept side by side */

/*
 * Write the report; `rows` in the order of row_no. ERR_MISSING or ERR_INPUT when the file is gone
 * or has changed since, ERR_SYSTEM when writing fails; the report that was there before stays then.
 */
NODISCARD int reject_write(const struct sink_file *options, const struct sink_row *rows,
                           size_t count, struct sink_report *ret_report, struct err *err);

/* Remove the reports of a file; one that somebody has changed stays, in `kept`. ERR_SYSTEM. */
NODISCARD int reject_remove(const char *base, struct sink_report *ret_report, struct err *err);

/* Advice to the clerk about a row refused for this reason. */
const char *reject_advice(enum record_reason reason);

#endif
