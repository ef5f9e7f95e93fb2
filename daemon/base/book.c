#include "base/book.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/buf.h"

#define BOOK_TEXT_MAX 32767 /* characters of a cell, and so bytes that always fit */

#define BOOK_CHOICES_BYTES 250
#define BOOK_LISTS "选项"
#define BOOK_LISTS_MAX 26 /* columns of one letter */

struct book {
    lxw_workbook *workbook;
    lxw_worksheet *sheet, *lists; /* the present one; the hidden one, NULL until it is needed */
    int list_count;
    lxw_format *styles[BOOK_WHOLE + 1];
    char *path, *temporary, *folder;
};

static void
book_make_styles(struct book *book)
{
    for (int i = BOOK_TEXT; i <= BOOK_WHOLE; i++) {
        book->styles[i] = workbook_add_format(book->workbook);
        format_set_num_format(book->styles[i], "@");
    }
    for (int i = BOOK_HEAD; i <= BOOK_REQUIRED; i++) {
        format_set_bold(book->styles[i]);
        format_set_text_wrap(book->styles[i]);
        format_set_align(book->styles[i], LXW_ALIGN_CENTER);
        format_set_align(book->styles[i], LXW_ALIGN_VERTICAL_CENTER);
        format_set_bg_color(book->styles[i], i == BOOK_HEAD ? 0xDDEBF7 : 0xFCE4D6);
        format_set_border(book->styles[i], LXW_BORDER_THIN);
    }
    format_set_italic(book->styles[BOOK_EXAMPLE]);
    format_set_font_color(book->styles[BOOK_EXAMPLE], 0x7F7F7F);
    format_set_text_wrap(book->styles[BOOK_ADVICE]);
    format_set_align(book->styles[BOOK_ADVICE], LXW_ALIGN_VERTICAL_TOP);
    format_set_bg_color(book->styles[BOOK_WRONG], 0xFFC7CE);
    format_set_num_format(book->styles[BOOK_MONEY], "0.00");
    format_set_num_format(book->styles[BOOK_WHOLE], "0");
}

/* A file of our own beside the final place; the library then writes over it. */
static int
book_make_temporary(struct book *book, struct err *err)
{
    int fd = mkostemp(book->temporary, O_CLOEXEC);

    if (fd >= 0 && fchmod(fd, S_IRUSR | S_IWUSR) == 0 && close(fd) == 0)
        return 0;
    return err_set(err, ERR_SYSTEM, "cannot create %s: %s", book->path, strerror(errno));
}

int
book_new(const char *path, bool streaming, struct book **ret_book, struct err *err)
{
    AUTO(book_free) struct book *book = mem_zalloc(sizeof(*book));
    AUTO_BUF struct buf temporary = {0};
    const char *slash = strrchr(path, '/');
    lxw_workbook_options options = {.constant_memory = streaming};

    buf_add_fmt(&temporary, "%s.XXXXXX", path);
    book->path = mem_strdup(path);
    book->temporary = mem_strdup(buf_str(&temporary));
    book->folder = mem_strdup(slash == NULL ? "." : slash == path ? "/" : path);
    if (slash != NULL && slash != path)
        book->folder[slash - path] = '\0';
    if (book_make_temporary(book, err) != 0) {
        free(book->temporary);
        book->temporary = NULL;
        return -1;
    }
    options.tmpdir = book->folder; /* rows on their way are no business of /tmp */
    book->workbook = workbook_new_opt(book->temporary, &options);
    if (book->workbook == NULL)
        return err_set(err, ERR_SYSTEM, "cannot create %s", path);
    book_make_styles(book);
    *ret_book = STEAL(book);
    return 0;
}

void
book_free(struct book *book)
{
    if (book == NULL)
        return;
    if (book->workbook != NULL)
        (void)workbook_close(book->workbook);
    if (book->temporary != NULL)
        (void)unlink(book->temporary);
    free(book->temporary);
    free(book->folder);
    free(book->path);
    free(book);
}

void
book_sheet(struct book *book, const char *name, uint32_t frozen)
{
    book->sheet = workbook_add_worksheet(book->workbook, name);
    if (frozen > 0)
        worksheet_freeze_panes(book->sheet, frozen, 0);
}

void
book_column(struct book *book, uint16_t column, int width, enum book_style style)
{
    (void)worksheet_set_column(book->sheet, column, column, width, book->styles[style]);
}

void
book_text(struct book *book, uint32_t row, uint16_t column, const char *text, size_t len,
          enum book_style style)
{
    AUTO_BUF struct buf copy = {0};

    if (len == 0) {
        (void)worksheet_write_blank(book->sheet, row, column, book->styles[style]);
        return;
    }
    if (len > BOOK_TEXT_MAX)
        for (len = BOOK_TEXT_MAX; ((unsigned char)text[len] & 0xc0) == 0x80;)
            len--;
    buf_add(&copy, text, len);
    (void)worksheet_write_string(book->sheet, row, column, buf_str(&copy), book->styles[style]);
}

void
book_note(struct book *book, uint32_t row, uint16_t column, const char *text)
{
    static char nobody[] = "";
    lxw_comment_options options = {.author = nobody, .x_scale = 2, .y_scale = 1.5};

    (void)worksheet_write_comment_opt(book->sheet, row, column, text, &options);
}

/* Write a long list into the hidden sheet; the range it stands in. */
static void
book_add_list(struct book *book, const char *const *choices, struct buf *out)
{
    lxw_row_t count = 0;
    char column = (char)('A' + book->list_count);

    if (book->lists == NULL)
        book->lists = workbook_add_worksheet(book->workbook, BOOK_LISTS);
    worksheet_hide(book->lists);
    for (; choices[count] != NULL; count++)
        (void)worksheet_write_string(book->lists, count, (lxw_col_t)book->list_count,
                                     choices[count], book->styles[BOOK_TEXT]);
    buf_add_fmt(out, "=" BOOK_LISTS "!$%c$1:$%c$%u", column, column, (unsigned)count);
    book->list_count++;
}

void
book_choices(struct book *book, uint32_t row, uint16_t column, const char *const *choices,
             bool only)
{
    static char title[] = "不在选项之中", message[] = "请从下拉选项中选择。";
    AUTO_BUF struct buf range = {0};
    lxw_data_validation validation = {
        .validate = LXW_VALIDATION_TYPE_LIST,
        .value_list = (char **)(uintptr_t)choices,
        .ignore_blank = LXW_VALIDATION_ON,
        .show_error = only ? LXW_VALIDATION_ON : LXW_VALIDATION_OFF,
        .error_title = title,
        .error_message = message,
    };
    size_t bytes = 0;

    for (const char *const *choice = choices; *choice != NULL; choice++)
        bytes += strlen(*choice) + 1;
    if (bytes == 0 || (bytes > BOOK_CHOICES_BYTES && book->list_count == BOOK_LISTS_MAX))
        return;
    if (bytes > BOOK_CHOICES_BYTES) { /* the library overruns its buffer with more, in UTF-8 */
        book_add_list(book, choices, &range);
        validation.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
        validation.value_formula = (char *)(uintptr_t)buf_str(&range);
    }
    (void)worksheet_data_validation_range(book->sheet, row, column, BOOK_ROWS_MAX - 1, column,
                                          &validation);
}

int
book_save(struct book *book, struct err *err)
{
    lxw_error written = workbook_close(book->workbook);
    int fd, result = -1;

    book->workbook = NULL;
    fd = written == LXW_NO_ERROR ? open(book->temporary, O_RDWR | O_CLOEXEC) : -1;
    if (written != LXW_NO_ERROR)
        (void)err_set(err, ERR_SYSTEM, "cannot write %s: %s", book->path, lxw_strerror(written));
    else if (fd < 0 || fsync(fd) != 0 || rename(book->temporary, book->path) != 0)
        (void)err_set(err, ERR_SYSTEM, "cannot write %s: %s", book->path, strerror(errno));
    else
        result = 0;
    if (fd >= 0)
        (void)close(fd);
    if (result == 0)
        *book->temporary = '\0'; /* it has its name now */
    book_free(book);
    return result;
}
