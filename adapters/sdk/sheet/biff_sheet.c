#include "sdk/sheet/biff_sheet.h"

#include <string.h>

#include "base/mem.h"

/* Records of a sheet ([MS-XLS] 2.3). */
enum biff_type {
    BIFF_FORMULA = 0x0006,
    BIFF_EOF = 0x000a,
    BIFF_UNCALCED = 0x005e,
    BIFF_MULRK = 0x00bd,
    BIFF_RSTRING = 0x00d6,
    BIFF_MERGEDCELLS = 0x00e5,
    BIFF_LABELSST = 0x00fd,
    BIFF_NUMBER_CELL = 0x0203,
    BIFF_LABEL = 0x0204,
    BIFF_BOOLERR = 0x0205,
    BIFF_STRING = 0x0207,
    BIFF_ROW = 0x0208,
    BIFF_RK = 0x027e,
    BIFF_BOF = 0x0809,
};

#define BIFF_SHEET_OF_CELLS 0x0010 /* what begins at a BOF */
#define BIFF_ROW_HIDDEN 0x0020
#define BIFF_CALCULATE 0x0002 /* of a formula: when the file is opened */

/* The results of formulas that are no numbers, in the bytes of one that there is not. */
enum biff_result { BIFF_RESULT_TEXT, BIFF_RESULT_BOOL, BIFF_RESULT_ERROR, BIFF_RESULT_EMPTY };
#define BIFF_NO_NUMBER 0xffff /* the last two of the bytes */

/* What is read, and from where. */
struct biff_reading {
    struct biff_sheet *sheet;
    struct biff_record *record;
    struct biff_texts *texts;
    size_t shared;
    struct biff_cell cell; /* the present one */
    bool awaits_text;      /* the last cell is a formula whose text follows */
};

/* ---- texts ---- */

void
biff_texts_add(struct biff_texts *texts, struct biff_record *record, unsigned length_bytes)
{
    biff_record_text(record, length_bytes, &texts->bytes);
    if (texts->count == texts->size) {
        texts->size = texts->size == 0 ? 256 : texts->size * 2;
        texts->ends = mem_grow(texts->ends, texts->size, sizeof(*texts->ends));
    }
    texts->ends[texts->count++] = (uint32_t)texts->bytes.len;
}

void
biff_texts_cut(struct biff_texts *texts, size_t count)
{
    texts->count = count;
    texts->bytes.len = count == 0 ? 0 : texts->ends[count - 1];
}

void
biff_texts_done(struct biff_texts *texts)
{
    buf_done(&texts->bytes);
    free(texts->ends);
    *texts = (struct biff_texts){0};
}

/* ---- cells ---- */

static void
biff_add(struct biff_reading *reading, uint8_t kind)
{
    struct biff_sheet *sheet = reading->sheet;

    if (reading->record->broken)
        return;
    if (sheet->count == sheet->size) {
        sheet->size = sheet->size == 0 ? 256 : sheet->size * 2;
        sheet->cells = mem_grow(sheet->cells, sheet->size, sizeof(*sheet->cells));
    }
    reading->cell.kind = kind;
    sheet->cells[sheet->count++] = reading->cell;
}

/* Read what each cell begins with. */
static void
biff_begin(struct biff_reading *reading)
{
    reading->cell = (struct biff_cell){0};
    reading->cell.row = biff_record_u16(reading->record);
    reading->cell.column = biff_record_u16(reading->record);
    if (reading->cell.column >= BIFF_COLUMNS_MAX)
        reading->record->broken = true;
}

static double
biff_double(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static double
biff_rk(uint32_t rk)
{
    double value = rk & 2 ? (int32_t)rk >> 2 : biff_double((uint64_t)(rk & ~3u) << 32);

    return rk & 1 ? value / 100 : value;
}

static void
biff_add_rk(struct biff_reading *reading)
{
    reading->cell.style = biff_record_u16(reading->record);
    reading->cell.number = biff_rk(biff_record_u32(reading->record));
    biff_add(reading, BIFF_NUMBER);
}

/* Numbers side by side; the last column stands behind them. */
static void
biff_add_rks(struct biff_reading *reading)
{
    while (biff_record_left(reading->record) > 2 && !reading->record->broken) {
        if (reading->cell.column >= BIFF_COLUMNS_MAX)
            reading->record->broken = true;
        biff_add_rk(reading);
        reading->cell.column++;
    }
}

/* A text of this cell's own, as the last one of the table. */
static void
biff_add_text(struct biff_reading *reading)
{
    biff_texts_add(reading->texts, reading->record, 2);
    reading->cell.code = (uint32_t)(reading->texts->count - 1);
    biff_add(reading, BIFF_TEXT);
}

static void
biff_add_shared(struct biff_reading *reading)
{
    reading->cell.code = biff_record_u32(reading->record);
    if (reading->cell.code >= reading->shared)
        reading->record->broken = true;
    biff_add(reading, BIFF_TEXT);
}

static void
biff_add_code(struct biff_reading *reading)
{
    reading->cell.code = biff_record_u8(reading->record);
    biff_add(reading, biff_record_u8(reading->record) == 0 ? BIFF_BOOL : BIFF_ERROR);
}

static void
biff_add_formula(struct biff_reading *reading)
{
    struct biff_sheet *sheet = reading->sheet;
    uint64_t result = biff_record_u64(reading->record);
    bool number = result >> 48 != BIFF_NO_NUMBER;
    unsigned is = result & 0xff;

    sheet->formulas = true;
    sheet->stale = sheet->stale || (biff_record_u16(reading->record) & BIFF_CALCULATE) != 0;
    sheet->results = sheet->results || number || is != BIFF_RESULT_EMPTY;
    if (number) {
        reading->cell.number = biff_double(result);
        biff_add(reading, BIFF_NUMBER);
        return;
    }
    reading->cell.code = result >> 16 & 0xff;
    reading->awaits_text = is == BIFF_RESULT_TEXT;
    biff_add(reading, is == BIFF_RESULT_BOOL    ? BIFF_BOOL
                      : is == BIFF_RESULT_ERROR ? BIFF_ERROR
                      : is == BIFF_RESULT_EMPTY ? BIFF_EMPTY
                                                : BIFF_NO_RESULT);
}

/* The text that the formula of the last cell gave. */
static void
biff_add_result(struct biff_reading *reading)
{
    struct biff_sheet *sheet = reading->sheet;

    if (!reading->awaits_text || sheet->count == 0)
        return;
    biff_texts_add(reading->texts, reading->record, 2);
    sheet->cells[sheet->count - 1].kind = BIFF_TEXT;
    sheet->cells[sheet->count - 1].code = (uint32_t)(reading->texts->count - 1);
    reading->awaits_text = false;
}

static void
biff_add_cell(struct biff_reading *reading)
{
    unsigned type = reading->record->type;

    reading->awaits_text = false;
    biff_begin(reading);
    if (type == BIFF_MULRK) {
        biff_add_rks(reading);
        return;
    }
    if (type == BIFF_RK) {
        biff_add_rk(reading);
        return;
    }
    reading->cell.style = biff_record_u16(reading->record);
    if (type == BIFF_NUMBER_CELL) {
        reading->cell.number = biff_double(biff_record_u64(reading->record));
        biff_add(reading, BIFF_NUMBER);
    } else if (type == BIFF_LABELSST) {
        biff_add_shared(reading);
    } else if (type == BIFF_BOOLERR) {
        biff_add_code(reading);
    } else if (type == BIFF_FORMULA) {
        biff_add_formula(reading);
    } else {
        biff_add_text(reading);
    }
}

/* ---- the sheet ---- */

static void
biff_add_row(struct biff_reading *reading)
{
    uint16_t row = biff_record_u16(reading->record);

    biff_record_skip(reading->record, 10); /* columns, height */
    if (biff_record_u16(reading->record) & BIFF_ROW_HIDDEN)
        reading->sheet->hidden[row / 8] |= (uint8_t)(1u << row % 8);
}

static void
biff_add_merges(struct biff_reading *reading)
{
    struct biff_sheet *sheet = reading->sheet;

    for (unsigned count = biff_record_u16(reading->record); count > 0; count--) {
        struct biff_merge merge;

        merge.first_row = biff_record_u16(reading->record);
        merge.last_row = biff_record_u16(reading->record);
        merge.column = biff_record_u16(reading->record);
        biff_record_skip(reading->record, sizeof(merge.column));
        if (reading->record->broken)
            return;
        if (merge.last_row <= merge.first_row || merge.column >= BIFF_COLUMNS_MAX)
            continue;
        if (sheet->merge_count == sheet->merge_size) {
            sheet->merge_size = sheet->merge_size == 0 ? 64 : sheet->merge_size * 2;
            sheet->merges = mem_grow(sheet->merges, sheet->merge_size, sizeof(*sheet->merges));
        }
        sheet->merges[sheet->merge_count++] = merge;
    }
}

static void
biff_take(struct biff_reading *reading)
{
    switch (reading->record->type) {
    case BIFF_FORMULA:
    case BIFF_MULRK:
    case BIFF_RSTRING:
    case BIFF_LABELSST:
    case BIFF_NUMBER_CELL:
    case BIFF_LABEL:
    case BIFF_BOOLERR:
    case BIFF_RK:
        biff_add_cell(reading);
        break;
    case BIFF_STRING:
        biff_add_result(reading);
        break;
    case BIFF_ROW:
        biff_add_row(reading);
        break;
    case BIFF_MERGEDCELLS:
        biff_add_merges(reading);
        break;
    case BIFF_UNCALCED:
        reading->sheet->stale = true;
        break;
    default: /* how it looks */
        break;
    }
}

static int
biff_compare_cells(const void *left, const void *right)
{
    const struct biff_cell *a = left, *b = right;
    uint32_t x = (uint32_t)a->row << 16 | a->column, y = (uint32_t)b->row << 16 | b->column;

    return x < y ? -1 : x > y;
}

static int
biff_compare_merges(const void *left, const void *right)
{
    const struct biff_merge *a = left, *b = right;

    return a->first_row < b->first_row ? -1 : a->first_row > b->first_row;
}

/* Sort what is not: most files are. */
static void
biff_sort(struct biff_sheet *sheet)
{
    for (size_t i = 1; i < sheet->count; i++) {
        if (biff_compare_cells(&sheet->cells[i - 1], &sheet->cells[i]) <= 0)
            continue;
        qsort(sheet->cells, sheet->count, sizeof(*sheet->cells), biff_compare_cells);
        break;
    }
    if (sheet->merge_count > 0)
        qsort(sheet->merges, sheet->merge_count, sizeof(*sheet->merges), biff_compare_merges);
}

bool
biff_sheet_read(struct biff_sheet *sheet, struct biff_record *record, size_t shared,
                struct biff_texts *texts)
{
    struct biff_reading reading = {
        .sheet = sheet, .record = record, .texts = texts, .shared = shared};
    int depth = 1; /* charts are sheets inside */

    if (!biff_record_next(record) || record->type != BIFF_BOF)
        return false;
    biff_record_skip(record, 2);
    if (biff_record_u16(record) != BIFF_SHEET_OF_CELLS)
        return false;
    while (depth > 0 && biff_record_next(record)) {
        depth += record->type == BIFF_BOF;
        depth -= record->type == BIFF_EOF;
        if (depth == 1)
            biff_take(&reading);
    }
    if (depth > 0 || record->broken)
        return false;
    sheet->stale = sheet->stale && sheet->formulas;
    biff_sort(sheet);
    return true;
}

void
biff_sheet_clear(struct biff_sheet *sheet)
{
    free(sheet->cells);
    free(sheet->merges);
    *sheet = (struct biff_sheet){0};
}
