#include "base/refusal.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Code words never change: agencies' scripts and the hub's receipts use them. */
static const char *const refusal_codes[] = {
    "argument",       /* an option is wrong or missing */
    "file_name",      /* neither an option nor the name says the period */
    "side_file",      /* the side file is wrong */
    "other_sector",   /* a record type that another adapter sends */
    "encoding",       /* text in no known encoding */
    "spreadsheet",    /* an Excel workbook that cannot be read */
    "archive",        /* a .zip or another archive, not a table */
    "sheets",         /* visible sheets hold more of the list and were not read */
    "size_limit",     /* a workbook that unpacks to an absurd size */
    "nul_byte",       /* a NUL byte in the text */
    "quote",          /* quotes that do not pair */
    "line_length",    /* a row over SOURCE_LINE_MAX */
    "columns_limit",  /* a row of more than SOURCE_CELLS_MAX cells */
    "rows_limit",     /* more rows than a submission may have */
    "empty",          /* no data rows, and not a nil report */
    "type_unknown",   /* no record type has these columns */
    "column_missing", /* a required column is not there */
    "column_twice",   /* two columns of one name */
    "split_column",   /* the column that tells a row's county is not there or no such column */
    "unit",           /* sums of money in another unit than yuan */
    "report_kind",    /* a reject report that is not sent as a correction */
    "removal",        /* 删除 in a file that is no delta */
    "operation",      /* 操作 holds something else than 新增 or 删除 */
    "period",         /* the period is no month */
    "future_period",  /* the period lies in the future */
    "nil_roster",     /* nothing to report, for a roster */
    "nil_correction", /* a correction that corrects nothing */
    "nil_content",    /* a nil report with rows */
    "event_dates",    /* most events are of other months */
    "too_many_bad",   /* more unusable rows than reject_above */
    "column_damaged", /* numbers that a spreadsheet rounded */
    "other_county",   /* more rows of other counties than reject_above */
};

bool
refusal_known(const char *code)
{
    for (size_t i = 0; i < sizeof(refusal_codes) / sizeof(refusal_codes[0]); i++)
        if (strcmp(refusal_codes[i], code) == 0)
            return true;
    return false;
}

/* A cut text must still be UTF-8: it goes into JSON. */
static void
refusal_trim(char *text)
{
    size_t len = strlen(text), start = len;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xc0) {
        unsigned char lead = (unsigned char)text[start - 1];
        size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

        if (len - (start - 1) < want)
            text[start - 1] = '\0';
    }
}

void
refusal_set(struct refusal *refusal, const char *code, const char *zh, const char *en, ...)
{
    va_list args;

    assert(refusal_known(code));
    if (refusal->code != NULL)
        return;
    refusal->code = code;
    va_start(args, en);
    (void)vsnprintf(refusal->zh, sizeof(refusal->zh), zh, args);
    va_end(args);
    va_start(args, en);
    (void)vsnprintf(refusal->en, sizeof(refusal->en), en, args);
    va_end(args);
    refusal_trim(refusal->zh);
    refusal_trim(refusal->en);
}
