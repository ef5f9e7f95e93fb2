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
#define EXCEL_1904 1462     /* days that the other calendar begins later */

/* What the format of a cell makes of its number. Behind EXCEL_ZEROS: filled with zeros to so many
   digits. */
enum excel_format {
    EXCEL_PLAIN,
    EXCEL_DATE,
    EXCEL_MONTH,
    EXCEL_TEN_THOUSAND, /* shown with 万元 behind it, and not scaled: it counts these */
    EXCEL_THOUSAND,     /* likewise 千元 */
    EXCEL_ZEROS
};
#define EXCEL_ZEROS_MAX 32

/* Tell a format by its number; `code` is the text of a format of the file's own, or NULL. */
enum excel_format excel_format(unsigned id, const char *code);

/*
 * Write a number as its cell shows it at full width: at most 15 digits, because
 * a spreadsheet has no more, and from 10^15 on as 3.50801199001010E+17, so that
 * a citizen number that was taken for a quantity is never mistaken for one.
 */
void excel_number(double value, char ret_text[EXCEL_TEXT_BYTES]);

/* Write what a format that is no date shows of a number. */
void excel_show(double value, unsigned format, char ret_text[EXCEL_TEXT_BYTES]);

/* Decode _xHHHH_ as Excel writes characters that XML cannot hold, in place; returns the new length. */
size_t excel_unescape(char *text, size_t len);

/*
 * Write a day's serial number as YYYY-MM-DD, or YYYY-MM for EXCEL_MONTH; the time
 * of day is dropped. What is no day between 1900 and 9999 is written as a number.
 */
void excel_date(double serial, enum excel_format format, bool from_1904,
                char ret_text[EXCEL_TEXT_BYTES]);

#endif
