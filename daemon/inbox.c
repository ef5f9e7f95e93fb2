#include "inbox.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "batch.h"
#include "intake.h"
#include "store.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define REFUSED_TIMES 3 /* the same data error before a batch is divided */
#define AHEAD_MS 2000   /* rows brought in ahead of their turn are held no longer */

/* One channel's order and position, shared by the workers. */
struct lane {
    char name[CHANNEL_NAME_MAX + 1];
    uint64_t last_ticket; /* given out */
    uint64_t turn;        /* whose turn it is */
    bool known;           /* `channel` is what the database says; written by whose turn it is */
    struct channel channel;
};

struct worker {
    struct inbox *inbox;
    pthread_t thread;
    bool running;
    struct store *store; /* changed under the lock, used by its thread without */
    bool down;           /* its last try found PostgreSQL in trouble */
    char told[6];        /* SQLSTATE of the trouble that the log knows of */
    int losses;          /* connections lost since the last job that was done */
    int backoff_ms;
};

struct inbox {
    struct inbox_settings settings;
    char *conninfo;
    struct wire_socket *near, *far; /* the broker's end; the workers', used under the lock */
    pthread_mutex_t lock;           /* of all that follows */
    pthread_cond_t changed;
    struct inbox_job *first, *last; /* given and not yet taken */
    struct lane **lanes;
    size_t lane_count;
    struct inbox_counts counts;
    struct worker workers[INBOX_WORKERS];
    atomic_bool stopping;
    atomic_int down; /* workers that are */
};

/* How far a job has come. */
struct inbox_try {
    struct inbox_job *job;
    struct lane *lane;
    struct inbox_reply *reply;
    struct batch *batch; /* its rows are in, uncommitted */
    int refused;         /* times that PostgreSQL refused its data */
    bool broken;         /* its submission must be refused: why */
    struct refusal refusal;
};

struct inbox_job *
inbox_job_new(enum inbox_kind kind)
{
    struct inbox_job *job = mem_zalloc(sizeof(*job));

    job->kind = kind;
    return job;
}

void
inbox_job_free(struct inbox_job *job)
{
    if (job == NULL)
        return;
    for (size_t i = 0; i < job->feed_count; i++) {
        free(job->feeds[i].channel);
        free(job->feeds[i].producer);
        free(job->feeds[i].title);
        free(job->feeds[i].record_type);
    }
    free(job->feeds);
    frame_free(&job->frame);
    wire_message_done(&job->message);
    free(job);
}

void
inbox_reply_free(struct inbox_reply *reply)
{
    if (reply == NULL)
        return;
    receipt_done(&reply->receipts);
    free(reply);
}

void
inbox_job_add_grant(struct inbox_job *job, const char *channel, const struct access_grant *grant)
{
    for (size_t i = 0; i < grant->record_count; i++)
        for (size_t j = 0; j < grant->county_count; j++) {
            job->feeds = mem_grow(job->feeds, job->feed_count + 1, sizeof(*job->feeds));
            job->feeds[job->feed_count++] = (struct inbox_feed){
                .channel = mem_strdup(channel),
                .producer = mem_strdup(grant->producer),
                .title = grant->title != NULL ? mem_strdup(grant->title) : NULL,
                .record_type = mem_strdup(grant->records[i].type),
                .county = grant->counties[j],
                .expected = grant->records[i].expected,
            };
        }
}

uint64_t
inbox_seq(const struct frame *frame)
{
    if (frame->kind == FRAME_OPEN)
        return frame->open.seq;
    return frame->kind == FRAME_BATCH ? frame->batch.seq : frame->close.seq;
}

/* ---- the connection ---- */

static void
worker_put_store(struct worker *worker, struct store *store)
{
    pthread_mutex_lock(&worker->inbox->lock);
    struct store *old = worker->store;
    worker->store = store;
    pthread_mutex_unlock(&worker->inbox->lock);
    store_close(old);
}

static struct timespec
worker_deadline(clockid_t clock, int ms)
{
    struct timespec at;

    clock_gettime(clock, &at);
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    at.tv_sec += ms / 1000 + at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

/* Wait before the next try, or until the inbox stops. */
static void
worker_back_off(struct worker *worker)
{
    struct inbox *inbox = worker->inbox;

    worker->backoff_ms = worker->backoff_ms == 0 ? BACKOFF_MIN_MS : worker->backoff_ms * 2;
    if (worker->backoff_ms > BACKOFF_MAX_MS)
        worker->backoff_ms = BACKOFF_MAX_MS;
    const struct timespec until = worker_deadline(CLOCK_MONOTONIC, worker->backoff_ms);
    pthread_mutex_lock(&inbox->lock);
    while (!inbox->stopping &&
           pthread_cond_timedwait(&inbox->changed, &inbox->lock, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&inbox->lock);
}

/* Note a lost connection. The first one in a row may be an old one's end: it is tried again at once. */
static bool
worker_lost(struct worker *worker)
{
    if (worker->store == NULL || !store_lost(worker->store))
        return false;
    worker_put_store(worker, NULL);
    pthread_mutex_lock(&worker->inbox->lock);
    worker->inbox->counts.store_losses++;
    pthread_mutex_unlock(&worker->inbox->lock);
    return worker->losses++ == 0;
}

/* PostgreSQL is in trouble: the log hears of each kind once, and the next try has to wait. */
static void
worker_trouble(struct worker *worker, const struct err *err)
{
    char state[sizeof(worker->told)] = "";

    if (worker->store != NULL)
        (void)snprintf(state, sizeof(state), "%s", store_sqlstate(worker->store));
    if (worker_lost(worker))
        return;
    if (!worker->down ? worker->inbox->down++ == 0 : strcmp(state, worker->told) != 0)
        log_err(LOG_ERROR, "store-away", err);
    worker->down = true;
    memcpy(worker->told, state, sizeof(state));
    worker_back_off(worker);
}

static void
worker_fine(struct worker *worker)
{
    worker->backoff_ms = 0;
    if (!worker->down)
        return;
    worker->down = false;
    if (--worker->inbox->down == 0)
        log_event(LOG_NOTICE, "store-back", "");
}

/* Have a connection; returns -1 when there is none now. */
static int
worker_connect(struct worker *worker, struct err *err)
{
    struct store *store;

    if (worker->store != NULL && !store_lost(worker->store))
        return 0;
    worker_put_store(worker, NULL);
    if (store_open(worker->inbox->conninfo, "qianshaod inbox", &store, err) < 0)
        return -1;
    /* A server that came back may have come back with other settings. */
    if (store_check_durable(store, err) < 0) {
        store_close(store);
        return -1;
    }
    worker_put_store(worker, store);
    return 0;
}

/* ---- order and positions ---- */

/* Under the lock: the lane of a channel, made when it is new. */
static struct lane *
inbox_lane(struct inbox *inbox, const char *name)
{
    struct lane *lane;

    for (size_t i = 0; i < inbox->lane_count; i++)
        if (strcmp(inbox->lanes[i]->name, name) == 0)
            return inbox->lanes[i];
    lane = mem_zalloc(sizeof(*lane));
    (void)snprintf(lane->name, sizeof(lane->name), "%s", name);
    lane->turn = 1;
    inbox->lanes = mem_grow(inbox->lanes, inbox->lane_count + 1, sizeof(*inbox->lanes));
    inbox->lanes[inbox->lane_count++] = lane;
    return lane;
}

/* In its turn: write what the database says now; NULL when that must be read again. */
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

/* ---- entries ---- */

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

/* Bring a batch's rows in while another one has the turn; what goes wrong shows again in its turn. */
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
    if (channel->stopped) {
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

/* End the submission that is half in. */
static int
inbox_take_end(struct worker *worker, struct inbox_try *try, struct channel *channel,
               struct err *err)
{
    struct inbox *inbox = worker->inbox;
    const struct submission half = channel->submission;
    const char *state = "refused";
    int taken = try->broken
                    ? intake_refuse(worker->store, channel, &try->refusal, err)
                    : intake_close(worker->store, channel, &try->job->frame.close, &state, err);

    if (taken != 1)
        return taken;
    log_event(LOG_INFO, "submission-ended",
              "channel=%s county=%u submission=%u record_type=%s period=%u state=%s rows=%" PRIu64
              " quarantined=%" PRIu64,
              channel->name, half.county, half.number, half.type->name, half.period, state,
              half.counts.rows, half.counts.quarantined);
    pthread_mutex_lock(&inbox->lock);
    inbox->counts.visible += strcmp(state, "visible") == 0;
    inbox->counts.duplicate += strcmp(state, "duplicate") == 0;
    inbox->counts.refused += strcmp(state, "refused") == 0;
    pthread_mutex_unlock(&inbox->lock);
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
        return intake_open(worker->store, channel, &job->frame.open, &job->denied, clock_today(),
                           err);
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

static void
inbox_entry(struct worker *worker, struct inbox_try *try)
{
    struct inbox_reply *reply = try->reply;
    const struct batch_source source = inbox_source(try);
    bool is_batch = try->job->frame.kind == FRAME_BATCH;

    reply->seq = inbox_seq(&try->job->frame);
    if (is_batch)
        inbox_go_ahead(worker, try);
    inbox_wait_turn(worker, try);
    if (is_batch && try->batch == NULL && !batch_intact(&source)) {
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

/* ---- sessions ---- */

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

static void
inbox_hello(struct worker *worker, struct inbox_try *try)
{
    inbox_wait_turn(worker, try);
    while (!worker->inbox->stopping)
        if (inbox_greet(worker, try) == 1)
            return;
    try->reply->outcome = INBOX_DROPPED;
}

/* ---- expected feeds ---- */

static int
inbox_write_feeds(struct store *store, const struct inbox_job *job, struct err *err)
{
    if (store_begin(store, err) < 0 || store_script(store, "delete from ops.feed", err) < 0)
        return -1;
    for (size_t i = 0; i < job->feed_count; i++) {
        const struct inbox_feed *feed = &job->feeds[i];
        const struct store_param params[] = {
            STORE_T(feed->channel), STORE_T(feed->producer),
            STORE_T(feed->title),   STORE_T(feed->record_type),
            STORE_I(feed->county),  STORE_T(feed->expected ? "t" : "f"),
        };

        if (store_run(store,
                      "insert into ops.feed (channel, producer, title, record_type, county,"
                      " expected) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
                      params, 6, NULL, NULL, err) < 0)
            return err_wrap(err, "cannot write the expected feeds");
    }
    return store_commit(store, err);
}

static void
inbox_feeds(struct worker *worker, const struct inbox_job *job)
{
    struct err err;

    while (!worker->inbox->stopping) {
        if (worker_connect(worker, &err) == 0 && inbox_write_feeds(worker->store, job, &err) == 0) {
            worker_fine(worker);
            return;
        }
        if (worker->store != NULL)
            store_rollback(worker->store);
        worker_trouble(worker, &err);
    }
}

/* ---- the threads ---- */

/* Hand the reply over and the turn on, so that replies come in the channel's order. */
static void
inbox_finish(struct inbox *inbox, struct inbox_try *try)
{
    pthread_mutex_lock(&inbox->lock);
    wire_give(inbox->far, try->reply);
    try->lane->turn++;
    pthread_cond_broadcast(&inbox->changed);
    pthread_mutex_unlock(&inbox->lock);
}

static void
inbox_work(struct worker *worker, struct inbox_job *given)
{
    AUTO(inbox_job_free) struct inbox_job *job = given;
    struct inbox *inbox = worker->inbox;
    struct inbox_try try = {.job = job};

    if (job->kind == INBOX_FEEDS) {
        inbox_feeds(worker, job);
        return;
    }
    pthread_mutex_lock(&inbox->lock);
    try.lane = inbox_lane(inbox, job->channel);
    pthread_mutex_unlock(&inbox->lock);
    try.reply = mem_zalloc(sizeof(*try.reply));
    try.reply->session = job->session;
    try.reply->round = job->round;
    try.reply->bytes = job->message.payload_len;
    if (job->kind == INBOX_HELLO)
        inbox_hello(worker, &try);
    else
        inbox_entry(worker, &try);
    inbox_drop_batch(&try);
    worker->losses = 0;
    inbox_finish(inbox, &try);
}

/* The next job; NULL when the inbox stops and nothing is left to answer. */
static struct inbox_job *
inbox_next(struct inbox *inbox)
{
    struct inbox_job *job;

    pthread_mutex_lock(&inbox->lock);
    while (inbox->first == NULL && !inbox->stopping)
        pthread_cond_wait(&inbox->changed, &inbox->lock);
    job = inbox->first;
    if (job != NULL)
        inbox->first = job->next;
    if (inbox->first == NULL)
        inbox->last = NULL;
    pthread_mutex_unlock(&inbox->lock);
    return job;
}

static void *
inbox_run(void *context)
{
    struct worker *worker = context;
    struct inbox_job *job;

    while ((job = inbox_next(worker->inbox)) != NULL)
        inbox_work(worker, job);
    return NULL;
}

/* Signals are for the program's own thread. */
static int
inbox_launch(struct inbox *inbox, struct err *err)
{
    sigset_t all, before;
    int failed = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t i = 0; i < INBOX_WORKERS && failed == 0; i++) {
        struct worker *worker = &inbox->workers[i];

        worker->inbox = inbox;
        failed = pthread_create(&worker->thread, NULL, inbox_run, worker);
        worker->running = failed == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        return err_set(err, ERR_SYSTEM, "cannot start a thread: %s", strerror(failed));
    return 0;
}

int
inbox_start(struct wire *wire, const struct inbox_settings *settings, struct inbox **ret_inbox,
            struct err *err)
{
    AUTO(inbox_free) struct inbox *inbox = mem_zalloc(sizeof(*inbox));
    pthread_condattr_t attributes;

    inbox->settings = *settings;
    inbox->conninfo = mem_strdup(settings->conninfo);
    pthread_mutex_init(&inbox->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&inbox->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (wire_pipe(wire, &inbox->near, &inbox->far, err) < 0 || inbox_launch(inbox, err) < 0)
        return -1;
    *ret_inbox = STEAL(inbox);
    return 0;
}

void
inbox_give(struct inbox *inbox, struct inbox_job *job)
{
    pthread_mutex_lock(&inbox->lock);
    if (job->kind != INBOX_FEEDS)
        job->ticket = ++inbox_lane(inbox, job->channel)->last_ticket;
    if (inbox->last != NULL)
        inbox->last->next = job;
    else
        inbox->first = job;
    inbox->last = job;
    pthread_cond_broadcast(&inbox->changed);
    pthread_mutex_unlock(&inbox->lock);
}

struct inbox_reply *
inbox_take(struct inbox *inbox)
{
    return wire_take(inbox->near);
}

struct wire_socket *
inbox_pipe(const struct inbox *inbox)
{
    return inbox->near;
}

bool
inbox_down(const struct inbox *inbox)
{
    return inbox->down > 0;
}

void
inbox_counts(struct inbox *inbox, struct inbox_counts *ret_counts)
{
    pthread_mutex_lock(&inbox->lock);
    *ret_counts = inbox->counts;
    pthread_mutex_unlock(&inbox->lock);
}

void
inbox_stop(struct inbox *inbox)
{
    const struct timespec until = worker_deadline(CLOCK_REALTIME, INBOX_STOP_SECONDS * 1000);

    pthread_mutex_lock(&inbox->lock);
    inbox->stopping = true;
    pthread_cond_broadcast(&inbox->changed);
    pthread_mutex_unlock(&inbox->lock);
    for (size_t i = 0; i < INBOX_WORKERS; i++) {
        struct worker *worker = &inbox->workers[i];

        if (worker->running && pthread_timedjoin_np(worker->thread, NULL, &until) != 0) {
            pthread_mutex_lock(&inbox->lock);
            for (size_t j = 0; j < INBOX_WORKERS; j++)
                if (inbox->workers[j].store != NULL)
                    store_cancel(inbox->workers[j].store);
            pthread_mutex_unlock(&inbox->lock);
            pthread_join(worker->thread, NULL);
        }
        worker->running = false;
    }
}

void
inbox_free(struct inbox *inbox)
{
    struct inbox_reply *reply;

    if (inbox == NULL)
        return;
    inbox_stop(inbox);
    while (inbox->near != NULL && (reply = wire_take(inbox->near)) != NULL)
        inbox_reply_free(reply);
    wire_close(inbox->near);
    wire_close(inbox->far);
    for (size_t i = 0; i < INBOX_WORKERS; i++)
        store_close(inbox->workers[i].store);
    for (size_t i = 0; i < inbox->lane_count; i++)
        free(inbox->lanes[i]);
    pthread_cond_destroy(&inbox->changed);
    pthread_mutex_destroy(&inbox->lock);
    free(inbox->lanes);
    free(inbox->conninfo);
    free(inbox);
}
