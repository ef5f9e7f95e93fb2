#include "intake/batch.h"

#include <string.h>

#include "base/crash.h"
#include "base/text.h"
#include "intake/intake_sql.h"
#include "record.h"
#include "store/tuple.h"

#define COPY_CHUNK (64 * 1024)

struct batch {
    struct store *store;
    struct batch_source source;
    uint64_t generation;
    struct submission half; /* as it was when the batch was made */
    bool begun;             /* a transaction is open */
    struct submission_counts counts;
    struct buf rows;       /* COPY bytes for the feed table */
    struct buf quarantine; /* COPY bytes for ops.quarantine */
    struct buf scratch;
    size_t usable;     /* rows that passed the check so far */
    size_t from, upto; /* which usable rows this pass copies */
    /* After a division: quarantined rows are inserted, and these usable ones are among them. */
    bool insert;
    size_t *bad, bad_count, bad_next;
};

/* Send the bytes left of a COPY and end it. */
static int
batch_copy_end(struct batch *batch, struct buf *bytes, struct err *err)
{
    tuple_end(bytes);
    if (store_copy_add(batch->store, bytes->bytes, bytes->len, err) < 0)
        return -1;
    return store_copy_end(batch->store, NULL, err);
}

static struct store_param
batch_param(const struct record_item *item, struct buf *copy)
{
    buf_clear(copy);
    buf_add(copy, item->bytes, item->len);
    return item->len > 0 ? STORE_T(buf_str(copy)) : STORE_T(NULL);
}

/* Rows with one number for two would break a COPY, and this is where such batches end up. */
static int
batch_insert_quarantine(struct batch *batch, bool hub, const struct record_unresolved *row,
                        struct err *err)
{
    AUTO_BUF struct buf column = {0};
    AUTO_BUF struct buf id = {0};
    AUTO_BUF struct buf name = {0};
    AUTO_BUF struct buf phone = {0};
    AUTO_BUF struct buf household = {0};

    buf_add(&column, row->column.bytes, row->column.len);
    buf_clear(&batch->scratch);
    text_fold_name(row->name.bytes, row->name.len, &batch->scratch);
    const struct record_item key = {(const char *)batch->scratch.bytes,
                                    (uint32_t)batch->scratch.len};
    bool keyed = key.len > 0 &&
                 (key.len != row->name.len || memcmp(key.bytes, row->name.bytes, key.len) != 0);
    const struct store_param params[] = {
        STORE_I(batch->half.county),
        STORE_I(batch->half.number),
        STORE_I(row->row_no),
        STORE_T(buf_str(&column)),
        STORE_T(record_reason_name(row->reason)),
        STORE_T(hub ? "t" : "f"),
        batch_param(&row->id_no, &id),
        batch_param(&row->name, &name),
        STORE_T(keyed ? buf_str(&batch->scratch) : NULL),
        batch_param(&row->phone, &phone),
        batch_param(&row->household_no, &household),
    };
    return store_run(batch->store, intake_sql_quarantine_insert.text, params, 11, NULL, NULL, err);
}

static int
batch_quarantine(struct batch *batch, bool hub, const struct record_unresolved *row,
                 struct err *err)
{
    batch->counts.quarantined++;
    if (batch->insert)
        return batch_insert_quarantine(batch, hub, row, err);
    tuple_add_quarantine(batch->half.county, batch->half.number, hub, row, &batch->scratch,
                         &batch->quarantine);
    return 0;
}

/* The text that ops.quarantine keeps of a cell of a row that the hub refuses. */
static struct record_item
batch_text(const struct record_row *row, int field)
{
    const struct record_cell *cell = field >= 0 ? &row->cells[field] : NULL;

    if (cell == NULL || !cell->set || cell->text.len > RECORD_READ_BYTES)
        return (struct record_item){0};
    return (struct record_item){cell->text.bytes, cell->text.len};
}

static int
batch_refuse_row(struct batch *batch, const struct record_row *row, enum record_reason reason,
                 int field, struct err *err)
{
    const struct record_type *type = batch->half.type;
    const char *column = field >= 0 ? type->fields[field].name : "";
    const struct record_unresolved refused = {
        .row_no = row->row_no,
        .reason = reason,
        .column = {column, (uint32_t)strlen(column)},
        .id_no = batch_text(row, type->id),
        .name = batch_text(row, type->person_name),
        .phone = batch_text(row, type->phone),
        .household_no = batch_text(row, type->household_no),
    };

    return batch_quarantine(batch, true, &refused, err);
}

/* Ops may read the column, so it must be one of ours and nothing an adapter made up. */
static int
batch_add_unresolved(struct batch *batch, struct record_unresolved *row, struct err *err)
{
    const struct record_type *type = batch->half.type;
    bool known = false;

    for (size_t i = 0; i < type->field_count && !known; i++)
        known = strlen(type->fields[i].name) == row->column.len &&
                memcmp(type->fields[i].name, row->column.bytes, row->column.len) == 0;
    if (!known)
        row->column = (struct record_item){"", 0};
    batch->counts.unresolved++;
    return batch_quarantine(batch, false, row, err);
}

/* Whether PostgreSQL has refused the usable row that comes now. */
static bool
batch_is_bad(struct batch *batch)
{
    if (batch->bad_next == batch->bad_count || batch->bad[batch->bad_next] != batch->usable)
        return false;
    batch->bad_next++;
    return true;
}

static void
batch_total(struct batch *batch, const struct record_row *row)
{
    const struct record_type *type = batch->half.type;
    size_t total = 0;

    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].type != RECORD_MONEY)
            continue;
        if (row->cells[i].set)
            batch->counts.totals[total] =
                (int64_t)((uint64_t)batch->counts.totals[total] + (uint64_t)row->cells[i].number);
        total++;
    }
}

/* Count and check a row; encode it when this pass copies it. */
static int
batch_add_row(struct batch *batch, const struct record_row *row, struct err *err)
{
    const struct submission *half = &batch->half;
    int field = -1;
    enum record_reason reason =
        record_check(half->type, row, half->county, batch->source.today, &field);

    batch->counts.rows++;
    batch_total(batch, row);
    if (row->removed && half->kind != FRAME_DELTA)
        return err_set(err, ERR_INPUT, "only a delta may remove rows");
    if (reason != RECORD_OK)
        return batch_refuse_row(batch, row, reason, field, err);
    if (batch->insert && batch_is_bad(batch)) {
        batch->usable++;
        return batch_refuse_row(batch, row, RECORD_STORAGE, -1, err);
    }
    batch->counts.stored++;
    if (batch->usable >= batch->from && batch->usable < batch->upto)
        tuple_add_row(half->type, half->county, half->number, row, &batch->scratch, &batch->rows);
    batch->usable++;
    if (batch->rows.len < COPY_CHUNK)
        return 0;
    if (store_copy_add(batch->store, batch->rows.bytes, batch->rows.len, err) < 0)
        return -1;
    buf_clear(&batch->rows);
    return 0;
}

/* Read the whole payload once; usable rows [from, upto) go into the COPY that is under way. */
static int
batch_read(struct batch *batch, struct err *err)
{
    struct record_reader reader = {0};
    struct record_unresolved unresolved;
    struct record_row row;
    enum record_read read;
    int result = 0;

    memset(&batch->counts, 0, sizeof(batch->counts));
    batch->counts.batches = 1;
    batch->usable = batch->bad_next = 0;
    buf_clear(&batch->quarantine);
    tuple_begin(&batch->quarantine);
    record_reader_open(&reader, batch->half.type, batch->source.payload, batch->source.len);
    while (result == 0 && (read = record_read(&reader, &row, &unresolved, err)) != RECORD_END) {
        switch (read) {
        case RECORD_END:
            break;
        case RECORD_ROW:
            result = batch_add_row(batch, &row, err);
            break;
        case RECORD_UNRESOLVED:
            result = batch_add_unresolved(batch, &unresolved, err);
            break;
        case RECORD_ERROR:
            err->code = ERR_INPUT;
            result = -1;
            break;
        }
    }
    record_reader_done(&reader);
    return result;
}

static int
batch_copy_range(struct batch *batch, size_t from, size_t upto, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    batch->from = from;
    batch->upto = upto;
    tuple_copy_rows(batch->half.type, &sql);
    buf_clear(&batch->rows);
    tuple_begin(&batch->rows);
    if (store_copy_begin(batch->store, buf_str(&sql), err) < 0 || batch_read(batch, err) < 0)
        return -1;
    return batch_copy_end(batch, &batch->rows, err);
}

/* Copy usable rows [from, upto), dividing as long as PostgreSQL refuses some of them. */
static int
batch_divide(struct batch *batch, size_t from, size_t upto, struct err *err)
{
    size_t middle = from + (upto - from) / 2;

    if (from == upto)
        return 0;
    if (store_script(batch->store, "savepoint part", err) < 0)
        return -1;
    if (batch_copy_range(batch, from, upto, err) == 0)
        return store_script(batch->store, "release savepoint part", err);
    if (!store_refused_data(batch->store))
        return -1;
    if (store_script(batch->store, "rollback to savepoint part; release savepoint part", err) < 0)
        return -1;
    if (upto - from > 1)
        return batch_divide(batch, from, middle, err) < 0 ? -1
                                                          : batch_divide(batch, middle, upto, err);
    batch->bad = mem_grow(batch->bad, batch->bad_count + 1, sizeof(*batch->bad));
    batch->bad[batch->bad_count++] = from;
    return 0;
}

/* Store the rows that PostgreSQL takes and quarantine the others. */
static int
batch_store_parts(struct batch *batch, struct err *err)
{
    batch->from = batch->upto = 0;
    buf_clear(&batch->rows);
    if (batch_read(batch, err) < 0 || batch_divide(batch, 0, batch->usable, err) < 0)
        return -1;
    batch->from = batch->upto = 0;
    buf_clear(&batch->rows);
    batch->insert = true;
    return batch_read(batch, err);
}

static int
batch_store_whole(struct batch *batch, struct err *err)
{
    if (batch_copy_range(batch, 0, SIZE_MAX, err) < 0)
        return -1;
    if (batch->counts.quarantined == 0)
        return 0;
    if (store_copy_begin(batch->store, tuple_copy_quarantine(), err) < 0)
        return -1;
    return batch_copy_end(batch, &batch->quarantine, err);
}

/* The batch's own line, with its raw bytes when PostgreSQL refused some of them. */
static int
batch_record(struct batch *batch, struct err *err)
{
    const struct frame_batch *frame = batch->source.frame;
    const struct store_param params[] = {
        STORE_I(batch->half.county),
        STORE_I(batch->half.number),
        STORE_I(frame->seq),
        STORE_B(frame->digest, FRAME_DIGEST_BYTES),
        STORE_I(batch->counts.rows),
        STORE_I(batch->counts.unresolved),
        STORE_I(batch->counts.quarantined - batch->counts.unresolved),
        batch->insert ? STORE_B(batch->source.payload, batch->source.len) : STORE_T(NULL),
    };

    return store_run(batch->store, intake_sql_batch_insert.text, params, 8, NULL, NULL, err);
}

bool
batch_intact(const struct batch_source *source)
{
    uint8_t digest[DIGEST_BYTES];

    digest_bytes(source->payload, source->len, digest);
    return memcmp(digest, source->frame->digest, DIGEST_BYTES) == 0;
}

bool
batch_expected(const struct channel *channel, const struct frame_batch *frame)
{
    return channel->half && frame->seq > channel->submission.first_seq &&
           frame->seq < channel->submission.last_seq;
}

struct batch *
batch_new(struct store *store, const struct channel *channel, const struct batch_source *source)
{
    struct batch *batch = mem_zalloc(sizeof(*batch));

    batch->store = store;
    batch->source = *source;
    batch->generation = channel->generation;
    batch->half = channel->submission;
    return batch;
}

void
batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    if (batch->begun)
        store_rollback(batch->store);
    buf_done(&batch->rows);
    buf_done(&batch->quarantine);
    buf_done(&batch->scratch);
    free(batch->bad);
    free(batch);
}

int
batch_copy(struct batch *batch, struct err *err)
{
    const struct frame_batch *frame = batch->source.frame;

    if (store_begin(batch->store, err) < 0)
        return -1;
    batch->begun = true;
    crash_here("inbox-after-begin");
    if ((batch->source.divide ? batch_store_parts(batch, err) : batch_store_whole(batch, err)) < 0)
        return -1;
    if (batch->counts.rows != frame->rows || batch->counts.unresolved != frame->unresolved)
        return err_set(err, ERR_INPUT, "a batch holds other rows than it says");
    crash_here("inbox-after-copy");
    return 0;
}

bool
batch_fits(const struct batch *batch, const struct channel *channel)
{
    return channel->half && batch->generation == channel->generation &&
           batch->half.county == channel->submission.county &&
           batch->half.number == channel->submission.number;
}

/* Inside the transaction: move the channel, and write the submission's counters and digest. */
static int
batch_move(struct batch *batch, const struct channel *channel, const struct submission *next,
           struct err *err)
{
    const struct frame_batch *frame = batch->source.frame;
    int moved = channel_move(batch->store, channel, frame->seq, frame->seq + 1, next->county,
                             next->number, frame->digest, err);

    if (moved <= 0)
        return moved;
    return submission_save(batch->store, next, err) < 0 || batch_record(batch, err) < 0 ? -1 : 1;
}

int
batch_commit(struct batch *batch, struct channel *channel, struct err *err)
{
    const struct batch_source *source = &batch->source;
    struct submission next = channel->submission;
    int moved;

    if (memcmp(source->frame->previous, channel->previous, DIGEST_BYTES) != 0)
        return err_set(err, ERR_INPUT, "a batch names another one as the one before it");
    submission_count(&next.counts, &batch->counts);
    digest_add(&next.running, source->payload, source->len);
    moved = batch_move(batch, channel, &next, err);
    if (moved <= 0)
        return moved;
    crash_here("inbox-before-commit");
    if (store_commit(batch->store, err) < 0)
        return -1;
    crash_here("inbox-after-commit");
    batch->begun = false;
    channel->next_seq = source->frame->seq + 1;
    channel->submission = next;
    memcpy(channel->previous, source->frame->digest, DIGEST_BYTES);
    return 1;
}
