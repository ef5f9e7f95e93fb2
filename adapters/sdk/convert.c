#include "sdk/convert.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define CONVERT_NARROW_MAX 256  /* bytes of a number, date or code; a longer cell is none */
#define CONVERT_NAME_MAX 1024   /* bytes of a name before it is normalised */
#define CONVERT_CELL_SPARE 1024 /* memory a field, besides its own bytes */
#define CONVERT_GROWTH 3        /* NFC makes no text more than three times as long */
#define CONVERT_NOTHING_MAX 6   /* bytes of "——", the longest word for nothing */
#define CONVERT_SHORT_ID 15
#define CONVERT_CARD_ID 20
#define CONVERT_CARD_ID_LONG 22
#define CONVERT_DIGITS_MAX 15 /* of a number before its point */
#define CONVERT_SERIAL_MIN 20000
#define CONVERT_SERIAL_MAX 60000
#define CONVERT_SERIAL_1970 25569 /* Excel's day number of 1970-01-01 */
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
    struct buf name;
    uint64_t upgraded;
    struct convert_memo memos[RECORD_FIELDS_MAX][CONVERT_MEMO_SLOTS];
};

/* ---- cells ---- */

static bool
convert_is(struct source_cell cell, const char *text)
{
    return cell.len == strlen(text) && memcmp(cell.bytes, text, cell.len) == 0;
}

/* Bytes of the blank that `at` begins with, or 0: ASCII, and what shows no ink in Unicode. */
static uint32_t
convert_blank(const char *at, uint32_t left)
{
    const unsigned char *u = (const unsigned char *)at;

    if (u[0] <= ' ' || u[0] == 0x7f)
        return 1;
    if (u[0] == 0xc2)
        return left >= 2 && (u[1] == 0xa0 || u[1] == 0xad) ? 2 : 0;
    if (left < 3)
        return 0;
    if (u[0] == 0xe2 && u[1] == 0x80) /* U+2000..200F, U+2028..202F */
        return u[2] <= 0x8f || (u[2] >= 0xa8 && u[2] <= 0xaf) ? 3 : 0;
    if (u[0] == 0xe2 && u[1] == 0x81) /* U+205F..2064 */
        return u[2] >= 0x9f && u[2] <= 0xa4 ? 3 : 0;
    if (u[0] == 0xe3) /* U+3000 */
        return u[1] == 0x80 && u[2] == 0x80 ? 3 : 0;
    return u[0] == 0xef && u[1] == 0xbb && u[2] == 0xbf ? 3 : 0;
}

static uint32_t
convert_blank_before(const char *bytes, uint32_t len)
{
    uint32_t step = 1;

    while (step < len && step < 3 && ((unsigned char)bytes[len - step] & 0xc0) == 0x80)
        step++;
    return convert_blank(bytes + len - step, step) == step ? step : 0;
}

static struct source_cell
convert_trim(struct source_cell cell)
{
    uint32_t step;

    while (cell.len > 0 && (step = convert_blank(cell.bytes, cell.len)) > 0) {
        cell.bytes += step;
        cell.len -= step;
    }
    while (cell.len > 0 && (step = convert_blank_before(cell.bytes, cell.len)) > 0)
        cell.len -= step;
    return cell;
}

/* Whether there is nothing to take away, for the most common cells. */
static inline bool
convert_is_bare(struct source_cell cell)
{
    unsigned char first = (unsigned char)cell.bytes[0];
    unsigned char last = (unsigned char)cell.bytes[cell.len - 1];

    return first > '\'' && first < 0x7f && first != '=' && last > ' ' && last < 0x7f;
}

struct source_cell
convert_unwrap(struct source_cell cell)
{
    if (cell.len == 0 || convert_is_bare(cell))
        return cell;
    cell = convert_trim(cell);
    if (cell.len > 1 && cell.bytes[0] == '\'')
        cell = convert_trim((struct source_cell){cell.bytes + 1, cell.len - 1});
    if (cell.len >= 3 && cell.bytes[0] == '=' && cell.bytes[1] == '"' &&
        cell.bytes[cell.len - 1] == '"')
        cell = convert_trim((struct source_cell){cell.bytes + 2, cell.len - 3});
    return cell;
}

static char *
convert_take(struct convert *convert, size_t len)
{
    char *at = convert->bytes + convert->used;

    assert(len <= convert->size - convert->used);
    convert->used += len;
    return at;
}

/*
 * The cell without inner blanks and with full-width ASCII narrowed. Returns
 * false when it is too long to be a number, date or code.
 */
static bool
convert_narrow(struct convert *convert, struct source_cell *cell)
{
    uint32_t plain = 0, len = 0;
    char *to;

    if (cell->len > CONVERT_NARROW_MAX)
        return false;
    while (plain < cell->len && cell->bytes[plain] > ' ' && cell->bytes[plain] < 0x7f)
        plain++;
    if (plain == cell->len)
        return true;
    to = convert_take(convert, cell->len);
    for (uint32_t i = 0; i < cell->len;) {
        const unsigned char *u = (const unsigned char *)cell->bytes + i;
        uint32_t left = cell->len - i, blank = convert_blank(cell->bytes + i, left);

        if (blank > 0) {
            i += blank;
        } else if (left >= 3 && u[0] == 0xef && (u[1] == 0xbc || u[1] == 0xbd) &&
                   (u[1] == 0xbc ? u[2] >= 0x81 : u[2] <= 0x9e)) {
            to[len++] = (char)(u[1] == 0xbc ? u[2] - 0x81 + '!' : u[2] - 0x80 + '`');
            i += 3;
        } else {
            to[len++] = cell->bytes[i++];
        }
    }
    *cell = (struct source_cell){to, len};
    return true;
}

/* What stands for "nothing" where a value may be left out. */
static bool
convert_is_nothing(struct source_cell cell)
{
    static const char *const words[] = {"无", "-", "--", "—", "——", "/", "／", "－"};

    for (size_t i = 0; cell.len <= CONVERT_NOTHING_MAX && i < sizeof(words) / sizeof(words[0]); i++)
        if (convert_is(cell, words[i]))
            return true;
    return false;
}

static void
convert_set_text(struct record_cell *ret_cell, const char *bytes, uint32_t len)
{
    ret_cell->set = len > 0;
    ret_cell->text.bytes = bytes;
    ret_cell->text.len = len;
}

static void
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

static bool
convert_all_digits(const char *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        if (!convert_is_digit(bytes[i]))
            return false;
    return len > 0;
}

static int
convert_digits(const char *bytes, uint32_t len)
{
    int value = 0;

    for (uint32_t i = 0; i < len; i++)
        value = value * 10 + (bytes[i] - '0');
    return value;
}

/* ---- citizen numbers, names, texts ---- */

/*
 * A first-generation number (GB 11643-1989) has no century: 19. Its last three
 * digits 996 to 999 were kept for people of a hundred years and more, born in
 * the 18th hundred, and nobody on the register is that old.
 */
static enum record_reason
convert_short_id(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    char *id;

    if (!convert_all_digits(cell.bytes, cell.len) ||
        convert_digits(cell.bytes + CONVERT_SHORT_ID - 3, 3) >= 996)
        return RECORD_BAD_ID;
    id = convert_take(convert, TEXT_ID_LEN);
    memcpy(id, cell.bytes, 6);
    memcpy(id + 6, "19", 2);
    memcpy(id + 8, cell.bytes + 6, 9);
    id[TEXT_ID_LEN - 1] = '0';
    id[TEXT_ID_LEN - 1] = text_id_check(id);
    convert->upgraded++;
    convert_set_text(ret_cell, id, TEXT_ID_LEN);
    return RECORD_OK;
}

static bool
convert_is_card_tail(const char *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        if (!convert_is_digit(bytes[i]) && bytes[i] != 'B' && bytes[i] != 'b')
            return false;
    return true;
}

static enum record_reason
convert_id(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    if (!convert_narrow(convert, &cell))
        return RECORD_BAD_ID;
    if (cell.len == CONVERT_SHORT_ID)
        return convert_short_id(convert, cell, ret_cell);
    if (cell.len == CONVERT_CARD_ID || cell.len == CONVERT_CARD_ID_LONG) {
        if (!convert_is_card_tail(cell.bytes + TEXT_ID_LEN, cell.len - TEXT_ID_LEN))
            return RECORD_BAD_ID;
        cell.len = TEXT_ID_LEN;
    }
    if (cell.len != TEXT_ID_LEN)
        return RECORD_BAD_ID;
    if (cell.bytes[TEXT_ID_LEN - 1] == 'x') {
        char *id = convert_take(convert, TEXT_ID_LEN);

        memcpy(id, cell.bytes, TEXT_ID_LEN - 1);
        id[TEXT_ID_LEN - 1] = 'X';
        cell.bytes = id;
    }
    convert_set_text(ret_cell, cell.bytes, TEXT_ID_LEN);
    return RECORD_OK;
}

/* Whether all are Han characters of three bytes: such a name is normal as it stands. */
static bool
convert_is_han(struct source_cell cell)
{
    for (uint32_t i = 0; i < cell.len; i += 3) {
        unsigned char lead = (unsigned char)cell.bytes[i];

        if (lead < 0xe5 || lead > 0xe9)
            if (lead != 0xe4 || (unsigned char)cell.bytes[i + 1] < 0xb8)
                return false;
    }
    return true;
}

static enum record_reason
convert_name(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    char *name;

    if (convert_is_han(cell)) {
        convert_set_text(ret_cell, cell.bytes, cell.len);
        return RECORD_OK;
    }
    if (cell.len > CONVERT_NAME_MAX)
        return RECORD_BAD_NAME;
    buf_clear(&convert->name);
    text_normalise_name(cell.bytes, cell.len, &convert->name);
    name = convert_take(convert, convert->name.len);
    if (convert->name.len > 0)
        memcpy(name, convert->name.bytes, convert->name.len);
    convert_set_text(ret_cell, name, (uint32_t)convert->name.len);
    return RECORD_OK;
}

static enum record_reason
convert_area(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    if (!convert_narrow(convert, &cell))
        return RECORD_BAD_CODE;
    convert_set_text(ret_cell, cell.bytes, cell.len);
    return RECORD_OK;
}

static enum record_reason
convert_phone(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    char *to;
    uint32_t len = 0;

    if (!convert_narrow(convert, &cell))
        return RECORD_BAD_NUMBER;
    if (cell.len > 3 && memcmp(cell.bytes, "+86", 3) == 0)
        cell = (struct source_cell){cell.bytes + 3, cell.len - 3};
    if (convert_all_digits(cell.bytes, cell.len)) {
        convert_set_text(ret_cell, cell.bytes, cell.len);
        return RECORD_OK;
    }
    to = convert_take(convert, cell.len);
    for (uint32_t i = 0; i < cell.len; i++) {
        if (convert_is_digit(cell.bytes[i]))
            to[len++] = cell.bytes[i];
        else if (cell.bytes[i] != '-')
            return RECORD_BAD_NUMBER;
    }
    if (len == 0)
        return RECORD_BAD_NUMBER;
    convert_set_text(ret_cell, to, len);
    return RECORD_OK;
}

/* ---- numbers ---- */

/* A decimal number without an exponent, in its parts. */
struct convert_number {
    bool negative;
    int64_t whole;
    const char *fraction; /* digits behind the point */
    uint32_t fraction_len;
};

/* Drop `sign` at the front; returns whether it was there. */
static bool
convert_skip(struct source_cell *cell, const char *sign)
{
    size_t len = strlen(sign);

    if (cell->len < len || memcmp(cell->bytes, sign, len) != 0)
        return false;
    *cell = (struct source_cell){cell->bytes + len, cell->len - (uint32_t)len};
    return true;
}

/* Digits, in groups of three when there are commas. Moves `cell` behind them. */
static bool
convert_whole(struct source_cell *cell, int64_t *ret_value)
{
    int64_t value = 0;
    uint32_t i = 0, digits = 0, group = 0;
    bool grouped = false;

    for (; i < cell->len; i++) {
        char c = cell->bytes[i];

        if (c == ',') {
            if (grouped ? group != 3 : (digits == 0 || digits > 3))
                return false;
            grouped = true;
            group = 0;
        } else if (convert_is_digit(c)) {
            if (++digits > CONVERT_DIGITS_MAX)
                return false;
            group++;
            value = value * 10 + (c - '0');
        } else {
            break;
        }
    }
    if (digits == 0 || (grouped && group != 3))
        return false;
    *cell = (struct source_cell){cell->bytes + i, cell->len - i};
    *ret_value = value;
    return true;
}

static bool
convert_number(struct source_cell cell, bool yuan, struct convert_number *ret_number)
{
    struct convert_number number = {0};

    number.negative = convert_skip(&cell, "-");
    if (yuan && (convert_skip(&cell, "¥") || convert_skip(&cell, "￥")) && !number.negative)
        number.negative = convert_skip(&cell, "-");
    if (!convert_whole(&cell, &number.whole))
        return false;
    if (cell.len > 0) {
        if (cell.bytes[0] != '.' || !convert_all_digits(cell.bytes + 1, cell.len - 1))
            return false;
        number.fraction = cell.bytes + 1;
        number.fraction_len = cell.len - 1;
    }
    *ret_number = number;
    return true;
}

static bool
convert_all_zeros(const char *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        if (bytes[i] != '0')
            return false;
    return true;
}

static enum record_reason
convert_money(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    struct convert_number number;
    int64_t fen;

    if (!convert_narrow(convert, &cell) || !convert_number(cell, true, &number) ||
        (number.fraction_len > 2 &&
         !convert_all_zeros(number.fraction + 2, number.fraction_len - 2)))
        return RECORD_BAD_MONEY;
    fen = number.whole * 100;
    if (number.fraction_len > 0)
        fen += (number.fraction[0] - '0') * 10;
    if (number.fraction_len > 1)
        fen += number.fraction[1] - '0';
    convert_set_number(ret_cell, number.negative ? -fen : fen);
    return RECORD_OK;
}

static enum record_reason
convert_int(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    struct convert_number number;

    if (!convert_narrow(convert, &cell) || !convert_number(cell, false, &number) ||
        !convert_all_zeros(number.fraction, number.fraction_len))
        return RECORD_BAD_NUMBER;
    convert_set_number(ret_cell, number.negative ? -number.whole : number.whole);
    return RECORD_OK;
}

static enum record_reason
convert_dec(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    struct convert_number number;
    char *to;
    uint32_t len = 0;

    if (!convert_narrow(convert, &cell) || !convert_number(cell, false, &number))
        return RECORD_BAD_NUMBER;
    if (memchr(cell.bytes, ',', cell.len) == NULL) {
        convert_set_text(ret_cell, cell.bytes, cell.len);
        return RECORD_OK;
    }
    to = convert_take(convert, cell.len);
    for (uint32_t i = 0; i < cell.len; i++)
        if (cell.bytes[i] != ',')
            to[len++] = cell.bytes[i];
    convert_set_text(ret_cell, to, len);
    return RECORD_OK;
}

/* ---- dates ---- */

/* One or two digits, then `end` ("" for the end of the cell). Moves `cell` behind both. */
static bool
convert_part(struct source_cell *cell, const char *end, int *ret_value)
{
    uint32_t len = 0;

    while (len < cell->len && len < 2 && convert_is_digit(cell->bytes[len]))
        len++;
    if (len == 0)
        return false;
    *ret_value = convert_digits(cell->bytes, len);
    *cell = (struct source_cell){cell->bytes + len, cell->len - len};
    return *end == '\0' ? cell->len == 0 : convert_skip(cell, end);
}

/* Year and the mark behind it; `ret_form` is the index of the form. */
static bool
convert_year(struct source_cell *cell, const char *const marks[], size_t count, int *ret_year,
             size_t *ret_form)
{
    if (cell->len < 5 || !convert_all_digits(cell->bytes, 4))
        return false;
    *ret_year = convert_digits(cell->bytes, 4);
    *cell = (struct source_cell){cell->bytes + 4, cell->len - 4};
    for (*ret_form = 0; *ret_form < count; ++*ret_form)
        if (convert_skip(cell, marks[*ret_form]))
            return true;
    return false;
}

static bool
convert_plain_date(struct source_cell cell, int32_t *ret_date)
{
    int serial;

    if (cell.len == 8)
        return clock_date(convert_digits(cell.bytes, 4), convert_digits(cell.bytes + 4, 2),
                          convert_digits(cell.bytes + 6, 2), ret_date);
    if (cell.len != 5)
        return false;
    serial = convert_digits(cell.bytes, 5);
    *ret_date = serial - CONVERT_SERIAL_1970;
    return serial >= CONVERT_SERIAL_MIN && serial <= CONVERT_SERIAL_MAX;
}

static bool
convert_any_date(struct source_cell cell, int32_t *ret_date)
{
    static const char *const marks[] = {"-", "/", ".", "年"};
    static const char *const seconds[] = {"-", "/", ".", "月"};
    static const char *const ends[] = {"", "", "", "日"};
    int year, month, day;
    size_t form;

    if (convert_all_digits(cell.bytes, cell.len))
        return convert_plain_date(cell, ret_date);
    return convert_year(&cell, marks, 4, &year, &form) &&
           convert_part(&cell, seconds[form], &month) && convert_part(&cell, ends[form], &day) &&
           cell.len == 0 && clock_date(year, month, day, ret_date);
}

static enum record_reason
convert_date(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    const char *at = cell.bytes;
    int32_t date;

    if (cell.len == 10 && at[4] == '-' && at[7] == '-' && convert_all_digits(at, 4) &&
        convert_all_digits(at + 5, 2) && convert_all_digits(at + 8, 2)) {
        if (!clock_date(convert_digits(at, 4), convert_digits(at + 5, 2), convert_digits(at + 8, 2),
                        &date))
            return RECORD_BAD_DATE;
    } else if (!convert_narrow(convert, &cell) || !convert_any_date(cell, &date)) {
        return RECORD_BAD_DATE;
    }
    convert_set_number(ret_cell, date);
    return RECORD_OK;
}

static enum record_reason
convert_month(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    static const char *const marks[] = {"-", "年"};
    static const char *const ends[] = {"", "月"};
    int year, month;
    size_t form;

    if (!convert_narrow(convert, &cell))
        return RECORD_BAD_MONTH;
    if (cell.len == 6 && convert_all_digits(cell.bytes, 6)) {
        year = convert_digits(cell.bytes, 4);
        month = convert_digits(cell.bytes + 4, 2);
    } else if (!convert_year(&cell, marks, 2, &year, &form) ||
               !convert_part(&cell, ends[form], &month) || cell.len > 0) {
        return RECORD_BAD_MONTH;
    }
    if (!clock_month_valid(year * 100 + month))
        return RECORD_BAD_MONTH;
    convert_set_number(ret_cell, year * 100 + month);
    return RECORD_OK;
}

/* ---- yes and no, codes, lists ---- */

static enum record_reason
convert_bool(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    static const char *const words[][2] = {
        {"否", "是"}, {"0", "1"}, {"无", "有"}, {"N", "Y"}, {"n", "y"}};

    if (!convert_narrow(convert, &cell))
        return RECORD_BAD_CODE;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (int value = 0; value < 2; value++)
            if (convert_is(cell, words[i][value])) {
                convert_set_number(ret_cell, value);
                return RECORD_OK;
            }
    return RECORD_BAD_CODE;
}

static struct convert_memo *
convert_memo(struct convert *convert, int field, struct source_cell cell)
{
    unsigned slot = cell.len;

    if (cell.len == 0 || cell.len > CONVERT_MEMO_BYTES)
        return NULL;
    slot += (unsigned char)cell.bytes[cell.len - 1] + (unsigned char)cell.bytes[cell.len / 2] * 5u;
    return &convert->memos[field][slot % CONVERT_MEMO_SLOTS];
}

/* Digits that lost their leading zeros: the one code with the same value, or NULL. */
static const struct record_code *
convert_padded(const struct record_field *field, struct source_cell cell)
{
    const struct record_code *found = NULL;

    if (!convert_all_digits(cell.bytes, cell.len))
        return NULL;
    for (const struct record_code *code = field->codes; code->code != NULL; code++) {
        size_t len = strlen(code->code), zeros = len > cell.len ? len - cell.len : 0;

        if (zeros == 0 || !convert_all_zeros(code->code, (uint32_t)zeros) ||
            memcmp(code->code + zeros, cell.bytes, cell.len) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = code;
    }
    return found;
}

static const struct record_code *
convert_find_code(struct convert *convert, int field, struct source_cell cell)
{
    const struct record_field *of = &convert->type->fields[field];
    const struct record_code *code = record_code_find(of, cell.bytes, cell.len);
    struct source_cell narrow = cell;
    const char *value;

    if (code == NULL && convert_narrow(convert, &narrow))
        code = record_code_find(of, narrow.bytes, narrow.len);
    if (code != NULL || !convert->mapped[field])
        return code != NULL ? code : convert_padded(of, narrow);
    value = mapping_value(convert->mapping, convert->type, field, cell.bytes, cell.len);
    if (value == NULL)
        value = mapping_value(convert->mapping, convert->type, field, narrow.bytes, narrow.len);
    return value != NULL ? record_code_find(of, value, strlen(value)) : convert_padded(of, narrow);
}

/* The code that a spelling stands for; NULL text when there is none. */
static struct record_item
convert_code_text(struct convert *convert, int field, struct source_cell cell)
{
    struct convert_memo *memo = convert_memo(convert, field, cell);
    const struct record_code *code;
    struct record_item item;

    if (memo != NULL && memo->len == cell.len && memcmp(memo->text, cell.bytes, cell.len) == 0)
        return (struct record_item){memo->code, memo->code_len};
    code = convert_find_code(convert, field, convert_unwrap(cell));
    if (code == NULL)
        return (struct record_item){0};
    item = (struct record_item){code->code, (uint32_t)strlen(code->code)};
    if (memo != NULL) {
        *memo = (struct convert_memo){item.bytes, item.len, (uint8_t)cell.len, {0}};
        memcpy(memo->text, cell.bytes, cell.len);
    }
    return item;
}

static enum record_reason
convert_code(struct convert *convert, int field, struct source_cell cell,
             struct record_cell *ret_cell)
{
    struct record_item code = convert_code_text(convert, field, cell);

    if (code.bytes == NULL)
        return RECORD_BAD_CODE;
    convert_set_text(ret_cell, code.bytes, code.len);
    return RECORD_OK;
}

/* Bytes of the separator that `at` begins with, or 0: , ; ， ； 、 */
static uint32_t
convert_separator(const char *at, uint32_t left)
{
    const unsigned char *u = (const unsigned char *)at;

    if (*u == ',' || *u == ';')
        return 1;
    if ((*u != 0xef && *u != 0xe3) || left < 3)
        return 0;
    return memcmp(at, "，", 3) == 0 || memcmp(at, "；", 3) == 0 || memcmp(at, "、", 3) == 0 ? 3 : 0;
}

/* Take the next item off a list. */
static struct source_cell
convert_item(struct source_cell *rest)
{
    struct source_cell item = {rest->bytes, 0};
    uint32_t mark = 0;

    while (item.len < rest->len) {
        mark = convert_separator(item.bytes + item.len, rest->len - item.len);
        if (mark > 0)
            break;
        item.len++;
    }
    *rest = (struct source_cell){rest->bytes + item.len + mark, rest->len - item.len - mark};
    return convert_trim(item);
}

/* Codes in the order of their list, each once: two spellings of one list are one content. */
static void
convert_insert_code(const struct record_field *field, struct record_item *items, uint32_t *count,
                    struct record_item code)
{
    const struct record_code *at = field->codes;
    uint32_t place = 0;

    while (at->code != code.bytes) {
        place += place < *count && items[place].bytes == at->code;
        at++;
    }
    if (place < *count && items[place].bytes == code.bytes)
        return;
    memmove(items + place + 1, items + place, (*count - place) * sizeof(*items));
    items[place] = code;
    ++*count;
}

static enum record_reason
convert_list(struct convert *convert, int field, struct source_cell cell,
             struct record_cell *ret_cell)
{
    const struct record_field *of = &convert->type->fields[field];
    struct record_item *items = convert->items[field];
    uint32_t count = 0;

    while (cell.len > 0) {
        struct source_cell item = convert_item(&cell);

        if (item.len == 0)
            continue;
        if (count == RECORD_LIST_MAX)
            return of->type == RECORD_TEXTS ? RECORD_STORAGE : RECORD_BAD_CODE;
        if (of->type == RECORD_CODES) {
            struct record_item code = convert_code_text(convert, field, item);

            if (code.bytes == NULL)
                return RECORD_BAD_CODE;
            convert_insert_code(of, items, &count, code);
            continue;
        }
        if (of->type == RECORD_AREAS && !convert_narrow(convert, &item))
            return RECORD_BAD_CODE;
        items[count++] = (struct record_item){item.bytes, item.len};
    }
    ret_cell->set = count > 0;
    ret_cell->list.items = items;
    ret_cell->list.count = count;
    return RECORD_OK;
}

/* ---- public ---- */

struct convert *
convert_new(const struct record_type *type, const struct mapping *mapping)
{
    struct convert *convert = mem_zalloc(sizeof(*convert));

    convert->type = type;
    convert->mapping = mapping;
    for (size_t i = 0; i < type->field_count; i++) {
        enum record_field_type of = type->fields[i].type;

        convert->mapped[i] = mapping_has_values(mapping, type, (int)i);
        if (of == RECORD_CODES || of == RECORD_AREAS || of == RECORD_TEXTS)
            convert->items[i] = mem_grow(NULL, RECORD_LIST_MAX, sizeof(struct record_item));
    }
    convert_begin(convert, 0);
    return convert;
}

void
convert_free(struct convert *convert)
{
    if (convert == NULL)
        return;
    for (size_t i = 0; i < RECORD_FIELDS_MAX; i++)
        free(convert->items[i]);
    buf_done(&convert->name);
    free(convert->bytes);
    free(convert);
}

void
convert_begin(struct convert *convert, size_t bytes)
{
    size_t need = (bytes + CONVERT_CELL_SPARE * RECORD_FIELDS_MAX) * CONVERT_GROWTH;

    convert->used = 0;
    if (need <= convert->size)
        return;
    convert->bytes = mem_grow(convert->bytes, need, 1);
    convert->size = need;
}

static enum record_reason
convert_typed(struct convert *convert, int field, struct source_cell cell,
              struct record_cell *ret_cell)
{
    switch (convert->type->fields[field].type) {
    case RECORD_ID:
        return convert_id(convert, cell, ret_cell);
    case RECORD_NAME:
        return convert_name(convert, cell, ret_cell);
    case RECORD_AREA:
        return convert_area(convert, cell, ret_cell);
    case RECORD_PHONE:
        return convert_phone(convert, cell, ret_cell);
    case RECORD_TEXT:
        convert_set_text(ret_cell, cell.bytes, cell.len);
        return RECORD_OK;
    case RECORD_CODE:
        return convert_code(convert, field, cell, ret_cell);
    case RECORD_DATE:
        return convert_date(convert, cell, ret_cell);
    case RECORD_MONTH:
        return convert_month(convert, cell, ret_cell);
    case RECORD_MONEY:
        return convert_money(convert, cell, ret_cell);
    case RECORD_INT:
        return convert_int(convert, cell, ret_cell);
    case RECORD_DEC:
        return convert_dec(convert, cell, ret_cell);
    case RECORD_BOOL:
        return convert_bool(convert, cell, ret_cell);
    case RECORD_CODES:
    case RECORD_AREAS:
    case RECORD_TEXTS:
        return convert_list(convert, field, cell, ret_cell);
    }
    return RECORD_OK;
}

/* Types whose conversion refuses no text, so that 无 has to be looked for. */
static bool
convert_takes_any(enum record_field_type type)
{
    return type == RECORD_NAME || type == RECORD_AREA || type == RECORD_AREAS ||
           type == RECORD_TEXTS;
}

enum record_reason
convert_cell(struct convert *convert, int field, struct source_cell cell,
             struct record_cell *ret_cell)
{
    const struct record_field *of = &convert->type->fields[field];
    enum record_reason reason;

    *ret_cell = (struct record_cell){0};
    cell = convert_unwrap(cell);
    if (convert->mapped[field] && (of->codes == NULL || cell.len == 0)) {
        const char *value =
            mapping_value(convert->mapping, convert->type, field, cell.bytes, cell.len);

        if (value != NULL)
            cell = (struct source_cell){value, (uint32_t)strlen(value)};
    }
    if (cell.len == 0)
        return RECORD_OK;
    reason = convert_typed(convert, field, cell, ret_cell);
    if (of->optional && (reason != RECORD_OK || convert_takes_any(of->type)) &&
        convert_is_nothing(cell)) {
        ret_cell->set = false;
        return RECORD_OK;
    }
    ret_cell->set = ret_cell->set && reason == RECORD_OK;
    return reason;
}

struct record_item
convert_read(struct convert *convert, int field, struct source_cell cell)
{
    struct record_cell value = {0};

    cell = convert_unwrap(cell);
    if (cell.len == 0)
        return (struct record_item){0};
    if (convert_typed(convert, field, cell, &value) == RECORD_OK && value.set)
        return (struct record_item){value.text.bytes, value.text.len};
    if (!convert_narrow(convert, &cell))
        return (struct record_item){0};
    return (struct record_item){cell.bytes, cell.len};
}

uint64_t
convert_upgraded(const struct convert *convert)
{
    return convert->upgraded;
}
