#include "sdk/prepare.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "sdk/convert.h"
#include "sdk/keys.h"
#include "sdk/prepare_judge.h"
#include "sdk/source.h"

/* One run over a file. */
struct prepare {
    const struct prepare_options *options;
    const struct record_type *type;
    struct prepare_result *result;
    struct source *source;
    struct convert *convert;
    struct keys *keys;
    struct spool *spool; /* NULL in a dry run */
    struct spool_writer *writer;
    struct table table;
    bool is_key[RECORD_FIELDS_MAX];
    int32_t first_day, last_day; /* of the period */
    bool again;                  /* the second reading, which knows all conflicting keys */
    bool scouting;               /* the first one after a conflict: only looks for more of them */
    struct prepare_counts counts;
    struct buf payload;
    uint32_t batch_rows, batch_unresolved;
    struct digest digest; /* of a dry run */
    size_t reject_size;
    struct record_row row;
};

static const struct source_cell prepare_no_cell = {"", 0};

static struct source_cell
prepare_cell(const struct source_row *row, int column)
{
    return column >= 0 && (uint32_t)column < row->count ? row->cells[column] : prepare_no_cell;
}

/* ---- batches ---- */

static int
prepare_begin(struct prepare *prepare, struct err *err)
{
    const struct prepare_options *options = prepare->options;
    struct prepare_result *result = prepare->result;
    struct spool_meta meta = {
        .producer = options->producer,
        .record_type = options->type->name,
        .county = options->county,
        .period = (uint32_t)options->period,
        .kind = options->kind,
        .revision = options->revision,
        .nil = options->nil,
        .file = options->path == NULL ? "" : options->path,
    };

    digest_init(&prepare->digest);
    if (prepare->spool == NULL)
        return 0;
    digest_random(result->uuid, sizeof(result->uuid));
    result->uuid[6] = (uint8_t)((result->uuid[6] & 0x0f) | 0x40); /* RFC 9562, version 4 */
    result->uuid[8] = (uint8_t)((result->uuid[8] & 0x3f) | 0x80);
    memcpy(meta.uuid, result->uuid, sizeof(meta.uuid));
    return spool_writer_begin(prepare->spool, &meta, &prepare->writer, err);
}

static int
prepare_flush(struct prepare *prepare, struct err *err)
{
    const struct buf *payload = &prepare->payload;

    if (payload->len == 0)
        return 0;
    if (prepare->writer == NULL)
        digest_add(&prepare->digest, payload->bytes, payload->len);
    else if (spool_writer_batch(prepare->writer, payload->bytes, payload->len, prepare->batch_rows,
                                prepare->batch_unresolved, err) != 0)
        return -1;
    buf_clear(&prepare->payload);
    prepare->batch_rows = prepare->batch_unresolved = 0;
    return 0;
}

/* Make the submission whole: in the spool, or only its digest. */
static int
prepare_commit(struct prepare *prepare, struct err *err)
{
    struct prepare_result *result = prepare->result;

    if (prepare->writer == NULL) {
        digest_finish(&prepare->digest, result->digest);
        return 0;
    }
    if (spool_writer_commit(STEAL(prepare->writer), result->totals, result->total_count,
                            result->digest, err) != 0)
        return -1;
    result->spooled = true;
    return 0;
}

/* ---- rows ---- */

static bool
prepare_is_blank(const struct source_row *row)
{
    for (uint32_t i = 0; i < row->count; i++)
        if (row->cells[i].len > 0 && convert_unwrap(row->cells[i]).len > 0)
            return false;
    return true;
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
        refusal_set(refusal, "removal",
                    "第 %u 行的“操作”是“删除”，只有增量文件可以删除。请用 --kind delta 发送。",
                    "row %u asks for a deletion, which only a delta may; send the file with --kind "
                    "delta",
                    row->row_no);
        return SOURCE_REFUSED;
    }
    if (!*ret_removed && cell.len > 0 &&
        (cell.len != strlen("新增") || memcmp(cell.bytes, "新增", cell.len) != 0)) {
        refusal_set(refusal, "operation",
                    "第 %u 行的“操作”只能填“新增”或“删除”。请改正后重新发送。",
                    "row %u has an operation other than 新增 (add) and 删除 (delete); correct it",
                    row->row_no);
        return SOURCE_REFUSED;
    }
    return SOURCE_ROW;
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
        if (column < 0 || (uint32_t)column >= row->count || (to->removed && !prepare->is_key[i]))
            continue;
        reason = convert_cell(prepare->convert, (int)i, row->cells[column], &to->cells[i]);
        if (reason != RECORD_OK && bad == RECORD_OK) {
            bad = reason;
            bad_field = (int)i;
        }
    }
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
        (struct reject_row){row->row_no, (uint8_t)reason, (int8_t)field};
    result->unresolved++;
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

static enum source_read
prepare_row(struct prepare *prepare, const struct source_row *row, struct err *err)
{
    struct prepare_result *result = prepare->result;
    enum record_reason reason;
    int field;

    if (prepare_is_blank(row)) {
        result->blank++;
        return SOURCE_ROW;
    }
    if (result->rows == PREPARE_ROWS_MAX) {
        refusal_set(&result->refusal, "rows_limit", "数据超过 %d 行，不能作为一个文件接收。",
                    "the file has more than %d rows", PREPARE_ROWS_MAX);
        return SOURCE_REFUSED;
    }
    result->rows++;
    prepare->counts.wide += prepare_is_wide(prepare, row);
    prepare->row.removed = false;
    if (prepare->table.operation >= 0 &&
        prepare_operation(prepare, row, &prepare->row.removed) == SOURCE_REFUSED)
        return SOURCE_REFUSED;
    reason = prepare_convert(prepare, row, &field);
    if (reason == RECORD_OK)
        prepare_store(prepare, row);
    else
        prepare_unresolved(prepare, row, reason, field);
    if (prepare->scouting)
        buf_clear(&prepare->payload);
    if (prepare->payload.len >= SPOOL_BATCH_BYTES && prepare_flush(prepare, err) != 0)
        return SOURCE_ERROR;
    return SOURCE_ROW;
}

/* ---- readings ---- */

/* Forget what an earlier reading counted. */
static void
prepare_reset(struct prepare *prepare)
{
    struct prepare_result *result = prepare->result;

    result->rows = result->stored = result->removed = 0;
    result->collapsed = result->unresolved = result->blank = 0;
    memset(result->reasons, 0, sizeof(result->reasons));
    memset(result->column_bad, 0, sizeof(result->column_bad));
    memset(result->column_filled, 0, sizeof(result->column_filled));
    memset(result->totals, 0, sizeof(result->totals));
    result->reject_count = 0;
    prepare->counts = (struct prepare_counts){0};
    convert_free(prepare->convert);
    prepare->convert = convert_new(prepare->type, prepare->options->mapping);
    prepare->scouting = false;
    buf_clear(&prepare->payload);
    prepare->batch_rows = prepare->batch_unresolved = 0;
}

/* Find the header and say what of it is not known. */
static enum source_read
prepare_header(struct prepare *prepare, struct err *err)
{
    struct prepare_result *result = prepare->result;
    enum source_read read = table_find(prepare->source, prepare->type, prepare->options->mapping,
                                       &prepare->table, &result->refusal, err);

    if (read != SOURCE_ROW)
        return read;
    result->unknown_count = prepare->table.unknown_count;
    memcpy(result->unknown, prepare->table.unknown, sizeof(result->unknown));
    if (prepare->table.report && prepare->options->kind != FRAME_CORRECTION) {
        refusal_set(&result->refusal, "report_kind",
                    "这是退回清单，只能作为更正发送。请用 --kind correction 发送。",
                    "this is a reject report, which can only be sent as a correction; use --kind "
                    "correction");
        return SOURCE_REFUSED;
    }
    return SOURCE_ROW;
}

/* Read the file once, from its first row to its end. */
static enum source_read
prepare_read(struct prepare *prepare, struct err *err)
{
    enum source_read read;
    struct source_row row;

    prepare_reset(prepare);
    if (prepare_begin(prepare, err) != 0)
        return SOURCE_ERROR;
    read = prepare_header(prepare, err);
    while (read == SOURCE_ROW) {
        read = source_next(prepare->source, &row, &prepare->result->refusal, err);
        if (read == SOURCE_ROW)
            read = prepare_row(prepare, &row, err);
    }
    prepare->counts.upgraded = convert_upgraded(prepare->convert);
    return read;
}

/* The second reading, now that all conflicting keys are known. */
static enum source_read
prepare_read_again(struct prepare *prepare, struct err *err)
{
    uint64_t conflicts = keys_conflicts(prepare->keys);
    enum source_read read;

    spool_writer_abort(STEAL(prepare->writer));
    keys_again(prepare->keys);
    prepare->again = true;
    if (source_rewind(prepare->source, err) != 0)
        return SOURCE_ERROR;
    read = prepare_read(prepare, err);
    if (read == SOURCE_END && keys_conflicts(prepare->keys) != conflicts) {
        (void)err_set(err, ERR_INPUT, "the file changed while it was read");
        return SOURCE_ERROR;
    }
    return read;
}

/* A nil report's file may be left out, empty, or a header alone. */
static enum source_read
prepare_read_nil(struct prepare *prepare, struct err *err)
{
    struct refusal found = {0}, *refusal = &prepare->result->refusal;
    enum source_read read = SOURCE_END;
    struct source_row row;

    prepare_reset(prepare);
    if (prepare->source != NULL) {
        read = table_find(prepare->source, prepare->type, prepare->options->mapping,
                          &prepare->table, &found, err);
        if (read == SOURCE_REFUSED && strcmp(found.code, "empty") == 0)
            read = SOURCE_END;
        while (read == SOURCE_ROW) {
            read = source_next(prepare->source, &row, &found, err);
            if (read == SOURCE_ROW && !prepare_is_blank(&row))
                read = SOURCE_REFUSED;
        }
    }
    if (read == SOURCE_REFUSED)
        refusal_set(refusal, "nil_content",
                    "声明了零报告，但文件里有数据。请去掉 --nil，或改发空文件。",
                    "the file is declared nil and has rows; leave out --nil, or send no rows");
    if (read == SOURCE_END && prepare_begin(prepare, err) != 0)
        return SOURCE_ERROR;
    return read;
}

static enum source_read
prepare_read_all(struct prepare *prepare, struct err *err)
{
    enum source_read read;

    if (prepare->options->nil)
        return prepare_read_nil(prepare, err);
    read = prepare_read(prepare, err);
    if (read == SOURCE_END && keys_conflicts(prepare->keys) > 0)
        read = prepare_read_again(prepare, err);
    if (read == SOURCE_END && prepare_flush(prepare, err) != 0)
        return SOURCE_ERROR;
    if (read == SOURCE_END)
        prepare_judge_rows(prepare->options, &prepare->counts, prepare->result);
    return read;
}

/* ---- the whole run ---- */

/*
 * Write or remove the reject report. That it cannot be written, in a folder
 * that is read-only, is no reason to keep the data from the hub.
 */
static void
prepare_rejects(struct prepare *prepare)
{
    const struct prepare_options *options = prepare->options;
    struct prepare_result *result = prepare->result;
    struct err err;
    int done;

    if (!options->rejects || prepare->source == NULL)
        return;
    if (result->reject_count == 0)
        done = reject_remove(options->path, &err);
    else
        done = reject_write(options->path, options->type, options->mapping, result->rejects,
                            result->reject_count, &err);
    result->rejects_written = done == 0 && result->reject_count > 0;
    if (done != 0)
        prepare_judge_warn(result, "report_unwritten", "退回清单没有写成，请检查文件夹权限（%s）",
                           "the reject report could not be written: %s", err.text);
}

static bool
prepare_is_about_rows(const struct refusal *refusal)
{
    return refusal->code == NULL || strcmp(refusal->code, "too_many_bad") == 0 ||
           strcmp(refusal->code, "other_county") == 0;
}

static int
prepare_go(struct prepare *prepare, struct err *err)
{
    const char *path = prepare->options->path;
    struct refusal *refusal = &prepare->result->refusal;

    prepare_judge_options(prepare->options, prepare->result);
    if (refusal->code == NULL && path != NULL && *path != '\0' &&
        source_open(path, &prepare->source, refusal, err) != 0)
        return -1;
    if (refusal->code == NULL && prepare->source == NULL && !prepare->options->nil)
        return err_set(err, ERR_INPUT, "no file is named, and the submission is no nil report");
    if (refusal->code == NULL && prepare_read_all(prepare, err) == SOURCE_ERROR)
        return -1;
    if (prepare_is_about_rows(refusal))
        prepare_rejects(prepare);
    if (refusal->code == NULL)
        return prepare_commit(prepare, err);
    memset(prepare->result->uuid, 0, sizeof(prepare->result->uuid));
    return 0;
}

static void
prepare_done(struct prepare *prepare)
{
    spool_writer_abort(prepare->writer);
    source_close(prepare->source);
    convert_free(prepare->convert);
    keys_free(prepare->keys);
    buf_done(&prepare->payload);
}
#define AUTO_PREPARE __attribute__((cleanup(prepare_done)))

int
prepare_run(const struct prepare_options *options, struct spool *spool,
            struct prepare_result *ret_result, struct err *err)
{
    AUTO_PREPARE struct prepare prepare = {
        .options = options,
        .type = options->type,
        .result = ret_result,
        .spool = spool,
    };

    *ret_result = (struct prepare_result){
        .type = options->type,
        .kind = options->kind,
        .nil = options->nil,
    };
    for (int i = 0; i < RECORD_KEY_MAX && options->type->key[i] >= 0; i++)
        prepare.is_key[options->type->key[i]] = true;
    for (size_t i = 0; i < options->type->field_count; i++)
        ret_result->total_count += options->type->fields[i].type == RECORD_MONEY;
    if (clock_month_valid(options->period)) {
        prepare.first_day = clock_month_first(options->period);
        prepare.last_day = clock_month_last(options->period);
    }
    prepare.keys = keys_new();
    return prepare_go(&prepare, err);
}

void
prepare_result_done(struct prepare_result *result)
{
    free(result->rejects);
    result->rejects = NULL;
    result->reject_count = 0;
}

int
prepare_guess(const char *path, const char *sector, const struct mapping *mapping,
              const struct record_type **ret_type, struct refusal *ret_refusal, struct err *err)
{
    AUTO(source_close) struct source *source = NULL;

    *ret_type = NULL;
    *ret_refusal = (struct refusal){0};
    if (source_open(path, &source, ret_refusal, err) != 0)
        return -1;
    if (source == NULL)
        return 0;
    return table_guess(source, sector, mapping, ret_type, ret_refusal, err) == SOURCE_ERROR ? -1
                                                                                            : 0;
}
