#include "sdk/sheet/xls.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <string.h>

#include "base/buf.h"
#include "unit.h"

/* A file of the project, as a descriptor. */
static int
open_file(const char *name)
{
    AUTO_BUF struct buf path = {0};
    int fd;

    buf_add_fmt(&path, "%s/tests/%s", getenv("QIANSHAO_SOURCE"), name);
    fd = open(buf_str(&path), O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

/* Read the present sheet to its end: its rows, and the last one's number and first cell. */
static enum source_read
read_sheet(struct source *source, unsigned *ret_rows, unsigned *ret_last)
{
    struct refusal refusal = {0};
    struct err err = {0};
    struct source_row row;
    enum source_read read;

    *ret_rows = *ret_last = 0;
    while ((read = source_next(source, &row, &refusal, &err)) == SOURCE_ROW) {
        ++*ret_rows;
        *ret_last = row.row_no;
    }
    return read;
}

START_TEST(the_visible_sheet_is_read_as_often_as_it_is_asked_for)
{
    struct refusal refusal = {0};
    struct err err = {0};
    unsigned rows, last;
    AUTO(source_close)
    struct source *source = xls_new(open_file("files/field/c85-hidden-sheet.xls"), &refusal);

    ck_assert_ptr_nonnull(source);
    ck_assert(!source->from_1904 && !source->stale);
    for (int i = 0; i < 2; i++) {
        ck_assert_str_eq(source->sheet(source), "5月");
        ck_assert_int_eq(read_sheet(source, &rows, &last), SOURCE_END);
        ck_assert_uint_eq(rows, 13);
        ck_assert_uint_eq(last, 13);
        ck_assert_int_eq(source_rewind(source, &err), 0);
    }
    ck_assert_int_eq(source_next_sheet(source, &refusal, &err), SOURCE_END);
}
END_TEST

static const char *const unreadable[] = {"fuzz/corpus/xls/reads-beyond",
                                         "files/field/c90-biff2.xls", "files/field/cases.tsv"};

START_TEST(what_cannot_be_read_is_refused_with_what_to_do)
{
    struct refusal refusal = {0};

    ck_assert_ptr_null(xls_new(open_file(unreadable[_i]), &refusal));
    ck_assert_int_eq(refusal.code, REFUSAL_SPREADSHEET);
    ck_assert_ptr_nonnull(strstr(refusal.zh, "请在 Excel 中打开，取消密码，另存为"));
}
END_TEST

/* Merged areas of long texts, 18 KB that would be a GiB of rows: refused before 256 MiB and soon. */
START_TEST(a_small_file_takes_little_memory_and_time)
{
    struct refusal refusal = {0};
    struct rusage usage;
    unsigned rows, last;
    AUTO(source_close)
    struct source *source = xls_new(open_file("fuzz/corpus/xls/merged-long"), &refusal);

    ck_assert_ptr_nonnull(source);
    ck_assert_int_eq(read_sheet(source, &rows, &last), SOURCE_REFUSED);
    source_close(STEAL(source)); /* which waits for the child */
    ck_assert_int_eq(getrusage(RUSAGE_CHILDREN, &usage), 0);
    ck_assert_int_le(usage.ru_utime.tv_sec, 5);
    ck_assert_int_le(usage.ru_maxrss, 256 << 10);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("xls");
    TCase *tcase = tcase_create("xls");

    tcase_add_test(tcase, the_visible_sheet_is_read_as_often_as_it_is_asked_for);
    tcase_add_loop_test(tcase, what_cannot_be_read_is_refused_with_what_to_do, 0,
                        UNIT_COUNT(unreadable));
    tcase_add_test(tcase, a_small_file_takes_little_memory_and_time);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
