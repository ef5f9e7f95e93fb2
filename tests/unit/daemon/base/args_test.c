#include "base/args.h"

#include <string.h>

#include "base/mem.h"

#include "unit.h"

struct shop {
    const char *name, *month, *reveal, *reason;
    int64_t count;
    bool loud;
};

static int
nothing(void *values)
{
    (void)values;
    return 0;
}

static const struct args_command commands[] = {
    {"list", "[RULE]", "month loud", nothing, "what there is"},
    {"list all", "", "", nothing, "everything"},
    {"show", "ID", "count reveal reason", nothing, "one of them"},
    {"move", "FROM TO", "", nothing, "first line\nsecond line"},
    {"--check", "", "", nothing, "only look"},
    {"--print", "", "", nothing, "only print"},
};

#define AT(member) offsetof(struct shop, member)
static const struct args_option options[] = {
    {"name", 'c', ARGS_TEXT, true, AT(name), "NAME", .help = "whose"},
    {"month", 0, ARGS_TEXT, false, AT(month), "YYYY-MM", .help = "when"},
    {"count", 0, ARGS_NUMBER, false, AT(count), "N", -2, 9, "how many"},
    {"loud", 'l', ARGS_FLAG, false, AT(loud), .help = "aloud"},
    {"reveal", 0, ARGS_TEXT, false, AT(reveal), "WHY", .help = "all"},
    {"reason", 0, ARGS_TEXT, false, AT(reason), "WHY", .help = "why"},
    {"check", 'n', ARGS_COMMAND},
    {"print", .kind = ARGS_COMMAND},
};

static struct args_program program = {
    .name = "shop",
    .phrases = args_english,
    .commands = commands,
    .command_count = UNIT_COUNT(commands),
    .options = options,
    .option_count = UNIT_COUNT(options),
};

static struct shop shop;
static struct args args;
static struct err err;

/* Parse a line of words with one blank between. */
static int
parse(const char *line)
{
    static char text[256], name[] = "shop";
    char *argv[16] = {name}, *rest = text, *word;
    int argc = 1;

    (void)snprintf(text, sizeof(text), "%s", line);
    while (*line != '\0' && (word = strsep(&rest, " ")) != NULL)
        argv[argc++] = word;
    argv[argc] = NULL;
    shop = (struct shop){0};
    args = (struct args){0};
    return args_parse(&program, argc, argv, &shop, &args, &err);
}

/* Lines that mean the same: list of one month, aloud, of one rule. */
static const char *const same[] = {
    "list C01 --month 2026-01 --loud", "--month=2026-01 --loud list C01",
    "--month 2026-01 list -l C01",     "list --loud C01 --month=2026-01",
    "list --month=2026-01 -l -- C01",
};

START_TEST(options_stand_anywhere_and_values_behind_a_blank_or_a_sign)
{
    ck_assert_msg(parse(same[_i]) == 0, "%s", err.text);
    ck_assert_str_eq(args.command->name, "list");
    ck_assert_str_eq(args.words[0], "C01");
    ck_assert_ptr_null(args.words[1]);
    ck_assert_str_eq(shop.month, "2026-01");
    ck_assert(shop.loud);
}
END_TEST

START_TEST(the_longest_name_of_a_command_wins)
{
    ck_assert_int_eq(parse("list all"), 0);
    ck_assert_str_eq(args.command->name, "list all");
    ck_assert_ptr_null(args.words[0]);
    ck_assert_int_eq(parse("list every"), 0);
    ck_assert_str_eq(args.command->name, "list");
    ck_assert_str_eq(args.words[0], "every");
}
END_TEST

START_TEST(numbers_and_letters_are_read)
{
    ck_assert_int_eq(parse("show 7 --count=-2 -c me"), 0);
    ck_assert_int_eq(shop.count, -2);
    ck_assert_str_eq(shop.name, "me");
    ck_assert_int_eq(parse("show 7 --reason=--loud"), 0);
    ck_assert_str_eq(shop.reason, "--loud");
}
END_TEST

START_TEST(an_option_may_stand_for_a_command)
{
    ck_assert_int_eq(parse("-n --name=x"), 0);
    ck_assert_str_eq(args.command->name, "--check");
    ck_assert_int_eq(parse("--print"), 0);
    ck_assert_str_eq(args.command->name, "--print");
}
END_TEST

static const struct {
    const char *line, *problem;
} wrong[] = {
    {"", "which command?"},
    {"fly", "unknown command: fly"},
    {"fly high", "unknown command: fly high"},
    {"list --no-such", "unknown option: --no-such"},
    {"list --no-such=3", "unknown option: --no-such"},
    {"list -x", "unknown option: -x"},
    {"list -lx", "unknown option: -x"},
    {"list --mon=3", "unknown option: --mon (--month)"},
    {"list --lou", "unknown option: --lou (--loud)"},
    {"show 7 --rea x", "unknown option: --rea (--reason)"},
    {"show 7 --re x", "unknown option: --re (--reveal, --reason)"},
    {"show 7 --re=x", "unknown option: --re (--reveal, --reason)"},
    {"list --month", "a value is missing: --month"},
    {"list --month=", "a value is missing: --month"},
    {"list --month --loud", "a value is missing: --month"},
    {"list -c", "a value is missing: --name"},
    {"list --loud=yes", "the option takes no value: --loud"},
    {"--version=2", "the option takes no value: --version"},
    {"show 7 --count 10", "not a number in its range: --count -2…9"},
    {"show 7 --count=x", "not a number in its range: --count -2…9"},
    {"show 7 --count=3x", "not a number in its range: --count -2…9"},
    {"show 7 --count=+3", "not a number in its range: --count -2…9"},
    {"show 7 --count=99999999999999999999", "not a number in its range: --count -2…9"},
    {"show 7 --loud", "the command does not take this option: --loud"},
    {"list all --month 2026-01", "the command does not take this option: --month"},
    {"show", "a word is missing behind the command: show ID"},
    {"move here", "a word is missing behind the command: move TO"},
    {"list C01 C02", "one word too many: C02"},
    {"a b c d e", "one word too many: e"},
    {"--check list", "one word too many: list"},
    {"--check --print", "one command at a time: --print"},
};

START_TEST(what_is_wrong_is_named)
{
    ck_assert_int_eq(parse(wrong[_i].line), -1);
    ck_assert_str_eq(err.text, wrong[_i].problem);
    ck_assert_str_eq(err.hint, "see shop --help");
    ck_assert_int_eq(err.code, ERR_INPUT);
}
END_TEST

START_TEST(help_and_version_need_no_command)
{
    ck_assert_int_eq(parse("--help"), 0);
    ck_assert(args.help && args.command == NULL);
    ck_assert_int_eq(parse("show -h"), 0);
    ck_assert(args.help);
    ck_assert_str_eq(args.command->name, "show");
    ck_assert_int_eq(parse("--version"), 0);
    ck_assert(args.version && !args.help);
}
END_TEST

/* The help of a command or of all; the caller frees it. */
static char *
help(const struct args_command *command)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    args_help(&program, command, out);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

START_TEST(help_comes_from_the_table)
{
    AUTO(free) char *all = help(NULL);
    AUTO(free) char *one = help(&commands[2]);

    ck_assert_ptr_nonnull(strstr(all, "usage: shop [options] COMMAND\n\ncommands:\n"
                                      "  list [RULE]                 what there is\n"));
    ck_assert_ptr_nonnull(strstr(all, "  move FROM TO                first line\n"
                                      "                              second line\n"
                                      "  -n, --check                 only look\n"
                                      "      --print                 only print\n"
                                      "\noptions:\n"
                                      "  -c, --name NAME             whose\n"));
    ck_assert_ptr_nonnull(strstr(all, "      --version               the version\n"));
    ck_assert_ptr_nonnull(strstr(one, "usage: shop show ID [options]\n"));
    ck_assert_ptr_nonnull(strstr(one, "--count N"));
    ck_assert_ptr_null(strstr(one, "--month"));
}
END_TEST

START_TEST(a_program_may_run_without_a_command)
{
    static const struct args_command plain[] = {{"", "", "", nothing, "run"}};
    struct args_program before = program;

    program.commands = plain;
    program.command_count = 1;
    ck_assert_int_eq(parse("--name=x"), 0);
    ck_assert_ptr_eq(args.command, &plain[0]);
    ck_assert_int_eq(parse("run"), -1);
    ck_assert_str_eq(err.text, "unknown command: run");
    program = before;
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("args");
    TCase *tcase = tcase_create("args");

    tcase_add_loop_test(tcase, options_stand_anywhere_and_values_behind_a_blank_or_a_sign, 0,
                        UNIT_COUNT(same));
    tcase_add_test(tcase, the_longest_name_of_a_command_wins);
    tcase_add_test(tcase, numbers_and_letters_are_read);
    tcase_add_test(tcase, an_option_may_stand_for_a_command);
    tcase_add_loop_test(tcase, what_is_wrong_is_named, 0, UNIT_COUNT(wrong));
    tcase_add_test(tcase, help_and_version_need_no_command);
    tcase_add_test(tcase, help_comes_from_the_table);
    tcase_add_test(tcase, a_program_may_run_without_a_command);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
