#include "sdk/clerk/reject.h"

#include "sdk/clerk/mark.h"

#include "sdk/sheet.h"

#define HEADER "投诉编号,行政区划代码,受理日期,办结日期,投诉类型\n"

static struct err err;
static struct sink_report report;

/* Write the report of a file; `report` says what lies there. */
static int
report_of(const char *path, bool book, const struct sink_row *rows, size_t count)
{
    const struct sink_file options = {path, NULL, record_find("water.complaint"), NULL, book};

    sink_report_done(&report);
    return reject_write(&options, rows, count, &report, &err);
}

static int
remove_report_of(const char *path)
{
    sink_report_done(&report);
    return reject_remove(path, &report, &err);
}

static const char *
at(const char *name)
{
    static char path[512];

    (void)snprintf(path, sizeof(path), "%s/%s", sheet_dir, name);
    return path;
}

/* How many files there are, so that no temporary one is left behind. */
static int
count_files(void)
{
    AUTO_BUF struct buf command = {0};
    char line[16];
    FILE *list;

    buf_add_fmt(&command, "ls -A %s | wc -l", sheet_dir);
    list = popen(buf_str(&command), "r");
    ck_assert_ptr_nonnull(fgets(line, sizeof(line), list));
    ck_assert_int_eq(pclose(list), 0);
    return (int)strtol(line, NULL, 10);
}

START_TEST(refused_rows_stand_under_the_files_own_header_with_reason_and_advice)
{
    static const struct sink_row rows[] = {{3, RECORD_BAD_DATE, 2}, {5, RECORD_COUNTY, 1}};
    static const char text[] = "标题\n" HEADER "1,2,3,4,5\n\n6,7,8,9,10\n";
    const char *path = sheet_write("a.csv", text, strlen(text));

    ck_assert_int_eq(report_of(path, false, rows, 2), 0);
    AUTO(free) char *written = sheet_read(at("a.csv.rejects.csv"));
    ck_assert_str_eq(written,
                     "\xef\xbb\xbf行号,列名,原因,处理办法,投诉编号,行政区划代码,受理日期,办结日期,"
                     "投诉类型,填写说明\r\n"
                     "3,受理日期,日期无法识别或不存在，请按 2024-03-05 的格式填写,改成 2024-03-05 "
                     "这样的日期；没有日期的可选项请留空,1,2,3,4,5,"
                     "改正后保存，原样发回即可；不要改动前四列和标题行。\r\n"
                     "5,行政区划代码,不属于本县（市、区），请核对行政区划代码,"
                     "不是本县的请删除本行；是本县的请改正"
                     "行政区划代码,6,7,8,9,10,校验 6ec730567d823d5e\r\n");
    ck_assert_int_eq(count_files(), 2);
    ck_assert_int_eq(remove_report_of(at("a.csv")), 0);
    ck_assert_int_eq(count_files(), 1);
    ck_assert_int_eq(remove_report_of(at("a.csv")), 0);
}
END_TEST

static const struct {
    const char *cell, *written;
} cells[] = {
    {"T1", "T1"},
    {"12345678901", "\"=\"\"12345678901\"\"\""},
    {"1234567890", "1234567890"},
    {"\"=\"\"12345678901\"\"\"", "\"=\"\"12345678901\"\"\""},
    {"'12345678901", "\"=\"\"12345678901\"\"\""},
    {"36079919900101001X", "\"=\"\"36079919900101001X\"\"\""},
    {"=1+1", "\"'=1+1\""},
    {"\"=\"\"cmd\"\"\"", "\"'=\"\"cmd\"\"\""},
    {"+86", "\"'+86\""},
    {"-5", "\"'-5\""},
    {"@SUM(A1)", "\"'@SUM(A1)\""},
    {"\t=1", "\"'\t=1\""},
    {"\"\r=1\"", "\"'\r=1\""},
    {"＝1+1", "\"'＝1+1\""},
    {"\"a,b\"", "\"a,b\""},
    {"\"a\nb\"", "\"a\nb\""},
    {"\"a\"\"b\"", "\"a\"\"b\""},
    {"'x", "'x"},
};

START_TEST(a_cell_is_written_so_that_it_reads_back_and_runs_nowhere)
{
    static const struct sink_row rows[] = {{2, RECORD_REQUIRED, -1}};
    AUTO_BUF struct buf text = {0}, end = {0};
    char *written;

    buf_add_fmt(&text, HEADER "%s,x\n", cells[_i].cell);
    ck_assert_int_eq(
        report_of(sheet_write("a.csv", (const char *)text.bytes, text.len), false, rows, 1), 0);
    written = sheet_read(at("a.csv.rejects.csv"));
    buf_add_fmt(&end, "\r\n2,,必填项为空，请补填,补填该列,%s,x,,,,改正后", cells[_i].written);
    ck_assert_ptr_nonnull(strstr(written, buf_str(&end)));
    free(written);
}
END_TEST

START_TEST(every_reason_has_its_advice)
{
    ck_assert_str_eq(reject_advice(RECORD_OK), "");
    for (int i = RECORD_BAD_ID; i <= RECORD_REASON_LAST; i++)
        ck_assert_int_gt((int)strlen(reject_advice((enum record_reason)i)), 0);
}
END_TEST

START_TEST(a_file_that_changed_or_went_keeps_the_old_report)
{
    static const struct sink_row rows[] = {{2, RECORD_REQUIRED, 0}, {9, RECORD_REQUIRED, 0}};
    AUTO_BUF struct buf text = {0};

    (void)sheet_write("a.csv.rejects.csv", "old", 3);
    ck_assert_int_eq(
        report_of(sheet_write("a.csv", HEADER "1\n", strlen(HEADER "1\n")), false, rows, 2), -1);
    ck_assert_int_eq(err.code, ERR_INPUT);
    buf_add_fmt(&text, "%s changed while its reject report was written", at("a.csv"));
    ck_assert_str_eq(err.text, buf_str(&text));
    ck_assert_int_eq(report_of(sheet_write("a.csv", "x\n", 2), false, rows, 2), -1);
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_int_eq(report_of(sheet_write("a.csv", "PK\x03\x04", 4), false, rows, 2), -1);
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_int_eq(unlink(at("a.csv")), 0);
    ck_assert_int_eq(report_of(at("a.csv"), false, rows, 2), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
    AUTO(free) char *written = sheet_read(at("a.csv.rejects.csv"));
    ck_assert_str_eq(written, "old");
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_an_error)
{
    static const struct sink_row rows[] = {{2, RECORD_REQUIRED, 0}};

    ck_assert_int_eq(report_of("/proc/none/a.csv", false, rows, 1), -1);
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_str_eq(err.text, "cannot create /proc/none/a.csv.rejects.csv: No such file or "
                               "directory");
}
END_TEST

/* Take the file at `from` for the report at `to`, with `old` replaced by `with`. */
static void
mend(const char *from, const char *to, const char *old, const char *with)
{
    AUTO(free) char *text = sheet_read(at(from));
    AUTO_BUF struct buf mended = {0};
    const char *place = strstr(text, old);

    ck_assert_ptr_nonnull(place);
    buf_add(&mended, text, (size_t)(place - text));
    buf_add_fmt(&mended, "%s%s", with, place + strlen(old));
    (void)sheet_write(to, (const char *)mended.bytes, mended.len);
}

START_TEST(a_report_that_somebody_mended_stays_and_the_next_one_lies_beside_it)
{
    static const struct sink_row rows[] = {{2, RECORD_BAD_DATE, 2}, {3, RECORD_BAD_DATE, 2}};
    static const char text[] = HEADER "1,2,3,4,5\n6,7,8,9,10\n";
    AUTO(free) char *path = mem_strdup(sheet_write("a.csv", text, strlen(text)));

    ck_assert_msg(report_of(path, true, rows, 2) == 0, "%s", err.text);
    ck_assert_ptr_null(report.kept);
    ck_assert_int_eq(report_of(path, true, rows, 1), 0); /* nobody touched it */
    ck_assert_ptr_null(report.kept);
    ck_assert_str_eq(report.csv, at("a.csv.rejects.csv"));
    ck_assert_str_eq(report.book, at("a.csv.rejects.xlsx"));
    ck_assert_int_eq(count_files(), 3);

    mend("a.csv.rejects.csv", "a.csv.rejects.csv", "1,2,3,4,5", "1,2,2024-03-05,4,5");
    ck_assert_int_eq(report_of(path, true, rows, 2), 0);
    ck_assert_str_eq(report.kept, at("a.csv.rejects.csv"));
    ck_assert_str_eq(report.csv, at("a.csv.rejects.2.csv"));
    ck_assert_str_eq(report.book, at("a.csv.rejects.2.xlsx"));
    mend("a.csv.rejects.2.csv", "a.csv.rejects.2.csv", "\r\n3,", "\r\n4,");
    ck_assert_int_eq(report_of(path, true, rows, 2), 0);
    ck_assert_str_eq(report.kept, at("a.csv.rejects.2.csv"));
    ck_assert_str_eq(report.csv, at("a.csv.rejects.3.csv"));

    ck_assert_int_eq(remove_report_of(path), 0); /* nothing is refused any more */
    ck_assert_str_eq(report.kept, at("a.csv.rejects.2.csv"));
    ck_assert_int_eq(count_files(), 3); /* the file, and two mended reports */
}
END_TEST

START_TEST(a_report_saved_with_other_bytes_but_the_same_cells_may_be_replaced)
{
    static const struct sink_row rows[] = {{2, RECORD_BAD_ID, 0}};
    static const char text[] = HEADER "36079919900101001X,2,3,4,=1+1\n";
    AUTO(free) char *path = mem_strdup(sheet_write("a.csv", text, strlen(text)));

    ck_assert_int_eq(report_of(path, true, rows, 1), 0);
    ck_assert(mark_holds(at("a.csv.rejects.csv")));
    ck_assert(mark_holds(at("a.csv.rejects.xlsx")));
    mend("a.csv.rejects.csv", "b.csv", "\"=\"\"36079919900101001X\"\"\"", "36079919900101001X");
    ck_assert(mark_holds(at("b.csv")));
    mend("a.csv.rejects.csv", "b.csv", "36079919900101001X", "360799199001010011");
    ck_assert(!mark_holds(at("b.csv")));
    mend("a.csv.rejects.csv", "b.csv", "\xef\xbb\xbf", "");
    ck_assert(mark_holds(at("b.csv")));
    mend("a.csv.rejects.csv", "b.csv", "校验 ", "校验 0");
    ck_assert(!mark_holds(at("b.csv")));
    ck_assert(!mark_holds(path));
    ck_assert(!mark_holds(at("nothing")));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("reject");
    TCase *tcase = tcase_create("reject");

    tcase_add_checked_fixture(tcase, sheet_setup, sheet_teardown);
    tcase_add_test(tcase, refused_rows_stand_under_the_files_own_header_with_reason_and_advice);
    tcase_add_loop_test(tcase, a_cell_is_written_so_that_it_reads_back_and_runs_nowhere, 0,
                        UNIT_COUNT(cells));
    tcase_add_test(tcase, every_reason_has_its_advice);
    tcase_add_test(tcase, a_report_that_somebody_mended_stays_and_the_next_one_lies_beside_it);
    tcase_add_test(tcase, a_report_saved_with_other_bytes_but_the_same_cells_may_be_replaced);
    tcase_add_test(tcase, a_file_that_changed_or_went_keeps_the_old_report);
    tcase_add_test(tcase, a_folder_that_cannot_be_written_is_an_error);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
