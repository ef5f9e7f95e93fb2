#include "base/json.h"

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
    {"\x01\x1F\x7F", "\"\\u0001\\u001f\x7F\""},
};

START_TEST(text_is_escaped_as_rfc_8259_asks)
{
    json_add_text(&json, NULL, texts[_i].text);
    ck_assert_str_eq(buf_str(&buf), texts[_i].json);
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
    tcase_add_test(tcase, keys_are_escaped_too);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
