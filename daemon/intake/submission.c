#include "intake/submission.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "intake/intake_sql.h"
#include "store/list.h"

static const char *const kinds[] = {
    [FRAME_FULL] = "full",
    [FRAME_DELTA] = "delta",
    [FRAME_CORRECTION] = "correction",
};

static const char *const states[] = {
    [SUBMISSION_OPEN] = "open",           [SUBMISSION_VISIBLE] = "visible",
    [SUBMISSION_DUPLICATE] = "duplicate", [SUBMISSION_REFUSED] = "refused",
    [SUBMISSION_DISCARDED] = "discarded",
};

const char *
submission_state_name(enum submission_state state)
{
    return states[state];
}

/* The table's check constraint knows no other word. */
enum submission_state
submission_state_of(const char *name)
{
    size_t state = 0;

    while (strcmp(states[state], name) != 0) {
        state++;
        assert(state < sizeof(states) / sizeof(states[0]));
    }
    return (enum submission_state)state;
}

void
submission_refuse(struct submission_refusal *refusal, enum err_code code, const char *text,
                  const char *text_zh)
{
    refusal->code = code;
    (void)snprintf(refusal->text, sizeof(refusal->text), "%s", text);
    (void)snprintf(refusal->text_zh, sizeof(refusal->text_zh), "%s", text_zh);
}

void
submission_count(struct submission_counts *counts, const struct submission_counts *more)
{
    counts->rows += more->rows;
    counts->unresolved += more->unresolved;
    counts->stored += more->stored;
    counts->quarantined += more->quarantined;
    counts->batches += more->batches;
    for (size_t i = 0; i < FRAME_TOTALS_MAX; i++)
        counts->totals[i] = (int64_t)((uint64_t)counts->totals[i] + (uint64_t)more->totals[i]);
}

size_t
submission_totals(const struct record_type *type)
{
    size_t count = 0;

    for (size_t i = 0; i < type->field_count; i++)
        count += type->fields[i].type == RECORD_MONEY;
    return count;
}

const char *
submission_kind(enum frame_submission kind)
{
    return kinds[kind];
}

/* The kind of a word of ops.submission.kind; the table's check constraint knows no other. */
static enum frame_submission
submission_kind_of(const char *name)
{
    size_t kind = 0;

    while (strcmp(kinds[kind], name) != 0) {
        kind++;
        assert(kind < sizeof(kinds) / sizeof(kinds[0]));
    }
    return (enum frame_submission)kind;
}

static void
submission_list_totals(const int64_t *totals, size_t count, struct list *out)
{
    for (size_t i = 0; i < count; i++)
        list_add_int(out, totals[i]);
}

static void
submission_parse_totals(const char *text, int64_t *ret_totals)
{
    char *end;

    for (size_t i = 0; i < FRAME_TOTALS_MAX && (*text == '{' || *text == ','); i++) {
        ret_totals[i] = strtoll(text + 1, &end, 10);
        text = end;
    }
}

static int
submission_read(struct store_result *row, struct submission *ret, struct err *err)
{
    const uint8_t *bytes;
    size_t len;

    ret->first_seq = (uint64_t)store_int(row, 0, 0);
    ret->last_seq = (uint64_t)store_int(row, 0, 1);
    (void)snprintf(ret->producer, sizeof(ret->producer), "%s", store_text(row, 0, 2));
    ret->type = record_find(store_text(row, 0, 3));
    ret->period = (uint32_t)store_int(row, 0, 4);
    ret->kind = submission_kind_of(store_text(row, 0, 5));
    ret->wanted = (uint32_t)store_int(row, 0, 6);
    ret->nil = store_bool(row, 0, 7);
    ret->expected_rows = (uint64_t)store_int(row, 0, 8);
    ret->expected_unresolved = (uint64_t)store_int(row, 0, 9);
    ret->expected_batches = (uint32_t)store_int(row, 0, 10);
    ret->counts.rows = (uint64_t)store_int(row, 0, 11);
    ret->counts.unresolved = (uint64_t)store_int(row, 0, 12);
    ret->counts.batches = (uint32_t)store_int(row, 0, 13);
    ret->counts.stored = (uint64_t)store_int(row, 0, 14);
    ret->counts.quarantined = (uint64_t)store_int(row, 0, 15);
    submission_parse_totals(store_text(row, 0, 16), ret->counts.totals);

    bytes = store_bytes(row, 0, 17, &len);
    if (bytes == NULL || len != DIGEST_BYTES)
        return err_set(err, ERR_CONFLICT, "the submission has no digest");
    memcpy(ret->digest, bytes, len);
    bytes = store_bytes(row, 0, 18, &len);
    if (bytes == NULL)
        digest_init(&ret->running);
    else if (digest_load(&ret->running, bytes, len) < 0)
        return err_set(err, ERR_CONFLICT, "the submission's running digest is damaged");
    if (ret->type == NULL)
        return err_set(err, ERR_CONFLICT, "the record type is unknown to this program");
    return 0;
}

int
submission_load(struct store *store, uint32_t county, uint32_t number,
                struct submission *ret_submission, struct err *err)
{
    const struct store_param params[] = {STORE_I(county), STORE_I(number)};
    struct submission submission = {.county = county, .number = number};
    AUTO(store_result_free) struct store_result *row = NULL;

    if (store_run(store, intake_sql_submission_load.text, params, 2, &row, NULL, err) < 0)
        return err_wrap(err, "cannot read submission %u of county %u", number, county);
    if (store_rows(row) != 1)
        return err_set(err, ERR_CONFLICT, "submission %u of county %u is not half in", number,
                       county);
    if (submission_read(row, &submission, err) < 0)
        return err_wrap(err, "cannot go on with submission %u of county %u", number, county);
    *ret_submission = submission;
    return 0;
}

int
submission_next_number(struct store *store, uint32_t county, uint32_t *ret_number, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;

    if (store_run(store, intake_sql_submission_number.text, &STORE_I(county), 1, &row, NULL, err) <
        0)
        return err_wrap(err, "cannot number a submission");
    *ret_number = (uint32_t)store_int(row, 0, 0);
    return 0;
}

int
submission_insert(struct store *store, const struct frame_open *open,
                  const struct submission_start *start, struct err *err)
{
    const struct submission_refusal *refusal = start->refusal;
    bool told = refusal != NULL && refusal->text[0] != '\0';
    bool ended = start->state != SUBMISSION_OPEN;
    char month[CLOCK_DATE_TEXT];

    clock_format_first((int32_t)open->period, month);
    const struct store_param params[] = {
        STORE_I(open->county),
        STORE_I(start->number),
        STORE_B(open->uuid, FRAME_UUID_BYTES),
        STORE_T(start->channel),
        STORE_B(start->epoch, FRAME_EPOCH_BYTES),
        STORE_I(open->seq),
        STORE_I(open->last_seq),
        STORE_T(open->producer),
        STORE_T(open->record_type),
        STORE_T(month),
        STORE_T(kinds[open->kind]),
        STORE_I(open->revision),
        start->revision > 0 ? STORE_I(start->revision) : STORE_T(NULL),
        STORE_T(open->nil ? "t" : "f"),
        STORE_B(open->digest, FRAME_DIGEST_BYTES),
        STORE_T(states[start->state]),
        told ? STORE_I(refusal->code) : STORE_T(NULL),
        STORE_T(told ? refusal->text : NULL),
        STORE_T(told ? refusal->text_zh : NULL),
        STORE_I(open->rows),
        STORE_I(open->unresolved),
        STORE_I(open->batches),
        STORE_T(ended ? "t" : "f"),
    };

    if (store_run(store, intake_sql_submission_insert.text, params, 23, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot open a submission");
    return 0;
}

int
submission_save(struct store *store, const struct submission *submission, struct err *err)
{
    const struct submission_counts *counts = &submission->counts;
    AUTO_LIST struct list totals = {0};
    int64_t count = 0;

    submission_list_totals(counts->totals, submission_totals(submission->type), &totals);
    const struct store_param params[] = {
        STORE_I(submission->county),
        STORE_I(submission->number),
        STORE_I(counts->rows),
        STORE_I(counts->unresolved),
        STORE_I(counts->batches),
        STORE_I(counts->stored),
        STORE_I(counts->quarantined),
        STORE_T(list_str(&totals)),
        STORE_B(submission->running.state, DIGEST_STATE_BYTES),
    };
    if (store_run(store, intake_sql_submission_save.text, params, 9, NULL, &count, err) < 0)
        return err_wrap(err, "cannot count a batch");
    if (count != 1)
        return err_set(err, ERR_CONFLICT, "submission %u of county %u is not half in",
                       submission->number, submission->county);
    return 0;
}

int
submission_purge(struct store *store, const struct record_type *type, uint32_t county,
                 uint32_t number, struct err *err)
{
    const struct store_param params[] = {STORE_I(county), STORE_I(number)};
    AUTO_BUF struct buf sql = {0};

    if (type != NULL) {
        buf_add_fmt(&sql, "delete from %s where county = $1 and submission = $2", type->table);
        if (store_run(store, buf_str(&sql), params, 2, NULL, NULL, err) < 0)
            return err_wrap(err, "cannot remove a submission's rows");
    }
    if (store_run(store, "delete from ops.quarantine where county = $1 and submission = $2", params,
                  2, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot remove a submission's quarantined rows");
    return 0;
}

int
submission_finish(struct store *store, const struct submission *submission,
                  const struct submission_end *end, struct err *err)
{
    const struct submission_refusal *refusal = end->refusal;
    bool told = refusal != NULL && refusal->text[0] != '\0';
    int64_t count = 0;
    const struct store_param params[] = {
        STORE_I(submission->county),
        STORE_I(submission->number),
        STORE_T(states[end->state]),
        end->revision > 0 ? STORE_I(end->revision) : STORE_T(NULL),
        told ? STORE_I(refusal->code) : STORE_T(NULL),
        STORE_T(told ? refusal->text : NULL),
        STORE_T(told ? refusal->text_zh : NULL),
        STORE_T(end->partial ? "t" : "f"),
        STORE_T(end->warnings),
        STORE_I(end->stored),
        STORE_I(end->quarantined),
    };

    if (store_run(store, intake_sql_submission_finish.text, params, 11, NULL, &count, err) < 0)
        return err_wrap(err, "cannot close a submission");
    if (count != 1)
        return err_set(err, ERR_CONFLICT, "submission %u of county %u is not half in",
                       submission->number, submission->county);
    return 0;
}
