#include "settings/config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

/* The least that is accepted; tests put lines before and behind it. */
#define NEEDED                                                                                     \
    "curve: {secret_file: hub.key}\n"                                                              \
    "access: {file: access.yaml}\n"                                                                \
    "store:\n"                                                                                     \
    "  conninfo: user=qs_ingest\n"                                                                 \
    "  match_conninfo: user=qs_match\n"                                                            \
    "  ops_conninfo: user=qs_ops\n"                                                                \
    "  subject_key_file: /keys/subject.key\n"
#define COUNTIES "counties: [{code: 360722, profile: xinfeng}]\n"

static struct config *config;
static struct buf problems;
static struct err err;

static void
setup(void)
{
    config = NULL;
    problems = (struct buf){0};
    err = (struct err){0};
}

static void
teardown(void)
{
    config_free(config);
    buf_done(&problems);
}

static int
parse(const char *text)
{
    return config_parse("/nowhere/c.yaml", text, strlen(text), &config, &problems, &err);
}

START_TEST(the_least_configuration_gets_every_default)
{
    if (parse(NEEDED COUNTIES) != 0)
        ck_abort_msg("%s", buf_str(&problems));
    ck_assert_str_eq(config->feeds_endpoint, "tcp://*:5710");
    ck_assert_str_eq(config->events_endpoint, "tcp://*:5711");
    ck_assert_str_eq(config->curve_secret_file, "/nowhere/hub.key");
    ck_assert_str_eq(config->access_file, "/nowhere/access.yaml");
    ck_assert_str_eq(config->store_conninfo, "user=qs_ingest");
    ck_assert_str_eq(config->store_match_conninfo, "user=qs_match");
    ck_assert_str_eq(config->store_ops_conninfo, "user=qs_ops");
    ck_assert_ptr_null(config->store_admin_conninfo);
    ck_assert_str_eq(config->store_reveal_role, "qs_reveal");
    ck_assert_str_eq(config->store_subject_key_file, "/keys/subject.key");
    ck_assert_int_eq(config->store_retain_months, 36);
    ck_assert_str_eq(config->rules_dir, "/nowhere/rules");
    ck_assert_str_eq(config->profiles_dir, "/nowhere/profiles");
    ck_assert_int_eq(config->limits_batch_bytes, 1048576);
    ck_assert_int_eq(config->limits_credit_bytes, 8388608);
    ck_assert_int_eq(config->session_ping_seconds, 5);
    ck_assert_int_eq(config->session_dead_seconds, 15);
    ck_assert_int_eq(config->judge_quiet_ms, 500);
    ck_assert_int_eq(config->judge_max_wait_ms, 30000);
    ck_assert_int_eq(config->judge_statement_timeout_ms, 600000);
    ck_assert_int_eq(config->judge_work_mem_mib, 64);
    ck_assert_int_eq(config->judge_temp_buffers_mib, 1024);
    ck_assert_int_eq(config->judge_workers, 2);
    ck_assert_int_eq(config->log_level, LOG_INFO);
    ck_assert_uint_eq(config->county_count, 1);
    ck_assert_uint_eq(config->counties[0].code, 360722);
    ck_assert_str_eq(config->counties[0].profile, "xinfeng");
}
END_TEST

START_TEST(a_county_is_found_by_its_code)
{
    ck_assert_int_eq(parse(NEEDED "counties:\n"
                                  "  - {code: 360722, profile: xinfeng}\n"
                                  "  - {code: \"411328\", profile: tanghe}\n"),
                     0);
    ck_assert_str_eq(config_county(config, 411328)->profile, "tanghe");
    ck_assert_ptr_null(config_county(config, 350582));
}
END_TEST

/* Text before the required options → everything that is said about it. */
static const struct {
    const char *text, *problems;
} refused[] = {
    {"feeds: {endpoint: tcp://*:1, endpiont: x}\n",
     "/nowhere/c.yaml:1:30: unknown option 'feeds.endpiont'\n"},
    {"feds: {endpoint: tcp://*:1}\n", "/nowhere/c.yaml:1:1: unknown option 'feds'\n"},
    {"feeds: tcp://*:1\n", "/nowhere/c.yaml:1:8: feeds: a map of options is expected\n"},
    {"feeds: {endpoint: [1]}\n", "/nowhere/c.yaml:1:19: a text is expected\n"},
    {"feeds: {endpoint: }\n", "/nowhere/c.yaml:1:19: a text is expected\n"},
    {"feeds: {endpoint: \"a\\tb\"}\n",
     "/nowhere/c.yaml:1:19: feeds.endpoint: control characters are not allowed\n"},
    {"feeds: {endpoint: \"a\\u0085b\"}\n",
     "/nowhere/c.yaml:1:19: feeds.endpoint: control characters are not allowed\n"},
    {"feeds: {endpoint: \"a\\u2028b\"}\n",
     "/nowhere/c.yaml:1:19: feeds.endpoint: control characters are not allowed\n"},
    {"feeds: {endpoint: udp://*:1}\n",
     "/nowhere/c.yaml:1:19: feeds.endpoint: tcp://ADDRESS:PORT or ipc://PATH is expected\n"},
    {"feeds: {endpoint: tcp://host}\n",
     "/nowhere/c.yaml:1:19: feeds.endpoint: tcp://ADDRESS:PORT or ipc://PATH is expected\n"},
    {"feeds: {endpoint: ipc://}\n",
     "/nowhere/c.yaml:1:19: feeds.endpoint: tcp://ADDRESS:PORT or ipc://PATH is expected\n"},
    {"rules: {dir: ''}\n", "/nowhere/c.yaml:1:14: rules.dir: a path is expected\n"},
    {"rules: {dir: credential:x}\n",
     "/nowhere/c.yaml:1:14: rules.dir: there is no such credential; see LoadCredential=\n"},
    {"judge: {workers: two}\n", "/nowhere/c.yaml:1:18: a whole number is expected\n"},
    {"judge: {workers: 0}\n", "/nowhere/c.yaml:1:18: 0 is not between 1 and 64\n"},
    {"judge: {workers: 65}\n", "/nowhere/c.yaml:1:18: 65 is not between 1 and 64\n"},
    {"limits: {batch_bytes: 65535}\n",
     "/nowhere/c.yaml:1:23: 65535 is not between 65536 and 1048576\n"},
    {"log: {level: loud}\n", "/nowhere/c.yaml:1:14: log.level: one of error, warn, notice, info, "
                             "debug is expected\n"},
    {"log: {level: [info]}\n", "/nowhere/c.yaml:1:14: log.level: one of error, warn, notice, info, "
                               "debug is expected\n"},
    {"session: {ping_seconds: 20}\n",
     "/nowhere/c.yaml:1:1: session.dead_seconds must be more than session.ping_seconds (20)\n"},
    {"session: {dead_seconds: 5}\n",
     "/nowhere/c.yaml:1:25: session.dead_seconds must be more than session.ping_seconds (5)\n"},
    {"ops: {endpoint: 'ipc:///run/qianshao'}\n", "/nowhere/c.yaml:1:1: unknown option 'ops'\n"},
    {"limits: {frame_bytes: 1310720}\n",
     "/nowhere/c.yaml:1:10: unknown option 'limits.frame_bytes'\n"},
    {"judge: {quiet_ms: 100, max_wait_ms: 99}\n",
     "/nowhere/c.yaml:1:37: judge.max_wait_ms must be at least judge.quiet_ms (100)\n"},
    {"judge: {max_wait_ms: x}\n", "/nowhere/c.yaml:1:22: a whole number is expected\n"},
    {"feeds: {endpoint: &a tcp://*:1}\n", "/nowhere/c.yaml:1:19: anchors are not allowed\n"},
};

START_TEST(a_wrong_value_is_named_with_its_place)
{
    AUTO_BUF struct buf text = {0};

    buf_add_fmt(&text, "%s%s", refused[_i].text, NEEDED COUNTIES);
    ck_assert_int_eq(parse(buf_str(&text)), -1);
    ck_assert_str_eq(buf_str(&problems), refused[_i].problems);
    ck_assert_int_eq(err.code, ERR_CONFIG);
    ck_assert_str_eq(err.text, "/nowhere/c.yaml: 1 problem");
    ck_assert_ptr_null(config);
}
END_TEST

static const struct {
    const char *text, *problems;
} counties[] = {
    {"", "/nowhere/c.yaml:1:1: 'counties' is missing\n"},
    {"counties: {}\n",
     "/nowhere/c.yaml:8:11: counties: a list of 1 to 4096 counties is expected\n"},
    {"counties: []\n",
     "/nowhere/c.yaml:8:11: counties: a list of 1 to 4096 counties is expected\n"},
    {"counties: [1]\n", "/nowhere/c.yaml:8:12: counties: a map of options is expected\n"},
    {"counties: [{code: 360722}]\n", "/nowhere/c.yaml:8:12: 'counties.profile' is missing\n"},
    {"counties: [{code: 3607, profile: a}]\n",
     "/nowhere/c.yaml:8:19: counties.code: six digits are expected\n"},
    {"counties: [{code: 036072, profile: a}]\n",
     "/nowhere/c.yaml:8:19: counties.code: six digits are expected\n"},
    {"counties: [{code: [], profile: a}]\n",
     "/nowhere/c.yaml:8:19: counties.code: six digits are expected\n"},
    {"counties: [{code: 360722, profile: ../a}]\n",
     "/nowhere/c.yaml:8:36: counties.profile: only a-z, 0-9, _ and - are allowed\n"},
    {"counties: [{code: 360722, profile: a, name: b}]\n",
     "/nowhere/c.yaml:8:39: unknown option 'counties.name'\n"},
    {"counties: [{code: 360722, profile: a}, {code: 360722, profile: b}]\n",
     "/nowhere/c.yaml:8:40: counties: 360722 appears twice\n"},
};

START_TEST(a_wrong_county_is_named_with_its_place)
{
    AUTO_BUF struct buf text = {0};

    buf_add_fmt(&text, "%s%s", NEEDED, counties[_i].text);
    ck_assert_int_eq(parse(buf_str(&text)), -1);
    ck_assert_str_eq(buf_str(&problems), counties[_i].problems);
}
END_TEST

START_TEST(all_problems_are_reported_at_once)
{
    ck_assert_int_eq(parse("feeds:\n  endpoint: x\n  speed: 9\nstore:\n  conninfo: user=a\n"), -1);
    ck_assert_str_eq(
        buf_str(&problems),
        "/nowhere/c.yaml:2:13: feeds.endpoint: tcp://ADDRESS:PORT or ipc://PATH is expected\n"
        "/nowhere/c.yaml:3:3: unknown option 'feeds.speed'\n"
        "/nowhere/c.yaml:1:1: 'curve.secret_file' is missing\n"
        "/nowhere/c.yaml:1:1: 'access.file' is missing\n"
        "/nowhere/c.yaml:5:3: 'store.match_conninfo' is missing\n"
        "/nowhere/c.yaml:5:3: 'store.ops_conninfo' is missing\n"
        "/nowhere/c.yaml:5:3: 'store.subject_key_file' is missing\n"
        "/nowhere/c.yaml:1:1: 'counties' is missing\n");
    ck_assert_str_eq(err.text, "/nowhere/c.yaml: 8 problems");
}
END_TEST

START_TEST(a_file_that_is_no_map_is_refused)
{
    ck_assert_int_eq(parse("- 1\n"), -1);
    ck_assert_str_eq(buf_str(&problems), "/nowhere/c.yaml:1:1: a map of options is expected\n");
}
END_TEST

static const struct {
    const char *conninfo;
    bool refused;
} conninfos[] = {
    {"dbname=qianshao user=qs_ingest passfile=/etc/qianshao/pgpass", false},
    {"postgresql:///qianshao?host=/run/postgresql", false},
    {"postgresql://qs_ingest@db:5432/qianshao", false},
    {"user=a host=b:c@d", false},
    {"user=a password=secret", true},
    {"user=a password = secret", true},
    {"user=a sslpassword=secret", true},
    {"postgresql://qs_ingest:secret@db/qianshao", true},
    {"postgres://qs_ingest:secret@db/qianshao", true},
    {"postgresql://db/qianshao?password=secret", true},
};

START_TEST(a_password_in_a_connection_string_is_refused)
{
    AUTO_BUF struct buf text = {0};

    buf_add_fmt(&text,
                "store: {conninfo: '%s', match_conninfo: user=b, ops_conninfo: user=c,"
                " subject_key_file: k}\ncurve: {secret_file: k}\naccess: {file: a}\n" COUNTIES,
                conninfos[_i].conninfo);
    ck_assert_int_eq(parse(buf_str(&text)), conninfos[_i].refused ? -1 : 0);
    ck_assert_str_eq(buf_str(&problems),
                     conninfos[_i].refused
                         ? "/nowhere/c.yaml:1:19: store.conninfo: a password does not belong here: "
                           "name a file with passfile=\n"
                         : "");
}
END_TEST

/* Print a configuration; the caller frees the text. */
static char *
print(const struct config *from)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    config_print(from, out);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

START_TEST(reading_what_was_printed_gives_the_same)
{
    AUTO(config_free) struct config *second = NULL;
    AUTO(free) char *first_text = NULL;
    AUTO(free) char *second_text = NULL;

    ck_assert_int_eq(parse("events: {endpoint: 'ipc:///run/\"a\\b\" 前哨'}\n"
                           "judge: {workers: 7}\nlog: {level: debug}\n" NEEDED
                           "counties: [{code: 360722, profile: a}, {code: 411328, profile: b}]\n"),
                     0);
    first_text = print(config);
    if (config_parse("/elsewhere/d.yaml", first_text, strlen(first_text), &second, &problems,
                     &err) != 0)
        ck_abort_msg("%s%s", buf_str(&problems), first_text);
    second_text = print(second);
    ck_assert_str_eq(first_text, second_text);
    ck_assert_str_eq(second->events_endpoint, "ipc:///run/\"a\\b\" 前哨");
    ck_assert_str_eq(second->curve_secret_file, "/nowhere/hub.key");
    ck_assert_int_eq(second->judge_workers, 7);
    ck_assert_int_eq(second->log_level, LOG_DEBUG);
    ck_assert_uint_eq(second->county_count, 2);
}
END_TEST

START_TEST(relative_paths_begin_at_the_folder_of_the_file)
{
    static const char text[] = NEEDED COUNTIES;
    char cwd[4096], expected[4200];

    ck_assert_ptr_nonnull(getcwd(cwd, sizeof(cwd)));
    snprintf(expected, sizeof(expected), "%s/hub.key", cwd);
    ck_assert_int_eq(config_parse("c.yaml", text, strlen(text), &config, &problems, &err), 0);
    ck_assert_str_eq(config->curve_secret_file, expected);
}
END_TEST

START_TEST(a_credential_is_where_systemd_put_it)
{
    setenv("CREDENTIALS_DIRECTORY", "/run/credentials/qianshaod.service", 1);
    ck_assert_int_eq(parse("rules: {dir: credential:r}\n" NEEDED COUNTIES), 0);
    ck_assert_str_eq(config->rules_dir, "/run/credentials/qianshaod.service/r");
}
END_TEST

START_TEST(a_missing_file_is_an_error_and_never_a_default)
{
    ck_assert_int_eq(config_load("/nowhere/c.yaml", &config, &problems, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
    ck_assert_str_eq(err.text, "/nowhere/c.yaml: no such file");
    ck_assert_uint_eq(problems.len, 0);
}
END_TEST

/* Return the path of a file of the source tree; the caller frees it. */
static char *
source_path(const char *name)
{
    AUTO_BUF struct buf path = {0};

    ck_assert_msg(getenv("QIANSHAO_SOURCE") != NULL, "run it with meson test");
    buf_add_fmt(&path, "%s/%s", getenv("QIANSHAO_SOURCE"), name);
    return mem_strdup(buf_str(&path));
}

static const char *const examples[] = {"config/minimal.yaml", "config/qianshaod.yaml"};

START_TEST(the_examples_are_good)
{
    AUTO(free) char *path = source_path(examples[_i]);

    setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
    if (config_load(path, &config, &problems, &err) != 0)
        ck_abort_msg("%s: %s", err.text, buf_str(&problems));
}
END_TEST

START_TEST(the_full_example_shows_the_defaults)
{
    AUTO(config_free) struct config *least = NULL;
    AUTO(free) char *path = source_path("config/qianshaod.yaml");
    static const char text[] = NEEDED COUNTIES;

    setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
    ck_assert_int_eq(config_load(path, &config, &problems, &err), 0);
    ck_assert_int_eq(config_parse(path, text, strlen(text), &least, &problems, &err), 0);

    /* The rest has no default, so the example shows something. */
#define TAKE(option) (free(least->option), least->option = mem_strdup(config->option))
    TAKE(store_conninfo);
    TAKE(store_match_conninfo);
    TAKE(store_ops_conninfo);
    TAKE(store_admin_conninfo);
    TAKE(store_subject_key_file);
#undef TAKE
    AUTO(free) char *shown = print(config);
    AUTO(free) char *defaults = print(least);
    ck_assert_str_eq(shown, defaults);
}
END_TEST

/* Read a whole file; the caller frees the text. */
static char *
read_text(const char *path)
{
    AUTO_BUF struct buf text = {0};
    FILE *in = fopen(path, "re");
    int c;

    ck_assert_msg(in != NULL, "cannot open %s", path);
    while ((c = fgetc(in)) != EOF)
        buf_add_u8(&text, (uint8_t)c);
    fclose(in);
    return mem_strdup(buf_str(&text));
}

START_TEST(the_option_reference_is_what_the_program_describes)
{
    static const char begin[] = "<!-- written by qianshaod --help-config; a test compares -->\n";
    AUTO(free) char *path = source_path("config/README.md");
    AUTO(free) char *readme = read_text(path);
    AUTO(free) char *described = NULL;
    char *from = strstr(readme, begin), *end;
    size_t len;
    FILE *out = open_memstream(&described, &len);

    config_describe(out);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_ptr_nonnull(from);
    from += strlen(begin);
    end = strstr(from, "<!-- end -->");
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    ck_assert_str_eq(from, described);
}
END_TEST

START_TEST(freeing_nothing_is_allowed)
{
    config_free(NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("config");
    TCase *tcase = tcase_create("config");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_least_configuration_gets_every_default);
    tcase_add_test(tcase, a_county_is_found_by_its_code);
    tcase_add_loop_test(tcase, a_wrong_value_is_named_with_its_place, 0, UNIT_COUNT(refused));
    tcase_add_loop_test(tcase, a_wrong_county_is_named_with_its_place, 0, UNIT_COUNT(counties));
    tcase_add_test(tcase, all_problems_are_reported_at_once);
    tcase_add_test(tcase, a_file_that_is_no_map_is_refused);
    tcase_add_loop_test(tcase, a_password_in_a_connection_string_is_refused, 0,
                        UNIT_COUNT(conninfos));
    tcase_add_test(tcase, reading_what_was_printed_gives_the_same);
    tcase_add_test(tcase, relative_paths_begin_at_the_folder_of_the_file);
    tcase_add_test(tcase, a_credential_is_where_systemd_put_it);
    tcase_add_test(tcase, a_missing_file_is_an_error_and_never_a_default);
    tcase_add_loop_test(tcase, the_examples_are_good, 0, UNIT_COUNT(examples));
    tcase_add_test(tcase, the_full_example_shows_the_defaults);
    tcase_add_test(tcase, the_option_reference_is_what_the_program_describes);
    tcase_add_test(tcase, freeing_nothing_is_allowed);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
