#include "rules/rules.h"

#include <string.h>

#include "unit.h"

#define HEAD                                                                                       \
    "id: Z01\nversion: 3\ntitle: 试\ntitle_en: try\nrequirements: [XF-01]\nsubject: person\n"     \
    "needs: [register, civil.dibao]\nroute: bureau\n"
#define QUERY "sql: select 1\n"

static struct rule rule;
static struct err err;

static int
parse(const char *text, struct buf *problems)
{
    rule = (struct rule){0};
    return rules_parse("z.yaml", text, strlen(text), &rule, problems, &err);
}

START_TEST(a_rule_is_read_whole)
{
    AUTO_BUF struct buf problems = {0};

    ck_assert_int_eq(parse(HEAD "helps: [civil.edge]\nabsence: [civil.dibao]\n"
                                "doubt: [register.member]\n"
                                "history: [insurance.settlement]\nbefore: true\n" QUERY,
                           &problems),
                     0);
    ck_assert_str_eq(rule.id, "Z01");
    ck_assert_int_eq(rule.version, 3);
    ck_assert_uint_eq(rule.need_count, 3);
    ck_assert_str_eq(rule.needs[1]->name, "register.member");
    ck_assert_str_eq(rule.helps[0]->name, "civil.edge");
    ck_assert_str_eq(rule.absence[0]->name, "civil.dibao");
    ck_assert_str_eq(rule.doubt[0]->name, "register.member");
    ck_assert_str_eq(rule.history[0]->name, "insurance.settlement");
    ck_assert(rule.before);
    ck_assert_str_eq(rule.requirements[0], "XF-01");
    ck_assert(rules_reads(&rule, record_find("civil.edge")));
    ck_assert(!rules_reads(&rule, record_find("water.works")));
    rules_done(&rule);
}
END_TEST

START_TEST(every_name_of_the_query_becomes_a_typed_parameter_once)
{
    AUTO_BUF struct buf problems = {0};

    ck_assert_int_eq(
        parse(HEAD "parameters:\n  least: {type: money, default: 12.34}\n"
                   "  day: {type: monthday, default: 02-29}\n"
                   "sql: select :least, :month_last - :day, x::date, ':least', :least -- :none\n",
              &problems),
        0);
    ck_assert_str_eq(rule.sql, "select $1::bigint, $2::date - $3::date, x::date, ':least', "
                               "$1::bigint -- :none");
    ck_assert_uint_eq(rule.slot_count, 3);
    ck_assert_str_eq(rule.parameters[0].text, "1234");
    ck_assert_str_eq(rule.parameters[1].text, "02-29");
    ck_assert_int_eq(rule.slots[1].parameter, -1);
    rules_done(&rule);
}
END_TEST

static const struct {
    const char *text, *problem;
} wrong[] = {
    {HEAD, "z.yaml:1:1: 'sql' is missing\n"},
    {HEAD QUERY "colour: red\n", "unknown key 'colour'\n"},
    {HEAD "sql: select :nothing\n",
     "names ':nothing', which is neither a parameter nor built in\n"},
    {HEAD "sql: select 1; select 2\n", "a query holds no ';'\n"},
    {HEAD "sql: select $1\n", "a query holds no '$'\n"},
    {HEAD QUERY "absence: [civil.edge]\n", "civil.edge is not among needs or helps\n"},
    {HEAD QUERY "doubt: [civil.edge]\n", "civil.edge is not among needs or helps\n"},
    {HEAD QUERY "helps: [civil.fridge]\n", "'civil.fridge' is no record type\n"},
    {HEAD QUERY "parameters: {a: {type: int, default: 1}}\n", "does not use the parameter 'a'\n"},
    {HEAD "sql: select :a\nparameters: {a: {type: int, default: 1.5}}\n",
     "this is no value of type int\n"},
    {HEAD "sql: select :a\nparameters: {a: {type: float, default: 1}}\n",
     "a type is int, money, dec, date, monthday, text or bool\n"},
    {HEAD "sql: select :a\nparameters: {a: {type: monthday, default: 02-30}}\n",
     "this is no value of type monthday\n"},
    {HEAD "sql: select :a\nparameters: {a: {type: date, default: 2026-02-30}}\n",
     "this is no value of type date\n"},
    {HEAD "sql: select :year\nparameters: {year: {type: int, default: 1}}\n",
     "'year' cannot be a parameter's name\n"},
    {HEAD QUERY "subject: [a]\n", "z.yaml"},
    {"[]\n", "z.yaml:1:1: a rule is a map of keys\n"},
    {"id: z\n", "an id is a capital letter and up to 14 letters or digits\n"},
};

START_TEST(what_is_wrong_is_told_with_its_place)
{
    AUTO_BUF struct buf problems = {0};

    ck_assert_int_eq(parse(wrong[_i].text, &problems), -1);
    ck_assert_int_eq(err.code, ERR_CONFIG);
    ck_assert_msg(strstr(buf_str(&problems), wrong[_i].problem) != NULL, "%s", buf_str(&problems));
    ck_assert_msg(strncmp(buf_str(&problems), "z.yaml:", 7) == 0, "%s", buf_str(&problems));
}
END_TEST

START_TEST(all_problems_are_told_at_once)
{
    AUTO_BUF struct buf problems = {0};
    int lines = 0;

    ck_assert_int_eq(
        parse("id: Z01\nsubject: horse\nneeds: [civil.fridge]\nroute: ''\n", &problems), -1);
    for (const char *at = buf_str(&problems); (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    ck_assert_int_ge(lines, 7);
}
END_TEST

START_TEST(a_folder_without_rules_or_that_is_not_there_is_refused)
{
    AUTO_BUF struct buf problems = {0};
    struct rules *rules;

    ck_assert_int_eq(rules_load("/nowhere/at/all", &rules, &problems, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
}
END_TEST

START_TEST(the_rules_that_we_ship_can_be_read)
{
    AUTO_BUF struct buf problems = {0}, dir = {0};
    AUTO(rules_free) struct rules *rules = NULL;

    buf_add_fmt(&dir, "%s/config/rules", getenv("QIANSHAO_SOURCE"));
    ck_assert_msg(rules_load(buf_str(&dir), &rules, &problems, &err) == 0, "%s",
                  buf_str(&problems));
    ck_assert_uint_ge(rules->count, 9);
    ck_assert_ptr_nonnull(rules_find(rules, "M01"));
    ck_assert_ptr_null(rules_find(rules, "Z99"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("rules");
    TCase *tcase = tcase_create("rules");

    tcase_add_test(tcase, a_rule_is_read_whole);
    tcase_add_test(tcase, every_name_of_the_query_becomes_a_typed_parameter_once);
    tcase_add_loop_test(tcase, what_is_wrong_is_told_with_its_place, 0, UNIT_COUNT(wrong));
    tcase_add_test(tcase, all_problems_are_told_at_once);
    tcase_add_test(tcase, a_folder_without_rules_or_that_is_not_there_is_refused);
    tcase_add_test(tcase, the_rules_that_we_ship_can_be_read);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
