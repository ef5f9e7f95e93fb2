/* The steps of a session for each control frame. */
#include "sdk/spool/session_parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "sdk/spool/receipt.h"

typedef void session_handler(struct session *session, const struct frame *frame, int64_t now_ms);

static void
session_on_subscribe(struct session *session, const struct frame *frame, int64_t now_ms)
{
    const struct frame_subscribe *answer = &frame->subscribe;
    struct queue_position position = queue_position(session->queue);

    if (strcmp(answer->channel, session->options.channel) != 0 ||
        memcmp(answer->epoch, position.epoch, sizeof(position.epoch)) != 0) {
        session_fail(session, now_ms, ERR_PROTOCOL,
                     "the hub subscribed to another channel or epoch");
        return;
    }
    if (answer->next_seq < position.first_seq || answer->next_seq > position.next_seq) {
        session_fail(session, now_ms, ERR_PROTOCOL, "the hub asked for entries that are not here");
        return;
    }
    log_event(LOG_INFO, "session-open",
              "channel=%s next=%" PRIu64 " end=%" PRIu64 " generation=%" PRIu64 " credit=%" PRIu64,
              answer->channel, answer->next_seq, position.next_seq, answer->generation,
              answer->credit);
    queue_acknowledge(session->queue, answer->next_seq);
    session->send_next = answer->next_seq;
    session->credit = answer->credit;
    session->batch_bytes = answer->batch_bytes;
    session->ping_ms = answer->ping_seconds == 0 ? SESSION_PING_MS : answer->ping_seconds * 1000;
    session->ping_due_ms = now_ms + session->ping_ms;
    session->need = 0;
    session->damaged = false;
    session->starved_ms = 0;
    session->state = SESSION_SENDING;
}

/*
 * Keep code, text and hint that the hub gives of a failure; an unknown code is a breach of the
 * protocol.
 */
static void
session_set_failure(struct err *err, uint32_t code, const char *text, const char *hint)
{
    bool known = code != ERR_NONE && strcmp(err_name((enum err_code)code), "UNKNOWN") != 0;

    err_set(err, known ? (enum err_code)code : ERR_PROTOCOL, "%s", text == NULL ? "" : text);
    if (hint != NULL && hint[0] != '\0')
        err_hint(err, "%s", hint);
}

static void
session_on_reject(struct session *session, const struct frame *frame, int64_t now_ms)
{
    const struct frame_reject *reject = &frame->reject;
    struct err err;
    int64_t pause;

    session_set_failure(&err, reject->code, reject->text, reject->hint);
    err_wrap(&err, "the hub rejects the session");
    if (!reject->retryable) {
        session->failure = err;
        session_end(session, SESSION_STOPPED);
        return;
    }
    log_err(LOG_WARN, "session-rejected", &err);
    pause = session_backoff(session);
    if (pause < (int64_t)reject->retry_seconds * 1000)
        pause = (int64_t)reject->retry_seconds * 1000;
    session_connect_in(session, pause, now_ms);
}

static void
session_on_ack(struct session *session, const struct frame *frame, int64_t now_ms)
{
    struct queue_position position = queue_position(session->queue);
    uint64_t next_seq = frame->ack.next_seq;

    if (next_seq > position.next_seq) {
        session_fail(session, now_ms, ERR_PROTOCOL, "the hub acknowledged what was never sent");
        return;
    }
    session->backoff_ms = SESSION_BACKOFF_MIN_MS;
    if (next_seq <= position.acked)
        return;
    queue_acknowledge(session->queue, next_seq);
    if (next_seq > session->send_next) { /* the rest of a submission is not wanted */
        session->send_next = next_seq;
        session->need = 0;
        session->damaged = false;
    }
}

static void
session_on_receipt(struct session *session, const struct frame *frame, int64_t now_ms)
{
    const struct frame_receipt *receipt = &frame->receipt;
    struct subfile_head head;
    AUTO_BUF struct buf json = {0};
    struct err err;

    session->backoff_ms = SESSION_BACKOFF_MIN_MS;
    if (queue_find(session->queue, receipt->uuid, &head) != 0) {
        log_event(LOG_NOTICE, "receipt-unknown", "last_seq=%" PRIu64, receipt->last_seq);
        return;
    }
    receipt_format(receipt, &head, &json);
    if (queue_answer(session->queue, receipt->uuid, buf_str(&json), json.len, &err) < 0) {
        session_broken(session, &err, now_ms); /* the next session asks for it again */
        return;
    }
    log_event(LOG_INFO, "receipt",
              "last_seq=%" PRIu64 " status=%d stored=%" PRIu64 " quarantined=%" PRIu64,
              receipt->last_seq, (int)receipt->status, receipt->stored, receipt->quarantined);
    if (session->options.on_receipt != NULL)
        session->options.on_receipt(session->options.context, &head, receipt->uuid, buf_str(&json));
}

static void
session_on_nack(struct session *session, const struct frame *frame, int64_t now_ms)
{
    const struct frame_nack *nack = &frame->nack;
    struct err err;

    session_set_failure(&err, nack->code, nack->text, nack->hint);
    err_wrap(&err, "the hub refuses entry %" PRIu64, nack->seq);
    if (!nack->retryable) {
        session->failure = err;
        session_end(session, SESSION_STOPPED);
        return;
    }
    if (nack->seq < session->send_next && nack->seq >= queue_position(session->queue).acked) {
        session->send_next = nack->seq;
        session->need = 0;
        session->damaged = false;
    }
    if (session->state == SESSION_PAUSED) /* of the entries behind it; the pause is running */
        return;
    log_err(LOG_WARN, "entry-refused", &err);
    session->state = SESSION_PAUSED;
    session->connect_after_pause = false;
    session->wait_until_ms = now_ms + session_backoff(session);
}

static void
session_on_credit(struct session *session, const struct frame *frame, int64_t now_ms)
{
    (void)now_ms;
    if (frame->credit.bytes > UINT64_MAX - session->credit)
        session->credit = UINT64_MAX;
    else
        session->credit += frame->credit.bytes;
}

static void
session_on_resend(struct session *session, const struct frame *frame, int64_t now_ms)
{
    uint64_t from = frame->resend.from_seq;

    if (from < queue_position(session->queue).first_seq || from > session->send_next) {
        session_fail(session, now_ms, ERR_PROTOCOL, "the hub asked for entries that are not here");
        return;
    }
    log_event(LOG_NOTICE, "resend", "from=%" PRIu64 " sent=%" PRIu64, from, session->send_next);
    session->send_next = from;
    session->need = 0;
    session->damaged = false;
}

static void
session_on_ping(struct session *session, const struct frame *frame, int64_t now_ms)
{
    struct frame pong = {.kind = FRAME_PONG, .pong = {session->progress}};

    (void)frame;
    (void)session_send(session, &pong, NULL, 0, now_ms);
}

static void
session_on_pong(struct session *session, const struct frame *frame, int64_t now_ms)
{
    (void)frame;
    (void)now_ms;
    session->backoff_ms = SESSION_BACKOFF_MIN_MS;
}

static void
session_on_drain(struct session *session, const struct frame *frame, int64_t now_ms)
{
    (void)frame;
    log_event(LOG_NOTICE, "hub-drains", "channel=%s", session->options.channel);
    session->state = SESSION_PAUSED; /* acknowledgements may still come */
    session->connect_after_pause = true;
    session->wait_until_ms = now_ms + session_backoff(session);
}

static void
session_on_fenced(struct session *session, const struct frame *frame, int64_t now_ms)
{
    (void)now_ms;
    err_set(&session->failure, ERR_FENCED,
            "a newer session (generation %" PRIu64 ") has taken over this channel",
            frame->fenced.generation);
    err_hint(&session->failure,
             "one key serves one adapter: stop the other one or give it its own key");
    session_end(session, SESSION_FENCED);
}

/* By state and kind of frame, the function that takes it; NULL: the peer broke the protocol. */
static session_handler *const session_table[SESSION_STATES][FRAME_EVENT + 1] = {
    [SESSION_HELLO_SENT] = {[FRAME_SUBSCRIBE] = session_on_subscribe,
                            [FRAME_REJECT] = session_on_reject,
                            [FRAME_PING] = session_on_ping,
                            [FRAME_DRAIN] = session_on_drain,
                            [FRAME_FENCED] = session_on_fenced},
    [SESSION_SENDING] = {[FRAME_REJECT] = session_on_reject,
                         [FRAME_ACK] = session_on_ack,
                         [FRAME_RECEIPT] = session_on_receipt,
                         [FRAME_NACK] = session_on_nack,
                         [FRAME_CREDIT] = session_on_credit,
                         [FRAME_RESEND] = session_on_resend,
                         [FRAME_PING] = session_on_ping,
                         [FRAME_PONG] = session_on_pong,
                         [FRAME_DRAIN] = session_on_drain,
                         [FRAME_FENCED] = session_on_fenced},
    [SESSION_PAUSED] = {[FRAME_REJECT] = session_on_reject,
                        [FRAME_ACK] = session_on_ack,
                        [FRAME_RECEIPT] = session_on_receipt,
                        [FRAME_NACK] = session_on_nack,
                        [FRAME_CREDIT] = session_on_credit,
                        [FRAME_RESEND] = session_on_resend,
                        [FRAME_PING] = session_on_ping,
                        [FRAME_PONG] = session_on_pong,
                        [FRAME_DRAIN] = session_on_drain,
                        [FRAME_FENCED] = session_on_fenced},
};

void
session_receive(struct session *session, const struct frame *frame, int64_t now_ms)
{
    session_handler *handler;
    struct err err;

    if (!session_connected(session))
        return;
    handler = session_table[session->state][frame->kind];
    if (handler == NULL) {
        err_set(&err, ERR_PROTOCOL, "the hub sent an unexpected %s", frame_name(frame->kind));
        session_broken(session, &err, now_ms);
        return;
    }
    session->heard_ms = now_ms;
    session->progress++;
    handler(session, frame, now_ms);
}
