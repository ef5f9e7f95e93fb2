#include "store/tuple.h"

#include <string.h>

#include "unit.h"

static struct buf out, scratch;

static void
teardown(void)
{
    buf_done(&out);
    buf_done(&scratch);
}

static struct record_cell
text_cell(const char *text)
{
    struct record_cell cell = {.set = true};

    cell.text.bytes = text;
    cell.text.len = (uint32_t)strlen(text);
    return cell;
}

static struct record_cell
number_cell(int64_t number)
{
    struct record_cell cell = {.set = true};

    cell.number = number;
    return cell;
}

static void
expect(const void *bytes, size_t len)
{
    ck_assert_uint_eq(out.len, len);
    ck_assert_mem_eq(out.bytes, bytes, len);
}

START_TEST(a_copy_has_postgresql_s_header_and_trailer)
{
    tuple_begin(&out);
    tuple_end(&out);
    expect("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\377\377", 21);
}
END_TEST

START_TEST(the_copy_names_every_column_in_order)
{
    tuple_copy_rows(record_find("register.village"), &out);
    ck_assert_str_eq(buf_str(&out),
                     "copy feed.register_village (county, submission, row_no, removed, \"area\","
                     " \"kinds\", \"central_supply\") from stdin (format binary)");
}
END_TEST

START_TEST(a_row_is_written_field_by_field)
{
    static const char expected[] =
        "\0\7"
        "\0\0\0\4\0\5\201\022" /* 360722 */
        "\0\0\0\4\0\0\0\3"
        "\0\0\0\4\0\0\0\2"
        "\0\0\0\1\0"
        "\0\0\0\6"
        "360722"
        "\0\0\0\036\0\0\0\1\0\0\0\0\0\0\0\031\0\0\0\1\0\0\0\1\0\0\0\6老区"
        "\0\0\0\1\1";
    struct record_item kind = {"老区", 6};
    struct record_row row = {.row_no = 2};

    row.cells[0] = text_cell("360722");
    row.cells[1].set = true;
    row.cells[1].list.items = &kind;
    row.cells[1].list.count = 1;
    row.cells[2] = number_cell(1);
    tuple_add_row(record_find("register.village"), 360722, 3, &row, &scratch, &out);
    expect(expected, sizeof(expected) - 1);
}
END_TEST

START_TEST(a_removed_row_has_its_key_and_nulls)
{
    static const char expected[] = "\0\7"
                                   "\0\0\0\4\0\5\201\022"
                                   "\0\0\0\4\0\0\0\3"
                                   "\0\0\0\4\0\0\0\2"
                                   "\0\0\0\1\1"
                                   "\0\0\0\6"
                                   "360722"
                                   "\377\377\377\377"
                                   "\377\377\377\377";
    struct record_row row = {.row_no = 2, .removed = true};

    row.cells[0] = text_cell("360722");
    tuple_add_row(record_find("register.village"), 360722, 3, &row, &scratch, &out);
    expect(expected, sizeof(expected) - 1);
}
END_TEST

/* The bytes of numeric: count, weight, sign, scale, digits of base 10000. */
static const struct {
    const char *text, *bytes;
    size_t len;
} decimals[] = {
    {"0", "\0\1\0\0\0\0\0\0\0\0", 10},
    {"12.50", "\0\2\0\0\0\0\0\2\0\014\023\210", 12},
    {"-12.5", "\0\2\0\0\100\0\0\1\0\014\023\210", 12},
    {"12345", "\0\2\0\1\0\0\0\0\0\1\011\051", 12},
    {"0.00001", "\0\3\0\0\0\0\0\5\0\0\0\0\003\350", 14},
};

START_TEST(decimals_are_exact)
{
    const struct record_type *type = record_find("water.household");
    int litres = record_field_find(type, "litres");
    struct record_row row = {.row_no = 1};
    bool found = false;

    row.cells[litres] = text_cell(decimals[_i].text);
    tuple_add_row(type, 360722, 1, &row, &scratch, &out);
    for (size_t i = 0; i + 4 + decimals[_i].len <= out.len && !found; i++)
        found = out.bytes[i + 3] == decimals[_i].len &&
                memcmp(out.bytes + i + 4, decimals[_i].bytes, decimals[_i].len) == 0;
    ck_assert(found);
}
END_TEST

START_TEST(a_quarantined_row_keeps_what_could_be_read)
{
    static const char expected[] = "\0\013"
                                   "\0\0\0\4\0\5\201\022"
                                   "\0\0\0\4\0\0\0\3"
                                   "\0\0\0\4\0\0\0\7"
                                   "\0\0\0\5id_no"
                                   "\0\0\0\2id"
                                   "\0\0\0\1\0"
                                   "\0\0\0\0013"
                                   "\0\0\0\6陈峯"
                                   "\0\0\0\6陈峰"
                                   "\377\377\377\377"
                                   "\377\377\377\377";
    const struct record_unresolved row = {
        .row_no = 7,
        .reason = RECORD_BAD_ID,
        .column = {"id_no", 5},
        .id_no = {"3", 1},
        .name = {"陈峯", 6},
    };

    tuple_add_quarantine(360722, 3, false, &row, &scratch, &out);
    expect(expected, sizeof(expected) - 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("tuple");
    TCase *tcase = tcase_create("tuple");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, a_copy_has_postgresql_s_header_and_trailer);
    tcase_add_test(tcase, the_copy_names_every_column_in_order);
    tcase_add_test(tcase, a_row_is_written_field_by_field);
    tcase_add_test(tcase, a_removed_row_has_its_key_and_nulls);
    tcase_add_loop_test(tcase, decimals_are_exact, 0, UNIT_COUNT(decimals));
    tcase_add_test(tcase, a_quarantined_row_keeps_what_could_be_read);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
