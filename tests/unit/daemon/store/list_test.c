#include "store/list.h"

#include "unit.h"

START_TEST(an_empty_list_is_two_braces)
{
    AUTO_LIST struct list list = {0};

    ck_assert_str_eq(list_str(&list), "{}");
}
END_TEST

START_TEST(numbers_and_texts_stand_behind_each_other)
{
    AUTO_LIST struct list numbers = {0}, texts = {0};

    list_add_int(&numbers, 1);
    ck_assert_str_eq(list_str(&numbers), "{1}");
    list_add_int(&numbers, -2);
    ck_assert_str_eq(list_str(&numbers), "{1,-2}");
    list_add_text(&texts, "a");
    list_add_text(&texts, NULL);
    list_add_text(&texts, "null");
    list_add_text(&texts, "");
    ck_assert_str_eq(list_str(&texts), "{\"a\",null,\"null\",\"\"}");
    list_clear(&texts);
    ck_assert_str_eq(list_str(&texts), "{}");
}
END_TEST

START_TEST(quotes_backslashes_and_braces_are_kept)
{
    AUTO_LIST struct list list = {0}, nested = {0};

    list_add_text(&list, "a \"b\" \\ {c},d");
    ck_assert_str_eq(list_str(&list), "{\"a \\\"b\\\" \\\\ {c},d\"}");
    list_add_text(&nested, list_str(&list));
    ck_assert_str_eq(list_str(&nested), "{\"{\\\"a \\\\\\\"b\\\\\\\" \\\\\\\\ {c},d\\\"}\"}");
}
END_TEST

START_TEST(a_literal_doubles_apostrophes)
{
    AUTO_LIST struct list list = {0};
    AUTO_BUF struct buf sql = {0};

    list_add_text(&list, "it's");
    buf_add_str(&sql, "select ");
    list_add_literal(&list, "text", &sql);
    ck_assert_str_eq(buf_str(&sql), "select '{\"it''s\"}'::text[]");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("list");
    TCase *tcase = tcase_create("list");

    tcase_add_test(tcase, an_empty_list_is_two_braces);
    tcase_add_test(tcase, numbers_and_texts_stand_behind_each_other);
    tcase_add_test(tcase, quotes_backslashes_and_braces_are_kept);
    tcase_add_test(tcase, a_literal_doubles_apostrophes);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
