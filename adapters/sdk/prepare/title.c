#include "sdk/prepare/title.h"

#include <string.h>

#include "base/clock.h"

#define TITLE_BYTES_MAX 512 /* of a cell that is looked at */

static bool
title_has(struct source_cell cell, const char *word)
{
    return cell.len <= TITLE_BYTES_MAX && memmem(cell.bytes, cell.len, word, strlen(word)) != NULL;
}

/* Whether a cell names a unit that is more than a yuan. */
static bool
title_has_more(struct source_cell cell)
{
    return title_has(cell, "万元") || title_has(cell, "千元") || title_has(cell, "百元");
}

bool
title_counts_more(const struct source_row *row)
{
    static const char *const bracketed[] = {"（万元）", "(万元)", "（千元）",
                                            "(千元)",   "（万）", "(万)"};
    bool asks = false, more = false;

    for (uint32_t i = 0; i < row->count; i++) {
        bool unit = title_has(row->cells[i], "单位");

        if (unit && title_has_more(row->cells[i]))
            return true;
        for (size_t j = 0; j < sizeof(bracketed) / sizeof(bracketed[0]); j++)
            if (title_has(row->cells[i], bracketed[j]))
                return true;
        asks = asks || unit;
        more = more || title_has_more(row->cells[i]);
    }
    return asks && more;
}

/* Digits before `at`, at most `most`, as a number; 0: none. */
static int
title_number_before(const char *start, const char *at, int most)
{
    int value = 0, scale = 1;

    for (; most > 0 && at > start && at[-1] >= '0' && at[-1] <= '9'; most--, scale *= 10)
        value += (*--at - '0') * scale;
    return value;
}

int32_t
title_month(const struct source_row *row)
{
    int32_t found = 0;

    for (uint32_t i = 0; i < row->count; i++) {
        struct source_cell cell = row->cells[i];
        const char *end = cell.bytes + cell.len, *year, *at = cell.bytes;

        while (cell.len <= TITLE_BYTES_MAX &&
               (year = memmem(at, (size_t)(end - at), "年", 3)) != NULL) {
            const char *month = memmem(year, (size_t)(end - year), "月", 3);
            int32_t one = 0;

            if (month != NULL && month - year <= 5)
                one = title_number_before(cell.bytes, year, 4) * 100 +
                      title_number_before(year + 3, month, 2);
            if (clock_month_valid(one) && found != 0 && found != one)
                return 0;
            if (clock_month_valid(one))
                found = one;
            at = year + 3;
        }
    }
    return found;
}
