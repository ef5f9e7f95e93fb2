#include "delivery/publisher.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "delivery/eventlog.h"
#include "delivery/publisher_subscribe.h"

#define PUBLISHER_BURST 256        /* messages taken before events are sent again */
#define PUBLISHER_COMPLAIN_MS 1000 /* at most one line about garbage in this time */
#define PUBLISHER_IDLE_MS 200
#define PUBLISHER_STALLED_MS 10

/* ---- sessions ---- */

struct subscriber *
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

void
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
    subscriber->state = SUBSCRIBER_ENDED;
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
    if (subscriber != NULL && subscriber_open(subscriber))
        publisher_end(publisher, subscriber, why, false);
    else if (from->route_len > 0)
        publisher_reject(publisher, from, why, false, 0);
}

/* ---- PostgreSQL ---- */

void
publisher_store_fail(struct publisher *publisher, const struct err *err)
{
    log_err(LOG_ERROR, "event-store-failed", err);
    publisher->store = NULL;
    publisher->counts.store_losses++;
}

/*
 * Keep the acknowledged positions. One that does not reach cases.subscriber is told again by the
 * next SUBSCRIBE.
 */
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

        if (!at->due || at->state != SUBSCRIBER_TAKING)
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
    subscriber->state = SUBSCRIBER_ENDED; /* it comes again and says from where */
}

/*
 * Do the work that a message of a session asks for. Returns -1 with ERR_PROTOCOL when it has no
 * place there.
 */
static int
publisher_act(struct publisher *publisher, struct subscriber *subscriber,
              enum subscriber_action action, const struct frame *frame, struct err *err)
{
    const struct frame pong = {.kind = FRAME_PONG, .pong = {.progress = subscriber->next_seq}};

    switch (action) {
    case SUBSCRIBER_KEEP:
        publisher->counts.acks++;
        return subscriber_ack(subscriber, frame->ack.next_seq, err);
    case SUBSCRIBER_GRANT:
        subscriber_credit(subscriber, frame->credit.bytes);
        return 0;
    case SUBSCRIBER_REPEAT:
        publisher->counts.resends++;
        return subscriber_resend(subscriber, frame->resend.from_seq, err);
    case SUBSCRIBER_REFUSE:
        publisher_nack(publisher, subscriber, &frame->nack);
        return 0;
    case SUBSCRIBER_ANSWER:
        subscriber_send(subscriber, publisher->options.socket, &pong);
        return 0;
    case SUBSCRIBER_LEAVE:
        subscriber->state = SUBSCRIBER_ENDED;
        return 0;
    case SUBSCRIBER_BREACH:
        return err_set(err, ERR_PROTOCOL, "a %s has no place here", frame_name(frame->kind));
    case SUBSCRIBER_NOTE:
    case SUBSCRIBER_IGNORE:
    case SUBSCRIBER_BEGIN:
    case SUBSCRIBER_STRAY:
        break;
    }
    return 0;
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

/* `subscriber` is NULL without a session. */
static void
publisher_take_frame(struct publisher *publisher, const struct wire_message *message,
                     struct subscriber *subscriber, const struct frame *frame)
{
    enum subscriber_action action =
        subscriber_action(subscriber != NULL ? subscriber->state : SUBSCRIBER_NONE, frame->kind);
    struct err err;

    if (action == SUBSCRIBER_IGNORE)
        return; /* said before it heard that the session is over */
    if (action == SUBSCRIBER_BEGIN) {
        publisher_subscribe(publisher, message, &frame->subscribe);
        return;
    }
    if (subscriber == NULL) {
        err_set(&err, ERR_PROTOCOL, "no session: subscribe first");
        publisher_reject(publisher, message, &err, true, 0);
        return;
    }
    if (!publisher_still_allowed(publisher, subscriber))
        return;
    subscriber_heard(subscriber, clock_mono_ms());
    if (publisher_act(publisher, subscriber, action, frame, &err) != 0)
        publisher_garbage(publisher, message, subscriber, &err);
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
    publisher_take_frame(publisher, message, subscriber, &frame);
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
        if (subscriber_open(at))
            publisher_end(publisher, at, &why, true);
        at->ack_due = false;
    }
}

bool
publisher_has_store(const struct publisher *publisher)
{
    return publisher->store != NULL;
}

/* Nothing waits: sessions whose connection was gone before have nothing more to say. */
static void
publisher_note_read(struct publisher *publisher)
{
    for (struct subscriber *at = publisher->subscribers; at != NULL; at = at->next)
        at->read_out = !subscriber_open(at);
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
        if (subscriber_open(at))
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

        if (!subscriber_open(at) || now - at->pinged_ms < at->ping_seconds * INT64_C(1000))
            continue;
        at->pinged_ms = now;
        subscriber_send(at, publisher->options.socket, &ping);
        if (at->state != SUBSCRIBER_TAKING || now - at->heard_ms < publisher->dead_ms)
            continue;
        at->state = SUBSCRIBER_SILENT;
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
        if (!at->due || at->state != SUBSCRIBER_TAKING || publisher->store == NULL)
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
