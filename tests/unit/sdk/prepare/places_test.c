#include "sdk/prepare/places.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "unit.h"

static char path[] = "/tmp/qianshao-places-XXXXXX";
static struct places *places;
static struct err err;

static int
load(const char *text)
{
    int fd;

    (void)snprintf(path, sizeof(path), "/tmp/qianshao-places-XXXXXX");
    fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
    return places_load(path, &places, &err);
}

static void
teardown(void)
{
    places_free(places);
    places = NULL;
    (void)unlink(path);
}

static const char table[] = "\xef\xbb\xbf# 代码\t名称\t曾用名\r\n"
                            "360799\t前山县\r\n"
                            "360799101\t前山镇\t前山乡、坡 头乡\r\n"
                            "360799101201\t后山村委会\t坡头村\r\n"
                            "360799101001\t后山社区居委会\r\n"
                            "360799101202\t三江村\r\n"
                            "\r\n"
                            "360799102\t三江乡\r\n"
                            "360799102201\t三江村\r\n"
                            "360799102202\t新屋村\t老屋村\r\n"
                            "360799102203\t老屋村民委员会\r\n"
                            "350899\t河下县\r\n"
                            "350899101\t三江镇\r\n"
                            "350899101201\t下村村\r\n";

static const struct {
    const char *name, *township, *code;
} names[] = {
    {"前山县前山镇后山村", "", "360799101201"},
    {"江西省某市前山县前山镇后山村民委员会", "", "360799101201"},
    {" 前山镇　后山村 ", "", "360799101201"},
    {"前山乡坡头村", "", "360799101201"}, /* both by their old names */
    {"坡头乡三江村", "", "360799101202"},
    {"前山镇后山社区", "", "360799101001"},
    {"前山镇后山", "", NULL}, /* village or community */
    {"前山镇三江", "", "360799101202"},
    {"前山镇", "", "360799101"},
    {"前山县", "", "360799"},
    {"后山村", "前山镇", "360799101201"},
    {"后山村", "前山", "360799101201"},
    {"后山村", "360799101", "360799101201"},
    {"后山村", "360799101000", "360799101201"},
    {"后山村", "前山县前山镇", "360799101201"},
    {"后山村", "360799109", NULL},
    {"后山村", "三江乡", NULL}, /* not in that township */
    {"三江村", "三江乡", "360799102201"},
    {"三江乡三江村", "前山镇", "360799102201"}, /* what the name says goes first */
    {"三江村", "", NULL},                       /* no township */
    {"三江村", "三江", NULL},                   /* two townships of two counties */
    {"下村村", "三江镇", "350899101201"},
    {"下村", "三江镇", NULL},
    {"老屋村", "三江乡", NULL}, /* a village's name and another's former one */
    {"前山镇某村", "", NULL},
    {"某镇后山村", "", NULL},
    {"", "前山镇", NULL},
};

START_TEST(a_place_is_found_inside_its_township)
{
    const char *code;

    ck_assert_msg(load(table) == 0, "%s", err.text);
    code = places_find(places, (struct places_text){names[_i].name, strlen(names[_i].name)},
                       (struct places_text){names[_i].township, strlen(names[_i].township)});
    if (names[_i].code == NULL)
        ck_assert_ptr_null(code);
    else
        ck_assert_str_eq(code == NULL ? "nothing" : code, names[_i].code);
}
END_TEST

START_TEST(a_text_that_is_too_long_is_no_place)
{
    char text[PLACES_NAME_BYTES + 1];

    memset(text, 'a', sizeof(text));
    ck_assert_int_eq(load(table), 0);
    ck_assert_ptr_null(
        places_find(places, (struct places_text){text, sizeof(text)}, (struct places_text){"", 0}));
    ck_assert_ptr_null(places_find(places, (struct places_text){"后山村", strlen("后山村")},
                                   (struct places_text){text, sizeof(text)}));
}
END_TEST

static const struct {
    const char *text, *error;
} wrong[] = {
    {"360799\t甲\n36079\t乙\n", ":2: a code has 6, 9 or 12 digits"},
    {"36079A\t甲\n", ":1: a code has 6, 9 or 12 digits"},
    {"360799\n", ":1: the division has no name"},
    {"# nothing\n", ":1: the table has no division"},
    {"", ":1: the table has no division"},
    {"360799\t\xff\n", ":1: the table is no UTF-8 text"},
};

START_TEST(a_wrong_table_is_refused_at_its_line)
{
    AUTO_BUF struct buf expected = {0};

    ck_assert_int_eq(load(wrong[_i].text), -1);
    ck_assert_int_eq(err.code, ERR_CONFIG);
    buf_add_fmt(&expected, "%s%s", path, wrong[_i].error);
    ck_assert_str_eq(err.text, buf_str(&expected));
}
END_TEST

START_TEST(a_table_that_is_not_there_is_missing)
{
    ck_assert_int_eq(places_load("/nowhere/areas.tsv", &places, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("places");
    TCase *tcase = tcase_create("places");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, a_place_is_found_inside_its_township, 0, UNIT_COUNT(names));
    tcase_add_test(tcase, a_text_that_is_too_long_is_no_place);
    tcase_add_loop_test(tcase, a_wrong_table_is_refused_at_its_line, 0, UNIT_COUNT(wrong));
    tcase_add_test(tcase, a_table_that_is_not_there_is_missing);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
