#include "sdk/sheet/biff_record.h"

#include "stream.h"
#include "unit.h"

#define CHINESE 936

static const struct {
    const char *bytes;
    size_t len;
    bool narrow, broken;
    const char *text;
} texts[] = {
    {STREAM("\x02\x00\x00"
            "ab"),
     false, false, "ab"},
    {STREAM("\x02\x00\x00"
            "a\xe9"),
     false, false, "aé"},
    {STREAM("\x02\x00\x01\x59\x73\x73\x51"), false, false, "獙关"},
    {STREAM("\x02\x00\x01\x42\xd8\xb7\xdf"), false, false, "𠮷"},
    {STREAM("\x02\x00\x01\x42\xd8\x41\x00"), false, false, " A"},
    {STREAM("\x01\x00\x01\xb7\xdf"), false, false, " "},
    {STREAM("\x01\x00\x01\x42\xd8"), false, false, " "},
    {STREAM("\x04\x00\x00"
            "a\0\n\r"),
     false, false, "a \n "},
    {STREAM("\x02\x00\x08\x01\x00"
            "ab\0\0\x05\0"),
     false, false, "ab"},
    {STREAM("\x02\x00\x0c\x01\x00\x03\0\0\0"
            "ab\0\0\x05\0xyz"),
     false, false, "ab"},
    {STREAM("\x00\x00\x00"), false, false, ""},
    {STREAM("\x03\x00\x00"
            "ab"),
     false, true, "ab"},
    {STREAM("\x02\x00\x04\xff\xff\xff\xff"
            "ab"),
     false, true, "ab"},
    {STREAM("\x04\x00\xd0\xd5\xc3\xfb"), true, false, "姓名"},
    {STREAM("\x04\x00\x95\x34\xb2\x35"), true, false, "𠮷"},
    {STREAM("\x02\x00\xd0\xff"), true, true, ""},
    {STREAM("\x00\x00"), true, false, ""},
};

START_TEST(a_text_is_read_as_it_is_written)
{
    AUTO_BUF struct buf stream = {0}, text = {0};
    struct biff_record record = {.narrow = texts[_i].narrow, .codepage = CHINESE};

    stream_record(&stream, 1, texts[_i].bytes, texts[_i].len);
    record.bytes = stream.bytes;
    record.len = stream.len;
    ck_assert(biff_record_next(&record));
    biff_record_text(&record, 2, &text);
    ck_assert_int_eq(record.broken, texts[_i].broken);
    if (!record.broken) {
        ck_assert_str_eq(buf_str(&text), texts[_i].text);
        ck_assert(!biff_record_more(&record));
    }
    biff_record_done(&record);
}
END_TEST

START_TEST(a_text_goes_on_in_the_next_record_in_the_width_that_it_names)
{
    AUTO_BUF struct buf stream = {0}, text = {0};
    struct biff_record record = {0};

    stream_record(&stream, 0xfc, STREAM("\x07\x00\x09\x01\x00\x59\x73\x42\xd8"));
    stream_record(&stream, 0x3c, STREAM("\x01\xb7\xdf"));
    stream_record(&stream, 0x3c, STREAM("\x00"));
    stream_record(&stream, 0x3c, STREAM("\x00xyz"));
    stream_record(&stream, 0x3c, STREAM("\x01\x73\x51\0\0"));
    stream_record(&stream, 0x3c, STREAM("\x05\0"));
    stream_record(&stream, 0x0a, STREAM(""));
    record.bytes = stream.bytes;
    record.len = stream.len;
    ck_assert(biff_record_next(&record));
    biff_record_text(&record, 2, &text);
    ck_assert(!record.broken);
    ck_assert_str_eq(buf_str(&text), "獙𠮷xyz关");
    ck_assert_uint_eq(record.type, 0xfc);
    ck_assert(!biff_record_more(&record));
    ck_assert(biff_record_next(&record));
    ck_assert_uint_eq(record.type, 0x0a);
}
END_TEST

START_TEST(a_number_beyond_its_record_breaks_the_cursor)
{
    AUTO_BUF struct buf stream = {0};
    struct biff_record record = {0};

    stream_record(&stream, 1, STREAM("\x01\x02\x03"));
    stream_record(&stream, 2, STREAM("\x04\x05\x06\x07"));
    record.bytes = stream.bytes;
    record.len = stream.len;
    ck_assert(biff_record_next(&record));
    ck_assert_uint_eq(biff_record_u16(&record), 0x0201);
    ck_assert_uint_eq(biff_record_u16(&record), 0x0003);
    ck_assert(record.broken);
    ck_assert(!biff_record_next(&record));
    ck_assert(biff_record_seek(&record, 7));
    ck_assert(biff_record_next(&record));
    ck_assert_uint_eq(biff_record_u32(&record), 0x07060504);
    ck_assert(!biff_record_next(&record));
    ck_assert(!biff_record_seek(&record, stream.len + 1));
}
END_TEST

START_TEST(a_record_that_is_cut_off_is_none)
{
    AUTO_BUF struct buf stream = {0};

    stream_record(&stream, 1, STREAM("abc"));
    for (size_t len = 0; len < stream.len; len++) {
        struct biff_record record = {.bytes = stream.bytes, .len = len};

        ck_assert(!biff_record_next(&record));
    }
}
END_TEST

START_TEST(a_code_page_that_nobody_knows_breaks_the_cursor)
{
    AUTO_BUF struct buf stream = {0}, text = {0};
    struct biff_record record = {.narrow = true, .codepage = 4711};

    stream_record(&stream, 1,
                  STREAM("\x01"
                         "a"));
    record.bytes = stream.bytes;
    record.len = stream.len;
    ck_assert(biff_record_next(&record));
    biff_record_text(&record, 1, &text);
    ck_assert(record.broken);
    biff_record_done(&record);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("biff_record");
    TCase *tcase = tcase_create("biff_record");

    tcase_add_loop_test(tcase, a_text_is_read_as_it_is_written, 0, UNIT_COUNT(texts));
    tcase_add_test(tcase, a_text_goes_on_in_the_next_record_in_the_width_that_it_names);
    tcase_add_test(tcase, a_number_beyond_its_record_breaks_the_cursor);
    tcase_add_test(tcase, a_record_that_is_cut_off_is_none);
    tcase_add_test(tcase, a_code_page_that_nobody_knows_breaks_the_cursor);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
