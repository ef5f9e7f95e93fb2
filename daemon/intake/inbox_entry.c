#include "intake/inbox_worker.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "intake/intake.h"

#define REFUSED_TIMES 3 /* the same data error before a batch is divided */
#define AHEAD_MS 2000   /* rows brought in ahead of their turn are held no longer */

/* In its turn: write the channel as the database has it now; NULL when it must be read again. */
static void
lane_publish(struct inbox *inbox, struct lane *lane, const struct channel *channel)
{
    pthread_mutex_lock(&inbox->lock);
    lane->known = channel != NULL;
    if (channel != NULL)
        lane->channel = *channel;
    pthread_mutex_unlock(&inbox->lock);
}

/* In its turn: read the position; `ret_read` tells that it came from the database. */
static int
lane_read(struct worker *worker, struct lane *lane, struct channel *ret_channel, bool *ret_read,
          struct err *err)
{
    *ret_read = !lane->known;
    if (lane->known) {
        *ret_channel = lane->channel;
        return 0;
    }
    if (channel_load(worker->store, lane->name, ret_channel, err) < 0)
        return -1;
    lane_publish(worker->inbox, lane, ret_channel);
    return 0;
}

static struct batch_source
inbox_source(const struct inbox_try *try)
{
    return (struct batch_source){
        .frame = &try->job->frame.batch,
        .payload = try->job->message.payload,
        .len = try->job->message.payload_len,
        .today = clock_today(),
        .divide = try->refused >= REFUSED_TIMES,
    };
}

static void
inbox_drop_batch(struct inbox_try *try)
{
    batch_free(try->batch);
    try->batch = NULL;
}

/* Bring a batch's rows in while another one has the turn; a failure shows again in its turn. */
static void
inbox_go_ahead(struct worker *worker, struct inbox_try *try)
{
    struct inbox *inbox = worker->inbox;
    const struct batch_source source = inbox_source(try);
    struct channel channel;
    struct err err;
    bool ahead;

    pthread_mutex_lock(&inbox->lock);
    ahead = !inbox->stopping && try->lane->turn != try->job->ticket && try->lane->known &&
            try->lane->channel.generation == try->job->generation &&
            batch_expected(&try->lane->channel, &try->job->frame.batch);
    if (ahead)
        channel = try->lane->channel;
    pthread_mutex_unlock(&inbox->lock);
    if (!ahead || !batch_intact(&source) || worker_connect(worker, &err) < 0)
        return;
    try->batch = batch_new(worker->store, &channel, &source);
    if (batch_copy(try->batch, &err) < 0)
        inbox_drop_batch(try);
}

/*
 * Wait for the turn. Rows that were brought in ahead may stand in the way of the
 * very batch whose turn it is, when one row number comes in both: so they are given
 * up after a while.
 */
static void
inbox_wait_turn(struct worker *worker, struct inbox_try *try)
{
    struct inbox *inbox = worker->inbox;
    const struct timespec until = worker_deadline(CLOCK_MONOTONIC, AHEAD_MS);

    pthread_mutex_lock(&inbox->lock);
    while (try->lane->turn != try->job->ticket) {
        if (try->batch == NULL) {
            pthread_cond_wait(&inbox->changed, &inbox->lock);
        } else if (pthread_cond_timedwait(&inbox->changed, &inbox->lock, &until) == ETIMEDOUT) {
            pthread_mutex_unlock(&inbox->lock);
            inbox_drop_batch(try);
            pthread_mutex_lock(&inbox->lock);
        }
    }
    pthread_mutex_unlock(&inbox->lock);
}

/* An outcome that carries a reason. */
static int
inbox_end(struct inbox_try *try, enum inbox_outcome outcome, const struct err *err)
{
    try->reply->outcome = outcome;
    try->reply->err = *err;
    return 1;
}

/* Compare the entry's number with the position; returns 1 when that decides, 0 to go on. */
static int
inbox_locate(struct inbox_try *try, const struct channel *channel)
{
    const struct inbox_job *job = try->job;
    struct inbox_reply *reply = try->reply;
    struct err err;

    reply->next_seq = channel->next_seq;
    reply->generation = channel->generation;
    if (channel->generation != job->generation) {
        reply->outcome = INBOX_FENCED;
        return 1;
    }
    if (channel->stopped || !channel->known) {
        (void)err_set(&err, ERR_CONFLICT, "channel %s is stopped", job->channel);
        return inbox_end(try, INBOX_ENDED, &err);
    }
    if (reply->seq == channel->next_seq)
        return 0;
    reply->outcome = reply->seq < channel->next_seq ? INBOX_TAKEN : INBOX_RESEND;
    return 1;
}

static void
inbox_count_batch(struct inbox *inbox, const struct submission_counts *before,
                  const struct submission_counts *after, const struct batch_source *source)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->counts.batches++;
    inbox->counts.rows += after->rows - before->rows;
    inbox->counts.quarantined += after->quarantined - before->quarantined;
    inbox->counts.bytes += source->len;
    inbox->counts.divided += source->divide;
    pthread_mutex_unlock(&inbox->lock);
}

static int
inbox_take_batch(struct worker *worker, struct inbox_try *try, struct channel *channel,
                 struct err *err)
{
    const struct submission_counts before = channel->submission.counts;
    const struct batch_source source = inbox_source(try);
    int taken;

    if (!batch_expected(channel, source.frame))
        return err_set(err, ERR_PROTOCOL, "BATCH where OPEN announced none");
    if (try->batch != NULL && !batch_fits(try->batch, channel))
        inbox_drop_batch(try);
    if (try->batch == NULL) {
        try->batch = batch_new(worker->store, channel, &source);
        if (batch_copy(try->batch, err) < 0)
            return -1;
    }
    taken = batch_commit(try->batch, channel, err);
    if (taken == 1)
        inbox_count_batch(worker->inbox, &before, &channel->submission.counts, &source);
    return taken;
}

static void
inbox_count_end(struct inbox *inbox, enum submission_state state)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->counts.visible += state == SUBMISSION_VISIBLE;
    inbox->counts.duplicate += state == SUBMISSION_DUPLICATE;
    inbox->counts.refused += state == SUBMISSION_REFUSED;
    pthread_mutex_unlock(&inbox->lock);
}

/* Begin a submission, or end it at once when it is a duplicate or refused. */
static int
inbox_take_start(struct worker *worker, struct inbox_try *try, struct channel *channel,
                 struct err *err)
{
    const struct frame_open *open = &try->job->frame.open;
    const struct record_type *type = record_find(open->record_type);
    enum submission_state state = SUBMISSION_OPEN;
    int taken =
        intake_open(worker->store, channel, open, &try->job->denied, clock_today(), &state, err);

    if (taken != 1 || state == SUBMISSION_OPEN)
        return taken;
    log_event(LOG_INFO, "submission-ended",
              "channel=%s county=%u record_type=%s period=%u state=%s", channel->name, open->county,
              type != NULL ? type->name : "unknown", open->period, submission_state_name(state));
    inbox_count_end(worker->inbox, state);
    return taken;
}

/* End the submission that is half in. */
static int
inbox_take_end(struct worker *worker, struct inbox_try *try, struct channel *channel,
               struct err *err)
{
    struct inbox *inbox = worker->inbox;
    const struct submission half = channel->submission;
    enum submission_state state = SUBMISSION_REFUSED;
    int taken = try->broken
                    ? intake_refuse(worker->store, channel, &try->refusal, err)
                    : intake_close(worker->store, channel, &try->job->frame.close, &state, err);

    if (taken != 1)
        return taken;
    log_event(LOG_INFO, "submission-ended",
              "channel=%s county=%u submission=%u record_type=%s period=%u state=%s rows=%" PRIu64
              " quarantined=%" PRIu64,
              channel->name, half.county, half.number, half.type->name, half.period,
              submission_state_name(state), half.counts.rows, half.counts.quarantined);
    inbox_count_end(inbox, state);
    inbox->settings.ended(inbox->settings.context, half.county);
    return taken;
}

/* Do what the entry asks for, in a transaction. Returns 1 done, 0 the position differs, -1. */
static int
inbox_perform(struct worker *worker, struct inbox_try *try, struct channel *channel,
              struct err *err)
{
    const struct inbox_job *job = try->job;

    if (!try->broken && job->frame.kind == FRAME_OPEN)
        return inbox_take_start(worker, try, channel, err);
    if (!try->broken && job->frame.kind == FRAME_BATCH)
        return inbox_take_batch(worker, try, channel, err);
    return inbox_take_end(worker, try, channel, err);
}

/* Refuse the whole submission in the next round. */
static void
inbox_break(struct inbox_try *try, const struct err *err)
{
    try->broken = true;
    submission_refuse(&try->refusal, ERR_INPUT, err->text,
                      "数据传输内容有误，整批未入库，请重新报送该文件");
}

/* Decide what a failure means; returns 1 when the job is over, 0 to try again. */
static int
inbox_failed(struct worker *worker, struct inbox_try *try, const struct err *err)
{
    bool refused = worker->store != NULL && store_refused_data(worker->store);

    inbox_drop_batch(try);
    if (worker->store != NULL)
        store_rollback(worker->store);
    lane_publish(worker->inbox, try->lane, NULL);
    if (err->code == ERR_INPUT && !try->broken) {
        inbox_break(try, err);
        return 0;
    }
    if (err->code != ERR_STORE && err->code != ERR_CONFIG)
        return inbox_end(try, INBOX_ENDED, err);
    if (refused) {
        try->refused++;
        if (try->refused <= REFUSED_TIMES)
            return 0;
        log_err(LOG_ERROR, "entry-refused-by-store", err);
        return inbox_end(try, INBOX_ENDED, err);
    }
    worker_trouble(worker, err);
    return 0;
}

/* One round in its turn; returns 1 when the reply is whole, 0 to try again. */
static int
inbox_round(struct worker *worker, struct inbox_try *try)
{
    struct inbox_reply *reply = try->reply;
    struct channel channel;
    struct err err;
    bool settle;

    if (worker_connect(worker, &err) < 0 ||
        lane_read(worker, try->lane, &channel, &settle, &err) < 0)
        return inbox_failed(worker, try, &err);
    worker_fine(worker);
    if (inbox_locate(try, &channel) == 0) {
        int taken = inbox_perform(worker, try, &channel, &err);

        if (taken < 0)
            return inbox_failed(worker, try, &err);
        lane_publish(worker->inbox, try->lane, taken == 1 ? &channel : NULL);
        if (taken == 0)
            return 0;
        reply->outcome = INBOX_TAKEN;
        reply->next_seq = channel.next_seq;
        settle = !channel.half;
    }
    if (reply->outcome == INBOX_TAKEN && settle &&
        receipt_load(worker->store, channel.name, channel.epoch, reply->seq, reply->next_seq,
                     &reply->receipts, &err) < 0) {
        receipt_done(&reply->receipts);
        return inbox_failed(worker, try, &err);
    }
    return 1;
}

/* Settle an entry in its turn. */
static void
inbox_settle(struct worker *worker, struct inbox_try *try)
{
    struct inbox_reply *reply = try->reply;
    const struct batch_source source = inbox_source(try);

    if (try->job->frame.kind == FRAME_BATCH && try->batch == NULL && !batch_intact(&source)) {
        reply->outcome = INBOX_RESEND;
        reply->next_seq = reply->seq;
        (void)err_set(&reply->err, ERR_PROTOCOL, "a batch differs from its digest");
        return;
    }
    while (!worker->inbox->stopping)
        if (inbox_round(worker, try) == 1)
            return;
    reply->outcome = INBOX_DROPPED;
}

void
inbox_entry(struct worker *worker, struct inbox_try *try)
{
    try->reply->seq = inbox_seq(&try->job->frame);
    if (try->job->frame.kind == FRAME_BATCH)
        inbox_go_ahead(worker, try);
    inbox_wait_turn(worker, try);
    inbox_settle(worker, try);
    inbox_drop_batch(try);
}

/* One try to begin a session; returns 1 when the reply is whole. */
static int
inbox_greet(struct worker *worker, struct inbox_try *try)
{
    const struct frame_hello *hello = &try->job->frame.hello;
    struct inbox_reply *reply = try->reply;
    struct channel channel;
    struct err err;

    lane_publish(worker->inbox, try->lane, NULL);
    if (worker_connect(worker, &err) == 0 &&
        channel_hello(worker->store, hello, &channel, &err) == 0) {
        crash_here("hello-after-commit");
        lane_publish(worker->inbox, try->lane, &channel);
        worker_fine(worker);
        reply->outcome = INBOX_GREETED;
        reply->next_seq = channel.next_seq;
        reply->generation = channel.generation;
        memcpy(reply->epoch, channel.epoch, FRAME_EPOCH_BYTES);
        if (hello->receipts_from == 0 ||
            receipt_load(worker->store, channel.name, channel.epoch, hello->receipts_from,
                         channel.next_seq, &reply->receipts, &err) == 0)
            return 1;
        receipt_done(&reply->receipts);
    }
    if (worker->store != NULL)
        store_rollback(worker->store);
    if (err.code != ERR_STORE && err.code != ERR_CONFIG)
        return inbox_end(try, INBOX_REJECTED, &err);
    worker_trouble(worker, &err);
    return 0;
}

void
inbox_hello(struct worker *worker, struct inbox_try *try)
{
    inbox_wait_turn(worker, try);
    while (!worker->inbox->stopping)
        if (inbox_greet(worker, try) == 1)
            return;
    try->reply->outcome = INBOX_DROPPED;
}

void
inbox_roster(struct worker *worker, struct inbox_try *try)
{
    struct roster_changes changes;
    struct err err;

    inbox_wait_turn(worker, try); /* of two reloads the later list stays */
    while (!worker->inbox->stopping) {
        if (worker_connect(worker, &err) == 0 &&
            roster_write(worker->store, try->job->roster, clock_today(), &changes, &err) == 0) {
            worker_fine(worker);
            log_event(LOG_INFO, "roster-written", "begun=%" PRId64 " ended=%" PRId64, changes.begun,
                      changes.ended);
            return;
        }
        if (worker->store != NULL)
            store_rollback(worker->store);
        worker_trouble(worker, &err);
    }
}
