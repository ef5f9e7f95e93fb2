/* Rows to and from protobuf's wire format. */
#include "record.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };
enum { ROWS = 1, UNRESOLVED = 2 };                    /* fields of a payload */
enum { ROW_NO = 1, REMOVED = 2, FIRST_FIELD = 3 };    /* fields of a row */
enum { REASON = 2, COLUMN, ID_NO, NAME, PHONE, HOUSEHOLD_NO }; /* of an unresolved row */

#define TAG(number, wire) ((uint32_t)(number) << 3 | (wire))
#define VARINT_MAX 10 /* bytes */

/* What a message is cut into: the number of a field and its value. */
struct part {
    uint32_t number;
    uint32_t wire;
    uint64_t value;       /* WIRE_VARINT */
    const uint8_t *bytes; /* WIRE_BYTES */
    size_t len;
};

static bool
record_is_list(enum record_field_type type)
{
    return type == RECORD_CODES || type == RECORD_AREAS || type == RECORD_TEXTS;
}

static bool
record_is_number(enum record_field_type type)
{
    return type == RECORD_DATE || type == RECORD_MONTH || type == RECORD_MONEY ||
           type == RECORD_INT || type == RECORD_BOOL;
}

static bool
record_is_key(const struct record_type *type, size_t field)
{
    for (int i = 0; i < RECORD_KEY_MAX; i++)
        if (type->key[i] == (int)field)
            return true;
    return false;
}

static uint64_t
record_zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static int64_t
record_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static size_t
varint_size(uint64_t value)
{
    return (size_t)(64 - __builtin_clzll(value | 1) + 6) / 7;
}

static uint8_t *
varint_put(uint8_t *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

/* Returns the place behind the varint, or NULL when it does not end in time or is over 64 bits. */
static const uint8_t *
varint_get(const uint8_t *at, const uint8_t *end, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (at < end && *at < 0x80) {
        *ret_value = *at;
        return at + 1;
    }
    for (unsigned shift = 0; at < end && shift < 7 * VARINT_MAX; shift += 7) {
        uint8_t byte = *at++;

        if (shift == 63 && byte > 1)
            return NULL;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_value = value;
            return at;
        }
    }
    return NULL;
}

static size_t
text_size(uint32_t number, size_t len)
{
    return varint_size(TAG(number, 0)) + varint_size(len) + len;
}

static uint8_t *
text_put(uint8_t *at, uint32_t number, const char *bytes, size_t len)
{
    at = varint_put(at, TAG(number, WIRE_BYTES));
    at = varint_put(at, len);
    memcpy(at, bytes, len);
    return at + len;
}

static uint64_t
cell_number(const struct record_field *field, const struct record_cell *cell)
{
    return field->type == RECORD_BOOL ? (uint64_t)(cell->number != 0)
                                      : record_zigzag(cell->number);
}

static size_t
cell_size(const struct record_field *field, const struct record_cell *cell)
{
    size_t size = 0;

    if (record_is_number(field->type))
        return varint_size(TAG(field->number, 0)) + varint_size(cell_number(field, cell));
    if (!record_is_list(field->type))
        return cell->text.len == 0 ? 0 : text_size(field->number, cell->text.len);
    for (uint32_t i = 0; i < cell->list.count; i++)
        size += text_size(field->number, cell->list.items[i].len);
    return size;
}

static uint8_t *
cell_put(uint8_t *at, const struct record_field *field, const struct record_cell *cell)
{
    if (record_is_number(field->type))
        return varint_put(varint_put(at, TAG(field->number, WIRE_VARINT)),
                          cell_number(field, cell));
    if (!record_is_list(field->type)) {
        if (cell->text.len == 0)
            return at;
        return text_put(at, field->number, cell->text.bytes, cell->text.len);
    }
    for (uint32_t i = 0; i < cell->list.count; i++)
        at = text_put(at, field->number, cell->list.items[i].bytes, cell->list.items[i].len);
    return at;
}

void
record_encode(const struct record_type *type, const struct record_row *row, struct buf *out)
{
    size_t size = varint_size(TAG(ROW_NO, 0)) + varint_size(row->row_no) + (row->removed ? 2 : 0);
    uint8_t *start, *at;

    for (size_t i = 0; i < type->field_count; i++)
        if (row->cells[i].set && (!row->removed || record_is_key(type, i)))
            size += cell_size(&type->fields[i], &row->cells[i]);

    start = at = buf_reserve(out, 1 + VARINT_MAX + size);
    at = varint_put(at, TAG(ROWS, WIRE_BYTES));
    at = varint_put(at, size);
    at = varint_put(at, TAG(ROW_NO, WIRE_VARINT));
    at = varint_put(at, row->row_no);
    if (row->removed) {
        at = varint_put(at, TAG(REMOVED, WIRE_VARINT));
        at = varint_put(at, 1);
    }
    for (size_t i = 0; i < type->field_count; i++)
        if (row->cells[i].set && (!row->removed || record_is_key(type, i)))
            at = cell_put(at, &type->fields[i], &row->cells[i]);
    out->len += (size_t)(at - start);
}

/* Length to which a text of an unresolved row is cut, between characters. */
static size_t
record_cut(const struct record_item *item)
{
    size_t len = item->len;

    if (len <= RECORD_READ_BYTES)
        return len;
    len = RECORD_READ_BYTES;
    while (len > 0 && ((uint8_t)item->bytes[len] & 0xC0) == 0x80)
        len--;
    return len;
}

void
record_encode_unresolved(const struct record_unresolved *row, struct buf *out)
{
    const struct record_item *texts[] = {&row->column, &row->id_no, &row->name, &row->phone,
                                         &row->household_no};
    size_t size = 1 + varint_size(row->row_no) + 1 + varint_size(row->reason);
    uint8_t *start, *at;

    for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i]->len > 0)
            size += text_size(COLUMN + i, record_cut(texts[i]));

    start = at = buf_reserve(out, 1 + VARINT_MAX + size);
    at = varint_put(at, TAG(UNRESOLVED, WIRE_BYTES));
    at = varint_put(at, size);
    at = varint_put(varint_put(at, TAG(ROW_NO, WIRE_VARINT)), row->row_no);
    at = varint_put(varint_put(at, TAG(REASON, WIRE_VARINT)), row->reason);
    for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i]->len > 0)
            at = text_put(at, COLUMN + i, texts[i]->bytes, record_cut(texts[i]));
    out->len += (size_t)(at - start);
}

/* Length of the UTF-8 character at `at` when it has more than one byte, or 0 when it is none. */
static size_t
utf8_step(const uint8_t *at, size_t left)
{
    if (left >= 3 && at[0] >= 0xE0 && at[0] < 0xF0) {
        if ((at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80)
            return 0;
        if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] >= 0xA0))
            return 0; /* over-long, or half of a UTF-16 pair */
        return 3;
    }
    if (left >= 2 && at[0] >= 0xC2 && at[0] < 0xE0)
        return (at[1] & 0xC0) == 0x80 ? 2 : 0;
    if (left >= 4 && at[0] >= 0xF0 && at[0] < 0xF5) {
        if ((at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80 || (at[3] & 0xC0) != 0x80)
            return 0;
        if ((at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] >= 0x90))
            return 0; /* over-long, or above U+10FFFF */
        return 4;
    }
    return 0;
}

/* Every text of every row passes here, hence eight bytes of ASCII at a time and no call into ICU. */
static bool
utf8_valid(const uint8_t *at, size_t len)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;

    while (len > 0) {
        uint64_t word;

        if (len >= sizeof(word)) {
            memcpy(&word, at, sizeof(word));
            if ((((word - ones) | word) & high) == 0) {
                at += sizeof(word);
                len -= sizeof(word);
                continue;
            }
        }
        size_t step = *at < 0x80 ? (size_t)(*at != 0) : utf8_step(at, len);
        if (step == 0)
            return false;
        at += step;
        len -= step;
    }
    return true;
}

/* Returns the place behind the next part, or NULL when there is no valid one. */
static const uint8_t *
part_get(const uint8_t *at, const uint8_t *end, struct part *ret_part)
{
    uint64_t tag, len;

    at = varint_get(at, end, &tag);
    if (at == NULL || tag > UINT32_MAX || tag >> 3 == 0)
        return NULL;
    ret_part->number = (uint32_t)tag >> 3;
    ret_part->wire = (uint32_t)tag & 7;
    switch (ret_part->wire) {
    case WIRE_VARINT:
        return varint_get(at, end, &ret_part->value);
    case WIRE_BYTES:
        at = varint_get(at, end, &len);
        if (at == NULL || len > (size_t)(end - at))
            return NULL;
        ret_part->bytes = at;
        ret_part->len = (size_t)len;
        return at + len;
    case WIRE_64:
        return end - at >= 8 ? at + 8 : NULL;
    case WIRE_32:
        return end - at >= 4 ? at + 4 : NULL;
    default: /* groups, which our messages never had */
        return NULL;
    }
}

/* Each of these returns why the part cannot be taken, or NULL. */
static const char *
cell_take_number(const struct record_field *field, const struct part *part,
                 struct record_cell *cell)
{
    int64_t value;

    if (part->wire != WIRE_VARINT)
        return "a number has another wire type";
    value = field->type == RECORD_BOOL ? (int64_t)(part->value != 0)
                                       : record_unzigzag(part->value);
    if (field->type != RECORD_MONEY && (value < INT32_MIN || value > INT32_MAX))
        return "a number is out of range";
    cell->set = true;
    cell->number = value;
    return NULL;
}

static const char *
cell_take_text(const struct part *part, struct record_cell *cell)
{
    if (part->wire != WIRE_BYTES)
        return "a text has another wire type";
    if (!utf8_valid(part->bytes, part->len))
        return "a text is no UTF-8 or holds a NUL";
    cell->set = part->len > 0;
    cell->text.bytes = (const char *)part->bytes;
    cell->text.len = (uint32_t)part->len;
    return NULL;
}

static const char *
cell_take_item(struct record_reader *reader, size_t field, const struct part *part,
               struct record_cell *cell)
{
    struct record_item *items;

    if (part->wire != WIRE_BYTES)
        return "a list has another wire type";
    if (!utf8_valid(part->bytes, part->len))
        return "a text is no UTF-8 or holds a NUL";
    if (reader->items == NULL)
        reader->items =
            mem_zalloc(sizeof(*reader->items) * RECORD_LIST_MAX * RECORD_FIELDS_MAX);
    items = reader->items + field * RECORD_LIST_MAX;
    if (!cell->set) {
        cell->set = true;
        cell->list.items = items;
        cell->list.count = 0;
    }
    if (cell->list.count == RECORD_LIST_MAX)
        return "a list has too many items";
    items[cell->list.count++] = (struct record_item){
        .bytes = (const char *)part->bytes,
        .len = (uint32_t)part->len,
    };
    return NULL;
}

static const char *
row_take(struct record_reader *reader, const struct part *part, struct record_row *row)
{
    const struct record_type *type = reader->type;
    size_t field = (size_t)part->number - FIRST_FIELD;

    if (part->number >= FIRST_FIELD) {
        if (field >= type->field_count)
            return NULL;
        if (record_is_number(type->fields[field].type))
            return cell_take_number(&type->fields[field], part, &row->cells[field]);
        if (record_is_list(type->fields[field].type))
            return cell_take_item(reader, field, part, &row->cells[field]);
        return cell_take_text(part, &row->cells[field]);
    }
    if (part->wire != WIRE_VARINT)
        return "a number has another wire type";
    if (part->number == REMOVED) {
        row->removed = part->value != 0;
        return NULL;
    }
    if (part->value == 0 || part->value > RECORD_ROW_NO_MAX)
        return "a row number is out of range";
    row->row_no = (uint32_t)part->value;
    return NULL;
}

static const char *
row_read(struct record_reader *reader, const uint8_t *at, const uint8_t *end,
         struct record_row *row)
{
    row->row_no = 0;
    row->removed = false;
    memset(row->cells, 0, reader->type->field_count * sizeof(row->cells[0]));
    while (at < end) {
        const char *reason;
        struct part part;

        at = part_get(at, end, &part);
        if (at == NULL)
            return "a row is no valid message";
        reason = row_take(reader, &part, row);
        if (reason != NULL)
            return reason;
    }
    if (row->row_no == 0)
        return "a row has no number";
    for (size_t i = 0; row->removed && i < reader->type->field_count; i++)
        if (!record_is_key(reader->type, i))
            row->cells[i].set = false;
    return NULL;
}

static const char *
unresolved_take(const struct part *part, struct record_unresolved *row)
{
    struct record_item *texts[] = {&row->column, &row->id_no, &row->name, &row->phone,
                                   &row->household_no};

    if (part->number > HOUSEHOLD_NO)
        return NULL;
    if (part->wire != (part->number >= COLUMN ? WIRE_BYTES : WIRE_VARINT))
        return "an unresolved row has another wire type";
    if (part->number >= COLUMN) {
        if (part->len > RECORD_READ_BYTES)
            return "a text of an unresolved row is too long";
        if (!utf8_valid(part->bytes, part->len))
            return "a text is no UTF-8 or holds a NUL";
        texts[part->number - COLUMN]->bytes = (const char *)part->bytes;
        texts[part->number - COLUMN]->len = (uint32_t)part->len;
        return NULL;
    }
    if (part->number == REASON) {
        if (part->value < RECORD_BAD_ID || part->value > RECORD_STORAGE)
            return "an unresolved row has an unknown reason";
        row->reason = (enum record_reason)part->value;
        return NULL;
    }
    if (part->value == 0 || part->value > RECORD_ROW_NO_MAX)
        return "a row number is out of range";
    row->row_no = (uint32_t)part->value;
    return NULL;
}

static const char *
unresolved_read(const uint8_t *at, const uint8_t *end, struct record_unresolved *row)
{
    *row = (struct record_unresolved){0};
    while (at < end) {
        const char *reason;
        struct part part;

        at = part_get(at, end, &part);
        if (at == NULL)
            return "an unresolved row is no valid message";
        reason = unresolved_take(&part, row);
        if (reason != NULL)
            return reason;
    }
    if (row->row_no == 0 || row->reason == RECORD_OK)
        return "an unresolved row has no number or reason";
    return NULL;
}

void
record_reader_open(struct record_reader *reader, const struct record_type *type,
                   const uint8_t *payload, size_t len)
{
    assert(type->field_count <= RECORD_FIELDS_MAX);
    reader->type = type;
    reader->start = reader->at = payload;
    reader->end = len > 0 ? payload + len : payload;
}

void
record_reader_done(struct record_reader *reader)
{
    free(reader->items);
    *reader = (struct record_reader){0};
}

enum record_read
record_read(struct record_reader *reader, struct record_row *ret_row,
            struct record_unresolved *ret_unresolved, struct err *err)
{
    while (reader->at < reader->end) {
        const char *reason = NULL;
        struct part part;
        const uint8_t *next = part_get(reader->at, reader->end, &part);

        if (next == NULL)
            reason = "the payload is no valid message";
        else if (part.number > UNRESOLVED)
            ;
        else if (part.wire != WIRE_BYTES)
            reason = "the payload is no valid message";
        else if (part.len > RECORD_ROW_BYTES)
            reason = "a row is too long";
        else if (part.number == ROWS)
            reason = row_read(reader, part.bytes, next, ret_row);
        else
            reason = unresolved_read(part.bytes, next, ret_unresolved);

        if (reason != NULL)
            return (enum record_read)err_set(err, ERR_PROTOCOL, "payload byte %zu: %s",
                                             (size_t)(reader->at - reader->start), reason);
        reader->at = next;
        if (part.number == ROWS)
            return RECORD_ROW;
        if (part.number == UNRESOLVED)
            return RECORD_UNRESOLVED;
    }
    return RECORD_END;
}
