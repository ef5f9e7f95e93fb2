#include "sdk/sheet/excel.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

#define EXCEL_1904 1462    /* days that the other calendar begins later */
#define EXCEL_1970 25569   /* serial number of 1970-01-01 */
#define EXCEL_LEAP 60      /* 1900-02-29, which never was */
#define EXCEL_LAST 2958465 /* 9999-12-31 */
#define EXCEL_EXACT 1e15   /* whole numbers below have all their digits */

/* Formats that every file has, those of Chinese editions among them (ECMA-376 18.8.30). */
static enum excel_format
excel_built_in(unsigned id)
{
    if (id == 17 || id == 27 || id == 36 || id == 50 || id == 52 || id == 57)
        return EXCEL_MONTH;
    if ((id >= 14 && id <= 16) || id == 22 || (id >= 28 && id <= 31) || id == 51 || id == 53 ||
        id == 54 || id == 58)
        return EXCEL_DATE;
    return EXCEL_PLAIN;
}

/* The format code behind a quoted text, a bracket or an escaped character. */
static const char *
excel_skip(const char *at)
{
    const char *end = NULL;

    if (*at == '"')
        end = strchr(at + 1, '"');
    else if (*at == '[')
        end = strchr(at + 1, ']');
    else if (*at == '\\' || *at == '_' || *at == '*')
        end = at[1] != '\0' ? at + 1 : NULL;
    else
        return at;
    return end == NULL ? at + strlen(at) : end + 1;
}

enum excel_format
excel_format(unsigned id, const char *code)
{
    bool year = false, day = false;

    if (code == NULL)
        return excel_built_in(id);
    if (strcasecmp(code, "General") == 0)
        return EXCEL_PLAIN;
    while (*code != '\0' && *code != ';') {
        const char *next = excel_skip(code);

        if (next != code) {
            code = next;
            continue;
        }
        year |= *code == 'y' || *code == 'Y' ||
                ((*code == 'e' || *code == 'E') && code[1] != '+' && code[1] != '-');
        day |= *code == 'd' || *code == 'D';
        code++;
    }
    return day ? EXCEL_DATE : year ? EXCEL_MONTH : EXCEL_PLAIN;
}

void
excel_number(double value, char ret_text[EXCEL_TEXT_BYTES])
{
    if (fabs(value) >= EXCEL_EXACT)
        (void)snprintf(ret_text, EXCEL_TEXT_BYTES, "%.14E", value);
    else
        (void)snprintf(ret_text, EXCEL_TEXT_BYTES, "%.15g", value == 0 ? 0 : value);
}

void
excel_date(double serial, enum excel_format format, bool from_1904, char ret_text[EXCEL_TEXT_BYTES])
{
    double day = floor(serial) + (from_1904 ? EXCEL_1904 : 0);
    char text[EXCEL_TEXT_BYTES];

    if (!(day >= 1 && day <= EXCEL_LAST) || day == EXCEL_LEAP) {
        excel_number(serial, ret_text);
        return;
    }
    clock_format_date((int32_t)day - EXCEL_1970 + (day < EXCEL_LEAP), text);
    if (format == EXCEL_MONTH)
        text[7] = '\0';
    (void)snprintf(ret_text, EXCEL_TEXT_BYTES, "%s", text);
}
