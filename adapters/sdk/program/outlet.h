/*
 * outlet — prepare's sink as this program has it: submissions into the spool, refused rows into the
 * clerk's report.
 */
#ifndef OUTLET_H
#define OUTLET_H

#include "sdk/prepare/prepare.h"
#include "sdk/spool/spool.h"

/*
 * Run prepare_run on a file. `spool` NULL is a dry run, with its report. ERR_LIMIT when the spool
 * is full; the spool is as before after a failure and after a refusal.
 */
NODISCARD int outlet_run(const struct prepare_options *options, struct spool *spool,
                         struct prepare_result *ret_result, struct err *err);

/* Write or remove the report of refused rows. As reject_write and reject_remove. */
NODISCARD int outlet_report(const struct sink_file *file, const struct sink_row *rows, size_t count,
                            struct sink_report *ret_report, struct err *err);

#endif
