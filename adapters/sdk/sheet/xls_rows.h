/*
 * xls_rows — libfreexl at work, in a process of its own.
 *
 * A part of xls. libfreexl reads a damaged workbook beyond its own memory, so it never does so in
 * the process that holds the keys: xls forks for each reading, and what comes back is taken for bytes
 * from outside. The child keeps two descriptors and may only read files, get memory and write;
 * its processor time and memory are bounded. Where the kernel has no seccomp, no .xls is read.
 *
 * The stream, numbers in the machine's own order: the number of sheets; then each row of the sheet:
 * its number of cells, where each cell ends, and their bytes; then XLS_ROWS_END. A stream
 * without that end is of a workbook that cannot be read.
 */
#ifndef XLS_ROWS_H
#define XLS_ROWS_H

#include <stdint.h>

#define XLS_ROWS_END UINT32_MAX

/* Write the rows of a sheet (from 0) of the workbook `file` to `out`, and end the process. */
_Noreturn void xls_rows_run(int file, int out, unsigned sheet);

#endif
