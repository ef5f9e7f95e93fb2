#include "link/han.h"

#include "unit.h"

static const struct {
    uint16_t name[2], like[2]; /* a surname, and characters that are read like it */
    size_t len;
} surnames[] = {
    {{u'单', u'伟'}, {u'善', 0}, 1}, {{u'仇', u'伟'}, {u'球', 0}, 1},
    {{u'区', u'伟'}, {u'欧', 0}, 1}, {{u'查', u'伟'}, {u'扎', 0}, 1},
    {{u'曾', u'伟'}, {u'增', 0}, 1}, {{u'王', u'伟'}, {u'亡', 0}, 1},
};

START_TEST(a_surname_is_read_as_a_surname)
{
    uint16_t readings[2];

    ck_assert_uint_eq(han_surname(surnames[_i].name, 2, readings), 1);
    ck_assert_uint_eq(readings[0], han_reading(surnames[_i].like[0]));
}
END_TEST

START_TEST(a_surname_may_have_two_characters)
{
    const uint16_t name[] = {u'尉', u'迟', u'恭'};
    uint16_t readings[2];

    ck_assert_uint_eq(han_surname(name, 3, readings), 2);
    ck_assert_uint_eq(readings[0], han_reading(u'玉'));
    ck_assert_uint_eq(han_surname(name, 2, readings), 1); /* a Wei whose name is Chi */
}
END_TEST

START_TEST(any_reading_may_be_shared)
{
    ck_assert(han_share_reading(u'单', u'丹'));
    ck_assert(han_share_reading(u'单', u'善'));
    ck_assert(han_share_reading(u'小', u'晓'));
    ck_assert(!han_share_reading(u'小', u'大'));
    ck_assert(!han_share_reading('A', 'A'));
}
END_TEST

START_TEST(some_characters_look_alike)
{
    ck_assert(han_alike(u'晨', u'震') || han_alike(u'洪', u'供'));
    ck_assert(han_alike(u'洪', u'供'));
    ck_assert(han_alike(u'清', u'请'));
    ck_assert(han_alike(u'珍', u'诊') == han_alike(u'诊', u'珍'));
    ck_assert(!han_alike(u'伟', u'芳'));
    ck_assert(!han_alike(u'一', 'A'));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("han");
    TCase *tcase = tcase_create("han");

    tcase_add_loop_test(tcase, a_surname_is_read_as_a_surname, 0, UNIT_COUNT(surnames));
    tcase_add_test(tcase, a_surname_may_have_two_characters);
    tcase_add_test(tcase, any_reading_may_be_shared);
    tcase_add_test(tcase, some_characters_look_alike);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
