#include "base/mem.h"

#include <signal.h>
#include <stdint.h>

#include "unit.h"

static int freed;

static void
count_free(char *s)
{
    if (s != NULL)
        freed++;
    free(s);
}
AUTO_DEFINE(char, count_free)

START_TEST(fresh_memory_is_zeroed)
{
    AUTO(free) char *bytes = mem_zalloc(100);

    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(bytes[i], 0);
}
END_TEST

START_TEST(growing_keeps_the_content)
{
    AUTO(free) char *text = mem_strdup("abc");

    text = mem_grow(text, 1000, 1);
    ck_assert_str_eq(text, "abc");
}
END_TEST

START_TEST(a_size_that_overflows_ends_the_process)
{
    (void)mem_grow(NULL, SIZE_MAX / 2, 3);
}
END_TEST

START_TEST(a_local_is_freed_with_its_scope_unless_it_was_stolen)
{
    char *kept;

    freed = 0;
    {
        AUTO(count_free) char *dropped = mem_strdup("a");
        AUTO(count_free) char *moved = mem_strdup("b");

        (void)dropped;
        kept = STEAL(moved);
        ck_assert_ptr_null(moved);
    }
    ck_assert_int_eq(freed, 1);
    ck_assert_str_eq(kept, "b");
    free(kept);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("mem");
    TCase *tcase = tcase_create("mem");

    tcase_add_test(tcase, fresh_memory_is_zeroed);
    tcase_add_test(tcase, growing_keeps_the_content);
    tcase_add_test_raise_signal(tcase, a_size_that_overflows_ends_the_process, SIGABRT);
    tcase_add_test(tcase, a_local_is_freed_with_its_scope_unless_it_was_stolen);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
