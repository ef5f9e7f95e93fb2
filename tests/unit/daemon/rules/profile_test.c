#include "rules/profile.h"
#include "rules/profile_origin.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#define RULE                                                                                       \
    "id: M05\nversion: 1\ntitle: 试\ntitle_en: try\nrequirements: [XF-01]\nsubject: person\n"     \
    "needs: [register]\nroute: bureau\nparameters: {helped: {type: money, default: 5000}}\n"       \
    "sql: select :helped\n"
#define BASE "area: '3607'\nline: {multiple: 1.2}\nfloor: {multiple: 1.0, inferred: true}\n"

static struct rule rule;
static struct rules rules;
static struct err err;
static char dir[] = "/tmp/profile-XXXXXX";

static void
put(const char *name, const char *text)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "%s/%s.yaml", dir, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    (void)fprintf(file, "name: %s\n%s", name, text);
    (void)fclose(file);
}

static void
setup(void)
{
    AUTO_BUF struct buf problems = {0};

    (void)strcpy(dir + sizeof(dir) - 7, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(rules_parse("r.yaml", RULE, strlen(RULE), &rule, &problems, &err), 0);
    rules = (struct rules){.list = &rule, .count = 1};
}

static void
teardown(void)
{
    static const char *const names[] = {"base", "own", "third"};
    char path[64];

    for (int i = 0; i < UNIT_COUNT(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s.yaml", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
    rules_done(&rule);
}

START_TEST(a_profile_lays_its_values_over_what_it_extends)
{
    AUTO_BUF struct buf problems = {0};
    AUTO(profile_free) struct profile *profile = NULL;

    put("base", BASE "due_day: 12\ncalled: 甲\nparameters: {M05: {helped: 6000}}\n"
                     "exclude_from_income: [job_cost]\n");
    put("own", "extends: base\narea: '360722'\ncalled: {value: 乙, inferred: true}\n");
    ck_assert_msg(profile_load(dir, "own", &rules, &profile, &problems, &err) == 0, "%s",
                  buf_str(&problems));
    ck_assert_str_eq(profile->name, "own");
    ck_assert_str_eq(profile->area, "360722");
    ck_assert_int_eq(profile->due_day, 12);
    ck_assert(profile->exclude_job_cost && !profile->exclude_pension);
    ck_assert(profile->floor.inferred && !profile->line.inferred);
    ck_assert_str_eq(profile_origin_find(profile, "called")->value, "乙");
    ck_assert_str_eq(profile_value(profile, &rule, 0), "600000");
    ck_assert(profile_runs(profile, "M05"));
}
END_TEST

START_TEST(lines_are_exact_multiples_or_amounts)
{
    static const struct profile_line multiple = {.set = true,
                                                 .multiple = {.digits = 12, .scale = 1}};
    static const struct profile_line amount = {.set = true, .absolute = true, .fen = 600000};
    static const struct profile_line unset = {0};
    char text[DECIMAL_TEXT];

    ck_assert(profile_amount(&multiple, 55501, text));
    ck_assert_str_eq(text, "799214.4");
    ck_assert(profile_amount(&amount, 55501, text));
    ck_assert_str_eq(text, "600000");
    ck_assert(!profile_amount(&unset, 55501, text));
    ck_assert(!profile_amount(&multiple, INT64_MAX, text));
}
END_TEST

START_TEST(a_rule_can_be_switched_off)
{
    AUTO_BUF struct buf problems = {0};
    AUTO(profile_free) struct profile *profile = NULL;

    put("own", BASE "off: [M05]\n");
    ck_assert_int_eq(profile_load(dir, "own", &rules, &profile, &problems, &err), 0);
    ck_assert(!profile_runs(profile, "M05"));
}
END_TEST

START_TEST(only_what_judging_reads_changes_the_digest)
{
    AUTO_BUF struct buf problems = {0};
    AUTO(profile_free) struct profile *first = NULL, *second = NULL, *third = NULL;

    put("own", BASE);
    ck_assert_int_eq(profile_load(dir, "own", &rules, &first, &problems, &err), 0);
    put("own", BASE "called: 甲\n");
    ck_assert_int_eq(profile_load(dir, "own", &rules, &second, &problems, &err), 0);
    put("own", BASE "parameters: {M05: {helped: 6000}}\n");
    ck_assert_int_eq(profile_load(dir, "own", &rules, &third, &problems, &err), 0);
    ck_assert_mem_eq(first->digest, second->digest, DIGEST_BYTES);
    ck_assert_mem_ne(first->digest, third->digest, DIGEST_BYTES);
}
END_TEST

static const struct {
    const char *text, *problem;
} wrong[] = {
    {"area: '3607'\n", "area, line and floor must be set"},
    {BASE "colour: red\n", "unknown key 'colour'"},
    {BASE "off: [Z99]\n", "there is no rule 'Z99'"},
    {BASE "parameters: {Z99: {a: 1}}\n", "there is no rule 'Z99' with a map of values"},
    {BASE "parameters: {M05: {other: 1}}\n", "rule M05 has no parameter 'other'"},
    {BASE "parameters: {M05: {helped: 1.234}}\n", "this is no value of type money"},
    {BASE "due_day: 31\n", "a due day is a number from 1 to 28"},
    {BASE "exclude_from_income: [lottery]\n", "an income item is basic_pension or job_cost"},
    {BASE "absence_max: much\n", "a share is a decimal number such as 0.01"},
    {BASE "called: {value: 甲, from: []}\n", "a requirement and its clause are wanted here"},
    {BASE "exclude_from_income: {items: [job_cost], to: 甲}\n", "items and from are wanted here"},
    {BASE "called: {value: 甲, guessed: true}\n", "only value, from and inferred may stand here"},
    {"area: '36'\nline: {multiple: 1, amount: 5}\nfloor: {multiple: 0}\n",
     "a multiple of dibao or an amount in yuan is wanted here"},
    {"area: '36'\nline: {multiple: 1}\nfloor: {multiple: 0}\n",
     "a positive decimal number is wanted here"},
    {BASE "area: '36072'\n", "own.yaml"},
    {BASE "extends: nobody\n", "there is no readable profile 'nobody'"},
    {BASE "extends: ../own\n", "'../own' cannot be extended"},
    {BASE "extends: own\n", "'own' cannot be extended"},
};

START_TEST(what_is_wrong_is_told)
{
    AUTO_BUF struct buf problems = {0};
    struct profile *profile;

    put("own", wrong[_i].text);
    ck_assert_int_eq(profile_load(dir, "own", &rules, &profile, &problems, &err), -1);
    ck_assert_int_eq(err.code, ERR_CONFIG);
    ck_assert_msg(strstr(buf_str(&problems), wrong[_i].problem) != NULL, "%s", buf_str(&problems));
}
END_TEST

START_TEST(the_name_is_the_files)
{
    AUTO_BUF struct buf problems = {0};
    struct profile *profile;
    char from[64], to[64];

    put("own", BASE);
    (void)snprintf(from, sizeof(from), "%s/own.yaml", dir);
    (void)snprintf(to, sizeof(to), "%s/third.yaml", dir);
    ck_assert_int_eq(rename(from, to), 0);
    ck_assert_int_eq(profile_load(dir, "third", &rules, &profile, &problems, &err), -1);
    ck_assert_ptr_nonnull(strstr(buf_str(&problems), "the profile's name is its file's, third"));
}
END_TEST

START_TEST(the_profiles_that_we_ship_can_be_read)
{
    static const struct {
        const char *name, *line;
        bool pension, job_cost;
    } known[] = {
        {"ganzhou", "1008000", false, false},  {"xinfeng", "1008000", false, false},
        {"longyan", "1680000", true, true},    {"tanghe", "600000", false, true},
        {"jinjiang", "1680000", false, false},
    };
    AUTO_BUF struct buf problems = {0}, folder = {0};

    buf_add_fmt(&folder, "%s/config/profiles", getenv("QIANSHAO_SOURCE"));
    for (int i = 0; i < UNIT_COUNT(known); i++) {
        AUTO(profile_free) struct profile *profile = NULL;
        char line[DECIMAL_TEXT];

        ck_assert_msg(
            profile_load(buf_str(&folder), known[i].name, &rules, &profile, &problems, &err) == 0,
            "%s", buf_str(&problems));
        ck_assert(profile_amount(&profile->line, 70000, line));
        ck_assert_str_eq(line, known[i].line);
        ck_assert(profile->exclude_pension == known[i].pension);
        ck_assert(profile->exclude_job_cost == known[i].job_cost);
        ck_assert_ptr_nonnull(profile_origin_find(profile, "called"));
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("profile");
    TCase *tcase = tcase_create("profile");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_profile_lays_its_values_over_what_it_extends);
    tcase_add_test(tcase, lines_are_exact_multiples_or_amounts);
    tcase_add_test(tcase, a_rule_can_be_switched_off);
    tcase_add_test(tcase, only_what_judging_reads_changes_the_digest);
    tcase_add_loop_test(tcase, what_is_wrong_is_told, 0, UNIT_COUNT(wrong));
    tcase_add_test(tcase, the_name_is_the_files);
    tcase_add_test(tcase, the_profiles_that_we_ship_can_be_read);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
