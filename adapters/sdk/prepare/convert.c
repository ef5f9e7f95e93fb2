#include "sdk/prepare/convert.h"

#include <assert.h>

#include "base/text.h"
#include "sdk/prepare/convert_parts.h"

#define CONVERT_NARROW_MAX 256  /* bytes of a number, date or code; a longer cell is none */
#define CONVERT_NAME_MAX 1024   /* bytes of a name before it is normalised */
#define CONVERT_CELL_SPARE 1024 /* memory a field, besides its own bytes */
#define CONVERT_GROWTH 3        /* NFC makes no text more than three times as long */
#define CONVERT_CARD_ID 20
#define CONVERT_CARD_ID_LONG 22

/* ---- cells ---- */

static uint32_t
convert_blank_before(const char *bytes, uint32_t len)
{
    uint32_t step = 1;

    while (step < len && step < 3 && ((unsigned char)bytes[len - step] & 0xc0) == 0x80)
        step++;
    return text_blank(bytes + len - step, step) == step ? step : 0;
}

struct source_cell
convert_trim(struct source_cell cell)
{
    uint32_t step;

    while (cell.len > 0 && (step = (uint32_t)text_blank(cell.bytes, cell.len)) > 0) {
        cell.bytes += step;
        cell.len -= step;
    }
    while (cell.len > 0 && (step = convert_blank_before(cell.bytes, cell.len)) > 0)
        cell.len -= step;
    return cell;
}

/* Whether there is nothing to take away, for the most common cells: no blank, = or ' at an end. */
static inline bool
convert_is_bare(struct source_cell cell)
{
    char first = cell.bytes[0], last = cell.bytes[cell.len - 1];

    if (!(first > '\'' && first < 0x7f && first != '=') && !text_is_han_lead(first))
        return false;
    return (last > ' ' && last < 0x7f) ||
           (cell.len >= 3 && text_is_han_lead(cell.bytes[cell.len - 3]));
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

char *
convert_take(struct convert *convert, size_t len)
{
    char *at = convert->bytes + convert->used;

    assert(len <= convert->size - convert->used);
    convert->used += len;
    return at;
}

/* Whether eight bytes are ASCII that can be seen; may say no where it is true, never the reverse. */
static inline bool
convert_is_plain8(const char *bytes)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return (((word - ones * '!') | word | (word + ones)) & (ones << 7)) == 0;
}

static bool
convert_is_plain(struct source_cell cell)
{
    uint32_t i = 0;

    for (; i + 8 <= cell.len && convert_is_plain8(cell.bytes + i);)
        i += 8;
    if (cell.len >= 8 && i < cell.len && convert_is_plain8(cell.bytes + cell.len - 8))
        return i + 8 > cell.len;
    while (i < cell.len && cell.bytes[i] > ' ' && cell.bytes[i] < 0x7f)
        i++;
    return i == cell.len;
}

bool
convert_narrow(struct convert *convert, struct source_cell *cell)
{
    uint32_t len;
    char *to;

    if (cell->len > CONVERT_NARROW_MAX)
        return false;
    if (convert_is_plain(*cell))
        return true;
    to = convert_take(convert, cell->len);
    len = (uint32_t)text_narrow(cell->bytes, cell->len, to);
    *cell = (struct source_cell){to, len};
    return true;
}

/* ---- citizen numbers, names, texts ---- */

static enum record_reason
convert_short_id(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    char *id = convert_take(convert, TEXT_ID_LEN);

    if (!text_id_upgrade(cell.bytes, id))
        return RECORD_BAD_ID;
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
    if (cell.len == TEXT_ID_SHORT)
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

/* A name without the quotation marks around it: “陈芳”. */
static struct source_cell
convert_unquote(struct source_cell cell)
{
    static const char *const marks[][2] = {{"“", "”"},   {"”", "“"},   {"‘", "’"},  {"\"", "\""},
                                           {"「", "」"}, {"『", "』"}, {"＂", "＂"}};

    if (cell.len <= 2 || text_is_han_lead(cell.bytes[0]))
        return cell;
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        uint32_t open = (uint32_t)strlen(marks[i][0]), close = (uint32_t)strlen(marks[i][1]);

        if (cell.len > open + close && memcmp(cell.bytes, marks[i][0], open) == 0 &&
            memcmp(cell.bytes + cell.len - close, marks[i][1], close) == 0)
            return convert_trim((struct source_cell){cell.bytes + open, cell.len - open - close});
    }
    return cell;
}

static enum record_reason
convert_name(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    char *name;

    cell = convert_unquote(cell);
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

struct source_cell
convert_place(const struct convert *convert, struct source_cell cell)
{
    const char *code;

    if (convert->places == NULL || text_is_digits(cell.bytes, cell.len))
        return cell;
    code = places_find(convert->places, (struct places_text){cell.bytes, cell.len},
                       (struct places_text){convert->within.bytes, convert->within.len});
    return code == NULL ? cell : (struct source_cell){code, (uint32_t)strlen(code)};
}

static enum record_reason
convert_area(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    if (!convert_narrow(convert, &cell))
        return RECORD_BAD_CODE;
    cell = convert_place(convert, cell);
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
    if (text_is_digits(cell.bytes, cell.len)) {
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
        convert->formed[i] = mapping_form(mapping, type, (int)i, 0) != NULL;
        convert->units[i] = mapping_unit(mapping, type, (int)i);
        convert->presets[i] = mapping_default(mapping, type, (int)i);
        if (of == RECORD_CODES || of == RECORD_AREAS || of == RECORD_TEXTS)
            convert->items[i] = mem_grow(NULL, RECORD_LIST_MAX, sizeof(struct record_item));
    }
    convert->places = mapping_places(mapping);
    convert->within = (struct source_cell){"", 0};
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
        return convert_text(convert, field, cell, ret_cell);
    case RECORD_CODE:
        return convert_code(convert, field, cell, ret_cell);
    case RECORD_DATE:
        return convert_date(convert, field, cell, ret_cell);
    case RECORD_MONTH:
        return convert_month(convert, field, cell, ret_cell);
    case RECORD_MONEY:
        return convert_money(convert, field, cell, ret_cell);
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
           type == RECORD_TEXT || type == RECORD_TEXTS;
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
    if (cell.len == 0 && convert->presets[field] != NULL)
        cell = (struct source_cell){convert->presets[field],
                                    (uint32_t)strlen(convert->presets[field])};
    if (cell.len == 0 || convert_is_null(cell))
        return RECORD_OK;
    if (convert_is(cell, SOURCE_NO_RESULT))
        return RECORD_FORMULA;
    reason = convert_typed(convert, field, cell, ret_cell);
    convert->within.len = 0;
    if (of->optional && (reason != RECORD_OK || convert_takes_any(of->type)) &&
        convert_is_nothing(cell, of->reference)) {
        ret_cell->set = false;
        return RECORD_OK;
    }
    ret_cell->set = ret_cell->set && reason == RECORD_OK;
    return reason;
}

void
convert_refuse_serials(struct convert *convert)
{
    convert->serials_refused = true;
}

void
convert_within(struct convert *convert, struct source_cell township)
{
    convert->within = convert_unwrap(township);
}

bool
convert_has_preset(const struct convert *convert, int field)
{
    return convert->presets[field] != NULL;
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
