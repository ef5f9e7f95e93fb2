/*
 * source — rows of cells, whatever kind of file they come from.
 *
 * Each kind of file is a module that fills in a `struct source`: reader is the
 * one for CSV. Cells are valid UTF-8 without NUL, as they stand in the file;
 * what they mean is not decided here. A row and its cells live until the next
 * call. One thread at a time.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/refusal.h"

#define SOURCE_CELLS_MAX 256      /* columns of a file */
#define SOURCE_LINE_MAX (1 << 20) /* bytes of one row */

struct source_cell {
    const char *bytes;
    uint32_t len;
};

struct source_row {
    uint32_t row_no; /* as a spreadsheet numbers it: the file's first row is 1, empty rows count */
    uint32_t count;
    const struct source_cell *cells;
    bool hidden; /* the spreadsheet does not show it */
};

/* A cell's text where a formula has no result: never a value. */
#define SOURCE_NO_RESULT "#FORMULA!"

/* SOURCE_AGAIN: the end of the sheet says how its rows must be read: rewind, and read them once more. */
enum source_read {
    SOURCE_END = 0,
    SOURCE_ROW = 1,
    SOURCE_REFUSED = 2,
    SOURCE_AGAIN = 3,
    SOURCE_ERROR = -1
};

/* What a kind of file provides; the module's own struct begins with it. */
struct source {
    enum source_read (*next)(struct source *source, struct source_row *ret_row,
                             struct refusal *refusal, struct err *err);
    int (*rewind)(struct source *source, struct err *err);
    int (*learn)(struct source *source, struct err *err); /* NULL: there is nothing to learn */
    /* NULL for a kind of file that has but one sheet */
    enum source_read (*next_sheet)(struct source *source, struct refusal *refusal, struct err *err);
    void (*close)(struct source *source);
    /* The present sheet's name; NULL for a kind of file without. The text lives until next_sheet. */
    const char *(*sheet)(const struct source *source);
    bool from_1904; /* days count from 1904 in this workbook */
    bool stale;     /* the workbook asks to be calculated when it is opened, and has formulas */
};

/* Read the next row. SOURCE_REFUSED sets `refusal`, SOURCE_ERROR sets `err` (ERR_SYSTEM). */
static inline enum source_read
source_next(struct source *source, struct source_row *ret_row, struct refusal *refusal,
            struct err *err)
{
    return source->next(source, ret_row, refusal, err);
}

/* Begin again at the first row of the present sheet. ERR_SYSTEM. */
NODISCARD int source_rewind(struct source *source, struct err *err);

/*
 * Go to the first row of the next visible sheet. SOURCE_ROW, SOURCE_END when there is none (the
 * present sheet stays), SOURCE_REFUSED or SOURCE_ERROR.
 */
enum source_read source_next_sheet(struct source *source, struct refusal *refusal, struct err *err);

/*
 * Read the present sheet to its end and begin again, so that every row is given as the end of the sheet
 * says (merged cells); does nothing for most files. For readers that cannot begin anew at SOURCE_AGAIN.
 */
NODISCARD int source_learn(struct source *source, struct err *err);

void source_close(struct source *source);
AUTO_DEFINE(struct source, source_close)

#endif
