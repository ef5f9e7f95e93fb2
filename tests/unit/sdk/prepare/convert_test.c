#include "sdk/prepare/convert.h"

#include "sdk/sheet.h"

static struct buf shown;

/* A value as text: texts as they are, numbers in decimal, lists with | between; "" when not set. */
static const char *
show(const struct record_field *field, const struct record_cell *cell)
{
    buf_clear(&shown);
    if (!cell->set)
        return buf_str(&shown);
    switch (field->type) {
    case RECORD_ID:
    case RECORD_NAME:
    case RECORD_AREA:
    case RECORD_PHONE:
    case RECORD_TEXT:
    case RECORD_CODE:
    case RECORD_DEC:
        buf_add(&shown, cell->text.bytes, cell->text.len);
        break;
    case RECORD_DATE:
    case RECORD_MONTH:
    case RECORD_MONEY:
    case RECORD_INT:
    case RECORD_BOOL:
        buf_add_fmt(&shown, "%lld", (long long)cell->number);
        break;
    case RECORD_CODES:
    case RECORD_AREAS:
    case RECORD_TEXTS:
        for (uint32_t i = 0; i < cell->list.count; i++) {
            buf_add_str(&shown, i > 0 ? "|" : "");
            buf_add(&shown, cell->list.items[i].bytes, cell->list.items[i].len);
        }
        break;
    }
    return buf_str(&shown);
}

static struct source_cell
cell_of(const char *text)
{
    return (struct source_cell){text, (uint32_t)strlen(text)};
}

static const struct {
    const char *type, *field, *cell;
    enum record_reason reason;
    const char *value;
} cells[] = {
    /* citizen numbers */
    {"civil.dibao", "id_no", "360799199001010012", RECORD_OK, "360799199001010012"},
    {"civil.dibao", "id_no", "36079919900101001x", RECORD_OK, "36079919900101001X"},
    {"civil.dibao", "id_no", "=\"360799199001010012\"", RECORD_OK, "360799199001010012"},
    {"civil.dibao", "id_no", "'360799199001010012", RECORD_OK, "360799199001010012"},
    {"civil.dibao", "id_no", "360799199001010012\t", RECORD_OK, "360799199001010012"},
    {"civil.dibao", "id_no",
     "\xef\xbb\xbf 360799 19900101\xc2\xa0"
     "001\xe2\x80\x8b"
     "2　",
     RECORD_OK, "360799199001010012"},
    {"civil.dibao", "id_no", "３６０７９９１９９００１０１００１Ｘ", RECORD_OK,
     "36079919900101001X"},
    {"civil.dibao", "id_no", "３６０７９９１９９００１０１００１ｘ", RECORD_OK,
     "36079919900101001X"},
    {"civil.dibao", "id_no", "360799900101001", RECORD_OK, "36079919900101001X"},
    {"civil.dibao", "id_no", "360799900101996", RECORD_BAD_ID, ""},
    {"civil.dibao", "id_no", "360799900101999", RECORD_BAD_ID, ""},
    {"civil.dibao", "id_no", "36079990010100X", RECORD_BAD_ID, ""},
    {"civil.dibao", "id_no", "36079919900101001243", RECORD_OK, "360799199001010012"},
    {"civil.dibao", "id_no", "36079919900101001x43B1", RECORD_OK, "36079919900101001X"},
    {"civil.dibao", "id_no", "360799199001010012C3", RECORD_BAD_ID, ""},
    {"civil.dibao", "id_no", "36079919900101001", RECORD_BAD_ID, ""},
    {"civil.dibao", "id_no", "3.50801E+17", RECORD_BAD_ID, ""},
    {"civil.dibao", "id_no", "36079919900101001Х", RECORD_BAD_ID, ""},
    {"civil.dibao", "id_no", "", RECORD_OK, ""},
    {"civil.dibao", "id_no", "无", RECORD_BAD_ID, ""},
    {"water.household", "id_no", "无", RECORD_OK, ""},
    {"water.household", "id_no", " - ", RECORD_OK, ""},
    {"water.household", "id_no", "不知道", RECORD_BAD_ID, ""},
    /* names */
    {"civil.dibao", "name", "陈芳", RECORD_OK, "陈芳"},
    {"civil.dibao", "name", " 陈 芳", RECORD_OK, "陈芳"},
    {"civil.dibao", "name", "陈　芳", RECORD_OK, "陈芳"},
    {"civil.dibao", "name", "阿依古丽•买买提", RECORD_OK, "阿依古丽·买买提"},
    {"civil.dibao", "name", "㙍𠮷䶮", RECORD_OK, "㙍𠮷䶮"},
    {"civil.dibao", "name", "　 ", RECORD_OK, ""},
    {"civil.dibao", "name", "无", RECORD_OK, "无"},
    {"education.student", "guardian", "无", RECORD_OK, ""},
    /* areas and phones */
    {"water.household", "area", "360722100201", RECORD_OK, "360722100201"},
    {"water.household", "area", "３６０７２２", RECORD_OK, "360722"},
    {"water.household", "area", "=\"360722100\"", RECORD_OK, "360722100"},
    {"register.member", "residence", "无", RECORD_OK, ""},
    {"water.household", "phone", "13812345678", RECORD_OK, "13812345678"},
    {"water.household", "phone", "+86 138-1234-5678", RECORD_OK, "13812345678"},
    {"water.household", "phone", "0797－3312345", RECORD_OK, "07973312345"},
    {"water.household", "phone", "-", RECORD_OK, ""},
    {"water.household", "phone", "13812345678/0797", RECORD_BAD_NUMBER, ""},
    {"water.household", "phone", "见备注", RECORD_BAD_NUMBER, ""},
    /* texts stay as they are, but for the wrapper and blanks around them */
    {"water.household", "address", " 幸福路 1 号\t", RECORD_OK, "幸福路 1 号"},
    {"water.household", "address", "'=1+1", RECORD_OK, "=1+1"},
    {"water.household", "address", "-", RECORD_OK, ""},
    {"water.household", "household_no", "=\"3607220001\"", RECORD_OK, "3607220001"},
    {"water.household", "household_no", "'", RECORD_OK, "'"},
    /* dates, as days since 1970 */
    {"civil.dibao", "started_on", "2024-03-05", RECORD_OK, "19787"},
    {"civil.dibao", "started_on", "2024/3/5", RECORD_OK, "19787"},
    {"civil.dibao", "started_on", "20240305", RECORD_OK, "19787"},
    {"civil.dibao", "started_on", "2024.03.05", RECORD_OK, "19787"},
    {"civil.dibao", "started_on", "2024年3月5日", RECORD_OK, "19787"},
    {"civil.dibao", "started_on", "２０２４－０３－０５", RECORD_OK, "19787"},
    {"civil.dibao", "started_on", " 2024-3-5 ", RECORD_OK, "19787"},
    {"civil.dibao", "started_on", "45356", RECORD_OK, "19787"},
    {"civil.dibao", "started_on", "20000", RECORD_OK, "-5569"},
    {"civil.dibao", "started_on", "60000", RECORD_OK, "34431"},
    {"civil.dibao", "started_on", "19999", RECORD_BAD_DATE, ""},
    {"civil.dibao", "started_on", "60001", RECORD_BAD_DATE, ""},
    {"civil.dibao", "started_on", "2024-02-30", RECORD_BAD_DATE, ""},
    {"civil.dibao", "started_on", "2023/2/29", RECORD_BAD_DATE, ""},
    {"civil.dibao", "started_on", "2024-03/05", RECORD_BAD_DATE, ""},
    {"civil.dibao", "started_on", "2024年3月5", RECORD_BAD_DATE, ""},
    {"civil.dibao", "started_on", "2024-03", RECORD_BAD_DATE, ""},
    {"civil.dibao", "started_on", "2024-003-05", RECORD_BAD_DATE, ""},
    {"civil.dibao", "started_on", "24-03-05", RECORD_BAD_DATE, ""},
    {"civil.dibao", "started_on", "202403051", RECORD_BAD_DATE, ""},
    {"civil.dibao", "started_on", "长期", RECORD_BAD_DATE, ""},
    {"civil.dibao", "ended_on", "长期", RECORD_BAD_DATE, ""},
    {"civil.dibao", "ended_on", "0000-00-00", RECORD_BAD_DATE, ""},
    {"civil.dibao", "ended_on", "——", RECORD_OK, ""},
    /* months */
    {"register.household", "income_month", "2024-03", RECORD_OK, "202403"},
    {"register.household", "income_month", "202403", RECORD_OK, "202403"},
    {"register.household", "income_month", "2024年3月", RECORD_OK, "202403"},
    {"register.household", "income_month", "2024年12月", RECORD_OK, "202412"},
    {"register.household", "income_month", "202413", RECORD_BAD_MONTH, ""},
    {"register.household", "income_month", "2024", RECORD_BAD_MONTH, ""},
    {"register.household", "income_month", "2024-03-05", RECORD_BAD_MONTH, ""},
    {"register.household", "income_month", "3月", RECORD_BAD_MONTH, ""},
    /* money, in fen */
    {"civil.dibao", "monthly", "1234.5", RECORD_OK, "123450"},
    {"civil.dibao", "monthly", "1234", RECORD_OK, "123400"},
    {"civil.dibao", "monthly", "1,234,567.89", RECORD_OK, "123456789"},
    {"civil.dibao", "monthly", "¥1,234.50", RECORD_OK, "123450"},
    {"civil.dibao", "monthly", "￥ 1234.50", RECORD_OK, "123450"},
    {"civil.dibao", "monthly", "１２３４", RECORD_OK, "123400"},
    {"civil.dibao", "monthly", "１，２３４．５", RECORD_OK, "123450"},
    {"civil.dibao", "monthly", "-0.01", RECORD_OK, "-1"},
    {"civil.dibao", "monthly", "-¥5", RECORD_OK, "-500"},
    {"civil.dibao", "monthly", "¥-5", RECORD_OK, "-500"},
    {"civil.dibao", "monthly", "0.10000", RECORD_OK, "10"},
    {"civil.dibao", "monthly", "0.1 + 0.2", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", "999999999999999.99", RECORD_OK, "99999999999999999"},
    {"civil.dibao", "monthly", "1000000000000000", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", "0.105", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", "1,23", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", "1234,567", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", ",123", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", "1.", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", ".5", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", "--5", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", "-¥-5", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", "1.2万", RECORD_BAD_UNIT, ""},
    {"civil.dibao", "monthly", "1.2E+05", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", "-", RECORD_BAD_MONEY, ""},
    {"civil.dibao", "monthly", "无", RECORD_BAD_MONEY, ""},
    {"register.household", "basic_pension", "-", RECORD_OK, ""},
    {"register.household", "basic_pension", "无", RECORD_OK, ""},
    {"register.household", "basic_pension", "0", RECORD_OK, "0"},
    /* whole and decimal numbers */
    {"insurance.enrolment", "insured_year", "2024", RECORD_OK, "2024"},
    {"insurance.enrolment", "insured_year", "2024.0", RECORD_OK, "2024"},
    {"insurance.enrolment", "insured_year", "-1", RECORD_OK, "-1"},
    {"insurance.enrolment", "insured_year", "2024.5", RECORD_BAD_NUMBER, ""},
    {"insurance.enrolment", "insured_year", "2024年", RECORD_BAD_NUMBER, ""},
    {"insurance.enrolment", "insured_year", "¥5", RECORD_BAD_NUMBER, ""},
    {"water.household", "litres", "60.50", RECORD_OK, "60.50"},
    {"water.household", "litres", "1,060.5", RECORD_OK, "1060.5"},
    {"water.household", "litres", "六十", RECORD_BAD_NUMBER, ""},
    /* yes and no */
    {"civil.dibao", "single", "是", RECORD_OK, "1"},
    {"civil.dibao", "single", "否", RECORD_OK, "0"},
    {"civil.dibao", "single", "有", RECORD_OK, "1"},
    {"civil.dibao", "single", "无", RECORD_OK, "0"},
    {"civil.dibao", "single", "１", RECORD_OK, "1"},
    {"civil.dibao", "single", "0", RECORD_OK, "0"},
    {"civil.dibao", "single", "Y", RECORD_OK, "1"},
    {"civil.dibao", "single", "n", RECORD_OK, "0"},
    {"civil.dibao", "single", "√", RECORD_BAD_CODE, ""},
    /* codes */
    {"insurance.enrolment", "scheme", "390", RECORD_OK, "390"},
    {"insurance.enrolment", "scheme", "城乡居民", RECORD_OK, "390"},
    {"insurance.enrolment", "scheme", " ３９０ ", RECORD_OK, "390"},
    {"insurance.enrolment", "scheme", "商业", RECORD_BAD_CODE, ""},
    {"insurance.enrolment", "scheme", "90", RECORD_BAD_CODE, ""},
    {"insurance.enrolment", "aid_class", "无", RECORD_OK, "0"},
    {"civil.dibao", "class", "Ｃ", RECORD_OK, "C"},
    {"civil.dibao", "end_reason", "无", RECORD_OK, ""},
    {"education.student", "status", "4", RECORD_OK, "04"},
    {"education.student", "status", "004", RECORD_BAD_CODE, ""},
    /* lists */
    {"insurance.enrolment", "marks", "低保", RECORD_OK, "低保"},
    {"insurance.enrolment", "marks", "脱贫户，特困、低保; 低保；,", RECORD_OK,
     "特困|低保|脱贫人口"},
    {"insurance.enrolment", "marks", "低保、富裕", RECORD_BAD_CODE, ""},
    {"insurance.enrolment", "marks", "无", RECORD_OK, ""},
    {"insurance.enrolment", "marks", "、", RECORD_OK, ""},
    {"water.works", "areas", "360722100201, ３６０７２２１００２０２", RECORD_OK,
     "360722100201|360722100202"},
    {"water.works", "failed_items", "浊度、总大肠菌群", RECORD_OK, "浊度|总大肠菌群"},
    {"water.works", "failed_items", "无", RECORD_OK, ""},
};

START_TEST(a_cell_becomes_a_value_or_has_its_reason)
{
    const struct record_type *type = record_find(cells[_i].type);
    int field = record_field_find(type, cells[_i].field);
    AUTO(convert_free) struct convert *convert = convert_new(type, NULL);
    struct record_cell value;

    for (int again = 0; again < 2; again++) { /* the second time from memory, where there is one */
        enum record_reason reason;

        convert_begin(convert, strlen(cells[_i].cell));
        reason = convert_cell(convert, field, cell_of(cells[_i].cell), &value);
        ck_assert_msg(reason == cells[_i].reason, "'%s' is %s", cells[_i].cell,
                      record_reason_name(reason));
        ck_assert_str_eq(show(&type->fields[field], &value), cells[_i].value);
    }
}
END_TEST

static const struct {
    const char *type, *field, *cell, *read;
} reads[] = {
    {"civil.dibao", "id_no", "360799 19900101001", "36079919900101001"},
    {"civil.dibao", "id_no", "3.50801E+17", "3.50801E+17"},
    {"civil.dibao", "id_no", "360799900101001", "36079919900101001X"},
    {"civil.dibao", "name", "陈 芳", "陈芳"},
    {"civil.dibao", "name", "", ""},
    {"water.household", "phone", "138-1234-5678", "13812345678"},
    {"water.household", "phone", "138 1234/5678", "1381234/5678"},
    {"water.household", "household_no", " 7 ", "7"},
};

START_TEST(what_cannot_be_converted_is_still_read_for_linkage)
{
    const struct record_type *type = record_find(reads[_i].type);
    AUTO(convert_free) struct convert *convert = convert_new(type, NULL);
    struct record_item item;

    item = convert_read(convert, record_field_find(type, reads[_i].field), cell_of(reads[_i].cell));
    ck_assert_uint_eq(item.len, strlen(reads[_i].read));
    if (item.len > 0)
        ck_assert_mem_eq(item.bytes, reads[_i].read, item.len);
}
END_TEST

START_TEST(a_huge_cell_is_refused_without_much_work)
{
    static const char *const fields[] = {"id_no", "name", "started_on", "monthly", "class"};
    const struct record_type *type = record_find("civil.dibao");
    AUTO(convert_free) struct convert *convert = convert_new(type, NULL);
    AUTO_BUF struct buf text = {0};
    struct record_cell value;

    for (int i = 0; i < 300000; i++)
        buf_add_str(&text, "１ ");
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct source_cell cell = {(const char *)text.bytes, (uint32_t)text.len};
        int field = record_field_find(type, fields[i]);

        convert_begin(convert, text.len);
        ck_assert_int_ne(convert_cell(convert, field, cell, &value), RECORD_OK);
        ck_assert_int_ge((int)convert_read(convert, field, cell).len, 0);
    }
}
END_TEST

START_TEST(a_list_takes_64_items_and_no_more)
{
    const struct record_type *type = record_find("water.works");
    int field = record_field_find(type, "failed_items");
    AUTO(convert_free) struct convert *convert = convert_new(type, NULL);
    AUTO_BUF struct buf text = {0};
    struct record_cell value;

    for (int i = 0; i < RECORD_LIST_MAX; i++)
        buf_add_fmt(&text, "%d;", i);
    ck_assert_int_eq(convert_cell(convert, field, cell_of(buf_str(&text)), &value), RECORD_OK);
    ck_assert_uint_eq(value.list.count, RECORD_LIST_MAX);
    buf_add_str(&text, "x");
    ck_assert_int_eq(convert_cell(convert, field, cell_of(buf_str(&text)), &value), RECORD_STORAGE);
    ck_assert(!value.set);
}
END_TEST

START_TEST(short_numbers_are_counted)
{
    const struct record_type *type = record_find("civil.dibao");
    AUTO(convert_free) struct convert *convert = convert_new(type, NULL);
    struct record_cell value;

    (void)convert_cell(convert, 0, cell_of("360799900101001"), &value);
    (void)convert_cell(convert, 0, cell_of("360799199001010012"), &value);
    ck_assert_uint_eq(convert_upgraded(convert), 1);
    convert_free(NULL);
}
END_TEST

static const char yaml[] = "columns:\n"
                           "  civil.dibao:\n"
                           "    id_no: [身份证号码, 证件号]\n"
                           "    name: 低保人员姓名\n"
                           "values:\n"
                           "  civil.dibao:\n"
                           "    class: {甲: A, 7: B}\n"
                           "    single: {√: 是, '': 否}\n"
                           "    ended_on: {长期: ''}\n"
                           "    monthly: {无: 0}\n";

/* The mapping of a YAML text; NULL with its problems, a line each. */
static struct mapping *
mapping_of(const char *text, struct buf *problems)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    struct problem_list list = {.lines = problems};
    struct mapping *mapping = NULL;
    struct err err;

    ck_assert_int_eq(yaml_parse("a.yaml", text, strlen(text), &tree, &err), 0);
    return mapping_parse(yaml_root(tree), &mapping, &list) == 0 ? mapping : NULL;
}

static const struct {
    const char *field, *cell, *value;
    enum record_reason reason;
} mapped[] = {
    {"class", "甲", "A", RECORD_OK},        {"class", "7", "B", RECORD_OK},
    {"class", "７", "B", RECORD_OK},        {"class", "B", "B", RECORD_OK},
    {"class", "乙", "", RECORD_BAD_CODE},   {"single", "√", "1", RECORD_OK},
    {"single", " ", "0", RECORD_OK},        {"single", "否", "0", RECORD_OK},
    {"ended_on", "长期", "", RECORD_OK},    {"monthly", "无", "0", RECORD_OK},
    {"monthly", "-", "", RECORD_BAD_MONEY},
};

START_TEST(a_value_map_says_what_to_read_instead)
{
    const struct record_type *type = record_find("civil.dibao");
    int field = record_field_find(type, mapped[_i].field);
    AUTO_BUF struct buf problems = {0};
    AUTO(mapping_free) struct mapping *mapping = mapping_of(yaml, &problems);
    AUTO(convert_free) struct convert *convert = convert_new(type, mapping);
    struct record_cell value;

    ck_assert_int_eq(convert_cell(convert, field, cell_of(mapped[_i].cell), &value),
                     mapped[_i].reason);
    ck_assert_str_eq(show(&type->fields[field], &value), mapped[_i].value);
}
END_TEST

static const char declared[] = "dates:\n"
                               "  civil.dibao:\n"
                               "    started_on: [DD/MM/YYYY, 'YYYY-MM-DD hh:mm', YYYY.MM.DD*]\n"
                               "  register.household: {income_month: [MM/YYYY, YYYY-MM-DD]}\n"
                               "units:\n"
                               "  civil.dibao: {monthly: 万元}\n"
                               "  insurance.settlement: {total: 元或万元}\n"
                               "defaults:\n"
                               "  civil.dibao: {class: B类, monthly: 0.06}\n";

static const struct {
    const char *type, *field, *cell, *value;
    enum record_reason reason;
} declarations[] = {
    {"civil.dibao", "started_on", "05/03/2024", "19787", RECORD_OK},
    {"civil.dibao", "started_on", "5/3/2024", "19787", RECORD_OK},
    {"civil.dibao", "started_on", "31/02/2024", "", RECORD_BAD_DATE},
    {"civil.dibao", "started_on", "2024-03-05 9:30", "19787", RECORD_OK},
    {"civil.dibao", "started_on", "2024-3-5   09:30", "19787", RECORD_OK},
    {"civil.dibao", "started_on", "2024-03-0509:30", "", RECORD_BAD_DATE},
    {"civil.dibao", "started_on", "2024.3.5 12:00:00.000", "19787", RECORD_OK},
    {"civil.dibao", "started_on", "2024年3月5日", "19787", RECORD_OK},
    {"civil.dibao", "ended_on", "05/03/2024", "", RECORD_BAD_DATE},
    {"register.household", "income_month", "3/2024", "202403", RECORD_OK},
    {"register.household", "income_month", "2024-03-05", "202403", RECORD_OK},
    {"register.household", "income_month", "202403", "202403", RECORD_OK},
    {"register.household", "income_month", "13/2024", "", RECORD_BAD_MONTH},
    {"civil.dibao", "monthly", "1.2", "1200000", RECORD_OK},
    {"civil.dibao", "monthly", "-0.000001万元", "-1", RECORD_OK},
    {"civil.dibao", "monthly", "0.0000001", "", RECORD_BAD_MONEY},
    {"civil.dibao", "monthly", "12元", "", RECORD_BAD_MONEY},
    {"civil.dibao", "monthly", "99999999999", "", RECORD_BAD_MONEY},
    {"civil.dibao", "monthly", "", "60000", RECORD_OK},
    {"insurance.settlement", "total", "1.2万", "1200000", RECORD_OK},
    {"insurance.settlement", "total", "1,234.50 元", "123450", RECORD_OK},
    {"insurance.settlement", "total", "1234.5", "123450", RECORD_OK},
    {"insurance.settlement", "in_scope", "1.2万", "", RECORD_BAD_UNIT},
    {"insurance.settlement", "in_scope", "12元", "", RECORD_BAD_MONEY},
    {"civil.dibao", "class", "", "B", RECORD_OK},
    {"civil.dibao", "class", "A", "A", RECORD_OK},
    {"civil.dibao", "single", "", "", RECORD_OK},
};

START_TEST(forms_units_and_defaults_are_read_as_the_agency_declares_them)
{
    const struct record_type *type = record_find(declarations[_i].type);
    int field = record_field_find(type, declarations[_i].field);
    AUTO_BUF struct buf problems = {0};
    AUTO(mapping_free) struct mapping *mapping = mapping_of(declared, &problems);
    AUTO(convert_free) struct convert *convert = convert_new(type, mapping);
    struct record_cell value;

    ck_assert_str_eq(buf_str(&problems), "");
    ck_assert_int_eq(convert_cell(convert, field, cell_of(declarations[_i].cell), &value),
                     declarations[_i].reason);
    ck_assert_str_eq(show(&type->fields[field], &value), declarations[_i].value);
}
END_TEST

START_TEST(an_alias_stands_for_its_field_in_its_record_type_only)
{
    AUTO_BUF struct buf problems = {0};
    AUTO(mapping_free) struct mapping *mapping = mapping_of(yaml, &problems);
    const struct record_type *dibao = record_find("civil.dibao"), *edge = record_find("civil.edge");

    ck_assert_int_eq(mapping_field(mapping, dibao, "证件号", strlen("证件号")), 0);
    ck_assert_int_eq(mapping_field(mapping, dibao, "低保人员姓名", strlen("低保人员姓名")), 1);
    ck_assert_int_eq(mapping_field(mapping, dibao, "证件", strlen("证件")), -1);
    ck_assert_int_eq(mapping_field(mapping, edge, "证件号", strlen("证件号")), -1);
    ck_assert_int_eq(mapping_field(NULL, dibao, "证件号", strlen("证件号")), -1);
    ck_assert(mapping_has_values(mapping, dibao, record_field_find(dibao, "class")));
    ck_assert(!mapping_has_values(mapping, dibao, 0));
}
END_TEST

static const struct {
    const char *text, *error;
} wrong[] = {
    {"columns: [a]\n", "a.yaml:1:10: must map record types to their fields\n"},
    {"columns:\n  civil.nothing: {}\n", "a.yaml:2:3: unknown record type 'civil.nothing'\n"},
    {"columns:\n  civil.dibao: 3\n", "a.yaml:2:16: must map the fields of civil.dibao\n"},
    {"columns:\n  civil.dibao:\n    salary: x\n",
     "a.yaml:3:5: civil.dibao has no field 'salary'\n"},
    {"columns:\n  civil.dibao:\n    name: {}\n",
     "a.yaml:3:11: must be a text or a list of texts\n"},
    {"columns:\n  civil.dibao:\n    name: ['']\n", "a.yaml:3:12: a column name is empty\n"},
    {"columns:\n  civil.dibao:\n    name: [身份证号]\n",
     "a.yaml:3:12: '身份证号' is the column of field id_no\n"},
    {"columns:\n  civil.dibao:\n    name: [甲]\n    id_no: [甲]\n",
     "a.yaml:4:13: '甲' already stands for field name\n"},
    {"values:\n  civil.dibao:\n    class: 3\n", "a.yaml:3:12: must map cell texts to values\n"},
    {"values:\n  civil.dibao:\n    class: {甲: D}\n",
     "a.yaml:3:16: 'D' is no code of field class\n"},
    {"dates:\n  civil.dibao:\n    name: DD/MM/YYYY\n",
     "a.yaml:3:11: name is neither a date nor a month\n"},
    {"dates:\n  civil.dibao:\n    ended_on: [DD/MM, YYYY-MM-DD-MM, '*YYYYMMDD', YYYYMMD]\n",
     "a.yaml:3:16: 'DD/MM' is no form of dates: it needs YYYY, MM and, for a date, DD, once each\n"
     "a.yaml:3:23: 'YYYY-MM-DD-MM' is no form of dates: it needs YYYY, MM and, for a date, DD, "
     "once "
     "each\n"
     "a.yaml:3:38: '*YYYYMMDD' is no form of dates: it needs YYYY, MM and, for a date, DD, once "
     "each\n"
     "a.yaml:3:51: 'YYYYMMD' is no form of dates: it needs YYYY, MM and, for a date, DD, once "
     "each\n"},
    {"units:\n  civil.dibao: {monthly: 千元, single: 元}\n",
     "a.yaml:2:26: '千元' is no unit: 元, 万元 or 元或万元\n"
     "a.yaml:2:38: single is no sum of money\n"},
    {"defaults:\n  civil.dibao: {id_no: 1, name: 某, dibao_no: ''}\n",
     "a.yaml:2:24: id_no tells whose row it is and has no default\n"
     "a.yaml:2:33: name tells whose row it is and has no default\n"
     "a.yaml:2:46: the default is empty\n"},
    {"townships:\n  civil.dibao: {name: 乡镇}\n  civil.standard: {area: 月标准}\n",
     "a.yaml:2:23: name is no area\n"
     "a.yaml:3:26: '月标准' is the column of field monthly\n"},
    {"split:\n  civil.dibao: [a]\n  civil.nothing: a\n",
     "a.yaml:2:16: a text is expected\n"
     "a.yaml:3:3: unknown record type 'civil.nothing'\n"},
};

START_TEST(a_wrong_mapping_is_refused_at_its_place)
{
    AUTO_BUF struct buf problems = {0};

    ck_assert_ptr_null(mapping_of(wrong[_i].text, &problems));
    ck_assert_str_eq(buf_str(&problems), wrong[_i].error);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("convert");
    TCase *tcase = tcase_create("convert");

    tcase_add_loop_test(tcase, a_cell_becomes_a_value_or_has_its_reason, 0, UNIT_COUNT(cells));
    tcase_add_loop_test(tcase, what_cannot_be_converted_is_still_read_for_linkage, 0,
                        UNIT_COUNT(reads));
    tcase_add_test(tcase, a_huge_cell_is_refused_without_much_work);
    tcase_add_test(tcase, a_list_takes_64_items_and_no_more);
    tcase_add_test(tcase, short_numbers_are_counted);
    tcase_add_loop_test(tcase, a_value_map_says_what_to_read_instead, 0, UNIT_COUNT(mapped));
    tcase_add_test(tcase, an_alias_stands_for_its_field_in_its_record_type_only);
    tcase_add_loop_test(tcase, forms_units_and_defaults_are_read_as_the_agency_declares_them, 0,
                        UNIT_COUNT(declarations));
    tcase_add_loop_test(tcase, a_wrong_mapping_is_refused_at_its_place, 0, UNIT_COUNT(wrong));
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
