/*
 * xlsx — an Excel workbook as a source of rows.
 *
 * Sheets are streamed, only the shared texts are kept. Numbers come as their
 * cells show them at full width, numbers that a date format shows come as
 * YYYY-MM-DD or YYYY-MM, yes and no as 1 and 0, formulas as what they last gave.
 * Hidden sheets are passed over. Row numbers are the spreadsheet's own.
 */
#ifndef XLSX_H
#define XLSX_H

#include "base/source.h"

/* Open a workbook; owns `fd`. Returns NULL with `refusal` set when it cannot be read. */
struct source *xlsx_new(int fd, struct refusal *refusal);

#endif
