/*
 * xls — a workbook of Excel 5 to 2003 as a source of rows.
 *
 * libgsf takes the file apart and biff reads it, which holds a sheet whole: at most 65,536 rows,
 * and a file over XLS_BYTES_MAX is refused. Cells come as xlsx gives them, merged areas filled at
 * once. Both work in a program of their own for each reading (xls_rows.h says why); a child that fails,
 * breaks, hangs or is out of bounds makes a workbook that cannot be read.
 */
#ifndef XLS_H
#define XLS_H

#include "base/source.h"

#define XLS_BYTES_MAX (64 << 20)

/* Open a workbook; owns `fd`. Returns NULL with `refusal` set when it cannot be read. */
struct source *xls_new(int fd, struct refusal *refusal);

#endif
