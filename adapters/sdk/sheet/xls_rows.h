/*
 * xls_rows — libgsf and biff at work, in a program of their own: xls-rows SHEET.
 *
 * A part of xls. The container is taken apart by a library that was not written for bytes from
 * anybody, so that never happens in the process that holds the keys, nor in a copy of its memory:
 * xls starts this program for each reading, and what comes back is taken for bytes from outside. It
 * maps the file and loads what it needs; from then on it may get memory and write, and open nothing.
 * Its processor time and memory are bounded, both by the size of the file. Where the kernel has no
 * seccomp, no .xls is read. SHEET counts the visible ones from 0; the workbook is XLS_ROWS_FILE.
 *
 * The stream on XLS_ROWS_OUT, numbers of 32 bits in the machine's own order: a head (XLS_ROWS_HEAD numbers, and the
 * sheet's name); then each row that shows something: XLS_ROWS_ROW numbers, where each cell ends,
 * and their bytes; then XLS_ROWS_END. A stream without that end is of a workbook that cannot be
 * read.
 */
#ifndef XLS_ROWS_H
#define XLS_ROWS_H

#include <stdint.h>

/* Descriptors that the program begins with, beside those that every one has. */
#define XLS_ROWS_FILE 3
#define XLS_ROWS_OUT 4

enum xls_rows_head {
    XLS_ROWS_SHEETS, /* visible ones */
    XLS_ROWS_1904,   /* 1: days count from 1904 */
    XLS_ROWS_STALE,  /* 1: the formulas ask to be worked out */
    XLS_ROWS_NAME,   /* bytes of the sheet's name */
    XLS_ROWS_HEAD
};

enum xls_rows_row {
    XLS_ROWS_NUMBER, /* of the row, from 1; or XLS_ROWS_END, alone */
    XLS_ROWS_HIDDEN, /* 1: it is */
    XLS_ROWS_CELLS,
    XLS_ROWS_ROW
};

#define XLS_ROWS_END UINT32_MAX

#endif
