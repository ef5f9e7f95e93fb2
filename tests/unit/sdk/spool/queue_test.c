#include "sdk/spool/queue.h"

#include <sys/wait.h>
#include <time.h>

#include "sdk/spooled.h"

START_TEST(a_damaged_arrival_is_set_aside_and_answered)
{
    struct queue *queue = NULL;
    struct err err;
    char path[512], name[SPOOL_NAME_BYTES];
    uint8_t uuid[FRAME_UUID_BYTES];
    size_t damaged;

    spooled_put(4, 1);
    spooled_put(5, 1);
    spooled_uuid(4, uuid);
    spool_name(uuid, ".sub", name);
    (void)snprintf(path, sizeof(path), "%s/incoming/%s", spooled_dir, name);
    spooled_flip(path, 100);
    ck_assert_int_eq(queue_own(spooled_spool, &queue, &err), 1);
    ck_assert_int_eq(queue_adopt(queue, &damaged, &err), 0);
    ck_assert_uint_eq(damaged, 1);
    ck_assert_int_eq(spooled_count("incoming", ".damaged"), 1);
    ck_assert_uint_eq(queue_position(queue).next_seq, 4);

    AUTO(free) char *receipt = spool_receipt(spooled_spool, uuid);
    ck_assert_ptr_nonnull(receipt);
    ck_assert_ptr_nonnull(strstr(receipt, "\"status\":\"damaged\""));
    ck_assert_ptr_nonnull(strstr(receipt, "damaged: send the file again"));
    queue_close(queue);
}
END_TEST

START_TEST(behind_a_damaged_submission_a_new_epoch_goes_on)
{
    AUTO(queue_close) struct queue *queue = NULL;
    struct queue_position before, after;
    struct subfile_head head;
    struct queue_item item;
    struct err err;
    char path[512];

    spooled_put(1, 1); /* 1..3 */
    spooled_put(2, 1); /* 4..6 */
    spooled_put(3, 1); /* 7..9 */
    queue = spooled_own();
    before = queue_position(queue);
    spooled_queue_path(4, 6, 2, path);
    spooled_flip(path, SUBFILE_HEADER_BYTES + SUBFILE_BATCH_HEADER_BYTES + 3);
    ck_assert_int_eq(queue_read(queue, 3, &item, &err), 1);
    ck_assert_int_eq(queue_read(queue, 4, &item, &err), -1);
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_str_eq(err.text, "the submission file is damaged: bad batch digest");
    ck_assert_int_eq(queue_read(queue, 5, &item, &err), -1);
    ck_assert_str_eq(err.text, "the submission file is damaged");

    ck_assert(!queue_answered_before(queue, 4));
    queue_acknowledge(queue, 4);
    ck_assert_int_eq(queue_answer(queue,
                                  (uint8_t[]){1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, "{}",
                                  2, &err),
                     1);
    ck_assert(queue_answered_before(queue, 4));
    ck_assert_int_eq(queue_set_aside(queue, 4, &head, &err), 0);
    ck_assert_uint_eq(head.uuid[0], 2);
    ck_assert_str_eq(head.file, "/agency/file.csv");
    after = queue_position(queue);
    ck_assert_mem_ne(before.epoch, after.epoch, sizeof(before.epoch));
    ck_assert_uint_eq(after.first_seq, 7);
    ck_assert_uint_eq(after.acked, 7);
    ck_assert_uint_eq(after.next_seq, 10);
    ck_assert_uint_eq(after.receipts_from, 9);
    ck_assert_int_eq(spooled_count("queue", ".damaged"), 1);

    queue_close(STEAL(queue));
    queue = spooled_own();
    ck_assert_mem_eq(queue_position(queue).epoch, after.epoch, sizeof(after.epoch));
    ck_assert_uint_eq(queue_position(queue).first_seq, 7);
    ck_assert_uint_eq(queue_position(queue).acked, 7);
}
END_TEST

START_TEST(a_submission_that_vanished_counts_as_damaged)
{
    AUTO(queue_close) struct queue *queue = NULL;
    struct queue_item item;
    struct subfile_head head;
    struct err err;
    char path[512];

    spooled_put(1, 1);
    spooled_put(2, 1);
    spooled_put(3, 1);
    queue = spooled_own();
    queue_close(STEAL(queue));
    spooled_queue_path(4, 6, 2, path);
    ck_assert_int_eq(unlink(path), 0);
    queue = spooled_own();
    ck_assert_uint_eq(queue_position(queue).first_seq, 1);
    ck_assert_int_eq(queue_read(queue, 4, &item, &err), -1);
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_int_eq(queue_set_aside(queue, 4, &head, &err), 0);
    ck_assert_uint_eq(head.uuid[0], 0);
    ck_assert_uint_eq(queue_position(queue).first_seq, 7);
}
END_TEST

START_TEST(two_files_with_the_same_numbers_stop_the_owner)
{
    struct queue *queue;
    struct err err;
    char from[512], to[512];

    spooled_put(1, 1);
    spooled_put(2, 1);
    queue = spooled_own();
    queue_close(queue);
    spooled_queue_path(4, 6, 2, from);
    spooled_queue_path(3, 5, 2, to);
    ck_assert_int_eq(rename(from, to), 0);
    ck_assert_int_eq(queue_own(spooled_spool, &queue, &err), -1);
    ck_assert_int_eq(err.code, ERR_CONFLICT);
    ck_assert_str_eq(err.text, "two submissions in the spool claim the number 3");
    ck_assert_str_eq(err.hint, "move the copy out of the spool's queue directory");
}
END_TEST

START_TEST(a_receipt_is_kept_and_moves_receipts_from)
{
    AUTO(queue_close) struct queue *queue = NULL;
    uint8_t uuid[FRAME_UUID_BYTES];
    struct err err;

    spooled_put(1, 1);
    spooled_put(2, 1);
    queue = spooled_own();
    ck_assert_uint_eq(queue_position(queue).receipts_from, 3);
    spooled_uuid(1, uuid);
    ck_assert_ptr_null(spool_receipt(spooled_spool, uuid));
    ck_assert_int_eq(queue_answer(queue, uuid, "{\"a\":1}\n", 8, &err), 1);
    AUTO(free) char *receipt = spool_receipt(spooled_spool, uuid);
    ck_assert_str_eq(receipt, "{\"a\":1}\n");
    ck_assert_uint_eq(queue_position(queue).receipts_from, 6);
    spooled_uuid(8, uuid);
    ck_assert_int_eq(queue_answer(queue, uuid, "{}", 2, &err), 0);
    ck_assert_ptr_null(spool_receipt(spooled_spool, uuid));
    queue_close(STEAL(queue));
    queue = spooled_own();
    ck_assert_uint_eq(queue_position(queue).receipts_from, 6);
}
END_TEST

static void
make_old(const char *path)
{
    const time_t then = time(NULL) - 40 * 24 * 3600;
    const struct timespec times[2] = {{.tv_sec = then}, {.tv_sec = then}};

    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

START_TEST(only_old_answered_acknowledged_submissions_are_removed_and_never_the_newest)
{
    AUTO(queue_close) struct queue *queue = NULL;
    uint8_t uuid[FRAME_UUID_BYTES];
    char path[512], name[SPOOL_NAME_BYTES];
    struct err err;

    for (uint8_t mark = 1; mark <= 4; mark++)
        spooled_put(mark, 1);
    queue = spooled_own();
    for (uint8_t mark = 1; mark <= 4; mark++) {
        spooled_uuid(mark, uuid);
        if (mark != 3)
            ck_assert_int_eq(queue_answer(queue, uuid, "{}", 2, &err), 1);
        spool_name(uuid, ".json", name);
        (void)snprintf(path, sizeof(path), "%s/receipts/%s", spooled_dir, name);
        if (mark != 3)
            make_old(path);
    }
    ck_assert_int_eq(queue_retire(queue, &err), 0); /* none is acknowledged */
    ck_assert_int_eq(spooled_count("queue", ".sub"), 4);
    queue_acknowledge(queue, 13);
    ck_assert_int_eq(queue_retire(queue, &err), 0); /* 3 is not answered */
    ck_assert_int_eq(spooled_count("queue", ".sub"), 2);
    ck_assert_int_eq(spooled_count("receipts", ".json"), 1);
    ck_assert_uint_eq(queue_position(queue).first_seq, 7);

    spooled_uuid(3, uuid);
    ck_assert_int_eq(queue_answer(queue, uuid, "{}", 2, &err), 1);
    spool_name(uuid, ".json", name);
    (void)snprintf(path, sizeof(path), "%s/receipts/%s", spooled_dir, name);
    make_old(path);
    ck_assert_int_eq(queue_retire(queue, &err), 0);
    ck_assert_int_eq(spooled_count("queue", ".sub"), 1);
    ck_assert_uint_eq(queue_position(queue).next_seq, 13);
}
END_TEST

START_TEST(temporary_files_of_dead_writers_are_swept_and_those_of_living_ones_stay)
{
    char path[512];
    struct queue *queue;
    pid_t child = fork();
    int fd;

    if (child == 0)
        _exit(0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    (void)snprintf(path, sizeof(path), "%s/incoming/.x.sub.%ld.tmp", spooled_dir, (long)child);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    (void)close(fd);
    (void)snprintf(path, sizeof(path), "%s/incoming/.y.sub.%ld.tmp", spooled_dir, (long)getpid());
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    (void)close(fd);
    queue = spooled_own();
    ck_assert_int_eq(spooled_count("incoming", ".tmp"), 1);
    ck_assert_int_eq(access(path, F_OK), 0);
    queue_close(queue);
    make_old(path);
    queue = spooled_own();
    ck_assert_int_eq(spooled_count("incoming", ".tmp"), 0);
    queue_close(queue);
}
END_TEST

struct seen {
    int states[SPOOL_DAMAGED + 1];
};

static bool
see(void *context, const struct spool_row *row)
{
    struct seen *seen = context;

    seen->states[row->state]++;
    return true;
}

START_TEST(a_submission_has_one_name_only)
{
    uint8_t uuid[FRAME_UUID_BYTES];

    ck_assert(spool_name_read("0123456789abcdef0123456789abcdef.sub", uuid));
    ck_assert(!spool_name_read("0123456789abcdeF0123456789abcdef.sub", uuid));
    ck_assert(!spool_name_read("0123456789abcdef0123456789abcdef.tmp", uuid));
}
END_TEST

START_TEST(a_listing_tells_where_each_submission_stands)
{
    AUTO(queue_close) struct queue *queue = NULL;
    struct seen seen = {0};
    uint8_t uuid[FRAME_UUID_BYTES];
    char path[512];
    struct err err;

    for (uint8_t mark = 1; mark <= 4; mark++)
        spooled_put(mark, 1);
    queue = spooled_own();
    spooled_uuid(1, uuid);
    ck_assert_int_eq(queue_answer(queue, uuid, "{}", 2, &err), 1);
    queue_acknowledge(queue, 7);
    ck_assert_int_eq(queue_save(queue, &err), 0);
    spooled_put(5, 1);
    spooled_queue_path(10, 12, 4, path);
    spooled_flip(path, 20);
    ck_assert_int_eq(spool_list(spooled_spool, SPOOL_INCOMING_DIR, see, &seen, &err), 0);
    ck_assert_int_eq(spool_list(spooled_spool, SPOOL_QUEUE_DIR, see, &seen, &err), 0);
    ck_assert_int_eq(seen.states[SPOOL_INCOMING], 1);
    ck_assert_int_eq(seen.states[SPOOL_ANSWERED], 1);
    ck_assert_int_eq(seen.states[SPOOL_ACKED], 1);
    ck_assert_int_eq(seen.states[SPOOL_QUEUED], 1);
    ck_assert_int_eq(seen.states[SPOOL_DAMAGED], 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("queue");
    TCase *tcase = tcase_create("queue");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, spooled_setup, spooled_teardown);
    tcase_add_test(tcase, a_damaged_arrival_is_set_aside_and_answered);
    tcase_add_test(tcase, behind_a_damaged_submission_a_new_epoch_goes_on);
    tcase_add_test(tcase, a_submission_that_vanished_counts_as_damaged);
    tcase_add_test(tcase, two_files_with_the_same_numbers_stop_the_owner);
    tcase_add_test(tcase, a_receipt_is_kept_and_moves_receipts_from);
    tcase_add_test(tcase,
                   only_old_answered_acknowledged_submissions_are_removed_and_never_the_newest);
    tcase_add_test(tcase, temporary_files_of_dead_writers_are_swept_and_those_of_living_ones_stay);
    tcase_add_test(tcase, a_submission_has_one_name_only);
    tcase_add_test(tcase, a_listing_tells_where_each_submission_stands);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
