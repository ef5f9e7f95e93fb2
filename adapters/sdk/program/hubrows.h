/*
 * hubrows — rows that only the hub refused, put into the reject report.
 *
 * The adapter checks every row first, so there are few: what PostgreSQL could
 * not store. The report next to the file was written before the hub answered;
 * it is written again with both kinds of rows, so that the clerk has one list to mend.
 */
#ifndef HUBROWS_H
#define HUBROWS_H

#include "base/err.h"
#include "sdk/program/outlet.h"
#include "sdk/spool/receipt.h"
#include "sdk/program/settings.h"
#include "sdk/spool/subfile.h"

/*
 * Write the report of `options->path` anew when the receipt names rows that the hub refused;
 * otherwise do nothing. The file is read again. Fails as outlet_run and reject_write do.
 */
NODISCARD int hubrows_report(const struct prepare_options *options, const struct receipt *receipt,
                             struct err *err);

/* What outlet_run was told about a submission whose file now lies at `path`; all borrowed. */
struct prepare_options hubrows_options(const struct subfile_head *head,
                                       const struct settings *settings, const char *path);

#endif
