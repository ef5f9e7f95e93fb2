/*
 * biff_sheet — the cells of one sheet of an old workbook.
 *
 * A part of biff. What a sheet is told to have (its dimensions) is believed of nothing: memory is
 * taken for the records that are there.
 */
#ifndef BIFF_SHEET_H
#define BIFF_SHEET_H

#include "sdk/sheet/biff_record.h"

#define BIFF_ROWS_MAX 65536
#define BIFF_COLUMNS_MAX 256

/* Texts by number: first those that the workbook's sheets share, then those of one sheet's own. */
struct biff_texts {
    struct buf bytes;
    uint32_t *ends; /* where the n-th one ends */
    size_t count, size;
};

/* Read one text more; its length stands before it in so many bytes. */
void biff_texts_add(struct biff_texts *texts, struct biff_record *record, unsigned length_bytes);

/* Forget all texts but the first `count`. */
void biff_texts_cut(struct biff_texts *texts, size_t count);

void biff_texts_done(struct biff_texts *texts);

enum biff_kind {
    BIFF_NUMBER,
    BIFF_TEXT,
    BIFF_BOOL,
    BIFF_ERROR,
    BIFF_EMPTY,    /* a formula whose result is a text of no length, or was never worked out */
    BIFF_NO_RESULT /* a formula whose text is missing */
};

struct biff_cell {
    union {
        double number;
        uint32_t code; /* number of the text, or which error, or 0 and 1 */
    };
    uint16_t row, column; /* from 0 */
    uint16_t style;
    uint8_t kind;
};

/* A merged area; what its first cell shows stands for all rows. */
struct biff_merge {
    uint16_t first_row, last_row, column;
};

struct biff_sheet {
    struct biff_cell *cells; /* by row and column, when the sheet was read */
    size_t count, size;
    struct biff_merge *merges; /* of several rows, by the first one */
    size_t merge_count, merge_size;
    uint8_t hidden[BIFF_ROWS_MAX / 8]; /* a bit for each row */
    bool formulas;                     /* it has some */
    bool results;                      /* and one of them has a result that is not empty */
    bool stale;                        /* and they ask to be worked out when it is opened */
};

/*
 * Read the sheet that begins where the cursor stands; texts of its own go behind the `shared` ones.
 * False when it is damaged or no sheet of cells; the sheet must be cleared in any case.
 */
bool biff_sheet_read(struct biff_sheet *sheet, struct biff_record *record, size_t shared,
                     struct biff_texts *texts);
void biff_sheet_clear(struct biff_sheet *sheet);

#endif
