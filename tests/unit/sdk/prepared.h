/*
 * prepared — a file of civil.dibao in a scratch folder, run through prepare and this program's sink.
 */
#ifndef PREPARED_H
#define PREPARED_H

#include "sdk/program/outlet.h"
#include "sdk/sheet.h"

#define HEADER "身份证号,姓名,低保证号,保障类别,月保障金额,起始日期,终止日期,单人保\n"
#define ID1 "36079919900101001X"

static struct prepare_options options;
static struct prepare_result result;
static struct err err;

static inline void
prepared_setup(void)
{
    sheet_setup();
    err = (struct err){0};
    result = (struct prepare_result){0};
    options = (struct prepare_options){
        .type = record_find("civil.dibao"),
        .producer = "minzheng",
        .county = 360722,
        .period = 202403,
        .reject_above_percent = 20,
        .today = SHEET_TODAY,
        .rejects = true,
    };
}

static inline void
prepared_teardown(void)
{
    prepare_result_done(&result);
    prepare_result_done(&result);
    sheet_teardown();
}

/* Check a file of this content; a dry run. */
static inline void
run(const char *text)
{
    prepare_result_done(&result);
    options.path = sheet_write("a.csv", text, strlen(text));
    ck_assert_int_eq(outlet_run(&options, NULL, &result, &err), 0);
}

/* The reject report of the last file, or NULL. */
static inline char *
report(void)
{
    char path[600];

    (void)snprintf(path, sizeof(path), "%s/a.csv.rejects.csv", sheet_dir);
    return sheet_read(path);
}

/* `count` good rows behind the header. */
static inline void
add_rows(struct buf *text, int from, int count)
{
    for (int i = from; i < from + count; i++) {
        char digits[2 * TEXT_ID_LEN];

        (void)snprintf(digits, sizeof(digits), "36079919%02d0101%03d", 40 + i / 1000 % 60,
                       i % 1000);
        buf_add_fmt(text, "%s,陈芳,D%d,A,100.01,2020-01-01,,否\n", sheet_id(digits), i);
    }
}

#endif
