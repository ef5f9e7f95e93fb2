#include "sdk/prepare/table.h"

#include "sdk/sheet/input.h"
#include "sdk/sheet.h"

static struct refusal refusal;
static struct err err;

static const struct {
    const char *text;
    int received_on, kind;
    uint32_t header_row, width;
    int operation, unknown;
} tables[] = {
    {"投诉编号,行政区划代码,受理日期,办结日期,投诉类型\n", 2, 4, 1, 5, -1, 0},
    {"投诉类型,办结日期,受理日期,行政区划代码,投诉编号,,\n", 2, 0, 1, 5, -1, 0},
    {"操作,投诉编号,行政区划代码,受理日期,投诉类型\n", 3, 4, 1, 5, 0, 0},
    {"一季度投诉\n\n投诉编号,行政区划代码,受理日期,投诉类型,备注\n", 2, 3, 3, 5, -1, 1},
    {"投诉汇总,,,,\n单位：元\n序号,投诉,,受理日期,\n,编号,类型,,行政区划代码\n", 3, 2, 4, 5, -1, 1},
    {"投 诉\n编号,行政区划代码\n投诉编号,行政区划代码,=\"受理日期\",投诉　类型\n", 2, 3, 3, 4, -1,
     0},
};

START_TEST(the_header_is_found_by_its_names)
{
    const struct record_type *type = record_find("water.complaint");
    AUTO(source_close) struct source *source = NULL;
    struct table table;

    ck_assert_int_eq(input_open(sheet_write("a.csv", tables[_i].text, strlen(tables[_i].text)),
                                &source, &refusal, &err),
                     0);
    ck_assert_int_eq(table_find(source, type, NULL, &table, &refusal, &err), SOURCE_ROW);
    ck_assert_int_eq(table.column[record_field_find(type, "received_on")], tables[_i].received_on);
    ck_assert_int_eq(table.column[record_field_find(type, "kind")], tables[_i].kind);
    ck_assert_uint_eq(table.header_row, tables[_i].header_row);
    ck_assert_uint_eq(table.width, tables[_i].width);
    ck_assert_int_eq(table.operation, tables[_i].operation);
    ck_assert_int_eq((int)table.unknown_count, tables[_i].unknown);
    ck_assert(!table.report);
}
END_TEST

static const struct {
    const char *text;
    uint32_t header_row;
    int closed_on;
} headers[] = {
    {"投诉编号,行政区划代码,受理日期,投诉类型,办理\n,,,,办结日期\n", 2, 4},
    {"办结日期,投诉,,,\n,投诉编号,行政区划代码,受理日期,投诉类型\n", 2, 0},
    {"投诉编号,行政区划代码,受理日期,投诉类型,备注\nTS1,360799001001,2026-05-01,漏水,无\n", 1, -1},
    {"投诉编号,行政区划代码,受理日期,投诉类型,备注\n", 1, -1},
};

START_TEST(a_second_line_that_names_more_columns_belongs_to_the_header)
{
    const struct record_type *type = record_find("water.complaint");
    AUTO(source_close) struct source *source = NULL;
    const char *text = headers[_i].text;
    struct source_row row = {0};
    struct table table;

    ck_assert_int_eq(input_open(sheet_write("a.csv", text, strlen(text)), &source, &refusal, &err),
                     0);
    ck_assert_int_eq(table_find(source, type, NULL, &table, &refusal, &err), SOURCE_ROW);
    ck_assert_uint_eq(table.header_row, headers[_i].header_row);
    ck_assert_int_eq(table.two_lines, headers[_i].header_row == 2);
    ck_assert_int_eq(table.column[record_field_find(type, "closed_on")], headers[_i].closed_on);
    if (source_next(source, &row, &refusal, &err) == SOURCE_ROW)
        ck_assert_uint_eq(row.row_no, 2);
    ck_assert_int_eq(row.row_no > 0, _i == 2);
}
END_TEST

static struct mapping *
mapping_of(const char *yaml)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    AUTO_BUF struct buf lines = {0};
    struct problem_list problems = {.lines = &lines};
    struct mapping *mapping = NULL;

    ck_assert_int_eq(yaml_parse("a.yaml", yaml, strlen(yaml), &tree, &err), 0);
    ck_assert_int_eq(mapping_parse(yaml_root(tree), &mapping, &problems), 0);
    return mapping;
}

START_TEST(an_alias_never_takes_the_place_of_a_columns_own_name)
{
    static const char yaml[] = "columns: {water.complaint: {kind: [类别, 类型]}}\n";
    static const char text[] = "类别,投诉编号,行政区划代码,受理日期,投诉类型\n";
    static const char other[] = "类型,类别,投诉编号,行政区划代码,受理日期\n";
    const struct record_type *type = record_find("water.complaint");
    AUTO(source_close) struct source *source = NULL, *second = NULL;
    AUTO(mapping_free) struct mapping *mapping = mapping_of(yaml);
    struct table table;

    ck_assert_int_eq(input_open(sheet_write("a.csv", text, strlen(text)), &source, &refusal, &err),
                     0);
    ck_assert_int_eq(table_find(source, type, mapping, &table, &refusal, &err), SOURCE_ROW);
    ck_assert_int_eq(table.column[record_field_find(type, "kind")], 4);
    ck_assert_str_eq(table.unknown[0], "类别");

    ck_assert_int_eq(
        input_open(sheet_write("b.csv", other, strlen(other)), &second, &refusal, &err), 0);
    ck_assert_int_eq(table_find(second, type, mapping, &table, &refusal, &err), SOURCE_ROW);
    ck_assert_int_eq(table.column[record_field_find(type, "kind")], 0);
    ck_assert_str_eq(table.unknown[0], "类别");
}
END_TEST

START_TEST(a_header_below_the_tenth_row_is_not_found)
{
    AUTO_BUF struct buf text = {0};
    AUTO(source_close) struct source *source = NULL;
    struct table table;

    refusal = (struct refusal){0};
    for (int i = 0; i < TABLE_HEADER_ROWS; i++)
        buf_add_str(&text, "说明\n");
    buf_add_str(&text, "投诉编号,行政区划代码,受理日期,投诉类型\n");
    ck_assert_int_eq(input_open(sheet_write("a.csv", (const char *)text.bytes, text.len), &source,
                                &refusal, &err),
                     0);
    ck_assert_int_eq(
        table_find(source, record_find("water.complaint"), NULL, &table, &refusal, &err),
        SOURCE_REFUSED);
    ck_assert_int_eq(refusal.code, REFUSAL_COLUMN_MISSING);
}
END_TEST

static const struct {
    const char *text, *code;
    bool declared; /* the mapping says 万元 */
} units[] = {
    {"临时救助\n单位：元\n救助编号,身份证号,姓名,救助金额（元）,救助原因,救助日期\n", NULL, false},
    {"临时救助,单位：万元\n救助编号,身份证号,姓名,救助金额,救助原因,救助日期\n", "unit", false},
    {"救助编号,身份证号,姓名,救助金额（万元）,救助原因,救助日期\n", "unit", false},
    {"临时救助,单位：万元\n救助编号,身份证号,姓名,救助金额,救助原因,救助日期\n", NULL, true},
    {"救助编号,身份证号,姓名,救助金额（万元）,救助原因,救助日期\n", NULL, true},
    {"救助编号,身份证号,姓名,救助金额（元）,救助原因,救助日期\n", "unit", true},
    {"*救助编号,身份证号＊,姓名,救助金额,救助原因,救助日期\n", NULL, true},
};

START_TEST(money_is_taken_in_the_unit_that_file_and_mapping_agree_on)
{
    AUTO(source_close) struct source *source = NULL;
    AUTO(mapping_free)
    struct mapping *mapping = mapping_of("units: {civil.relief: {amount: 万元}}\n");
    struct table table;

    refusal = (struct refusal){0};
    ck_assert_int_eq(input_open(sheet_write("a.csv", units[_i].text, strlen(units[_i].text)),
                                &source, &refusal, &err),
                     0);
    ck_assert_int_eq(table_find(source, record_find("civil.relief"),
                                units[_i].declared ? mapping : NULL, &table, &refusal, &err),
                     units[_i].code == NULL ? SOURCE_ROW : SOURCE_REFUSED);
    ck_assert_pstr_eq(refusal_word(refusal.code), units[_i].code);
}
END_TEST

START_TEST(what_the_mapping_names_is_no_unknown_column)
{
    static const char yaml[] = "defaults: {water.complaint: {kind: 水压}}\n"
                               "townships: {water.complaint: {area: [乡镇, 街镇]}}\n"
                               "split: {water.complaint: 县区}\n";
    static const char text[] = "县区,投诉编号,乡镇,行政区划代码,受理日期,填写说明,备忘\n";
    const struct record_type *type = record_find("water.complaint");
    AUTO(source_close) struct source *source = NULL;
    AUTO(mapping_free) struct mapping *mapping = mapping_of(yaml);
    struct table table;

    refusal = (struct refusal){0};
    ck_assert_int_eq(input_open(sheet_write("a.csv", text, strlen(text)), &source, &refusal, &err),
                     0);
    ck_assert_int_eq(table_find(source, type, mapping, &table, &refusal, &err), SOURCE_ROW);
    ck_assert_int_eq(table.split, 0);
    ck_assert_int_eq(table.township[record_field_find(type, "area")], 2);
    ck_assert_int_eq(table.note, 5);
    ck_assert_uint_eq(table.unknown_count, 1);
    ck_assert_str_eq(table.unknown[0], "备忘");
}
END_TEST

/* Each record type's own template must lead back to it, so that guessing can work at all. */
START_TEST(the_template_of_every_record_type_is_known_again)
{
    const struct record_type *type = record_at((size_t)_i), *guessed;
    AUTO(source_close) struct source *source = NULL;
    AUTO_BUF struct buf text = {0};

    if (type == NULL)
        return;
    for (size_t i = 0; i < type->field_count; i++)
        buf_add_fmt(&text, "%s%s", i > 0 ? "," : "", type->fields[i].column);
    buf_add_str(&text, "\r\n");
    ck_assert_int_eq(input_open(sheet_write("a.csv", (const char *)text.bytes, text.len), &source,
                                &refusal, &err),
                     0);
    ck_assert_int_eq(table_guess(source, type->sector, NULL, &guessed, &refusal, &err), SOURCE_ROW);
    ck_assert_str_eq(guessed->name, type->name);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("table");
    TCase *tcase = tcase_create("table");

    tcase_add_checked_fixture(tcase, sheet_setup, sheet_teardown);
    tcase_add_loop_test(tcase, the_header_is_found_by_its_names, 0, UNIT_COUNT(tables));
    tcase_add_loop_test(tcase, a_second_line_that_names_more_columns_belongs_to_the_header, 0,
                        UNIT_COUNT(headers));
    tcase_add_test(tcase, an_alias_never_takes_the_place_of_a_columns_own_name);
    tcase_add_test(tcase, what_the_mapping_names_is_no_unknown_column);
    tcase_add_loop_test(tcase, money_is_taken_in_the_unit_that_file_and_mapping_agree_on, 0,
                        UNIT_COUNT(units));
    tcase_add_test(tcase, a_header_below_the_tenth_row_is_not_found);
    tcase_add_loop_test(tcase, the_template_of_every_record_type_is_known_again, 0, 32);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
