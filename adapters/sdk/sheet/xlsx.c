#include "sdk/sheet/xlsx.h"

#include <stdlib.h>
#include <string.h>

#include "sdk/sheet/xlsx_book.h"

#define XLSX_ROW_MAX 1048576 /* of a sheet */
#define XLSX_DIGITS 15       /* that a spreadsheet's number has */
#define XLSX_MERGES_MAX 65536
#define XLSX_GIVEN_BYTES (64 << 20) /* of a sheet's text, and of a larger file */
#define XLSX_GIVEN_RATIO 64         /* times its bytes more */
#define XLSX_SMALL (4 << 20)        /* bytes of a sheet, unpacked */

/* Where the text of a cell lies: in the row's own text, or among the shared ones. */
struct xlsx_place {
    size_t at;
    uint32_t len;
    bool shared;
};

/* A merged area whose first cell stands for all; only those of several rows matter. */
struct xlsx_merge {
    uint32_t first_row, last_row, column;
};

/* The merged area that a column is in at the present row. */
struct xlsx_area {
    uint32_t last_row; /* 0: none */
    struct buf text;   /* of its first cell */
};

struct xlsx {
    struct source source;
    struct xlsx_merge *merges;      /* of the present sheet, by first row, once its end was read */
    size_t merge_count, merge_next; /* merges before that one begin at the present row or above */
    struct xlsx_area areas[SOURCE_CELLS_MAX];
    uint32_t area_end; /* no column from here on has an area */
    int64_t given;     /* bytes of text in the rows so far */
    bool merges_known, learnt;
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
    bool in_value, in_reading, row_done;
    bool formula;    /* the cell has one */
    bool row_hidden; /* the row is not shown */
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

static bool
xlsx_is_set(const char *value)
{
    return value != NULL && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

/* Note a merged area of several rows: "D2:D3". */
static void
xlsx_add_merge(struct xlsx *xlsx, const char *area)
{
    const char *colon = area == NULL ? NULL : strchr(area, ':');
    struct xlsx_merge merge = {0};

    if (colon == NULL || xlsx->merges_known || xlsx->merge_count == XLSX_MERGES_MAX)
        return;
    merge.column = xlsx_column(area, XLSX_ROW_MAX);
    merge.first_row = (uint32_t)strtoul(area + strcspn(area, "0123456789"), NULL, 10);
    merge.last_row = (uint32_t)strtoul(colon + strcspn(colon, "0123456789"), NULL, 10);
    if (merge.column >= SOURCE_CELLS_MAX || merge.first_row == 0 ||
        merge.last_row <= merge.first_row)
        return;
    xlsx->merges = mem_grow(xlsx->merges, xlsx->merge_count + 1, sizeof(*xlsx->merges));
    xlsx->merges[xlsx->merge_count++] = merge;
}

static void
xlsx_start_row(struct xlsx *xlsx, const char **attributes)
{
    const char *reference = xlsx_part_attribute(attributes, "r");
    unsigned long row_no = reference == NULL ? xlsx->row_no + 1 : strtoul(reference, NULL, 10);

    xlsx->count = xlsx->follows = 0;
    xlsx->row_hidden = xlsx_is_set(xlsx_part_attribute(attributes, "hidden"));
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
        xlsx->formula = false;
        buf_clear(&xlsx->value);
    } else if (strcmp(name, "f") == 0) {
        xlsx->formula = true;
        xlsx->source.stale = xlsx->book->calculates;
    } else if (strcmp(name, "mergeCell") == 0) {
        xlsx_add_merge(xlsx, xlsx_part_attribute(attributes, "ref"));
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
    unsigned format = xlsx_book_format(xlsx->book, xlsx->style);
    const char *text = buf_str(&xlsx->value);
    char shown[EXCEL_TEXT_BYTES], *end;
    double value;

    if (xlsx->value.len == 0 || (format == EXCEL_PLAIN && xlsx_is_short(text)))
        return;
    value = strtod(text, &end);
    if (*end != '\0')
        return;
    if (format == EXCEL_DATE || format == EXCEL_MONTH)
        excel_date(value, (enum excel_format)format, xlsx->book->from_1904, shown);
    else
        excel_show(value, format, shown);
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
    else if (xlsx->type != 's')
        xlsx->value.len = excel_unescape((char *)xlsx->value.bytes, xlsx->value.len);
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

    if (xlsx->value.len == 0 && xlsx->formula && xlsx->type == 'n') {
        buf_add_str(&xlsx->value, SOURCE_NO_RESULT);
        xlsx->type = 't';
    }
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

/* ---- merged cells ---- */

static int
xlsx_compare_merges(const void *left, const void *right)
{
    const struct xlsx_merge *a = left, *b = right;

    return a->first_row < b->first_row ? -1 : a->first_row > b->first_row;
}

/* Begin an area in its column; one that a damaged file begins within another one ends that. */
static void
xlsx_begin_area(struct xlsx *xlsx, const struct xlsx_merge *merge, const struct source_row *row)
{
    struct xlsx_area *area = &xlsx->areas[merge->column];

    area->last_row = merge->last_row;
    buf_clear(&area->text);
    if (merge->first_row == row->row_no && merge->column < row->count)
        buf_add(&area->text, row->cells[merge->column].bytes, row->cells[merge->column].len);
    if (merge->column >= xlsx->area_end)
        xlsx->area_end = merge->column + 1;
}

/* Give each row of a merged area the text of its first cell, which is what the clerk sees. */
static void
xlsx_fill(struct xlsx *xlsx, struct source_row *row)
{
    for (; xlsx->merge_next < xlsx->merge_count &&
           xlsx->merges[xlsx->merge_next].first_row <= row->row_no;
         xlsx->merge_next++)
        xlsx_begin_area(xlsx, &xlsx->merges[xlsx->merge_next], row);
    for (uint32_t i = 0; i < xlsx->area_end; i++) {
        const struct xlsx_area *area = &xlsx->areas[i];

        if (area->last_row < row->row_no || area->text.len == 0)
            continue;
        for (; row->count <= i; row->count++)
            xlsx->cells[row->count] = (struct source_cell){"", 0};
        if (xlsx->cells[i].len == 0)
            xlsx->cells[i] =
                (struct source_cell){buf_str(&xlsx->areas[i].text), (uint32_t)area->text.len};
    }
}

static void
xlsx_forget_areas(struct xlsx *xlsx)
{
    for (uint32_t i = 0; i < xlsx->area_end; i++) {
        buf_done(&xlsx->areas[i].text);
        xlsx->areas[i].last_row = 0;
    }
    xlsx->area_end = 0;
    xlsx->merge_next = 0;
}

static void
xlsx_forget_merges(struct xlsx *xlsx)
{
    xlsx_forget_areas(xlsx);
    free(xlsx->merges);
    xlsx->merges = NULL;
    xlsx->merge_count = 0;
    xlsx->merges_known = xlsx->learnt = false;
}

/* At the sheet's end: merged areas, which only stand there, ask for another reading. */
static enum source_read
xlsx_finish(struct xlsx *xlsx)
{
    if (xlsx->merges_known || xlsx->merge_count == 0)
        return SOURCE_END;
    qsort(xlsx->merges, xlsx->merge_count, sizeof(*xlsx->merges), xlsx_compare_merges);
    xlsx->merges_known = true;
    return SOURCE_AGAIN;
}

/* ---- the source ---- */

static int
xlsx_rewind(struct source *source, struct err *err)
{
    struct xlsx *xlsx = (struct xlsx *)source;

    (void)err;
    xlsx_part_close(STEAL(xlsx->part));
    xlsx->row_no = 0;
    xlsx->given = 0;
    xlsx_forget_areas(xlsx);
    xlsx->row_done = xlsx->in_value = xlsx->in_reading = false;
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
    *ret_row = (struct source_row){xlsx->row_no, xlsx->count, xlsx->cells, xlsx->row_hidden};
    if (xlsx->merges_known)
        xlsx_fill(xlsx, ret_row);
    /* Shared texts and merged areas let a small file say a text without end. */
    for (uint32_t i = 0; i < ret_row->count; i++)
        xlsx->given += xlsx->cells[i].len;
    if (xlsx->given >
        XLSX_GIVEN_BYTES + XLSX_GIVEN_RATIO * xlsx_archive_bytes(xlsx->book->archive)) {
        xlsx_refuse_size(xlsx->refusal);
        return SOURCE_REFUSED;
    }
    return SOURCE_ROW;
}

/* Parse the present sheet for what stands at its end. */
static int
xlsx_learn(struct source *source, struct err *err)
{
    struct xlsx *xlsx = (struct xlsx *)source;
    struct refusal unused = {0};
    struct source_row row;
    enum source_read read = SOURCE_ROW;

    if (xlsx->learnt)
        return 0;
    xlsx->learnt = true;
    while (read == SOURCE_ROW)
        read = source_next(source, &row, &unused, err);
    xlsx->merges_known = xlsx->merge_count > 0;
    return xlsx_rewind(source, err);
}

static enum source_read
xlsx_next(struct source *source, struct source_row *ret_row, struct refusal *refusal,
          struct err *err)
{
    static const struct xlsx_handlers handlers = {xlsx_start, xlsx_end, xlsx_text};
    struct xlsx *xlsx = (struct xlsx *)source;

    /* A small sheet is gone through first, so that its rows come right at once. */
    if (xlsx->part == NULL && !xlsx->learnt &&
        xlsx_archive_size(xlsx->book->archive, xlsx->book->sheets[xlsx->sheet]) < XLSX_SMALL &&
        xlsx_learn(source, err) != 0)
        return SOURCE_ERROR;
    xlsx->refusal = refusal;
    if (xlsx->part == NULL)
        xlsx->part = xlsx_part_open(xlsx->book->archive, xlsx->book->sheets[xlsx->sheet], &handlers,
                                    xlsx, refusal);
    if (xlsx->part == NULL)
        return SOURCE_REFUSED;
    switch (xlsx_part_read(xlsx->part, refusal)) {
    case XLSX_END:
        return xlsx_finish(xlsx);
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
    xlsx_forget_merges(xlsx);
    return xlsx_rewind(source, err) == 0 ? SOURCE_ROW : SOURCE_ERROR;
}

static void
xlsx_close(struct source *source)
{
    struct xlsx *xlsx = (struct xlsx *)source;

    xlsx_part_close(xlsx->part);
    xlsx_forget_merges(xlsx);
    xlsx_book_close(xlsx->book);
    buf_done(&xlsx->text);
    buf_done(&xlsx->value);
    free(xlsx);
}

static const char *
xlsx_sheet(const struct source *source)
{
    const struct xlsx *xlsx = (const struct xlsx *)source;

    return xlsx->book->names[xlsx->sheet];
}

struct source *
xlsx_new(int fd, struct refusal *refusal)
{
    struct xlsx_book *book = xlsx_book_open(fd, refusal);
    struct xlsx *xlsx;

    if (book == NULL)
        return NULL;
    xlsx = mem_zalloc(sizeof(*xlsx));
    xlsx->source = (struct source){.next = xlsx_next,
                                   .rewind = xlsx_rewind,
                                   .learn = xlsx_learn,
                                   .next_sheet = xlsx_next_sheet,
                                   .close = xlsx_close,
                                   .sheet = xlsx_sheet,
                                   .from_1904 = book->from_1904};
    xlsx->book = book;
    (void)buf_reserve(&xlsx->text, 1);
    return &xlsx->source;
}
