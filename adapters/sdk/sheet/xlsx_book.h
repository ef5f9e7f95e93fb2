/*
 * xlsx_book — the parts of a workbook besides the cells of its sheets: names, shared texts,
 * formats.
 *
 * A part of xlsx. The shared strings are kept, the formats only as far as they
 * tell dates from numbers; both are bounded by the constants below.
 */
#ifndef XLSX_BOOK_H
#define XLSX_BOOK_H

#include <stdint.h>

#include "base/buf.h"
#include "sdk/sheet/excel.h"
#include "base/source.h"
#include "sdk/sheet/xlsx_part.h"

#define XLSX_SHEETS_MAX 256
#define XLSX_FORMATS_MAX 65536
#define XLSX_NAME_MAX 256
#define XLSX_STRINGS_MAX (16 << 20)       /* texts */
#define XLSX_STRING_BYTES_MAX (128 << 20) /* of all of them */

struct xlsx_book {
    struct xlsx_archive *archive;
    char **sheets; /* the parts of the visible sheets, in their order */
    char **names;  /* of these */
    size_t sheet_count;
    struct buf strings;
    uint32_t *string_ends; /* where the n-th text ends */
    size_t string_count, string_size;
    uint8_t *formats; /* enum excel_format of each cell style */
    size_t format_count;
    bool from_1904;
    bool calculates; /* it asks to be calculated when it is opened */
};

/* Read a workbook's head; owns `fd`. Returns NULL with `refusal` set when it cannot be read. */
struct xlsx_book *xlsx_book_open(int fd, struct refusal *refusal);
void xlsx_book_close(struct xlsx_book *book);
AUTO_DEFINE(struct xlsx_book, xlsx_book_close)

/* Return a shared text, empty when there is none of this number. */
struct source_cell xlsx_book_string(const struct xlsx_book *book, unsigned long index);

/* Return what a cell's style makes of its number. */
unsigned xlsx_book_format(const struct xlsx_book *book, unsigned long style);

#endif
