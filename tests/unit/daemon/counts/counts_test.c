#include "counts/counts.h"

#include <string.h>

#include "unit.h"

START_TEST(every_counter_has_a_name_of_its_own_a_unit_and_a_meaning)
{
    const struct counter *counter, *other;

    for (size_t i = 0; (counter = counts_at(i)) != NULL; i++) {
        ck_assert_uint_eq(strspn(counter->name, "abcdefghijklmnopqrstuvwxyz_"),
                          strlen(counter->name));
        ck_assert_msg(*counter->unit != '\0' && *counter->meaning != '\0', "%s", counter->name);
        for (size_t j = 0; j < i; j++) {
            other = counts_at(j);
            ck_assert(strcmp(other->part, counter->part) != 0 ||
                      strcmp(other->name, counter->name) != 0);
            ck_assert_uint_ne(other->offset, counter->offset);
        }
    }
}
END_TEST

START_TEST(a_line_holds_a_part_and_nothing_else)
{
    struct counts counts = {
        .feeds.sessions = 2, .feeds.inbox.rows = 7, .events.sessions = 3, .judge.dropped_rows = 5};
    AUTO_BUF struct buf line = {0};

    counts_format(&counts, "feeds", &line);
    ck_assert_ptr_eq(strstr(buf_str(&line), "part=feeds sessions=2 greeted=0 "), buf_str(&line));
    ck_assert_ptr_null(strstr(buf_str(&line), "rows="));
    buf_clear(&line);
    counts_format(&counts, "inbox", &line);
    ck_assert_str_eq(buf_str(&line), "part=inbox batches=0 rows=7 bytes=0 quarantined=0 visible=0"
                                     " refused=0 duplicate=0 divided=0 store_losses=0");
    buf_clear(&line);
    counts_format(&counts, "judge", &line);
    ck_assert_ptr_nonnull(strstr(buf_str(&line), " dropped_rows=5"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("counts");
    TCase *tcase = tcase_create("counts");

    tcase_add_test(tcase, every_counter_has_a_name_of_its_own_a_unit_and_a_meaning);
    tcase_add_test(tcase, a_line_holds_a_part_and_nothing_else);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
