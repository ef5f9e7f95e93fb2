#include "link/people.h"

#include <fcntl.h>

#include "made.h"

static char dir[64], path[96];
static struct link *link_of;
static struct people *people;
static struct err err;

static void
setup(void)
{
    struct link_options options = {.threads = 2, .today = MADE_TODAY};

    unit_folder(dir, sizeof(dir));
    (void)snprintf(path, sizeof(path), "%s/people.csv", dir);
    link_of = link_new(&options);
    people = NULL;
}

static void
teardown(void)
{
    people_free(people);
    link_free(link_of);
    (void)unlink(path);
    (void)rmdir(dir);
}

static int
load(const char *text, size_t len)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
    return people_load(path, link_of, &people, &err);
}

static void
load_well(const char *text)
{
    ck_assert_msg(load(text, strlen(text)) == 0, "%s", err.text);
}

static void
assert_id(uint32_t record, const char *id)
{
    struct source_cell cell = people_id(people, record);

    ck_assert_uint_eq(cell.len, strlen(id));
    ck_assert_mem_eq(cell.bytes, id, cell.len);
}

static const char *const orders[] = {
    "record_id,source,name,id_no,sex,birth_date,phone,address,area,household_no\n"
    "r1,a,王小明,36079919900101001X,1,1990-01-01,19900000001,长岗村3组1号,360799101,H1\n",
    "household_no,area,address,phone,birth_date,sex,id_no,name,source,record_id\n"
    "H1,360799101,长岗村3组1号,19900000001,1990-01-01,1,36079919900101001X,王小明,a,r1\n",
    "colour,record_id,name,source,sex,id_no,phone,birth_date,area,address,household_no,note\n"
    "red,r1,王小明,a,1,36079919900101001X,19900000001,1990-01-01,360799101,长岗村3组1号,H1,none\n",
    "\xef\xbb\xbfrecord_id\tsource\tname\tid_no\tsex\tbirth_date\tphone\taddress\tarea\t"
    "household_no\r\n"
    "r1\ta\t王小明\t36079919900101001X\t1\t1990-01-"
    "01\t19900000001\t长岗村3组1号\t360799101\tH1\r\n",
};

START_TEST(columns_come_in_any_order_and_others_are_ignored)
{
    struct person expected = PERSON("王小明", "36079919900101001X", "1990-01-01", "19900000001",
                                    "长岗村3组1号", "360799101", "1", "H1");

    load_well(orders[_i]);
    ck_assert_uint_eq(link_count(link_of), 1);
    ck_assert_mem_eq(&link_persons(link_of)[0], &expected, sizeof(expected));
    assert_id(0, "r1");
}
END_TEST

START_TEST(columns_may_be_missing_and_values_empty)
{
    load_well("record_id,source,phone\nr1,a,\nr2,a,19900000001\nr3,,\nr4\n");
    ck_assert_uint_eq(link_count(link_of), 4);
    ck_assert_uint_eq(link_persons(link_of)[0].phone, 0);
    ck_assert_uint_eq(link_persons(link_of)[1].phone, 19900000001);
    ck_assert_uint_eq(link_persons(link_of)[1].name, 0);
    ck_assert_uint_eq(link_persons(link_of)[0].source, link_persons(link_of)[1].source);
    ck_assert_uint_eq(link_persons(link_of)[2].source, link_persons(link_of)[3].source);
    ck_assert_uint_ne(link_persons(link_of)[0].source, link_persons(link_of)[2].source);
}
END_TEST

START_TEST(empty_lines_are_no_records_and_quotes_belong_to_no_value)
{
    load_well("record_id,source,name\n\n\"r,1\",a,\"王小明\"\n\n\"r\"\"2\",\"b\",李芳\n");
    ck_assert_uint_eq(link_count(link_of), 2);
    assert_id(0, "r,1");
    assert_id(1, "r\"2");
    ck_assert_uint_eq(link_persons(link_of)[0].name, PERSON("王小明").name);
}
END_TEST

START_TEST(sources_are_found_by_name)
{
    load_well("record_id,source\nr1,water\nr2,register\nr3,water\n");
    ck_assert_int_eq(people_source(people, "water", 5), link_persons(link_of)[0].source);
    ck_assert_int_eq(people_source(people, "register", 8), link_persons(link_of)[1].source);
    ck_assert_int_eq(people_source(people, "wat", 3), -1);
    ck_assert_int_eq(people_source(people, "housing", 7), -1);
}
END_TEST

START_TEST(a_file_of_many_chunks_keeps_the_order_of_its_rows)
{
    struct buf text = {0};
    char id[16];

    buf_add_str(&text, "record_id,source,phone\n");
    for (int i = 0; i < 30000; i++)
        buf_add_fmt(&text, "r%d,s,199%08d\n", i, i);
    ck_assert_int_eq(load((const char *)text.bytes, text.len), 0);
    ck_assert_uint_eq(link_count(link_of), 30000);
    for (uint32_t i = 0; i < 30000; i++) {
        (void)snprintf(id, sizeof(id), "r%u", i);
        assert_id(i, id);
        ck_assert_uint_eq(link_persons(link_of)[i].phone, 19900000000 + i);
    }
    buf_done(&text);
}
END_TEST

#define LONG_ID                                                                                    \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"                             \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"                             \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"                             \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define COLUMNS_HINT                                                                               \
    "the first row names the columns: "                                                            \
    "record_id,source,name,id_no,sex,birth_date,phone,address,area,household_no"
#define TWICE_HINT "a record_id names one record; give every row its own"

static const struct {
    const char *text, *problem, *hint;
} wrong[] = {
    {"", "the file is empty", ""},
    {"source,name\na,王小明\n", "column record_id is missing", COLUMNS_HINT},
    {"record_id,name\nr1,王小明\n", "column source is missing", COLUMNS_HINT},
    {"record_id,source,name,name\nr1,a,王,王\n", "column name stands twice", ""},
    {"record_id,source,record_id\nr1,a,r2\n", "column record_id stands twice", ""},
    {"record_id,source\nr1,a\n,a\n", "row 3: record_id is empty", ""},
    {"record_id,source\n" LONG_ID ",a\nx" LONG_ID ",a\n", "row 3: record_id is too long", ""},
    {"record_id,source\nr1,a\n\nr2,a\nr1,b\n", "row 5: its record_id stands in an earlier row",
     TWICE_HINT},
    {"record_id,source\nr3,a\nr2,a\nr3,a\nr2,a\nr3,a\n",
     "row 4: its record_id stands in an earlier row", TWICE_HINT},
    {"record_id,source\nr1,a\nr2,\"a\n",
     "line 3 opens a quote that is never closed; mend it and send the file again", ""},
    {"record_id,source\nr1,\"a\"b\n",
     "line 2: text follows a closing quote; mend the quotes in that line and send the file again",
     ""},
};

START_TEST(a_file_that_cannot_be_used_is_refused_with_row_and_reason)
{
    char expected[400];

    ck_assert_int_eq(load(wrong[_i].text, strlen(wrong[_i].text)), -1);
    (void)snprintf(expected, sizeof(expected), "%s: %s", path, wrong[_i].problem);
    ck_assert_str_eq(err.text, expected);
    ck_assert_str_eq(err.hint, wrong[_i].hint);
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_ptr_null(people);
}
END_TEST

START_TEST(of_many_record_ids_that_stand_twice_the_first_is_told)
{
    struct buf text = {0};
    char expected[160];

    buf_add_str(&text, "record_id,source\n");
    for (int i = 0; i < 2000; i++)
        buf_add_fmt(&text, "r%d,s\n", i % 1000);
    ck_assert_int_eq(load((const char *)text.bytes, text.len), -1);
    (void)snprintf(expected, sizeof(expected),
                   "%s: row 1002: its record_id stands in an earlier row", path);
    ck_assert_str_eq(err.text, expected);
    buf_done(&text);
}
END_TEST

START_TEST(more_sources_than_there_can_be_are_refused)
{
    struct buf text = {0};
    char expected[160];

    buf_add_str(&text, "record_id,source\n");
    for (int i = 0; i <= LINK_SOURCES_MAX; i++)
        buf_add_fmt(&text, "r%d,s%d\n", i, i);
    ck_assert_int_eq(load((const char *)text.bytes, text.len), -1);
    (void)snprintf(expected, sizeof(expected), "%s: row 1026: more than 1024 sources", path);
    ck_assert_str_eq(err.text, expected);
    buf_done(&text);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
    char expected[160];

    (void)snprintf(expected, sizeof(expected), "cannot open %s: No such file or directory", path);
    ck_assert_int_eq(people_load(path, link_of, &people, &err), -1);
    ck_assert_str_eq(err.text, expected);
    ck_assert_int_eq(err.code, ERR_INPUT);
}
END_TEST

START_TEST(a_folder_cannot_be_read)
{
    ck_assert_int_eq(people_load(dir, link_of, &people, &err), -1);
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(err.text, "Is a directory"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("people");
    TCase *tcase = tcase_create("people");

    tcase_add_checked_fixture(tcase, made_setup, made_teardown);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, columns_come_in_any_order_and_others_are_ignored, 0,
                        UNIT_COUNT(orders));
    tcase_add_test(tcase, columns_may_be_missing_and_values_empty);
    tcase_add_test(tcase, empty_lines_are_no_records_and_quotes_belong_to_no_value);
    tcase_add_test(tcase, sources_are_found_by_name);
    tcase_add_test(tcase, a_file_of_many_chunks_keeps_the_order_of_its_rows);
    tcase_add_loop_test(tcase, a_file_that_cannot_be_used_is_refused_with_row_and_reason, 0,
                        UNIT_COUNT(wrong));
    tcase_add_test(tcase, of_many_record_ids_that_stand_twice_the_first_is_told);
    tcase_add_test(tcase, more_sources_than_there_can_be_are_refused);
    tcase_add_test(tcase, a_file_that_is_not_there_is_named);
    tcase_add_test(tcase, a_folder_cannot_be_read);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
