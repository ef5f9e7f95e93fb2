#include "sdk/xls.h"

#include <freexl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "sdk/excel.h"

#define XLS_DATE_BYTES 10 /* of YYYY-MM-DD; the time of day goes */

struct xls {
    struct source source;
    const void *book;
    unsigned sheet_count, sheet;
    unsigned row, rows;
    unsigned short columns;
    struct buf text;
    size_t ends[SOURCE_CELLS_MAX];
    struct source_cell cells[SOURCE_CELLS_MAX];
};

static void
xls_refuse(struct refusal *refusal)
{
    refusal_set(
        refusal, "spreadsheet",
        "这个旧版 Excel 工作簿（.xls）打不开：文件损坏、加密，或不是 .xls。请在 Excel 中打开并"
        "另存为“Excel 工作簿（.xlsx）”或“CSV UTF-8”后重新发送。",
        "this old workbook (.xls) cannot be read: it is damaged, encrypted or no .xls; open "
        "it in Excel, save it as .xlsx or 'CSV UTF-8' and send it again");
}

static void
xls_add(struct xls *xls, const FreeXL_CellValue *cell)
{
    char shown[EXCEL_TEXT_BYTES];
    size_t len;

    switch (cell->type) {
    case FREEXL_CELL_INT:
        buf_add_fmt(&xls->text, "%d", cell->value.int_value);
        break;
    case FREEXL_CELL_DOUBLE:
        excel_number(cell->value.double_value, shown);
        buf_add_str(&xls->text, shown);
        break;
    case FREEXL_CELL_TEXT:
    case FREEXL_CELL_SST_TEXT:
    case FREEXL_CELL_DATE:
    case FREEXL_CELL_DATETIME:
    case FREEXL_CELL_TIME:
        if (cell->value.text_value == NULL)
            break;
        len = strlen(cell->value.text_value);
        if (cell->type == FREEXL_CELL_DATETIME && len > XLS_DATE_BYTES)
            len = XLS_DATE_BYTES;
        buf_add(&xls->text, cell->value.text_value, len);
        break;
    default: /* empty */
        break;
    }
}

static enum source_read
xls_next(struct source *source, struct source_row *ret_row, struct refusal *refusal,
         struct err *err)
{
    struct xls *xls = (struct xls *)source;
    uint32_t count = 0;

    (void)err;
    if (xls->row == xls->rows)
        return SOURCE_END;
    buf_clear(&xls->text);
    for (unsigned i = 0; i < xls->columns; i++) {
        FreeXL_CellValue cell;
        size_t before = xls->text.len;

        if (freexl_get_cell_value(xls->book, xls->row, (unsigned short)i, &cell) != FREEXL_OK) {
            xls_refuse(refusal);
            return SOURCE_REFUSED;
        }
        xls_add(xls, &cell);
        xls->ends[i] = xls->text.len;
        count = xls->text.len > before ? i + 1 : count;
    }
    if (text_utf8_length((const char *)xls->text.bytes, xls->text.len) < 0 ||
        xls->text.len > SOURCE_LINE_MAX) {
        xls_refuse(refusal);
        return SOURCE_REFUSED;
    }
    for (uint32_t i = 0; i < count; i++) {
        size_t from = i == 0 ? 0 : xls->ends[i - 1];

        xls->cells[i] = (struct source_cell){(const char *)xls->text.bytes + from,
                                             (uint32_t)(xls->ends[i] - from)};
    }
    *ret_row = (struct source_row){++xls->row, count, xls->cells};
    return SOURCE_ROW;
}

static int
xls_rewind(struct source *source, struct err *err)
{
    struct xls *xls = (struct xls *)source;

    (void)err;
    xls->row = 0;
    return 0;
}

/* Go to a sheet; false when it cannot be read. One wider than a table may be is cut off. */
static bool
xls_select(struct xls *xls, unsigned sheet)
{
    unsigned rows = 0;
    unsigned short columns = 0;

    if (freexl_select_active_worksheet(xls->book, (unsigned short)sheet) != FREEXL_OK ||
        freexl_worksheet_dimensions(xls->book, &rows, &columns) != FREEXL_OK)
        return false;
    xls->sheet = sheet;
    xls->row = 0;
    xls->rows = rows;
    xls->columns = columns < SOURCE_CELLS_MAX ? columns : SOURCE_CELLS_MAX;
    return true;
}

static enum source_read
xls_next_sheet(struct source *source, struct refusal *refusal, struct err *err)
{
    struct xls *xls = (struct xls *)source;

    (void)err;
    if (xls->sheet + 1 >= xls->sheet_count)
        return SOURCE_END;
    if (xls_select(xls, xls->sheet + 1))
        return SOURCE_ROW;
    xls_refuse(refusal);
    return SOURCE_REFUSED;
}

static void
xls_close(struct source *source)
{
    struct xls *xls = (struct xls *)source;

    if (xls->book != NULL)
        (void)freexl_close(xls->book);
    buf_done(&xls->text);
    free(xls);
}

/* libfreexl wants a path; the descriptor's own cannot lead to another file. */
static bool
xls_open(struct xls *xls, int fd)
{
    char path[64];
    unsigned password = 0;
    struct stat stat;

    if (fstat(fd, &stat) != 0 || stat.st_size > XLS_BYTES_MAX)
        return false;
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return freexl_open(path, &xls->book) == FREEXL_OK &&
           freexl_get_info(xls->book, FREEXL_BIFF_PASSWORD, &password) == FREEXL_OK &&
           password != FREEXL_BIFF_OBFUSCATED &&
           freexl_get_info(xls->book, FREEXL_BIFF_SHEET_COUNT, &xls->sheet_count) == FREEXL_OK &&
           xls->sheet_count > 0 && xls_select(xls, 0);
}

struct source *
xls_new(int fd, struct refusal *refusal)
{
    struct xls *xls = mem_zalloc(sizeof(*xls));
    bool done;

    xls->source = (struct source){xls_next, xls_rewind, xls_next_sheet, xls_close};
    (void)buf_reserve(&xls->text, 1);
    done = xls_open(xls, fd);
    (void)close(fd);
    if (done)
        return &xls->source;
    xls_refuse(refusal);
    xls_close(&xls->source);
    return NULL;
}
