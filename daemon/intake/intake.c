#include "intake/intake.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash.h"
#include "intake/intake_sql.h"

#define COUNTY_MIN 110000
#define COUNTY_MAX 829999
#define INTAKE_COLUMN_MAX 72

static void
intake_free(struct intake_revision *history)
{
    free(history);
}
AUTO_DEFINE(struct intake_revision, intake_free)

/* Values that no adapter of ours sends and no table can hold. */
static int
intake_check(const struct channel *channel, const struct frame_open *open, struct err *err)
{
    if (channel->half)
        return err_set(err, ERR_PROTOCOL, "OPEN while a submission is half in");
    if (open->last_seq != open->seq + open->batches + 1)
        return err_set(err, ERR_PROTOCOL, "OPEN says another last number than its batches make");
    if (open->county < COUNTY_MIN || open->county > COUNTY_MAX ||
        !clock_month_valid((int32_t)open->period) || open->revision > INTAKE_HISTORY_MAX ||
        open->batches > INT32_MAX || open->rows > CHANNEL_SEQ_MAX ||
        open->unresolved > CHANNEL_SEQ_MAX)
        return err_set(err, ERR_PROTOCOL,
                       "OPEN has a county, period, revision or count out of range");
    if (strlen(open->producer) > SUBMISSION_NAME_MAX ||
        strlen(open->record_type) > SUBMISSION_NAME_MAX)
        return err_set(err, ERR_PROTOCOL, "OPEN names a producer or record type too long");
    return 0;
}

/* The visible revisions of a feed and period, newest first; the caller frees them. */
static int
intake_history(struct store *store, uint32_t county, const char *producer, const char *record_type,
               uint32_t period, struct intake_revision **ret_history, size_t *ret_count,
               struct err *err)
{
    AUTO(store_result_free) struct store_result *rows = NULL;
    struct intake_revision *history;
    char month[CLOCK_DATE_TEXT];

    clock_format_first((int32_t)period, month);
    const struct store_param params[] = {STORE_I(county), STORE_T(producer), STORE_T(record_type),
                                         STORE_T(month)};
    if (store_run(store, intake_sql_revisions.text, params, 4, &rows, NULL, err) < 0)
        return err_wrap(err, "cannot read the feed's revisions");
    *ret_count = store_rows(rows);
    *ret_history = history = mem_zalloc((*ret_count + 1) * sizeof(*history));
    for (size_t i = 0; i < *ret_count; i++) {
        const char *kind = store_text(rows, i, 1);
        const uint8_t *bytes;
        size_t len;

        history[i].revision = (uint32_t)store_int(rows, i, 0);
        while (history[i].kind < FRAME_CORRECTION &&
               strcmp(submission_kind((enum frame_submission)history[i].kind), kind) != 0)
            history[i].kind++;
        history[i].nil = store_bool(rows, i, 2);
        bytes = store_bytes(rows, i, 3, &len);
        memcpy(history[i].digest, bytes, len < DIGEST_BYTES ? len : DIGEST_BYTES);
        bytes = store_bytes(rows, i, 4, &len);
        memcpy(history[i].uuid, bytes, len < FRAME_UUID_BYTES ? len : FRAME_UUID_BYTES);
    }
    return 0;
}

/* Decide about an OPEN: OPEN, or DUPLICATE or REFUSED with the texts. */
static int
intake_decide(struct store *store, const struct frame_open *open,
              const struct submission_refusal *denied, int32_t today,
              struct submission_refusal *refusal, struct submission_start *start, struct err *err)
{
    const struct intake_content content = {open->kind, open->nil, open->digest, open->uuid,
                                           open->revision};
    AUTO(intake_free) struct intake_revision *history = NULL;
    size_t count;
    uint32_t revision = 0;

    start->refusal = refusal;
    start->state = SUBMISSION_REFUSED;
    if (denied->code != ERR_NONE) {
        *refusal = *denied;
        return 0;
    }
    if (!intake_plausible(open, today, refusal))
        return 0;
    if (intake_history(store, open->county, open->producer, open->record_type, open->period,
                       &history, &count, err) < 0)
        return -1;
    switch (intake_judge(history, count, &content, &revision, refusal)) {
    case INTAKE_NEW:
        start->state = SUBMISSION_OPEN;
        break;
    case INTAKE_DUPLICATE:
        start->state = SUBMISSION_DUPLICATE;
        start->revision = revision;
        break;
    case INTAKE_REFUSED:
        break;
    }
    return 0;
}

/* What the channel holds in memory once an OPEN was taken. */
static void
intake_begin(struct channel *channel, const struct frame_open *open, uint32_t number)
{
    struct submission *half = &channel->submission;

    *half = (struct submission){
        .county = open->county,
        .number = number,
        .first_seq = open->seq,
        .last_seq = open->last_seq,
        .type = record_find(open->record_type),
        .period = open->period,
        .kind = open->kind,
        .wanted = open->revision,
        .nil = open->nil,
        .expected_rows = open->rows,
        .expected_unresolved = open->unresolved,
        .expected_batches = open->batches,
    };
    memcpy(half->digest, open->digest, DIGEST_BYTES);
    (void)snprintf(half->producer, sizeof(half->producer), "%s", open->producer);
    digest_init(&half->running);
    channel->half = true;
}

/* Inside the transaction: store the submission and move. Returns 1, 0 when the position differs. */
static int
intake_store(struct store *store, const struct channel *channel, const struct frame_open *open,
             struct submission_start *start, struct err *err)
{
    static const uint8_t zeros[DIGEST_BYTES];
    bool opened = start->state == SUBMISSION_OPEN;

    if (submission_next_number(store, open->county, &start->number, err) < 0 ||
        submission_insert(store, open, start, err) < 0)
        return -1;
    return channel_move(store, channel, open->seq, opened ? open->seq + 1 : open->last_seq + 1,
                        open->county, opened ? start->number : 0, zeros, err);
}

int
intake_open(struct store *store, struct channel *channel, const struct frame_open *open,
            const struct submission_refusal *denied, int32_t today,
            enum submission_state *ret_state, struct err *err)
{
    struct submission_start start = {.channel = channel->name, .epoch = channel->epoch};
    struct submission_refusal refusal = {0};
    int moved;

    if (intake_check(channel, open, err) < 0 || store_begin(store, err) < 0)
        return -1;
    if (intake_decide(store, open, denied, today, &refusal, &start, err) < 0)
        return -1;
    moved = intake_store(store, channel, open, &start, err);
    if (moved == 0)
        store_rollback(store);
    if (moved <= 0)
        return moved;
    if (store_commit(store, err) < 0)
        return -1;
    memset(channel->previous, 0, DIGEST_BYTES);
    if (start.state == SUBMISSION_OPEN) {
        channel->next_seq = open->seq + 1;
        intake_begin(channel, open, start.number);
    } else {
        channel->next_seq = open->last_seq + 1;
    }
    *ret_state = start.state;
    return 1;
}

/* Compare the rows that came with the counts, digest and totals of OPEN and CLOSE. */
static bool
intake_complete(const struct submission *half, const struct frame_close *close,
                struct submission_refusal *refusal)
{
    const struct submission_counts *counts = &half->counts;
    struct digest running = half->running;
    uint8_t digest[DIGEST_BYTES];
    const char *what = NULL;

    digest_finish(&running, digest);
    if (close->rows != counts->rows || half->expected_rows != counts->rows)
        what = "rows";
    else if (close->unresolved != counts->unresolved ||
             half->expected_unresolved != counts->unresolved)
        what = "unresolved rows";
    else if (close->batches != counts->batches || half->expected_batches != counts->batches)
        what = "batches";
    else if (close->nil != half->nil)
        what = "nil flag";
    else if (memcmp(close->digest, digest, DIGEST_BYTES) != 0 ||
             memcmp(half->digest, digest, DIGEST_BYTES) != 0)
        what = "digest";
    else if (close->total_count != submission_totals(half->type) ||
             memcmp(close->totals, counts->totals, close->total_count * sizeof(close->totals[0])) !=
                 0)
        what = "control totals";
    if (what == NULL)
        return true;
    submission_refuse(refusal, ERR_CONFLICT, "", "");
    (void)snprintf(refusal->text, sizeof(refusal->text),
                   "what arrived is not what was announced: %s differ", what);
    (void)snprintf(refusal->text_zh, sizeof(refusal->text_zh),
                   "收到的内容与声明不符（%s），请重新报送该文件", what);
    return false;
}

/* Write a column of the feed table for a quarantined row, or "null::text" when the type has none. */
static const char *
intake_column(const struct record_type *type, int field, char ret_column[INTAKE_COLUMN_MAX])
{
    if (field < 0)
        return "null::text";
    (void)snprintf(ret_column, INTAKE_COLUMN_MAX, "t.\"%s\"", type->fields[field].name);
    return ret_column;
}

static void
intake_key_sql(const struct record_type *type, struct buf *sql)
{
    AUTO_BUF struct buf key = {0}, numbered = {0}, same = {0};
    char id_no[INTAKE_COLUMN_MAX], name[INTAKE_COLUMN_MAX], phone[INTAKE_COLUMN_MAX],
        household_no[INTAKE_COLUMN_MAX];

    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++) {
        const char *field = type->fields[type->key[i]].name, *comma = i > 0 ? ", " : "";

        buf_add_fmt(&key, "%s\"%s\"", comma, field);
        buf_add_fmt(&numbered, "%s\"%s\" as k%d", comma, field, i);
        buf_add_fmt(&same, "%st.\"%s\" = twice.k%d", i > 0 ? " and " : "", field, i);
    }
    BUF_ADD_FILLED(sql, intake_sql_twice.text, {"table", type->table}, {"key", buf_str(&key)},
                   {"numbered", buf_str(&numbered)}, {"same", buf_str(&same)},
                   {"id_no", intake_column(type, type->id, id_no)},
                   {"name", intake_column(type, type->person_name, name)},
                   {"name_key", type->name_key ? "t.name_key" : "null::text"},
                   {"phone", intake_column(type, type->phone, phone)},
                   {"household_no", intake_column(type, type->household_no, household_no)});
}

/* Quarantine all rows whose natural key comes more than once. */
static int
intake_check_keys(struct store *store, const struct submission *half, uint64_t *ret_removed,
                  struct err *err)
{
    const struct store_param params[] = {STORE_I(half->county), STORE_I(half->number),
                                         STORE_T(half->type->fields[half->type->key[0]].name)};
    AUTO(store_result_free) struct store_result *row = NULL;
    AUTO_BUF struct buf sql = {0};

    *ret_removed = 0;
    if (half->counts.stored < 2 || half->counts.stored >= INTAKE_KEYS_MAX)
        return 0;
    intake_key_sql(half->type, &sql);
    if (store_run(store, buf_str(&sql), params, 3, &row, NULL, err) < 0)
        return err_wrap(err, "cannot look for keys given twice");
    *ret_removed = (uint64_t)store_int(row, 0, 0);
    return 0;
}

/* Whether over half of an event list's dates lie outside its month. */
static int
intake_check_dates(struct store *store, const struct submission *half, bool *ret_outside,
                   struct err *err)
{
    const struct record_type *type = half->type;
    AUTO(store_result_free) struct store_result *row = NULL;
    AUTO_BUF struct buf sql = {0};
    char month[CLOCK_DATE_TEXT];

    *ret_outside = false;
    if (type->kind != RECORD_EVENTS || type->event_date < 0 || half->kind == FRAME_CORRECTION)
        return 0;
    clock_format_first((int32_t)half->period, month);
    const struct store_param params[] = {STORE_I(half->county), STORE_I(half->number),
                                         STORE_T(month)};
    BUF_ADD_FILLED(&sql, intake_sql_dates_outside.text,
                   {"date", type->fields[type->event_date].name}, {"table", type->table});
    if (store_run(store, buf_str(&sql), params, 3, &row, NULL, err) < 0)
        return err_wrap(err, "cannot compare dates with the period");
    *ret_outside = store_bool(row, 0, 0);
    return 0;
}

/* Compare a full submission with full ones of earlier periods. */
static int
intake_compare(struct store *store, const struct submission *half, struct submission_end *end,
               bool *ret_identical, struct err *err)
{
    AUTO(store_result_free) struct store_result *rows = NULL;
    uint64_t earlier[INTAKE_MEDIAN_MONTHS];
    const uint8_t *digest;
    char month[CLOCK_DATE_TEXT];
    size_t len = 0;

    clock_format_first((int32_t)half->period, month);
    const struct store_param params[] = {STORE_I(half->county), STORE_T(half->producer),
                                         STORE_T(half->type->name), STORE_T(month)};
    if (store_run(store, intake_sql_earlier_periods.text, params, 4, &rows, NULL, err) < 0)
        return err_wrap(err, "cannot read earlier periods");
    if (store_rows(rows) == 0)
        return 0;
    for (size_t i = 0; i < store_rows(rows); i++)
        earlier[i] = (uint64_t)store_int(rows, i, 0);
    end->partial =
        !half->nil && intake_partial(end->stored + end->quarantined, earlier, store_rows(rows));
    digest = store_bytes(rows, 0, 1, &len);
    *ret_identical = half->type->kind == RECORD_ROSTER && !half->nil && len == DIGEST_BYTES &&
                     memcmp(digest, half->digest, len) == 0;
    return 0;
}

/* Whether a delta or correction of a roster has no full one to go by. */
static int
intake_waits(struct store *store, const struct submission *half, bool *ret_waits, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;
    char month[CLOCK_DATE_TEXT];

    *ret_waits = false;
    if (half->type->kind != RECORD_ROSTER || half->kind == FRAME_FULL)
        return 0;
    clock_format_first((int32_t)half->period, month);
    const struct store_param params[] = {STORE_I(half->county), STORE_T(half->producer),
                                         STORE_T(half->type->name), STORE_T(month)};
    if (store_run(store, intake_sql_base_missing.text, params, 4, &row, NULL, err) < 0)
        return err_wrap(err, "cannot look for the roster's base");
    *ret_waits = store_bool(row, 0, 0);
    return 0;
}

/* Compare the digest with revisions that have become visible meanwhile. */
static int
intake_judge_end(struct store *store, const struct submission *half, struct submission_end *end,
                 struct submission_refusal *refusal, struct err *err)
{
    const struct intake_content content = {half->kind, half->nil, half->digest, NULL, half->wanted};
    AUTO(intake_free) struct intake_revision *history = NULL;
    size_t count;

    if (intake_history(store, half->county, half->producer, half->type->name, half->period,
                       &history, &count, err) < 0)
        return -1;
    switch (intake_judge(history, count, &content, &end->revision, refusal)) {
    case INTAKE_NEW:
        end->state = SUBMISSION_VISIBLE;
        break;
    case INTAKE_DUPLICATE:
        end->state = SUBMISSION_DUPLICATE;
        break;
    case INTAKE_REFUSED:
        end->state = SUBMISSION_REFUSED;
        break;
    }
    return 0;
}

/* Inside the transaction: judge a whole submission whose counts agree. */
static int
intake_judge_whole(struct store *store, const struct submission *half, struct submission_end *end,
                   struct submission_refusal *refusal, struct err *err)
{
    static const char *const words[] = {
        "{}",        "{identical}",         "{partial}",         "{identical,partial}",
        "{waiting}", "{identical,waiting}", "{partial,waiting}", "{identical,partial,waiting}",
    };
    bool outside, identical = false, waits;
    uint64_t removed;

    if (intake_check_dates(store, half, &outside, err) < 0)
        return -1;
    if (outside) {
        submission_refuse(refusal, ERR_INPUT, "over half of the dates lie outside the period",
                          "过半数日期不在所属月份内，请核对所属月份");
        end->state = SUBMISSION_REFUSED;
        return 0;
    }
    if (intake_judge_end(store, half, end, refusal, err) < 0)
        return -1;
    if (end->state != SUBMISSION_VISIBLE)
        return 0;
    if (intake_check_keys(store, half, &removed, err) < 0)
        return -1;
    end->stored -= removed;
    end->quarantined += removed;
    if (half->kind == FRAME_FULL && intake_compare(store, half, end, &identical, err) < 0)
        return -1;
    if (intake_waits(store, half, &waits, err) < 0)
        return -1;
    end->warnings = words[identical + 2 * end->partial + 4 * waits];
    return 0;
}

/* Inside the transaction: end the half submission and move behind it. */
static int
intake_end(struct store *store, const struct channel *channel, uint64_t seq,
           struct submission_end *end, struct err *err)
{
    static const uint8_t zeros[DIGEST_BYTES];
    const struct submission *half = &channel->submission;

    if (end->state != SUBMISSION_VISIBLE) {
        end->stored = end->quarantined = 0;
        if (submission_purge(store, half->type, half->county, half->number, err) < 0)
            return -1;
    }
    if (submission_finish(store, half, end, err) < 0)
        return -1;
    return channel_move(store, channel, seq, half->last_seq + 1, half->county, 0, zeros, err);
}

/* Commit the end of the half submission, or roll back when the position differs. */
static int
intake_end_commit(struct store *store, struct channel *channel, uint64_t seq,
                  struct submission_end *end, struct err *err)
{
    int moved = intake_end(store, channel, seq, end, err);

    if (moved == 0)
        store_rollback(store);
    if (moved <= 0)
        return moved;
    crash_here("close-before-commit");
    if (store_commit(store, err) < 0)
        return -1;
    crash_here("close-after-commit");
    channel->next_seq = channel->submission.last_seq + 1;
    channel->half = false;
    memset(channel->previous, 0, DIGEST_BYTES);
    return 1;
}

int
intake_close(struct store *store, struct channel *channel, const struct frame_close *close,
             enum submission_state *ret_state, struct err *err)
{
    const struct submission *half = &channel->submission;
    struct submission_refusal refusal = {0};
    struct submission_end end = {
        .state = SUBMISSION_REFUSED,
        .refusal = &refusal,
        .warnings = "{}",
        .stored = half->counts.stored,
        .quarantined = half->counts.quarantined,
    };
    int moved;

    if (!channel->half || close->seq != half->last_seq)
        return err_set(err, ERR_PROTOCOL, "CLOSE where OPEN announced none");
    if (store_begin(store, err) < 0)
        return -1;
    if (intake_complete(half, close, &refusal) &&
        intake_judge_whole(store, half, &end, &refusal, err) < 0)
        return -1;
    moved = intake_end_commit(store, channel, close->seq, &end, err);
    if (moved == 1)
        *ret_state = end.state;
    return moved;
}

int
intake_refuse(struct store *store, struct channel *channel,
              const struct submission_refusal *refusal, struct err *err)
{
    struct submission_end end = {.state = SUBMISSION_REFUSED, .refusal = refusal, .warnings = "{}"};

    if (store_begin(store, err) < 0)
        return -1;
    return intake_end_commit(store, channel, channel->next_seq, &end, err);
}
