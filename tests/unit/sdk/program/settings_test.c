#include "sdk/program/settings.h"

#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#define KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static char dir[64], path[96];
static struct settings *settings;
static struct buf problems;
static struct err err;

static int
remove_one(const char *name, const struct stat *stat, int flag, struct FTW *walk)
{
    (void)stat;
    (void)flag;
    (void)walk;
    return remove(name);
}

static void
setup(void)
{
    (void)snprintf(dir, sizeof(dir), "/tmp/qianshao-settings-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/a.yaml", dir);
}

static void
teardown(void)
{
    settings_free(settings);
    settings = NULL;
    buf_done(&problems);
    ck_assert_int_eq(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void
put(const char *name, const char *text, mode_t mode)
{
    char file[128];
    int fd;

    (void)snprintf(file, sizeof(file), "%s/%s", dir, name);
    fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    (void)close(fd);
}

static int
load(const char *text)
{
    put("a.yaml", text, 0600);
    return settings_load(path, &settings, &problems, &err);
}

#define LEAST                                                                                      \
    "channel: insurance\n"                                                                         \
    "hub: {endpoint: 'tcp://127.0.0.1:1', key: '" KEY "'}\n"                                       \
    "key_file: own.key\n"                                                                          \
    "spool: {dir: ../spool}\n"

START_TEST(the_least_settings_take_presets_and_paths_from_the_files_place)
{
    char expected[128];

    ck_assert_msg(load(LEAST) == 0, "%s", buf_str(&problems));
    ck_assert_str_eq(settings->channel, "insurance");
    ck_assert_int_eq(settings->spool_max_mib, 8192);
    ck_assert_int_eq(settings->spool_retain_days, 35);
    ck_assert_int_eq(settings->reject_above_percent, 20);
    ck_assert_int_eq(settings->county, 0);
    ck_assert_ptr_null(settings->producer);
    ck_assert_ptr_null(settings->watch_dir);
    (void)snprintf(expected, sizeof(expected), "%s/../spool", dir);
    ck_assert_str_eq(settings->spool_dir, expected);
    (void)snprintf(expected, sizeof(expected), "%s/own.key", dir);
    ck_assert_str_eq(settings->key_file, expected);
}
END_TEST

START_TEST(every_option_is_read)
{
    ck_assert_msg(load(LEAST "county: 360722\n"
                             "producer: ybj\n"
                             "watch: {dir: /srv/drop}\n"
                             "reject_above_percent: 5\n"
                             "columns: {insurance.enrolment: {id_no: [身份证号码]}}\n"
                             "values: {insurance.enrolment: {scheme: {居民: '390'}}}\n") == 0,
                  "%s", buf_str(&problems));
    ck_assert_int_eq(settings->county, 360722);
    ck_assert_str_eq(settings->producer, "ybj");
    ck_assert_str_eq(settings->watch_dir, "/srv/drop");
    ck_assert_int_eq(settings->reject_above_percent, 5);
    ck_assert_int_eq(mapping_field(settings->mapping, record_find("insurance.enrolment"),
                                   "身份证号码", strlen("身份证号码")),
                     record_field_find(record_find("insurance.enrolment"), "id_no"));
}
END_TEST

/* A text behind the least settings, and what is said about it; %s is the file. */
static const struct {
    const char *text, *problem;
} wrong[] = {
    {LEAST "colour: red\n", "%s:5:1: unknown option 'colour'\n"},
    {LEAST "watch: {dir: a, colour: red}\n", "%s:5:17: unknown option 'watch.colour'\n"},
    {LEAST "watch: yes\n", "%s:5:8: watch: a map of options is expected\n"},
    {LEAST "county: 12\n", "%s:5:9: 12 is not between 110000 and 829999\n"},
    {LEAST "reject_above_percent: 101\n", "%s:5:23: 101 is not between 0 and 100\n"},
    {LEAST "producer: ''\n",
     "%s:5:11: producer: only letters, digits, _ and - are allowed, 63 at most\n"},
    {LEAST "producer: a b\n",
     "%s:5:11: producer: only letters, digits, _ and - are allowed, 63 at most\n"},
    {"channel: a/b\nhub: {endpoint: e, key: '" KEY "'}\nkey_file: k\nspool: {dir: s}\n",
     "%s:1:10: channel: only letters, digits, _ and - are allowed, 63 at most\n"},
    {"channel: a\nhub: {endpoint: e}\nkey_file: k\nspool: {dir: s}\n",
     "%s:1:1: give one of hub.key and hub.key_file\n"},
    {"channel: a\nhub: {endpoint: e, key: '" KEY "', key_file: f}\nkey_file: k\nspool: {dir: s}\n",
     "%s:1:1: give one of hub.key and hub.key_file\n"},
    {"channel: a\nhub: {endpoint: e, key: short}\nkey_file: k\nspool: {dir: s}\n",
     "%s:2:25: hub.key: a key of 40 characters is expected\n"},
    {"channel: a\nhub: {endpoint: e, key: '" KEY "'}\nspool: {dir: s}\n",
     "%s:1:1: 'key_file' is missing\n"},
    {"- a\n", "%s:1:1: a map of options is expected\n"},
};

START_TEST(a_problem_is_named_with_its_place)
{
    AUTO_BUF struct buf expected = {0};
    const char *at = strstr(wrong[_i].problem, "%s");

    buf_add_fmt(&expected, "%s%s", path, at + 2);
    ck_assert_int_eq(load(wrong[_i].text), -1);
    ck_assert_int_eq(err.code, ERR_CONFIG);
    ck_assert_str_eq(buf_str(&problems), buf_str(&expected));
}
END_TEST

START_TEST(all_problems_are_named_at_once)
{
    ck_assert_int_eq(load("colour: red\ncounty: 1\n"), -1);
    ck_assert_ptr_nonnull(strstr(buf_str(&problems), ":1:1: unknown option 'colour'\n"));
    ck_assert_ptr_nonnull(strstr(buf_str(&problems), ":2:9: 1 is not between"));
    ck_assert_ptr_nonnull(strstr(buf_str(&problems), ":1:1: 'channel' is missing\n"));
    ck_assert_ptr_nonnull(strstr(buf_str(&problems), ":1:1: 'spool.dir' is missing\n"));
}
END_TEST

START_TEST(a_mapping_that_is_wrong_is_named_too)
{
    ck_assert_int_eq(load(LEAST "columns: {insurance.other: {a: [b]}}\n"), -1);
    ck_assert_ptr_nonnull(strstr(buf_str(&problems), ":5:"));
}
END_TEST

START_TEST(a_file_that_is_not_there_is_missing)
{
    ck_assert_int_eq(settings_load("/nonexistent.yaml", &settings, &problems, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
}
END_TEST

START_TEST(keys_are_read_and_wiped)
{
    struct settings_keys keys;
    struct settings_keys zeros = {0};
    struct wire_keys made;
    char line[64];

    wire_keys_make(&made);
    (void)snprintf(line, sizeof(line), "%s\n", made.secret_key);
    put("own.key", line, 0600);
    ck_assert_int_eq(load(LEAST), 0);
    ck_assert_msg(settings_read_keys(settings, &keys, &err) == 0, "%s", err.text);
    ck_assert_str_eq(keys.server, KEY);
    ck_assert_str_eq(keys.own.secret_key, made.secret_key);
    ck_assert_str_eq(keys.own.public_key, made.public_key);
    settings_wipe(&keys);
    ck_assert_mem_eq(&keys, &zeros, sizeof(keys));
}
END_TEST

START_TEST(the_hubs_key_may_stand_in_a_file)
{
    struct settings_keys keys;
    struct wire_keys made;

    wire_keys_make(&made);
    put("own.key", made.secret_key, 0400);
    put("hub.pub", KEY "\r\n", 0644);
    ck_assert_msg(load("channel: a\nhub: {endpoint: e, key_file: hub.pub}\nkey_file: own.key\n"
                       "spool: {dir: s}\n") == 0,
                  "%s", buf_str(&problems));
    ck_assert_msg(settings_read_keys(settings, &keys, &err) == 0, "%s", err.text);
    ck_assert_str_eq(keys.server, KEY);
}
END_TEST

/* A key file's content and mode, and what is said about it. */
static const struct {
    const char *text;
    mode_t mode;
    const char *problem;
} bad_keys[] = {
    {NULL, 0, "cannot open: No such file or directory"},
    {KEY "\n", 0660, "others may read or change this secret"},
    {KEY "\n", 0604, "others may read or change this secret"},
    {"short\n", 0600, "not a CURVE key: want 40 characters of Z85"},
    {KEY KEY "\n", 0600, "not a CURVE key: want 40 characters of Z85"},
    {"", 0600, "not one line"},
};

START_TEST(a_bad_key_file_is_refused_and_never_quoted)
{
    AUTO_BUF struct buf expected = {0};
    struct settings_keys keys;

    if (bad_keys[_i].text != NULL)
        put("own.key", bad_keys[_i].text, bad_keys[_i].mode);
    ck_assert_int_eq(load(LEAST), 0);
    ck_assert_int_eq(settings_read_keys(settings, &keys, &err), -1);
    ck_assert_int_eq(err.code, bad_keys[_i].text == NULL ? ERR_MISSING : ERR_CONFIG);
    buf_add_fmt(&expected, "key_file: %s/own.key: %s", dir, bad_keys[_i].problem);
    ck_assert_str_eq(err.text, buf_str(&expected));
}
END_TEST

START_TEST(a_dry_run_needs_no_file)
{
    settings = settings_preset();
    ck_assert_int_eq(settings->reject_above_percent, 20);
    ck_assert_ptr_null(settings->mapping);
}
END_TEST

START_TEST(a_default_that_is_no_value_of_its_field_is_refused_at_its_place)
{
    ck_assert_int_eq(
        load(LEAST "defaults:\n"
                   "  insurance.enrolment: {scheme: 全民, aid_amount: 一百, insured_year: 2026}\n"),
        -1);
    ck_assert_ptr_nonnull(
        strstr(buf_str(&problems), "a.yaml:6:33: '全民' is no value of field scheme\n"));
    ck_assert_ptr_nonnull(
        strstr(buf_str(&problems), "a.yaml:6:49: '一百' is no value of field aid_amount\n"));
    ck_assert_ptr_null(strstr(buf_str(&problems), "insured_year"));
}
END_TEST

START_TEST(the_table_of_divisions_is_read_beside_the_settings)
{
    put("areas.tsv", "360799\t前山县\n", 0600);
    ck_assert_msg(load(LEAST "areas: areas.tsv\n") == 0, "%s", buf_str(&problems));
    ck_assert_ptr_nonnull(mapping_places(settings->mapping));
}
END_TEST

START_TEST(a_wrong_table_of_divisions_is_refused_with_both_places)
{
    put("areas.tsv", "360799\t前山县\n3607\t前山镇\n", 0600);
    ck_assert_int_eq(load(LEAST "areas: areas.tsv\n"), -1);
    ck_assert_ptr_nonnull(strstr(buf_str(&problems), "a.yaml:5:8: "));
    ck_assert_ptr_nonnull(
        strstr(buf_str(&problems), "areas.tsv:2: a code has 6, 9 or 12 digits\n"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("settings");
    TCase *tcase = tcase_create("settings");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_least_settings_take_presets_and_paths_from_the_files_place);
    tcase_add_test(tcase, every_option_is_read);
    tcase_add_loop_test(tcase, a_problem_is_named_with_its_place, 0, UNIT_COUNT(wrong));
    tcase_add_test(tcase, all_problems_are_named_at_once);
    tcase_add_test(tcase, a_mapping_that_is_wrong_is_named_too);
    tcase_add_test(tcase, a_file_that_is_not_there_is_missing);
    tcase_add_test(tcase, keys_are_read_and_wiped);
    tcase_add_test(tcase, the_hubs_key_may_stand_in_a_file);
    tcase_add_loop_test(tcase, a_bad_key_file_is_refused_and_never_quoted, 0, UNIT_COUNT(bad_keys));
    tcase_add_test(tcase, a_dry_run_needs_no_file);
    tcase_add_test(tcase, a_default_that_is_no_value_of_its_field_is_refused_at_its_place);
    tcase_add_test(tcase, the_table_of_divisions_is_read_beside_the_settings);
    tcase_add_test(tcase, a_wrong_table_of_divisions_is_refused_with_both_places);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
