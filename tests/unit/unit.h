/*
 * unit — the main function every unit test shares.
 */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define UNIT_COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Run one suite of one test case; returns what main returns. Frees the suite. */
static inline int
unit_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Make a scratch folder in memory where that is possible: fsync costs nothing there, and a kill of
   the machine is not what unit tests are about. The caller removes it. */
static inline void
unit_folder(char *ret_path, size_t size)
{
    (void)snprintf(ret_path, size, "%s/qianshao-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(ret_path));
}

#endif
