#include "base/json.h"

#include "base/yaml.h"
#include "unit.h"

static struct buf buf;
static struct json json;

static void
setup(void)
{
    buf = (struct buf){0};
    json = (struct json){.out = &buf};
}

static void
teardown(void)
{
    buf_done(&buf);
}

START_TEST(commas_come_by_themselves)
{
    json_open_object(&json, NULL);
    json_add_int(&json, "a", -9223372036854775807);
    json_open_array(&json, "b");
    json_add_bool(&json, NULL, true);
    json_add_bool(&json, NULL, false);
    json_open_object(&json, NULL);
    json_close_object(&json);
    json_open_array(&json, NULL);
    json_close_array(&json);
    json_close_array(&json);
    json_add_text(&json, "c", NULL);
    json_add_raw(&json, "d", "{\"x\": [1]}");
    json_add_raw(&json, "e", "");
    json_add_raw(&json, "f", NULL);
    json_close_object(&json);
    ck_assert_str_eq(buf_str(&buf), "{\"a\":-9223372036854775807,\"b\":[true,false,{},[]],"
                                    "\"c\":null,\"d\":{\"x\": [1]},\"e\":null,\"f\":null}");
}
END_TEST

static const struct {
    const char *text, *json;
} texts[] = {
    {"", "\"\""},
    {"新县", "\"新县\""},
    {"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
    {"line\nnext\ttab\r", "\"line\\nnext\\u0009tab\\u000d\""},
    {"\x01\x1F\x7F", "\"\\u0001\\u001f\\u007f\""},
    {"\xC2\x80\xC2\x85\xC2\x9F\xC2\xA0", "\"\\u0080\\u0085\\u009f\xC2\xA0\""},
    {"\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9", "\"\xE2\x80\xA7\\u2028\\u2029\""},
    {"\xEF\xBB\xBF\xEF\xBF\xBD\xEF\xBF\xBE\xEF\xBF\xBF", "\"\\ufeff\xEF\xBF\xBD\\ufffe\\uffff\""},
    {"\xC2", "\"\xC2\""}, /* no valid text: nothing behind its end is read */
    {"\xE2", "\"\xE2\""},
};

#define TEXTS_VALID (UNIT_COUNT(texts) - 2)

START_TEST(text_is_escaped_as_rfc_8259_asks)
{
    json_add_text(&json, NULL, texts[_i].text);
    ck_assert_str_eq(buf_str(&buf), texts[_i].json);
}
END_TEST

START_TEST(a_reader_of_yaml_gets_the_same_text)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    struct err err;

    json_add_text(&json, NULL, texts[_i].text);
    ck_assert_int_eq(yaml_parse("json", buf_str(&buf), buf.len, &tree, &err), 0);
    ck_assert_str_eq(yaml_root(tree)->text, texts[_i].text);
}
END_TEST

START_TEST(keys_are_escaped_too)
{
    json_open_object(&json, NULL);
    json_add_int(&json, "a\"b", 1);
    json_close_object(&json);
    ck_assert_str_eq(buf_str(&buf), "{\"a\\\"b\":1}");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("json");
    TCase *tcase = tcase_create("json");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, commas_come_by_themselves);
    tcase_add_loop_test(tcase, text_is_escaped_as_rfc_8259_asks, 0, UNIT_COUNT(texts));
    tcase_add_loop_test(tcase, a_reader_of_yaml_gets_the_same_text, 0, TEXTS_VALID);
    tcase_add_test(tcase, keys_are_escaped_too);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
