#include "sdk/sheet/biff.h"

#include "base/source.h"
#include "stream.h"
#include "unit.h"

#define RESULT_TEXT "\0\0\0\0\0\0\xff\xff"
#define RESULT_TRUE "\1\0\1\0\0\0\xff\xff"
#define RESULT_ERROR "\2\0\x07\0\0\0\xff\xff"
#define RESULT_EMPTY "\3\0\0\0\0\0\xff\xff"
#define RESULT_TWELVE "\0\0\0\0\0\0\x28\x40"

#define FORMAT_DATE 164

static struct buf book;    /* of the test, which is a process of its own */
static size_t sheet_at[3]; /* where the sheets' places stand in it */

/* A head with one sheet for each letter: v visible, h hidden, c a chart. */
static void
head(const char *sheets, const void *more, size_t len)
{
    stream_record(&book, 0x809, STREAM_BEGIN_8);
    for (size_t i = 0; sheets[i] != '\0'; i++) {
        char bytes[9] = {
            0, 0, 0, 0, sheets[i] == 'h', sheets[i] == 'c' ? 2 : 0, 1, 0, (char)('A' + i)};

        sheet_at[i] = book.len + 4;
        stream_record(&book, 0x85, bytes, sizeof(bytes));
    }
    stream_record(&book, 0xe0, STREAM("\0\0\0\0"));   /* style 0: plain */
    stream_record(&book, 0xe0, STREAM("\0\0\x0e\0")); /* 1: a date, built in */
    stream_record(&book, 0xe0, STREAM("\0\0\xa4\0")); /* 2: 164 */
    stream_record(&book, 0x41e,
                  STREAM("\xa4\0\x04\0\0"
                         "0000")); /* which shows zeros */
    buf_add(&book, more, len);
    stream_record(&book, 0x0a, STREAM(""));
}

static void
begin(size_t sheet)
{
    memcpy(book.bytes + sheet_at[sheet], &(uint32_t){(uint32_t)book.len}, 4);
    stream_record(&book, 0x809, STREAM_SHEET);
}

static void
end(void)
{
    stream_record(&book, 0x0a, STREAM(""));
}

/* Every row as "1:a|b 2:…", a star behind a hidden one's number; "broken" at the end of what is. */
static const char *
rows_of(struct biff *biff, size_t sheet)
{
    static struct buf out;
    struct biff_row row;
    enum biff_read read = BIFF_BROKEN;

    buf_clear(&out);
    if (biff_choose(biff, sheet))
        while ((read = biff_next(biff, &row)) == BIFF_ROW_READ) {
            uint32_t from = 0;

            buf_add_fmt(&out, "%s%u%s:", out.len == 0 ? "" : " ", row.row_no,
                        row.hidden ? "*" : "");
            for (uint32_t i = 0; i < row.count; from = row.ends[i++])
                buf_add_fmt(&out, "%s%.*s", i == 0 ? "" : "|", (int)(row.ends[i] - from),
                            row.text + from);
        }
    if (read == BIFF_BROKEN)
        buf_add_str(&out, "broken");
    return buf_str(&out);
}

/* The rows of the first visible sheet. */
static const char *
rows(void)
{
    AUTO(biff_close) struct biff *biff = biff_open(book.bytes, book.len);

    ck_assert_ptr_nonnull(biff);
    return rows_of(biff, 0);
}

START_TEST(cells_of_every_kind_are_what_the_clerk_sees)
{
    AUTO_BUF struct buf texts = {0};

    stream_record(&texts, 0xfc, STREAM("\2\0\0\0\2\0\0\0\1\0\0a\1\0\1\x59\x73"));
    head("v", texts.bytes, texts.len);
    begin(0);
    stream_number(&book, 0, 0, 0, 1.5);
    stream_number(&book, 0, 1, 1, 45356);
    stream_number(&book, 0, 2, 2, 79);
    stream_cell(&book, 0x27e, 1, 0, 0, STREAM("\xe3\x04\0\0"));                  /* 312 / 100 */
    stream_cell(&book, 0xbd, 1, 1, 0, STREAM("\0\0\xf0\x3f\0\0\x06\0\0\0\2\0")); /* 1.0 and 1 */
    stream_cell(&book, 0xfd, 2, 0, 0, STREAM("\1\0\0\0"));
    stream_cell(&book, 0x204, 2, 1, 0, STREAM("\1\0\0b"));
    stream_cell(&book, 0xd6, 2, 3, 0, STREAM("\1\0\0c\1\0\0\0\0\0"));
    stream_cell(&book, 0x201, 3, 7, 0, STREAM("")); /* blank */
    stream_cell(&book, 0x205, 4, 0, 0, STREAM("\x2a\1"));
    stream_cell(&book, 0x205, 4, 1, 0, STREAM("\x17\1"));
    stream_cell(&book, 0x205, 4, 2, 0, STREAM("\1\0"));
    stream_cell(&book, 0x205, 4, 3, 0, STREAM("\0\0"));
    stream_number(&book, 65535, 255, 0, 1.0 / 0.0);
    end();
    ck_assert_msg(strncmp(rows(),
                          "1:1.5|2024-03-05|0079 2:3.12|1|1 3:獙|b||c 5:#N/A|#REF!|1|0 65536:|",
                          68) == 0,
                  "%s", rows());
    ck_assert_ptr_nonnull(strstr(rows(), "|#NUM!"));
}
END_TEST

START_TEST(a_formula_shows_what_it_last_gave)
{
    head("v", STREAM(""));
    begin(0);
    stream_formula(&book, 0, 0, RESULT_TWELVE, 1);
    stream_formula(&book, 0, 1, RESULT_TRUE, 0);
    stream_formula(&book, 0, 2, RESULT_ERROR, 0);
    stream_formula(&book, 0, 3, RESULT_EMPTY, 0);
    stream_formula(&book, 0, 4, RESULT_TEXT, 8);
    stream_record(&book, 0x4bc, STREAM("shared"));
    stream_record(&book, 0x207, STREAM("\2\0\0ab"));
    stream_formula(&book, 0, 5, RESULT_TEXT, 0); /* its text is missing */
    stream_number(&book, 0, 6, 0, 1);
    stream_record(&book, 0x207, STREAM("\2\0\0cd"));
    end();
    ck_assert_str_eq(rows(), "1:12|1|#DIV/0!||ab|#FORMULA!|1");
}
END_TEST

START_TEST(where_no_formula_has_a_result_none_was_worked_out)
{
    head("v", STREAM(""));
    begin(0);
    stream_formula(&book, 0, 0, RESULT_EMPTY, 0);
    stream_formula(&book, 1, 0, RESULT_EMPTY, 0);
    end();
    ck_assert_str_eq(rows(), "1:#FORMULA! 2:#FORMULA!");
}
END_TEST

START_TEST(an_empty_result_is_one_where_a_program_worked_out_the_formulas)
{
    AUTO_BUF struct buf more = {0};

    stream_record(&more, 0x1c1, STREAM("\xc1\1\0\0\0\0\1\0"));
    head("v", more.bytes, more.len);
    begin(0);
    stream_formula(&book, 0, 0, RESULT_EMPTY, 0);
    stream_number(&book, 1, 0, 0, 7);
    end();
    ck_assert_str_eq(rows(), "2:7");
}
END_TEST

static const struct {
    unsigned flags;
    bool uncalculated, formula, stale;
} calculations[] = {
    {0, false, true, false}, {1, false, true, false}, {2, false, true, true},
    {0, true, true, true},   {0, true, false, false},
};

START_TEST(a_sheet_whose_formulas_ask_to_be_worked_out_says_so)
{
    AUTO(biff_close) struct biff *biff = NULL;

    head("v", STREAM(""));
    begin(0);
    if (calculations[_i].uncalculated)
        stream_record(&book, 0x5e, STREAM("\0\0"));
    if (calculations[_i].formula)
        stream_formula(&book, 0, 0, RESULT_TWELVE, calculations[_i].flags);
    end();
    biff = biff_open(book.bytes, book.len);
    ck_assert(biff_choose(biff, 0));
    ck_assert_int_eq(biff_is_stale(biff), calculations[_i].stale);
}
END_TEST

START_TEST(only_visible_sheets_of_cells_are_there)
{
    AUTO(biff_close) struct biff *biff = NULL;

    head("hcv", STREAM(""));
    begin(2);
    stream_number(&book, 0, 0, 0, 7);
    end();
    biff = biff_open(book.bytes, book.len);
    ck_assert_uint_eq(biff_sheets(biff), 1);
    ck_assert_str_eq(biff_name(biff, 0), "C");
    ck_assert_str_eq(rows_of(biff, 0), "1:7");
    ck_assert(!biff_choose(biff, 1));
}
END_TEST

START_TEST(a_sheet_can_be_read_again_behind_another)
{
    AUTO(biff_close) struct biff *biff = NULL;

    head("vv", STREAM(""));
    begin(0);
    stream_cell(&book, 0x204, 0, 0, 0, STREAM("\1\0\0a"));
    end();
    begin(1);
    stream_cell(&book, 0x204, 0, 0, 0, STREAM("\1\0\0b"));
    stream_cell(&book, 0x204, 1, 0, 0, STREAM("\1\0\0c"));
    end();
    biff = biff_open(book.bytes, book.len);
    ck_assert_str_eq(rows_of(biff, 1), "1:b 2:c");
    ck_assert_str_eq(rows_of(biff, 0), "1:a");
    ck_assert_str_eq(rows_of(biff, 1), "1:b 2:c");
}
END_TEST

START_TEST(days_of_1904_are_shown_as_their_dates)
{
    AUTO(biff_close) struct biff *biff = NULL;
    AUTO_BUF struct buf more = {0};

    stream_record(&more, 0x22, STREAM("\1\0"));
    head("v", more.bytes, more.len);
    begin(0);
    stream_number(&book, 0, 0, 1, 43894);
    end();
    biff = biff_open(book.bytes, book.len);
    ck_assert(biff_from_1904(biff));
    ck_assert_str_eq(rows_of(biff, 0), "1:2024-03-05");
}
END_TEST

START_TEST(a_merged_area_shows_its_first_cell_in_each_row)
{
    head("v", STREAM(""));
    begin(0);
    stream_number(&book, 0, 0, 0, 8);
    stream_number(&book, 0, 1, 0, 1);
    stream_number(&book, 1, 1, 0, 2);
    stream_number(&book, 2, 1, 0, 3);
    stream_number(&book, 4, 0, 0, 9);
    stream_number(&book, 5, 1, 0, 4);
    stream_number(&book, 7, 1, 0, 5);
    stream_number(&book, 8, 0, 0, 6); /* below an empty first cell */
    stream_number(&book, 9, 1, 0, 7);
    stream_record(&book, 0xe5, STREAM("\2\0\4\0\5\0\0\0\0\0\0\0\1\0\0\0\0\0"));
    stream_record(&book, 0xe5, STREAM("\2\0\7\0\x0a\0\0\0\0\0\0\0\0\0\0\0\3\0"));
    end();
    ck_assert_str_eq(rows(), "1:8|1 2:8|2 3:|3 5:9 6:9|4 8:|5 9:6 10:|7");
}
END_TEST

START_TEST(hidden_rows_are_told_and_rows_of_no_order_are_put_in_order)
{
    head("v", STREAM(""));
    begin(0);
    stream_record(&book, 0x208, STREAM("\2\0\0\0\1\0\0\0\0\0\0\0\x20\0\0\0"));
    stream_number(&book, 2, 1, 0, 3);
    stream_number(&book, 2, 0, 0, 2);
    stream_number(&book, 0, 0, 0, 1);
    end();
    ck_assert_str_eq(rows(), "1:1 3*:2|3");
}
END_TEST

START_TEST(a_chart_in_a_sheet_is_passed_over)
{
    head("v", STREAM(""));
    begin(0);
    stream_number(&book, 0, 0, 0, 1);
    stream_record(&book, 0x809, STREAM("\x00\x06\x20\x00\0\0\0\0"));
    stream_number(&book, 1, 0, 0, 2);
    end();
    stream_number(&book, 2, 0, 0, 3);
    end();
    ck_assert_str_eq(rows(), "1:1 3:3");
}
END_TEST

START_TEST(a_workbook_of_excel_95_is_read_in_its_code_page)
{
    AUTO(biff_close) struct biff *biff = NULL;

    stream_record(&book, 0x809, STREAM_BEGIN_5);
    stream_record(&book, 0x42, STREAM("\xa8\x03"));
    sheet_at[0] = book.len + 4;
    stream_record(&book, 0x85, STREAM("\0\0\0\0\0\0\4\xb1\xbe\xd4\xc2"));
    stream_record(&book, 0x41e,
                  STREAM("\xa4\0\x08\"\xcd\xf2\xd4\xaa\""
                         "0"
                         "0"));
    stream_record(&book, 0xe0, STREAM("\0\0\xa4\0"));
    end();
    begin(0);
    stream_cell(&book, 0x204, 0, 0, 0, STREAM("\4\0\xd0\xd5\xc3\xfb"));
    stream_number(&book, 0, 1, 0, 1.25);
    stream_formula(&book, 0, 2, RESULT_TEXT, 0);
    stream_record(&book, 0x207, STREAM("\2\0\xd0\xd5"));
    end();
    biff = biff_open(book.bytes, book.len);
    ck_assert_ptr_nonnull(biff);
    ck_assert_str_eq(biff_name(biff, 0), "本月");
    ck_assert_str_eq(rows_of(biff, 0), "1:姓名|1.25万元|姓");
}
END_TEST

START_TEST(a_workbook_with_a_password_is_not_opened)
{
    AUTO_BUF struct buf more = {0};

    stream_record(&more, 0x2f, STREAM("\0\0"));
    head("v", more.bytes, more.len);
    begin(0);
    end();
    ck_assert_ptr_null(biff_open(book.bytes, book.len));
}
END_TEST

START_TEST(a_workbook_without_a_visible_sheet_is_not_opened)
{
    head("hc", STREAM(""));
    ck_assert_ptr_null(biff_open(book.bytes, book.len));
}
END_TEST

START_TEST(a_workbook_that_is_cut_off_anywhere_is_refused)
{
    head("v", STREAM(""));
    begin(0);
    stream_number(&book, 0, 0, 0, 1);
    end();
    for (size_t len = 0; len < book.len; len++) {
        char *copy = mem_grow(NULL, len + 1, 1); /* of its own, so that a sanitizer sees its end */
        AUTO(biff_close) struct biff *biff = NULL;

        memcpy(copy, book.bytes, len);
        biff = biff_open(copy, len);
        if (biff != NULL)
            ck_assert_str_eq(rows_of(biff, 0), "broken");
        free(copy);
    }
}
END_TEST

static const struct {
    unsigned type;
    const char *bytes;
    size_t len;
} strange[] = {
    {0x203, STREAM("\0\0\0\1\0\0\0\0\0\0\0\0\0\0")},          /* column 256 */
    {0x203, STREAM("\0\0\0\0\0\0\0\0")},                      /* half a number */
    {0xfd, STREAM("\0\0\0\0\0\0\1\0\0\0")},                   /* a text that nobody shares */
    {0xbd, STREAM("\0\0\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1")}, /* over the last column */
    {0xe5, STREAM("\xff\xff\0\0\1\0\0\0\0\0")},
};

START_TEST(a_sheet_with_records_that_cannot_be_is_refused)
{
    head("v", STREAM(""));
    begin(0);
    stream_record(&book, strange[_i].type, strange[_i].bytes, strange[_i].len);
    end();
    ck_assert_str_eq(rows(), "broken");
}
END_TEST

/* A text of 60 KB in each of 20,000 cells would be a GiB of rows out of half a MiB. */
START_TEST(long_texts_that_many_cells_share_are_bounded)
{
    AUTO_BUF struct buf texts = {0}, text = {0};
    AUTO(biff_close) struct biff *biff = NULL;
    struct biff_row row;
    enum biff_read read;
    size_t bytes = 0;

    stream_u16(&text, 1);
    stream_u16(&text, 0);
    stream_u16(&text, 1);
    stream_u16(&text, 0);
    stream_u16(&text, 60000);
    buf_add_u8(&text, 0);
    memset(buf_reserve(&text, 60000), 'x', 60000);
    text.len += 60000;
    stream_record(&texts, 0xfc, text.bytes, text.len);
    head("v", texts.bytes, texts.len);
    begin(0);
    for (unsigned i = 0; i < 20000; i++)
        stream_cell(&book, 0xfd, i, 0, 0, STREAM("\0\0\0\0"));
    end();
    biff = biff_open(book.bytes, book.len);
    ck_assert(biff_choose(biff, 0));
    while ((read = biff_next(biff, &row)) == BIFF_ROW_READ)
        bytes += row.ends[row.count - 1];
    ck_assert_int_eq(read, BIFF_BROKEN);
    ck_assert_uint_le(bytes, BIFF_SPREAD_MAX + BIFF_SPREAD * book.len);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("biff");
    TCase *tcase = tcase_create("biff");

    tcase_add_test(tcase, cells_of_every_kind_are_what_the_clerk_sees);
    tcase_add_test(tcase, a_formula_shows_what_it_last_gave);
    tcase_add_test(tcase, where_no_formula_has_a_result_none_was_worked_out);
    tcase_add_test(tcase, an_empty_result_is_one_where_a_program_worked_out_the_formulas);
    tcase_add_loop_test(tcase, a_sheet_whose_formulas_ask_to_be_worked_out_says_so, 0,
                        UNIT_COUNT(calculations));
    tcase_add_test(tcase, only_visible_sheets_of_cells_are_there);
    tcase_add_test(tcase, a_sheet_can_be_read_again_behind_another);
    tcase_add_test(tcase, days_of_1904_are_shown_as_their_dates);
    tcase_add_test(tcase, a_merged_area_shows_its_first_cell_in_each_row);
    tcase_add_test(tcase, hidden_rows_are_told_and_rows_of_no_order_are_put_in_order);
    tcase_add_test(tcase, a_chart_in_a_sheet_is_passed_over);
    tcase_add_test(tcase, a_workbook_of_excel_95_is_read_in_its_code_page);
    tcase_add_test(tcase, a_workbook_with_a_password_is_not_opened);
    tcase_add_test(tcase, a_workbook_without_a_visible_sheet_is_not_opened);
    tcase_add_test(tcase, a_workbook_that_is_cut_off_anywhere_is_refused);
    tcase_add_loop_test(tcase, a_sheet_with_records_that_cannot_be_is_refused, 0,
                        UNIT_COUNT(strange));
    tcase_add_test(tcase, long_texts_that_many_cells_share_are_bounded);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
