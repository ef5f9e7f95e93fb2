#include "bureau/setup.h"

#include <sys/stat.h>

#include "bureau/noted.h"

#define KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define HUB "hub: {endpoint: 'tcp://127.0.0.1:1', key: '" KEY "'}\n"
#define REST "key_file: own.key\ncounty: 360722\ndir: ledger\n"

static struct setup *loaded;
static struct buf problems;
static struct err err;

static void
prepare(void)
{
    struct wire_keys keys;
    char path[128];

    noted_setup();
    loaded = NULL;
    wire_keys_make(&keys);
    noted_write("own.key", keys.secret_key, WIRE_KEY_LEN);
    noted_write("hub.pub", KEY "\n", WIRE_KEY_LEN + 1);
    (void)snprintf(path, sizeof(path), "%s/own.key", noted_dir);
    ck_assert_int_eq(chmod(path, 0600), 0);
}

static void
finish(void)
{
    setup_free(loaded);
    buf_done(&problems);
    noted_teardown();
}

static int
load(const char *text)
{
    char path[128];

    noted_write("a.yaml", text, strlen(text));
    (void)snprintf(path, sizeof(path), "%s/a.yaml", noted_dir);
    setup_free(STEAL(loaded));
    return setup_load(path, &loaded, &problems, &err);
}

START_TEST(paths_are_taken_from_the_files_directory_and_presets_filled_in)
{
    char path[128];

    ck_assert_int_eq(load(HUB REST), 0);
    ck_assert_str_eq(loaded->endpoint, "tcp://127.0.0.1:1");
    ck_assert_str_eq(loaded->server, KEY);
    ck_assert_int_eq(loaded->county, 360722);
    ck_assert_str_eq(loaded->route, "bureau");
    (void)snprintf(path, sizeof(path), "%s/ledger", noted_dir);
    ck_assert_str_eq(loaded->dir, path);
    ck_assert_int_eq(loaded->dead_seconds, 15);
    ck_assert_uint_eq(strlen(loaded->keys.public_key), WIRE_KEY_LEN);
}
END_TEST

START_TEST(the_hubs_key_may_come_from_a_file)
{
    ck_assert_int_eq(load("hub: {endpoint: 'tcp://h:1', key_file: hub.pub}\n" REST), 0);
    ck_assert_str_eq(loaded->server, KEY);
    ck_assert_ptr_null(loaded->hub_key);
}
END_TEST

START_TEST(printing_and_reading_again_changes_nothing)
{
    AUTO_BUF struct buf first = {0};
    AUTO_BUF struct buf second = {0};

    ck_assert_int_eq(load(HUB REST "ping_seconds: 3\nroute: township\n"), 0);
    setup_print(loaded, &first);
    ck_assert_int_eq(load(buf_str(&first)), 0);
    setup_print(loaded, &second);
    ck_assert_str_eq(buf_str(&first), buf_str(&second));
    ck_assert_ptr_null(strstr(buf_str(&first), loaded->keys.secret_key));
}
END_TEST

/* Problems stand behind the file's name, one a line. */
static const struct {
    const char *text, *problems[4];
} wrong[] = {
    {"[]\n", {":1:1: a map of options is expected\n"}},
    {HUB "key_file: own.key\n", {":1:1: 'county' is missing\n", ":1:1: 'dir' is missing\n"}},
    {HUB REST "rout: x\n", {":5:1: unknown option 'rout'\n"}},
    {HUB "key_file: own.key\ncounty: 36072\ndir: l\n", {":3:9: "}},
    {HUB REST "route: A/b\n", {":5:8: route: not the name of a route\n"}},
    {HUB REST "ping_seconds: 9\ndead_seconds: 9\n",
     {":1:1: dead_seconds must be more than ping_seconds\n"}},
    {"hub: {endpoint: 'tcp://h:1'}\n" REST, {":1:1: give one of hub.key and hub.key_file\n"}},
    {"hub: {endpoint: 'tcp://h:1', key: short}\n" REST,
     {":1:35: hub.key: a key of 40 characters is expected\n"}},
    {HUB "key_file: none.key\ncounty: 360722\ndir: l\n",
     {":2:11: ", "/none.key: cannot open: No such file or directory\n"}},
};

START_TEST(everything_wrong_is_told_with_its_place)
{
    ck_assert_int_eq(load(wrong[_i].text), -1);
    ck_assert_int_eq(err.code, ERR_CONFIG);
    for (const char *const *problem = wrong[_i].problems; *problem != NULL; problem++)
        ck_assert_msg(strstr(buf_str(&problems), *problem) != NULL, "%s", buf_str(&problems));
}
END_TEST

START_TEST(a_secret_key_that_others_can_read_is_refused)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/own.key", noted_dir);
    ck_assert_int_eq(chmod(path, 0660), 0);
    ck_assert_int_eq(load(HUB REST), -1);
    ck_assert_ptr_nonnull(
        strstr(buf_str(&problems), "/own.key: others may read or change this secret\n"));
}
END_TEST

START_TEST(a_missing_file_is_missing)
{
    ck_assert_int_eq(setup_load("/nonexistent.yaml", &loaded, &problems, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("setup");
    TCase *tcase = tcase_create("setup");

    tcase_add_checked_fixture(tcase, prepare, finish);
    tcase_add_test(tcase, paths_are_taken_from_the_files_directory_and_presets_filled_in);
    tcase_add_test(tcase, the_hubs_key_may_come_from_a_file);
    tcase_add_test(tcase, printing_and_reading_again_changes_nothing);
    tcase_add_loop_test(tcase, everything_wrong_is_told_with_its_place, 0, UNIT_COUNT(wrong));
    tcase_add_test(tcase, a_secret_key_that_others_can_read_is_refused);
    tcase_add_test(tcase, a_missing_file_is_missing);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
