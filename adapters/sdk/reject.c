#include "sdk/reject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sdk/convert.h"
#include "sdk/input.h"
#include "base/source.h"
#include "sdk/table.h"

#define REJECT_ENDING ".rejects.csv"
#define REJECT_NUMBER_DIGITS 11 /* from here on a spreadsheet damages a number */
#define REJECT_BUFFER (256 * 1024)

/* A report being written to a temporary file beside its final place. */
struct reject {
    const struct record_type *type;
    struct table table;
    struct buf header[SOURCE_CELLS_MAX]; /* the file's own column names */
    uint32_t header_count;
    struct buf out; /* what is not yet written */
    int fd;
    char *path, *temporary;
};

static const char *const reject_advices[] = {
    [RECORD_OK] = "",
    [RECORD_BAD_ID] = "对照身份证核对号码，按 18 位填写",
    [RECORD_BAD_NAME] = "对照身份证核对姓名，重新填写",
    [RECORD_BAD_CODE] = "改成模板列出的选项，或在适配器配置的 values 中登记本单位的写法",
    [RECORD_BAD_DATE] = "改成 2024-03-05 这样的日期；没有日期的可选项请留空",
    [RECORD_BAD_MONTH] = "改成 2024-03 这样的年月",
    [RECORD_BAD_MONEY] = "改成以元为单位的数字，最多两位小数",
    [RECORD_BAD_NUMBER] = "改成阿拉伯数字",
    [RECORD_REQUIRED] = "补填该列",
    [RECORD_KEY] = "只保留正确的一行，其余各行删除",
    [RECORD_COUNTY] = "不是本县的请删除本行；是本县的请改正行政区划代码",
    [RECORD_STORAGE] = "缩短该列的内容",
};

const char *
reject_advice(enum record_reason reason)
{
    return reject_advices[reason];
}

static char *
reject_path(const char *path, const char *ending)
{
    AUTO_BUF struct buf text = {0};

    buf_add_fmt(&text, "%s" REJECT_ENDING "%s", path, ending);
    return mem_strdup(buf_str(&text));
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

static void
reject_add_text(struct buf *out, const char *text)
{
    reject_add_cell(out, (struct source_cell){text, (uint32_t)strlen(text)}, false);
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
reject_add_row(struct reject *reject, const struct source_row *row)
{
    uint32_t first = reject->table.report ? TABLE_REPORT_COLUMNS : 0;
    bool is_id[SOURCE_CELLS_MAX] = {0};

    for (size_t i = 0; i < reject->type->field_count; i++)
        if (reject->type->fields[i].type == RECORD_ID && reject->table.column[i] >= 0)
            is_id[reject->table.column[i]] = true;
    for (uint32_t i = first; i < row->count; i++) {
        buf_add_u8(&reject->out, ',');
        reject_add_cell(&reject->out, row->cells[i], is_id[i]);
    }
    buf_add(&reject->out, "\r\n", 2);
}

/* Where the header has two lines, the template's names stand for it. */
static void
reject_add_names(struct reject *reject)
{
    for (uint32_t i = 0; i < reject->table.width; i++) {
        const char *name = i < reject->header_count ? buf_str(&reject->header[i]) : "";

        for (size_t field = 0; field < reject->type->field_count; field++)
            if (reject->table.column[field] == (int)i)
                name = reject->type->fields[field].column;
        buf_add_u8(&reject->out, ',');
        reject_add_text(&reject->out, name);
    }
    buf_add(&reject->out, "\r\n", 2);
}

static void
reject_add_header(struct reject *reject, const struct source_row *row)
{
    buf_add_str(&reject->out, "\xef\xbb\xbf");
    for (int i = 0; i < TABLE_REPORT_COLUMNS; i++)
        buf_add_fmt(&reject->out, "%s%s", i > 0 ? "," : "", table_report_columns[i]);
    reject->header_count = row->count;
    for (uint32_t i = 0; i < row->count; i++)
        buf_add(&reject->header[i], row->cells[i].bytes, row->cells[i].len);
    if (reject->table.two_lines)
        reject_add_names(reject);
    else
        reject_add_row(reject, row);
}

static void
reject_add(struct reject *reject, const struct reject_row *refused, const struct source_row *row)
{
    int column = refused->field < 0 ? -1 : reject->table.column[refused->field];

    buf_add_fmt(&reject->out, "%u,", refused->row_no);
    if (column >= 0 && (uint32_t)column < reject->header_count && !reject->table.two_lines)
        reject_add_text(&reject->out, buf_str(&reject->header[column]));
    else if (refused->field >= 0)
        reject_add_text(&reject->out, reject->type->fields[refused->field].column);
    buf_add_u8(&reject->out, ',');
    reject_add_text(&reject->out, record_reason_text((enum record_reason)refused->reason));
    buf_add_u8(&reject->out, ',');
    reject_add_text(&reject->out, reject_advice((enum record_reason)refused->reason));
    reject_add_row(reject, row);
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
            const struct reject_row *rows, size_t count, struct err *err)
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
            reject_add(reject, &rows[i], &row);
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
            const struct reject_row *rows, size_t count, struct err *err)
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
    if (read == SOURCE_ROW && source_rewind(source, err) != 0)
        return -1;
    while (read == SOURCE_ROW && row.row_no < reject->table.header_row)
        read = source_next(source, &row, &refusal, err);
    if (read != SOURCE_ROW)
        return read == SOURCE_ERROR ? -1 : reject_changed(path, err);
    reject_add_header(reject, &row);
    return reject_copy(reject, source, path, rows, count, err);
}

/* Readable by nobody else, whatever the umask was. */
static int
reject_create(struct reject *reject, struct err *err)
{
    reject->fd = mkostemp(reject->temporary, O_CLOEXEC);
    if (reject->fd >= 0 && fchmod(reject->fd, S_IRUSR | S_IWUSR) == 0)
        return 0;
    return err_set(err, ERR_SYSTEM, "cannot create %s: %s", reject->path, strerror(errno));
}

static int
reject_publish(struct reject *reject, struct err *err)
{
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
    buf_done(&reject->out);
    free(reject->path);
    free(reject->temporary);
}
#define AUTO_REJECT __attribute__((cleanup(reject_done)))

int
reject_write(const char *path, const struct record_type *type, const struct mapping *mapping,
             const struct reject_row *rows, size_t count, struct err *err)
{
    AUTO_REJECT struct reject reject = {
        .type = type,
        .fd = -1,
        .path = reject_path(path, ""),
        .temporary = reject_path(path, ".XXXXXX"),
    };

    if (reject_create(&reject, err) != 0 ||
        reject_read(&reject, path, mapping, rows, count, err) != 0)
        return -1;
    return reject_publish(&reject, err);
}

int
reject_remove(const char *path, struct err *err)
{
    AUTO(free) char *report = reject_path(path, "");

    if (unlink(report) != 0 && errno != ENOENT)
        return err_set(err, ERR_SYSTEM, "cannot remove %s: %s", report, strerror(errno));
    return 0;
}
