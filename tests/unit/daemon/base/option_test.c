#include "base/option.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

enum colour { RED, GREEN };

struct shop {
    char *name, *motto, *folder, *token;
    int size, floor;
    enum colour colour;
    uint32_t code;
};

static const struct option_choice colours[] = {{"red", RED}, {"green", GREEN}, {NULL, 0}};

static const char *
check_lower(const char *text)
{
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz")] == '\0' ? NULL : "only a-z";
}

#define AT(member) offsetof(struct shop, member)
static const struct option options[] = {
    {"name", OPTION_TEXT, AT(name), .required = true, .check = check_lower, .help = "who"},
    {"motto", OPTION_TEXT, AT(motto), .help = "what it says"},
    {"place.folder", OPTION_PATH, AT(folder), .preset = "files", .help = "where"},
    {"place.size", OPTION_INT, AT(size), .preset = "7", .min = 1, .max = 9, .help = "how large"},
    {"place.floor", OPTION_INT, AT(floor), .min = 1, .max = 9, .help = "how high"},
    {"colour", OPTION_CHOICE, AT(colour), .preset = "green", .choices = colours, .help = "looks"},
    {"code", OPTION_CODE, AT(code), .required = true, .help = "which county"},
    {"token", OPTION_TEXT, AT(token), .secret = true, .help = "a word that nobody may see"},
    {"shelves", OPTION_TREE, .help = "somebody else's"},
};

static const struct option_table table = {.options = options, .count = UNIT_COUNT(options)};

static struct shop shop;
static struct buf lines, printed;
static struct yaml_tree *tree;

static void
setup(void)
{
    shop = (struct shop){0};
    lines = printed = (struct buf){0};
    tree = NULL;
}

static void
teardown(void)
{
    option_done(&table, &shop);
    option_done(&table, &shop);
    buf_done(&lines);
    buf_done(&printed);
    yaml_free(tree);
}

/* Read a text; returns the number of problems. */
static int
read_text(const char *text)
{
    struct problem_list problems = {.lines = &lines};
    struct err err;

    option_done(&table, &shop);
    shop = (struct shop){0};
    yaml_free(tree);
    tree = NULL;
    ck_assert_int_eq(yaml_parse("/nowhere/s.yaml", text, strlen(text), &tree, &err), 0);
    option_read(&table, yaml_root(tree), &shop, &problems);
    return problems.count;
}

START_TEST(presets_stand_for_what_is_not_given)
{
    ck_assert_int_eq(read_text("name: a\ncode: 360722\n"), 0);
    ck_assert_str_eq(shop.name, "a");
    ck_assert_str_eq(shop.folder, "/nowhere/files");
    ck_assert_int_eq(shop.size, 7);
    ck_assert_int_eq(shop.floor, 0);
    ck_assert_int_eq((int)shop.colour, GREEN);
    ck_assert_uint_eq(shop.code, 360722);
    ck_assert_ptr_null(shop.motto);
}
END_TEST

START_TEST(presets_alone_leave_out_paths)
{
    option_preset(&table, &shop);
    ck_assert_int_eq(shop.size, 7);
    ck_assert_ptr_null(shop.folder);
}
END_TEST

static const struct {
    const char *text, *problem;
} wrong[] = {
    {"[]\n", "1:1: a map of options is expected\n"},
    {"code: 360722\n", "1:1: 'name' is missing\n"},
    {"name: A\ncode: 360722\n", "1:7: name: only a-z\n"},
    {"name: a\ncode: 36072\n", "2:7: code: six digits are expected\n"},
    {"name: a\ncode: 360722\nmotto: ''\n", "3:8: motto: a text is expected\n"},
    {"name: a\ncode: 360722\nmotto: \"a\\nb\"\n",
     "3:8: motto: control characters are not allowed\n"},
    {"name: a\ncode: 360722\nplace: 1\n", "3:8: place: a map of options is expected\n"},
    {"name: a\ncode: 360722\nplace: {size: 10}\n", "3:15: 10 is not between 1 and 9\n"},
    {"name: a\ncode: 360722\nplace: {sise: 1}\n", "3:9: unknown option 'place.sise'\n"},
    {"name: a\ncode: 360722\nplace: {folder: ''}\n", "3:17: place.folder: a path is expected\n"},
    {"name: a\ncode: 360722\nplace: {folder: credential:x}\n",
     "3:17: place.folder: there is no such credential; see LoadCredential=\n"},
    {"name: a\ncode: 360722\nplac: {size: 1}\n", "3:1: unknown option 'plac'\n"},
    {"name: a\ncode: 360722\ncolour: blue\n", "3:9: colour: one of red, green is expected\n"},
};

START_TEST(a_problem_is_named_with_its_place)
{
    AUTO_BUF struct buf expected = {0};

    (void)unsetenv("CREDENTIALS_DIRECTORY");
    buf_add_fmt(&expected, "/nowhere/s.yaml:%s", wrong[_i].problem);
    ck_assert_int_eq(read_text(wrong[_i].text), 1);
    ck_assert_str_eq(buf_str(&lines), buf_str(&expected));
}
END_TEST

START_TEST(what_is_printed_is_read_as_the_same)
{
    AUTO_BUF struct buf again = {0};

    ck_assert_int_eq(read_text("name: a\ncode: 360722\nmotto: 'say \"a\\b\" 前哨'\n"
                               "place: {floor: 3}\ncolour: red\nshelves: [1]\n"),
                     0);
    option_print(&table, &shop, &printed);
    ck_assert_str_eq(buf_str(&printed), "name: \"a\"\n"
                                        "motto: \"say \\\"a\\\\b\\\" 前哨\"\n"
                                        "place:\n"
                                        "  folder: \"/nowhere/files\"\n"
                                        "  size: 7\n"
                                        "  floor: 3\n"
                                        "colour: red\n"
                                        "code: 360722\n");
    ck_assert_int_eq(read_text(buf_str(&printed)), 0);
    option_print(&table, &shop, &again);
    ck_assert_str_eq(buf_str(&printed), buf_str(&again));
}
END_TEST

START_TEST(a_secret_is_never_printed)
{
    ck_assert_int_eq(read_text("name: a\ncode: 360722\ntoken: hush\n"), 0);
    ck_assert_str_eq(shop.token, "hush");
    option_print(&table, &shop, &printed);
    ck_assert_ptr_null(strstr(buf_str(&printed), "hush"));
    ck_assert_ptr_nonnull(strstr(buf_str(&printed), "# token: given, not shown\n"));
    ck_assert_int_eq(read_text(buf_str(&printed)), 0);
}
END_TEST

START_TEST(an_entry_of_a_list_is_read_and_printed_by_its_section)
{
    static const struct option of[] = {
        {"shops.code", OPTION_CODE, AT(code), .required = true, .help = "c"},
        {"shops.motto", OPTION_TEXT, AT(motto), .help = "m"},
    };
    static const struct option_table entries = {of, UNIT_COUNT(of), "shops"};
    static const char text[] = "{code: 360722, motto: m}\n";
    struct problem_list problems = {.lines = &lines};
    struct err err;

    ck_assert_int_eq(yaml_parse("s.yaml", text, strlen(text), &tree, &err), 0);
    option_read(&entries, yaml_root(tree), &shop, &problems);
    ck_assert_int_eq(problems.count, 0);
    option_print_entry(&entries, &shop, &printed);
    ck_assert_str_eq(buf_str(&printed), "  - code: 360722\n    motto: \"m\"\n");
    yaml_free(tree);
    tree = NULL;
    ck_assert_int_eq(yaml_parse("s.yaml", "{name: b}\n", 10, &tree, &err), 0);
    option_read(&entries, yaml_root(tree), &shop, &problems);
    ck_assert_str_eq(buf_str(&lines), "s.yaml:1:2: unknown option 'shops.name'\n"
                                      "s.yaml:1:1: 'shops.code' is missing\n");
}
END_TEST

/* What a function writes; the caller frees it. */
static char *
written(void (*write)(FILE *out))
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    write(out);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

static void
write_help(FILE *out)
{
    static const struct option_words words = {" (required)", " (default ", ")"};

    option_help(&table, &words, out);
}

static void
write_reference(FILE *out)
{
    option_describe(&table, out);
}

START_TEST(help_and_reference_come_from_the_table)
{
    AUTO(free) char *help = written(write_help);
    AUTO(free) char *reference = written(write_reference);

    ck_assert_ptr_nonnull(strstr(help, "  name                   who (required)\n"));
    ck_assert_ptr_nonnull(strstr(help, "  place.size             how large (default 7)\n"));
    ck_assert_ptr_nonnull(strstr(help, "  shelves                somebody else's\n"));
    ck_assert_ptr_nonnull(strstr(reference, "| `place.size` | 1 to 9 | 7 | how large |\n"));
    ck_assert_ptr_nonnull(strstr(reference, "| `colour` | red, green | `green` | looks |\n"));
    ck_assert_ptr_nonnull(strstr(reference, "| `code` | six digits | **required** |"));
    ck_assert_ptr_null(strstr(reference, "shelves"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("option");
    TCase *tcase = tcase_create("option");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, presets_stand_for_what_is_not_given);
    tcase_add_test(tcase, presets_alone_leave_out_paths);
    tcase_add_loop_test(tcase, a_problem_is_named_with_its_place, 0, UNIT_COUNT(wrong));
    tcase_add_test(tcase, what_is_printed_is_read_as_the_same);
    tcase_add_test(tcase, a_secret_is_never_printed);
    tcase_add_test(tcase, an_entry_of_a_list_is_read_and_printed_by_its_section);
    tcase_add_test(tcase, help_and_reference_come_from_the_table);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
