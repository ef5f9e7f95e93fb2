#include "base/secret.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static char path[] = "/tmp/qianshao-secret-XXXXXX";

static void
setup(void)
{
    int fd;

    memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void
teardown(void)
{
    unlink(path);
}

static void
write_file(const char *text, size_t len, mode_t mode)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
}

static const struct {
    const char *text;
    size_t len;
    mode_t mode;
    const char *secret, *error; /* one of them */
} files[] = {
    {"s3cret\n", 7, 0600, "s3cret", NULL},
    {"s3cret", 6, 0400, "s3cret", NULL},
    {"s3cret \r\n", 9, 0440, "s3cret", NULL},
    {"s3cret\n", 7, 0640, "s3cret", NULL},
    {"s3cret\n", 7, 0700, "s3cret", NULL},
    {"s3cret\n", 7, 0604, NULL, ": others may read or change this secret"},
    {"s3cret\n", 7, 0602, NULL, ": others may read or change this secret"},
    {"s3cret\n", 7, 0601, NULL, ": others may read or change this secret"},
    {"s3cret\n", 7, 0610, NULL, ": others may read or change this secret"},
    {"s3cret\n", 7, 0644, NULL, ": others may read or change this secret"},
    {"s3cret\n", 7, 0620, NULL, ": others may read or change this secret"},
    {"", 0, 0600, NULL, ": not one line"},
    {" \n", 2, 0600, NULL, ": not one line"},
    {"two\nlines\n", 10, 0600, NULL, ": not one line"},
    {"a\0b", 3, 0600, NULL, ": not one line"},
};

START_TEST(a_secret_is_one_line_that_others_cannot_read)
{
    char secret[SECRET_MAX], text[256];
    struct err err;

    write_file(files[_i].text, files[_i].len, files[_i].mode);
    if (files[_i].secret != NULL) {
        ck_assert_int_eq(secret_read(path, secret, &err), 0);
        ck_assert_str_eq(secret, files[_i].secret);
        return;
    }
    ck_assert_int_eq(secret_read(path, secret, &err), -1);
    snprintf(text, sizeof(text), "%s%s", path, files[_i].error);
    ck_assert_str_eq(err.text, text);
    ck_assert_int_eq(err.code, ERR_CONFIG);
}
END_TEST

START_TEST(whoever_must_mend_a_mode_is_told_how)
{
    char secret[SECRET_MAX] = "as before";
    struct err err;

    write_file("s3cret\n", 7, 0604);
    ck_assert_int_eq(secret_read(path, secret, &err), -1);
    ck_assert_str_eq(err.hint,
                     "chmod 0600 the file, and make a new secret if it may have been read");
    ck_assert_str_eq(secret, "as before");
}
END_TEST

START_TEST(a_public_key_may_be_read_by_everybody)
{
    char text[SECRET_MAX], said[256];
    struct err err;

    write_file("public\r\n", 8, 0666);
    ck_assert_int_eq(secret_read_public(path, text, &err), 0);
    ck_assert_str_eq(text, "public");
    write_file("two\nlines\n", 10, 0644);
    ck_assert_int_eq(secret_read_public(path, text, &err), -1);
    snprintf(said, sizeof(said), "%s: not one line", path);
    ck_assert_str_eq(err.text, said);
}
END_TEST

START_TEST(a_folder_is_no_secret)
{
    char secret[SECRET_MAX];
    struct err err;

    ck_assert_int_eq(secret_read("/tmp", secret, &err), -1);
    ck_assert_str_eq(err.text, "/tmp: not a regular file");
}
END_TEST

START_TEST(a_secret_too_long_is_refused)
{
    char secret[SECRET_MAX], text[SECRET_MAX];
    struct err err;

    memset(text, 'x', sizeof(text));
    write_file(text, sizeof(text), 0600);
    ck_assert_int_eq(secret_read(path, secret, &err), -1);
    write_file(text, sizeof(text) - 1, 0600);
    ck_assert_int_eq(secret_read(path, secret, &err), 0);
    ck_assert_uint_eq(strlen(secret), sizeof(text) - 1);
}
END_TEST

START_TEST(a_missing_secret_is_named)
{
    char secret[SECRET_MAX];
    struct err err;

    ck_assert_int_eq(secret_read("/nonexistent/key", secret, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
    ck_assert_str_eq(err.text, "/nonexistent/key: cannot open: No such file or directory");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("secret");
    TCase *tcase = tcase_create("secret");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_secret_is_one_line_that_others_cannot_read, 0, UNIT_COUNT(files));
    tcase_add_test(tcase, whoever_must_mend_a_mode_is_told_how);
    tcase_add_test(tcase, a_public_key_may_be_read_by_everybody);
    tcase_add_test(tcase, a_folder_is_no_secret);
    tcase_add_test(tcase, a_secret_too_long_is_refused);
    tcase_add_test(tcase, a_missing_secret_is_named);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
