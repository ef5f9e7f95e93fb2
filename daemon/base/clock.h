/*
 * clock — time and calendar dates.
 *
 * A date is a number of days since 1970-01-01; a month is an integer YYYYMM.
 * "Today" is the date in Asia/Shanghai (UTC+8, no summer time), as feeds.md
 * orders. The environment variable QIANSHAO_TODAY=YYYY-MM-DD sets today for
 * tests.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_DATE_MIN (-25567)                  /* 1900-01-01 */
#define CLOCK_TIME_MAX INT64_C(7258089599999999) /* µs; the end of 2199-12-31 in Asia/Shanghai */

/* Milliseconds of the monotonic clock; never goes back. */
int64_t clock_mono_ms(void);

/* Microseconds since 1970-01-01 UTC. */
int64_t clock_now_us(void);

/* Today in Asia/Shanghai; ends the process when QIANSHAO_TODAY is set and no date. */
int32_t clock_today(void);

/* Write "YYYY-MM-DDTHH:MM:SS+08:00" for a time in microseconds since 1970, 0 to CLOCK_TIME_MAX. */
void clock_format_time(int64_t us, char ret_text[32]);

/* Days for a civil date of the years 1 to 9999; returns false when there is no such day. */
bool clock_date(int year, int month, int day, int32_t *ret_date);

/*
 * Parse the whole text as a day in one of the forms that feeds.md names: 2026-03-01, 2026/3/1,
 * 2026.3.1, 2026年3月1日, 20260301, or a spreadsheet's day number from 20000 to 60000.
 */
bool clock_parse_date(const char *text, size_t len, int32_t *ret_date);

/* Split a date. */
void clock_civil(int32_t date, int *ret_year, int *ret_month, int *ret_day);

#define CLOCK_DATE_TEXT 11 /* with the NUL */

/* Write "YYYY-MM-DD"; of a month (YYYYMM) its first day, as the database keeps months. */
void clock_format_date(int32_t date, char ret_text[CLOCK_DATE_TEXT]);
void clock_format_first(int32_t month, char ret_text[CLOCK_DATE_TEXT]);

/* Return whether YYYYMM is a month between 1900-01 and 2199-12. */
bool clock_month_valid(int32_t month);

/* Parse "YYYY-MM" (the whole text); returns false when it is no month. */
bool clock_parse_month(const char *text, int32_t *ret_month);

/* Write "YYYY-MM". */
void clock_format_month(int32_t month, char ret_text[8]);

/* Month plus `count` months, which may be negative. */
int32_t clock_month_add(int32_t month, int count);

/* Months from `from` to `to`; negative when `to` is earlier. */
int clock_month_between(int32_t from, int32_t to);

/* First and last day of a month, and the month of a date. */
int32_t clock_month_first(int32_t month);
int32_t clock_month_last(int32_t month);
int32_t clock_month_of(int32_t date);

#endif
