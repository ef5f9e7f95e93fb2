#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "unit.h"

static struct buf buf, again;

static void
setup(void)
{
    buf = (struct buf){0};
    again = (struct buf){0};
}

static void
teardown(void)
{
    buf_done(&buf);
    buf_done(&again);
}

static const struct {
    const char *text;
    size_t len;
    long count;
} utf8[] = {
    {"", 0, 0},
    {"a", 1, 1},
    {"abcdefghijklmnopq", 17, 17},
    {"王小明", 9, 3},
    {"abcdefgh王ijklmnop", 19, 17},
    {"é·ß", 6, 3},
    {"\U00020000", 4, 1},
    {"\U0010FFFF", 4, 1},
    {"\uD7FF\uE000\uFFFD", 9, 3},
    {"\0", 1, -1},
    {"abcdefgh\0", 9, -1},
    {"abcd\0efgh", 9, -1},
    {"\x80", 1, -1},             /* a tail without its lead */
    {"\xC3", 1, -1},             /* cut */
    {"\xE7\x8E", 2, -1},         /* cut */
    {"\xF0\xA0\x80", 3, -1},     /* cut */
    {"\xC0\x80", 2, -1},         /* overlong NUL */
    {"\xC1\xBF", 2, -1},         /* overlong */
    {"\xE0\x9F\xBF", 3, -1},     /* overlong */
    {"\xF0\x8F\xBF\xBF", 4, -1}, /* overlong */
    {"\xED\xA0\x80", 3, -1},     /* surrogate */
    {"\xED\xBF\xBF", 3, -1},     /* surrogate */
    {"\xF4\x90\x80\x80", 4, -1}, /* beyond the last code point */
    {"\xF5\x80\x80\x80", 4, -1}, /* beyond the last code point */
    {"\xFF", 1, -1},
    {"\xE7\x8E\x41", 3, -1}, /* a tail is missing */
    {"\xE7\x41\x8B", 3, -1},
    {"\xF0\xA0\x80\x41", 4, -1},
};

START_TEST(code_points_are_counted_and_bad_utf8_is_refused)
{
    ck_assert_int_eq(text_utf8_length(utf8[_i].text, utf8[_i].len), utf8[_i].count);
}
END_TEST

START_TEST(a_character_at_any_place_behind_ascii_is_seen)
{
    char text[32];

    for (size_t at = 0; at + 3 <= sizeof(text); at++) {
        memset(text, 'a', sizeof(text));
        memcpy(text + at, "王", 3);
        ck_assert_int_eq(text_utf8_length(text, sizeof(text)), (long)sizeof(text) - 2);
        text[at + 1] = 'a';
        ck_assert_int_eq(text_utf8_length(text, sizeof(text)), -1);
    }
}
END_TEST

static const struct {
    const char *name, *normal, *key;
} names[] = {
    {"", "", ""},
    {"王小明", "王小明", "王小明"},
    {" 王 小\u3000明\t", "王小明", "王小明"},
    {"王\u200B小\uFEFF明\u00A0", "王小明", "王小明"},
    {"买买提·艾力", "买买提·艾力", "买买提艾力"},
    {"买买提•艾力", "买买提·艾力", "买买提艾力"},
    {"买买提・艾力", "买买提·艾力", "买买提艾力"},
    {"买买提．艾力", "买买提·艾力", "买买提艾力"},
    {"买买提‧艾力", "买买提·艾力", "买买提艾力"},
    {"买买提∙艾力", "买买提·艾力", "买买提艾力"},
    {"买买提⋅艾力", "买买提·艾力", "买买提艾力"},
    {"买买提･艾力", "买买提·艾力", "买买提艾力"},
    {"买买提.艾力", "买买提·艾力", "买买提艾力"},
    {"买买提 艾力", "买买提艾力", "买买提艾力"},
    {"买买提 . 艾力", "买买提·艾力", "买买提艾力"},
    {"A.王.B", "A.王.B", "A王B"},
    {"J.Smith", "J.Smith", "JSMITH"},
    {"Ａｎｎａ", "Ａｎｎａ", "ANNA"},
    {"Jose\u0301", "Jos\u00E9", "JOS\u00C9"},
    {"e\u200B\u0301", "\u00E9", "\u00C9"},
    {"Ａ\u0301", "Ａ\u0301", "\u00C1"},
    {"\uF9D1", "六", "六"}, /* compatibility ideograph */
    {"\uFA19.\uFA1B", "神·福", "神福"},
    {"⽅⼤⽂", "⽅⼤⽂", "方大文"}, /* radicals, as PDF files give them */
    {"李峯", "李峯", "李峰"},
    {"張昇喆", "張昇喆", "张升哲"},
    {"劉國強", "劉國強", "刘国强"},
    {"髙陞", "髙陞", "高升"},
    {"甯珮", "甯珮", "宁佩"},
    {"\U00020000\U00020BB7", "\U00020000\U00020BB7", "\U00020000吉"},
    {"葛\U000E0100", "葛", "葛"}, /* ideographic variation sequence */
    {"后後干乾", "后後干乾", "后后干乾"},
};

START_TEST(a_name_has_one_written_form_and_one_key)
{
    text_normalise_name(names[_i].name, strlen(names[_i].name), &buf);
    ck_assert_str_eq(buf_str(&buf), names[_i].normal);
    buf_clear(&buf);
    text_fold_name(names[_i].name, strlen(names[_i].name), &buf);
    ck_assert_str_eq(buf_str(&buf), names[_i].key);
}
END_TEST

START_TEST(what_stood_in_the_buffer_stays)
{
    buf_add_str(&buf, "x");
    text_normalise_name("王 明", 7, &buf);
    text_fold_name("李峯", 6, &buf);
    text_fold_name("a", 1, &buf);
    ck_assert_str_eq(buf_str(&buf), "x王明李峰A");
}
END_TEST

/* Pieces that are awkward alone and more so next to each other. */
static const char *const pieces[] = {
    "王",     "峯",     "a",  ".",      "·",          "・",         " ",      "\u3000", "\u0301",
    "\u200B", "Ａ",     "．", "\uF9D1", "\u1100",     "\u1161",     "\u11A8", "\u0327", "ǰ",
    "ß",      "\u0345", "⽅", "々",     "\U00020000", "\U000E0100", "\u0387", "\u212B", "i",
};

/* Build every row of up to four pieces, and check that a second pass changes nothing. */
static void
check_twice(void (*pass)(const char *, size_t, struct buf *))
{
    const unsigned count = sizeof(pieces) / sizeof(pieces[0]);
    char text[64];

    for (unsigned i = 0; i < count * count * count * count; i++) {
        text[0] = '\0';
        for (unsigned rest = i, n = 0; n < 4; n++, rest /= count)
            strncat(text, pieces[rest % count], sizeof(text) - strlen(text) - 1);
        buf_clear(&buf);
        buf_clear(&again);
        pass(text, strlen(text), &buf);
        pass(buf_str(&buf), buf.len, &again);
        if (buf.len != again.len || memcmp(buf.bytes, again.bytes, buf.len) != 0)
            ck_abort_msg("'%s' becomes '%s' and then '%s'", text, buf_str(&buf), buf_str(&again));
    }
}

START_TEST(normalising_twice_changes_nothing)
{
    check_twice(text_normalise_name);
}
END_TEST

START_TEST(folding_twice_changes_nothing)
{
    check_twice(text_fold_name);
}
END_TEST

START_TEST(a_key_does_not_depend_on_whether_the_name_was_normalised)
{
    for (int i = 0; i < UNIT_COUNT(names); i++) {
        AUTO_BUF struct buf normal = {0};

        buf_clear(&buf);
        text_normalise_name(names[i].name, strlen(names[i].name), &normal);
        text_fold_name(buf_str(&normal), normal.len, &buf);
        ck_assert_str_eq(buf_str(&buf), names[i].key);
    }
}
END_TEST

START_TEST(every_han_character_folds_to_one_that_folds_to_itself)
{
    for (uint32_t c = 0x3400; c <= 0x9FFF; c++) {
        const char text[3] = {(char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 63)),
                              (char)(0x80 | (c & 63))};

        buf_clear(&buf);
        buf_clear(&again);
        text_fold_name(text, 3, &buf);
        ck_assert_uint_eq(buf.len, 3);
        text_fold_name((const char *)buf.bytes, 3, &again);
        ck_assert_mem_eq(buf.bytes, again.bytes, 3);
    }
}
END_TEST

#define TODAY 19787 /* 2024-03-05 */

static const struct {
    const char *id;
    bool valid;
} ids[] = {
    {"36079919491231058X", true},  {"360799188001010016", false}, /* born 1880 */
    {"360799194912310581", false}, {"36079919491231058x", false}, {"360799194912310X8X", false},
    {"360799201202290014", false}, /* wrong check character, see below */
    {"36079920120229001/", false}, {"36079920120229001:", false}, {"                  ", false},
    {"000000000000000000", false},
};

START_TEST(a_number_is_valid_only_with_its_check_character_and_a_birth_date)
{
    ck_assert_int_eq(text_id_valid(ids[_i].id, TODAY), ids[_i].valid);
}
END_TEST

static const struct {
    const char *birth;
    bool valid;
} births[] = {
    {"19000101", true},  {"18991231", false}, {"20240305", true},  {"20240306", false},
    {"20240229", true},  {"20230229", false}, {"19000229", false}, {"20001301", false},
    {"20000001", false}, {"20000100", false}, {"20000431", false},
};

START_TEST(a_birth_date_must_be_real_and_not_before_1900_nor_after_today)
{
    char id[TEXT_ID_LEN + 1];

    ck_assert_int_eq(snprintf(id, sizeof(id), "360799%s0010", births[_i].birth), TEXT_ID_LEN);
    id[TEXT_ID_LEN - 1] = text_id_check(id);
    ck_assert_int_eq(text_id_valid(id, TODAY), births[_i].valid);
}
END_TEST

START_TEST(the_area_of_a_number_is_never_a_reason)
{
    char id[TEXT_ID_LEN + 1] = "360799198001010010";

    id[TEXT_ID_LEN - 1] = text_id_check(id);
    ck_assert(text_id_valid(id, TODAY));
}
END_TEST

START_TEST(every_single_wrong_digit_and_every_swap_is_caught)
{
    const char id[] = "36079919491231058X";
    char wrong[TEXT_ID_LEN];

    for (size_t at = 0; at < TEXT_ID_LEN; at++) {
        for (char digit = '0'; digit <= '9'; digit++) {
            memcpy(wrong, id, TEXT_ID_LEN);
            wrong[at] = digit;
            ck_assert_int_eq(text_id_valid(wrong, TODAY), id[at] == digit);
        }
        if (at + 1 < TEXT_ID_LEN && id[at] != id[at + 1]) {
            memcpy(wrong, id, TEXT_ID_LEN);
            wrong[at] = id[at + 1];
            wrong[at + 1] = id[at];
            ck_assert(!text_id_valid(wrong, TODAY));
        }
    }
}
END_TEST

START_TEST(a_number_tells_the_birth_date)
{
    char text[11];

    clock_format_date(text_id_birth("36079919491231058X"), text);
    ck_assert_str_eq(text, "1949-12-31");
}
END_TEST

START_TEST(a_masked_number_keeps_area_and_last_four)
{
    char text[TEXT_ID_LEN + 1];

    text_mask_id("36079919491231058X", text);
    ck_assert_str_eq(text, "360799********058X");
}
END_TEST

static const struct {
    const char *name, *masked;
} masks[] = {
    {"", ""},
    {"王", "*"},
    {"王明", "王*"},
    {"王小明", "王*明"},
    {"欧阳小明", "欧**明"},
    {"买买提·艾力", "买****力"},
    {"\U00020000小\U00020001", "\U00020000*\U00020001"},
    {"Al", "A*"},
};

START_TEST(a_masked_name_keeps_its_ends)
{
    text_mask_name(masks[_i].name, strlen(masks[_i].name), &buf);
    ck_assert_str_eq(buf_str(&buf), masks[_i].masked);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("text");
    TCase *tcase = tcase_create("text");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, code_points_are_counted_and_bad_utf8_is_refused, 0,
                        UNIT_COUNT(utf8));
    tcase_add_test(tcase, a_character_at_any_place_behind_ascii_is_seen);
    tcase_add_loop_test(tcase, a_name_has_one_written_form_and_one_key, 0, UNIT_COUNT(names));
    tcase_add_test(tcase, what_stood_in_the_buffer_stays);
    tcase_add_test(tcase, normalising_twice_changes_nothing);
    tcase_add_test(tcase, folding_twice_changes_nothing);
    tcase_add_test(tcase, a_key_does_not_depend_on_whether_the_name_was_normalised);
    tcase_add_test(tcase, every_han_character_folds_to_one_that_folds_to_itself);
    tcase_add_loop_test(tcase, a_number_is_valid_only_with_its_check_character_and_a_birth_date, 0,
                        UNIT_COUNT(ids));
    tcase_add_loop_test(tcase, a_birth_date_must_be_real_and_not_before_1900_nor_after_today, 0,
                        UNIT_COUNT(births));
    tcase_add_test(tcase, the_area_of_a_number_is_never_a_reason);
    tcase_add_test(tcase, every_single_wrong_digit_and_every_swap_is_caught);
    tcase_add_test(tcase, a_number_tells_the_birth_date);
    tcase_add_test(tcase, a_masked_number_keeps_area_and_last_four);
    tcase_add_loop_test(tcase, a_masked_name_keeps_its_ends, 0, UNIT_COUNT(masks));
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
