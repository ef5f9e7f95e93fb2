/*
 * book — a workbook written for a clerk: the template and the reject report.
 *
 * Every cell is text, or empty with a format, so that a spreadsheet neither damages nor runs it.
 * Rows are written in order and streamed when the book is made `streaming`; then only the cells of
 * the present row are in memory. The file appears whole or not at all, with mode 0600. It knows no
 * record types. One thread.
 */
#ifndef BOOK_H
#define BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

#define BOOK_ROWS_MAX 1048576 /* of a sheet, its header included */

enum book_style {
    BOOK_TEXT,     /* as written, long numbers too */
    BOOK_HEAD,     /* a header */
    BOOK_REQUIRED, /* the header of a column that must be filled */
    BOOK_EXAMPLE,  /* grey and slanted */
    BOOK_ADVICE,   /* what the program says to the clerk */
    BOOK_WRONG,    /* a cell to mend */
    BOOK_MONEY,    /* an empty column for sums */
    BOOK_WHOLE     /* for whole numbers */
};

struct book;

/* Begin a book that will lie at `path`; what lies there is replaced at the end. ERR_SYSTEM. */
NODISCARD int book_new(const char *path, bool streaming, struct book **ret_book, struct err *err);

/* Drop a book that was not saved. */
void book_free(struct book *book);
AUTO_DEFINE(struct book, book_free)

/* Begin a sheet, with its first `frozen` rows always in sight. */
void book_sheet(struct book *book, const char *name, uint32_t frozen);

/* Set how wide a column is, in characters, and what its empty cells are for. */
void book_column(struct book *book, uint16_t column, int width, enum book_style style);

/* Write a cell of UTF-8 text. */
void book_text(struct book *book, uint32_t row, uint16_t column, const char *text, size_t len,
               enum book_style style);

/* Attach a note to a cell; not in a streaming book. */
void book_note(struct book *book, uint32_t row, uint16_t column, const char *text);

/*
 * Let a column, from `row` on, be chosen from a list that ends with NULL; `only`: nothing else may be
 * typed. A long list stands in a hidden sheet. Not in a streaming book.
 */
void book_choices(struct book *book, uint32_t row, uint16_t column, const char *const *choices,
                  bool only);

/* Write the file and put it in its place; frees the book in any case. ERR_SYSTEM. */
NODISCARD int book_save(struct book *book, struct err *err);

#endif
