#include "roster/roster.h"

#include <string.h>

#include "unit.h"

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const char list[] =
    "adapters:\n"
    "  - channel: water\n"
    "    key: \"" KEY_A "\"\n"
    "    grants:\n"
    "      - {producer: slj, records: [water.works, water.complaint], counties: [360722, 360723],\n"
    "         optional: [water.complaint], since: 2026-03, until: 2026-12}\n"
    "      - {producer: slj, title: 水利局, records: [water.household], counties: [360722]}\n"
    "subscribers:\n"
    "  - {name: bureau-360722, key: \"" KEY_B "\", county: 360722, route: bureau}\n"
    "ops:\n"
    "  - {login: qs_ops, counties: [360722, 360723]}\n";

static struct roster *roster;

static void
setup(void)
{
    AUTO(access_free) struct access *access = NULL;
    AUTO_BUF struct buf problems = {0};
    struct err err;

    ck_assert_int_eq(access_parse("a.yaml", list, strlen(list), &access, &problems, &err), 0);
    roster = roster_new(access);
}

static void
teardown(void)
{
    roster_free(roster);
}

#define FEED(type, county, expected, first, last)                                                  \
    "{\"channel\":\"water\",\"producer\":\"slj\",\"record_type\":\"" type "\",\"county\":" county  \
    ",\"expected\":" expected ",\"first_period\":" first ",\"last_period\":" last "},"
#define BOUND(type, county, expected)                                                              \
    FEED(type, county, expected, "\"2026-03-01\"", "\"2026-12-01\"")

/* An office has one row a county, whichever of its grants gives its title. */
static const char offices[] =
    "[{\"kind\":\"sector\",\"code\":\"slj\",\"title\":\"水利局\",\"county\":360722},"
    "{\"kind\":\"sector\",\"code\":\"slj\",\"title\":null,\"county\":360723},"
    "{\"kind\":\"bureau\",\"code\":\"bureau-360722\",\"title\":null,\"county\":360722}]";
/* clang-format off: a row a line */
static const char grants[] =
    "[" BOUND("water.works", "360722", "true") BOUND("water.works", "360723", "true")
        BOUND("water.complaint", "360722", "false") BOUND("water.complaint", "360723", "false")
            FEED("water.household", "360722", "true", "null",
                 "null") "{\"channel\":\"bureau-360722\",\"audience\":\"bureau\",\"county\":360722,"
                         "\"expected\":false}]";
/* clang-format on */
static const char keys[] = "[{\"kind\":\"adapter\",\"channel\":\"water\",\"public_key\":\"" KEY_A
                           "\"},{\"kind\":\"subscriber\",\"channel\":\"bureau-360722\","
                           "\"public_key\":\"" KEY_B "\"}]";
static const char logins[] = "[{\"login\":\"qs_ops\",\"county\":360722},"
                             "{\"login\":\"qs_ops\",\"county\":360723}]";

static const struct {
    enum roster_table table;
    const char *rows;
} tables[] = {
    {ROSTER_OFFICE, offices},
    {ROSTER_GRANT, grants},
    {ROSTER_KEY, keys},
    {ROSTER_LOGIN, logins},
};

START_TEST(a_table_has_the_rows_of_the_list)
{
    ck_assert_str_eq(roster_rows(roster, tables[_i].table), tables[_i].rows);
}
END_TEST

START_TEST(a_table_that_the_list_says_nothing_of_has_no_rows)
{
    static const char text[] = "adapters: [{channel: a, key: " KEY_A ", grants: [{producer: p,"
                               " records: [a.b], counties: [360722]}]}]\n";
    AUTO(access_free) struct access *access = NULL;
    AUTO(roster_free) struct roster *small = NULL;
    AUTO_BUF struct buf problems = {0};
    struct err err;

    ck_assert_int_eq(access_parse("a.yaml", text, strlen(text), &access, &problems, &err), 0);
    small = roster_new(access);
    ck_assert_str_eq(roster_rows(small, ROSTER_LOGIN), "[]");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("roster");
    TCase *tcase = tcase_create("roster");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_table_has_the_rows_of_the_list, 0, UNIT_COUNT(tables));
    tcase_add_test(tcase, a_table_that_the_list_says_nothing_of_has_no_rows);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
