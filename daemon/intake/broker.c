#include "intake/broker.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "intake/broker_feeder.h"

#define TICK_MS 1000
#define BURST 64        /* messages read before replies are looked after again */
#define RETRY_SECONDS 5 /* while PostgreSQL is away */

/* ---- frames from adapters ---- */

/* Whether the channel is free: a present holder is asked for a sign of life first. */
static bool
broker_make_way(struct broker *broker, struct feeder *feeder)
{
    int64_t dead_ms = (int64_t)broker->settings.dead_seconds * 1000;
    struct feeder *holder;
    struct err err;

    while ((holder = broker_find_holder(broker, feeder->channel, feeder)) != NULL) {
        if (feeder_silent(holder, broker->now_ms, dead_ms)) {
            broker_fence(broker, holder, holder->generation + 1);
            continue;
        }
        broker_ping(broker, holder);
        if (holder->lost) {
            broker_remove(broker, holder);
            continue;
        }
        (void)err_set(&err, ERR_CONFLICT, "another session of this channel is alive");
        (void)err_hint(&err, "one key serves one adapter at a time");
        broker_reject(broker, feeder, &err, true,
                      (uint32_t)((holder->heard_ms + dead_ms - broker->now_ms) / 1000 + 1));
        return false;
    }
    return true;
}

/* Why a HELLO cannot be passed on; returns -1 with the reason. */
static int
broker_check_hello(struct broker *broker, const struct feeder *feeder,
                   const struct frame_hello *hello, struct err *err)
{
    if (hello->protocol != FRAME_PROTOCOL) {
        (void)err_set(err, ERR_PROTOCOL, "the hub speaks protocol %d", FRAME_PROTOCOL);
        return err_hint(err, "use an adapter of the hub's release");
    }
    if (strcmp(hello->channel, feeder->channel) != 0) {
        (void)err_set(err, ERR_DENIED, "the access list gives this key another channel");
        return err_hint(err, "compare the adapter's channel with the hub's access list");
    }
    if (inbox_down(broker->inbox))
        return err_set(err, ERR_STORE, "the hub's database is away");
    return 0;
}

static struct inbox_job *
broker_job(struct feeder *feeder, enum inbox_kind kind, struct frame *frame)
{
    struct inbox_job *job = inbox_job_new(kind);

    job->session = feeder->number;
    job->round = feeder->round;
    (void)snprintf(job->channel, sizeof(job->channel), "%s", feeder->channel);
    job->generation = feeder->generation;
    job->frame = *frame;
    *frame = (struct frame){0};
    return job;
}

static void
broker_on_hello(struct broker *broker, struct feeder *feeder, struct frame *frame)
{
    struct err err;

    broker_end(broker, feeder);
    feeder->state = FEEDER_NEW;
    if (broker_check_hello(broker, feeder, &frame->hello, &err) < 0) {
        broker_reject(broker, feeder, &err, err_retryable(err.code), RETRY_SECONDS);
        return;
    }
    if (!broker_make_way(broker, feeder))
        return;
    feeder->state = FEEDER_GREETING;
    inbox_give(broker->inbox, broker_job(feeder, INBOX_HELLO, frame));
}

static void
broker_on_stray(struct broker *broker, struct feeder *feeder)
{
    struct err err;

    (void)err_set(&err, ERR_PROTOCOL, "there is no session here: begin with HELLO");
    broker_reject(broker, feeder, &err, true, 0);
}

/* Pass an entry on. The message goes with it. */
static void
broker_enter(struct broker *broker, struct feeder *feeder, const struct access_entry *entry,
             struct frame *frame, struct wire_message *message)
{
    bool allowed =
        frame->kind != FRAME_OPEN ||
        access_allows(entry, frame->open.producer, frame->open.record_type, frame->open.county);
    struct inbox_job *job = broker_job(feeder, INBOX_ENTRY, frame);

    job->message = *message;
    *message = (struct wire_message){0};
    if (!allowed)
        submission_refuse(&job->denied, ERR_DENIED,
                          "the access list does not let this key send that producer, record type"
                          " and county",
                          "该接入密钥无权报送此单位、此类数据或此县（市、区）的数据，请联系运维");
    inbox_give(broker->inbox, job);
}

static void
broker_on_entry(struct broker *broker, struct feeder *feeder, const struct access_entry *entry,
                struct frame *frame, struct wire_message *message)
{
    uint64_t seq = inbox_seq(frame);
    struct err err;

    switch (feeder_take(feeder, seq, message->payload_len)) {
    case FEEDER_TAKE:
        broker_enter(broker, feeder, entry, frame, message);
        return;
    case FEEDER_REPEAT:
        broker->counts.repeats++;
        break;
    case FEEDER_GAP:
        broker_ask(broker, feeder);
        break;
    case FEEDER_WAIT:
        break;
    case FEEDER_OVERDRAWN:
        (void)err_set(&err, ERR_LIMIT, "the entry is larger than the credit left");
        broker_nack(broker, feeder, seq, &err, false);
        return;
    }
    broker_grant(broker, feeder);
}

static void
broker_on_breach(struct broker *broker, struct feeder *feeder, const struct err *why)
{
    broker->counts.garbage++;
    if (feeder->state != FEEDER_ENDED)
        broker_reject(broker, feeder, why, false, 0);
}

static void
broker_on_frame(struct broker *broker, struct feeder *feeder, const struct access_entry *entry,
                struct frame *frame, struct wire_message *message)
{
    const struct frame pong = {.kind = FRAME_PONG, .pong = {broker->progress}};
    struct err err;

    feeder->heard_ms = broker->now_ms;
    switch (feeder_action(feeder->state, frame->kind)) {
    case FEEDER_IGNORE:
    case FEEDER_NOTE:
        break;
    case FEEDER_GREET:
        broker_on_hello(broker, feeder, frame);
        break;
    case FEEDER_STRAY:
        broker_on_stray(broker, feeder);
        break;
    case FEEDER_ENTER:
        broker_on_entry(broker, feeder, entry, frame, message);
        break;
    case FEEDER_ANSWER:
        broker_send(broker, feeder, &pong);
        break;
    case FEEDER_LEAVE:
        log_event(LOG_INFO, "session-left", "channel=%s", feeder->channel);
        broker_remove(broker, feeder);
        break;
    case FEEDER_BREACH:
        (void)err_set(&err, ERR_PROTOCOL, "an adapter may not send %s", frame_name(frame->kind));
        broker_on_breach(broker, feeder, &err);
        break;
    }
}

/* A message of a known key. `broken` tells why it is none that can be read, or is NULL. */
static void
broker_on_message(struct broker *broker, const struct access_entry *entry,
                  struct wire_message *message, const struct err *broken)
{
    struct feeder *feeder = broker_feeder(broker, message, entry);
    AUTO_FRAME struct frame frame = {0};
    struct err err;

    if (feeder == NULL) {
        broker->counts.denied++;
        return;
    }
    if (broken != NULL) {
        broker_on_breach(broker, feeder, broken);
        return;
    }
    if (frame_decode(message->control, message->control_len, &frame, &err) < 0) {
        broker_on_breach(broker, feeder, &err);
        return;
    }
    if (frame_has_payload(frame.kind) != (message->payload != NULL)) {
        (void)err_set(&err, ERR_PROTOCOL, "%s %s a payload", frame_name(frame.kind),
                      frame_has_payload(frame.kind) ? "lacks" : "has");
        broker_on_breach(broker, feeder, &err);
        return;
    }
    broker_on_frame(broker, feeder, entry, &frame, message);
}

/* Whose key a message came with, or NULL when it may not send here (any more). */
static const struct access_entry *
broker_entry(struct broker *broker, const struct wire_message *message)
{
    const struct access_entry *entry = access_find_key(broker->access, message->user);

    if (entry != NULL && entry->kind == ACCESS_ADAPTER)
        return entry;
    broker->counts.denied++;
    return NULL;
}

/* Read one message; returns false when none waits. */
static bool
broker_receive(struct broker *broker)
{
    AUTO_MESSAGE struct wire_message message = {0};
    const struct access_entry *entry;
    struct err err;
    int received = wire_receive(broker->socket, &message, &err);

    if (received == 0)
        return false;
    entry = broker_entry(broker, &message);
    if (entry != NULL && !broker->draining)
        broker_on_message(broker, entry, &message, received < 0 ? &err : NULL);
    return true;
}

/* ---- replies from the inbox ---- */

/* Payload that a new session may have under way: less when many are active, one batch at least. */
static uint64_t
broker_window(struct broker *broker)
{
    uint64_t left =
        broker->granted < BROKER_FLIGHT_BYTES ? BROKER_FLIGHT_BYTES - broker->granted : 0;
    uint64_t window = broker->settings.credit_bytes;

    window = window < left ? window : left;
    return window < FRAME_PAYLOAD_BYTES ? FRAME_PAYLOAD_BYTES : window;
}

static void
broker_send_receipts(struct broker *broker, struct feeder *feeder, const struct receipts *receipts)
{
    for (size_t i = 0; i < receipts->count; i++)
        broker_send_bytes(broker, feeder, &receipts->items[i]);
    broker->counts.receipts += receipts->count;
}

static void
broker_greeted(struct broker *broker, struct feeder *feeder, const struct inbox_reply *reply)
{
    struct frame frame = {
        .kind = FRAME_SUBSCRIBE,
        .subscribe =
            {
                .channel = feeder->channel,
                .next_seq = reply->next_seq,
                .generation = reply->generation,
                .credit = broker_window(broker),
                .batch_bytes = broker->settings.batch_bytes,
                .ping_seconds = (uint32_t)broker->settings.ping_seconds,
            },
    };

    memcpy(frame.subscribe.epoch, reply->epoch, FRAME_EPOCH_BYTES);
    feeder_begin(feeder, reply->next_seq, reply->generation, frame.subscribe.credit);
    broker->granted += feeder->window;
    broker->counts.greeted++;
    log_event(LOG_INFO, "session-open",
              "channel=%s next=%" PRIu64 " generation=%" PRIu64 " credit=%" PRIu64, feeder->channel,
              reply->next_seq, reply->generation, feeder->window);
    broker_send(broker, feeder, &frame);
    broker_send_receipts(broker, feeder, &reply->receipts);
}

static void
broker_taken(struct broker *broker, struct feeder *feeder, const struct inbox_reply *reply)
{
    const struct frame frame = {.kind = FRAME_ACK, .ack = {reply->next_seq}};

    crash_here("broker-before-ack");
    broker->progress++;
    broker->counts.acks++;
    feeder->damaged = 0;
    if (feeder->next_seq < reply->next_seq)
        feeder->next_seq = reply->next_seq;
    broker_send_receipts(broker, feeder, &reply->receipts);
    broker_send(broker, feeder, &frame);
}

static void
broker_again(struct broker *broker, struct feeder *feeder, const struct inbox_reply *reply)
{
    if (reply->round != feeder->round)
        return; /* it has been asked for already */
    feeder_rewind(feeder, reply->next_seq);
    if (reply->err.code == ERR_NONE) {
        broker_ask(broker, feeder);
        return;
    }
    feeder->damaged++;
    broker->counts.damaged++;
    broker_nack(broker, feeder, reply->seq, &reply->err, feeder->damaged < FEEDER_DAMAGED_MAX);
}

static void
broker_answer(struct broker *broker, struct feeder *feeder, const struct inbox_reply *reply)
{
    switch (reply->outcome) {
    case INBOX_GREETED:
        broker_greeted(broker, feeder, reply);
        return;
    case INBOX_REJECTED:
        broker_reject(broker, feeder, &reply->err, err_retryable(reply->err.code), RETRY_SECONDS);
        return;
    case INBOX_TAKEN:
        broker_taken(broker, feeder, reply);
        break;
    case INBOX_RESEND:
        broker_again(broker, feeder, reply);
        break;
    case INBOX_FENCED:
        broker_fence(broker, feeder, reply->generation);
        return;
    case INBOX_ENDED:
        broker_nack(broker, feeder, reply->seq, &reply->err, false);
        return;
    case INBOX_DROPPED:
        return;
    }
    if (feeder->state != FEEDER_ACTIVE)
        return;
    if (feeder_done(feeder, reply->bytes))
        broker_ask(broker, feeder);
    broker_grant(broker, feeder);
}

static void
broker_take_replies(struct broker *broker)
{
    struct inbox_reply *given;

    while ((given = inbox_take(broker->inbox)) != NULL) {
        AUTO(inbox_reply_free) struct inbox_reply *reply = given;
        struct feeder *feeder = broker_find_number(broker, reply->session);

        if (feeder != NULL)
            broker_answer(broker, feeder, reply);
    }
}

/* ---- time ---- */

static void
broker_tick_feeder(struct broker *broker, struct feeder *feeder)
{
    int64_t dead_ms = (int64_t)broker->settings.dead_seconds * 1000;

    if (feeder_silent(feeder, broker->now_ms, dead_ms)) {
        if (feeder->state == FEEDER_ACTIVE || feeder->state == FEEDER_GREETING) {
            broker->counts.silent++;
            log_event(LOG_WARN, "session-silent", "channel=%s seconds=%d", feeder->channel,
                      broker->settings.dead_seconds);
        }
        broker_remove(broker, feeder);
    } else if (feeder_ping_due(feeder, broker->now_ms,
                               (int64_t)broker->settings.ping_seconds * 1000)) {
        broker_ping(broker, feeder);
    }
}

static void
broker_tick(struct broker *broker)
{
    if (broker->now_ms - broker->ticked_ms < TICK_MS)
        return;
    broker->ticked_ms = broker->now_ms;
    for (size_t i = broker->feeder_count; i > 0; i--)
        broker_tick_feeder(broker, broker->feeders[i - 1]);
}

/* ---- start and stop ---- */

/*
 * Bring a new access list into the database: grants (feeds that are expected) and logins (counties
 * that each sees).
 */
static void
broker_write_roster(struct broker *broker)
{
    struct inbox_job *job = inbox_job_new(INBOX_ROSTER);

    job->roster = roster_new(broker->access);
    inbox_give(broker->inbox, job);
}

int
broker_start(struct wire *wire, const struct broker_settings *settings, const struct access *access,
             struct broker **ret_broker, struct err *err)
{
    AUTO(broker_stop) struct broker *broker = mem_zalloc(sizeof(*broker));

    broker->settings = *settings;
    broker->access = access;
    broker->now_ms = clock_mono_ms();
    if (wire_bind(wire, settings->endpoint, "feeds", settings->secret_key, &broker->socket, err) <
            0 ||
        inbox_start(wire, &settings->inbox, &broker->inbox, err) < 0)
        return -1;
    *ret_broker = STEAL(broker);
    return 0;
}

const char *
broker_endpoint(const struct broker *broker)
{
    return wire_endpoint(broker->socket);
}

void
broker_run(struct broker *broker, int fd)
{
    struct wire_socket *const sockets[] = {broker->socket, inbox_pipe(broker->inbox)};
    bool ready[3];

    for (;;) {
        wire_wait(sockets, 2, &fd, 1, TICK_MS, ready);
        if (ready[2])
            return;
        broker->now_ms = clock_mono_ms();
        broker_take_replies(broker);
        for (int i = 0; i < BURST && broker_receive(broker); i++)
            ;
        broker_tick(broker);
        broker_sweep(broker);
    }
}

void
broker_reload(struct broker *broker, const struct access *access, int ping_seconds,
              int dead_seconds)
{
    struct err err;

    broker->access = access;
    broker->settings.ping_seconds = ping_seconds;
    broker->settings.dead_seconds = dead_seconds;
    for (size_t i = 0; i < broker->feeder_count; i++) {
        struct feeder *feeder = broker->feeders[i];
        const struct access_entry *entry = access_find_key(access, feeder->user);

        if (feeder->state == FEEDER_ENDED || (entry != NULL && entry->kind == ACCESS_ADAPTER &&
                                              strcmp(entry->name, feeder->channel) == 0))
            continue;
        (void)err_set(&err, ERR_DENIED, "the access list no longer allows this key");
        broker_reject(broker, feeder, &err, false, 0);
    }
    broker_write_roster(broker);
}

void
broker_stop(struct broker *broker)
{
    const struct frame drain = {.kind = FRAME_DRAIN, .drain = {"the hub stops"}};

    if (broker == NULL)
        return;
    broker->draining = true;
    for (size_t i = 0; i < broker->feeder_count; i++)
        broker_send(broker, broker->feeders[i], &drain);
    if (broker->inbox != NULL) {
        inbox_stop(broker->inbox);
        broker_take_replies(broker);
    }
    inbox_free(broker->inbox);
    wire_close(broker->socket);
    while (broker->feeder_count > 0)
        broker_remove(broker, broker->feeders[0]);
    free(broker->feeders);
    buf_done(&broker->control);
    free(broker);
}

void
broker_counts(struct broker *broker, struct broker_counts *ret_counts)
{
    struct wire_counts wire;

    wire_counts(broker->socket, &wire);
    *ret_counts = broker->counts;
    ret_counts->handshakes_failed = wire.handshakes_failed;
    ret_counts->disconnected = wire.disconnected;
    ret_counts->sessions = 0;
    for (size_t i = 0; i < broker->feeder_count; i++)
        ret_counts->sessions += broker->feeders[i]->state == FEEDER_ACTIVE;
    inbox_counts(broker->inbox, &ret_counts->inbox);
}
