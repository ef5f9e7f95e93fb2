#include "sdk/spool/receipt.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static struct subfile_head head = {.producer = "ybj",
                                   .record_type = "insurance.enrolment",
                                   .file = "/agency/\"a\".csv",
                                   .county = 360722,
                                   .period = 202605,
                                   .kind = FRAME_DELTA};

static struct frame_receipt
frame(enum frame_status status)
{
    static const struct frame_refused refused[] = {{5, "name", 11}, {7, "", 99}};

    return (struct frame_receipt){.uuid = {1, 2},
                                  .last_seq = 9,
                                  .status = status,
                                  .county = 360722,
                                  .submission = 4,
                                  .revision = 3,
                                  .stored = 18,
                                  .quarantined = 2,
                                  .digest = {0xab},
                                  .committed_at = 1780000000000000,
                                  .partial = true,
                                  .warning_count = 1,
                                  .warnings = {"partial"},
                                  .warnings_zh = {"行数少"},
                                  .refused_count = 2,
                                  .refused = refused};
}

START_TEST(a_receipt_comes_back_as_it_was_written)
{
    const struct frame_receipt sent = frame(FRAME_COMMITTED);
    AUTO_RECEIPT struct receipt receipt = {0};
    AUTO_BUF struct buf json = {0};
    struct err err;

    receipt_format(&sent, &head, &json);
    ck_assert_int_eq(receipt_parse(buf_str(&json), &receipt, &err), 0);
    ck_assert_int_eq(receipt.status, RECEIPT_COMMITTED);
    ck_assert_uint_eq(receipt.revision, 3);
    ck_assert_uint_eq(receipt.stored, 18);
    ck_assert_uint_eq(receipt.quarantined, 2);
    ck_assert(receipt.partial);
    ck_assert_uint_eq(strlen(receipt.digest), 64);
    ck_assert_str_eq(receipt.time, "2026-05-29T04:26:40+08:00");
    ck_assert_uint_eq(receipt.refused->count, 2);
    ck_assert_str_eq(receipt.warnings_zh->first->text, "行数少");
    ck_assert_ptr_nonnull(strstr(buf_str(&json), "\"kind\":\"delta\""));
    ck_assert_ptr_nonnull(strstr(buf_str(&json), "\"file\":\"/agency/\\\"a\\\".csv\""));
    ck_assert_ptr_nonnull(strstr(
        buf_str(&json), "\"refused\":[{\"row\":5,\"column\":\"name\",\"reason\":\"storage\"},"
                        "{\"row\":7,\"column\":\"\",\"reason\":\"\"}]"));
}
END_TEST

START_TEST(a_path_that_is_no_text_is_left_out)
{
    const struct frame_receipt sent = frame(FRAME_COMMITTED);
    struct subfile_head odd = head;
    AUTO_BUF struct buf json = {0};

    memcpy(odd.file, "/a\xff.csv", sizeof("/a\xff.csv"));
    receipt_format(&sent, &odd, &json);
    ck_assert_ptr_null(strstr(buf_str(&json), "\"file\""));
}
END_TEST

static const struct {
    enum frame_status status;
    uint64_t quarantined;
    const char *text_zh, *said;
    int exit;
} answers[] = {
    {FRAME_COMMITTED, 0, "",
     "回执：已入库（第 3 版），入库 18 行，待更正 0 行，摘要 ab00000000000000，时间 "
     "2026-05-29T04:26:40+08:00\n",
     0},
    {FRAME_COMMITTED, 2, "",
     "回执：已入库（第 3 版），入库 18 行，待更正 2 行，摘要 ab00000000000000，时间 "
     "2026-05-29T04:26:40+08:00\n",
     4},
    {FRAME_DUPLICATE, 0, "",
     "回执：此前已收到相同内容，未作改动（第 3 版），摘要 ab00000000000000，时间 "
     "2026-05-29T04:26:40+08:00\n",
     0},
    {FRAME_REFUSED, 0, "版次冲突",
     "回执：整份退回，未入库：版次冲突（第 3 版），摘要 ab00000000000000，时间 "
     "2026-05-29T04:26:40+08:00\n",
     1},
    {FRAME_DISCARDED, 0, "",
     "回执：传输中断后已作废，请重新报送该文件（第 3 版），摘要 ab00000000000000，时间 "
     "2026-05-29T04:26:40+08:00\n",
     1},
};

START_TEST(a_clerk_reads_what_became_of_the_file)
{
    struct frame_receipt sent = frame(answers[_i].status);
    AUTO_RECEIPT struct receipt receipt = {0};
    AUTO_BUF struct buf json = {0};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct err err;

    sent.quarantined = answers[_i].quarantined;
    sent.text_zh = answers[_i].text_zh;
    sent.partial = false;
    sent.warning_count = 0;
    receipt_format(&sent, &head, &json);
    ck_assert_int_eq(receipt_parse(buf_str(&json), &receipt, &err), 0);
    receipt_print(&receipt, out);
    (void)fclose(out);
    ck_assert_str_eq(text, answers[_i].said);
    ck_assert_int_eq(receipt_exit(&receipt), answers[_i].exit);
    free(text);
}
END_TEST

START_TEST(warnings_stand_below_the_receipt)
{
    const struct frame_receipt sent = frame(FRAME_COMMITTED);
    AUTO_RECEIPT struct receipt receipt = {0};
    AUTO_BUF struct buf json = {0};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct err err;

    receipt_format(&sent, &head, &json);
    ck_assert_int_eq(receipt_parse(buf_str(&json), &receipt, &err), 0);
    receipt_print(&receipt, out);
    (void)fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "+08:00\n提示：行数少\n"));
    free(text);
}
END_TEST

START_TEST(a_damaged_submission_asks_for_the_file_again)
{
    AUTO_RECEIPT struct receipt receipt = {0};
    AUTO_BUF struct buf json = {0};
    struct err err;

    receipt_format_damaged((uint8_t[FRAME_UUID_BYTES]){7}, &json);
    ck_assert_int_eq(receipt_parse(buf_str(&json), &receipt, &err), 0);
    ck_assert_int_eq(receipt.status, RECEIPT_DAMAGED);
    ck_assert_str_eq(receipt.text, "damaged: send the file again");
    ck_assert_int_eq(receipt_exit(&receipt), 1);
}
END_TEST

static const char *const broken[] = {"",
                                     "{",
                                     "[]",
                                     "{}",
                                     "{\"status\":\"other\"}",
                                     "{\"status\":\"committed\",\"stored\":-1}",
                                     "{\"status\":\"committed\",\"stored\":\"many\"}"};

START_TEST(what_is_no_receipt_is_refused)
{
    struct receipt receipt = {0};
    struct err err;

    ck_assert_int_eq(receipt_parse(broken[_i], &receipt, &err), -1);
    receipt_free(&receipt);
}
END_TEST

START_TEST(a_receipt_lies_next_to_its_file_and_only_its_owner_reads_it)
{
    char dir[] = "/tmp/qianshao-receipt-XXXXXX", path[64], beside[96];
    struct stat stat;
    struct err err;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/a.csv", dir);
    (void)snprintf(beside, sizeof(beside), "%s.receipt.json", path);
    ck_assert_int_eq(receipt_deliver(path, "{}", &err), 0);
    ck_assert_int_eq(lstat(beside, &stat), 0);
    ck_assert_uint_eq(stat.st_mode & 0777, 0600);
    ck_assert_int_eq(receipt_deliver("", "{}", &err), 0);
    ck_assert_int_eq(receipt_deliver("/nonexistent/a.csv", "{}", &err), -1);
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_str_eq(err.text, "cannot open the directory: No such file or directory");
    ck_assert_int_eq(unlink(beside), 0);
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("receipt");
    TCase *tcase = tcase_create("receipt");

    tcase_add_test(tcase, a_receipt_comes_back_as_it_was_written);
    tcase_add_test(tcase, a_path_that_is_no_text_is_left_out);
    tcase_add_loop_test(tcase, a_clerk_reads_what_became_of_the_file, 0, UNIT_COUNT(answers));
    tcase_add_test(tcase, warnings_stand_below_the_receipt);
    tcase_add_test(tcase, a_damaged_submission_asks_for_the_file_again);
    tcase_add_loop_test(tcase, what_is_no_receipt_is_refused, 0, UNIT_COUNT(broken));
    tcase_add_test(tcase, a_receipt_lies_next_to_its_file_and_only_its_owner_reads_it);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
