#include "base/buf.h"

#include <string.h>

#include "unit.h"

static struct buf buf;

static void
setup(void)
{
    buf = (struct buf){0};
}

static void
teardown(void)
{
    buf_done(&buf);
}

START_TEST(an_empty_buffer_reads_as_an_empty_string)
{
    ck_assert_str_eq(buf_str(&buf), "");
    ck_assert_uint_eq(buf.len, 0);
}
END_TEST

START_TEST(what_is_appended_comes_back_in_order)
{
    buf_add_str(&buf, "ab");
    buf_add(&buf, "c\0d", 3);
    buf_add(&buf, NULL, 0);
    buf_add_u8(&buf, 0xFF);
    ck_assert_uint_eq(buf.len, 6);
    ck_assert_mem_eq(buf.bytes, "abc\0d\xFF", 6);
}
END_TEST

START_TEST(integers_are_big_endian)
{
    buf_add_be16(&buf, 0x0102);
    buf_add_be32(&buf, 0x03040506);
    buf_add_be64(&buf, 0x0708090A0B0C0D0E);
    ck_assert_uint_eq(buf.len, 14);
    for (uint8_t i = 0; i < 14; i++)
        ck_assert_uint_eq(buf.bytes[i], i + 1);
}
END_TEST

START_TEST(formatted_text_of_any_length_is_whole)
{
    char long_text[1000];

    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    buf_add_fmt(&buf, "%d|", 42);
    buf_add_fmt(&buf, "%s|%s", long_text, "end");
    ck_assert_uint_eq(buf.len, 3 + 999 + 4);
    ck_assert_str_eq(buf_str(&buf) + buf.len - 4, "|end");
}
END_TEST

START_TEST(reserved_room_counts_only_once_it_is_used)
{
    uint8_t *room = buf_reserve(&buf, 3);

    memcpy(room, "xyz", 3);
    ck_assert_uint_eq(buf.len, 0);
    buf.len += 2;
    ck_assert_str_eq(buf_str(&buf), "xy");
}
END_TEST

START_TEST(a_million_bytes_survive_growth)
{
    for (uint32_t i = 0; i < 250000; i++)
        buf_add_be32(&buf, i);
    ck_assert_uint_eq(buf.len, 1000000);
    ck_assert_mem_eq(buf.bytes + 4 * 0x1234, "\x00\x00\x12\x34", 4);
}
END_TEST

START_TEST(clearing_keeps_the_memory)
{
    const uint8_t *before;

    buf_add_str(&buf, "something");
    before = buf.bytes;
    buf_clear(&buf);
    buf_add_str(&buf, "else");
    ck_assert_ptr_eq(buf.bytes, before);
    ck_assert_str_eq(buf_str(&buf), "else");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("buf");
    TCase *tcase = tcase_create("buf");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, an_empty_buffer_reads_as_an_empty_string);
    tcase_add_test(tcase, what_is_appended_comes_back_in_order);
    tcase_add_test(tcase, integers_are_big_endian);
    tcase_add_test(tcase, formatted_text_of_any_length_is_whole);
    tcase_add_test(tcase, reserved_room_counts_only_once_it_is_used);
    tcase_add_test(tcase, a_million_bytes_survive_growth);
    tcase_add_test(tcase, clearing_keeps_the_memory);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
