#include "link/normalise.h"

#include "made.h"

#define RIGHT "36079919900101001X"

static const char *const writings[] = {" 王 小 明 ", "王　小明", "王小明\xc2\xa0",
                                       "\xef\xbb\xbf王小明"};

START_TEST(a_name_is_one_however_it_is_spaced)
{
    struct person plain = PERSON("王小明"), spaced = PERSON(writings[_i]);

    ck_assert_uint_ne(plain.name, 0);
    ck_assert_uint_eq(plain.name, spaced.name);
    ck_assert_uint_eq(plain.fold, spaced.fold);
    ck_assert_uint_eq(plain.pinyin, spaced.pinyin);
    ck_assert_uint_eq(spaced.name_len, 3);
    ck_assert_uint_eq(spaced.surname_len, 1);
}
END_TEST

static const char *const nobodies[] = {"",  "  ", "无",     "不详", "未知", "空",
                                       "-", "/",  "无名氏", "NULL", "·"};

START_TEST(a_word_for_nobody_is_no_name)
{
    struct person person = PERSON(nobodies[_i], RIGHT);

    ck_assert_uint_eq(person.name, 0);
    ck_assert_uint_eq(person.pinyin, 0);
    ck_assert_uint_eq(person.name_len, 0);
    ck_assert_int_eq(person.number.state, NUMBER_VALID);
}
END_TEST

START_TEST(a_cell_that_is_too_long_is_as_good_as_empty)
{
    char text[1100];
    struct person person;

    memset(text, '1', sizeof(text));
    text[129] = '\0';
    person = PERSON(.name = text, .id_no = text, .birth = text, .phone = text, .area = text,
                    .household = text, .sex = text);
    ck_assert_uint_eq(person.name | person.phone | person.household | person.area, 0);
    ck_assert_int_eq(person.number.state, NUMBER_NONE);
    ck_assert_int_eq(person.birth, PERSON_NO_DATE);
    text[129] = '1';
    text[1025] = '\0';
    person = PERSON(.address = text);
    ck_assert_uint_eq(person.address, 0);
}
END_TEST

START_TEST(variants_sound_the_same_and_stay_two_names)
{
    struct person old = PERSON("陈昇"), new = PERSON("陈升");

    ck_assert_uint_ne(old.name, new.name);
    ck_assert_uint_eq(old.fold, new.fold);
    ck_assert_uint_eq(old.pinyin, new.pinyin);
}
END_TEST

START_TEST(surnames_are_read_as_surnames)
{
    struct person single = PERSON("单伟"), sounds = PERSON("善伟"), two = PERSON("欧阳明");

    ck_assert_uint_eq(single.pinyin, sounds.pinyin); /* Shàn, not Dān */
    ck_assert_uint_eq(two.surname_len, 2);
}
END_TEST

START_TEST(a_name_with_a_dot_has_a_first_segment_and_no_surname)
{
    struct person dotted = PERSON("阿依古丽·买买提"), bare = PERSON("阿依古丽买买提");

    ck_assert_uint_eq(dotted.segment, 4);
    ck_assert_uint_eq(dotted.surname_len, 0);
    ck_assert_uint_eq(dotted.name_len, 7);
    ck_assert_uint_eq(person_chars(&dotted)[0], U'阿');
    ck_assert_uint_eq(person_chars(&dotted)[6], U'提');
    ck_assert_uint_eq(dotted.name, bare.name);
    ck_assert_uint_eq(bare.segment, 0);
}
END_TEST

static const struct {
    const char *text;
    uint64_t phone;
} phones[] = {
    {"19912345678", 19912345678},
    {"+86 199-1234-5678", 19912345678},
    {"8619912345678", 19912345678},
    {"１９９１２３４５６７８", 19912345678},
    {"0797-1234567", 7971234567},
    {"123456", 0},
    {"00000000", 0},
    {"1111111", 0},
    {"无", 0},
    {"1234567890123456789", 0},
};

START_TEST(telephones_are_their_digits_without_the_country)
{
    ck_assert_uint_eq(PERSON(.phone = phones[_i].text).phone, phones[_i].phone);
}
END_TEST

static const struct {
    const char *text;
    int32_t date;
} dates[] = {
    {"1990-01-01", 7305},           {"1990/1/1", 7305},
    {"1990年1月1日", 7305},         {"19900101", 7305},
    {"１９９０.1.1", 7305},         {"", PERSON_NO_DATE},
    {"1990", PERSON_NO_DATE},       {"1990-02-30", PERSON_NO_DATE},
    {"1899-12-31", PERSON_NO_DATE}, {"2025-12-31", MADE_TODAY},
    {"2026-01-01", PERSON_NO_DATE},
};

START_TEST(birth_dates_are_read_in_any_form_up_to_today)
{
    ck_assert_int_eq(PERSON(.birth = dates[_i].text).birth, dates[_i].date);
}
END_TEST

static const struct {
    const char *text;
    unsigned sex;
} sexes[] = {{"1", 1},    {"0", 2}, {"2", 2}, {"男", 1},   {"女", 2},
             {"男性", 1}, {"", 0},  {"9", 0}, {"未知", 0}, {" 1 ", 1}};

START_TEST(sexes_are_told_by_code_or_word)
{
    ck_assert_uint_eq(PERSON(.sex = sexes[_i].text).sex, sexes[_i].sex);
}
END_TEST

static const struct {
    const char *text;
    uint64_t area;
    unsigned len;
} areas[] = {
    {"360799101203", 360799101203, 12},
    {"360799101", 360799101000, 9},
    {"360799101000", 360799101000, 9},
    {"360799", 360799000000, 6},
    {"360799000000", 360799000000, 6},
    {"3607", 360700000000, 4},
    {"36", 360000000000, 2},
    {"36079910", 360799100000, 0},
    {"", 0, 0},
    {"江西", 0, 0},
    {"3607991012031", 0, 0},
};

START_TEST(an_area_is_known_as_far_as_its_code_goes)
{
    struct person person = PERSON(.area = areas[_i].text);

    ck_assert_uint_eq(person.area, areas[_i].area);
    ck_assert_uint_eq(person.area_len, areas[_i].len);
}
END_TEST

START_TEST(a_good_number_tells_a_birth_date_and_a_bad_one_does_not)
{
    struct person right = PERSON(.id_no = RIGHT), wrong = PERSON(.id_no = "360799199001010011");
    struct person old = PERSON(.id_no = "360799900101001");

    ck_assert_int_eq(right.born, 7305);
    ck_assert_int_eq(person_birth(&right), 7305);
    ck_assert_int_eq(old.born, 7305);
    ck_assert_int_eq(old.number.state, NUMBER_UPGRADED);
    ck_assert_int_eq(wrong.number.state, NUMBER_SLIPPED);
    ck_assert_int_eq(wrong.born, PERSON_NO_DATE);
}
END_TEST

START_TEST(the_column_of_birth_dates_counts_before_the_number)
{
    struct person person = PERSON(.id_no = RIGHT, .birth = "1991-01-01");

    ck_assert_int_eq(person_birth(&person), 7670);
}
END_TEST

START_TEST(an_address_is_one_however_it_is_written)
{
    struct person one = PERSON(.address = "某县某镇长岗村第三村民小组12号");
    struct person same = PERSON(.address = "长岗村3组12号"),
                  other = PERSON(.address = "长岗村3组13号");

    ck_assert_uint_ne(one.address, 0);
    ck_assert_uint_eq(one.address, same.address);
    ck_assert_uint_ne(one.address, other.address);
    ck_assert_uint_ne(one.village, 0);
    ck_assert_uint_eq(one.village, other.village);
}
END_TEST

START_TEST(an_empty_record_has_nothing)
{
    struct person person = PERSON(NULL);

    ck_assert_uint_eq(person.name | person.fold | person.pinyin | person.phone | person.address |
                          person.village | person.household | person.area,
                      0);
    ck_assert_int_eq(person.number.state, NUMBER_NONE);
    ck_assert_int_eq(person_birth(&person), PERSON_NO_DATE);
    ck_assert_uint_eq(person.sex | person.area_len | person.name_len, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("normalise");
    TCase *tcase = tcase_create("normalise");

    tcase_add_checked_fixture(tcase, made_setup, made_teardown);
    tcase_add_loop_test(tcase, a_name_is_one_however_it_is_spaced, 0, UNIT_COUNT(writings));
    tcase_add_loop_test(tcase, a_word_for_nobody_is_no_name, 0, UNIT_COUNT(nobodies));
    tcase_add_test(tcase, a_cell_that_is_too_long_is_as_good_as_empty);
    tcase_add_test(tcase, variants_sound_the_same_and_stay_two_names);
    tcase_add_test(tcase, surnames_are_read_as_surnames);
    tcase_add_test(tcase, a_name_with_a_dot_has_a_first_segment_and_no_surname);
    tcase_add_loop_test(tcase, telephones_are_their_digits_without_the_country, 0,
                        UNIT_COUNT(phones));
    tcase_add_loop_test(tcase, birth_dates_are_read_in_any_form_up_to_today, 0, UNIT_COUNT(dates));
    tcase_add_loop_test(tcase, sexes_are_told_by_code_or_word, 0, UNIT_COUNT(sexes));
    tcase_add_loop_test(tcase, an_area_is_known_as_far_as_its_code_goes, 0, UNIT_COUNT(areas));
    tcase_add_test(tcase, a_good_number_tells_a_birth_date_and_a_bad_one_does_not);
    tcase_add_test(tcase, the_column_of_birth_dates_counts_before_the_number);
    tcase_add_test(tcase, an_address_is_one_however_it_is_written);
    tcase_add_test(tcase, an_empty_record_has_nothing);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
