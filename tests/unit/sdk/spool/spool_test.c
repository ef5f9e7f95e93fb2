#include "sdk/spool/spool.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "sdk/spooled.h"

START_TEST(a_submission_comes_back_as_it_was_written)
{
    AUTO(queue_close) struct queue *queue = NULL;
    uint8_t payload[SPOOLED_PAYLOAD], digest[DIGEST_BYTES], all[2 * SPOOLED_PAYLOAD];
    struct queue_item item;
    struct err err;

    spooled_put(7, 2);
    queue = spooled_own();
    ck_assert_int_eq(queue_read(queue, 1, &item, &err), 1);
    ck_assert_int_eq(item.frame.kind, FRAME_OPEN);
    ck_assert_uint_eq(item.frame.open.last_seq, 4);
    ck_assert_str_eq(item.frame.open.producer, "ybj");
    ck_assert_str_eq(item.frame.open.record_type, "insurance.enrolment");
    ck_assert_uint_eq(item.frame.open.county, 360781);
    ck_assert_uint_eq(item.frame.open.period, 202510);
    ck_assert_uint_eq(item.frame.open.rows, 18);
    ck_assert_uint_eq(item.frame.open.unresolved, 2);
    ck_assert_uint_eq(item.frame.open.batches, 2);
    spooled_payload(7, 0, all);
    spooled_payload(7, 1, all + SPOOLED_PAYLOAD);
    digest_bytes(all, sizeof(all), digest);
    ck_assert_mem_eq(item.frame.open.digest, digest, sizeof(digest));

    ck_assert_int_eq(queue_read(queue, 3, &item, &err), 1);
    ck_assert_int_eq(item.frame.kind, FRAME_BATCH);
    ck_assert_uint_eq(item.payload_len, SPOOLED_PAYLOAD);
    ck_assert_mem_eq(item.payload, all + SPOOLED_PAYLOAD, SPOOLED_PAYLOAD);
    ck_assert_uint_eq(item.frame.batch.rows, 9);
    spooled_payload(7, 0, payload);
    digest_bytes(payload, sizeof(payload), digest);
    ck_assert_mem_eq(item.frame.batch.previous, digest, sizeof(digest));

    ck_assert_int_eq(queue_read(queue, 4, &item, &err), 1);
    ck_assert_int_eq(item.frame.kind, FRAME_CLOSE);
    ck_assert_uint_eq(item.frame.close.total_count, 2);
    ck_assert_int_eq(item.frame.close.totals[1], -7);
    ck_assert_int_eq(queue_read(queue, 5, &item, &err), 0);
}
END_TEST

START_TEST(a_nil_report_takes_two_numbers)
{
    AUTO(queue_close) struct queue *queue = NULL;
    struct queue_item item;
    struct err err;

    spooled_put(1, 0);
    queue = spooled_own();
    ck_assert_uint_eq(queue_position(queue).next_seq, 3);
    ck_assert_int_eq(queue_read(queue, 1, &item, &err), 1);
    ck_assert(item.frame.open.nil);
    ck_assert_int_eq(queue_read(queue, 2, &item, &err), 1);
    ck_assert(item.frame.close.nil);
}
END_TEST

START_TEST(submissions_are_numbered_in_the_order_in_which_they_were_begun)
{
    AUTO(queue_close) struct queue *queue = NULL;
    struct queue_item item;
    struct err err;

    spooled_put(9, 1); /* names sort the other way */
    spooled_put(5, 3);
    spooled_put(2, 1);
    queue = spooled_own();
    ck_assert_int_eq(queue_read(queue, 1, &item, &err), 1);
    ck_assert_uint_eq(item.frame.open.uuid[0], 9);
    ck_assert_int_eq(queue_read(queue, 4, &item, &err), 1);
    ck_assert_uint_eq(item.frame.open.uuid[0], 5);
    ck_assert_uint_eq(item.frame.open.last_seq, 8);
    ck_assert_int_eq(queue_read(queue, 9, &item, &err), 1);
    ck_assert_uint_eq(item.frame.open.uuid[0], 2);
    ck_assert_uint_eq(queue_position(queue).next_seq, 12);
    ck_assert_int_eq(spooled_count("incoming", ".sub"), 0);
}
END_TEST

START_TEST(numbers_and_epoch_outlive_the_owner)
{
    struct queue *queue;
    struct queue_position before, after;

    spooled_put(1, 2);
    queue = spooled_own();
    queue_acknowledge(queue, 3);
    before = queue_position(queue);
    queue_close(queue);
    spooled_put(2, 1);
    queue = spooled_own();
    after = queue_position(queue);
    queue_close(queue);
    ck_assert_mem_eq(before.epoch, after.epoch, sizeof(before.epoch));
    ck_assert_uint_eq(after.first_seq, 1);
    ck_assert_uint_eq(after.acked, 3);
    ck_assert_uint_eq(after.next_seq, 8);
    ck_assert_uint_eq(after.receipts_from, 4);
}
END_TEST

START_TEST(a_lost_directory_begins_a_new_epoch_at_one)
{
    struct queue *queue;
    uint8_t epoch[FRAME_EPOCH_BYTES];

    spooled_put(1, 2);
    queue = spooled_own();
    memcpy(epoch, queue_position(queue).epoch, sizeof(epoch));
    queue_close(queue);
    spooled_teardown();
    spooled_setup();
    queue = spooled_own();
    ck_assert_mem_ne(queue_position(queue).epoch, epoch, sizeof(epoch));
    ck_assert_uint_eq(queue_position(queue).next_seq, 1);
    queue_close(queue);
}
END_TEST

START_TEST(one_process_owns_the_spool)
{
    AUTO(queue_close) struct queue *queue = spooled_own();
    struct spool *other_spool;
    struct queue *other = NULL;
    struct err err;

    ck_assert_int_eq(spool_open(spooled_dir, &spooled_limits, &other_spool, &err), 0);
    ck_assert_int_eq(queue_own(other_spool, &other, &err), 0);
    ck_assert_ptr_null(other);
    queue_close(STEAL(queue));
    ck_assert_int_eq(queue_own(other_spool, &other, &err), 1);
    queue_close(other);
    spool_close(other_spool);
}
END_TEST

START_TEST(a_full_spool_refuses_and_leaves_nothing)
{
    const struct spool_limits small = {SUBFILE_HEADER_BYTES + 200, 35};
    struct spool *spool;
    struct err err;

    ck_assert_int_eq(spool_open(spooled_dir, &small, &spool, &err), 0);
    ck_assert_int_eq(spooled_try(spool, 1, 2, &err), -1);
    ck_assert_int_eq(err.code, ERR_LIMIT);
    ck_assert_str_eq(err.text, "the spool is full (0 MiB)");
    ck_assert_str_eq(err.hint, "see whether the hub takes submissions; raise spool.max_mib");
    ck_assert_uint_eq(spool_bytes(spool), 0);
    ck_assert_int_eq(spooled_try(spool, 1, 1, &err), 0);
    ck_assert_int_eq(spooled_try(spool, 2, 0, &err), -1);
    ck_assert_int_eq(err.code, ERR_LIMIT);
    spool_close(spool);
}
END_TEST

START_TEST(an_aborted_submission_leaves_nothing)
{
    struct spool_meta meta = {.producer = "p", .record_type = "t", .file = ""};
    struct spool_writer *writer;
    struct err err;

    ck_assert_int_eq(spool_writer_begin(spooled_spool, &meta, &writer, &err), 0);
    ck_assert_int_eq(spooled_count("incoming", ".tmp"), 1);
    spool_writer_abort(writer);
    ck_assert_int_eq(spooled_count("incoming", ".tmp"), 0);
    spool_writer_abort(NULL);
}
END_TEST

START_TEST(a_text_that_is_too_long_is_refused)
{
    char producer[100];
    struct spool_meta meta = {.producer = producer, .record_type = "t", .file = ""};
    struct spool_writer *writer;
    struct err err;

    memset(producer, 'p', sizeof(producer) - 1);
    producer[sizeof(producer) - 1] = '\0';
    ck_assert_int_eq(spool_writer_begin(spooled_spool, &meta, &writer, &err), -1);
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_str_eq(err.text, "the producer is longer than 64 bytes");
}
END_TEST

START_TEST(a_batch_without_bytes_is_refused)
{
    struct spool_meta meta = {.producer = "p", .record_type = "t", .file = ""};
    AUTO(spool_writer_abort) struct spool_writer *writer = NULL;
    struct err err;

    ck_assert_int_eq(spool_writer_begin(spooled_spool, &meta, &writer, &err), 0);
    ck_assert_int_eq(spool_writer_batch(writer, "", 0, 0, 0, &err), -1);
    ck_assert_str_eq(err.text, "a batch of 0 bytes is empty or over 1048576");
}
END_TEST

/* Where a file of two batches is cut or changed. */
START_TEST(a_file_cut_at_any_byte_is_known_as_damaged)
{
    char whole[512], cut[512];
    struct subfile_head head;
    struct subfile *file;
    struct err err;
    struct queue *queue;
    struct stat stat;
    int dir;

    spooled_put(3, 2);
    queue = spooled_own();
    queue_close(queue);
    spooled_queue_path(1, 4, 3, whole);
    (void)snprintf(cut, sizeof(cut), "%s/cut", spooled_dir);
    ck_assert_int_eq(lstat(whole, &stat), 0);
    dir = spool_dir(spooled_spool, SPOOL_ROOT);
    ck_assert_int_eq(rename(whole, cut), 0);
    ck_assert_int_eq(subfile_open(dir, "cut", &file, &err), 0);
    subfile_close(file);
    for (off_t len = stat.st_size - 1; len >= 0; len--) {
        ck_assert_int_eq(truncate(cut, len), 0);
        ck_assert_int_eq(subfile_peek(dir, "cut", &head, &err), -1);
        ck_assert_int_eq(err.code, ERR_INPUT);
        ck_assert_int_eq(subfile_open(dir, "cut", &file, &err), -1);
        ck_assert_int_eq(err.code, ERR_INPUT);
    }
}
END_TEST

START_TEST(a_file_with_any_byte_changed_is_known_as_damaged)
{
    char path[512];
    struct subfile *file;
    struct err err;
    struct queue *queue;
    struct stat stat;
    int dir = spool_dir(spooled_spool, SPOOL_QUEUE_DIR);

    spooled_put(3, 2);
    queue = spooled_own();
    queue_close(queue);
    spooled_queue_path(1, 4, 3, path);
    ck_assert_int_eq(lstat(path, &stat), 0);
    for (off_t offset = 0; offset < stat.st_size; offset++) {
        spooled_flip(path, offset);
        ck_assert_int_eq(subfile_open(dir, strrchr(path, '/') + 1, &file, &err), -1);
        ck_assert_int_eq(err.code, ERR_INPUT);
        spooled_flip(path, offset);
    }
    ck_assert_int_eq(subfile_open(dir, strrchr(path, '/') + 1, &file, &err), 0);
    subfile_close(file);
}
END_TEST

/* Write submissions, number and acknowledge them, for ever. */
static void
churn(void)
{
    struct err err;
    struct queue *queue = NULL;
    size_t damaged;
    uint8_t uuid[FRAME_UUID_BYTES];

    if (queue_own(spooled_spool, &queue, &err) != 1)
        _exit(1);
    for (;;) {
        digest_random(uuid, sizeof(uuid));
        if (spooled_try(spooled_spool, uuid[0], 3, &err) != 0 ||
            queue_adopt(queue, &damaged, &err) != 0)
            _exit(2);
        queue_acknowledge(queue, queue_position(queue).next_seq);
        if (queue_save(queue, &err) != 0)
            _exit(3);
    }
}

/* Every submission in the queue is whole and the numbers have no gap. */
static void
check_whole(void)
{
    AUTO(queue_close) struct queue *queue = spooled_own();
    struct queue_position position = queue_position(queue);
    struct queue_item item;
    struct err err = {0};

    ck_assert_uint_eq(position.first_seq, 1);
    for (uint64_t seq = 1; seq < position.next_seq; seq++)
        ck_assert_msg(queue_read(queue, seq, &item, &err) == 1, "seq %llu: %s",
                      (unsigned long long)seq, err.text);
}

START_TEST(a_killed_process_leaves_only_whole_submissions)
{
    uint16_t random;

    for (int round = 0; round < 40; round++) {
        pid_t child = fork();

        if (child == 0)
            churn();
        while (spooled_count("queue", ".sub") == 0) /* a busy machine takes its time */
            (void)usleep(1000);
        digest_random(&random, sizeof(random));
        (void)usleep(500 + random % 20000);
        (void)kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        check_whole();
    }
    ck_assert_int_eq(spooled_count("incoming", ".tmp"), 0);
}
END_TEST

/* At each place a process dies once; what it had promised is there. */
static const struct {
    const char *place;
    int kept; /* the submission is in the spool afterwards */
} deaths[] = {{"spool-before-rename", 0}, {"spool-after-rename", 1}, {"adopt-after-rename", 1}};

START_TEST(a_death_at_a_named_place_keeps_the_promise)
{
    pid_t child = fork();
    struct queue *queue;
    int status;

    if (child == 0) {
        (void)setenv("QIANSHAO_CRASH_AT", deaths[_i].place, 1);
        spooled_put(1, 2);
        queue = spooled_own();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    queue = spooled_own();
    ck_assert_uint_eq(queue_position(queue).next_seq, deaths[_i].kept ? 5 : 1);
    ck_assert_int_eq(spooled_count("incoming", ".tmp"), 0);
    queue_close(queue);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("spool");
    TCase *tcase = tcase_create("spool");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, spooled_setup, spooled_teardown);
    tcase_add_test(tcase, a_submission_comes_back_as_it_was_written);
    tcase_add_test(tcase, a_nil_report_takes_two_numbers);
    tcase_add_test(tcase, submissions_are_numbered_in_the_order_in_which_they_were_begun);
    tcase_add_test(tcase, numbers_and_epoch_outlive_the_owner);
    tcase_add_test(tcase, a_lost_directory_begins_a_new_epoch_at_one);
    tcase_add_test(tcase, one_process_owns_the_spool);
    tcase_add_test(tcase, a_full_spool_refuses_and_leaves_nothing);
    tcase_add_test(tcase, an_aborted_submission_leaves_nothing);
    tcase_add_test(tcase, a_text_that_is_too_long_is_refused);
    tcase_add_test(tcase, a_batch_without_bytes_is_refused);
    tcase_add_test(tcase, a_file_cut_at_any_byte_is_known_as_damaged);
    tcase_add_test(tcase, a_file_with_any_byte_changed_is_known_as_damaged);
    tcase_add_test(tcase, a_killed_process_leaves_only_whole_submissions);
    tcase_add_loop_test(tcase, a_death_at_a_named_place_keeps_the_promise, 0, UNIT_COUNT(deaths));
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
