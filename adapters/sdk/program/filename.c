#include "sdk/program/filename.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "sdk/prepare/title.h"

#define FILENAME_REJECTS ".rejects"
#define FILENAME_COUNTY 6
#define FILENAME_REVISION_DIGITS 6

/* One part between two dots. */
struct filename_part {
    const char *text;
    size_t len;
};

static const char *
filename_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

static bool
filename_drop(const char *text, size_t *len, const char *suffix)
{
    size_t suffix_len = strlen(suffix);

    if (*len < suffix_len || strncasecmp(text + *len - suffix_len, suffix, suffix_len) != 0)
        return false;
    *len -= suffix_len;
    return true;
}

static bool
filename_drop_ending(const char *text, size_t *len)
{
    static const char *const endings[] = {".csv", ".xlsx", ".xls", ".tsv", ".txt"};

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (filename_drop(text, len, endings[i]))
            return true;
    return false;
}

/* Drop ".rejects.csv" or ".rejects.2.xlsx"; whether it was there. */
static bool
filename_drop_rejects(const char *text, size_t *len)
{
    size_t left = *len, digits;

    if (!filename_drop_ending(text, &left))
        return false;
    digits = left;
    while (digits > 0 && isdigit((unsigned char)text[digits - 1]))
        digits--;
    if (digits < left && digits > 0 && text[digits - 1] == '.')
        left = digits - 1;
    if (!filename_drop(text, &left, FILENAME_REJECTS))
        return false;
    *len = left;
    return true;
}

/* Drop ".360799", which stands behind the name of a file that was split. */
static void
filename_drop_county(const char *text, size_t *len, uint32_t *ret_county)
{
    uint32_t county = 0;
    size_t start = *len - FILENAME_COUNTY;

    if (*len <= FILENAME_COUNTY + 1 || text[start - 1] != '.')
        return;
    for (size_t i = start; i < *len; i++) {
        if (!isdigit((unsigned char)text[i]))
            return;
        county = county * 10 + (uint32_t)(text[i] - '0');
    }
    *ret_county = county;
    *len = start - 1;
}

static bool
filename_drop_any(const char *text, size_t *len, const char *const *suffixes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (filename_drop(text, len, suffixes[i]))
            return true;
    return false;
}

/* Drop the number of a copy, " (1)" or "（1）". */
static bool
filename_drop_number(const char *text, size_t *len)
{
    static const char *const closing[] = {")", "）"}, *const opening[] = {" (", "(", "（"};
    size_t left = *len, digits;

    if (!filename_drop_any(text, &left, closing, sizeof(closing) / sizeof(closing[0])))
        return false;
    digits = left;
    while (digits > 0 && isdigit((unsigned char)text[digits - 1]))
        digits--;
    if (digits == left)
        return false;
    left = digits;
    if (!filename_drop_any(text, &left, opening, sizeof(opening) / sizeof(opening[0])))
        return false;
    *len = left;
    return true;
}

/* Drop what browsers and file managers put behind the name of a copy. */
static void
filename_drop_copy(const char *text, size_t *len)
{
    static const char *const marks[] = {" - 副本", "-副本", " 副本", "副本", " - Copy", " copy"};

    while (filename_drop_number(text, len) ||
           filename_drop_any(text, len, marks, sizeof(marks) / sizeof(marks[0])))
        continue;
}

size_t
filename_rejects(const char *path)
{
    size_t len = strlen(path);

    return filename_drop_rejects(path, &len) ? len : 0;
}

/* The next part of `rest`, which moves behind it; an empty part when nothing is left. */
static struct filename_part
filename_next(struct filename_part *rest)
{
    const char *dot = rest->len > 0 ? memchr(rest->text, '.', rest->len) : NULL;
    struct filename_part part = {rest->text, dot == NULL ? rest->len : (size_t)(dot - rest->text)};
    size_t step = dot == NULL ? part.len : part.len + 1;

    rest->text += step;
    rest->len -= step;
    return part;
}

static bool
filename_is(struct filename_part part, const char *word)
{
    return part.len == strlen(word) && memcmp(part.text, word, part.len) == 0;
}

static bool
filename_period(struct filename_part part, int32_t *ret_period)
{
    char text[8];

    if (part.len != 7)
        return false;
    memcpy(text, part.text, 7);
    text[7] = '\0';
    return clock_parse_month(text, ret_period);
}

/* Whether the part has the form of a revision, "r2"; no producer's code has. */
static bool
filename_is_revision(struct filename_part part)
{
    if (part.len < 2 || part.text[0] != 'r')
        return false;
    for (size_t i = 1; i < part.len; i++)
        if (!isdigit((unsigned char)part.text[i]))
            return false;
    return true;
}

/* "r0" is none: 0 means "the hub's next". */
static bool
filename_revision(struct filename_part part, uint32_t *ret_revision)
{
    uint32_t revision = 0;

    if (part.len > 1 + FILENAME_REVISION_DIGITS)
        return false;
    for (size_t i = 1; i < part.len; i++)
        revision = revision * 10 + (uint32_t)(part.text[i] - '0');
    *ret_revision = revision;
    return revision > 0;
}

static bool
filename_type(struct filename_part *rest, const struct record_type **ret_type)
{
    char name[64];
    const char *start = rest->text;
    size_t len;

    (void)filename_next(rest);
    len = filename_next(rest).len;
    len = len == 0 ? 0 : (size_t)(rest->text - start) - (rest->len > 0 ? 1 : 0);
    if (len == 0 || len >= sizeof(name))
        return false;
    memcpy(name, start, len);
    name[len] = '\0';
    *ret_type = record_find(name);
    return *ret_type != NULL;
}

/* [producer] [delta|correction] [rN], each at most once and in this order. */
static bool
filename_tail(struct filename_part rest, struct filename *name)
{
    int stage = 0; /* 1 after the producer, 2 after the kind, 3 after the revision */

    while (rest.len > 0) {
        struct filename_part part = filename_next(&rest);

        if (stage < 2 && (filename_is(part, "delta") || filename_is(part, "correction"))) {
            name->kind = filename_is(part, "delta") ? FRAME_DELTA : FRAME_CORRECTION;
            name->kind_given = true;
            stage = 2;
        } else if (filename_is_revision(part)) {
            if (stage == 3 || !filename_revision(part, &name->revision))
                return false;
            stage = 3;
        } else if (stage < 1 && part.len > 0 && part.len < FILENAME_PRODUCER_MAX) {
            memcpy(name->producer, part.text, part.len);
            name->producer[part.len] = '\0';
            stage = 1;
        } else {
            return false;
        }
    }
    return true;
}

/* Read the parts of a name that keeps to the pattern. */
static bool
filename_pattern(struct filename_part rest, struct filename *name)
{
    return filename_type(&rest, &name->type) &&
           filename_period(filename_next(&rest), &name->period) && filename_tail(rest, name);
}

/* Read the month of a name that an office gave: 2026年11月参保名册. */
static int32_t
filename_month(struct filename_part part)
{
    const struct source_cell cell = {part.text, (uint32_t)part.len};
    const struct source_row row = {.row_no = 1, .count = 1, .cells = &cell};

    return title_month(&row);
}

bool
filename_parse(const char *path, struct filename *ret_name)
{
    struct filename name = {0}, plain;
    struct filename_part rest = {filename_base(path), 0};

    *ret_name = name;
    rest.len = strlen(rest.text);
    while (filename_drop_rejects(rest.text, &rest.len))
        name.rejects = true;
    if (name.rejects)
        filename_drop_county(rest.text, &rest.len, &name.county);
    /* A report of "x.csv" is "x.csv.rejects.csv"; one kept without the inner ending still counts. */
    if (!filename_drop_ending(rest.text, &rest.len) && !name.rejects)
        return false;
    filename_drop_copy(rest.text, &rest.len);
    if (rest.len == 0 || rest.text[rest.len - 1] == '.')
        return false;
    plain = name;
    if (!filename_pattern(rest, &name)) {
        name = plain;
        name.period = filename_month(rest);
        if (name.period == 0)
            return false;
    }
    if (name.rejects) {
        name.kind = name.kind == FRAME_DELTA ? FRAME_DELTA : FRAME_CORRECTION;
        name.kind_given = true;
        name.revision = 0;
    }
    *ret_name = name;
    return true;
}
