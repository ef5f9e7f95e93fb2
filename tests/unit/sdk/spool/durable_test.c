#include "sdk/spool/durable.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static char folder[64];
static struct err err;

static const char *
path(const char *name)
{
    static char text[256];

    (void)snprintf(text, sizeof(text), "%s/%s", folder, name);
    return text;
}

static void
leave(const char *name)
{
    int fd = open(path(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    (void)close(fd);
}

static bool
there(const char *name)
{
    return access(path(name), F_OK) == 0;
}

static void
setup(void)
{
    unit_folder(folder, sizeof(folder));
}

static void
teardown(void)
{
    static const char *const names[] = {"a.json", ".a.json.4194305.tmp", ".b.json.4194305.tmp",
                                        ".a.json.note", ".a.json.own.tmp"};

    for (int i = 0; i < UNIT_COUNT(names); i++)
        (void)unlink(path(names[i]));
    ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(a_file_is_replaced_whole_and_only_its_owner_reads_it)
{
    char text[8] = "";
    struct stat stat;
    FILE *file;

    ck_assert_int_eq(durable_replace_path(path("a.json"), "old", 3, &err), 0);
    ck_assert_int_eq(durable_replace_path(path("a.json"), "new", 3, &err), 0);
    file = fopen(path("a.json"), "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(text, 1, sizeof(text), file), 3);
    ck_assert_int_eq(fstat(fileno(file), &stat), 0);
    ck_assert_int_eq(stat.st_mode & 0777, 0600);
    (void)fclose(file);
    ck_assert_str_eq(text, "new");
}
END_TEST

START_TEST(what_a_dead_writer_of_the_name_left_is_removed)
{
    char own[64];

    (void)snprintf(own, sizeof(own), ".a.json.%ld.tmp", (long)getppid());
    leave(".a.json.4194305.tmp");
    leave(".b.json.4194305.tmp");
    leave(".a.json.note");
    leave(own);
    ck_assert_int_eq(durable_replace_path(path("a.json"), "x", 1, &err), 0);
    ck_assert(!there(".a.json.4194305.tmp"));
    ck_assert(there(".b.json.4194305.tmp")); /* another file's */
    ck_assert(there(".a.json.note"));
    ck_assert(there(own)); /* its writer lives */
    (void)unlink(path(own));
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_an_error)
{
    ck_assert_int_eq(durable_replace_path("/nowhere/a.json", "x", 1, &err), -1);
    ck_assert_int_eq(err.code, ERR_SYSTEM);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("durable");
    TCase *tcase = tcase_create("durable");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_file_is_replaced_whole_and_only_its_owner_reads_it);
    tcase_add_test(tcase, what_a_dead_writer_of_the_name_left_is_removed);
    tcase_add_test(tcase, a_folder_that_is_not_there_is_an_error);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
