/*
 * biff — a workbook of Excel 5 to 2003, as rows of text.
 *
 * Pure: the stream "Workbook" (or "Book") of the file lies in memory, and is the caller's. Cells
 * come as xlsx gives them: numbers as their cells show them at full width, dates as YYYY-MM-DD, yes
 * and no as 1 and 0, errors by their names, formulas as what they last gave. Formulas are not
 * worked out, and nothing of a workbook but cells, their formats, merged areas and what is hidden
 * is looked at ([MS-XLS]).
 *
 * Bounded: texts and cells by what the stream has of them, a row by SOURCE_LINE_MAX, and all rows
 * of a sheet, whose cells may share long texts, by BIFF_SPREAD_MAX and BIFF_SPREAD times the
 * stream.
 */
#ifndef BIFF_H
#define BIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

#define BIFF_SHEETS_MAX 256 /* visible ones; those behind are not seen */
#define BIFF_NAME_MAX 1024  /* bytes of a sheet's name: 255 characters */
#define BIFF_SPREAD 64
#define BIFF_SPREAD_MAX (16u << 20)

struct biff;

struct biff_row {
    uint32_t row_no; /* from 1 */
    uint32_t count;
    const uint32_t *ends; /* where each cell ends */
    const char *text;     /* of all cells, valid UTF-8 without NUL */
    bool hidden;
};

enum biff_read { BIFF_END, BIFF_ROW_READ, BIFF_BROKEN };

/* Read a workbook's head. NULL when it is damaged, has a password or no visible sheet of cells. */
struct biff *biff_open(const void *bytes, size_t len);
void biff_close(struct biff *biff);
AUTO_DEFINE(struct biff, biff_close)

/* The visible sheets of cells, in their order. */
size_t biff_sheets(const struct biff *biff);
const char *biff_name(const struct biff *biff, size_t sheet);

/* Whether days count from 1904. */
bool biff_from_1904(const struct biff *biff);

/* Read a visible sheet, in place of the one before; false when it is damaged. */
NODISCARD bool biff_choose(struct biff *biff, size_t sheet);

/* Whether the chosen sheet's formulas ask to be worked out when the file is opened. */
bool biff_is_stale(const struct biff *biff);

/* Give the chosen sheet's next row that has something to show; it lives until the next call. */
enum biff_read biff_next(struct biff *biff, struct biff_row *ret_row);

#endif
