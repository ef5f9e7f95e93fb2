#include "sdk/sheet/xlsx_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XLSX_BOOK_PART "xl/workbook.xml"
#define XLSX_RELATIONS_PART "xl/_rels/workbook.xml.rels"
#define XLSX_FORMAT_ID_MAX 1024 /* formats of the file's own */

/* A sheet of the workbook, known by its relation. */
struct xlsx_sheet {
    char id[XLSX_NAME_MAX];
    char part[XLSX_NAME_MAX];
    char name[XLSX_NAME_MAX];
};

/* Styles, sheets and texts gathered while the parts of the head are read, one after the other. */
struct xlsx_head {
    struct xlsx_book *book;
    struct refusal *refusal;
    struct xlsx_part *part;
    struct xlsx_sheet *sheets;
    size_t sheet_count;
    char strings[XLSX_NAME_MAX], styles[XLSX_NAME_MAX];
    struct {
        unsigned id;
        unsigned format;
    } formats[XLSX_FORMAT_ID_MAX];
    size_t format_count;
    int in_text, in_reading; /* depths: <t>, and <rPh>, the reading of a Japanese text */
    bool in_styles;
};

/* ---- workbook and relations ---- */

static bool
xlsx_is_true(const char *value)
{
    return value != NULL && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

/* The attribute id of the namespace of relations, whatever its prefix. */
static const char *
xlsx_relation_id(const char **attributes)
{
    for (; attributes[0] != NULL; attributes += 2) {
        const char *colon = strchr(attributes[0], ':');

        if (colon != NULL && strcmp(colon, ":id") == 0)
            return attributes[1];
    }
    return NULL;
}

static void
xlsx_workbook_start(void *context, const char *name, const char **attributes)
{
    struct xlsx_head *head = context;
    const char *state = xlsx_part_attribute(attributes, "state");
    const char *id = xlsx_relation_id(attributes);

    if (strcmp(name, "workbookPr") == 0)
        head->book->from_1904 = xlsx_is_true(xlsx_part_attribute(attributes, "date1904"));
    if (strcmp(name, "calcPr") == 0)
        head->book->calculates = xlsx_is_true(xlsx_part_attribute(attributes, "fullCalcOnLoad"));
    if (strcmp(name, "sheet") != 0 || id == NULL || head->sheet_count == XLSX_SHEETS_MAX ||
        (state != NULL && strcmp(state, "visible") != 0))
        return;
    head->sheets = mem_grow(head->sheets, head->sheet_count + 1, sizeof(*head->sheets));
    head->sheets[head->sheet_count] = (struct xlsx_sheet){0};
    if (xlsx_part_attribute(attributes, "name") != NULL)
        (void)snprintf(head->sheets[head->sheet_count].name, XLSX_NAME_MAX, "%s",
                       xlsx_part_attribute(attributes, "name"));
    (void)snprintf(head->sheets[head->sheet_count++].id, XLSX_NAME_MAX, "%s", id);
}

static void
xlsx_ignore_end(void *context, const char *name)
{
    (void)context;
    (void)name;
}

/* The part a relation leads to: from the root, or from the workbook's folder. */
static void
xlsx_target(const char *target, char part[XLSX_NAME_MAX])
{
    (void)snprintf(part, XLSX_NAME_MAX, "%s%s", *target == '/' ? "" : "xl/",
                   *target == '/' ? target + 1 : target);
}

static bool
xlsx_ends(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);

    return len >= tail && strcmp(text + len - tail, end) == 0;
}

static void
xlsx_relation_start(void *context, const char *name, const char **attributes)
{
    struct xlsx_head *head = context;
    const char *id = xlsx_part_attribute(attributes, "Id");
    const char *type = xlsx_part_attribute(attributes, "Type");
    const char *target = xlsx_part_attribute(attributes, "Target");

    if (strcmp(name, "Relationship") != 0 || id == NULL || type == NULL || target == NULL)
        return;
    if (xlsx_ends(type, "/sharedStrings"))
        xlsx_target(target, head->strings);
    if (xlsx_ends(type, "/styles"))
        xlsx_target(target, head->styles);
    if (!xlsx_ends(type, "/worksheet"))
        return;
    for (size_t i = 0; i < head->sheet_count; i++)
        if (strcmp(head->sheets[i].id, id) == 0)
            xlsx_target(target, head->sheets[i].part);
}

/* ---- formats ---- */

static unsigned
xlsx_format_of(const struct xlsx_head *head, unsigned id)
{
    for (size_t i = 0; i < head->format_count; i++)
        if (head->formats[i].id == id)
            return head->formats[i].format;
    return excel_format(id, NULL);
}

static unsigned
xlsx_number(const char *text)
{
    return text == NULL ? 0 : (unsigned)strtoul(text, NULL, 10);
}

static void
xlsx_style_start(void *context, const char *name, const char **attributes)
{
    struct xlsx_head *head = context;
    struct xlsx_book *book = head->book;
    unsigned id = xlsx_number(xlsx_part_attribute(attributes, "numFmtId"));
    const char *code = xlsx_part_attribute(attributes, "formatCode");

    if (strcmp(name, "numFmt") == 0 && code != NULL && head->format_count < XLSX_FORMAT_ID_MAX) {
        head->formats[head->format_count].id = id;
        head->formats[head->format_count++].format = excel_format(id, code);
    }
    if (strcmp(name, "cellXfs") == 0)
        head->in_styles = true;
    if (strcmp(name, "xf") != 0 || !head->in_styles || book->format_count == XLSX_FORMATS_MAX)
        return;
    if (book->formats == NULL)
        book->formats = mem_grow(NULL, XLSX_FORMATS_MAX, 1);
    book->formats[book->format_count++] = (uint8_t)xlsx_format_of(head, id);
}

static void
xlsx_style_end(void *context, const char *name)
{
    struct xlsx_head *head = context;

    if (strcmp(name, "cellXfs") == 0)
        head->in_styles = false;
}

/* ---- shared strings ---- */

static void
xlsx_string_start(void *context, const char *name, const char **attributes)
{
    struct xlsx_head *head = context;

    (void)attributes;
    if (strcmp(name, "t") == 0)
        head->in_text++;
    else if (strcmp(name, "rPh") == 0)
        head->in_reading++;
}

static void
xlsx_string_text(void *context, const char *bytes, int len)
{
    struct xlsx_head *head = context;

    if (head->in_text > 0 && head->in_reading == 0)
        buf_add(&head->book->strings, bytes, (size_t)len);
}

static void
xlsx_string_end(void *context, const char *name)
{
    struct xlsx_head *head = context;
    struct xlsx_book *book = head->book;
    size_t from;

    if (strcmp(name, "t") == 0)
        head->in_text--;
    else if (strcmp(name, "rPh") == 0)
        head->in_reading--;
    if (strcmp(name, "si") != 0)
        return;
    from = book->string_count == 0 ? 0 : book->string_ends[book->string_count - 1];
    book->strings.len =
        from + excel_unescape((char *)book->strings.bytes + from, book->strings.len - from);
    if (book->string_count == XLSX_STRINGS_MAX || book->strings.len > XLSX_STRING_BYTES_MAX) {
        refusal_set(head->refusal, REFUSAL_SIZE_LIMIT,
                    "这个工作簿里的文字过多，无法按 Excel 读取。请另存为“CSV UTF-8”后再发送。",
                    "this workbook holds too much text to be read as a spreadsheet; save it as "
                    "'CSV UTF-8' and send it again");
        xlsx_part_stop(head->part);
        return;
    }
    if (book->string_count == book->string_size) {
        book->string_size = book->string_size == 0 ? 1024 : book->string_size * 2;
        book->string_ends =
            mem_grow(book->string_ends, book->string_size, sizeof(*book->string_ends));
    }
    book->string_ends[book->string_count++] = (uint32_t)book->strings.len;
}

/* ---- the head ---- */

static int
xlsx_head_read(struct xlsx_head *head, const char *name, const struct xlsx_handlers *handlers)
{
    AUTO(xlsx_part_close)
    struct xlsx_part *part =
        xlsx_part_open(head->book->archive, name, handlers, head, head->refusal);

    if (part == NULL)
        return -1;
    head->part = part;
    return xlsx_part_read(part, head->refusal) == XLSX_END ? 0 : -1;
}

static int
xlsx_head_load(struct xlsx_head *head)
{
    static const struct xlsx_handlers workbook = {xlsx_workbook_start, xlsx_ignore_end, NULL};
    static const struct xlsx_handlers relations = {xlsx_relation_start, xlsx_ignore_end, NULL};
    static const struct xlsx_handlers styles = {xlsx_style_start, xlsx_style_end, NULL};
    static const struct xlsx_handlers strings = {xlsx_string_start, xlsx_string_end,
                                                 xlsx_string_text};
    struct xlsx_book *book = head->book;

    if (xlsx_head_read(head, XLSX_BOOK_PART, &workbook) != 0 ||
        xlsx_head_read(head, XLSX_RELATIONS_PART, &relations) != 0 ||
        (head->styles[0] != '\0' && xlsx_head_read(head, head->styles, &styles) != 0) ||
        (head->strings[0] != '\0' && xlsx_head_read(head, head->strings, &strings) != 0))
        return -1;
    for (size_t i = 0; i < head->sheet_count; i++) {
        if (head->sheets[i].part[0] == '\0')
            continue; /* a chart */
        book->sheets = mem_grow(book->sheets, book->sheet_count + 1, sizeof(*book->sheets));
        book->names = mem_grow(book->names, book->sheet_count + 1, sizeof(*book->names));
        book->names[book->sheet_count] = mem_strdup(head->sheets[i].name);
        book->sheets[book->sheet_count++] = mem_strdup(head->sheets[i].part);
    }
    if (book->sheet_count > 0)
        return 0;
    xlsx_part_damaged(head->refusal);
    return -1;
}

struct xlsx_book *
xlsx_book_open(int fd, struct refusal *refusal)
{
    AUTO(xlsx_book_close) struct xlsx_book *book = mem_zalloc(sizeof(*book));
    struct xlsx_head *head = mem_zalloc(sizeof(*head));
    int done = -1;

    (void)buf_reserve(&book->strings, 1);
    book->archive = xlsx_archive_open(fd, refusal);
    *head = (struct xlsx_head){.book = book, .refusal = refusal};
    if (book->archive != NULL)
        done = xlsx_head_load(head);
    free(head->sheets);
    free(head);
    return done == 0 ? STEAL(book) : NULL;
}

void
xlsx_book_close(struct xlsx_book *book)
{
    if (book == NULL)
        return;
    for (size_t i = 0; i < book->sheet_count; i++)
        free(book->sheets[i]);
    for (size_t i = 0; i < book->sheet_count; i++)
        free(book->names[i]);
    free(book->names);
    free(book->sheets);
    free(book->string_ends);
    free(book->formats);
    buf_done(&book->strings);
    xlsx_archive_close(book->archive);
    free(book);
}

struct source_cell
xlsx_book_string(const struct xlsx_book *book, unsigned long index)
{
    uint32_t from;

    if (index >= book->string_count)
        return (struct source_cell){"", 0};
    from = index == 0 ? 0 : book->string_ends[index - 1];
    return (struct source_cell){(const char *)book->strings.bytes + from,
                                book->string_ends[index] - from};
}

unsigned
xlsx_book_format(const struct xlsx_book *book, unsigned long style)
{
    return style < book->format_count ? book->formats[style] : EXCEL_PLAIN;
}
