#include "sdk/sheet/xlsx.h"

#include <stdlib.h>
#include <string.h>

#include "sdk/sheet/xlsx_book.h"

#define XLSX_ROW_MAX 1048576 /* of a sheet */
#define XLSX_DIGITS 15       /* that a spreadsheet's number has */

/* Where the text of a cell lies: in the row's own text, or among the shared ones. */
struct xlsx_place {
    size_t at;
    uint32_t len;
    bool shared;
};

struct xlsx {
    struct source source;
    struct xlsx_book *book;
    size_t sheet;
    struct xlsx_part *part; /* NULL: the present sheet is not begun */
    struct refusal *refusal;
    struct buf text, value; /* of the row; of the cell */
    struct source_cell cells[SOURCE_CELLS_MAX];
    struct xlsx_place places[SOURCE_CELLS_MAX];
    uint32_t row_no, count;
    uint32_t column;  /* of the cell, from 0 */
    uint32_t follows; /* where a cell stands that does not say */
    char type;        /* of the cell: s shared, i inline, t text, b boolean, d date, n number */
    unsigned long style;
    bool in_value, in_reading;
};

static void
xlsx_refuse(struct xlsx *xlsx, enum refusal_code code, const char *zh, const char *en)
{
    refusal_set(xlsx->refusal, code, "第 %u 行%s%.0s", "row %u %.0s%s", xlsx->row_no, zh, en);
    xlsx_part_stop(xlsx->part);
}

/* ---- cells ---- */

/* The column that a reference such as AB12 names, from 0; one that is no reference: `follows`. */
static uint32_t
xlsx_column(const char *reference, uint32_t follows)
{
    uint32_t column = 0;

    if (reference == NULL)
        return follows;
    for (; *reference >= 'A' && *reference <= 'Z' && column < XLSX_ROW_MAX; reference++)
        column = column * 26 + (uint32_t)(*reference - 'A' + 1);
    return column == 0 ? follows : column - 1;
}

static char
xlsx_type(const char *type)
{
    static const char *const names[] = {"s", "inlineStr", "str", "b", "d", "e"};
    static const char types[] = {'s', 'i', 't', 'b', 'd', 't'};

    for (size_t i = 0; type != NULL && i < sizeof(types); i++)
        if (strcmp(type, names[i]) == 0)
            return types[i];
    return 'n';
}

static void
xlsx_start_row(struct xlsx *xlsx, const char **attributes)
{
    const char *reference = xlsx_part_attribute(attributes, "r");
    unsigned long row_no = reference == NULL ? xlsx->row_no + 1 : strtoul(reference, NULL, 10);

    xlsx->count = xlsx->follows = 0;
    buf_clear(&xlsx->text);
    if (row_no <= xlsx->row_no || row_no > XLSX_ROW_MAX) {
        xlsx_part_damaged(xlsx->refusal);
        xlsx_part_stop(xlsx->part);
        return;
    }
    xlsx->row_no = (uint32_t)row_no;
}

static void
xlsx_start(void *context, const char *name, const char **attributes)
{
    struct xlsx *xlsx = context;

    if (strcmp(name, "c") == 0) {
        const char *style = xlsx_part_attribute(attributes, "s");

        xlsx->column = xlsx_column(xlsx_part_attribute(attributes, "r"), xlsx->follows);
        xlsx->follows = xlsx->column + 1;
        xlsx->type = xlsx_type(xlsx_part_attribute(attributes, "t"));
        xlsx->style = style == NULL ? 0 : strtoul(style, NULL, 10);
        buf_clear(&xlsx->value);
    } else if (strcmp(name, "row") == 0) {
        xlsx_start_row(xlsx, attributes);
    } else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) {
        xlsx->in_value = !xlsx->in_reading;
    } else if (strcmp(name, "rPh") == 0) {
        xlsx->in_reading = true;
    }
}

static void
xlsx_text(void *context, const char *bytes, int len)
{
    struct xlsx *xlsx = context;

    if (!xlsx->in_value)
        return;
    if (xlsx->value.len + (size_t)len > SOURCE_LINE_MAX)
        xlsx_refuse(xlsx, REFUSAL_LINE_LENGTH, "过长，不像表格。请检查后重新发送。",
                    "is too long for a table; check it and send it again");
    else
        buf_add(&xlsx->value, bytes, (size_t)len);
}

/* Whether a number's text is as short as it can be; otherwise it is what a double came out as. */
static bool
xlsx_is_short(const char *text)
{
    int digits = 0;

    for (; *text != '\0'; text++) {
        if (*text == 'E' || *text == 'e')
            return false;
        digits += *text >= '0' && *text <= '9';
    }
    return digits <= XLSX_DIGITS;
}

/* Make of a number what its cell shows. */
static void
xlsx_show(struct xlsx *xlsx)
{
    enum excel_format format = xlsx_book_format(xlsx->book, xlsx->style);
    const char *text = buf_str(&xlsx->value);
    char shown[EXCEL_TEXT_BYTES], *end;
    double value;

    if (xlsx->value.len == 0 || (format == EXCEL_PLAIN && xlsx_is_short(text)))
        return;
    value = strtod(text, &end);
    if (*end != '\0')
        return;
    if (format == EXCEL_PLAIN)
        excel_number(value, shown);
    else
        excel_date(value, format, xlsx->book->from_1904, shown);
    buf_clear(&xlsx->value);
    buf_add_str(&xlsx->value, shown);
}

static struct xlsx_place
xlsx_take(struct xlsx *xlsx)
{
    struct xlsx_place place = {.at = xlsx->text.len};

    if (xlsx->type == 's') {
        place.at = strtoul(buf_str(&xlsx->value), NULL, 10);
        place.shared = true;
        place.len = xlsx_book_string(xlsx->book, place.at).len;
        return place;
    }
    if (xlsx->type == 'n')
        xlsx_show(xlsx);
    place.len = (uint32_t)xlsx->value.len;
    if (xlsx->type == 'd' && place.len > strlen("2024-03-05"))
        place.len = (uint32_t)strlen("2024-03-05"); /* the time of day goes */
    buf_add(&xlsx->text, xlsx->value.bytes, place.len);
    return place;
}

static void
xlsx_end_cell(struct xlsx *xlsx)
{
    struct xlsx_place place;

    if (xlsx->value.len == 0)
        return;
    if (xlsx->column >= SOURCE_CELLS_MAX) {
        xlsx_refuse(xlsx, REFUSAL_COLUMNS_LIMIT, "超过 256 列。请删去多余的列后重新发送。",
                    "has more than 256 columns; remove the surplus columns and send it again");
        return;
    }
    place = xlsx_take(xlsx);
    if (xlsx->text.len > SOURCE_LINE_MAX) {
        xlsx_refuse(xlsx, REFUSAL_LINE_LENGTH, "过长，不像表格。请检查后重新发送。",
                    "is too long for a table; check it and send it again");
        return;
    }
    while (xlsx->count <= xlsx->column)
        xlsx->places[xlsx->count++] = (struct xlsx_place){0};
    xlsx->places[xlsx->column] = place;
}

static void
xlsx_end(void *context, const char *name)
{
    struct xlsx *xlsx = context;

    if (strcmp(name, "c") == 0) {
        xlsx_end_cell(xlsx);
    } else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) {
        xlsx->in_value = false;
    } else if (strcmp(name, "rPh") == 0) {
        xlsx->in_reading = false;
    } else if (strcmp(name, "row") == 0 && xlsx->refusal->code == REFUSAL_NONE) {
        xlsx_part_pause(xlsx->part);
    }
}

/* ---- the source ---- */

static int
xlsx_rewind(struct source *source, struct err *err)
{
    struct xlsx *xlsx = (struct xlsx *)source;

    (void)err;
    xlsx_part_close(STEAL(xlsx->part));
    xlsx->row_no = 0;
    xlsx->in_value = xlsx->in_reading = false;
    return 0;
}

static enum source_read
xlsx_give(struct xlsx *xlsx, struct source_row *ret_row)
{
    for (uint32_t i = 0; i < xlsx->count; i++) {
        const struct xlsx_place *place = &xlsx->places[i];

        xlsx->cells[i] =
            place->shared
                ? xlsx_book_string(xlsx->book, place->at)
                : (struct source_cell){(const char *)xlsx->text.bytes + place->at, place->len};
    }
    *ret_row = (struct source_row){xlsx->row_no, xlsx->count, xlsx->cells};
    return SOURCE_ROW;
}

static enum source_read
xlsx_next(struct source *source, struct source_row *ret_row, struct refusal *refusal,
          struct err *err)
{
    static const struct xlsx_handlers handlers = {xlsx_start, xlsx_end, xlsx_text};
    struct xlsx *xlsx = (struct xlsx *)source;

    (void)err;
    xlsx->refusal = refusal;
    if (xlsx->part == NULL)
        xlsx->part = xlsx_part_open(xlsx->book->archive, xlsx->book->sheets[xlsx->sheet], &handlers,
                                    xlsx, refusal);
    if (xlsx->part == NULL)
        return SOURCE_REFUSED;
    switch (xlsx_part_read(xlsx->part, refusal)) {
    case XLSX_END:
        return SOURCE_END;
    case XLSX_REFUSED:
        return SOURCE_REFUSED;
    case XLSX_PAUSED:
        break;
    }
    return xlsx_give(xlsx, ret_row);
}

static enum source_read
xlsx_next_sheet(struct source *source, struct refusal *refusal, struct err *err)
{
    struct xlsx *xlsx = (struct xlsx *)source;

    (void)refusal;
    if (xlsx->sheet + 1 == xlsx->book->sheet_count)
        return SOURCE_END;
    xlsx->sheet++;
    return xlsx_rewind(source, err) == 0 ? SOURCE_ROW : SOURCE_ERROR;
}

static void
xlsx_close(struct source *source)
{
    struct xlsx *xlsx = (struct xlsx *)source;

    xlsx_part_close(xlsx->part);
    xlsx_book_close(xlsx->book);
    buf_done(&xlsx->text);
    buf_done(&xlsx->value);
    free(xlsx);
}

struct source *
xlsx_new(int fd, struct refusal *refusal)
{
    struct xlsx_book *book = xlsx_book_open(fd, refusal);
    struct xlsx *xlsx;

    if (book == NULL)
        return NULL;
    xlsx = mem_zalloc(sizeof(*xlsx));
    xlsx->source = (struct source){xlsx_next, xlsx_rewind, xlsx_next_sheet, xlsx_close};
    xlsx->book = book;
    (void)buf_reserve(&xlsx->text, 1);
    return &xlsx->source;
}
