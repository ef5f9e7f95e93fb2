#include "record.h"

#include "proto/recorded.h"

START_TEST(every_record_type_is_there_and_makes_sense)
{
    size_t count = 0;

    for (const struct record_type *type; (type = record_at(count)) != NULL; count++) {
        ck_assert_ptr_eq(record_find(type->name), type);
        ck_assert_int_eq(strncmp(type->table, "feed.", 5), 0);
        ck_assert_str_eq(record_ident(type), type->table + 5);
        ck_assert_uint_le(type->field_count, RECORD_FIELDS_MAX);
        ck_assert_int_eq(type->kind == RECORD_EVENTS, type->event_date >= 0);
        ck_assert(type->kind != RECORD_EVENTS || type->nil);
        ck_assert_int_eq(type->name_key, type->person_name >= 0);
        for (size_t i = 0; i < type->field_count; i++)
            ck_assert_uint_eq(type->fields[i].number, i + 3);
    }
    ck_assert_uint_eq(count, 20);
    ck_assert_ptr_null(record_find("insurance"));
}
END_TEST

static const struct {
    const char *name, *title, *table, *key, *county_area, *event_date;
    enum record_cadence cadence;
    bool nil;
    size_t fields;
} types[] = {
    {"register.household", "农户信息", "feed.register_household", "household_no", "area", "",
     RECORD_QUARTERLY, false, 19},
    {"register.member", "家庭成员", "feed.register_member", "id_no", "", "", RECORD_QUARTERLY,
     false, 10},
    {"register.village", "村属性", "feed.register_village", "area", "area", "", RECORD_YEARLY,
     false, 3},
    {"education.student", "学籍名册", "feed.education_student", "id_no", "", "", RECORD_MONTHLY,
     false, 12},
    {"education.aid", "学生资助", "feed.education_aid", "id_no,term,kind", "", "", RECORD_TERM,
     false, 6},
    {"education.cost", "就学支出", "feed.education_cost", "id_no,school_year", "", "",
     RECORD_SCHOOL_YEAR, false, 7},
    {"education.audit", "学期学籍审核", "feed.education_audit", "id_no,term", "", "", RECORD_TERM,
     false, 6},
    {"insurance.enrolment", "参保名册", "feed.insurance_enrolment", "id_no,insured_year", "", "",
     RECORD_MONTHLY, false, 10},
    {"insurance.settlement", "医疗费用结算", "feed.insurance_settlement", "settlement_no", "",
     "discharged_on", RECORD_MONTHLY, true, 17},
    {"housing.house", "住房安全", "feed.housing_house", "house_no", "area", "", RECORD_MONTHLY,
     false, 13},
    {"housing.renovation", "危房改造", "feed.housing_renovation", "project_no", "", "",
     RECORD_MONTHLY, true, 9},
    {"water.household", "农户饮水", "feed.water_household", "account_no", "area", "",
     RECORD_MONTHLY, false, 16},
    {"water.works", "供水工程运行", "feed.water_works", "works_no", "", "", RECORD_MONTHLY, true,
     8},
    {"water.complaint", "供水投诉", "feed.water_complaint", "complaint_no", "area", "",
     RECORD_MONTHLY, true, 5},
    {"civil.dibao", "低保名册", "feed.civil_dibao", "id_no", "", "", RECORD_MONTHLY, false, 10},
    {"civil.destitute", "特困人员", "feed.civil_destitute", "id_no", "", "", RECORD_MONTHLY, false,
     6},
    {"civil.edge", "低保边缘与刚性支出困难", "feed.civil_edge", "id_no", "", "", RECORD_MONTHLY,
     true, 5},
    {"civil.relief", "临时救助", "feed.civil_relief", "relief_no", "", "granted_on", RECORD_MONTHLY,
     true, 6},
    {"civil.disability", "残疾人", "feed.civil_disability", "id_no", "", "", RECORD_MONTHLY, false,
     4},
    {"civil.standard", "农村低保标准", "feed.civil_standard", "area,effective_from", "", "",
     RECORD_ON_CHANGE, false, 4},
};

static void
a_record_type_is_as_the_contract_of_the_feeds_says_at(int at_case)
{
    const struct record_type *type = record_find(types[at_case].name);
    AUTO_BUF struct buf key = {0};

    ck_assert_ptr_nonnull(type);
    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++)
        buf_add_fmt(&key, "%s%s", i > 0 ? "," : "", type->fields[type->key[i]].name);
    ck_assert_str_eq(buf_str(&key), types[at_case].key);
    ck_assert_str_eq(type->title, types[at_case].title);
    ck_assert_str_eq(type->table, types[at_case].table);
    ck_assert_int_eq(type->cadence, types[at_case].cadence);
    ck_assert_int_eq(type->nil, types[at_case].nil);
    ck_assert_uint_eq(type->field_count, types[at_case].fields);
    ck_assert_str_eq(type->county_area < 0 ? "" : type->fields[type->county_area].name,
                     types[at_case].county_area);
    ck_assert_str_eq(type->event_date < 0 ? "" : type->fields[type->event_date].name,
                     types[at_case].event_date);
}

START_TEST(a_record_type_is_as_the_contract_of_the_feeds_says)
{
    each(a_record_type_is_as_the_contract_of_the_feeds_says_at, UNIT_COUNT(types));
}
END_TEST

static const struct {
    const char *type, *field, *text, *code;
} spellings[] = {
    {"insurance.enrolment", "scheme", "城乡居民", "390"},
    {"insurance.enrolment", "scheme", "390", "390"},
    {"housing.house", "grade", "C级", "C"},
    {"housing.house", "grade", "丙", "C"},
    {"housing.house", "grade", "Ｃ", "C"},
    {"civil.disability", "grade", "壹级", "1"},
    {"civil.disability", "grade", "肆级", "4"},
    {"education.student", "grade", "小学一年级", "P1"},
    {"education.student", "grade", "九年级", "J3"},
    {"education.student", "status", "5", "05"},
    {"education.aid", "term", "2024年秋", "2024秋"},
    {"education.aid", "term", "2031春", "2031春"},
    {"register.member", "relation", "儿媳", "之儿媳"},
    {"register.member", "relation", "之外孙女", "之外孙女"},
    {"register.household", "risks", "其它", "其他"},
    {"housing.house", "grade", "E", NULL},
    {"housing.house", "grade", "", NULL},
    {"housing.house", "house_no", "C", NULL},
};

static void
a_code_is_found_by_its_label_and_other_spellings_at(int at_case)
{
    const struct record_type *type = record_find(spellings[at_case].type);
    const struct record_code *code =
        record_code_find(&type->fields[field(type, spellings[at_case].field)],
                         spellings[at_case].text, strlen(spellings[at_case].text));

    if (spellings[at_case].code == NULL)
        ck_assert_ptr_null(code);
    else
        ck_assert_str_eq(code->code, spellings[at_case].code);
}

START_TEST(a_code_is_found_by_its_label_and_other_spellings)
{
    each(a_code_is_found_by_its_label_and_other_spellings_at, UNIT_COUNT(spellings));
}
END_TEST

static void
a_row_of_every_type_comes_back_as_it_was_at(int at_case)
{
    const struct record_type *type = record_at((size_t)at_case);
    struct record_row again;
    int at;

    fill(type);
    row.row_no = 4711;
    record_encode(type, &row, &payload);
    ck_assert_int_eq(read_again(type, &again), RECORD_ROW);
    ck_assert_uint_eq(again.row_no, 4711);
    ck_assert(!again.removed);
    ck_assert_uint_eq(record_content_hash(type, &again), record_content_hash(type, &row));
    ck_assert_uint_eq(record_key_hash(type, &again), record_key_hash(type, &row));
    ck_assert_int_eq(record_check(type, &again, COUNTY, TODAY, &at), RECORD_OK);
    ck_assert_int_eq(record_read(&reader, &again, &unresolved, &err), RECORD_END);
}

START_TEST(a_row_of_every_type_comes_back_as_it_was)
{
    each(a_row_of_every_type_comes_back_as_it_was_at, UNIT_COUNT(types));
}
END_TEST

START_TEST(numbers_keep_their_sign_and_empty_differs_from_zero)
{
    const struct record_type *type = record_find("insurance.settlement");
    struct record_row again;

    fill(type);
    put_number(type, "total", INT64_MIN);
    put_number(type, "in_scope", 0);
    put_number(type, "admitted_on", -25567);
    unset(type, "self_total");
    record_encode(type, &row, &payload);
    ck_assert_int_eq(read_again(type, &again), RECORD_ROW);
    ck_assert_int_eq(again.cells[field(type, "total")].number, INT64_MIN);
    ck_assert(again.cells[field(type, "in_scope")].set);
    ck_assert_int_eq(again.cells[field(type, "in_scope")].number, 0);
    ck_assert_int_eq(again.cells[field(type, "admitted_on")].number, -25567);
    ck_assert(!again.cells[field(type, "self_total")].set);
}
END_TEST

START_TEST(a_removed_row_carries_only_its_key)
{
    const struct record_type *type = record_find("insurance.enrolment");
    struct record_row again;
    uint64_t stored;
    int at;

    fill(type);
    stored = record_content_hash(type, &row);
    row.removed = true;
    put_text(type, "name", "");
    record_encode(type, &row, &payload);
    ck_assert_int_eq(read_again(type, &again), RECORD_ROW);
    ck_assert(again.removed);
    for (size_t i = 0; i < type->field_count; i++)
        ck_assert_int_eq(again.cells[i].set, i == 0 || i == 2);
    ck_assert_int_eq(record_check(type, &again, COUNTY, TODAY, &at), RECORD_OK);
    ck_assert_uint_eq(record_content_hash(type, &again), record_content_hash(type, &row));
    ck_assert_uint_ne(record_content_hash(type, &again), stored);
}
END_TEST

START_TEST(rows_and_unresolved_rows_come_back_in_order)
{
    const struct record_type *type = record_find("register.member");
    const struct record_item health[] = {{"残疾", 6}, {"患有大病", 12}};
    struct record_row again;

    for (uint32_t i = 1; i <= 3; i++) {
        fill(type);
        put_list(type, "health", health, 2);
        row.row_no = i;
        record_encode(type, &row, &payload);
        unresolved = (struct record_unresolved){
            .row_no = 10 * i, .reason = RECORD_BAD_ID, .column = {"id_no", 5}, .name = {"李", 3}};
        record_encode_unresolved(&unresolved, &payload);
    }
    record_reader_open(&reader, type, payload.bytes, payload.len);
    for (uint32_t i = 1; i <= 3; i++) {
        const struct record_cell *cell = &again.cells[field(type, "health")];

        ck_assert_int_eq(record_read(&reader, &again, &unresolved, &err), RECORD_ROW);
        ck_assert_uint_eq(again.row_no, i);
        ck_assert_uint_eq(cell->list.count, 2);
        ck_assert_mem_eq(cell->list.items[1].bytes, "患有大病", 12);
        ck_assert_int_eq(record_read(&reader, &again, &unresolved, &err), RECORD_UNRESOLVED);
        ck_assert_uint_eq(unresolved.row_no, 10 * i);
        ck_assert_int_eq(unresolved.reason, RECORD_BAD_ID);
        ck_assert_uint_eq(unresolved.column.len, 5);
        ck_assert_mem_eq(unresolved.name.bytes, "李", 3);
        ck_assert_uint_eq(unresolved.id_no.len, 0);
    }
    ck_assert_int_eq(record_read(&reader, &again, &unresolved, &err), RECORD_END);
}
END_TEST

START_TEST(a_long_text_of_an_unresolved_row_is_cut_between_characters)
{
    char text[400];

    for (size_t i = 0; i + 3 <= sizeof(text); i += 3)
        memcpy(text + i, "李", 3);
    unresolved =
        (struct record_unresolved){.row_no = 1, .reason = RECORD_BAD_NAME, .name = {text, 399}};
    record_encode_unresolved(&unresolved, &payload);
    ck_assert_int_eq(read_again(record_at(0), &row), RECORD_UNRESOLVED);
    ck_assert_uint_eq(unresolved.name.len, 255);
}
END_TEST

/* Payloads as bytes: each is one row field (tag 0x0a) unless it says otherwise. */
#define BYTES(text) text, sizeof(text) - 1
static const struct {
    const char *bytes;
    size_t len;
    const char *text;
} broken[] = {
    {BYTES("\x0a"), "payload byte 0: the payload is no valid message"},
    {BYTES("\x0a\x05\x08\x01"), "payload byte 0: the payload is no valid message"},
    {BYTES("\x08\x01"), "payload byte 0: the payload is no valid message"},
    {BYTES("\x00\x01"), "payload byte 0: the payload is no valid message"},
    {BYTES("\x0b\x0c"), "payload byte 0: the payload is no valid message"},
    {BYTES("\x0a\x00"), "payload byte 0: a row has no number"},
    {BYTES("\x0a\x02\x08\x00"), "payload byte 0: a row number is out of range"},
    {BYTES("\x0a\x06\x08\x80\x80\x80\x80\x08"), "payload byte 0: a row number is out of range"},
    {BYTES("\x0a\x02\x08\x80"), "payload byte 0: a row is no valid message"},
    {BYTES("\x0a\x0d\x08\x01\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
     "payload byte 0: a row is no valid message"},
    {BYTES("\x0a\x04\x08\x01\x18\x01"), "payload byte 0: a text has another wire type"},
    {BYTES("\x0a\x05\x08\x01\x2a\x01\x31"), "payload byte 0: a number has another wire type"},
    {BYTES("\x0a\x05\x08\x01\x1a\x01\xff"), "payload byte 0: a text is no UTF-8 or holds a NUL"},
    {BYTES("\x0a\x05\x08\x01\x1a\x01\x00"), "payload byte 0: a text is no UTF-8 or holds a NUL"},
    {BYTES("\x0a\x06\x08\x01\x1a\x02\xc0\x80"),
     "payload byte 0: a text is no UTF-8 or holds a NUL"},
    {BYTES("\x0a\x07\x08\x01\x1a\x03\xed\xa0\x80"),
     "payload byte 0: a text is no UTF-8 or holds a NUL"},
    {BYTES("\x0a\x08\x08\x01\x1a\x04\xf4\x90\x80\x80"),
     "payload byte 0: a text is no UTF-8 or holds a NUL"},
    {BYTES("\x0a\x0e\x08\x01\x1a\x0a"
           "12345678\xe6\x9d"),
     "payload byte 0: a text is no UTF-8 or holds a NUL"},
    {BYTES("\x0a\x05\x08\x01\x62\x01\xff"), "payload byte 0: a text is no UTF-8 or holds a NUL"},
    {BYTES("\x0a\x08\x08\x01\x28\x80\x80\x80\x80\x10"), "payload byte 0: a number is out of range"},
    {BYTES("\x0a\x02\x08\x01\x0a\x00"), "payload byte 4: a row has no number"},
    {BYTES("\x12\x02\x08\x01"), "payload byte 0: an unresolved row has no number or reason"},
    {BYTES("\x12\x04\x08\x01\x10\x0c"), "payload byte 0: an unresolved row has an unknown reason"},
    {BYTES("\x12\x05\x08\x01\x22\x01\xff"), "payload byte 0: a text is no UTF-8 or holds a NUL"},
    {BYTES("\x12\x02\x20\x01"), "payload byte 0: an unresolved row has another wire type"},
};

static void
bytes_that_are_no_rows_are_refused_at(int at_case)
{
    const struct record_type *type = record_find("insurance.enrolment");
    enum record_read got;

    buf_add(&payload, broken[at_case].bytes, broken[at_case].len);
    record_reader_open(&reader, type, payload.bytes, payload.len);
    while ((got = record_read(&reader, &row, &unresolved, &err)) > 0)
        ;
    ck_assert_msg(got == RECORD_ERROR, "case %d is read", at_case);
    ck_assert_int_eq(err.code, ERR_PROTOCOL);
    ck_assert_str_eq(err.text, broken[at_case].text);
    ck_assert_int_eq(record_read(&reader, &row, &unresolved, &err), RECORD_ERROR);
}

START_TEST(bytes_that_are_no_rows_are_refused)
{
    each(bytes_that_are_no_rows_are_refused_at, UNIT_COUNT(broken));
}
END_TEST

START_TEST(fields_that_are_not_known_are_skipped)
{
    /* rows{row_no 7, field 900 of each wire type}, payload field 3 */
    const char bytes[] = "\x0a\x1a\x08\x07\xa0\x38\x05\xa1\x38\x01\x02\x03\x04\x05\x06\x07\x08"
                         "\xa2\x38\x02zz\xa5\x38\x01\x02\x03\x04"
                         "\x1a\x01x";

    buf_add(&payload, bytes, sizeof(bytes) - 1);
    ck_assert_int_eq(read_again(record_find("civil.relief"), &row), RECORD_ROW);
    ck_assert_uint_eq(row.row_no, 7);
    ck_assert_int_eq(record_read(&reader, &row, &unresolved, &err), RECORD_END);
}
END_TEST

START_TEST(a_list_or_row_over_its_limit_is_refused)
{
    const struct record_type *type = record_find("water.works");
    struct record_item items[RECORD_LIST_MAX + 1];
    char *text = mem_zalloc(RECORD_ROW_BYTES + 1);

    for (size_t i = 0; i <= RECORD_LIST_MAX; i++)
        items[i] = (struct record_item){"360799001002", 12};
    fill(type);
    put_list(type, "areas", items, RECORD_LIST_MAX);
    record_encode(type, &row, &payload);
    ck_assert_int_eq(read_again(type, &row), RECORD_ROW);

    buf_clear(&payload);
    put_list(type, "areas", items, RECORD_LIST_MAX + 1);
    record_encode(type, &row, &payload);
    ck_assert_int_eq(read_again(type, &row), RECORD_ERROR);
    ck_assert_str_eq(err.text, "payload byte 0: a list has too many items");

    buf_clear(&payload);
    fill(type);
    memset(text, 'x', RECORD_ROW_BYTES);
    put_text(type, "works_no", text);
    record_encode(type, &row, &payload);
    ck_assert_int_eq(read_again(type, &row), RECORD_ERROR);
    ck_assert_str_eq(err.text, "payload byte 0: a row is too long");
    free(text);
}
END_TEST

/* Any single byte changed, or the end cut off: read or refused, never worse. */
static void
a_damaged_payload_does_no_harm_at(int at_case)
{
    const struct record_type *type = record_at((size_t)at_case);
    int at;

    fill(type);
    record_encode(type, &row, &payload);
    unresolved = (struct record_unresolved){
        .row_no = 2, .reason = RECORD_BAD_ID, .column = {"id_no", 5}, .phone = {"139", 3}};
    record_encode_unresolved(&unresolved, &payload);
    for (size_t i = 0; i < payload.len; i++)
        for (unsigned flip = 0; flip < 256; flip = flip * 2 + 1) {
            uint8_t *copy = mem_zalloc(payload.len); /* so that a read past the end is seen */
            size_t len = flip == 0 ? i : payload.len;

            memcpy(copy, payload.bytes, payload.len);
            copy[i] ^= (uint8_t)flip;
            copy = mem_grow(copy, len + 1, 1);
            record_reader_open(&reader, type, copy, len);
            while (record_read(&reader, &row, &unresolved, &err) > 0) {
                (void)record_check(type, &row, COUNTY, TODAY, &at);
                (void)record_content_hash(type, &row);
            }
            free(copy);
        }
}

START_TEST(a_damaged_payload_does_no_harm)
{
    each(a_damaged_payload_does_no_harm_at, UNIT_COUNT(types));
}
END_TEST

START_TEST(hashes_tell_rows_apart)
{
    const struct record_type *type = record_find("insurance.enrolment");
    uint64_t key, content;

    fill(type);
    key = record_key_hash(type, &row);
    content = record_content_hash(type, &row);
    row.row_no = 99;
    ck_assert_uint_eq(record_content_hash(type, &row), content);
    put_number(type, "aid_amount", 2);
    ck_assert_uint_eq(record_key_hash(type, &row), key);
    ck_assert_uint_ne(record_content_hash(type, &row), content);
    put_number(type, "insured_year", 2);
    ck_assert_uint_ne(record_key_hash(type, &row), key);
}
END_TEST

START_TEST(hashes_know_where_a_text_ends)
{
    const struct record_item a[] = {{"abcdefgh12345678", 16}, {"y", 1}},
                             b[] = {{"abcdefgh", 8}, {"12345678y", 9}};
    const struct record_type *type = record_find("water.works");
    uint64_t hash;

    fill(type);
    put_list(type, "failed_items", a, 2);
    hash = record_content_hash(type, &row);
    put_list(type, "failed_items", b, 2);
    ck_assert_uint_ne(record_content_hash(type, &row), hash);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("record");
    TCase *tcase = tcase_create("record");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, every_record_type_is_there_and_makes_sense);
    tcase_add_test(tcase, a_record_type_is_as_the_contract_of_the_feeds_says);
    tcase_add_test(tcase, a_code_is_found_by_its_label_and_other_spellings);
    tcase_add_test(tcase, a_row_of_every_type_comes_back_as_it_was);
    tcase_add_test(tcase, numbers_keep_their_sign_and_empty_differs_from_zero);
    tcase_add_test(tcase, a_removed_row_carries_only_its_key);
    tcase_add_test(tcase, rows_and_unresolved_rows_come_back_in_order);
    tcase_add_test(tcase, a_long_text_of_an_unresolved_row_is_cut_between_characters);
    tcase_add_test(tcase, bytes_that_are_no_rows_are_refused);
    tcase_add_test(tcase, fields_that_are_not_known_are_skipped);
    tcase_add_test(tcase, a_damaged_payload_does_no_harm);
    tcase_add_test(tcase, a_list_or_row_over_its_limit_is_refused);
    tcase_add_test(tcase, hashes_tell_rows_apart);
    tcase_add_test(tcase, hashes_know_where_a_text_ends);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
