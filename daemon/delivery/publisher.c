#include "delivery/publisher.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "delivery/eventlog.h"
#include "delivery/subscriber.h"

#define PUBLISHER_BURST 256        /* messages taken before events are sent again */
#define PUBLISHER_RETRY_SECONDS 2  /* told to a subscriber that should come again */
#define PUBLISHER_COMPLAIN_MS 1000 /* at most one line about garbage in this time */
#define PUBLISHER_IDLE_MS 200
#define PUBLISHER_STALLED_MS 10

struct publisher {
    struct publisher_options options;
    struct store *store; /* borrowed; NULL while PostgreSQL is away */
    uint8_t epoch[FRAME_EPOCH_BYTES];
    int64_t dead_ms, complained_ms;
    uint64_t generation, complaints;
    struct subscriber *subscribers;
    struct publisher_counts counts;
};

/* ---- sessions ---- */

static struct subscriber *
publisher_find(const struct publisher *publisher, const struct wire_message *from)
{
    for (struct subscriber *at = publisher->subscribers; at != NULL; at = at->next)
        if (at->peer_len == from->route_len && memcmp(at->peer, from->route, at->peer_len) == 0 &&
            strcmp(at->user, from->user) == 0)
            return at;
    return NULL;
}

/* Remove the sessions whose connection is closed, once all that they sent has been read: a write
 * shows the closed connection before its last ACK or NACK has been taken from the queue. */
static void
publisher_sweep(struct publisher *publisher)
{
    struct subscriber **at = &publisher->subscribers;

    while (*at != NULL) {
        struct subscriber *subscriber = *at;

        if (!subscriber->read_out || (subscriber->ack_due && publisher->store != NULL)) {
            at = &subscriber->next;
            continue;
        }
        *at = subscriber->next;
        log_event(LOG_INFO, "subscriber-gone", "subscriber=%s county=%" PRIu32 " route=%s",
                  subscriber->name, subscriber->channel.county, subscriber->channel.route);
        subscriber_free(subscriber);
        publisher->counts.subscribers--;
    }
}

/* Send a REJECT to whoever sent a message, session or not. */
static void
publisher_reject(struct publisher *publisher, const struct wire_message *to, const struct err *why,
                 bool retryable, uint32_t retry_seconds)
{
    AUTO(subscriber_free) struct subscriber *passing = subscriber_new(to, "");

    subscriber_reject(passing, publisher->options.socket, why, retryable, retry_seconds);
}

/* End a session from our side. */
static void
publisher_end(struct publisher *publisher, struct subscriber *subscriber, const struct err *why,
              bool retryable)
{
    subscriber_reject(subscriber, publisher->options.socket, why, retryable, 0);
    subscriber->gone = subscriber->ended = true;
    log_event(LOG_NOTICE, "subscriber-ended",
              "subscriber=%s county=%" PRIu32 " route=%s code=%s reason=\"%s\"", subscriber->name,
              subscriber->channel.county, subscriber->channel.route, err_name(why->code),
              why->text);
}

/* Count a message that broke the protocol, log it now and then, and answer it. */
static void
publisher_garbage(struct publisher *publisher, const struct wire_message *from,
                  struct subscriber *subscriber, const struct err *why)
{
    int64_t now = clock_mono_ms();

    publisher->counts.garbage++;
    publisher->complaints++;
    if (now - publisher->complained_ms >= PUBLISHER_COMPLAIN_MS) {
        log_event(LOG_WARN, "event-garbage",
                  "peer=%.8s subscriber=%s count=%" PRIu64 " reason=\"%s\"", from->user,
                  subscriber == NULL ? "-" : subscriber->name, publisher->complaints, why->text);
        publisher->complaints = 0;
        publisher->complained_ms = now;
    }
    if (subscriber != NULL && !subscriber->gone)
        publisher_end(publisher, subscriber, why, false);
    else if (from->route_len > 0)
        publisher_reject(publisher, from, why, false, 0);
}

/* ---- PostgreSQL ---- */

/* Do without the database until the owner brings another connection; sessions stay. */
static void
publisher_store_fail(struct publisher *publisher, const struct err *err)
{
    log_err(LOG_ERROR, "event-store-failed", err);
    publisher->store = NULL;
    publisher->counts.store_losses++;
}

/* Keep what was acknowledged. What does not get there is told again by the next SUBSCRIBE. */
static void
publisher_keep_acks(struct publisher *publisher)
{
    struct err err;

    for (struct subscriber *at = publisher->subscribers; at != NULL && publisher->store != NULL;
         at = at->next) {
        if (!at->ack_due)
            continue;
        if (eventlog_acked(publisher->store, at->channel.county, at->channel.route, at->name,
                           at->acked_seq, &err) != 0)
            publisher_store_fail(publisher, &err);
        else
            at->ack_due = false;
    }
}

static void
publisher_deliver(struct publisher *publisher)
{
    int64_t now = clock_mono_ms();
    struct err err;

    for (struct subscriber *at = publisher->subscribers; at != NULL && publisher->store != NULL;
         at = at->next) {
        struct subscriber_sent sent = {0};
        int result;

        if (!at->due || at->gone || at->silent)
            continue;
        result =
            subscriber_deliver(at, publisher->options.socket, publisher->store, now, &sent, &err);
        publisher->counts.events += sent.events;
        publisher->counts.bytes += sent.bytes;
        if (result == 0)
            continue;
        if (err.code == ERR_STORE) {
            publisher_store_fail(publisher, &err);
        } else if (at->stuck_seq != at->next_seq) {
            at->stuck_seq = at->next_seq;
            log_err(LOG_ERROR, "event-stuck", &err);
        }
    }
}

/* ---- SUBSCRIBE ---- */

/*
 * Make room for a new session in place of one with the same key and channel.
 * ERR_FENCED while the older one is alive: two programs with one key would
 * otherwise put each other out in turn. One whose connection is closed shows
 * when we write to it, so a restarted subscriber gets in at once.
 */
static int
publisher_replace(struct publisher *publisher, const struct wire_message *from,
                  const struct subscription_channel *channel, int64_t now_ms, struct err *err)
{
    static const struct frame ping = {.kind = FRAME_PING};
    const struct subscriber *own =
        publisher_find(publisher, from); /* this connection starts anew */

    for (struct subscriber *at = publisher->subscribers; at != NULL; at = at->next) {
        const struct frame fenced = {.kind = FRAME_FENCED,
                                     .fenced = {.generation = at->generation + 1}};

        if (strcmp(at->user, from->user) != 0 || at->channel.county != channel->county ||
            strcmp(at->channel.route, channel->route) != 0)
            continue;
        if (at != own)
            subscriber_send(at, publisher->options.socket, &ping);
        if (at != own && !at->gone && now_ms - at->heard_ms < publisher->dead_ms) {
            err_set(err, ERR_FENCED, "another subscriber with this key and channel is alive");
            return err_hint(err, "stop the other one, or give this one a key of its own");
        }
        if (at != own && !at->gone) {
            subscriber_send(at, publisher->options.socket, &fenced);
            publisher->counts.fenced++;
        }
        at->gone = at->ended = true;
        at->ack_due = false; /* the new session tells where it stands */
    }
    return 0;
}

static int
publisher_check_position(struct publisher *publisher, const struct frame_subscribe *want,
                         const struct subscription_channel *channel,
                         struct eventlog_range *ret_range, struct err *err)
{
    int result;

    if (publisher->store == NULL)
        return err_set(err, ERR_STORE, "the database is away");
    result =
        subscription_position(publisher->store, publisher->epoch, want, channel, ret_range, err);
    if (result != 0 && err->code == ERR_STORE)
        publisher_store_fail(publisher, err);
    return result;
}

/* How often to ask a subscriber: as it wished, if that is more often than we would. */
static void
publisher_time(const struct publisher *publisher, struct subscriber *subscriber)
{
    int wanted = subscriber->wanted_seconds, own = publisher->options.ping_seconds;

    subscriber->ping_seconds = wanted > 0 && wanted < own ? wanted : own;
}

/* Answer HELLO and note the session. */
static void
publisher_accept(struct publisher *publisher, const struct wire_message *from,
                 const struct frame_subscribe *want, const struct subscription_channel *channel,
                 const struct eventlog_range *range, const char *name)
{
    struct subscriber *subscriber = subscriber_new(from, name);
    struct frame hello = {
        .kind = FRAME_HELLO,
        .hello = {.protocol = FRAME_PROTOCOL,
                  .channel = want->channel,
                  .first_seq = range->first_seq,
                  .next_seq = range->next_seq,
                  .program = "qianshaod"},
    };

    memcpy(hello.hello.epoch, publisher->epoch, sizeof(hello.hello.epoch));
    subscriber->channel = *channel;
    subscriber->generation = ++publisher->generation;
    subscriber->next_seq = subscriber->acked_seq = want->next_seq;
    subscriber_credit(subscriber, want->credit);
    subscriber->heard_ms = subscriber->pinged_ms = clock_mono_ms();
    subscriber->wanted_seconds = (int)want->ping_seconds;
    publisher_time(publisher, subscriber);
    subscriber->ack_due = true;
    subscriber->next = publisher->subscribers;
    publisher->subscribers = subscriber;
    subscriber_send(subscriber, publisher->options.socket, &hello);
    publisher->counts.sessions++;
    publisher->counts.subscribers++;
    log_event(LOG_INFO, "subscribed",
              "subscriber=%s county=%" PRIu32 " route=%s next=%" PRIu64 " newest=%" PRIu64, name,
              channel->county, channel->route, want->next_seq, range->next_seq - 1);
}

/* Count, log and answer a SUBSCRIBE that is not accepted. */
static void
publisher_refuse(struct publisher *publisher, const struct wire_message *from, const char *name,
                 const struct err *why)
{
    bool again = why->code == ERR_STORE || why->code == ERR_FENCED;

    if (why->code == ERR_CONFLICT)
        publisher->counts.conflicts++;
    else if (why->code == ERR_DENIED)
        publisher->counts.denied++;
    else
        publisher->counts.refused++;
    log_event(why->code == ERR_CONFLICT ? LOG_ERROR : LOG_WARN, "subscribe-refused",
              "peer=%.8s subscriber=%s code=%s reason=\"%s\" hint=\"%s\"", from->user,
              name == NULL ? "-" : name, err_name(why->code), why->text, why->hint);
    publisher_reject(publisher, from, why, again, again ? PUBLISHER_RETRY_SECONDS : 0);
}

static void
publisher_subscribe(struct publisher *publisher, const struct wire_message *from,
                    const struct frame_subscribe *want)
{
    struct subscription_channel channel;
    struct eventlog_range range = {0};
    AUTO(free) char *name = NULL;
    struct err err;

    if (subscription_check(want, &channel, &err) != 0) {
        publisher_refuse(publisher, from, NULL, &err);
        return;
    }
    name = publisher->options.allow(publisher->options.context, from->user, &channel);
    if (name == NULL) {
        err_set(&err, ERR_DENIED, "this key may not take this channel");
        publisher_refuse(publisher, from, NULL, &err);
        return;
    }
    if (publisher_check_position(publisher, want, &channel, &range, &err) != 0 ||
        publisher_replace(publisher, from, &channel, clock_mono_ms(), &err) != 0) {
        publisher_refuse(publisher, from, name, &err);
        return;
    }
    publisher_accept(publisher, from, want, &channel, &range, name);
}

/* ---- messages of a session ---- */

static void
publisher_nack(struct publisher *publisher, struct subscriber *subscriber,
               const struct frame_nack *nack)
{
    publisher->counts.nacks++;
    log_event(LOG_ERROR, "event-refused",
              "subscriber=%s county=%" PRIu32 " route=%s number=%" PRIu64 " code=%s",
              subscriber->name, subscriber->channel.county, subscriber->channel.route, nack->seq,
              err_name((enum err_code)nack->code));
    subscriber->gone = subscriber->ended = true; /* it comes again and says from where */
}

/* A message of a session. Returns -1 with ERR_PROTOCOL when it has no place there. */
static int
publisher_take_frame(struct publisher *publisher, struct subscriber *subscriber,
                     const struct frame *frame, struct err *err)
{
    const struct frame pong = {.kind = FRAME_PONG, .pong = {.progress = subscriber->next_seq}};

    switch (frame->kind) {
    case FRAME_ACK:
        publisher->counts.acks++;
        return subscriber_ack(subscriber, frame->ack.next_seq, err);
    case FRAME_CREDIT:
        subscriber_credit(subscriber, frame->credit.bytes);
        return 0;
    case FRAME_RESEND:
        publisher->counts.resends++;
        return subscriber_resend(subscriber, frame->resend.from_seq, err);
    case FRAME_NACK:
        publisher_nack(publisher, subscriber, &frame->nack);
        return 0;
    case FRAME_PING:
        subscriber_send(subscriber, publisher->options.socket, &pong);
        return 0;
    case FRAME_PONG:
        return 0;
    case FRAME_DRAIN:
        subscriber->gone = subscriber->ended = true;
        return 0;
    case FRAME_HELLO:
    case FRAME_SUBSCRIBE:
    case FRAME_REJECT:
    case FRAME_OPEN:
    case FRAME_BATCH:
    case FRAME_CLOSE:
    case FRAME_RECEIPT:
    case FRAME_FENCED:
    case FRAME_EVENT:
        break;
    }
    return err_set(err, ERR_PROTOCOL, "a %s has no place here", frame_name(frame->kind));
}

/* Put a session out when its key may no longer take its channel. */
static bool
publisher_still_allowed(struct publisher *publisher, struct subscriber *subscriber)
{
    AUTO(free)
    char *name = publisher->options.allow(publisher->options.context, subscriber->user,
                                          &subscriber->channel);
    struct err why;

    if (name != NULL)
        return true;
    err_set(&why, ERR_DENIED, "this key may not take this channel");
    publisher->counts.denied++;
    publisher_end(publisher, subscriber, &why, false);
    return false;
}

static void
publisher_take(struct publisher *publisher, const struct wire_message *message)
{
    struct subscriber *subscriber = publisher_find(publisher, message);
    AUTO_FRAME struct frame frame = {0};
    struct err err;

    if (frame_decode(message->control, message->control_len, &frame, &err) != 0 ||
        (message->payload != NULL &&
         err_set(&err, ERR_PROTOCOL, "a payload has no place here") != 0)) {
        publisher_garbage(publisher, message, subscriber, &err);
        return;
    }
    if (frame.kind == FRAME_SUBSCRIBE) {
        publisher_subscribe(publisher, message, &frame.subscribe);
        return;
    }
    if (subscriber != NULL && subscriber->ended)
        return; /* said before it heard that the session is over */
    if (subscriber == NULL) {
        err_set(&err, ERR_PROTOCOL, "no session: subscribe first");
        publisher_reject(publisher, message, &err, true, 0);
        return;
    }
    if (!publisher_still_allowed(publisher, subscriber))
        return;
    subscriber->heard_ms = clock_mono_ms();
    subscriber->silent = false;
    if (publisher_take_frame(publisher, subscriber, &frame, &err) != 0)
        publisher_garbage(publisher, message, subscriber, &err);
}

/* ---- public ---- */

struct publisher *
publisher_new(const struct publisher_options *options)
{
    struct publisher *publisher = mem_zalloc(sizeof(*publisher));

    publisher->options = *options;
    publisher->dead_ms = options->dead_seconds * INT64_C(1000);
    return publisher;
}

void
publisher_free(struct publisher *publisher)
{
    if (publisher == NULL)
        return;
    while (publisher->subscribers != NULL) {
        struct subscriber *subscriber = publisher->subscribers;

        publisher->subscribers = subscriber->next;
        subscriber_free(subscriber);
    }
    free(publisher);
}

void
publisher_use_store(struct publisher *publisher, struct store *store,
                    const uint8_t epoch[FRAME_EPOCH_BYTES])
{
    struct err why;

    publisher->store = store;
    memcpy(publisher->epoch, epoch, FRAME_EPOCH_BYTES);
    err_set(&why, ERR_STORE, "the database was away: subscribe again");
    for (struct subscriber *at = publisher->subscribers; at != NULL; at = at->next) {
        if (!at->gone)
            publisher_end(publisher, at, &why, true);
        at->ack_due = false;
    }
}

bool
publisher_has_store(const struct publisher *publisher)
{
    return publisher->store != NULL;
}

/* Nothing waits: who was gone before has nothing more to say. */
static void
publisher_note_read(struct publisher *publisher)
{
    for (struct subscriber *at = publisher->subscribers; at != NULL; at = at->next)
        at->read_out = at->gone;
}

void
publisher_receive(struct publisher *publisher)
{
    for (int i = 0; i < PUBLISHER_BURST; i++) {
        AUTO_MESSAGE struct wire_message message = {0};
        struct err err;
        int result = wire_receive(publisher->options.socket, &message, &err);

        if (result == 0) {
            publisher_note_read(publisher);
            return;
        }
        if (result < 0)
            publisher_garbage(publisher, &message, publisher_find(publisher, &message), &err);
        else
            publisher_take(publisher, &message);
    }
}

void
publisher_look(struct publisher *publisher)
{
    for (struct subscriber *at = publisher->subscribers; at != NULL; at = at->next)
        at->due = true;
}

void
publisher_check_access(struct publisher *publisher)
{
    for (struct subscriber *at = publisher->subscribers; at != NULL; at = at->next)
        if (!at->gone)
            (void)publisher_still_allowed(publisher, at);
}

void
publisher_ping(struct publisher *publisher)
{
    int64_t now = clock_mono_ms();

    for (struct subscriber *at = publisher->subscribers; at != NULL; at = at->next) {
        const struct frame ping = {
            .kind = FRAME_PING,
            .ping = {.progress = at->next_seq, .waiting = at->next_seq - at->acked_seq},
        };

        if (at->gone || now - at->pinged_ms < at->ping_seconds * INT64_C(1000))
            continue;
        at->pinged_ms = now;
        subscriber_send(at, publisher->options.socket, &ping);
        if (at->gone || at->silent || now - at->heard_ms < publisher->dead_ms)
            continue;
        at->silent = true;
        publisher->counts.silent++;
        log_event(LOG_WARN, "subscriber-silent",
                  "subscriber=%s county=%" PRIu32 " route=%s seconds=%d", at->name,
                  at->channel.county, at->channel.route, publisher->options.dead_seconds);
    }
}

void
publisher_work(struct publisher *publisher, bool deliver)
{
    publisher_keep_acks(publisher);
    if (deliver)
        publisher_deliver(publisher);
    publisher_sweep(publisher);
}

int
publisher_timeout_ms(const struct publisher *publisher)
{
    int64_t now = clock_mono_ms();
    int timeout = PUBLISHER_IDLE_MS;

    for (const struct subscriber *at = publisher->subscribers; at != NULL; at = at->next) {
        if (!at->due || at->gone || at->silent || publisher->store == NULL)
            continue;
        if (at->stalled_ms <= now)
            return 0;
        timeout = PUBLISHER_STALLED_MS;
    }
    return timeout;
}

void
publisher_set_times(struct publisher *publisher, int ping_seconds, int dead_seconds)
{
    publisher->options.ping_seconds = ping_seconds;
    publisher->options.dead_seconds = dead_seconds;
    publisher->dead_ms = dead_seconds * INT64_C(1000);
    for (struct subscriber *at = publisher->subscribers; at != NULL; at = at->next)
        publisher_time(publisher, at);
}

void
publisher_drain(struct publisher *publisher)
{
    static const struct frame drain = {.kind = FRAME_DRAIN, .drain = {.text = "the hub stops"}};

    for (struct subscriber *at = publisher->subscribers; at != NULL; at = at->next) {
        subscriber_send(at, publisher->options.socket, &drain);
        at->ping_seconds = 0; /* a closed connection shows at the next write */
    }
}

const struct publisher_counts *
publisher_counts(const struct publisher *publisher)
{
    return &publisher->counts;
}
