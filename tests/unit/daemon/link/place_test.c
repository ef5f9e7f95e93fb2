#include "link/place.h"

#include <string.h>

#include "unit.h"

static const struct {
    const char *text, *place, *village;
} places[] = {
    {"江西省赣州市信丰县大塘埠镇长岗村第三村民小组12号", "长岗村3组12", "长岗"},
    {"长岗村3组12号", "长岗村3组12", "长岗"},
    {" 长岗村 ３组 １２号", "长岗村3组12", "长岗"},
    {"长岗村委会十二组", "长岗村12组", "长岗"},
    {"某县某乡上塘行政村二十组5号", "上塘村20组5", "上塘"},
    {"某市某街道办事处东门居委会8栋", "东门社区8栋", "东门"},
    {"某区某街道东门小区8栋302", "东门小区8栋302", "东门小区"},
    {"赣州市章贡", "章贡", "章贡"},
    {"新乡", "新乡", "新乡"}, /* too little behind it */
    {"三江村五组", "3江村5组", "3江"},
    {"", "", ""},
};

START_TEST(an_address_has_one_form)
{
    char to[256];
    size_t len = strlen(places[_i].text);
    struct place place = place_read(places[_i].text, len, to);

    ck_assert_uint_eq(place.len, strlen(places[_i].place));
    ck_assert_mem_eq(to + place.at, places[_i].place, place.len);
    ck_assert_uint_eq(place.village, strlen(places[_i].village));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("place");
    TCase *tcase = tcase_create("place");

    tcase_add_loop_test(tcase, an_address_has_one_form, 0, UNIT_COUNT(places));
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
