#include "bureau/receiver.h"

#include <inttypes.h>
#include <string.h>

#include "base/crash.h"
#include "base/digest.h"
#include "base/log.h"
#include "event.h"

#define RECEIVER_TICK_MS 1000
#define RECEIVER_HUNG_MS (2 * RECEIVER_TICK_MS) /* between two ticks: something stopped us */

struct receiver {
    struct receiver_options options;
    struct ledger *ledger;
    enum receiver_state state;
    int64_t due_ms; /* WAITING: when to ask */
    int64_t heard_ms, pinged_ms, ticked_ms;
    int64_t backoff_ms;
    uint64_t credit_owed; /* bytes taken and not yet given back */
    bool ack_owed;
    struct err failure;
};

/* ---- ending a session ---- */

static void
receiver_send(struct receiver *receiver, const struct frame *frame)
{
    receiver->options.link.send(receiver->options.link.context, frame);
}

static void
receiver_end(struct receiver *receiver, enum receiver_state state)
{
    receiver->options.link.close(receiver->options.link.context);
    receiver->state = state;
    receiver->credit_owed = 0;
    receiver->ack_owed = false;
}

/* Make the events that came durable, close and ask again after a while, at least `pause_ms`. */
static void
receiver_retry(struct receiver *receiver, const struct err *why, int64_t pause_ms, int64_t now_ms)
{
    int64_t pause = receiver->backoff_ms;
    uint16_t random;

    receiver_settle(receiver);
    if (receiver->state == RECEIVER_BROKEN)
        return;
    digest_random(&random, sizeof(random));
    pause += pause * random / UINT16_MAX / 5;
    receiver->due_ms = now_ms + (pause > pause_ms ? pause : pause_ms);
    receiver->backoff_ms = receiver->backoff_ms * 2 < receiver->options.retry_max_ms
                               ? receiver->backoff_ms * 2
                               : receiver->options.retry_max_ms;
    receiver_end(receiver, RECEIVER_WAITING);
    log_err(LOG_WARN, "disconnected", why);
}

/* Close for good; unless the ledger broke, make the events that came before durable. */
static void
receiver_stop(struct receiver *receiver, enum receiver_state state, const struct err *why)
{
    if (state != RECEIVER_BROKEN)
        receiver_settle(receiver);
    if (receiver->state == RECEIVER_BROKEN)
        return;
    receiver->failure = *why;
    receiver_end(receiver, state);
    log_err(LOG_ERROR, "stopped", why);
}

/* Refuse an event, tell the hub, and either stop or try again later. */
static void
receiver_refuse(struct receiver *receiver, uint64_t seq, const struct err *why, bool retryable,
                int64_t now_ms)
{
    const struct frame nack = {
        .kind = FRAME_NACK,
        .nack = {.seq = seq,
                 .code = (uint32_t)why->code,
                 .text = why->text,
                 .hint = why->hint,
                 .retryable = retryable},
    };

    receiver_settle(receiver);
    receiver_send(receiver, &nack);
    if (retryable)
        receiver_retry(receiver, why, 0, now_ms);
    else
        receiver_stop(receiver, RECEIVER_STOPPED, why);
}

/* ---- SUBSCRIBE and its answers ---- */

static void
receiver_ask(struct receiver *receiver, int64_t now_ms)
{
    const struct ledger_state *state = ledger_state(receiver->ledger);
    struct frame subscribe = {
        .kind = FRAME_SUBSCRIBE,
        .subscribe = {.channel = receiver->options.channel,
                      .next_seq = state->next_seq > 1 ? state->next_seq - 1 : 1,
                      .credit = RECEIVER_CREDIT,
                      .batch_bytes = FRAME_PAYLOAD_BYTES,
                      .ping_seconds = (uint32_t)(receiver->options.ping_ms / 1000)},
    };
    struct err err;

    memcpy(subscribe.subscribe.epoch, state->epoch, sizeof(state->epoch));
    receiver->heard_ms = receiver->pinged_ms = receiver->ticked_ms = now_ms;
    if (receiver->options.link.open(receiver->options.link.context, &err) != 0) {
        receiver_retry(receiver, &err, 0, now_ms);
        return;
    }
    receiver->state = RECEIVER_ASKED;
    receiver_send(receiver, &subscribe);
}

static void
receiver_hello(struct receiver *receiver, const struct frame_hello *hello, int64_t now_ms)
{
    const struct ledger_state *state = ledger_state(receiver->ledger);
    struct err err;

    if (strcmp(hello->channel, receiver->options.channel) != 0) {
        err_set(&err, ERR_PROTOCOL, "the hub answered for another channel");
        receiver_retry(receiver, &err, 0, now_ms);
        return;
    }
    if (hello->next_seq < state->next_seq) {
        err_set(&err, ERR_CONFLICT, "the hub's newest event is %" PRIu64 ", ours %" PRIu64,
                hello->next_seq - 1, state->next_seq - 1);
        err_hint(&err, "the hub was restored from an older copy: keep this ledger and tell ops");
        receiver_refuse(receiver, hello->next_seq, &err, false, now_ms);
        return;
    }
    if (state->next_seq == 1 && ledger_adopt(receiver->ledger, hello->epoch, &err) != 0) {
        receiver_stop(receiver, RECEIVER_BROKEN, &err);
        return;
    }
    if (memcmp(state->epoch, hello->epoch, sizeof(state->epoch)) != 0) {
        err_set(&err, ERR_CONFLICT, "the hub's events are from another log");
        receiver_refuse(receiver, hello->next_seq, &err, false, now_ms);
        return;
    }
    receiver->state = RECEIVER_TAKING;
    receiver->backoff_ms = RECEIVER_BACKOFF_MS;
    log_event(LOG_INFO, "subscribed", "channel=%s next=%" PRIu64 " newest=%" PRIu64,
              receiver->options.channel, state->next_seq, hello->next_seq - 1);
}

static void
receiver_reject(struct receiver *receiver, const struct frame_reject *reject, int64_t now_ms)
{
    enum err_code code = (enum err_code)reject->code;
    struct err why;

    if (code == ERR_NONE || strcmp(err_name(code), "UNKNOWN") == 0)
        code = ERR_PROTOCOL;
    err_set(&why, code, "the hub: %s", reject->text);
    err_hint(&why, "%s", reject->hint);
    if (reject->retryable)
        receiver_retry(receiver, &why, reject->retry_seconds * INT64_C(1000), now_ms);
    else
        receiver_stop(receiver, RECEIVER_STOPPED, &why);
}

/* ---- events ---- */

/* An event that is there already: the newest one is compared, since it was asked for again. */
static void
receiver_repeat(struct receiver *receiver, const struct frame *frame, int64_t now_ms)
{
    const struct ledger_state *state = ledger_state(receiver->ledger);
    struct err err;

    if (frame->event.seq == state->next_seq - 1 &&
        memcmp(frame->event.digest, state->newest_digest, DIGEST_BYTES) != 0) {
        err_set(&err, ERR_CONFLICT, "the hub's event %" PRIu64 " differs from ours",
                frame->event.seq);
        err_hint(&err, "the hub was restored from an older copy: keep this ledger and tell ops");
        receiver_refuse(receiver, frame->event.seq, &err, false, now_ms);
        return;
    }
    receiver->ack_owed = true;
}

/*
 * Check that the payload is an event of our county with the id that it must have: the digest does
 * not say so.
 */
static int
receiver_check(const struct receiver *receiver, const struct event *event, struct err *err)
{
    char id[DIGEST_HEX];

    if (event->case_id == NULL)
        return err_set(err, ERR_PROTOCOL, "an event without a case");
    if (event->county != receiver->options.county)
        return err_set(err, ERR_PROTOCOL, "an event of another county");
    event_id(event->county, event->case_id, event->case_seq, id);
    if (strcmp(id, event->id) != 0)
        return err_set(err, ERR_PROTOCOL, "an event's id is not the digest of its case");
    return 0;
}

/* Keep the next event. */
static int
receiver_keep(struct receiver *receiver, const struct frame *frame, const uint8_t *payload,
              size_t len, struct err *err)
{
    AUTO_EVENT struct event event = {0};
    uint8_t digest[DIGEST_BYTES];

    digest_bytes(payload, len, digest);
    if (memcmp(digest, frame->event.digest, sizeof(digest)) != 0)
        return err_set(err, ERR_PROTOCOL, "an event does not have its digest");
    if (event_decode(payload, len, &event, err) != 0 || receiver_check(receiver, &event, err) != 0)
        return -1;
    if (!ledger_follows(receiver->ledger, &event))
        log_event(LOG_WARN, "case-out-of-order", "number=%" PRIu64 " case_seq=%" PRIu32,
                  frame->event.seq, event.case_seq);
    ledger_add(receiver->ledger, digest, &event);
    receiver->ack_owed = true;
    return 0;
}

static void
receiver_event(struct receiver *receiver, const struct frame *frame, const uint8_t *payload,
               size_t len, int64_t now_ms)
{
    uint64_t next_seq = ledger_state(receiver->ledger)->next_seq;
    struct err err;

    receiver->credit_owed += len;
    if (frame->event.seq < next_seq) {
        receiver_repeat(receiver, frame, now_ms);
    } else if (frame->event.seq > next_seq) {
        err_set(&err, ERR_PROTOCOL, "event %" PRIu64 " came before %" PRIu64, frame->event.seq,
                next_seq);
        receiver_retry(receiver, &err, 0, now_ms);
    } else if (receiver_keep(receiver, frame, payload, len, &err) != 0) {
        err_wrap(&err, "event %" PRIu64, next_seq);
        receiver_refuse(receiver, next_seq, &err, true, now_ms);
    } else if (ledger_waiting(receiver->ledger) >= RECEIVER_BATCH) {
        receiver_settle(receiver);
    }
}

/* ---- public ---- */

struct receiver *
receiver_new(const struct receiver_options *options, struct ledger *ledger)
{
    struct receiver *receiver = mem_zalloc(sizeof(*receiver));

    receiver->options = *options;
    receiver->ledger = ledger;
    receiver->backoff_ms = RECEIVER_BACKOFF_MS;
    return receiver;
}

void
receiver_free(struct receiver *receiver)
{
    static const struct frame drain = {.kind = FRAME_DRAIN, .drain = {.text = "goodbye"}};

    if (receiver == NULL)
        return;
    if (receiver->state == RECEIVER_TAKING)
        receiver_send(receiver, &drain);
    receiver->options.link.close(receiver->options.link.context);
    free(receiver);
}

/* Take a message in its state; returns false when it has no place there. */
static bool
receiver_take_frame(struct receiver *receiver, const struct frame *frame, const uint8_t *payload,
                    size_t len, int64_t now_ms)
{
    const struct frame pong = {.kind = FRAME_PONG,
                               .pong = {.progress = ledger_state(receiver->ledger)->next_seq}};
    struct err why;

    switch (frame->kind) {
    case FRAME_HELLO:
        if (receiver->state != RECEIVER_ASKED)
            return false;
        receiver_hello(receiver, &frame->hello, now_ms);
        return true;
    case FRAME_EVENT:
        if (receiver->state != RECEIVER_TAKING || payload == NULL)
            return false;
        receiver_event(receiver, frame, payload, len, now_ms);
        return true;
    case FRAME_PING:
        receiver_send(receiver, &pong);
        return true;
    case FRAME_PONG:
        return true;
    case FRAME_REJECT:
        receiver_reject(receiver, &frame->reject, now_ms);
        return true;
    case FRAME_DRAIN:
        err_set(&why, ERR_SYSTEM, "the hub: %s", frame->drain.text);
        receiver_retry(receiver, &why, 0, now_ms);
        return true;
    case FRAME_FENCED:
        err_set(&why, ERR_FENCED, "another subscriber with our key has taken over");
        receiver_stop(receiver, RECEIVER_FENCED, &why);
        return true;
    case FRAME_SUBSCRIBE:
    case FRAME_OPEN:
    case FRAME_BATCH:
    case FRAME_CLOSE:
    case FRAME_ACK:
    case FRAME_RECEIPT:
    case FRAME_NACK:
    case FRAME_CREDIT:
    case FRAME_RESEND:
        break;
    }
    return false;
}

void
receiver_take_message(struct receiver *receiver, const struct frame *frame, const uint8_t *payload,
                      size_t payload_len, int64_t now_ms)
{
    struct err why;

    if (receiver->state != RECEIVER_ASKED && receiver->state != RECEIVER_TAKING)
        return;
    receiver->heard_ms = now_ms;
    if (receiver_take_frame(receiver, frame, payload, payload_len, now_ms))
        return;
    err_set(&why, ERR_PROTOCOL, "a %s has no place here", frame_name(frame->kind));
    receiver_take_garbage(receiver, &why, now_ms);
}

void
receiver_take_garbage(struct receiver *receiver, const struct err *why, int64_t now_ms)
{
    if (receiver->state == RECEIVER_ASKED || receiver->state == RECEIVER_TAKING)
        receiver_retry(receiver, why, 0, now_ms);
}

void
receiver_settle(struct receiver *receiver)
{
    const struct ledger_state *state = ledger_state(receiver->ledger);
    struct frame frame;
    struct err err;

    if (receiver->state != RECEIVER_TAKING || (!receiver->ack_owed && receiver->credit_owed == 0))
        return;
    if (ledger_flush(receiver->ledger, &err) != 0) {
        receiver_stop(receiver, RECEIVER_BROKEN, &err);
        return;
    }
    if (receiver->ack_owed) {
        frame = (struct frame){.kind = FRAME_ACK, .ack = {.next_seq = state->next_seq}};
        receiver_send(receiver, &frame);
    }
    if (receiver->credit_owed > 0) {
        frame = (struct frame){.kind = FRAME_CREDIT, .credit = {.bytes = receiver->credit_owed}};
        receiver_send(receiver, &frame);
    }
    if (receiver->ack_owed)
        crash_here("bureau-after-ack");
    receiver->ack_owed = false;
    receiver->credit_owed = 0;
}

int
receiver_tick(struct receiver *receiver, int64_t now_ms)
{
    static const struct frame ping = {.kind = FRAME_PING};
    const struct receiver_options *options = &receiver->options;
    struct err why;

    if (receiver->state == RECEIVER_WAITING && now_ms >= receiver->due_ms)
        receiver_ask(receiver, now_ms);
    if (receiver->state == RECEIVER_WAITING)
        return (int)(receiver->due_ms > now_ms ? receiver->due_ms - now_ms : 0);
    if (receiver->state != RECEIVER_ASKED && receiver->state != RECEIVER_TAKING)
        return 0;

    /* Time in which this program did not run says nothing about the hub: read first what waits. */
    if (now_ms - receiver->ticked_ms > RECEIVER_HUNG_MS)
        receiver->heard_ms = now_ms;
    receiver->ticked_ms = now_ms;
    if (now_ms - receiver->heard_ms >= options->dead_ms) {
        err_set(&why, ERR_SYSTEM, "the hub says nothing");
        receiver_retry(receiver, &why, 0, now_ms);
        return 0;
    }
    /* A hub that was started anew does not know us and does not ping: it answers this with
       REJECT. */
    if (receiver->state == RECEIVER_TAKING && now_ms - receiver->heard_ms > options->ping_ms &&
        now_ms - receiver->pinged_ms > options->ping_ms) {
        receiver->pinged_ms = now_ms;
        receiver_send(receiver, &ping);
    }
    return RECEIVER_TICK_MS;
}

enum receiver_state
receiver_state(const struct receiver *receiver)
{
    return receiver->state;
}

const struct err *
receiver_failure(const struct receiver *receiver)
{
    return &receiver->failure;
}
