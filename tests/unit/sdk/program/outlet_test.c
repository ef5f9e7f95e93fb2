#include "sdk/program/outlet.h"

#include "sdk/clerk/reject.h"
#include "sdk/prepared.h"
#include "sdk/spool/subfile.h"

/* ---- the report ---- */

START_TEST(the_report_of_a_file_with_two_header_lines_has_the_templates_names)
{
    AUTO_BUF struct buf text = {0};

    buf_add_str(&text, "序号,身份证号,姓名,低保,保障,月保障金额,起始日期,单人保\n"
                       ",,,证号,类别,,,\n");
    for (int i = 0; i < 9; i++) {
        char digits[18];

        (void)snprintf(digits, sizeof(digits), "360799199001010%02d", i);
        buf_add_fmt(&text, "%d,%s,陈芳,D1,A,1,2020-01-01,否\n", i + 1, sheet_id(digits));
    }
    buf_add_str(&text, "10,1,陈芳,D1,A,1,2020-01-01,否\n");
    run(buf_str(&text));
    ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
    ck_assert_uint_eq(result.stored, 9);
    AUTO(free) char *rows = report();
    ck_assert_ptr_nonnull(strstr(
        rows, "处理办法,,身份证号,姓名,低保证号,保障类别,月保障金额,起始日期,单人保,填写说明\r\n"));
    ck_assert_ptr_nonnull(strstr(rows, "\r\n12,身份证号,"));
}
END_TEST

START_TEST(the_report_holds_refused_rows_so_that_no_spreadsheet_harms_them)
{
    AUTO_BUF struct buf text = {0};
    char path[600];
    struct stat stat_of;

    buf_add_str(&text, "备注," HEADER);
    for (int i = 0; i < 5; i++)
        buf_add_fmt(&text, "x,3607991990010100%02d,陈芳,D%d,A,1,2020-01-01,,否\n", i, i);
    run("备注," HEADER "\"=HYPERLINK(\"\"x\"\")\",360799199001010010,\"陈\"\"芳\",-7,@A,+1,\t9,"
        "13812345678,\"a,b\"\n" HEADER);
    options.reject_above_percent = 100;
    run("备注," HEADER "\"=HYPERLINK(\"\"x\"\")\",360799199001010010,\"陈\"\"芳\",-7,@A,+1,\t9,"
        "13812345678,\"a,b\"\n");
    AUTO(free) char *rows = report();
    ck_assert_str_eq(
        rows,
        "\xef\xbb\xbf行号,列名,原因,处理办法,备注,身份证号,姓名,低保证号,保障类别,月保障金额,"
        "起始日期,终止日期,单人保,填写说明\r\n"
        "2,身份证号,证件号码有误，请核对位数、字符、校验码和出生日期,对照身份证核对号码，按 18 "
        "位填写,\"'=HYPERLINK(\"\"x\"\")\",\"=\"\"360799199001010010\"\"\",\"陈\"\"芳\","
        "\"'-7\",\"'@A\",\"'+1\",\"'\t9\",\"=\"\"13812345678\"\"\",\"a,b\","
        "改正后保存，原样发回即可；不要改动前四列和标题行。校验 e2416e0fef1fb667\r\n");
    (void)snprintf(path, sizeof(path), "%s/a.csv.rejects.csv", sheet_dir);
    ck_assert_int_eq(stat(path, &stat_of), 0);
    ck_assert_uint_eq(stat_of.st_mode & 0777, 0600);
    ck_assert(result.rejects_written);
}
END_TEST

START_TEST(a_mended_report_is_a_correction_as_it_is)
{
    options.kind = FRAME_CORRECTION;
    run("\xef\xbb\xbf行号,列名,原因,处理办法,操作," HEADER "7,身份证号,有误,改正,,\"=\"\"" ID1
        "\"\"\",'陈芳,\"'-7\",'A,'1,2020-01-01,,否\r\n");
    ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
    ck_assert_uint_eq(result.stored, 1);
    ck_assert_uint_eq(result.refused, 0);
    ck_assert_uint_eq(result.unknown_count, 0);
    ck_assert_int_eq(result.totals[0], 100);
}
END_TEST

START_TEST(a_report_of_a_report_has_its_leading_columns_once)
{
    options.kind = FRAME_CORRECTION;
    options.reject_above_percent = 100;
    run("行号,列名,原因,处理办法," HEADER "7,a,b,c,1,陈芳\n");
    AUTO(free) char *rows = report();
    ck_assert_ptr_nonnull(strstr(rows, "\r\n2,身份证号,"));
    ck_assert_ptr_nonnull(strstr(rows, ",\"=\"\"1\"\"\",陈芳,,,,,,,改正后"));
    ck_assert_ptr_null(strstr(rows, "7,a,b,c"));
}
END_TEST

START_TEST(a_report_goes_when_no_row_is_refused_any_more)
{
    AUTO_BUF struct buf text = {0};

    options.reject_above_percent = 100;
    run(HEADER "1,陈芳\n");
    AUTO(free) char *before = report();
    ck_assert_ptr_nonnull(before);
    buf_add_str(&text, HEADER);
    add_rows(&text, 0, 1);
    run(buf_str(&text));
    AUTO(free) char *after = report();
    ck_assert_ptr_null(after);

    options.rejects = false;
    run(HEADER "1,陈芳\n");
    AUTO(free) char *unasked = report();
    ck_assert_ptr_null(unasked);
}
END_TEST

START_TEST(a_report_that_cannot_be_written_is_a_warning)
{
    char path[600];

    options.reject_above_percent = 100;
    (void)snprintf(path, sizeof(path), "%s/a.csv.rejects.csv", sheet_dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    for (int i = 2; i <= REJECT_REPORTS_MAX; i++) {
        (void)snprintf(path, sizeof(path), "%s/a.csv.rejects.%d.csv", sheet_dir, i);
        ck_assert_int_eq(mkdir(path, 0700), 0);
    }
    run(HEADER "1,陈芳\n");
    ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
    ck_assert(!result.rejects_written);
    ck_assert_str_eq(result.warnings[0].code, "report_unwritten");
    ck_assert_ptr_nonnull(strstr(result.warnings[0].zh, "退回清单没有写成，请检查文件夹权限"));
    ck_assert_ptr_nonnull(
        strstr(result.warnings[0].en, "the reject report could not be written: cannot write"));
}
END_TEST

/* ---- into the spool ---- */

static struct spool *spool;
static struct subfile *opened;
static int listed;
static struct spool_row listed_row;

static void
open_spool(void)
{
    static const struct spool_limits limits = {1 << 30, 35};
    char path[600];

    (void)snprintf(path, sizeof(path), "%s/spool", sheet_dir);
    ck_assert_int_eq(spool_open(path, &limits, &spool, &err), 0);
}

static bool
take_row(void *context, const struct spool_row *row)
{
    (void)context;
    listed++;
    listed_row = *row;
    return true;
}

/* How many submissions wait in the spool. */
static int
count_spool(void)
{
    listed = 0;
    ck_assert_int_eq(spool_list(spool, SPOOL_INCOMING_DIR, take_row, NULL, &err), 0);
    return listed;
}

/* Read every row of the one submission back, and check each again. Texts live until teardown. */
static void
read_back(uint64_t *ret_rows, uint64_t *ret_unresolved, struct record_unresolved *ret_last)
{
    struct subfile *file;

    *ret_rows = *ret_unresolved = 0;
    ck_assert_int_eq(
        subfile_open(spool_dir(spool, SPOOL_INCOMING_DIR), listed_row.name, &opened, &err), 0);
    file = opened;
    for (uint32_t i = 0; i < subfile_head(file)->batches; i++) {
        struct record_reader reader = {0};
        struct record_row row;
        const uint8_t *payload;
        enum record_read read;
        int field;

        ck_assert_int_eq(subfile_payload(file, i, &payload, &err), 0);
        ck_assert(subfile_batch(file, i)->len >= FRAME_PAYLOAD_MIN ||
                  i + 1 == subfile_head(file)->batches);
        record_reader_open(&reader, options.type, payload, subfile_batch(file, i)->len);
        while ((read = record_read(&reader, &row, ret_last, &err)) != RECORD_END) {
            ck_assert_int_ne(read, RECORD_ERROR);
            *ret_rows += read == RECORD_ROW;
            *ret_unresolved += read == RECORD_UNRESOLVED;
            if (read == RECORD_ROW)
                ck_assert_int_eq(
                    record_check(options.type, &row, options.county, options.today, &field),
                    RECORD_OK);
        }
        record_reader_done(&reader);
    }
}

START_TEST(a_submission_is_in_the_spool_as_the_dry_run_said)
{
    AUTO_BUF struct buf text = {0};
    struct record_unresolved last;
    uint64_t rows, unresolved;
    uint8_t digest[DIGEST_BYTES];

    open_spool();
    buf_add_str(&text, HEADER);
    add_rows(&text, 0, 20000);
    buf_add_str(&text, "36079919900101001 9,王　小明,D1,A,1,2020-01-01,,否\n");
    options.revision = 3;
    run(buf_str(&text));
    memcpy(digest, result.digest, sizeof(digest));
    prepare_result_done(&result);
    ck_assert_int_eq(outlet_run(&options, spool, &result, &err), 0);
    ck_assert_mem_eq(result.digest, digest, sizeof(digest));

    ck_assert_int_eq(count_spool(), 1);
    ck_assert_mem_eq(listed_row.head.uuid, result.uuid, sizeof(result.uuid));
    ck_assert_str_eq(listed_row.head.record_type, "civil.dibao");
    ck_assert_str_eq(listed_row.head.producer, "minzheng");
    ck_assert_str_eq(listed_row.head.file, options.path);
    ck_assert_uint_eq(listed_row.head.county, 360722);
    ck_assert_uint_eq(listed_row.head.period, 202403);
    ck_assert_uint_eq(listed_row.head.revision, 3);
    ck_assert_uint_eq(listed_row.head.rows, 20000);
    ck_assert_uint_eq(listed_row.head.unresolved, 1);
    ck_assert_int_gt((int)listed_row.head.batches, 1);
    ck_assert_uint_eq(listed_row.head.total_count, 1);
    ck_assert_int_eq(listed_row.head.totals[0], 20000 * 10001);
    ck_assert_mem_eq(listed_row.head.digest, digest, sizeof(digest));

    read_back(&rows, &unresolved, &last);
    ck_assert_uint_eq(rows, 20000);
    ck_assert_uint_eq(unresolved, 1);
    ck_assert_uint_eq(last.row_no, 20002);
    ck_assert_int_eq(last.reason, RECORD_BAD_ID);
    ck_assert_mem_eq(last.column.bytes, "id_no", last.column.len);
    ck_assert_mem_eq(last.id_no.bytes, "360799199001010019", last.id_no.len);
    ck_assert_mem_eq(last.name.bytes, "王小明", last.name.len);
    ck_assert_uint_eq(last.phone.len, 0);
    spool_close(spool);
}
END_TEST

START_TEST(a_conflict_late_in_the_file_leaves_one_submission_without_the_key)
{
    AUTO_BUF struct buf text = {0};
    struct record_unresolved last;
    uint64_t rows, unresolved;

    open_spool();
    buf_add_str(&text, HEADER);
    add_rows(&text, 0, 20000);
    buf_add_fmt(&text, "%s,陈芳,D0,B,100.01,2020-01-01,,否\n", sheet_id("36079919400101000"));
    run(buf_str(&text));
    prepare_result_done(&result);
    ck_assert_int_eq(outlet_run(&options, spool, &result, &err), 0);
    ck_assert_uint_eq(result.stored, 19999);
    ck_assert_int_eq(count_spool(), 1);
    ck_assert_uint_eq(listed_row.head.rows, 19999);
    ck_assert_uint_eq(listed_row.head.unresolved, 2);
    ck_assert_int_eq(listed_row.head.totals[0], 19999 * 10001);
    read_back(&rows, &unresolved, &last);
    ck_assert_uint_eq(rows, 19999);
    ck_assert_uint_eq(unresolved, 2);
    ck_assert_int_eq(last.reason, RECORD_KEY);
    spool_close(spool);
}
END_TEST

START_TEST(a_refused_file_leaves_the_spool_as_it_was)
{
    static const char *const files[] = {"", HEADER "1,陈芳\n", HEADER ID1 ",\"陈芳\n",
                                        HEADER ID1 ",\xb3\xc2\n"};

    open_spool();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        static const uint8_t none[FRAME_UUID_BYTES];

        options.path = sheet_write("a.csv", files[i], strlen(files[i]));
        prepare_result_done(&result);
        ck_assert_int_eq(outlet_run(&options, spool, &result, &err), 0);
        ck_assert_int_ne(result.refusal.code, REFUSAL_NONE);
        ck_assert_mem_eq(result.uuid, none, sizeof(none));
        ck_assert_int_eq(count_spool(), 0);
    }
    spool_close(spool);
}
END_TEST

START_TEST(a_nil_report_is_a_submission_without_rows)
{
    open_spool();
    options.kind = FRAME_DELTA;
    options.nil = true;
    ck_assert_int_eq(outlet_run(&options, spool, &result, &err), 0);
    ck_assert_int_eq(count_spool(), 1);
    ck_assert(listed_row.head.nil);
    ck_assert_uint_eq(listed_row.head.rows, 0);
    ck_assert_uint_eq(listed_row.head.batches, 0);
    ck_assert_str_eq(listed_row.head.file, "");
    spool_close(spool);
}
END_TEST

START_TEST(a_full_spool_is_an_error_and_stays_as_it_was)
{
    static const struct spool_limits limits = {1, 35};
    AUTO_BUF struct buf text = {0};
    char path[600];

    (void)snprintf(path, sizeof(path), "%s/full", sheet_dir);
    ck_assert_int_eq(spool_open(path, &limits, &spool, &err), 0);
    buf_add_str(&text, HEADER);
    add_rows(&text, 0, 10);
    options.path = sheet_write("a.csv", (const char *)text.bytes, text.len);
    ck_assert_int_eq(outlet_run(&options, spool, &result, &err), -1);
    ck_assert_int_eq(err.code, ERR_LIMIT);
    ck_assert_int_eq(count_spool(), 0);
    spool_close(spool);
}
END_TEST

static void
teardown(void)
{
    subfile_close(opened);
    opened = NULL;
    prepared_teardown();
}

int
main(void)
{
    Suite *suite = suite_create("outlet");
    TCase *tcase = tcase_create("outlet");

    tcase_add_checked_fixture(tcase, prepared_setup, teardown);
    tcase_add_test(tcase, the_report_of_a_file_with_two_header_lines_has_the_templates_names);
    tcase_add_test(tcase, the_report_holds_refused_rows_so_that_no_spreadsheet_harms_them);
    tcase_add_test(tcase, a_mended_report_is_a_correction_as_it_is);
    tcase_add_test(tcase, a_report_of_a_report_has_its_leading_columns_once);
    tcase_add_test(tcase, a_report_goes_when_no_row_is_refused_any_more);
    tcase_add_test(tcase, a_report_that_cannot_be_written_is_a_warning);
    tcase_add_test(tcase, a_submission_is_in_the_spool_as_the_dry_run_said);
    tcase_add_test(tcase, a_conflict_late_in_the_file_leaves_one_submission_without_the_key);
    tcase_add_test(tcase, a_refused_file_leaves_the_spool_as_it_was);
    tcase_add_test(tcase, a_nil_report_is_a_submission_without_rows);
    tcase_add_test(tcase, a_full_spool_is_an_error_and_stays_as_it_was);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
