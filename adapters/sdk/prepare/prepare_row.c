/* What becomes of one row of the file. */
#include "sdk/prepare/prepare_parts.h"
#include "sdk/prepare/title.h"

#include <string.h>

#include "base/text.h"
#include "sdk/prepare/sift.h"
#include "sdk/prepare/split.h"

static const struct source_cell prepare_no_cell = {"", 0};

static struct source_cell
prepare_cell(const struct source_row *row, int column)
{
    return column >= 0 && (uint32_t)column < row->count ? row->cells[column] : prepare_no_cell;
}

/* Whether something stands behind the header's last column. */
static bool
prepare_is_wide(const struct prepare *prepare, const struct source_row *row)
{
    for (uint32_t i = prepare->table.width; i < row->count; i++)
        if (convert_unwrap(row->cells[i]).len > 0)
            return true;
    return false;
}

/* Whether the row is a deletion, by its cell 操作; refuses the file when that cannot be. */
static enum source_read
prepare_operation(struct prepare *prepare, const struct source_row *row, bool *ret_removed)
{
    struct source_cell cell = convert_unwrap(prepare_cell(row, prepare->table.operation));
    struct refusal *refusal = &prepare->result->refusal;

    *ret_removed = cell.len == strlen("删除") && memcmp(cell.bytes, "删除", cell.len) == 0;
    if (*ret_removed && prepare->options->kind != FRAME_DELTA) {
        refusal_set(refusal, REFUSAL_REMOVAL,
                    "第 %u 行的“操作”是“删除”，只有增量文件可以删除。请用 --kind delta 发送。",
                    "row %u asks for a deletion, which only a delta may; send the file with --kind "
                    "delta",
                    row->row_no);
        return SOURCE_REFUSED;
    }
    if (!*ret_removed && cell.len > 0 &&
        (cell.len != strlen("新增") || memcmp(cell.bytes, "新增", cell.len) != 0)) {
        refusal_set(
            refusal, REFUSAL_OPERATION,
            "第 %u 行的“操作”只能填“新增”或“删除”。不是增删标记的，请删去“操作”这一列后重新发送。",
            "row %u has an operation other than 新增 (add) and 删除 (delete); correct it, or "
            "delete the column when it is none",
            row->row_no);
        return SOURCE_REFUSED;
    }
    return SOURCE_ROW;
}

/* A sum whose thousands comma was read as the end of its cell: its field, or -1. A cell lies beyond the
   header, and the row has digits where the comma was. */
static int
prepare_cut_sum(const struct prepare *prepare, const struct source_row *row)
{
    int last = -1;

    for (uint32_t i = prepare->table.width; i < row->count && last < 0; i++) {
        struct source_cell cell = convert_unwrap(row->cells[i]);

        if (cell.len >= 2 && cell.bytes[0] >= '0' && cell.bytes[0] <= '9')
            last = (int)i;
    }
    for (size_t i = 0; last >= 0 && i < prepare->type->field_count; i++)
        if (prepare->type->fields[i].type == RECORD_MONEY && prepare->table.column[i] >= 0)
            return (int)i;
    return -1;
}

/* Look for what a spreadsheet makes of references: numbers as it shows long ones, lost zeros, one value
   that stands for most of the rows. */
static void
prepare_look_reference(struct prepare *prepare, size_t field, struct source_cell cell)
{
    struct prepare_reference *look = &prepare->counts.references[field];
    uint64_t hash = 0;

    cell = convert_unwrap(cell);
    if (cell.len == 0)
        return;
    look->filled++;
    look->scientific += record_is_scientific(cell.bytes, cell.len);
    for (uint32_t i = 0; i < cell.len; i++)
        hash = hash * 1099511628211u + (unsigned char)cell.bytes[i];
    if (look->majority == 0)
        look->candidate = hash;
    look->majority += hash == look->candidate ? 1 : -1;
    if (cell.len < PREPARE_LENGTHS && text_is_digits(cell.bytes, cell.len))
        look->lengths[cell.len]++;
}

/* Look for the traces that a spreadsheet leaves in numbers it took for a quantity. */
static void
prepare_look(struct prepare *prepare, const struct record_cell *id)
{
    int last = 0;

    if (!id->set || id->text.len != TEXT_ID_LEN)
        return;
    for (int i = TEXT_ID_LEN - 4; i < TEXT_ID_LEN; i++) {
        if (id->text.bytes[i] < '0' || id->text.bytes[i] > '9')
            return;
        last = last * 10 + (id->text.bytes[i] - '0');
    }
    prepare->counts.numbers++;
    prepare->counts.rounded += last % 1000 == 0;
    prepare->counts.sixteenths += last % 16 == 0;
}

/* Convert and check a row; returns the first reason by order of fields. */
static enum record_reason
prepare_convert(struct prepare *prepare, const struct source_row *row, int *ret_field)
{
    struct record_row *to = &prepare->row;
    enum record_reason bad = RECORD_OK, reason;
    int bad_field = RECORD_FIELDS_MAX, field = RECORD_FIELDS_MAX;
    size_t bytes = 0;

    for (uint32_t i = 0; i < row->count; i++)
        bytes += row->cells[i].len;
    convert_begin(prepare->convert, bytes);
    to->row_no = row->row_no;
    for (size_t i = 0; i < prepare->type->field_count; i++) {
        int column = prepare->table.column[i];

        to->cells[i].set = false;
        if ((to->removed && !prepare->is_key[i]) ||
            (column < 0 && !convert_has_preset(prepare->convert, (int)i)))
            continue;
        if (prepare->table.township[i] >= 0)
            convert_within(prepare->convert, prepare_cell(row, prepare->table.township[i]));
        if (prepare->type->fields[i].reference)
            prepare_look_reference(prepare, i, prepare_cell(row, column));
        reason = convert_cell(prepare->convert, (int)i, prepare_cell(row, column), &to->cells[i]);
        if (reason != RECORD_OK && bad == RECORD_OK) {
            bad = reason;
            bad_field = (int)i;
        }
    }
    if (prepare->type->id >= 0)
        prepare_look(prepare, &to->cells[prepare->type->id]);
    reason =
        record_check(prepare->type, to, prepare->options->county, prepare->options->today, &field);
    if (bad != RECORD_OK && (reason == RECORD_OK || field >= bad_field)) {
        reason = bad;
        field = bad_field;
    }
    *ret_field = field;
    return reason;
}

static struct record_item
prepare_item(struct prepare *prepare, const struct source_row *row, int field)
{
    if (field < 0)
        return (struct record_item){0};
    if (prepare->row.cells[field].set)
        return (struct record_item){prepare->row.cells[field].text.bytes,
                                    prepare->row.cells[field].text.len};
    return convert_read(prepare->convert, field, prepare_cell(row, prepare->table.column[field]));
}

static void
prepare_unresolved(struct prepare *prepare, const struct source_row *row, enum record_reason reason,
                   int field)
{
    const struct record_type *type = prepare->type;
    struct prepare_result *result = prepare->result;
    const char *column = type->fields[field].name;
    struct record_unresolved unresolved = {
        .row_no = row->row_no,
        .reason = reason,
        .column = {column, (uint32_t)strlen(column)},
        .id_no = prepare_item(prepare, row, type->id),
        .name = prepare_item(prepare, row, type->person_name),
        .phone = prepare_item(prepare, row, type->phone),
        .household_no = prepare_item(prepare, row, type->household_no),
    };

    if (result->reject_count == prepare->reject_size) {
        prepare->reject_size = prepare->reject_size == 0 ? 256 : prepare->reject_size * 2;
        result->rejects = mem_grow(result->rejects, prepare->reject_size, sizeof(*result->rejects));
    }
    result->rejects[result->reject_count++] =
        (struct sink_row){row->row_no, (uint8_t)reason, (int8_t)field};
    result->refused++;
    result->reasons[reason]++;
    result->column_bad[field]++;
    record_encode_unresolved(&unresolved, &prepare->payload);
    prepare->batch_unresolved++;
}

static void
prepare_count(struct prepare *prepare)
{
    const struct record_type *type = prepare->type;
    struct prepare_result *result = prepare->result;
    const struct record_row *row = &prepare->row;
    size_t total = 0;

    result->stored++;
    result->removed += row->removed;
    for (size_t i = 0; i < type->field_count; i++) {
        result->column_filled[i] += row->cells[i].set;
        if (type->fields[i].type != RECORD_MONEY)
            continue;
        if (row->cells[i].set)
            result->totals[total] =
                (int64_t)((uint64_t)result->totals[total] + (uint64_t)row->cells[i].number);
        total++;
    }
    if (type->event_date >= 0 && row->cells[type->event_date].set) {
        int64_t date = row->cells[type->event_date].number;

        prepare->counts.events++;
        prepare->counts.events_outside += date < prepare->first_day || date > prepare->last_day;
    }
    prepare->batch_rows++;
}

/*
 * Store the row unless its key says otherwise. The row is encoded while the
 * key's place is on its way from memory, and taken back when it was not wanted.
 */
static void
prepare_store(struct prepare *prepare, const struct source_row *row)
{
    const struct record_type *type = prepare->type;
    uint64_t key = record_key_hash(type, &prepare->row);
    size_t before = prepare->payload.len;

    keys_prefetch(prepare->keys, key);
    record_encode(type, &prepare->row, &prepare->payload);
    switch (keys_add(prepare->keys, key, record_content_hash(type, &prepare->row))) {
    case KEYS_NEW:
        prepare_count(prepare);
        return;
    case KEYS_COPY:
        prepare->payload.len = before;
        prepare->result->collapsed++;
        return;
    case KEYS_CONFLICT:
        prepare->payload.len = before;
        prepare->scouting = !prepare->again;
        prepare_unresolved(prepare, row, RECORD_KEY, type->key[0]);
        return;
    }
}

bool
prepare_row_fits(struct prepare *prepare, const struct source_row *row, int *ret_field)
{
    prepare->row.removed = false;
    return prepare_convert(prepare, row, ret_field) == RECORD_OK;
}

enum source_read
prepare_row(struct prepare *prepare, const struct source_row *row, struct err *err)
{
    struct prepare_result *result = prepare->result;
    enum record_reason reason;
    int field;

    switch (sift_row(&prepare->table, row, prepare->options->today)) {
    case SIFT_BLANK:
        result->blank++;
        return SOURCE_ROW;
    case SIFT_TAIL:
        result->tails++;
        prepare->counts.more = prepare->counts.more || title_counts_more(row);
        return SOURCE_ROW;
    case SIFT_TEST:
        result->tests++;
        return SOURCE_ROW;
    case SIFT_EXAMPLE:
        result->examples++;
        return SOURCE_ROW;
    case SIFT_DATA:
        break;
    }
    if (prepare->options->split &&
        split_county(&prepare->table, prepare->options->mapping, row) != prepare->options->county)
        return SOURCE_ROW;
    if (result->rows == PREPARE_ROWS_MAX) {
        refusal_set(&result->refusal, REFUSAL_ROWS_LIMIT, "数据超过 %d 行，不能作为一个文件接收。",
                    "the file has more than %d rows", PREPARE_ROWS_MAX);
        return SOURCE_REFUSED;
    }
    result->rows++;
    prepare->counts.wide += prepare_is_wide(prepare, row);
    prepare->counts.hidden += row->hidden;
    prepare->row.removed = false;
    if (prepare->table.operation >= 0 &&
        prepare_operation(prepare, row, &prepare->row.removed) == SOURCE_REFUSED)
        return SOURCE_REFUSED;
    reason = prepare_convert(prepare, row, &field);
    if (reason == RECORD_OK && (field = prepare_cut_sum(prepare, row)) >= 0)
        reason = RECORD_BAD_MONEY;
    if (reason == RECORD_OK)
        prepare_store(prepare, row);
    else
        prepare_unresolved(prepare, row, reason, field);
    if (prepare->scouting)
        buf_clear(&prepare->payload);
    if (prepare->payload.len >= SINK_BATCH_BYTES && prepare_flush(prepare, err) != 0)
        return SOURCE_ERROR;
    return SOURCE_ROW;
}
