#include "sdk/sheet/biff.h"

#include <math.h>
#include <string.h>

#include "base/source.h"
#include "sdk/sheet/biff_sheet.h"
#include "sdk/sheet/excel.h"

/* Records of a workbook's head ([MS-XLS] 2.3). */
enum biff_type {
    BIFF_EOF = 0x000a,
    BIFF_DATEMODE = 0x0022,
    BIFF_FILEPASS = 0x002f,
    BIFF_CODEPAGE = 0x0042,
    BIFF_BOUNDSHEET = 0x0085,
    BIFF_XF = 0x00e0,
    BIFF_SST = 0x00fc,
    BIFF_RECALCID = 0x01c1,
    BIFF_FORMAT = 0x041e,
    BIFF_BOF = 0x0809,
};

#define BIFF_VERSION_5 0x0500
#define BIFF_VERSION_8 0x0600
#define BIFF_HEAD 0x0005        /* what begins at a BOF */
#define BIFF_VISIBLE_CELLS 0    /* of a sheet: its state and its kind are both 0 */
#define BIFF_STATE 0xff03       /* the bits of both */
#define BIFF_NUMBERS (1u << 16) /* of formats and of styles */

/* What stands in a merged area of several rows. */
struct biff_filled {
    uint32_t first_row, last_row; /* the last one 0: there is no area in this column */
    struct buf text;
};

struct biff {
    struct biff_record record;
    struct biff_texts texts;
    size_t shared; /* texts that the sheets share */
    struct {
        uint32_t at;
        char *name;
    } sheets[BIFF_SHEETS_MAX];
    size_t sheet_count;
    bool from_1904, locked;
    bool calculated;               /* the file is of a program that works formulas out */
    uint16_t styles[BIFF_NUMBERS]; /* the number of each style's format */
    uint8_t formats[BIFF_NUMBERS]; /* the file's own: enum excel_format and one; 0: built in */
    unsigned style_count;
    struct biff_sheet sheet;
    size_t at, merge_at; /* the next cell and merged area */
    struct biff_filled filled[BIFF_COLUMNS_MAX];
    struct buf text; /* of the present row */
    uint32_t ends[BIFF_COLUMNS_MAX];
    size_t spread; /* bytes of all rows before */
};

/* ---- the head ---- */

static void
biff_add_sheet(struct biff *biff)
{
    struct biff_record *record = &biff->record;
    uint32_t at = biff_record_u32(record);
    unsigned state = biff_record_u16(record);
    AUTO_BUF struct buf name = {0};

    if ((state & BIFF_STATE) != BIFF_VISIBLE_CELLS || biff->sheet_count == BIFF_SHEETS_MAX)
        return;
    biff_record_text(record, 1, &name);
    if (record->broken)
        return;
    biff->sheets[biff->sheet_count].at = at;
    biff->sheets[biff->sheet_count++].name = mem_strdup(buf_str(&name));
}

static void
biff_add_format(struct biff *biff)
{
    unsigned id = biff_record_u16(&biff->record);
    AUTO_BUF struct buf code = {0};

    biff_record_text(&biff->record, biff->record.narrow ? 1 : 2, &code);
    biff->formats[id] = (uint8_t)(excel_format(id, buf_str(&code)) + 1);
}

static void
biff_add_style(struct biff *biff)
{
    biff_record_skip(&biff->record, 2); /* the font */
    if (biff->style_count < BIFF_NUMBERS)
        biff->styles[biff->style_count++] = biff_record_u16(&biff->record);
}

static void
biff_add_texts(struct biff *biff)
{
    uint32_t count;

    biff_record_skip(&biff->record, 4);     /* how often they are used */
    count = biff_record_u32(&biff->record); /* some programs count too many */
    for (; count > 0 && biff_record_more(&biff->record) && !biff->record.broken; count--)
        biff_texts_add(&biff->texts, &biff->record, 2);
}

static void
biff_take(struct biff *biff)
{
    switch (biff->record.type) {
    case BIFF_FILEPASS:
        biff->locked = true;
        break;
    case BIFF_DATEMODE:
        biff->from_1904 = biff_record_u16(&biff->record) != 0;
        break;
    case BIFF_CODEPAGE:
        biff->record.codepage = biff_record_u16(&biff->record);
        break;
    case BIFF_RECALCID:
        biff->calculated = true;
        break;
    case BIFF_BOUNDSHEET:
        biff_add_sheet(biff);
        break;
    case BIFF_FORMAT:
        biff_add_format(biff);
        break;
    case BIFF_XF:
        biff_add_style(biff);
        break;
    case BIFF_SST:
        biff_add_texts(biff);
        break;
    default: /* how it looks */
        break;
    }
}

static bool
biff_read_head(struct biff *biff)
{
    struct biff_record *record = &biff->record;
    unsigned version;

    if (!biff_record_next(record) || record->type != BIFF_BOF)
        return false;
    version = biff_record_u16(record);
    if ((version != BIFF_VERSION_5 && version != BIFF_VERSION_8) ||
        biff_record_u16(record) != BIFF_HEAD)
        return false;
    record->narrow = version == BIFF_VERSION_5;
    while (!biff->locked && biff_record_next(record) && record->type != BIFF_EOF)
        biff_take(biff);
    biff->shared = biff->texts.count;
    return record->type == BIFF_EOF && !record->broken && !biff->locked && biff->sheet_count > 0;
}

struct biff *
biff_open(const void *bytes, size_t len)
{
    AUTO(biff_close) struct biff *biff = mem_zalloc(sizeof(*biff));

    biff->record.bytes = bytes;
    biff->record.len = len;
    return biff_read_head(biff) ? STEAL(biff) : NULL;
}

static void
biff_forget(struct biff *biff)
{
    biff_sheet_clear(&biff->sheet);
    biff_texts_cut(&biff->texts, biff->shared);
    for (size_t i = 0; i < BIFF_COLUMNS_MAX; i++)
        biff->filled[i].last_row = 0;
    biff->at = biff->merge_at = biff->spread = 0;
}

void
biff_close(struct biff *biff)
{
    if (biff == NULL)
        return;
    biff_sheet_clear(&biff->sheet);
    biff_texts_done(&biff->texts);
    biff_record_done(&biff->record);
    for (size_t i = 0; i < biff->sheet_count; i++)
        free(biff->sheets[i].name);
    for (size_t i = 0; i < BIFF_COLUMNS_MAX; i++)
        buf_done(&biff->filled[i].text);
    buf_done(&biff->text);
    free(biff);
}

size_t
biff_sheets(const struct biff *biff)
{
    return biff->sheet_count;
}

const char *
biff_name(const struct biff *biff, size_t sheet)
{
    return biff->sheets[sheet].name;
}

bool
biff_from_1904(const struct biff *biff)
{
    return biff->from_1904;
}

bool
biff_choose(struct biff *biff, size_t sheet)
{
    biff_forget(biff);
    return sheet < biff->sheet_count && biff_record_seek(&biff->record, biff->sheets[sheet].at) &&
           biff_sheet_read(&biff->sheet, &biff->record, biff->shared, &biff->texts);
}

bool
biff_is_stale(const struct biff *biff)
{
    return biff->sheet.stale;
}

/* ---- rows ---- */

static const char *
biff_error(unsigned code)
{
    switch (code) {
    case 0x00:
        return "#NULL!";
    case 0x07:
        return "#DIV/0!";
    case 0x0f:
        return "#VALUE!";
    case 0x17:
        return "#REF!";
    case 0x1d:
        return "#NAME?";
    case 0x24:
        return "#NUM!";
    default:
        return "#N/A";
    }
}

static void
biff_add_number(struct biff *biff, const struct biff_cell *cell)
{
    unsigned id = cell->style < biff->style_count ? biff->styles[cell->style] : 0;
    unsigned format = biff->formats[id] > 0 ? biff->formats[id] - 1u : excel_format(id, NULL);
    char shown[EXCEL_TEXT_BYTES] = "#NUM!";

    if (isfinite(cell->number) && (format == EXCEL_DATE || format == EXCEL_MONTH))
        excel_date(cell->number, (enum excel_format)format, biff->from_1904, shown);
    else if (isfinite(cell->number))
        excel_show(cell->number, format, shown);
    buf_add_str(&biff->text, shown);
}

/* Append what a cell shows. */
static void
biff_add_cell(struct biff *biff, const struct biff_cell *cell)
{
    uint32_t from;

    switch ((enum biff_kind)cell->kind) {
    case BIFF_NUMBER:
        biff_add_number(biff, cell);
        break;
    case BIFF_TEXT:
        from = cell->code == 0 ? 0 : biff->texts.ends[cell->code - 1];
        if (biff->texts.ends[cell->code] > from)
            buf_add(&biff->text, biff->texts.bytes.bytes + from,
                    biff->texts.ends[cell->code] - from);
        break;
    case BIFF_BOOL:
        buf_add_str(&biff->text, cell->code == 0 ? "0" : "1");
        break;
    case BIFF_ERROR:
        buf_add_str(&biff->text, biff_error(cell->code));
        break;
    case BIFF_EMPTY: /* libraries that work nothing out write this for every formula */
        if (!biff->calculated && !biff->sheet.results)
            buf_add_str(&biff->text, SOURCE_NO_RESULT);
        break;
    case BIFF_NO_RESULT:
        buf_add_str(&biff->text, SOURCE_NO_RESULT);
        break;
    }
}

/* Note the merged areas that begin above or at this row. */
static void
biff_begin_merges(struct biff *biff, uint32_t row)
{
    const struct biff_sheet *sheet = &biff->sheet;

    for (; biff->merge_at < sheet->merge_count && sheet->merges[biff->merge_at].first_row <= row;
         biff->merge_at++) {
        const struct biff_merge *merge = &sheet->merges[biff->merge_at];
        struct biff_filled *filled = &biff->filled[merge->column];

        buf_clear(&filled->text);
        filled->first_row = row;
        filled->last_row = merge->first_row == row ? merge->last_row : 0;
    }
}

/* Give a cell in a merged area what its first cell shows, or note that for the rows below. */
static void
biff_fill(struct biff *biff, uint32_t row, uint32_t column, size_t from)
{
    struct biff_filled *filled = &biff->filled[column];
    size_t len = biff->text.len - from;

    if (filled->last_row < row || filled->last_row == 0)
        return;
    if (len == 0)
        buf_add(&biff->text, filled->text.bytes, filled->text.len);
    else if (filled->first_row == row)
        buf_add(&filled->text, biff->text.bytes + from, len);
}

enum biff_read
biff_next(struct biff *biff, struct biff_row *ret_row)
{
    const struct biff_sheet *sheet = &biff->sheet;
    uint32_t count = 0;

    while (count == 0) {
        uint32_t row;

        if (biff->at == sheet->count)
            return BIFF_END;
        row = sheet->cells[biff->at].row;
        buf_clear(&biff->text);
        biff_begin_merges(biff, row);
        for (uint32_t column = 0; column < BIFF_COLUMNS_MAX; column++) {
            size_t from = biff->text.len;

            for (; biff->at < sheet->count && sheet->cells[biff->at].row == row &&
                   sheet->cells[biff->at].column == column;
                 biff->at++) {
                biff->text.len = from; /* a cell that stands there twice */
                biff_add_cell(biff, &sheet->cells[biff->at]);
            }
            biff_fill(biff, row, column, from);
            biff->ends[column] = (uint32_t)biff->text.len;
            count = biff->text.len > from ? column + 1 : count;
            if (biff->text.len > SOURCE_LINE_MAX)
                return BIFF_BROKEN;
        }
        *ret_row = (struct biff_row){.row_no = row + 1, .count = count, .ends = biff->ends};
        ret_row->hidden = sheet->hidden[row / 8] >> row % 8 & 1;
    }
    biff->spread += biff->text.len;
    if (biff->spread > BIFF_SPREAD_MAX + BIFF_SPREAD * biff->record.len)
        return BIFF_BROKEN;
    ret_row->text = buf_str(&biff->text);
    return BIFF_ROW_READ;
}
