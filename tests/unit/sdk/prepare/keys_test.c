#include "sdk/prepare/keys.h"

#include "unit.h"

static struct keys *keys;

static void
setup(void)
{
    keys = keys_new();
}

static void
teardown(void)
{
    keys_free(keys);
}

START_TEST(a_key_is_new_then_a_copy_then_a_conflict)
{
    ck_assert_int_eq(keys_add(keys, 7, 1), KEYS_NEW);
    ck_assert_int_eq(keys_add(keys, 7, 1), KEYS_COPY);
    ck_assert_uint_eq(keys_conflicts(keys), 0);
    ck_assert_int_eq(keys_add(keys, 7, 2), KEYS_CONFLICT);
    ck_assert_int_eq(keys_add(keys, 7, 1), KEYS_CONFLICT);
    ck_assert_int_eq(keys_add(keys, 8, 1), KEYS_NEW);
    ck_assert_uint_eq(keys_conflicts(keys), 1);
}
END_TEST

START_TEST(the_second_reading_knows_conflicts_from_their_first_row_on)
{
    (void)keys_add(keys, 1, 10);
    (void)keys_add(keys, 2, 20);
    (void)keys_add(keys, 2, 21);
    keys_again(keys);
    ck_assert_int_eq(keys_add(keys, 2, 20), KEYS_CONFLICT);
    ck_assert_int_eq(keys_add(keys, 1, 10), KEYS_NEW);
    ck_assert_int_eq(keys_add(keys, 1, 10), KEYS_COPY);
    ck_assert_uint_eq(keys_conflicts(keys), 1);
    ck_assert_int_eq(keys_add(keys, 1, 11), KEYS_CONFLICT);
    ck_assert_uint_eq(keys_conflicts(keys), 2);
}
END_TEST

START_TEST(the_key_zero_is_a_key_like_others)
{
    ck_assert_int_eq(keys_add(keys, 0, 0), KEYS_NEW);
    ck_assert_int_eq(keys_add(keys, 0, 0), KEYS_COPY);
}
END_TEST

START_TEST(every_key_is_found_again_after_the_table_grew)
{
    enum { COUNT = 1200000 };
    int fresh = 0, copies = 0;

    for (uint64_t i = 0; i < COUNT; i++)
        fresh += keys_add(keys, i * 64, i) == KEYS_NEW;
    for (uint64_t i = 0; i < COUNT; i++)
        copies += keys_add(keys, i * 64, i) == KEYS_COPY;
    ck_assert_int_eq(fresh, COUNT);
    ck_assert_int_eq(copies, COUNT);
}
END_TEST

START_TEST(keys_that_are_neighbours_find_room)
{
    for (uint64_t i = 0; i < 20000; i++)
        ck_assert_int_eq(keys_add(keys, UINT64_MAX - i, i), KEYS_NEW);
    for (uint64_t i = 0; i < 20000; i++)
        ck_assert_int_eq(keys_add(keys, UINT64_MAX - i, i), KEYS_COPY);
}
END_TEST

START_TEST(freeing_nothing_is_allowed)
{
    keys_free(NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("keys");
    TCase *tcase = tcase_create("keys");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_key_is_new_then_a_copy_then_a_conflict);
    tcase_add_test(tcase, the_second_reading_knows_conflicts_from_their_first_row_on);
    tcase_add_test(tcase, the_key_zero_is_a_key_like_others);
    tcase_add_test(tcase, every_key_is_found_again_after_the_table_grew);
    tcase_add_test(tcase, keys_that_are_neighbours_find_room);
    tcase_add_test(tcase, freeing_nothing_is_allowed);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
