#include "intake/inbox.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "intake/inbox_worker.h"

#define CANCEL_MS 500 /* between two requests to cancel */

struct inbox_job *
inbox_job_new(enum inbox_kind kind)
{
    struct inbox_job *job = mem_zalloc(sizeof(*job));

    job->kind = kind;
    return job;
}

static void
inbox_job_free(struct inbox_job *job)
{
    if (job == NULL)
        return;
    roster_free(job->roster);
    frame_free(&job->frame);
    wire_message_done(&job->message);
    free(job);
}
AUTO_DEFINE(struct inbox_job, inbox_job_free)

void
inbox_reply_free(struct inbox_reply *reply)
{
    if (reply == NULL)
        return;
    receipt_done(&reply->receipts);
    free(reply);
}

uint64_t
inbox_seq(const struct frame *frame)
{
    if (frame->kind == FRAME_OPEN)
        return frame->open.seq;
    return frame->kind == FRAME_BATCH ? frame->batch.seq : frame->close.seq;
}

/* Under the lock: the lane of a channel, or of all rosters (""), made when it is new. */
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

/* Hand the reply over and the turn on, so that replies come in the channel's order. */
static void
inbox_finish(struct inbox *inbox, struct inbox_try *try)
{
    pthread_mutex_lock(&inbox->lock);
    if (try->reply != NULL)
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

    pthread_mutex_lock(&inbox->lock);
    try.lane = inbox_lane(inbox, job->channel);
    pthread_mutex_unlock(&inbox->lock);
    if (job->kind == INBOX_ROSTER) {
        inbox_roster(worker, &try);
        inbox_finish(inbox, &try);
        return;
    }
    try.reply = mem_zalloc(sizeof(*try.reply));
    try.reply->session = job->session;
    try.reply->round = job->round;
    try.reply->bytes = job->message.payload_len;
    if (job->kind == INBOX_HELLO)
        inbox_hello(worker, &try);
    else
        inbox_entry(worker, &try);
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

/* Interrupt whatever statements run. */
static void
inbox_cancel(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    for (size_t i = 0; i < INBOX_WORKERS; i++)
        if (inbox->workers[i].store != NULL)
            store_cancel(inbox->workers[i].store);
    pthread_mutex_unlock(&inbox->lock);
}

void
inbox_stop(struct inbox *inbox)
{
    struct timespec until = worker_deadline(CLOCK_REALTIME, INBOX_STOP_SECONDS * 1000);

    pthread_mutex_lock(&inbox->lock);
    inbox->stopping = true;
    pthread_cond_broadcast(&inbox->changed);
    pthread_mutex_unlock(&inbox->lock);
    for (size_t i = 0; i < INBOX_WORKERS; i++) {
        struct worker *worker = &inbox->workers[i];

        /* A request to cancel may be lost or come between two statements. */
        while (worker->running && pthread_timedjoin_np(worker->thread, NULL, &until) != 0) {
            inbox_cancel(inbox);
            until = worker_deadline(CLOCK_REALTIME, CANCEL_MS);
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
