/*
 * unit — the main function every unit test shares.
 */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>
#include <stdlib.h>

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

#endif
