/*
 * convert_parts — the structs and functions that the files of convert share; nobody else includes
 * it.
 */
#ifndef CONVERT_PARTS_H
#define CONVERT_PARTS_H

#include <string.h>

#include "base/text.h"
#include "sdk/prepare/convert.h"

#define CONVERT_MEMO_SLOTS 16
#define CONVERT_MEMO_BYTES 28

/* A spelling met before and the code it stands for. */
struct convert_memo {
    const char *code;
    uint32_t code_len;
    uint8_t len;
    char text[CONVERT_MEMO_BYTES];
};

struct convert {
    const struct record_type *type;
    const struct mapping *mapping;
    char *bytes; /* of this row's values; never grows within a row */
    size_t size, used;
    struct record_item *items[RECORD_FIELDS_MAX]; /* of list fields, RECORD_LIST_MAX each */
    bool mapped[RECORD_FIELDS_MAX];               /* the field has a value map */
    bool formed[RECORD_FIELDS_MAX];               /* the agency has forms of its own for the date */
    enum mapping_unit units[RECORD_FIELDS_MAX];   /* of money */
    const char *presets[RECORD_FIELDS_MAX];       /* what an empty cell stands for, or NULL */
    const struct places *places;                  /* NULL: areas are codes */
    struct source_cell within;                    /* the township that the next cell lies in */
    bool serials_refused;                         /* see convert_refuse_serials */
    struct buf name;
    uint64_t upgraded;
    struct convert_memo memos[RECORD_FIELDS_MAX][CONVERT_MEMO_SLOTS];
};

static inline bool
convert_is(struct source_cell cell, const char *text)
{
    return cell.len == strlen(text) && memcmp(cell.bytes, text, cell.len) == 0;
}

static inline void
convert_set_text(struct record_cell *ret_cell, const char *bytes, uint32_t len)
{
    ret_cell->set = len > 0;
    ret_cell->text.bytes = bytes;
    ret_cell->text.len = len;
}

static inline void
convert_set_number(struct record_cell *ret_cell, int64_t number)
{
    ret_cell->set = true;
    ret_cell->number = number;
}

static inline bool
convert_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline int
convert_digits(const char *bytes, uint32_t len)
{
    int value = 0;

    for (uint32_t i = 0; i < len; i++)
        value = value * 10 + (bytes[i] - '0');
    return value;
}

/* Drop `sign` at the front; returns whether it was there. */
static inline bool
convert_skip(struct source_cell *cell, const char *sign)
{
    size_t len = strlen(sign);

    if (cell->len < len || memcmp(cell->bytes, sign, len) != 0)
        return false;
    *cell = (struct source_cell){cell->bytes + len, cell->len - (uint32_t)len};
    return true;
}

static inline bool
convert_all_zeros(const char *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        if (bytes[i] != '0')
            return false;
    return true;
}

/* What an export of a database writes for "no value", whatever the column. */
bool convert_is_null(struct source_cell cell);

/* What stands for "nothing" where a value may be left out; a reference may also be 0. */
bool convert_is_nothing(struct source_cell cell, bool reference);

/* The cell without the blanks around it. */
struct source_cell convert_trim(struct source_cell cell);

/* Memory for a value of this row; the row's cells and CONVERT_CELL_SPARE a field bound it. */
char *convert_take(struct convert *convert, size_t len);

/*
 * Take inner blanks out of the cell and narrow full-width ASCII. Returns false
 * when it is too long to be a number, date or code.
 */
bool convert_narrow(struct convert *convert, struct source_cell *cell);

/* One type each: the reason, or RECORD_OK with the value. The cell is unwrapped and not empty. */
#define CONVERT_TYPE(name)                                                                         \
    enum record_reason name(struct convert *convert, struct source_cell cell,                      \
                            struct record_cell *ret_cell)
CONVERT_TYPE(convert_int);
CONVERT_TYPE(convert_dec);
CONVERT_TYPE(convert_bool);
#undef CONVERT_TYPE

/* The same where the agency's mapping may say how to read a field. */
#define CONVERT_FIELD(name)                                                                        \
    enum record_reason name(struct convert *convert, int field, struct source_cell cell,           \
                            struct record_cell *ret_cell)
CONVERT_FIELD(convert_money);
CONVERT_FIELD(convert_date);
CONVERT_FIELD(convert_month);
CONVERT_FIELD(convert_text);
CONVERT_FIELD(convert_code);
CONVERT_FIELD(convert_list);
#undef CONVERT_FIELD

/* The code of a place that is given by its name; the cell itself when no such place is known. */
struct source_cell convert_place(const struct convert *convert, struct source_cell cell);

#endif
