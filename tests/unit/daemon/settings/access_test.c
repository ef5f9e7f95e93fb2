#include "settings/access.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define KEY_C "ccccccccccccccccccccccccccccccccccccc]{}"

static struct access *list;
static struct buf problems;
static struct err err;

static void
setup(void)
{
    list = NULL;
    problems = (struct buf){0};
    err = (struct err){0};
}

static void
teardown(void)
{
    access_free(list);
    buf_done(&problems);
}

static int
parse(const char *text)
{
    return access_parse("a.yaml", text, strlen(text), &list, &problems, &err);
}

static const char sample[] =
    "adapters:\n"
    "  - channel: water-360722\n"
    "    key: \"" KEY_B "\"\n"
    "    grants:\n"
    "      - producer: slj\n"
    "        title: 水利局\n"
    "        records: [water.works, water.complaint]\n"
    "        counties: [360722, 360723]\n"
    "        optional: [water.complaint]\n"
    "      - producer: shuichang_1\n"
    "        records: [water.household]\n"
    "        counties: [360722]\n"
    "subscribers:\n"
    "  - {name: bureau, key: \"" KEY_A "\", county: 360722, route: bureau}\n"
    "ops:\n"
    "  - {login: qs_ops, counties: [360722, 360723]}\n";

static void
parse_sample(void)
{
    if (parse(sample) != 0)
        ck_abort_msg("%s", buf_str(&problems));
}

START_TEST(a_key_leads_to_its_entry)
{
    const struct access_entry *entry;

    parse_sample();
    entry = access_find_key(list, KEY_B);
    ck_assert_ptr_nonnull(entry);
    ck_assert_int_eq(entry->kind, ACCESS_ADAPTER);
    ck_assert_str_eq(entry->name, "water-360722");

    entry = access_find_key(list, KEY_A);
    ck_assert_int_eq(entry->kind, ACCESS_SUBSCRIBER);
    ck_assert_str_eq(entry->name, "bureau");
    ck_assert_uint_eq(entry->county, 360722);
    ck_assert_str_eq(entry->route, "bureau");

    ck_assert_ptr_null(access_find_key(list, KEY_C));
    ck_assert_ptr_null(access_find_key(list, "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"));
    ck_assert_ptr_null(access_find_key(list, ""));
}
END_TEST

START_TEST(grants_come_in_the_order_of_the_file)
{
    const struct access_grant *grant;

    parse_sample();
    ck_assert_uint_eq(access_at(list, 0)->grant_count, 2);
    grant = &access_at(list, 0)->grants[0];
    ck_assert_str_eq(grant->producer, "slj");
    ck_assert_str_eq(grant->title, "水利局");
    ck_assert_uint_eq(grant->record_count, 2);
    ck_assert_str_eq(grant->records[0].type, "water.works");
    ck_assert(grant->records[0].expected);
    ck_assert_str_eq(grant->records[1].type, "water.complaint");
    ck_assert(!grant->records[1].expected);
    ck_assert_uint_eq(grant->county_count, 2);
    ck_assert_uint_eq(grant->counties[1], 360723);
    ck_assert_ptr_null(access_at(list, 0)->grants[1].title);
    ck_assert_str_eq(access_at(list, 1)->name, "bureau");
    ck_assert_str_eq(access_at(list, 2)->name, "qs_ops");
    ck_assert_int_eq(access_at(list, 2)->kind, ACCESS_OPS);
    ck_assert_uint_eq(access_at(list, 2)->county_count, 2);
    ck_assert_uint_eq(access_at(list, 2)->counties[1], 360723);
    ck_assert_ptr_null(access_at(list, 3));
}
END_TEST

static const struct {
    const char *producer, *record;
    uint32_t county;
    bool allowed;
} sends[] = {
    {"slj", "water.works", 360722, true},
    {"slj", "water.works", 360723, true},
    {"slj", "water.complaint", 360722, true},
    {"shuichang_1", "water.household", 360722, true},
    {"shuichang_1", "water.household", 360723, false},
    {"shuichang_1", "water.works", 360722, false},
    {"slj", "water.household", 360722, false},
    {"slj", "water.work", 360722, false},
    {"slj", "civil.dibao", 360722, false},
    {"slj", "water.works", 0, false},
    {"mzj", "water.works", 360722, false},
    {"", "", 360722, false},
};

START_TEST(a_key_sends_only_what_one_grant_gives_it)
{
    parse_sample();
    ck_assert_int_eq(access_allows(access_find_key(list, KEY_B), sends[_i].producer,
                                   sends[_i].record, sends[_i].county),
                     sends[_i].allowed);
    ck_assert(!access_allows(access_find_key(list, KEY_A), sends[_i].producer, sends[_i].record,
                             sends[_i].county));
}
END_TEST

START_TEST(a_subscriber_takes_only_its_county_and_route)
{
    parse_sample();
    ck_assert_str_eq(access_subscriber(list, KEY_A, 360722, "bureau"), "bureau");
    ck_assert_ptr_null(access_subscriber(list, KEY_A, 360723, "bureau"));
    ck_assert_ptr_null(access_subscriber(list, KEY_A, 360722, "civil"));
    ck_assert_ptr_null(access_subscriber(list, KEY_B, 360722, "bureau"));
    ck_assert_ptr_null(access_subscriber(list, KEY_C, 360722, "bureau"));
    ck_assert_ptr_null(access_subscriber(list, "", 360722, "bureau"));
}
END_TEST

START_TEST(many_keys_are_all_found)
{
    AUTO_BUF struct buf text = {0};
    char key[ACCESS_KEY_LEN + 1];

    buf_add_str(&text, "adapters:\n");
    for (int i = 0; i < 200; i++)
        buf_add_fmt(&text,
                    "  - {channel: c-%d, key: \"0000000000000000000000000000000000000%03d\","
                    " grants: [{producer: p, records: [a.b], counties: [360722]}]}\n",
                    i, i * 37 % 200);
    ck_assert_int_eq(parse(buf_str(&text)), 0);
    for (int i = 0; i < 200; i++) {
        char name[16];

        snprintf(key, sizeof(key), "0000000000000000000000000000000000000%03d", i * 37 % 200);
        snprintf(name, sizeof(name), "c-%d", i);
        ck_assert_str_eq(access_find_key(list, key)->name, name);
    }
}
END_TEST

/* One adapter with `grant` as its only grant; its line and column stay the same. */
#define ADAPTER(grant) "adapters: [{channel: a, key: " KEY_A ", grants: [" grant "]}]\n"
#define GRANT "{producer: p, records: [a.b], counties: [360722]}"
#define SUBSCRIBER(fields) ADAPTER(GRANT) "subscribers: [{" fields "}]\n"

static const struct {
    const char *text, *problems;
} refused[] = {
    {"[]\n", "a.yaml:1:1: a map is expected\n"},
    {"{}\n", "a.yaml:1:1: 'adapters' is missing\n"},
    {"adapters: []\n", "a.yaml:1:11: adapters: a list of 1 to 4096 entries is expected\n"},
    {"adapters: {}\n", "a.yaml:1:11: adapters: a list of 1 to 4096 entries is expected\n"},
    {"adapters: [a]\n", "a.yaml:1:12: a map is expected\n"},
    {"adapters: [{}]\n", "a.yaml:1:12: 'channel' is missing\n"
                         "a.yaml:1:12: 'key' is missing\n"
                         "a.yaml:1:12: 'grants' is missing\n"},
    {ADAPTER(GRANT) "adapter: []\n", "a.yaml:2:1: unknown key 'adapter'\n"},
    {"adapters: [{chanel: a, channel: b, key: " KEY_A ", grants: [" GRANT "]}]\n",
     "a.yaml:1:13: unknown key 'chanel'\n"},
    {"adapters: [{channel: A, key: " KEY_A ", grants: [" GRANT "]}]\n",
     "a.yaml:1:22: channel: 1 to 63 characters a-z, 0-9 and - are expected\n"},
    {"adapters: [{channel: '', key: " KEY_A ", grants: [" GRANT "]}]\n",
     "a.yaml:1:22: channel: 1 to 63 characters a-z, 0-9 and - are expected\n"},
    {"adapters: [{channel: [], key: " KEY_A ", grants: [" GRANT "]}]\n",
     "a.yaml:1:22: a text is expected\n"},
    {"adapters: [{channel: a, key: short, grants: [" GRANT "]}]\n",
     "a.yaml:1:30: key: a public key has 40 characters (Z85)\n"},
    {"adapters: [{channel: a, key: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa~, grants: [" GRANT
     "]}]\n",
     "a.yaml:1:30: key: a public key has 40 characters (Z85)\n"},
    {"adapters: [{channel: a, key: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa$####, grants: [" GRANT
     "]}]\n",
     "a.yaml:1:30: key: this is no public key: a character is wrong\n"},
    {ADAPTER("{}"), "a.yaml:1:81: 'producer' is missing\n"
                    "a.yaml:1:81: 'records' is missing\n"
                    "a.yaml:1:81: 'counties' is missing\n"},
    {ADAPTER("{producer: P, records: [a.b], counties: [360722]}"),
     "a.yaml:1:92: producer: 1 to 31 characters a-z, 0-9, _ and - are expected\n"},
    {ADAPTER("{producer: p, title: '', records: [a.b], counties: [360722]}"),
     "a.yaml:1:102: title: 1 to 64 characters are expected\n"},
    {ADAPTER("{producer: p, records: [], counties: [360722]}"),
     "a.yaml:1:104: records: a list of 1 to 4096 entries is expected\n"},
    {ADAPTER("{producer: p, records: [ab, a., .b, a.b.c, A.b], counties: [360722]}"),
     "a.yaml:1:105: a record type is sector.type\n"
     "a.yaml:1:109: a record type is sector.type\n"
     "a.yaml:1:113: a record type is sector.type\n"
     "a.yaml:1:117: a record type is sector.type\n"
     "a.yaml:1:124: a record type is sector.type\n"},
    {ADAPTER("{producer: p, records: [a.b, a.b], counties: [360722]}"),
     "a.yaml:1:110: 'a.b' appears twice\n"},
    {ADAPTER("{producer: p, records: [a.b], counties: [360722, 360722]}"),
     "a.yaml:1:130: '360722' appears twice\n"},
    {ADAPTER("{producer: p, records: [a.b], counties: [3607, 036072, x]}"),
     "a.yaml:1:122: a county is six digits\n"
     "a.yaml:1:128: a county is six digits\n"
     "a.yaml:1:136: a county is six digits\n"},
    {ADAPTER("{producer: p, records: [a.b], counties: [360722], optional: [a.c]}"),
     "a.yaml:1:142: 'a.c' is not among the records\n"},
    {ADAPTER(GRANT ", " GRANT),
     "a.yaml:1:132: a.b of producer p in county 360722 is granted twice\n"},
    {ADAPTER("{producer: p, records: [a.b], counties: [360722], since: 2026-13, until: 202606}"),
     "a.yaml:1:138: since: a month is YYYY-MM\n"
     "a.yaml:1:154: until: a month is YYYY-MM\n"},
    {ADAPTER("{producer: p, records: [a.b], counties: [360722], since: 2026-03, until: 2026-02}"),
     "a.yaml:1:154: until: it lies before 'since'\n"},
    {SUBSCRIBER("name: s"), "a.yaml:2:15: 'key' is missing\n"
                            "a.yaml:2:15: 'county' is missing\n"
                            "a.yaml:2:15: 'route' is missing\n"},
    {SUBSCRIBER("name: s, key: " KEY_B ", county: 3607, route: R"),
     "a.yaml:2:93: route: 1 to 31 characters a-z, 0-9, _ and - are expected\n"
     "a.yaml:2:80: county: a county is six digits\n"},
    {SUBSCRIBER("name: s, key: " KEY_A ", county: 360722, route: r"),
     "a.yaml:2:30: the key of 'a' appears twice\n"},
    {"adapters:\n  - {channel: a, key: " KEY_A ", grants: [" GRANT "]}\n"
     "  - {channel: a, key: " KEY_B ", grants: [" GRANT "]}\n",
     "a.yaml:3:15: 'a' appears twice\n"},
    {SUBSCRIBER("name: s, key: " KEY_B ", county: 360722, route: r") "ops: [{login: s, counties: "
                                                                     "[360722]}, {login: s}]\n",
     "a.yaml:3:39: 'counties' is missing\n"
     "a.yaml:3:47: 's' appears twice\n"},
    {SUBSCRIBER("name: s, key: " KEY_B ", county: 360722, route: r") "ops: [{login: S, key: x, "
                                                                     "counties: [1]}]\n",
     "a.yaml:3:18: unknown key 'key'\n"
     "a.yaml:3:15: login: 1 to 63 characters a-z, 0-9 and _ are expected\n"
     "a.yaml:3:37: a county is six digits\n"},
    {"adapters: *a\n", "a.yaml:1:11: aliases are not allowed\n"},
};

START_TEST(a_wrong_list_is_refused_with_every_reason)
{
    ck_assert_int_eq(parse(refused[_i].text), -1);
    ck_assert_str_eq(buf_str(&problems), refused[_i].problems);
    ck_assert_int_eq(err.code, ERR_CONFIG);
    ck_assert_ptr_null(list);
}
END_TEST

START_TEST(a_grant_may_say_from_when_until_when_it_is_expected)
{
    ck_assert_int_eq(parse(ADAPTER("{producer: p, records: [a.b], counties: [360722],"
                                   " since: 2026-03, until: 2026-03}, {producer: q, records: [a.b],"
                                   " counties: [360722], until: \"2025-12\"}")),
                     0);
    ck_assert_int_eq(access_at(list, 0)->grants[0].since, 202603);
    ck_assert_int_eq(access_at(list, 0)->grants[0].until, 202603);
    ck_assert_int_eq(access_at(list, 0)->grants[1].since, 0);
    ck_assert_int_eq(access_at(list, 0)->grants[1].until, 202512);
}
END_TEST

START_TEST(a_subscriber_may_be_called_like_a_channel)
{
    ck_assert_int_eq(parse(SUBSCRIBER("name: a, key: " KEY_B ", county: 360722, route: r")), 0);
}
END_TEST

START_TEST(names_end_at_their_limit)
{
    AUTO_BUF struct buf text = {0};
    char name[ACCESS_NAME_MAX + 2];

    memset(name, 'x', sizeof(name));
    name[ACCESS_NAME_MAX + 1] = '\0';
    buf_add_fmt(&text, "adapters: [{channel: %s, key: " KEY_A ", grants: [" GRANT "]}]\n",
                name + 1);
    ck_assert_int_eq(parse(buf_str(&text)), 0);
    access_free(STEAL(list));
    buf_clear(&text);
    buf_add_fmt(&text, "adapters: [{channel: %s, key: " KEY_A ", grants: [" GRANT "]}]\n", name);
    ck_assert_int_eq(parse(buf_str(&text)), -1);
}
END_TEST

START_TEST(the_example_is_good)
{
    AUTO_BUF struct buf path = {0};

    ck_assert_msg(getenv("QIANSHAO_SOURCE") != NULL, "run it with meson test");
    buf_add_fmt(&path, "%s/config/access.yaml", getenv("QIANSHAO_SOURCE"));
    if (access_load(buf_str(&path), &list, &problems, &err) != 0)
        ck_abort_msg("%s: %s", err.text, buf_str(&problems));
}
END_TEST

START_TEST(a_missing_file_is_an_error_and_never_an_empty_list)
{
    ck_assert_int_eq(access_load("/nowhere/a.yaml", &list, &problems, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
    ck_assert_str_eq(err.text, "/nowhere/a.yaml: no such file");
}
END_TEST

START_TEST(freeing_nothing_is_allowed)
{
    access_free(NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("access");
    TCase *tcase = tcase_create("access");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_key_leads_to_its_entry);
    tcase_add_test(tcase, grants_come_in_the_order_of_the_file);
    tcase_add_loop_test(tcase, a_key_sends_only_what_one_grant_gives_it, 0, UNIT_COUNT(sends));
    tcase_add_test(tcase, a_subscriber_takes_only_its_county_and_route);
    tcase_add_test(tcase, many_keys_are_all_found);
    tcase_add_loop_test(tcase, a_wrong_list_is_refused_with_every_reason, 0, UNIT_COUNT(refused));
    tcase_add_test(tcase, a_grant_may_say_from_when_until_when_it_is_expected);
    tcase_add_test(tcase, a_subscriber_may_be_called_like_a_channel);
    tcase_add_test(tcase, names_end_at_their_limit);
    tcase_add_test(tcase, the_example_is_good);
    tcase_add_test(tcase, a_missing_file_is_an_error_and_never_an_empty_list);
    tcase_add_test(tcase, freeing_nothing_is_allowed);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
