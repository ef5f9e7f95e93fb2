#include "batch.h"

#include <string.h>

#include "base/crash.h"
#include "base/text.h"
#include "record.h"
#include "tuple.h"

#define COPY_CHUNK (64 * 1024)

/* What is under way while a batch is read. */
struct batch_work {
    struct store *store;
    const struct batch *batch;
    const struct submission *half;
    struct submission_counts counts;
    struct buf rows;       /* COPY bytes for the feed table */
    struct buf quarantine; /* COPY bytes for ops.quarantine */
    struct buf scratch;
    size_t usable;     /* rows that passed the check so far */
    size_t from, upto; /* which usable rows this pass copies */
    /* After a bisection: quarantined rows are inserted, and these usable ones are among them. */
    bool insert;
    size_t *bad, bad_count, bad_next;
};

static void
batch_work_done(struct batch_work *work)
{
    buf_done(&work->rows);
    buf_done(&work->quarantine);
    buf_done(&work->scratch);
    free(work->bad);
}
#define AUTO_WORK __attribute__((cleanup(batch_work_done)))

/* Send what is left of a COPY and end it. */
static int
batch_copy_end(struct batch_work *work, struct buf *bytes, struct err *err)
{
    tuple_end(bytes);
    if (store_copy_add(work->store, bytes->bytes, bytes->len, err) < 0)
        return -1;
    return store_copy_end(work->store, NULL, err);
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
batch_insert_quarantine(struct batch_work *work, bool hub, const struct record_unresolved *row,
                        struct err *err)
{
    AUTO_BUF struct buf column = {0};
    AUTO_BUF struct buf id = {0};
    AUTO_BUF struct buf name = {0};
    AUTO_BUF struct buf phone = {0};
    AUTO_BUF struct buf household = {0};

    buf_add(&column, row->column.bytes, row->column.len);
    buf_clear(&work->scratch);
    text_fold_name(row->name.bytes, row->name.len, &work->scratch);
    const struct record_item key = {(const char *)work->scratch.bytes, (uint32_t)work->scratch.len};
    bool keyed = key.len > 0 &&
                 (key.len != row->name.len || memcmp(key.bytes, row->name.bytes, key.len) != 0);
    const struct store_param params[] = {
        STORE_I(work->half->county),
        STORE_I(work->half->number),
        STORE_I(row->row_no),
        STORE_T(buf_str(&column)),
        STORE_T(record_reason_name(row->reason)),
        STORE_T(hub ? "t" : "f"),
        batch_param(&row->id_no, &id),
        batch_param(&row->name, &name),
        STORE_T(keyed ? buf_str(&work->scratch) : NULL),
        batch_param(&row->phone, &phone),
        batch_param(&row->household_no, &household),
    };
    return store_run(work->store,
                     "insert into ops.quarantine (county, submission, row_no, field, reason, hub,"
                     " id_no, name, name_key, phone, household_no)"
                     " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
                     " on conflict do nothing",
                     params, 11, NULL, NULL, err);
}

static int
batch_quarantine(struct batch_work *work, bool hub, const struct record_unresolved *row,
                 struct err *err)
{
    work->counts.quarantined++;
    if (work->insert)
        return batch_insert_quarantine(work, hub, row, err);
    tuple_add_quarantine(work->half->county, work->half->number, hub, row, &work->scratch,
                         &work->quarantine);
    return 0;
}

/* What the quarantine keeps of a row that the hub refuses. */
static struct record_item
batch_text(const struct record_row *row, int field)
{
    const struct record_cell *cell = field >= 0 ? &row->cells[field] : NULL;

    if (cell == NULL || !cell->set || cell->text.len > RECORD_READ_BYTES)
        return (struct record_item){0};
    return (struct record_item){cell->text.bytes, cell->text.len};
}

static int
batch_refuse_row(struct batch_work *work, const struct record_row *row, enum record_reason reason,
                 int field, struct err *err)
{
    const struct record_type *type = work->half->type;
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

    return batch_quarantine(work, true, &refused, err);
}

/* Ops may read the column, so it must be one of ours and nothing an adapter made up. */
static int
batch_add_unresolved(struct batch_work *work, struct record_unresolved *row, struct err *err)
{
    const struct record_type *type = work->half->type;
    bool known = false;

    for (size_t i = 0; i < type->field_count && !known; i++)
        known = strlen(type->fields[i].name) == row->column.len &&
                memcmp(type->fields[i].name, row->column.bytes, row->column.len) == 0;
    if (!known)
        row->column = (struct record_item){"", 0};
    work->counts.unresolved++;
    return batch_quarantine(work, false, row, err);
}

/* Whether PostgreSQL has refused the usable row that comes now. */
static bool
batch_is_bad(struct batch_work *work)
{
    if (work->bad_next == work->bad_count || work->bad[work->bad_next] != work->usable)
        return false;
    work->bad_next++;
    return true;
}

static void
batch_total(struct batch_work *work, const struct record_row *row)
{
    const struct record_type *type = work->half->type;
    size_t total = 0;

    for (size_t i = 0; i < type->field_count; i++) {
        if (type->fields[i].type != RECORD_MONEY)
            continue;
        if (row->cells[i].set)
            work->counts.totals[total] =
                (int64_t)((uint64_t)work->counts.totals[total] + (uint64_t)row->cells[i].number);
        total++;
    }
}

/* Count and check a row; encode it when this pass copies it. */
static int
batch_add_row(struct batch_work *work, const struct record_row *row, struct err *err)
{
    const struct submission *half = work->half;
    int field = -1;
    enum record_reason reason =
        record_check(half->type, row, half->county, work->batch->today, &field);

    work->counts.rows++;
    batch_total(work, row);
    if (row->removed && half->kind != FRAME_DELTA)
        return err_set(err, ERR_INPUT, "only a delta may remove rows");
    if (reason != RECORD_OK)
        return batch_refuse_row(work, row, reason, field, err);
    if (work->insert && batch_is_bad(work)) {
        work->usable++;
        return batch_refuse_row(work, row, RECORD_STORAGE, -1, err);
    }
    work->counts.stored++;
    if (work->usable >= work->from && work->usable < work->upto)
        tuple_add_row(half->type, half->county, half->number, row, &work->scratch, &work->rows);
    work->usable++;
    if (work->rows.len < COPY_CHUNK)
        return 0;
    if (store_copy_add(work->store, work->rows.bytes, work->rows.len, err) < 0)
        return -1;
    buf_clear(&work->rows);
    return 0;
}

/* Read the whole payload once; usable rows [from, upto) go into the COPY that is under way. */
static int
batch_read(struct batch_work *work, struct err *err)
{
    struct record_reader reader = {0};
    struct record_unresolved unresolved;
    struct record_row row;
    enum record_read read;
    int result = 0;

    memset(&work->counts, 0, sizeof(work->counts));
    work->counts.batches = 1;
    work->usable = work->bad_next = 0;
    buf_clear(&work->quarantine);
    tuple_begin(&work->quarantine);
    record_reader_open(&reader, work->half->type, work->batch->payload, work->batch->len);
    while (result == 0 && (read = record_read(&reader, &row, &unresolved, err)) != RECORD_END) {
        switch (read) {
        case RECORD_END:
            break;
        case RECORD_ROW:
            result = batch_add_row(work, &row, err);
            break;
        case RECORD_UNRESOLVED:
            result = batch_add_unresolved(work, &unresolved, err);
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
batch_copy(struct batch_work *work, size_t from, size_t upto, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    work->from = from;
    work->upto = upto;
    tuple_copy_rows(work->half->type, &sql);
    buf_clear(&work->rows);
    tuple_begin(&work->rows);
    if (store_copy_begin(work->store, buf_str(&sql), err) < 0 || batch_read(work, err) < 0)
        return -1;
    return batch_copy_end(work, &work->rows, err);
}

/* Copy usable rows [from, upto), dividing as long as PostgreSQL refuses some of them. */
static int
batch_divide(struct batch_work *work, size_t from, size_t upto, struct err *err)
{
    size_t middle = from + (upto - from) / 2;

    if (from == upto)
        return 0;
    if (store_script(work->store, "savepoint part", err) < 0)
        return -1;
    if (batch_copy(work, from, upto, err) == 0)
        return store_script(work->store, "release savepoint part", err);
    if (!store_refused_data(work->store))
        return -1;
    if (store_script(work->store, "rollback to savepoint part; release savepoint part", err) < 0)
        return -1;
    if (upto - from > 1)
        return batch_divide(work, from, middle, err) < 0 ? -1
                                                         : batch_divide(work, middle, upto, err);
    work->bad = mem_grow(work->bad, work->bad_count + 1, sizeof(*work->bad));
    work->bad[work->bad_count++] = from;
    return 0;
}

/* Store what PostgreSQL takes and quarantine the rest. */
static int
batch_store_parts(struct batch_work *work, struct err *err)
{
    work->from = work->upto = 0;
    buf_clear(&work->rows);
    if (batch_read(work, err) < 0 || batch_divide(work, 0, work->usable, err) < 0)
        return -1;
    work->from = work->upto = 0;
    buf_clear(&work->rows);
    work->insert = true;
    return batch_read(work, err);
}

static int
batch_store_whole(struct batch_work *work, struct err *err)
{
    if (batch_copy(work, 0, SIZE_MAX, err) < 0)
        return -1;
    if (work->counts.quarantined == 0)
        return 0;
    if (store_copy_begin(work->store, tuple_copy_quarantine(), err) < 0)
        return -1;
    return batch_copy_end(work, &work->quarantine, err);
}

/* The batch's own line, with its raw bytes when PostgreSQL refused some of them. */
static int
batch_record(struct batch_work *work, struct err *err)
{
    const struct frame_batch *frame = work->batch->frame;
    const struct store_param params[] = {
        STORE_I(work->half->county),
        STORE_I(work->half->number),
        STORE_I(frame->seq),
        STORE_B(frame->digest, FRAME_DIGEST_BYTES),
        STORE_I(work->counts.rows),
        STORE_I(work->counts.unresolved),
        STORE_I(work->counts.quarantined - work->counts.unresolved),
        work->insert ? STORE_B(work->batch->payload, work->batch->len) : STORE_T(NULL),
    };

    return store_run(work->store,
                     "insert into ops.batch (county, submission, seq, digest, rows, unresolved,"
                     " quarantined, raw) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                     params, 8, NULL, NULL, err);
}

/* Inside the transaction: everything of one batch. `next` is the submission as it is afterwards. */
static int
batch_store(struct batch_work *work, struct submission *next, struct err *err)
{
    const struct frame_batch *frame = work->batch->frame;

    if ((work->batch->bisect ? batch_store_parts(work, err) : batch_store_whole(work, err)) < 0)
        return -1;
    if (work->counts.rows != frame->rows || work->counts.unresolved != frame->unresolved)
        return err_set(err, ERR_INPUT, "a batch holds other rows than it says");
    crash_here("inbox-after-copy");
    submission_count(&next->counts, &work->counts);
    digest_add(&next->running, work->batch->payload, work->batch->len);
    return submission_save(work->store, next, err) < 0 || batch_record(work, err) < 0 ? -1 : 0;
}

/* A batch must stand where OPEN announced batches, and name the one before. */
static int
batch_check(const struct channel *channel, const struct batch *batch, struct err *err)
{
    const struct submission *half = &channel->submission;

    if (!channel->half || batch->frame->seq <= half->first_seq ||
        batch->frame->seq >= half->last_seq)
        return err_set(err, ERR_PROTOCOL, "BATCH where OPEN announced none");
    if (memcmp(batch->frame->previous, channel->previous, DIGEST_BYTES) != 0)
        return err_set(err, ERR_INPUT, "a batch names another one as the one before it");
    return 0;
}

bool
batch_intact(const struct batch *batch)
{
    uint8_t digest[DIGEST_BYTES];

    digest_bytes(batch->payload, batch->len, digest);
    return memcmp(digest, batch->frame->digest, DIGEST_BYTES) == 0;
}

int
batch_take(struct store *store, struct channel *channel, const struct batch *batch, struct err *err)
{
    AUTO_WORK struct batch_work work = {
        .store = store,
        .batch = batch,
        .half = &channel->submission,
    };
    struct submission next = channel->submission;
    uint64_t seq = batch->frame->seq;
    int moved;

    if (batch_check(channel, batch, err) < 0 || store_begin(store, err) < 0)
        return -1;
    crash_here("inbox-after-begin");
    moved = channel_move(store, channel, seq, seq + 1, next.county, next.number,
                         batch->frame->digest, err);
    if (moved == 0)
        store_rollback(store);
    if (moved <= 0)
        return moved;
    if (batch_store(&work, &next, err) < 0)
        return -1;
    crash_here("inbox-before-commit");
    if (store_commit(store, err) < 0)
        return -1;
    crash_here("inbox-after-commit");
    channel->next_seq = seq + 1;
    channel->submission = next;
    memcpy(channel->previous, batch->frame->digest, DIGEST_BYTES);
    return 1;
}
