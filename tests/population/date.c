#include "date.h"

#include <assert.h>
#include <string.h>

#define DATE_DAYS ((DATE_YEAR_LAST - DATE_YEAR_FIRST + 1) * 366)

struct entry {
    char text[DATE_LENGTH];
    uint8_t month;
    uint8_t day;
    int16_t year;
};

static struct entry entries[DATE_DAYS];
static int32_t first;
static int32_t past;

/* Howard Hinnant's civil calendar algorithm: years begin on 1 March. */
int32_t
date_day(int year, int month, int day)
{
    int shifted = month <= 2 ? year - 1 : year;
    int era = shifted / 400;
    int of_era = shifted % 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year + 1;
}

static int
month_days(int year, int month)
{
    int next_year = month == 12 ? year + 1 : year;
    int next = month == 12 ? 1 : month + 1;

    return date_day(next_year, next, 1) - date_day(year, month, 1);
}

static void
put_digits(char *at, int value, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

static void
fill_month(struct entry **at, int year, int month)
{
    for (int day = 1; day <= month_days(year, month); day++) {
        struct entry *entry = (*at)++;

        put_digits(entry->text, year, 4);
        entry->text[4] = '-';
        put_digits(entry->text + 5, month, 2);
        entry->text[7] = '-';
        put_digits(entry->text + 8, day, 2);
        entry->year = (int16_t)year;
        entry->month = (uint8_t)month;
        entry->day = (uint8_t)day;
    }
}

void
date_init(void)
{
    struct entry *at = entries;

    for (int year = DATE_YEAR_FIRST; year <= DATE_YEAR_LAST; year++)
        for (int month = 1; month <= 12; month++)
            fill_month(&at, year, month);
    first = date_day(DATE_YEAR_FIRST, 1, 1);
    past = first + (int32_t)(at - entries);
}

static const struct entry *
entry_of(int32_t day)
{
    assert(day >= first && day < past);
    return &entries[day - first];
}

struct date
date_of(int32_t day)
{
    const struct entry *entry = entry_of(day);

    return (struct date){.year = entry->year, .month = entry->month, .day = entry->day};
}

const char *
date_text(int32_t day)
{
    return entry_of(day)->text;
}

int
date_age(int32_t birth, int32_t day)
{
    const struct entry *from = entry_of(birth);
    const struct entry *to = entry_of(day);
    int years = to->year - from->year;

    if (to->month < from->month || (to->month == from->month && to->day < from->day))
        years--;
    return years;
}
