#include "base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLOCK_SHANGHAI_S (8 * 3600) /* no summer time since 1991 */
#define CLOCK_DAY_S 86400
#define CLOCK_YEAR_MAX 9999
#define CLOCK_SERIAL_MIN 20000 /* 1954, as a spreadsheet counts days */
#define CLOCK_SERIAL_MAX 60000
#define CLOCK_SERIAL_1970 25569

int64_t
clock_mono_ms(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        abort();
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_now_us(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        abort();
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t
clock_floor(int64_t value, int64_t unit)
{
    return value / unit - (value % unit < 0);
}

/* Parse `count` digits; returns -1 when one is none. */
static int
clock_digits(const char *text, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* Write `value` as exactly `count` digits. */
static void
clock_put(char *text, int value, int count)
{
    while (count-- > 0) {
        text[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

int32_t
clock_today(void)
{
    const char *fixed = getenv("QIANSHAO_TODAY");
    int32_t date;

    if (fixed == NULL)
        return (int32_t)clock_floor(clock_now_us() / 1000000 + CLOCK_SHANGHAI_S, CLOCK_DAY_S);
    if (strlen(fixed) == 10 && fixed[4] == '-' && fixed[7] == '-' &&
        clock_date(clock_digits(fixed, 4), clock_digits(fixed + 5, 2), clock_digits(fixed + 8, 2),
                   &date))
        return date;
    (void)fputs("<3>QIANSHAO_TODAY is no date of the form YYYY-MM-DD\n", stderr);
    abort();
}

void
clock_format_time(int64_t us, char ret_text[32])
{
    int64_t seconds = clock_floor(us, 1000000) + CLOCK_SHANGHAI_S;
    int64_t days = clock_floor(seconds, CLOCK_DAY_S);
    int rest = (int)(seconds - days * CLOCK_DAY_S);

    clock_format_date((int32_t)days, ret_text);
    ret_text[10] = 'T';
    clock_put(ret_text + 11, rest / 3600, 2);
    ret_text[13] = ':';
    clock_put(ret_text + 14, rest / 60 % 60, 2);
    ret_text[16] = ':';
    clock_put(ret_text + 17, rest % 60, 2);
    memcpy(ret_text + 19, "+08:00", 7);
}

bool
clock_date(int year, int month, int day, int32_t *ret_date)
{
    static const uint8_t lengths[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap;

    if (year < 1 || year > CLOCK_YEAR_MAX || month < 1 || month > 12 || day < 1)
        return false;
    leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > lengths[month] + (leap && month == 2))
        return false;

    /* Years that begin in March put the leap day last: 719468 days from 0000-03-01 to 1970. */
    int y = year - (month <= 2), shifted = (month + 9) % 12;
    *ret_date = y * 365 + y / 4 - y / 100 + y / 400 + (153 * shifted + 2) / 5 + day - 1 - 719468;
    return true;
}

/* One or two digits and the mark behind them, at `*at`. */
static bool
clock_part(const char **at, const char *end, const char *mark, int *ret_value)
{
    int digits = 0, value = 0;

    for (; *at < end && digits < 2 && **at >= '0' && **at <= '9'; ++*at, digits++)
        value = value * 10 + (**at - '0');
    if (digits == 0 || (size_t)(end - *at) < strlen(mark) || memcmp(*at, mark, strlen(mark)) != 0)
        return false;
    *at += strlen(mark);
    *ret_value = value;
    return true;
}

bool
clock_parse_date(const char *text, size_t len, int32_t *ret_date)
{
    static const struct {
        const char *year, *month, *day; /* what stands behind each */
    } forms[] = {{"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}, {"年", "月", "日"}};
    const char *end = text + len;
    size_t digits = 0;
    int year, month, day;

    while (digits < len && digits < 9 && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    if (digits == len && len == 8)
        return clock_date(clock_digits(text, 4), clock_digits(text + 4, 2),
                          clock_digits(text + 6, 2), ret_date);
    if (digits == len && len == 5) {
        *ret_date = clock_digits(text, 5) - CLOCK_SERIAL_1970;
        return clock_digits(text, 5) >= CLOCK_SERIAL_MIN &&
               clock_digits(text, 5) <= CLOCK_SERIAL_MAX;
    }
    if (digits != 4)
        return false;
    year = clock_digits(text, 4);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const char *at = text + 4 + strlen(forms[i].year);

        if (len > strlen(forms[i].year) + 4 &&
            memcmp(text + 4, forms[i].year, strlen(forms[i].year)) == 0)
            return clock_part(&at, end, forms[i].month, &month) &&
                   clock_part(&at, end, forms[i].day, &day) && at == end &&
                   clock_date(year, month, day, ret_date);
    }
    return false;
}

void
clock_civil(int32_t date, int *ret_year, int *ret_month, int *ret_day)
{
    int32_t days = date + 719468, era, doe, yoe, doy, shifted;

    assert(days >= 0);
    era = days / 146097;
    doe = days % 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    shifted = (5 * doy + 2) / 153;
    *ret_day = doy - (153 * shifted + 2) / 5 + 1;
    *ret_month = shifted < 10 ? shifted + 3 : shifted - 9;
    *ret_year = yoe + era * 400 + (*ret_month <= 2);
}

void
clock_format_date(int32_t date, char ret_text[CLOCK_DATE_TEXT])
{
    int year, month, day;

    clock_civil(date, &year, &month, &day);
    assert(year <= CLOCK_YEAR_MAX);
    clock_put(ret_text, year, 4);
    ret_text[4] = '-';
    clock_put(ret_text + 5, month, 2);
    ret_text[7] = '-';
    clock_put(ret_text + 8, day, 2);
    ret_text[10] = '\0';
}

void
clock_format_first(int32_t month, char ret_text[CLOCK_DATE_TEXT])
{
    clock_format_date(clock_month_first(month), ret_text);
}

bool
clock_month_valid(int32_t month)
{
    return month >= 190001 && month <= 219912 && month % 100 >= 1 && month % 100 <= 12;
}

bool
clock_parse_month(const char *text, int32_t *ret_month)
{
    int32_t month;

    if (strlen(text) != 7 || text[4] != '-')
        return false;
    int year = clock_digits(text, 4), number = clock_digits(text + 5, 2);
    if (year < 0 || number < 0)
        return false;
    month = year * 100 + number;
    if (!clock_month_valid(month))
        return false;
    *ret_month = month;
    return true;
}

void
clock_format_month(int32_t month, char ret_text[8])
{
    assert(clock_month_valid(month));
    clock_put(ret_text, month / 100, 4);
    ret_text[4] = '-';
    clock_put(ret_text + 5, month % 100, 2);
    ret_text[7] = '\0';
}

/* Months since year 0, on which arithmetic is plain. */
static int32_t
clock_month_index(int32_t month)
{
    return month / 100 * 12 + month % 100 - 1;
}

int32_t
clock_month_add(int32_t month, int count)
{
    int32_t index = clock_month_index(month) + count;

    return index / 12 * 100 + index % 12 + 1;
}

int
clock_month_between(int32_t from, int32_t to)
{
    return clock_month_index(to) - clock_month_index(from);
}

int32_t
clock_month_first(int32_t month)
{
    int32_t date;
    bool exists = clock_date(month / 100, month % 100, 1, &date);

    assert(exists);
    return date;
}

int32_t
clock_month_last(int32_t month)
{
    return clock_month_first(clock_month_add(month, 1)) - 1;
}

int32_t
clock_month_of(int32_t date)
{
    int year, month, day;

    clock_civil(date, &year, &month, &day);
    return year * 100 + month;
}
