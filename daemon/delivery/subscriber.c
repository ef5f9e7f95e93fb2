#include "delivery/subscriber.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "delivery/eventlog.h"

#define SUBSCRIBER_READ_BYTES (UINT64_C(4) * 1024 * 1024)
#define SUBSCRIBER_STALL_MS 20 /* a full queue tells nobody when it has room again */

/* A session that is there may say all of this, also one whose closed connection shows already. */
#define SUBSCRIBER_SAYS                                                                            \
    {                                                                                              \
        [FRAME_SUBSCRIBE] = SUBSCRIBER_BEGIN, [FRAME_ACK] = SUBSCRIBER_KEEP,                       \
        [FRAME_CREDIT] = SUBSCRIBER_GRANT, [FRAME_RESEND] = SUBSCRIBER_REPEAT,                     \
        [FRAME_NACK] = SUBSCRIBER_REFUSE, [FRAME_PING] = SUBSCRIBER_ANSWER,                        \
        [FRAME_PONG] = SUBSCRIBER_NOTE, [FRAME_DRAIN] = SUBSCRIBER_LEAVE                           \
    }

static const enum subscriber_action actions[][FRAME_EVENT + 1] = {
    [SUBSCRIBER_NONE] = {[FRAME_SUBSCRIBE] = SUBSCRIBER_BEGIN},
    [SUBSCRIBER_TAKING] = SUBSCRIBER_SAYS,
    [SUBSCRIBER_SILENT] = SUBSCRIBER_SAYS,
    [SUBSCRIBER_CLOSED] = SUBSCRIBER_SAYS,
    [SUBSCRIBER_ENDED] = {[FRAME_SUBSCRIBE] = SUBSCRIBER_BEGIN},
};

/* The answer to a message that has no entry in the table. */
static const enum subscriber_action others[] = {
    [SUBSCRIBER_NONE] = SUBSCRIBER_STRAY,    [SUBSCRIBER_TAKING] = SUBSCRIBER_BREACH,
    [SUBSCRIBER_SILENT] = SUBSCRIBER_BREACH, [SUBSCRIBER_CLOSED] = SUBSCRIBER_BREACH,
    [SUBSCRIBER_ENDED] = SUBSCRIBER_IGNORE,
};

enum subscriber_action
subscriber_action(enum subscriber_state state, enum frame_kind kind)
{
    enum subscriber_action action = actions[state][kind];

    return action == SUBSCRIBER_IGNORE ? others[state] : action;
}

bool
subscriber_open(const struct subscriber *subscriber)
{
    return subscriber->state == SUBSCRIBER_TAKING || subscriber->state == SUBSCRIBER_SILENT;
}

void
subscriber_heard(struct subscriber *subscriber, int64_t now_ms)
{
    subscriber->heard_ms = now_ms;
    if (subscriber->state == SUBSCRIBER_SILENT)
        subscriber->state = SUBSCRIBER_TAKING;
}

struct subscriber *
subscriber_new(const struct wire_message *from, const char *name)
{
    struct subscriber *subscriber = mem_zalloc(sizeof(*subscriber));

    memcpy(subscriber->peer, from->route, from->route_len);
    subscriber->peer_len = from->route_len;
    (void)snprintf(subscriber->user, sizeof(subscriber->user), "%s", from->user);
    subscriber->name = mem_strdup(name);
    return subscriber;
}

void
subscriber_free(struct subscriber *subscriber)
{
    if (subscriber == NULL)
        return;
    free(subscriber->name);
    free(subscriber);
}

/* Returns 1, 0 when there is no room in the queue, -1 when the connection is closed. */
static int
subscriber_put(struct subscriber *subscriber, struct wire_socket *socket, const struct frame *frame,
               const void *payload, size_t payload_len)
{
    AUTO_BUF struct buf control = {0};
    struct err err;

    frame_encode(frame, &control);
    if (wire_send(socket, subscriber->peer, subscriber->peer_len, control.bytes, control.len,
                  payload, payload_len, &err) == 0)
        return 1;
    if (errno == EAGAIN)
        return 0;
    if (subscriber->state != SUBSCRIBER_ENDED)
        subscriber->state = SUBSCRIBER_CLOSED;
    return -1;
}

void
subscriber_send(struct subscriber *subscriber, struct wire_socket *socket,
                const struct frame *frame)
{
    (void)subscriber_put(subscriber, socket, frame, NULL, 0);
}

void
subscriber_reject(struct subscriber *subscriber, struct wire_socket *socket, const struct err *why,
                  bool retryable, uint32_t retry_seconds)
{
    const struct frame frame = {
        .kind = FRAME_REJECT,
        .reject = {.code = (uint32_t)why->code,
                   .text = why->text,
                   .hint = why->hint,
                   .retryable = retryable,
                   .retry_seconds = retry_seconds},
    };

    subscriber_send(subscriber, socket, &frame);
}

/* Send one event; returns as subscriber_put. */
static int
subscriber_send_event(struct subscriber *subscriber, struct wire_socket *socket,
                      const uint8_t *body, size_t len)
{
    struct frame frame = {.kind = FRAME_EVENT, .event = {.seq = subscriber->next_seq}};

    digest_bytes(body, len, frame.event.digest);
    return subscriber_put(subscriber, socket, &frame, body, len);
}

/* Check that a row is the event to send and can be sent at all. */
static int
subscriber_check_event(const struct subscriber *subscriber, uint64_t number, size_t len,
                       struct err *err)
{
    if (number != subscriber->next_seq) {
        err_set(err, ERR_CONFLICT, "event %" PRIu64 " is missing in the outbox",
                subscriber->next_seq);
        return err_hint(err, "restore it from a backup; events behind it wait");
    }
    if (len == 0 || len > FRAME_PAYLOAD_BYTES)
        return err_set(err, ERR_CONFLICT,
                       "event %" PRIu64 " is empty or over the limit of a payload", number);
    return 0;
}

int
subscriber_deliver(struct subscriber *subscriber, struct wire_socket *socket, struct store *store,
                   int64_t now_ms, struct subscriber_sent *sent, struct err *err)
{
    AUTO(store_result_free) struct store_result *events = NULL;
    uint64_t bytes =
        subscriber->credit < SUBSCRIBER_READ_BYTES ? subscriber->credit : SUBSCRIBER_READ_BYTES;

    if (now_ms < subscriber->stalled_ms)
        return 0;
    if (eventlog_read(store, subscriber->channel.county, subscriber->channel.route,
                      subscriber->next_seq, bytes, &events, err) != 0)
        return -1;
    subscriber->due = store_rows(events) > 0;

    for (size_t i = 0; i < store_rows(events); i++) {
        size_t len;
        const uint8_t *body = store_bytes(events, i, 1, &len);

        if (subscriber_check_event(subscriber, (uint64_t)store_int(events, i, 0), len, err) != 0) {
            subscriber->due = false;
            return -1;
        }
        if (len > subscriber->credit) {
            subscriber->due = false; /* until CREDIT comes */
            return 0;
        }
        switch (subscriber_send_event(subscriber, socket, body, len)) {
        case 0:
            subscriber->stalled_ms = now_ms + SUBSCRIBER_STALL_MS;
            return 0;
        case -1:
            return 0;
        }
        subscriber->next_seq++;
        subscriber->credit -= len;
        sent->events++;
        sent->bytes += len;
    }
    return 0;
}

int
subscriber_ack(struct subscriber *subscriber, uint64_t next_seq, struct err *err)
{
    if (next_seq < subscriber->acked_seq || next_seq > subscriber->next_seq)
        return err_set(err, ERR_PROTOCOL, "an ACK outside what was sent");
    subscriber->ack_due |= next_seq != subscriber->acked_seq;
    subscriber->acked_seq = next_seq;
    return 0;
}

int
subscriber_resend(struct subscriber *subscriber, uint64_t from_seq, struct err *err)
{
    if (from_seq < subscriber->acked_seq || from_seq > subscriber->next_seq)
        return err_set(err, ERR_PROTOCOL, "a RESEND outside what was sent");
    subscriber->next_seq = from_seq;
    subscriber->due = true;
    return 0;
}

void
subscriber_credit(struct subscriber *subscriber, uint64_t bytes)
{
    uint64_t room = SUBSCRIBER_CREDIT_MAX - subscriber->credit;

    subscriber->credit += bytes < room ? bytes : room;
    subscriber->due = true;
}
