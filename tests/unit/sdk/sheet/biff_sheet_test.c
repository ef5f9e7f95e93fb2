#include "sdk/sheet/biff_sheet.h"

#include "stream.h"
#include "unit.h"

static struct buf stream; /* of the test, which is a process of its own */
static struct biff_sheet sheet;
static struct biff_texts texts;

static bool
read_sheet(size_t shared)
{
    struct biff_record record = {.bytes = stream.bytes, .len = stream.len};

    return biff_sheet_read(&sheet, &record, shared, &texts);
}

static void
done(void)
{
    biff_sheet_clear(&sheet);
    biff_texts_done(&texts);
    buf_done(&stream);
}

START_TEST(cells_are_in_order_with_their_styles)
{
    stream_record(&stream, 0x809, STREAM_SHEET);
    stream_number(&stream, 9, 3, 7, 1.5);
    stream_number(&stream, 9, 2, 8, 2.5);
    stream_cell(&stream, 0x205, 0, 200, 9, STREAM("\x2a\1"));
    stream_record(&stream, 0x0a, STREAM(""));
    ck_assert(read_sheet(0));
    ck_assert_uint_eq(sheet.count, 3);
    ck_assert_uint_eq(sheet.cells[0].row, 0);
    ck_assert_uint_eq(sheet.cells[0].column, 200);
    ck_assert_uint_eq(sheet.cells[0].kind, BIFF_ERROR);
    ck_assert_uint_eq(sheet.cells[0].code, 0x2a);
    ck_assert_uint_eq(sheet.cells[1].column, 2);
    ck_assert_uint_eq(sheet.cells[1].style, 8);
    ck_assert_double_eq(sheet.cells[2].number, 1.5);
    done();
}
END_TEST

START_TEST(texts_of_the_sheet_stand_behind_those_that_are_shared)
{
    struct biff_record record;
    AUTO_BUF struct buf shared = {0};

    stream_record(&shared, 1, STREAM("\1\0\0a\1\0\0b"));
    record = (struct biff_record){.bytes = shared.bytes, .len = shared.len};
    ck_assert(biff_record_next(&record));
    biff_texts_add(&texts, &record, 2);
    biff_texts_add(&texts, &record, 2);
    stream_record(&stream, 0x809, STREAM_SHEET);
    stream_cell(&stream, 0x204, 0, 0, 0, STREAM("\2\0\0cd"));
    stream_cell(&stream, 0xfd, 0, 1, 0, STREAM("\1\0\0\0"));
    stream_record(&stream, 0x0a, STREAM(""));
    ck_assert(read_sheet(2));
    ck_assert_uint_eq(sheet.cells[0].code, 2);
    ck_assert_uint_eq(sheet.cells[1].code, 1);
    ck_assert_int_eq(memcmp(texts.bytes.bytes, "abcd", 4), 0);
    biff_texts_cut(&texts, 2);
    ck_assert_uint_eq(texts.bytes.len, 2);
    biff_sheet_clear(&sheet);
    ck_assert(!read_sheet(1)); /* the second one is not shared */
    done();
}
END_TEST

START_TEST(only_merged_areas_of_several_rows_are_kept)
{
    stream_record(&stream, 0x809, STREAM_SHEET);
    stream_record(&stream, 0xe5, STREAM("\3\0\7\0\x8\0\1\0\2\0\3\0\3\0\0\0\5\0\2\0\4\0\0\0\0\0"));
    stream_record(&stream, 0x0a, STREAM(""));
    ck_assert(read_sheet(0));
    ck_assert_uint_eq(sheet.merge_count, 2);
    ck_assert_uint_eq(sheet.merges[0].first_row, 2);
    ck_assert_uint_eq(sheet.merges[1].last_row, 8);
    ck_assert_uint_eq(sheet.merges[1].column, 1);
    done();
}
END_TEST

/* A sheet that says it is full, and has one cell. */
START_TEST(dimensions_cost_nothing)
{
    stream_record(&stream, 0x809, STREAM_SHEET);
    stream_record(&stream, 0x200, STREAM("\0\0\0\0\0\0\1\0\0\0\0\1\0\0"));
    stream_number(&stream, 65535, 255, 0, 1);
    stream_record(&stream, 0x0a, STREAM(""));
    ck_assert(read_sheet(0));
    ck_assert_uint_eq(sheet.count, 1);
    ck_assert_uint_le(sheet.size, 256);
    done();
}
END_TEST

START_TEST(what_is_no_sheet_of_cells_is_not_read)
{
    stream_record(&stream, 0x809, STREAM("\x00\x06\x20\x00\0\0\0\0"));
    stream_record(&stream, 0x0a, STREAM(""));
    ck_assert(!read_sheet(0));
    buf_clear(&stream);
    stream_record(&stream, 0x0a, STREAM(""));
    ck_assert(!read_sheet(0));
    done();
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("biff_sheet");
    TCase *tcase = tcase_create("biff_sheet");

    tcase_add_test(tcase, cells_are_in_order_with_their_styles);
    tcase_add_test(tcase, texts_of_the_sheet_stand_behind_those_that_are_shared);
    tcase_add_test(tcase, only_merged_areas_of_several_rows_are_kept);
    tcase_add_test(tcase, dimensions_cost_nothing);
    tcase_add_test(tcase, what_is_no_sheet_of_cells_is_not_read);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
