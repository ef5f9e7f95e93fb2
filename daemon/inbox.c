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

struct inbox {
    struct inbox_settings settings;
    char *conninfo;
    struct wire_socket *near, *far; /* the broker's end and ours */
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wake;
    struct store *store; /* changed under the lock, used by our thread without */
    struct inbox_counts counts;
    atomic_bool stopping, down;
    /* Our thread's alone: */
    struct channel *channels; /* positions known since their HELLO */
    size_t channel_count;
    int backoff_ms;
    char told[6]; /* SQLSTATE of the trouble that the log knows of */
};

/* How far a job has come. */
struct inbox_try {
    struct inbox_job *job;
    struct inbox_reply *reply;
    int refused; /* times that PostgreSQL refused its data */
    bool broken; /* its submission must be refused: why */
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
inbox_put_store(struct inbox *inbox, struct store *store)
{
    pthread_mutex_lock(&inbox->lock);
    struct store *old = inbox->store;
    inbox->store = store;
    pthread_mutex_unlock(&inbox->lock);
    store_close(old);
}

/* Wait before the next try, or until the inbox stops. */
static void
inbox_back_off(struct inbox *inbox)
{
    struct timespec until;

    inbox->backoff_ms = inbox->backoff_ms == 0 ? BACKOFF_MIN_MS : inbox->backoff_ms * 2;
    if (inbox->backoff_ms > BACKOFF_MAX_MS)
        inbox->backoff_ms = BACKOFF_MAX_MS;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(inbox->backoff_ms % 1000) * 1000000;
    until.tv_sec += inbox->backoff_ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&inbox->lock);
    while (!inbox->stopping &&
           pthread_cond_timedwait(&inbox->wake, &inbox->lock, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&inbox->lock);
}

/* Note that PostgreSQL is in trouble; the log hears of each kind once. */
static void
inbox_trouble(struct inbox *inbox, const struct err *err)
{
    const char *state = inbox->store != NULL ? store_sqlstate(inbox->store) : "";
    bool lost = inbox->store == NULL || store_lost(inbox->store);

    if (!inbox->down || strcmp(state, inbox->told) != 0)
        log_err(LOG_ERROR, "store-away", err);
    (void)snprintf(inbox->told, sizeof(inbox->told), "%s", state);
    inbox->down = true;
    if (lost && inbox->store != NULL) {
        pthread_mutex_lock(&inbox->lock);
        inbox->counts.store_losses++;
        pthread_mutex_unlock(&inbox->lock);
        inbox_put_store(inbox, NULL);
    }
}

static void
inbox_fine(struct inbox *inbox)
{
    inbox->backoff_ms = 0;
    if (!inbox->down)
        return;
    inbox->down = false;
    log_event(LOG_NOTICE, "store-back", "");
}

/* Have a connection; returns -1 when there is none now. */
static int
inbox_connect(struct inbox *inbox, struct err *err)
{
    struct store *store;

    if (inbox->store != NULL)
        return 0;
    if (store_open(inbox->conninfo, "qianshaod inbox", &store, err) < 0)
        return -1;
    /* A server that came back may have come back with other settings. */
    if (store_check_durable(store, err) < 0) {
        store_close(store);
        return -1;
    }
    inbox_put_store(inbox, store);
    return 0;
}

/* ---- positions ---- */

static struct channel *
inbox_find(struct inbox *inbox, const char *name)
{
    for (size_t i = 0; i < inbox->channel_count; i++)
        if (strcmp(inbox->channels[i].name, name) == 0)
            return &inbox->channels[i];
    return NULL;
}

static void
inbox_forget(struct inbox *inbox, const char *name)
{
    struct channel *channel = inbox_find(inbox, name);

    if (channel != NULL)
        *channel = inbox->channels[--inbox->channel_count];
}

static void
inbox_remember(struct inbox *inbox, const struct channel *channel)
{
    inbox_forget(inbox, channel->name);
    inbox->channels = mem_grow(inbox->channels, inbox->channel_count + 1, sizeof(*inbox->channels));
    inbox->channels[inbox->channel_count++] = *channel;
}

/* ---- entries ---- */

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
                  const struct submission_counts *after, size_t bytes, bool bisected)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->counts.batches++;
    inbox->counts.rows += after->rows - before->rows;
    inbox->counts.quarantined += after->quarantined - before->quarantined;
    inbox->counts.bytes += bytes;
    inbox->counts.bisected += bisected;
    pthread_mutex_unlock(&inbox->lock);
}

static int
inbox_take_batch(struct inbox *inbox, struct inbox_try *try, struct channel *channel,
                 struct err *err)
{
    const struct inbox_job *job = try->job;
    const struct submission_counts before = channel->submission.counts;
    const struct batch batch = {
        .frame = &job->frame.batch,
        .payload = job->message.payload,
        .len = job->message.payload_len,
        .today = clock_today(),
        .bisect = try->refused >= REFUSED_TIMES,
    };
    int taken = batch_take(inbox->store, channel, &batch, err);

    if (taken == 1)
        inbox_count_batch(inbox, &before, &channel->submission.counts, batch.len, batch.bisect);
    return taken;
}

/* End the submission that is half in. */
static int
inbox_take_end(struct inbox *inbox, struct inbox_try *try, struct channel *channel, struct err *err)
{
    const struct submission half = channel->submission;
    const char *state = "refused";
    int taken = try->broken
                    ? intake_refuse(inbox->store, channel, &try->refusal, err)
                    : intake_close(inbox->store, channel, &try->job->frame.close, &state, err);

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
inbox_perform(struct inbox *inbox, struct inbox_try *try, struct channel *channel, struct err *err)
{
    const struct inbox_job *job = try->job;

    if (!try->broken && job->frame.kind == FRAME_OPEN)
        return intake_open(inbox->store, channel, &job->frame.open, &job->denied, clock_today(),
                           err);
    if (!try->broken && job->frame.kind == FRAME_BATCH)
        return inbox_take_batch(inbox, try, channel, err);
    return inbox_take_end(inbox, try, channel, err);
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
inbox_failed(struct inbox *inbox, struct inbox_try *try, const struct err *err)
{
    bool refused = inbox->store != NULL && store_refused_data(inbox->store);

    if (inbox->store != NULL)
        store_rollback(inbox->store);
    inbox_forget(inbox, try->job->channel);
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
    inbox_trouble(inbox, err);
    inbox_back_off(inbox);
    return 0;
}

/* One round; returns 1 when the reply is whole, 0 to try again. */
static int
inbox_round(struct inbox *inbox, struct inbox_try *try)
{
    struct inbox_reply *reply = try->reply;
    struct channel *channel, loaded;
    bool settle = false;
    struct err err;
    int done;

    if (inbox_connect(inbox, &err) < 0)
        return inbox_failed(inbox, try, &err);
    channel = inbox_find(inbox, try->job->channel);
    if (channel == NULL) {
        if (channel_load(inbox->store, try->job->channel, &loaded, &err) < 0)
            return inbox_failed(inbox, try, &err);
        inbox_remember(inbox, &loaded);
        channel = inbox_find(inbox, loaded.name);
        settle = true;
    }
    inbox_fine(inbox);
    done = inbox_locate(try, channel);
    if (done == 0) {
        int taken = inbox_perform(inbox, try, channel, &err);

        if (taken < 0)
            return inbox_failed(inbox, try, &err);
        if (taken == 0) {
            inbox_forget(inbox, try->job->channel);
            return 0;
        }
        reply->outcome = INBOX_TAKEN;
        reply->next_seq = channel->next_seq;
        settle = !channel->half;
    }
    if (reply->outcome == INBOX_TAKEN && settle &&
        receipt_load(inbox->store, channel->name, channel->epoch, reply->seq, reply->next_seq,
                     &reply->receipts, &err) < 0) {
        receipt_done(&reply->receipts);
        return inbox_failed(inbox, try, &err);
    }
    return 1;
}

static void
inbox_entry(struct inbox *inbox, struct inbox_job *job, struct inbox_reply *reply)
{
    struct inbox_try try = {.job = job, .reply = reply};
    const struct batch batch = {
        .frame = &job->frame.batch,
        .payload = job->message.payload,
        .len = job->message.payload_len,
    };

    reply->seq = inbox_seq(&job->frame);
    if (job->frame.kind == FRAME_BATCH && !batch_intact(&batch)) {
        reply->outcome = INBOX_RESEND;
        reply->next_seq = reply->seq;
        (void)err_set(&reply->err, ERR_PROTOCOL, "a batch differs from its digest");
        return;
    }
    while (!inbox->stopping)
        if (inbox_round(inbox, &try) == 1)
            return;
    reply->outcome = INBOX_DROPPED;
}

/* ---- sessions ---- */

/* One try to begin a session; returns 1 when the reply is whole. */
static int
inbox_greet(struct inbox *inbox, const struct frame_hello *hello, struct inbox_reply *reply)
{
    struct channel channel;
    struct err err;

    inbox_forget(inbox, hello->channel);
    if (inbox_connect(inbox, &err) == 0 &&
        channel_hello(inbox->store, hello, &channel, &err) == 0) {
        crash_here("hello-after-commit");
        inbox_remember(inbox, &channel);
        inbox_fine(inbox);
        reply->outcome = INBOX_GREETED;
        reply->next_seq = channel.next_seq;
        reply->generation = channel.generation;
        memcpy(reply->epoch, channel.epoch, FRAME_EPOCH_BYTES);
        if (hello->receipts_from == 0 ||
            receipt_load(inbox->store, channel.name, channel.epoch, hello->receipts_from,
                         channel.next_seq, &reply->receipts, &err) == 0)
            return 1;
        receipt_done(&reply->receipts);
    }
    if (err.code != ERR_STORE && err.code != ERR_CONFIG) {
        reply->outcome = INBOX_REJECTED;
        reply->err = err;
        return 1;
    }
    if (inbox->store != NULL)
        store_rollback(inbox->store);
    inbox_trouble(inbox, &err);
    inbox_back_off(inbox);
    return 0;
}

static void
inbox_hello(struct inbox *inbox, struct inbox_job *job, struct inbox_reply *reply)
{
    while (!inbox->stopping)
        if (inbox_greet(inbox, &job->frame.hello, reply) == 1)
            return;
    reply->outcome = INBOX_DROPPED;
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
inbox_feeds(struct inbox *inbox, const struct inbox_job *job)
{
    struct err err;

    while (!inbox->stopping) {
        if (inbox_connect(inbox, &err) == 0 && inbox_write_feeds(inbox->store, job, &err) == 0) {
            inbox_fine(inbox);
            return;
        }
        if (inbox->store != NULL)
            store_rollback(inbox->store);
        inbox_trouble(inbox, &err);
        inbox_back_off(inbox);
    }
}

/* ---- the thread ---- */

/* Returns false when the inbox is to stop. */
static bool
inbox_work(struct inbox *inbox, struct inbox_job *given)
{
    AUTO(inbox_job_free) struct inbox_job *job = given;
    struct inbox_reply *reply;

    if (job->kind == INBOX_STOP)
        return false;
    if (job->kind == INBOX_FEEDS) {
        inbox_feeds(inbox, job);
        return true;
    }
    reply = mem_zalloc(sizeof(*reply));
    reply->session = job->session;
    reply->round = job->round;
    reply->bytes = job->message.payload_len;
    if (job->kind == INBOX_HELLO)
        inbox_hello(inbox, job, reply);
    else
        inbox_entry(inbox, job, reply);
    wire_give(inbox->far, reply);
    return true;
}

static void *
inbox_run(void *context)
{
    struct inbox *inbox = context;
    bool ready, going = true;

    while (going) {
        struct inbox_job *job = wire_take(inbox->far);

        if (job == NULL)
            wire_wait(&inbox->far, 1, NULL, 0, WIRE_WAIT_FOREVER, &ready);
        else
            going = inbox_work(inbox, job);
    }
    return NULL;
}

static int
inbox_launch(struct inbox *inbox, struct err *err)
{
    pthread_condattr_t attributes;
    sigset_t all, before;
    int failed;

    pthread_mutex_init(&inbox->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&inbox->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&inbox->thread, NULL, inbox_run, inbox);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        return err_set(err, ERR_SYSTEM, "cannot start a thread: %s", strerror(failed));
    inbox->running = true;
    return 0;
}

int
inbox_start(struct wire *wire, const struct inbox_settings *settings, struct inbox **ret_inbox,
            struct wire_socket **ret_pipe, struct err *err)
{
    AUTO(inbox_free) struct inbox *inbox = mem_zalloc(sizeof(*inbox));

    inbox->settings = *settings;
    inbox->conninfo = mem_strdup(settings->conninfo);
    if (wire_pipe(wire, &inbox->near, &inbox->far, err) < 0 || inbox_launch(inbox, err) < 0)
        return -1;
    *ret_pipe = inbox->near;
    *ret_inbox = STEAL(inbox);
    return 0;
}

bool
inbox_down(const struct inbox *inbox)
{
    return inbox->down;
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
    struct timespec until;

    if (!inbox->running)
        return;
    pthread_mutex_lock(&inbox->lock);
    inbox->stopping = true;
    pthread_cond_signal(&inbox->wake);
    pthread_mutex_unlock(&inbox->lock);
    wire_give(inbox->near, inbox_job_new(INBOX_STOP));

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += INBOX_STOP_SECONDS;
    if (pthread_timedjoin_np(inbox->thread, NULL, &until) != 0) {
        pthread_mutex_lock(&inbox->lock);
        if (inbox->store != NULL)
            store_cancel(inbox->store);
        pthread_mutex_unlock(&inbox->lock);
        pthread_join(inbox->thread, NULL);
    }
    inbox->running = false;
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
    store_close(inbox->store);
    pthread_cond_destroy(&inbox->wake);
    pthread_mutex_destroy(&inbox->lock);
    free(inbox->channels);
    free(inbox->conninfo);
    free(inbox);
}
