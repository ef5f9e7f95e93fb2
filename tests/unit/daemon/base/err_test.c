#include "base/err.h"

#include <string.h>

#include "unit.h"

START_TEST(a_failure_keeps_its_code_and_text_and_no_hint)
{
    struct err err = {.hint = "left over"};

    ck_assert_int_eq(err_set(&err, ERR_STORE, "cannot reach %s", "the database"), -1);
    ck_assert_int_eq(err.code, ERR_STORE);
    ck_assert_str_eq(err.text, "cannot reach the database");
    ck_assert_str_eq(err.hint, "");
}
END_TEST

START_TEST(wrapping_puts_the_context_first_and_keeps_code_and_hint)
{
    struct err err;

    err_set(&err, ERR_SYSTEM, "no space left");
    ck_assert_int_eq(err_hint(&err, "free %d MiB", 5), -1);
    ck_assert_int_eq(err_wrap(&err, "cannot write %s", "a.spool"), -1);
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_str_eq(err.text, "cannot write a.spool: no space left");
    ck_assert_str_eq(err.hint, "free 5 MiB");
}
END_TEST

START_TEST(a_text_that_is_too_long_is_cut_and_ends)
{
    struct err err;
    char text[400];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    err_set(&err, ERR_LIMIT, "%s", text);
    ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
    err_wrap(&err, "context");
    ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
    err_wrap(&err, "%s", text);
    ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
    err_hint(&err, "%s", text);
    ck_assert_uint_eq(strlen(err.hint), sizeof(err.hint) - 1);
}
END_TEST

START_TEST(a_cut_never_splits_a_character)
{
    struct err err;
    char text[400] = {0};

    for (size_t i = 0; i + 3 < sizeof(text); i += 3)
        memcpy(text + i, "县", 3);
    err_set(&err, ERR_LIMIT, "a%s", text);
    ck_assert_uint_eq(strlen(err.text) % 3, 1);
    err_hint(&err, "ab%s", text);
    ck_assert_uint_eq(strlen(err.hint) % 3, 2);
}
END_TEST

static const struct {
    enum err_code code;
    const char *name;
    bool retry;
} codes[] = {
    {ERR_NONE, "NONE", false},       {ERR_CONFIG, "CONFIG", false},
    {ERR_LIMIT, "LIMIT", false},     {ERR_PROTOCOL, "PROTOCOL", false},
    {ERR_STORE, "STORE", true},      {ERR_SYSTEM, "SYSTEM", true},
    {ERR_DENIED, "DENIED", false},   {ERR_CONFLICT, "CONFLICT", false},
    {ERR_FENCED, "FENCED", false},   {ERR_INPUT, "INPUT", false},
    {ERR_MISSING, "MISSING", false}, {(enum err_code)999, "UNKNOWN", false},
};

START_TEST(a_text_is_one_line_whatever_is_put_in)
{
    struct err err;

    err_set(&err, ERR_CONFIG, "unknown key '%s'", "a\nb\x1b\x7f\xe5\x8e\xbf");
    ck_assert_str_eq(err.text, "unknown key 'a?b??\xe5\x8e\xbf'");
    err_hint(&err, "give %s", "a\rb");
    ck_assert_str_eq(err.hint, "give a?b");
    err_wrap(&err, "a\tfile");
    ck_assert_str_eq(err.text, "a?file: unknown key 'a?b??\xe5\x8e\xbf'");
}
END_TEST

START_TEST(a_code_knows_its_name_and_whether_to_retry)
{
    ck_assert_str_eq(err_name(codes[_i].code), codes[_i].name);
    ck_assert_int_eq(err_retryable(codes[_i].code), codes[_i].retry);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("err");
    TCase *tcase = tcase_create("err");

    tcase_add_test(tcase, a_failure_keeps_its_code_and_text_and_no_hint);
    tcase_add_test(tcase, wrapping_puts_the_context_first_and_keeps_code_and_hint);
    tcase_add_test(tcase, a_text_that_is_too_long_is_cut_and_ends);
    tcase_add_test(tcase, a_cut_never_splits_a_character);
    tcase_add_test(tcase, a_text_is_one_line_whatever_is_put_in);
    tcase_add_loop_test(tcase, a_code_knows_its_name_and_whether_to_retry, 0, UNIT_COUNT(codes));
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
