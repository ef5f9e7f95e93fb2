#include "sdk/sheet/input.h"

#include <fcntl.h>
#include <unistd.h>

#include "sdk/sheet/xls.h"
#include "sdk/sheet.h"

static struct refusal refusal;
static struct err err;

/* All rows of a file: cells between [ and ], rows numbered; or the refusal's code behind "!". */
static char *
read_all(const char *text, size_t len)
{
    AUTO(source_close) struct source *source = NULL;
    AUTO_BUF struct buf out = {0};
    struct source_row row;
    enum source_read read;

    refusal = (struct refusal){0};
    ck_assert_int_eq(input_open(sheet_write("a.csv", text, len), &source, &refusal, &err), 0);
    while (source != NULL && (read = source_next(source, &row, &refusal, &err)) != SOURCE_END) {
        ck_assert_int_ne(read, SOURCE_ERROR);
        if (read == SOURCE_REFUSED)
            break;
        buf_add_fmt(&out, "%u", row.row_no);
        for (uint32_t i = 0; i < row.count; i++)
            buf_add_fmt(&out, "[%.*s]", (int)row.cells[i].len, row.cells[i].bytes);
    }
    if (refusal.code != REFUSAL_NONE)
        buf_add_fmt(&out, "!%s", refusal_word(refusal.code));
    return mem_strdup(buf_str(&out));
}

#define BYTES(text) text, sizeof(text) - 1

static const struct {
    const char *text;
    size_t len;
    const char *rows;
} files[] = {
    {BYTES(""), ""},
    {BYTES("\xef\xbb\xbf"), ""},
    {BYTES("a,b\r\n1,2\r\n"), "1[a][b]2[1][2]"},
    {BYTES("\xef\xbb\xbf"
           "a,b\n1,2"),
     "1[a][b]2[1][2]"},
    {BYTES("a,b\r1,2\r"), "1[a][b]2[1][2]"},
    {BYTES("a,b\n\n1,\n,\n"), "1[a][b]2[]3[1][]4[][]"},
    {BYTES("\"a\",\"b,\"\"c\"\"\"\n\"\",x\n"), "1[a][b,\"c\"]2[][x]"},
    {BYTES("\"a\r\nb\",c\nd\n"), "1[a\r\nb][c]2[d]"},
    {BYTES("=\"3607\",x\"y\n"), "1[=\"3607\"][x\"y]"},
    {BYTES("\"a\" ,\"b\"\t\n"), "1[a][b]"},
    {BYTES("\"a\""), "1[a]"},
    {BYTES("a\tb,c\n"), "1[a\tb][c]"},
    {BYTES("title\na\tb\n1\t2,5\n"), "1[title]2[a][b]3[1][2,5]"},
    {BYTES("a\tb\n\"1\"\t\"2\"\n"), "1[a][b]2[1][2]"},
    {BYTES("a;b;c\n1;2,5;\n"), "1[a][b][c]2[1][2,5][]"},
    {BYTES("title; more\na,b\n1;2,3\n"), "1[title; more]2[a][b]3[1;2][3]"},
    {BYTES("title; more\na;b;c\n"), "1[title][ more]2[a][b][c]"},
    {BYTES("\xef\xbb\xbf\n<!doctype html>"), "!spreadsheet"},
    {BYTES("陈芳,\xf0\xa0\xae\xb7\n"), "1[陈芳][𠮷]"},
    {BYTES("a\n\xb3\xc2\xb7\xbc\n"), "1[a]2[陈芳]"},
    {BYTES("a\n\"\xb3\xc2\"\n"), "1[a]2[陈]"},
    {BYTES("a,\xfe\x9f,\x95\x34\xb2\x35,\n\xb3\xc2"), "1[a][䶮][𠮷][]2[陈]"},
    {BYTES("\x84\x31\x95\x33\xb3\xc2\n"), "1[陈]"},
    {BYTES("\xb3\xc2\n\xff\n"), "1[陈]!encoding"},
    {BYTES("\xb3\xc2\n\xb7\xbc\xb3"), "1[陈]!encoding"},
    {BYTES("\xb3\xc2\n\"\xff\"\n"), "1[陈]!encoding"},
    {BYTES("陈\n\xb3\xc2\n"), "!encoding"},
    {BYTES("\xff\xfe"
           "a\0\t\0\x48\x96\n\0"),
     "1[a][陈]"},
    {BYTES("\xfe\xff\0a\0,\xd8\x42\xdf\xb7"), "1[a][𠮷]"},
    {BYTES("\xff\xfe"
           "a\0\n\0b"),
     "1[a]!encoding"},
    {BYTES("\xff\xfe"
           "a\0\n\0\x42\xd8\n\0"),
     "1[a]!encoding"},
    {BYTES("\xff\xfe"
           "a\0\0\0"),
     "!nul_byte"},
    {BYTES("PK\x03\x04zip"), "!spreadsheet"},
    {BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "!spreadsheet"},
    {BYTES("a\nb\0c\n"), "1[a]!nul_byte"},
    {BYTES("a\n\"b\0c\"\n"), "1[a]!nul_byte"},
    {BYTES("a\n\"b\"c\n"), "1[a]!quote"},
    {BYTES("a\n\"b\nc\n"), "1[a]!quote"},
    {BYTES("\""), "!quote"},
};

START_TEST(rows_come_as_they_stand_or_the_file_is_refused)
{
    AUTO(free) char *rows = read_all(files[_i].text, files[_i].len);

    ck_assert_str_eq(rows, files[_i].rows);
    if (refusal.code != REFUSAL_NONE)
        ck_assert(refusal.zh[0] != '\0' && refusal.en[0] != '\0');
}
END_TEST

static const struct {
    const char *text;
    size_t len;
    const char *zh, *en;
} refused[] = {
    {BYTES("a\n\"x\ny\",z\n\"b\nc\n"),
     "第 4 行的引号没有配对，后面的内容无法分辨。请改正该行的引号后重新发送。",
     "line 4 opens a quote that is never closed; mend it and send the file again"},
    {BYTES("a\n\"b\"c\n"), "第 2 行引号有误：引号后面还有文字。请在该行改正引号后重新发送。",
     "line 2: text follows a closing quote; mend the quotes in that line and send the file again"},
    {BYTES("a\nb\n\xb3\n"),
     "第 3 行既不是 UTF-8 也不是 GB18030 文字。请用 Excel 打开原文件，选择“另存为”，类型选“CSV "
     "UTF-8（逗号分隔）”，然后重新发送。",
     "line 3 is neither UTF-8 nor GB18030; open the file in Excel, save it as 'CSV UTF-8' and send "
     "it again"},
    {BYTES("a\n\0\n"),
     "第 2 行有空字节（NUL），文件可能已损坏或不是文本文件。请重新导出，另存为“CSV "
     "UTF-8”后再发送。",
     "line 2 holds a NUL byte: the file is damaged or no text; export it again as 'CSV UTF-8'"},
    {BYTES("PK\x03\x04"),
     "这个 Excel 工作簿打不开：文件损坏、加密，或不是 .xlsx。请在 Excel 中打开并另存为“Excel "
     "工作簿（.xlsx）”或“CSV UTF-8”后重新发送。",
     "this workbook cannot be read: it is damaged, encrypted or no .xlsx; open it in Excel, save "
     "it "
     "as .xlsx or 'CSV UTF-8' and send it again"},
    {BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
     "这个 Excel 工作簿打不开：文件设有密码、已损坏，或不是 .xls。请在 Excel "
     "中打开，取消密码，另存为“Excel 工作簿（.xlsx）”或“CSV UTF-8”后重新发送。",
     "this workbook cannot be read: it has a password, is damaged or no .xls; open it in Excel, "
     "take the password off, save it as .xlsx or 'CSV UTF-8' and send it again"},
    {BYTES("%PDF-1.7\n"),
     "这个文件其实是 PDF 格式的网页或文档，不是表格。请在 Excel 中打开并另存为“Excel "
     "工作簿（.xlsx）”或“CSV UTF-8”，打不开的请从业务系统重新导出后发送。",
     "this file is PDF, a page or document and no table; open it in Excel and save it as .xlsx or "
     "'CSV UTF-8', or export it again as a table"},
    {BYTES(" \r\n<Html><table><tr><td>1</td></tr></table>"),
     "这个文件其实是 HTML 格式的网页或文档，不是表格。请在 Excel 中打开并另存为“Excel "
     "工作簿（.xlsx）”或“CSV UTF-8”，打不开的请从业务系统重新导出后发送。",
     "this file is HTML, a page or document and no table; open it in Excel and save it as .xlsx or "
     "'CSV UTF-8', or export it again as a table"},
};

START_TEST(a_refusal_names_the_line_and_what_to_do)
{
    AUTO(free) char *rows = read_all(refused[_i].text, refused[_i].len);

    ck_assert_ptr_nonnull(strchr(rows, '!'));
    ck_assert_str_eq(refusal.zh, refused[_i].zh);
    ck_assert_str_eq(refusal.en, refused[_i].en);
}
END_TEST

START_TEST(a_row_of_256_columns_is_read_and_one_of_257_refused)
{
    AUTO_BUF struct buf text = {0};

    for (int i = 0; i < SOURCE_CELLS_MAX - 1; i++)
        buf_add_u8(&text, ',');
    buf_add_str(&text, "\n");
    AUTO(free) char *rows = read_all((const char *)text.bytes, text.len);
    ck_assert_uint_eq(strlen(rows), 1 + 2 * SOURCE_CELLS_MAX);

    text.len--;
    buf_add_str(&text, ",\n");
    AUTO(free) char *refused_rows = read_all((const char *)text.bytes, text.len);
    ck_assert_str_eq(refused_rows, "!columns_limit");
    ck_assert_str_eq(refusal.zh, "第 1 行超过 256 列。请删去多余的列后重新发送。");
    ck_assert_str_eq(refusal.en, "line 1 has more than 256 columns; remove the surplus columns and "
                                 "send the file again");
}
END_TEST

START_TEST(a_row_of_a_mebibyte_is_read_and_a_longer_one_refused)
{
    AUTO_BUF struct buf text = {0};

    buf_add_str(&text, "a\n");
    memset(buf_reserve(&text, SOURCE_LINE_MAX), 'x', SOURCE_LINE_MAX);
    text.len += SOURCE_LINE_MAX;
    AUTO(free) char *rows = read_all((const char *)text.bytes, text.len);
    ck_assert_uint_eq(strlen(rows), 4 + 3 + SOURCE_LINE_MAX);

    buf_add_str(&text, "x\nb\n");
    AUTO(free) char *refused_rows = read_all((const char *)text.bytes, text.len);
    ck_assert_str_eq(refused_rows, "1[a]!line_length");
    ck_assert_str_eq(refusal.zh,
                     "第 2 行超过 1048576 字节，不像表格文件。请检查导出的文件后重新发送。");
    ck_assert_str_eq(refusal.en, "line 2 is longer than 1048576 bytes; this does not look like a "
                                 "table, export it again");
}
END_TEST

START_TEST(a_quote_left_open_is_found_without_reading_the_whole_file)
{
    AUTO_BUF struct buf text = {0};

    buf_add_str(&text, "a\n\"");
    memset(buf_reserve(&text, 3 * SOURCE_LINE_MAX), '\n', 3 * SOURCE_LINE_MAX);
    text.len += 3 * SOURCE_LINE_MAX;
    AUTO(free) char *rows = read_all((const char *)text.bytes, text.len);
    ck_assert_str_eq(rows, "1[a]!quote");
    ck_assert_ptr_nonnull(strstr(refusal.zh, "第 2 行"));
}
END_TEST

/* Rows of many lengths, so that the buffer's end falls on every kind of byte. */
START_TEST(rows_are_the_same_wherever_the_buffer_ends)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    AUTO(source_close) struct source *source = NULL;
    AUTO_BUF struct buf text = {0}, cell = {0};
    struct source_row row;
    uint32_t rows = 0;

    for (int i = 0; i < 9000; i++) {
        for (int j = 0; j < i % 97; j++)
            buf_add_str(&text, "村");
        buf_add_fmt(&text, ",\"%d\"\"\n\",%d%s", i, i, ends[_i]);
    }
    ck_assert_int_eq(
        input_open(sheet_write("a.csv", (char *)text.bytes, text.len), &source, &refusal, &err), 0);
    for (int pass = 0; pass < 2; pass++) {
        for (rows = 0; source_next(source, &row, &refusal, &err) == SOURCE_ROW; rows++) {
            ck_assert_uint_eq(row.row_no, rows + 1);
            ck_assert_uint_eq(row.count, 3);
            ck_assert_uint_eq(row.cells[0].len, 3 * (rows % 97));
            buf_clear(&cell);
            buf_add_fmt(&cell, "%u\"\n", rows);
            ck_assert_uint_eq(row.cells[1].len, cell.len);
            ck_assert_mem_eq(row.cells[1].bytes, cell.bytes, cell.len);
        }
        ck_assert_uint_eq(rows, 9000);
        ck_assert_int_eq(source_rewind(source, &err), 0);
    }
}
END_TEST

START_TEST(a_file_that_is_not_there_or_is_no_file_fails)
{
    struct source *source = NULL;

    ck_assert_int_eq(input_open("/tmp/sheet-none/a.csv", &source, &refusal, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
    ck_assert_str_eq(err.text, "cannot open /tmp/sheet-none/a.csv: No such file or directory");
    ck_assert_int_eq(input_open("/dev/null", &source, &refusal, &err), -1);
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_str_eq(err.text, "cannot read /dev/null: it is not a regular file");
}
END_TEST

/* A pipe that nobody writes to: its reader sleeps, as one that waits for a lock for ever. */
START_TEST(a_child_that_hangs_is_not_waited_for)
{
    struct refusal stuck = {0};
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_ptr_null(xls_new(ends[0], &stuck));
    ck_assert_int_eq(stuck.code, REFUSAL_SPREADSHEET);
    ck_assert_int_eq(close(ends[1]), 0);
}
END_TEST

START_TEST(the_first_refusal_stays_and_a_cut_text_is_still_text)
{
    struct refusal first = {0};
    char text[700] = {0};

    for (size_t i = 0; i + 3 < sizeof(text); i += 3)
        memcpy(text + i, "县", 3);
    refusal_set(&first, REFUSAL_EMPTY, "a%s", "bb%s", text);
    refusal_set(&first, REFUSAL_QUOTE, "c%.0s", "d%.0s", text);
    ck_assert_int_eq(first.code, REFUSAL_EMPTY);
    ck_assert_int_ge(text_utf8_length(first.zh, strlen(first.zh)), 170);
    ck_assert_int_ge(text_utf8_length(first.en, strlen(first.en)), 170);
    ck_assert_str_eq(refusal_word(first.code), "empty");
    ck_assert_ptr_null(refusal_word(REFUSAL_NONE));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("reader");
    TCase *tcase = tcase_create("reader"), *slow = tcase_create("slow");

    tcase_add_checked_fixture(tcase, sheet_setup, sheet_teardown);
    tcase_add_loop_test(tcase, rows_come_as_they_stand_or_the_file_is_refused, 0,
                        UNIT_COUNT(files));
    tcase_add_loop_test(tcase, a_refusal_names_the_line_and_what_to_do, 0, UNIT_COUNT(refused));
    tcase_add_test(tcase, a_row_of_256_columns_is_read_and_one_of_257_refused);
    tcase_add_test(tcase, a_row_of_a_mebibyte_is_read_and_a_longer_one_refused);
    tcase_add_test(tcase, a_quote_left_open_is_found_without_reading_the_whole_file);
    tcase_add_loop_test(tcase, rows_are_the_same_wherever_the_buffer_ends, 0, 3);
    tcase_add_test(tcase, a_file_that_is_not_there_or_is_no_file_fails);
    tcase_add_test(tcase, the_first_refusal_stays_and_a_cut_text_is_still_text);
    suite_add_tcase(suite, tcase);
    tcase_set_timeout(slow, 60);
    tcase_add_test(slow, a_child_that_hangs_is_not_waited_for);
    suite_add_tcase(suite, slow);
    return unit_run(suite);
}
