#include "link/compare.h"

#include "made.h"

static unsigned
level_of(enum compare_field field, struct made a, struct made b)
{
    struct person one = made_person(a), other = made_person(b);
    uint32_t pattern = compare_pair(&one, &other);

    ck_assert_uint_eq(pattern, compare_pair(&other, &one));
    return compare_level(pattern, field);
}

static const struct {
    const char *a, *b;
    enum compare_name level;
} names[] = {
    {"王小明", "王小明", NAME_EXACT},
    {"王小明", " 王　小明", NAME_EXACT},
    {"王小明", NULL, NAME_MISSING},
    {"王小明", "不详", NAME_MISSING},
    {"陈昇", "陈升", NAME_VARIANT},
    {"王喆", "王哲", NAME_VARIANT},
    {"王小明", "王晓明", NAME_SOUND},
    {"单伟", "善玮", NAME_SOUND},
    {"王珍", "王贞", NAME_SOUND},
    {"王小洪", "王小供", NAME_SHAPE},
    {"王小明", "王明", NAME_PART},
    {"王小明", "王小", NAME_PART},
    {"王小明", "王大明", NAME_ONE},
    {"王小明", "王明小", NAME_ONE},
    {"王明", "王芳", NAME_SURNAME}, /* the whole given name is another */
    {"王小明", "王大海", NAME_SURNAME},
    {"王小明", "李小明", NAME_GIVEN},
    {"王小明", "李大海", NAME_NONE},
    {"阿依古丽·买买提", "阿依古丽•买买提", NAME_EXACT},
    {"阿依古丽·买买提", "阿依古丽 买买提", NAME_EXACT},
    {"阿依古丽·买买提", "阿依古丽买买提", NAME_EXACT},
    {"阿依古丽·买买提", "阿衣古丽.买买提", NAME_SOUND},
    {"阿依古丽·买买提", "阿依古丽", NAME_PART},
    {"阿依古丽·买买提", "阿依古丽·库尔班", NAME_PART},
    {"阿依古丽·买买提", "阿依古·买买提", NAME_PART},
    {"阿依古丽·买买提", "热依汗·买买提", NAME_NONE},
};

START_TEST(names_compare_by_sound_shape_and_part)
{
    ck_assert_int_eq(
        (int)level_of(COMPARE_NAME, (struct made){names[_i].a}, (struct made){names[_i].b}),
        (int)names[_i].level);
}
END_TEST

static const struct {
    struct made a, b;
    enum compare_birth level;
} births[] = {
    {{.birth = "1990-01-01"}, {.birth = "19900101"}, BIRTH_EQUAL},
    {{.birth = "1990-01-01"}, {.birth = ""}, BIRTH_MISSING},
    {{.birth = "1990-01-01"}, {.birth = "2190-01-01"}, BIRTH_MISSING},
    {{.birth = "1990-01-21"}, {.birth = "1990-01-31"}, BIRTH_NEAR},
    {{.birth = "1990-01-21"}, {.birth = "1990-01-12"}, BIRTH_NEAR},
    {{.birth = "1990-01-02"}, {.birth = "1990-02-01"}, BIRTH_NEAR},
    {{.birth = "1990-01-21"}, {.birth = "1978-01-21"}, BIRTH_PART},
    {{.birth = "1990-01-21"}, {.birth = "1978-03-21"}, BIRTH_DIFFERENT},
    /* the number's, where there is no column */
    {{.id_no = "36079919900101001X"}, {.birth = "1990-01-01"}, BIRTH_EQUAL},
    /* a wrong column beside a good number */
    {{.id_no = "36079919900101001X", .birth = "1977-12-05"}, {.birth = "1990-01-01"}, BIRTH_EQUAL},
    /* one number tells one date: only columns say more */
    {{.id_no = "36079919900101001X"}, {.id_no = "36079919900101001X"}, BIRTH_MISSING},
    {{.id_no = "36079919900101001X"},
     {.id_no = "36079919900101001X", .birth = "1990-01-01"},
     BIRTH_MISSING},
    {{.id_no = "36079919900101001X"},
     {.id_no = "36079919900101001X", .birth = "2015-08-09"},
     BIRTH_DIFFERENT},
    {{.id_no = "36079919900101001X", .birth = "1990-01-01"},
     {.id_no = "36079919900101001X", .birth = "1990-01-01"},
     BIRTH_EQUAL},
};

START_TEST(birth_dates_compare_with_what_numbers_say)
{
    ck_assert_int_eq((int)level_of(COMPARE_BIRTH, births[_i].a, births[_i].b),
                     (int)births[_i].level);
}
END_TEST

static const struct {
    struct made a, b;
    enum compare_field field;
    unsigned level;
} rest[] = {
    {{.phone = "13900000001"}, {.phone = "+86 139-0000-0001"}, COMPARE_PHONE, PHONE_EQUAL},
    {{.phone = "13900000001"}, {.phone = "13900000011"}, COMPARE_PHONE, PHONE_NEAR},
    {{.phone = "13900000012"}, {.phone = "13900000021"}, COMPARE_PHONE, PHONE_NEAR},
    {{.phone = "13900000001"}, {.phone = "13812345678"}, COMPARE_PHONE, PHONE_DIFFERENT},
    {{.phone = "13900000001"}, {.phone = "11111111111"}, COMPARE_PHONE, PHONE_MISSING},
    {{.sex = "1"}, {.sex = "女"}, COMPARE_SEX, SEX_DIFFERENT},
    {{.sex = "1"}, {.id_no = "36079919900101001X"}, COMPARE_SEX, SEX_EQUAL},
    {{.household = "H1"}, {.household = "Ｈ１"}, COMPARE_HOUSEHOLD, HOUSEHOLD_EQUAL},
    {{.household = "H1"}, {.household = "H2"}, COMPARE_HOUSEHOLD, HOUSEHOLD_DIFFERENT},
    {{.address = "长岗村3组12号"}, {.address = "某镇长岗村三组12"}, COMPARE_PLACE, PLACE_EQUAL},
    {{.address = "长岗村3组12号", .area = "360722101201"},
     {.address = "长岗村3组12号", .area = "360722102201"},
     COMPARE_PLACE,
     PLACE_ELSEWHERE}, /* a village of the same name */
    {{.address = "长岗村3组12号"}, {.address = "长岗村5组"}, COMPARE_PLACE, PLACE_VILLAGE},
    {{.address = "长岗村3组", .area = "360722101201"},
     {.address = "上塘村3组", .area = "360722101"},
     COMPARE_PLACE,
     PLACE_TOWN},
    {{.address = "长岗村3组"}, {.address = "上塘村3组"}, COMPARE_PLACE, PLACE_ELSEWHERE},
    {{.area = "360722101201"}, {.area = "360722101201"}, COMPARE_PLACE, PLACE_AREA_VILLAGE},
    {{.area = "360722101201"}, {.area = "360722101000"}, COMPARE_PLACE, PLACE_AREA_TOWN},
    {{.area = "360722101201"}, {.area = "360722101202"}, COMPARE_PLACE, PLACE_AREA_OTHER},
    {{.area = "360722101201"}, {.area = "360722"}, COMPARE_PLACE, PLACE_MISSING},
};

START_TEST(other_fields_compare_too)
{
    ck_assert_uint_eq(level_of(rest[_i].field, rest[_i].a, rest[_i].b), rest[_i].level);
}
END_TEST

#define PARENT "36079919900101001X"
#define CHILD "360799201508090012"

static const struct {
    struct made a, b;
    bool veto;
    int certain;
} judged[] = {
    {{"王明", PARENT}, {"王芳", CHILD}, true, 0},
    {{"王小明", PARENT}, {"王晓明", CHILD}, true, 0},
    {{"陈昇", PARENT}, {"陈升", CHILD}, true, 0}, /* different in law */
    {{"王明", PARENT}, {"王明", CHILD}, false, 0},
    {{"王明", PARENT}, {"李明", CHILD}, false, 0},
    {{"王明", PARENT}, {"王芳", "360799201508090017"}, false, 0}, /* a slip: it cannot be known */
    {{"王小明", PARENT}, {"王晓明", PARENT}, false, 1},
    {{"王小明", PARENT}, {"王大明", PARENT}, false, 1},
    {{"王小明", PARENT}, {"王芳", PARENT}, false, 0},
    {{"王小明", PARENT, "1990-01-01"}, {"李芳", PARENT, "1990-01-01"}, false, 1},
    {{"王小明", PARENT}, {"王芳", PARENT, "2015-08-09"}, false, 0},
    {{"王明", NULL, "1990-01-01", "13900000001"}, {"王明", PARENT, NULL, "13900000001"}, false, 2},
    {{"王明", NULL, "1990-01-01"}, {"王明", PARENT}, false, 0},
    {{"王明", CHILD, "1990-01-01", "13900000001"}, {"王明", PARENT, NULL, "13900000001"}, false, 0},
};

START_TEST(some_pairs_are_decided_before_the_model)
{
    struct person a = made_person(judged[_i].a), b = made_person(judged[_i].b);
    uint32_t pattern = compare_pair(&a, &b);

    ck_assert_int_eq(compare_veto(pattern), judged[_i].veto);
    ck_assert_int_eq(compare_certain(pattern), judged[_i].certain);
}
END_TEST

START_TEST(a_pattern_holds_every_level)
{
    uint8_t levels[COMPARE_FIELDS];

    for (int field = 0; field < COMPARE_FIELDS; field++)
        levels[field] = (uint8_t)(compare_levels((enum compare_field)field) - 1);
    ck_assert_uint_lt(compare_pattern(levels), COMPARE_PATTERNS);
    for (int field = 0; field < COMPARE_FIELDS; field++) {
        ck_assert_uint_eq(compare_level(compare_pattern(levels), (enum compare_field)field),
                          levels[field]);
        ck_assert_str_ne(compare_level_name((enum compare_field)field, levels[field]), "");
        ck_assert_str_eq(compare_level_name((enum compare_field)field, COMPARE_MISSING), "");
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("compare");
    TCase *tcase = tcase_create("compare");

    tcase_add_checked_fixture(tcase, made_setup, made_teardown);
    tcase_add_loop_test(tcase, names_compare_by_sound_shape_and_part, 0, UNIT_COUNT(names));
    tcase_add_loop_test(tcase, birth_dates_compare_with_what_numbers_say, 0, UNIT_COUNT(births));
    tcase_add_loop_test(tcase, other_fields_compare_too, 0, UNIT_COUNT(rest));
    tcase_add_loop_test(tcase, some_pairs_are_decided_before_the_model, 0, UNIT_COUNT(judged));
    tcase_add_test(tcase, a_pattern_holds_every_level);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
