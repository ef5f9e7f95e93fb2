#include "sdk/sheet/excel.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

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

/* Whether a format shows a unit that it does not scale by: 0.00"万元", but not 0!.0000"万元" or 0,"千元". */
static enum excel_format
excel_unit(const char *code)
{
    bool scaled = strstr(code, "!.") != NULL || strstr(code, "\\.") != NULL;

    for (const char *comma = strchr(code, ','); comma != NULL; comma = strchr(comma + 1, ','))
        scaled = scaled || (comma > code && (comma[-1] == '0' || comma[-1] == '#') &&
                            comma[1] != '0' && comma[1] != '#');
    if (scaled)
        return EXCEL_PLAIN;
    return strstr(code, "万") != NULL     ? EXCEL_TEN_THOUSAND
           : strstr(code, "千元") != NULL ? EXCEL_THOUSAND
                                          : EXCEL_PLAIN;
}

enum excel_format
excel_format(unsigned id, const char *code)
{
    bool year = false, day = false;
    const char *start = code;
    size_t zeros;

    if (code == NULL)
        return excel_built_in(id);
    if (strcasecmp(code, "General") == 0)
        return EXCEL_PLAIN;
    zeros = strspn(code, "0");
    if (zeros > 1 && zeros < EXCEL_ZEROS_MAX && (code[zeros] == '\0' || code[zeros] == ';'))
        return (enum excel_format)(EXCEL_ZEROS + (unsigned)zeros);
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
    return day ? EXCEL_DATE : year ? EXCEL_MONTH : excel_unit(start);
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

void
excel_show(double value, unsigned format, char ret_text[EXCEL_TEXT_BYTES])
{
    char number[EXCEL_TEXT_BYTES];

    excel_number(value, number);
    if (format >= EXCEL_ZEROS && value >= 0 && value < EXCEL_EXACT && value == floor(value))
        (void)snprintf(ret_text, EXCEL_TEXT_BYTES, "%0*.0f", (int)(format - EXCEL_ZEROS), value);
    else
        (void)snprintf(ret_text, EXCEL_TEXT_BYTES, "%.24s%s", number,
                       format == EXCEL_TEN_THOUSAND ? "万元"
                       : format == EXCEL_THOUSAND   ? "千元"
                                                    : "");
}

/* The value of four hexadecimal digits, or -1. */
static int
excel_hex(const char *at)
{
    int value = 0;

    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Write a character of the first plane as UTF-8; a control or half of a pair becomes a blank. */
static size_t
excel_put(int c, char *to)
{
    if (c < ' ' || c == 0x7f || (c >= 0xd800 && c <= 0xdfff) || c >= 0xfffe)
        c = ' ';
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | c >> 12);
    to[1] = (char)(0x80 | (c >> 6 & 0x3f));
    to[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

size_t
excel_unescape(char *text, size_t len)
{
    size_t kept = 0;

    for (size_t i = 0; i < len;) {
        int c = len - i >= 7 && text[i] == '_' && text[i + 1] == 'x' && text[i + 6] == '_'
                    ? excel_hex(text + i + 2)
                    : -1;

        if (c < 0) {
            text[kept++] = text[i++];
            continue;
        }
        kept += excel_put(c, text + kept);
        i += 7;
    }
    return kept;
}
