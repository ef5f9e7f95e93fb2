/*
 * date — days, months and their text.
 *
 * A day is a count of days since 0000-03-01, so that every day of the feeds is
 * positive and 0 (DATE_NONE) means an empty column. Texts come from a table
 * that is filled once, because a county needs tens of millions of them.
 */
#ifndef DATE_H
#define DATE_H

#include <stdint.h>

#define DATE_NONE 0
#define DATE_LENGTH 10
/* Years whose texts the table holds. */
#define DATE_YEAR_FIRST 1890
#define DATE_YEAR_LAST 2110

struct date {
    int year;
    int month;
    int day;
};

/* Fill the table; call once before anything else here. */
void date_init(void);

/* Return the day of a date; the caller gives a real date. */
int32_t date_day(int year, int month, int day);

/* Return the date of a day within the table's years. */
struct date date_of(int32_t day);

/* Return "2026-01-05" for a day within the table's years; not terminated. */
const char *date_text(int32_t day);

/* Return the completed years at `day` of somebody born on `birth`. */
int date_age(int32_t birth, int32_t day);

#endif
