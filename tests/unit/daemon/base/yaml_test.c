#include "base/yaml.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

static struct yaml_tree *tree;
static struct err err;

static void
setup(void)
{
    tree = NULL;
    err = (struct err){0};
}

static void
teardown(void)
{
    yaml_free(tree);
}

static const struct yaml_node *
parse(const char *text)
{
    if (yaml_parse("t.yaml", text, strlen(text), &tree, &err) != 0)
        ck_abort_msg("%s", err.text);
    return yaml_root(tree);
}

START_TEST(nodes_know_their_kind_key_and_place)
{
    const struct yaml_node *root = parse("# a comment\nlist:\n  - 1\n  - \"2\"\nmap: {a: b}\n");
    const struct yaml_node *list = yaml_find(root, "list"), *map = yaml_find(root, "map");

    ck_assert_int_eq(root->kind, YAML_MAP);
    ck_assert_uint_eq(root->count, 2);
    ck_assert_ptr_null(root->key);
    ck_assert_ptr_eq(root->first, list);
    ck_assert_ptr_eq(list->next, map);
    ck_assert_ptr_null(map->next);

    ck_assert_int_eq(list->kind, YAML_LIST);
    ck_assert_str_eq(list->file, "t.yaml");
    ck_assert_str_eq(list->key, "list");
    ck_assert_int_eq(list->key_line, 2);
    ck_assert_int_eq(list->key_column, 1);
    ck_assert_int_eq(list->line, 3);
    ck_assert_int_eq(list->column, 3);
    ck_assert_uint_eq(list->count, 2);
    ck_assert_int_eq(list->first->kind, YAML_SCALAR);
    ck_assert_int_eq(list->first->line, 3);
    ck_assert_int_eq(list->first->column, 5);
    ck_assert(!list->first->quoted);
    ck_assert(list->first->next->quoted);
    ck_assert_str_eq(yaml_find(map, "a")->text, "b");
    ck_assert_ptr_null(yaml_find(map, "c"));
    ck_assert_ptr_null(yaml_find(list, "a"));
}
END_TEST

START_TEST(a_scalar_can_be_the_whole_document)
{
    ck_assert_str_eq(parse("乡村\n")->text, "乡村");
}
END_TEST

static const struct {
    const char *text, *reason;
} refused[] = {
    {"", "t.yaml:1:1: the file is empty"},
    {"# nothing\n", "t.yaml:2:1: the file is empty"},
    {"a: &x 1\n", "t.yaml:1:4: anchors are not allowed"},
    {"a: &x [1]\n", "t.yaml:1:4: anchors are not allowed"},
    {"a: &x {b: 1}\n", "t.yaml:1:4: anchors are not allowed"},
    {"a: *x\n", "t.yaml:1:4: aliases are not allowed"},
    {"a: 1\n*x : 2\n", "t.yaml:2:1: aliases are not allowed"},
    {"a: !!str 1\n", "t.yaml:1:4: tags are not allowed"},
    {"a: !local [1]\n", "t.yaml:1:4: tags are not allowed"},
    {"%YAML 1.1\n---\na: 1\n", "t.yaml:1:1: directives are not allowed"},
    {"a: 1\nb: 2\na: 3\n", "t.yaml:3:1: key 'a' appears twice, first in line 1"},
    {"a: {b: 1, b: 2}\n", "t.yaml:1:11: key 'b' appears twice, first in line 1"},
    {"[a]: 1\n", "t.yaml:1:1: a key must be a text"},
    {"? {a: 1}\n: 1\n", "t.yaml:1:3: a key must be a text"},
    {"a: 1\n---\nb: 2\n", "t.yaml:2:1: only one document is allowed"},
    {"a: \"x\\0y\"\n", "t.yaml:1:4: a text holds a NUL character"},
    {"a: [1\n", "t.yaml:2:1: did not find expected ',' or ']'"},
    {"a: 1\n b: 2\n", "t.yaml:2:3: mapping values are not allowed in this context"},
    {"a:\n\t- 1\n", "t.yaml:2:1: found character that cannot start any token"},
    {"a: \"b\n", "t.yaml:2:1: found unexpected end of stream"},
    {"a: \xFF\n", "t.yaml:1:1: invalid leading UTF-8 octet"},
    {"a: \x01\n", "t.yaml:1:1: control characters are not allowed"},
    {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "t.yaml:1:17: nested too deep"},
};

START_TEST(what_a_configuration_needs_not_is_refused_at_its_place)
{
    ck_assert_int_eq(yaml_parse("t.yaml", refused[_i].text, strlen(refused[_i].text), &tree, &err),
                     -1);
    ck_assert_int_eq(err.code, ERR_CONFIG);
    ck_assert_str_eq(err.text, refused[_i].reason);
    ck_assert_ptr_null(tree);
}
END_TEST

START_TEST(sixteen_levels_are_not_too_deep)
{
    ck_assert_int_eq(parse("[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]")->kind, YAML_LIST);
}
END_TEST

START_TEST(a_text_larger_than_the_limit_is_refused)
{
    AUTO(free) char *text = mem_zalloc(YAML_BYTES_MAX + 1);

    memset(text, '#', YAML_BYTES_MAX + 1);
    ck_assert_int_eq(yaml_parse("t.yaml", text, YAML_BYTES_MAX + 1, &tree, &err), -1);
    ck_assert_str_eq(err.text, "t.yaml: larger than 1048576 bytes");
}
END_TEST

START_TEST(a_map_with_too_many_keys_is_refused)
{
    AUTO(free) char *text = mem_zalloc(5000 * 10);

    for (int i = 0; i < 5000; i++)
        ck_assert_int_eq(snprintf(text + i * 9, 10, "k%04d: 1\n", i), 9);
    ck_assert_int_eq(yaml_parse("t.yaml", text, strlen(text), &tree, &err), -1);
    ck_assert_str_eq(err.text, "t.yaml:4097:1: too many keys");
}
END_TEST

/* Values of one flow list, read as one kind: the reason, or NULL when it is taken. */
static const struct {
    const char *value, *text, *number, *boolean;
} scalars[] = {
    {"5", NULL, NULL, "t:1:2: true or false is expected"},
    {"-3", NULL, NULL, "t:1:2: true or false is expected"},
    {"\"5\"", NULL, "t:1:2: a whole number is expected", "t:1:2: true or false is expected"},
    {"5x", NULL, "t:1:2: a whole number is expected", "t:1:2: true or false is expected"},
    {"0x10", NULL, "t:1:2: a whole number is expected", "t:1:2: true or false is expected"},
    {"1.5", NULL, "t:1:2: a whole number is expected", "t:1:2: true or false is expected"},
    {"+-5", NULL, "t:1:2: a whole number is expected", "t:1:2: true or false is expected"},
    {"101", NULL, "t:1:2: 101 is not between -10 and 100", "t:1:2: true or false is expected"},
    {"-11", NULL, "t:1:2: -11 is not between -10 and 100", "t:1:2: true or false is expected"},
    {"99999999999999999999", NULL, "t:1:2: 99999999999999999999 is not between -10 and 100",
     "t:1:2: true or false is expected"},
    {"true", NULL, "t:1:2: a whole number is expected", NULL},
    {"false", NULL, "t:1:2: a whole number is expected", NULL},
    {"'true'", NULL, "t:1:2: a whole number is expected", "t:1:2: true or false is expected"},
    {"yes", NULL, "t:1:2: a whole number is expected", "t:1:2: true or false is expected"},
    {"~", "t:1:2: a text is expected", "t:1:2: a whole number is expected",
     "t:1:2: true or false is expected"},
    {"null", "t:1:2: a text is expected", "t:1:2: a whole number is expected",
     "t:1:2: true or false is expected"},
    {"\"\"", NULL, "t:1:2: a whole number is expected", "t:1:2: true or false is expected"},
    {"'null'", NULL, "t:1:2: a whole number is expected", "t:1:2: true or false is expected"},
    {"[]", "t:1:2: a text is expected", "t:1:2: a whole number is expected",
     "t:1:2: true or false is expected"},
    {"{}", "t:1:2: a text is expected", "t:1:2: a whole number is expected",
     "t:1:2: true or false is expected"},
};

static void
expect(int status, const char *reason)
{
    ck_assert_int_eq(status, reason == NULL ? 0 : -1);
    if (reason != NULL)
        ck_assert_str_eq(err.text, reason);
}

START_TEST(a_scalar_is_read_as_what_it_is)
{
    char text[64];
    const char *value;
    int64_t number;
    bool yes;
    const struct yaml_node *node;

    snprintf(text, sizeof(text), "[%s]", scalars[_i].value);
    ck_assert_int_eq(yaml_parse("t", text, strlen(text), &tree, &err), 0);
    node = yaml_root(tree)->first;
    expect(yaml_text(node, &value, &err), scalars[_i].text);
    expect(yaml_int(node, -10, 100, &number, &err), scalars[_i].number);
    expect(yaml_bool(node, &yes, &err), scalars[_i].boolean);
}
END_TEST

START_TEST(values_come_out_as_written)
{
    const struct yaml_node *root = parse("{t: 360722, n: -7, y: true, f: false, e: ''}");
    const char *text;
    int64_t number;
    bool yes;

    ck_assert_int_eq(yaml_text(yaml_find(root, "t"), &text, &err), 0);
    ck_assert_str_eq(text, "360722");
    ck_assert_int_eq(yaml_text(yaml_find(root, "e"), &text, &err), 0);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(yaml_int(yaml_find(root, "n"), INT64_MIN, INT64_MAX, &number, &err), 0);
    ck_assert_int_eq(number, -7);
    ck_assert_int_eq(yaml_bool(yaml_find(root, "y"), &yes, &err), 0);
    ck_assert(yes);
    ck_assert_int_eq(yaml_bool(yaml_find(root, "f"), &yes, &err), 0);
    ck_assert(!yes);
}
END_TEST

START_TEST(a_number_beyond_every_integer_is_refused_whatever_the_range)
{
    int64_t number = 7;

    ck_assert_int_eq(yaml_int(parse("99999999999999999999"), INT64_MIN, INT64_MAX, &number, &err),
                     -1);
    ck_assert_str_eq(err.text, "t.yaml:1:1: 99999999999999999999 is not between "
                               "-9223372036854775808 and 9223372036854775807");
    ck_assert_int_eq(number, 7);
}
END_TEST

START_TEST(an_own_complaint_names_the_place_of_the_node)
{
    const struct yaml_node *root = parse("a:\n  b: 1\n");

    ck_assert_int_eq(yaml_fail(yaml_find(yaml_find(root, "a"), "b"), &err, "%s is odd", "b"), -1);
    ck_assert_int_eq(err.code, ERR_CONFIG);
    ck_assert_str_eq(err.text, "t.yaml:2:6: b is odd");
}
END_TEST

START_TEST(a_file_is_read_and_named_in_complaints)
{
    char path[] = "/tmp/yaml_test.XXXXXX", expected[64];
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "a: 1\nb: *c\n", 11), 11);
    close(fd);
    ck_assert_int_eq(yaml_load(path, &tree, &err), -1);
    snprintf(expected, sizeof(expected), "%s:2:4: aliases are not allowed", path);
    ck_assert_str_eq(err.text, expected);

    ck_assert_int_eq(truncate(path, 5), 0);
    ck_assert_int_eq(yaml_load(path, &tree, &err), 0);
    ck_assert_str_eq(yaml_root(tree)->first->text, "1");
    unlink(path);
}
END_TEST

START_TEST(a_missing_file_is_an_error_of_its_own)
{
    ck_assert_int_eq(yaml_load("/nowhere/a.yaml", &tree, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
    ck_assert_str_eq(err.text, "/nowhere/a.yaml: no such file");
}
END_TEST

START_TEST(a_directory_is_no_file)
{
    ck_assert_int_eq(yaml_load("/tmp", &tree, &err), -1);
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_str_eq(err.text, "cannot read /tmp: Is a directory");
}
END_TEST

START_TEST(freeing_nothing_is_allowed)
{
    yaml_free(NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("yaml");
    TCase *tcase = tcase_create("yaml");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, nodes_know_their_kind_key_and_place);
    tcase_add_test(tcase, a_scalar_can_be_the_whole_document);
    tcase_add_loop_test(tcase, what_a_configuration_needs_not_is_refused_at_its_place, 0,
                        UNIT_COUNT(refused));
    tcase_add_test(tcase, sixteen_levels_are_not_too_deep);
    tcase_add_test(tcase, a_text_larger_than_the_limit_is_refused);
    tcase_add_test(tcase, a_map_with_too_many_keys_is_refused);
    tcase_add_loop_test(tcase, a_scalar_is_read_as_what_it_is, 0, UNIT_COUNT(scalars));
    tcase_add_test(tcase, values_come_out_as_written);
    tcase_add_test(tcase, a_number_beyond_every_integer_is_refused_whatever_the_range);
    tcase_add_test(tcase, an_own_complaint_names_the_place_of_the_node);
    tcase_add_test(tcase, a_file_is_read_and_named_in_complaints);
    tcase_add_test(tcase, a_missing_file_is_an_error_of_its_own);
    tcase_add_test(tcase, a_directory_is_no_file);
    tcase_add_test(tcase, freeing_nothing_is_allowed);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
