/*
 * excel — how a spreadsheet keeps numbers and dates, as the text a clerk sees.
 *
 * Pure. xlsx and xls share it.
 */
#ifndef EXCEL_H
#define EXCEL_H

#include <stdbool.h>
#include <stddef.h>

#define EXCEL_TEXT_BYTES 40 /* of a number or date as text */

/* Whether the format of a cell shows its number as a number, a day or a month. */
enum excel_format { EXCEL_PLAIN, EXCEL_DATE, EXCEL_MONTH };

/* Tell a format by its number; `code` is the text of a format of the file's own, or NULL. */
enum excel_format excel_format(unsigned id, const char *code);

/*
 * Write a number as its cell shows it at full width: at most 15 digits, because
 * a spreadsheet has no more, and from 10^15 on as 3.50801199001010E+17, so that
 * a citizen number that was taken for a quantity is never mistaken for one.
 */
void excel_number(double value, char ret_text[EXCEL_TEXT_BYTES]);

/*
 * Write a day's serial number as YYYY-MM-DD, or YYYY-MM for EXCEL_MONTH; the time
 * of day is dropped. What is no day between 1900 and 9999 is written as a number.
 */
void excel_date(double serial, enum excel_format format, bool from_1904,
                char ret_text[EXCEL_TEXT_BYTES]);

#endif
