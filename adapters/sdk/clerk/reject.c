#include "sdk/clerk/reject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sdk/prepare/convert.h"
#include "sdk/sheet/input.h"
#include "sdk/clerk/mark.h"
#include "base/source.h"
#include "base/book.h"
#include "sdk/prepare/table.h"

#define REJECT_NUMBER_DIGITS 11 /* from here on a spreadsheet damages a number */
#define REJECT_BUFFER (256 * 1024)

/* A report being written to temporary files beside its final place. */
struct reject {
    const struct sink_file *options;
    const struct record_type *type;
    struct table table;
    struct buf header[SOURCE_CELLS_MAX]; /* the file's own column names */
    uint32_t header_count;
    bool is_id[SOURCE_CELLS_MAX];
    struct buf out; /* text of the report that is not yet written */
    int fd;
    char *path, *temporary;
    struct book *book; /* NULL: no .xlsx */
    char *book_path;
    uint32_t row;
    uint16_t column; /* of the next cell */
    uint32_t note;   /* column of the notes */
    struct mark mark;
};

static const char *const reject_advices[] = {
    [RECORD_OK] = "",
    [RECORD_BAD_ID] = "对照身份证核对号码，按 18 位填写",
    [RECORD_BAD_NAME] = "对照身份证填写完整姓名，不要打码",
    [RECORD_BAD_CODE] = "改成模板列出的选项，或在适配器配置的 values 中登记本单位的写法",
    [RECORD_BAD_DATE] = "改成 2024-03-05 这样的日期；没有日期的可选项请留空",
    [RECORD_BAD_MONTH] = "改成 2024-03 这样的年月",
    [RECORD_BAD_MONEY] = "改成以元为单位的数字，最多两位小数",
    [RECORD_BAD_NUMBER] = "改成阿拉伯数字",
    [RECORD_REQUIRED] = "补填该列",
    [RECORD_KEY] = "只保留正确的一行，其余各行删除",
    [RECORD_COUNTY] = "不是本县的请删除本行；是本县的请改正行政区划代码",
    [RECORD_STORAGE] = "缩短该列的内容",
    [RECORD_BAD_UNIT] = "把金额换算成元，去掉“万元”等字样",
    [RECORD_FORMULA] = "用 Excel 打开原表并保存，或把公式改成数值",
    [RECORD_BAD_TEXT] = "从原系统重新导出，把该列设为“文本”后填写完整编号",
};

const char *
reject_advice(enum record_reason reason)
{
    return reject_advices[reason];
}

/* ---- cells ---- */

/* Digits that may end in X, and long enough to be damaged; or any number of a person. */
static bool
reject_is_number(struct source_cell cell, bool id)
{
    uint32_t digits = 0;

    while (digits < cell.len && cell.bytes[digits] >= '0' && cell.bytes[digits] <= '9')
        digits++;
    if (digits + 1 == cell.len && (cell.bytes[digits] == 'X' || cell.bytes[digits] == 'x'))
        digits++;
    return cell.len > 0 && digits == cell.len && (id || cell.len >= REJECT_NUMBER_DIGITS);
}

/* Whether a spreadsheet would take the text for a formula or a command; full-width signs too. */
static bool
reject_is_formula(struct source_cell cell)
{
    static const char *const signs[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                        "\n", "＝", "＋", "－", "＠"};

    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        size_t len = strlen(signs[i]);

        if (cell.len >= len && memcmp(cell.bytes, signs[i], len) == 0)
            return true;
    }
    return false;
}

static void
reject_add_quoted(struct buf *out, const char *prefix, struct source_cell cell)
{
    buf_add_str(out, prefix);
    for (uint32_t i = 0; i < cell.len; i++) {
        if (cell.bytes[i] == '"')
            buf_add_u8(out, '"');
        buf_add_u8(out, (uint8_t)cell.bytes[i]);
    }
}

static bool
reject_needs_quotes(struct source_cell cell)
{
    for (uint32_t i = 0; i < cell.len; i++)
        if (cell.bytes[i] == ',' || cell.bytes[i] == '"' || cell.bytes[i] == '\n' ||
            cell.bytes[i] == '\r' || cell.bytes[i] == '\t')
            return true;
    return false;
}

static void
reject_add_cell(struct buf *out, struct source_cell cell, bool id)
{
    struct source_cell bare = convert_unwrap(cell);

    if (reject_is_number(bare, id)) {
        buf_add_fmt(out, "\"=\"\"%.*s\"\"\"", (int)bare.len, bare.bytes);
    } else if (reject_is_formula(cell)) {
        reject_add_quoted(out, "\"'", cell);
        buf_add_u8(out, '"');
    } else if (reject_needs_quotes(cell)) {
        reject_add_quoted(out, "\"", cell);
        buf_add_u8(out, '"');
    } else {
        buf_add(out, cell.bytes, cell.len);
    }
}

/* Put the next cell into both reports. */
static void
reject_put(struct reject *reject, struct source_cell cell, bool id, enum book_style style)
{
    struct source_cell bare = convert_unwrap(cell);

    if (reject->column > 0)
        buf_add_u8(&reject->out, ',');
    reject_add_cell(&reject->out, cell, id);
    if (reject->column < reject->note || reject->note == 0)
        mark_add(&reject->mark, cell);
    if (reject->book != NULL)
        book_text(reject->book, reject->row, reject->column, bare.bytes, bare.len, style);
    reject->column++;
}

static void
reject_put_text(struct reject *reject, const char *text, enum book_style style)
{
    reject_put(reject, (struct source_cell){text, (uint32_t)strlen(text)}, false, style);
}

static void
reject_end_row(struct reject *reject)
{
    buf_add(&reject->out, "\r\n", 2);
    mark_end_row(&reject->mark);
    reject->row++;
    reject->column = 0;
}

/* ---- rows ---- */

static int
reject_flush(struct reject *reject, struct err *err)
{
    size_t done = 0;

    while (done < reject->out.len) {
        ssize_t put = write(reject->fd, reject->out.bytes + done, reject->out.len - done);

        if (put < 0 && errno != EINTR)
            return err_set(err, ERR_SYSTEM, "cannot write the reject report: %s", strerror(errno));
        done += put > 0 ? (size_t)put : 0;
    }
    buf_clear(&reject->out);
    return 0;
}

/* The row's own cells; a report's leading columns are not repeated in its report. */
static void
reject_put_row(struct reject *reject, const struct source_row *row, int wrong)
{
    uint32_t first = reject->table.report ? TABLE_REPORT_COLUMNS : 0;
    uint32_t last =
        reject->table.report && reject->table.note >= 0 ? (uint32_t)reject->table.note : row->count;

    for (uint32_t i = first; i < row->count && i < last; i++)
        reject_put(reject, row->cells[i], reject->is_id[i],
                   (int)i == wrong ? BOOK_WRONG : BOOK_TEXT);
}

/* The name of a column: the file's own; of a header in two lines the template's. */
static const char *
reject_name(struct reject *reject, uint32_t column)
{
    const char *name = column < reject->header_count ? buf_str(&reject->header[column]) : "";

    for (size_t field = 0; reject->table.two_lines && field < reject->type->field_count; field++)
        if (reject->table.column[field] == (int)column)
            name = reject->type->fields[field].column;
    return name;
}

static void
reject_put_header(struct reject *reject, const struct source_row *row)
{
    static const int widths[TABLE_REPORT_COLUMNS] = {8, 14, 30, 40};
    const struct table *table = &reject->table;
    uint32_t first = table->report ? TABLE_REPORT_COLUMNS : 0;
    uint32_t last = table->report && table->note >= 0 ? (uint32_t)table->note : table->width;

    buf_add_str(&reject->out, "\xef\xbb\xbf");
    for (uint16_t i = 0; reject->book != NULL && i < TABLE_REPORT_COLUMNS; i++)
        book_column(reject->book, i, widths[i], BOOK_TEXT);
    for (int i = 0; i < TABLE_REPORT_COLUMNS; i++)
        reject_put_text(reject, table_report_columns[i], BOOK_HEAD);
    reject->header_count = row->count;
    for (uint32_t i = 0; i < row->count; i++)
        buf_add(&reject->header[i], row->cells[i].bytes, row->cells[i].len);
    for (size_t i = 0; i < reject->type->field_count; i++)
        if (reject->type->fields[i].type == RECORD_ID && table->column[i] >= 0)
            reject->is_id[table->column[i]] = true;
    for (uint32_t i = first; i < last; i++) {
        if (reject->book != NULL)
            book_column(reject->book, reject->column, 20, BOOK_TEXT);
        reject_put_text(reject, reject_name(reject, i), BOOK_HEAD);
    }
    reject->note = reject->column;
    reject_put_text(reject, TABLE_NOTE, BOOK_HEAD);
    reject_end_row(reject);
}

/* The notes: what to do with the report, and the check word behind its last row. */
static void
reject_put_notes(struct reject *reject, bool first, bool last)
{
    AUTO_BUF struct buf text = {0};
    struct mark mark = reject->mark;

    if ((!first && !last) || reject->column > reject->note)
        return; /* a row that is wider than its header leaves no place */
    while (reject->column < reject->note)
        reject_put_text(reject, "", BOOK_TEXT);
    if (first)
        buf_add_str(&text, "改正后保存，原样发回即可；不要改动前四列和标题行。");
    if (last) {
        mark_end_row(&mark);
        mark_format(&mark, &text);
    }
    reject_put_text(reject, buf_str(&text), BOOK_ADVICE);
}

static void
reject_put_refused(struct reject *reject, const struct sink_row *refused,
                   const struct source_row *row, bool first, bool last)
{
    int column = refused->field < 0 ? -1 : reject->table.column[refused->field];
    char number[16];

    (void)snprintf(number, sizeof(number), "%u", refused->row_no);
    reject_put_text(reject, number, BOOK_TEXT);
    if (column >= 0)
        reject_put_text(reject, reject_name(reject, (uint32_t)column), BOOK_ADVICE);
    else
        reject_put_text(reject,
                        refused->field < 0 ? "" : reject->type->fields[refused->field].column,
                        BOOK_ADVICE);
    reject_put_text(reject, record_reason_text((enum record_reason)refused->reason), BOOK_ADVICE);
    reject_put_text(reject, reject_advice((enum record_reason)refused->reason), BOOK_ADVICE);
    reject_put_row(reject, row, column);
    reject_put_notes(reject, first, last);
    reject_end_row(reject);
}

/* ---- the report ---- */

static int
reject_changed(const char *path, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s changed while its reject report was written", path);
}

/* Copy the refused rows out of the source, which stands behind the header. */
static int
reject_copy(struct reject *reject, struct source *source, const char *path,
            const struct sink_row *rows, size_t count, struct err *err)
{
    struct refusal refusal = {0};
    struct source_row row;

    for (size_t i = 0; i < count;) {
        enum source_read read = source_next(source, &row, &refusal, err);

        if (read == SOURCE_ERROR)
            return -1;
        if (read != SOURCE_ROW)
            return reject_changed(path, err);
        for (; i < count && rows[i].row_no == row.row_no; i++)
            reject_put_refused(reject, &rows[i], &row, i == 0, i + 1 == count);
        if (i < count && rows[i].row_no < row.row_no)
            return reject_changed(path, err);
        if (reject->out.len >= REJECT_BUFFER && reject_flush(reject, err) != 0)
            return -1;
    }
    return reject_flush(reject, err);
}

/* The first rows once more: up to the header, whose cells are needed as they stand. */
static int
reject_read(struct reject *reject, const char *path, const struct mapping *mapping,
            const struct sink_row *rows, size_t count, struct err *err)
{
    AUTO(source_close) struct source *source = NULL;
    struct refusal refusal = {0};
    struct source_row row = {0};
    enum source_read read;

    if (input_open(path, &source, &refusal, err) != 0)
        return -1;
    if (source == NULL)
        return reject_changed(path, err);
    read = table_find(source, reject->type, mapping, &reject->table, &refusal, err);
    if (read == SOURCE_ROW && (source_learn(source, err) != 0 || source_rewind(source, err) != 0))
        return -1;
    while (read == SOURCE_ROW && row.row_no < reject->table.header_row)
        read = source_next(source, &row, &refusal, err);
    if (read != SOURCE_ROW)
        return read == SOURCE_ERROR ? -1 : reject_changed(path, err);
    reject_put_header(reject, &row);
    return reject_copy(reject, source, path, rows, count, err);
}

/* ---- files ---- */

/* The path of a report: the first is `<base>.rejects.csv`, the second `<base>.rejects.2.csv`. */
static char *
reject_path(const char *base, int number, const char *ending)
{
    AUTO_BUF struct buf text = {0};

    buf_add_fmt(&text, "%s.rejects", base);
    if (number > 1)
        buf_add_fmt(&text, ".%d", number);
    buf_add_str(&text, ending);
    return mem_strdup(buf_str(&text));
}

static bool
reject_is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/*
 * The first number whose reports may be written: there are none, or nobody has changed them. The
 * last one changed is `ret_kept`, now the caller's.
 */
static int
reject_number(const char *base, char **ret_kept)
{
    int number = 1;

    for (; number < REJECT_REPORTS_MAX; number++) {
        AUTO(free) char *csv = reject_path(base, number, ".csv");
        AUTO(free) char *book = reject_path(base, number, ".xlsx");
        bool csv_changed = reject_is_there(csv) && !mark_holds(csv);

        if (!csv_changed && (!reject_is_there(book) || mark_holds(book)))
            break;
        free(*ret_kept);
        *ret_kept = csv_changed ? STEAL(csv) : STEAL(book);
    }
    return number;
}

/* Whether the report is wanted as a workbook: the file is one, or an earlier report was. */
static bool
reject_wants_book(const struct sink_file *options, const char *path, size_t count)
{
    return (options->book || input_is_book(options->path) || reject_is_there(path)) &&
           count < BOOK_ROWS_MAX;
}

/* Readable by nobody else, whatever the umask was. */
static int
reject_create(struct reject *reject, size_t count, struct err *err)
{
    reject->fd = mkostemp(reject->temporary, O_CLOEXEC);
    if (reject->fd < 0 || fchmod(reject->fd, S_IRUSR | S_IWUSR) != 0)
        return err_set(err, ERR_SYSTEM, "cannot create %s: %s", reject->path, strerror(errno));
    if (!reject_wants_book(reject->options, reject->book_path, count))
        return 0;
    if (book_new(reject->book_path, true, &reject->book, err) != 0)
        return -1;
    book_sheet(reject->book, "退回清单", 1);
    return 0;
}

static int
reject_publish(struct reject *reject, struct err *err)
{
    if (reject->book != NULL && book_save(STEAL(reject->book), err) != 0)
        return -1;
    if (fsync(reject->fd) == 0 && rename(reject->temporary, reject->path) == 0) {
        (void)close(reject->fd);
        reject->fd = -1;
        return 0;
    }
    return err_set(err, ERR_SYSTEM, "cannot write %s: %s", reject->path, strerror(errno));
}

static void
reject_done(struct reject *reject)
{
    if (reject->fd >= 0) {
        (void)close(reject->fd);
        (void)unlink(reject->temporary);
    }
    for (uint32_t i = 0; i < SOURCE_CELLS_MAX; i++)
        buf_done(&reject->header[i]);
    book_free(reject->book);
    buf_done(&reject->out);
    free(reject->path);
    free(reject->book_path);
    free(reject->temporary);
}
#define AUTO_REJECT __attribute__((cleanup(reject_done)))

int
reject_write(const struct sink_file *options, const struct sink_row *rows, size_t count,
             struct sink_report *ret_report, struct err *err)
{
    const char *base = options->base == NULL ? options->path : options->base;
    AUTO(free) char *kept = NULL;
    int number = reject_number(base, &kept);
    AUTO_REJECT struct reject reject = {
        .options = options,
        .type = options->type,
        .fd = -1,
        .path = reject_path(base, number, ".csv"),
        .temporary = reject_path(base, number, ".csv.XXXXXX"),
        .book_path = reject_path(base, number, ".xlsx"),
    };
    bool book;

    mark_begin(&reject.mark);
    if (reject_create(&reject, count, err) != 0 ||
        reject_read(&reject, options->path, options->mapping, rows, count, err) != 0)
        return -1;
    book = reject.book != NULL;
    if (reject_publish(&reject, err) != 0)
        return -1;
    *ret_report = (struct sink_report){STEAL(reject.path), book ? STEAL(reject.book_path) : NULL,
                                       STEAL(kept)};
    return 0;
}

int
reject_remove(const char *base, struct sink_report *ret_report, struct err *err)
{
    static const char *const endings[] = {".csv", ".xlsx"};

    *ret_report = (struct sink_report){0};
    for (int number = 1; number <= REJECT_REPORTS_MAX; number++) {
        int there = 0;

        for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
            AUTO(free) char *path = reject_path(base, number, endings[i]);

            if (!reject_is_there(path))
                continue;
            there++;
            if (!mark_holds(path)) {
                free(ret_report->kept);
                ret_report->kept = STEAL(path);
            } else if (unlink(path) != 0 && errno != ENOENT) {
                return err_set(err, ERR_SYSTEM, "cannot remove %s: %s", path, strerror(errno));
            }
        }
        if (there == 0)
            break;
    }
    return 0;
}
