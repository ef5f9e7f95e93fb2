/* Rows to and from protobuf's wire format. */
#include "record.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "part.h"

enum { ROWS = 1, UNRESOLVED = 2 };                                    /* fields of a payload */
enum { ROW_NO = 1, REMOVED = 2, FIRST_FIELD = 3 };                    /* fields of a row */
enum { REASON = 2, COLUMN, ID_NO, NAME, PHONE, HOUSEHOLD_NO, EXACT }; /* of an unresolved row */

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
cell_number(const struct record_field *field, const struct record_cell *cell)
{
    return field->type == RECORD_BOOL ? (uint64_t)(cell->number != 0) : part_zigzag(cell->number);
}

static size_t
cell_size(const struct record_field *field, const struct record_cell *cell)
{
    size_t size = 0;

    if (record_is_number(field->type))
        return part_varint_size(PART_TAG(field->number, 0)) +
               part_varint_size(cell_number(field, cell));
    if (!record_is_list(field->type))
        return cell->text.len == 0 ? 0 : part_text_size(field->number, cell->text.len);
    for (uint32_t i = 0; i < cell->list.count; i++)
        size += part_text_size(field->number, cell->list.items[i].len);
    return size;
}

static uint8_t *
cell_put(uint8_t *at, const struct record_field *field, const struct record_cell *cell)
{
    if (record_is_number(field->type))
        return part_varint_put(part_varint_put(at, PART_TAG(field->number, PART_VARINT)),
                               cell_number(field, cell));
    if (!record_is_list(field->type)) {
        if (cell->text.len == 0)
            return at;
        return part_text_put(at, field->number, cell->text.bytes, cell->text.len);
    }
    for (uint32_t i = 0; i < cell->list.count; i++)
        at = part_text_put(at, field->number, cell->list.items[i].bytes, cell->list.items[i].len);
    return at;
}

void
record_encode(const struct record_type *type, const struct record_row *row, struct buf *out)
{
    size_t size = part_varint_size(PART_TAG(ROW_NO, 0)) + part_varint_size(row->row_no) +
                  (row->removed ? 2 : 0);
    uint8_t *start, *at;

    for (size_t i = 0; i < type->field_count; i++)
        if (row->cells[i].set && (!row->removed || record_is_key(type, i)))
            size += cell_size(&type->fields[i], &row->cells[i]);

    start = at = buf_reserve(out, 1 + PART_VARINT_MAX + size);
    at = part_varint_put(at, PART_TAG(ROWS, PART_BYTES));
    at = part_varint_put(at, size);
    at = part_varint_put(at, PART_TAG(ROW_NO, PART_VARINT));
    at = part_varint_put(at, row->row_no);
    if (row->removed) {
        at = part_varint_put(at, PART_TAG(REMOVED, PART_VARINT));
        at = part_varint_put(at, 1);
    }
    for (size_t i = 0; i < type->field_count; i++)
        if (row->cells[i].set && (!row->removed || record_is_key(type, i)))
            at = cell_put(at, &type->fields[i], &row->cells[i]);
    out->len += (size_t)(at - start);
}

static size_t
unresolved_cut(const struct record_item *item)
{
    return part_cut(item->bytes, item->len, RECORD_READ_BYTES);
}

/* The reason among those that every release knows which comes nearest: a hub of the first release
   refuses any other, and passes over the field with the exact one. */
static enum record_reason
unresolved_known(enum record_reason reason)
{
    switch (reason) {
    case RECORD_BAD_UNIT:
        return RECORD_BAD_MONEY;
    case RECORD_FORMULA:
        return RECORD_REQUIRED;
    case RECORD_BAD_TEXT:
        return RECORD_STORAGE;
    case RECORD_OK:
    case RECORD_BAD_ID:
    case RECORD_BAD_NAME:
    case RECORD_BAD_CODE:
    case RECORD_BAD_DATE:
    case RECORD_BAD_MONTH:
    case RECORD_BAD_MONEY:
    case RECORD_BAD_NUMBER:
    case RECORD_REQUIRED:
    case RECORD_KEY:
    case RECORD_COUNTY:
    case RECORD_STORAGE:
        return reason;
    }
    return reason;
}

void
record_encode_unresolved(const struct record_unresolved *row, struct buf *out)
{
    enum record_reason known = unresolved_known(row->reason);
    const struct record_item *texts[] = {&row->column, &row->id_no, &row->name, &row->phone,
                                         &row->household_no};
    size_t size = 1 + part_varint_size(row->row_no) + 1 + part_varint_size(known);
    uint8_t *start, *at;

    for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i]->len > 0)
            size += part_text_size(COLUMN + i, unresolved_cut(texts[i]));
    if (known != row->reason)
        size += 1 + part_varint_size(row->reason);

    start = at = buf_reserve(out, 1 + PART_VARINT_MAX + size);
    at = part_varint_put(at, PART_TAG(UNRESOLVED, PART_BYTES));
    at = part_varint_put(at, size);
    at = part_varint_put(part_varint_put(at, PART_TAG(ROW_NO, PART_VARINT)), row->row_no);
    at = part_varint_put(part_varint_put(at, PART_TAG(REASON, PART_VARINT)), known);
    for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i]->len > 0)
            at = part_text_put(at, COLUMN + i, texts[i]->bytes, unresolved_cut(texts[i]));
    if (known != row->reason)
        at = part_varint_put(part_varint_put(at, PART_TAG(EXACT, PART_VARINT)), row->reason);
    out->len += (size_t)(at - start);
}

/* Each function below returns why the part cannot be taken, or NULL. */
static const char *
cell_take_number(const struct record_field *field, const struct part *part,
                 struct record_cell *cell)
{
    int64_t value;

    if (part->wire != PART_VARINT)
        return "a number has another wire type";
    value = field->type == RECORD_BOOL ? (int64_t)(part->value != 0) : part_unzigzag(part->value);
    if (field->type != RECORD_MONEY && (value < INT32_MIN || value > INT32_MAX))
        return "a number is out of range";
    cell->set = true;
    cell->number = value;
    return NULL;
}

static const char *
cell_take_text(const struct part *part, struct record_cell *cell)
{
    if (part->wire != PART_BYTES)
        return "a text has another wire type";
    if (!part_utf8_valid(part->bytes, part->len))
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

    if (part->wire != PART_BYTES)
        return "a list has another wire type";
    if (!part_utf8_valid(part->bytes, part->len))
        return "a text is no UTF-8 or holds a NUL";
    if (reader->items == NULL)
        reader->items = mem_zalloc(sizeof(*reader->items) * RECORD_LIST_MAX * RECORD_FIELDS_MAX);
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
    if (part->wire != PART_VARINT)
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

    if (part->number == EXACT && part->wire == PART_VARINT) {
        if (part->value > RECORD_STORAGE && part->value <= RECORD_REASON_LAST)
            row->reason = (enum record_reason)part->value;
        return NULL;
    }
    if (part->number > HOUSEHOLD_NO)
        return NULL;
    if (part->wire != (part->number >= COLUMN ? PART_BYTES : PART_VARINT))
        return "an unresolved row has another wire type";
    if (part->number >= COLUMN) {
        if (part->len > RECORD_READ_BYTES)
            return "a text of an unresolved row is too long";
        if (!part_utf8_valid(part->bytes, part->len))
            return "a text is no UTF-8 or holds a NUL";
        texts[part->number - COLUMN]->bytes = (const char *)part->bytes;
        texts[part->number - COLUMN]->len = (uint32_t)part->len;
        return NULL;
    }
    if (part->number == REASON) {
        if (part->value < RECORD_BAD_ID || part->value > RECORD_STORAGE)
            return "an unresolved row has an unknown reason";
        if (row->reason <= RECORD_STORAGE) /* the exact one may have come before */
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
        else if (part.wire != PART_BYTES)
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
