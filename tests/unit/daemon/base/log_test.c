#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

static char line[8192];

/* Let stderr run into a pipe while `say` logs, and keep what came out in `line`. */
static void
capture(void (*say)(void))
{
    int pipes[2], saved = dup(STDERR_FILENO);
    ssize_t got;

    ck_assert_int_eq(pipe(pipes), 0);
    ck_assert_int_ge(dup2(pipes[1], STDERR_FILENO), 0);
    say();
    ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
    close(saved);
    close(pipes[1]);
    got = read(pipes[0], line, sizeof(line) - 1);
    ck_assert_int_ge(got, 0);
    line[got] = '\0';
    close(pipes[0]);
}

static void
setup(void)
{
    log_init("qianshaod", LOG_NOTICE);
}

static void
say_event(void)
{
    log_event(LOG_NOTICE, "submission-visible", "channel=%s rows=%d", "education-360722", 7);
}

START_TEST(an_event_is_one_line_with_priority_program_and_pairs)
{
    capture(say_event);
    ck_assert_str_eq(line, "<5>qianshaod submission-visible channel=education-360722 rows=7\n");
}
END_TEST

static void
say_bare(void)
{
    log_event(LOG_WARN, "drain", "");
}

START_TEST(an_event_without_pairs_has_no_blank_at_its_end)
{
    capture(say_bare);
    ck_assert_str_eq(line, "<4>qianshaod drain\n");
}
END_TEST

static void
say_too_much(void)
{
    log_event(LOG_INFO, "chatter", "");
}

START_TEST(what_is_less_urgent_than_the_level_is_not_shown)
{
    capture(say_too_much);
    ck_assert_str_eq(line, "");
}
END_TEST

static void
say_control(void)
{
    log_event(LOG_ERROR, "odd", "value=%s", "a\n<0>forged\tb\x7F");
}

START_TEST(a_value_cannot_begin_a_line_of_its_own)
{
    capture(say_control);
    ck_assert_str_eq(line, "<3>qianshaod odd value=a <0>forged b \n");
}
END_TEST

static void
say_long(void)
{
    char value[6000];

    memset(value, 'x', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    log_event(LOG_ERROR, "long", "value=%s", value);
}

START_TEST(a_line_is_never_longer_than_a_pipe_takes_in_one_piece)
{
    capture(say_long);
    ck_assert_uint_le(strlen(line), 4096);
    ck_assert_uint_ge(strlen(line), 4090);
    ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
}
END_TEST

static void
say_err(void)
{
    struct err err;

    err_set(&err, ERR_CONFIG, "key \"a\\b\" is unknown");
    log_err(LOG_ERROR, "config", &err);
}

START_TEST(a_failure_shows_its_code_and_quoted_reason)
{
    capture(say_err);
    ck_assert_str_eq(line,
                     "<3>qianshaod config code=CONFIG reason=\"key \\\"a\\\\b\\\" is unknown\"\n");
}
END_TEST

static void
say_hint(void)
{
    struct err err;

    err_set(&err, ERR_STORE, "cannot reach the database");
    err_hint(&err, "start postgresql");
    errno = ENOENT;
    log_err(LOG_WARN, "store", &err);
    ck_assert_int_eq(errno, ENOENT);
}

START_TEST(a_failure_with_a_hint_says_what_to_do_and_leaves_errno_alone)
{
    capture(say_hint);
    ck_assert_str_eq(line, "<4>qianshaod store code=STORE reason=\"cannot reach the database\" "
                           "hint=\"start postgresql\"\n");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("log");
    TCase *tcase = tcase_create("log");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, an_event_is_one_line_with_priority_program_and_pairs);
    tcase_add_test(tcase, an_event_without_pairs_has_no_blank_at_its_end);
    tcase_add_test(tcase, what_is_less_urgent_than_the_level_is_not_shown);
    tcase_add_test(tcase, a_value_cannot_begin_a_line_of_its_own);
    tcase_add_test(tcase, a_line_is_never_longer_than_a_pipe_takes_in_one_piece);
    tcase_add_test(tcase, a_failure_shows_its_code_and_quoted_reason);
    tcase_add_test(tcase, a_failure_with_a_hint_says_what_to_do_and_leaves_errno_alone);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
