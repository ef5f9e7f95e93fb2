#include "sdk/session.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/crash.h"
#include "base/digest.h"
#include "base/log.h"
#include "sdk/receipt.h"

#define SESSION_IDLE_MS 1000 /* a tick is due at least so often */
#define SESSION_FULL_MS 10   /* the link had no room */

struct session {
    struct session_options options;
    struct queue *queue; /* borrowed */
    enum session_state state;
    struct err failure;
    int64_t heard_ms, ping_due_ms, saved_ms, retired_ms;
    int64_t wait_until_ms; /* CONNECTING and PAUSED */
    int64_t starved_ms;    /* since when everything is acknowledged and credit is short; 0: not */
    int64_t ping_ms, backoff_ms;
    bool connect_after_pause;
    bool damaged; /* send_next stands in a damaged submission */
    uint64_t send_next, progress;
    uint64_t credit, need; /* bytes; what the entry at send_next needs, 0: not known */
    uint32_t batch_bytes;
    struct buf control;
};

typedef void session_handler(struct session *session, const struct frame *frame, int64_t now_ms);

static bool
session_connected(const struct session *session)
{
    return session->state == SESSION_HELLO_SENT || session->state == SESSION_SENDING ||
           session->state == SESSION_PAUSED;
}

/* Return the pause before the next try and double the one after. A fifth of it is random, so that
   many adapters do not come back at once. */
static int64_t
session_backoff(struct session *session)
{
    int64_t pause = session->backoff_ms;
    uint16_t random;

    digest_random(&random, sizeof(random));
    session->backoff_ms = pause * 2 > SESSION_BACKOFF_MAX_MS ? SESSION_BACKOFF_MAX_MS : pause * 2;
    return pause - pause / 5 + pause / 5 * random / UINT16_MAX;
}

static void
session_disconnect(struct session *session)
{
    session->options.link.close(session->options.link.context);
}

static void
session_connect_in(struct session *session, int64_t pause_ms, int64_t now_ms)
{
    session_disconnect(session);
    session->state = SESSION_CONNECTING;
    session->wait_until_ms = now_ms + pause_ms;
}

static void
session_end(struct session *session, enum session_state state)
{
    session_disconnect(session);
    session->state = state;
}

void
session_broken(struct session *session, const struct err *why, int64_t now_ms)
{
    int64_t pause = session_backoff(session);

    assert(session->state != SESSION_STOPPED && session->state != SESSION_FENCED);
    log_err(LOG_WARN, "session-lost", why);
    log_event(LOG_INFO, "session-waits", "channel=%s ms=%" PRId64, session->options.channel, pause);
    session_connect_in(session, pause, now_ms);
}

static void
session_fail(struct session *session, int64_t now_ms, enum err_code code, const char *text)
{
    struct err err;

    err_set(&err, code, "%s", text);
    session_broken(session, &err, now_ms);
}

/* Encode and send a frame: 1 sent, 0 no room, -1 the session was ended. */
static int
session_send(struct session *session, const struct frame *frame, const void *payload,
             size_t payload_len, int64_t now_ms)
{
    const struct session_link *link = &session->options.link;
    int sent;

    buf_clear(&session->control);
    frame_encode(frame, &session->control);
    sent = link->send(link->context, &session->control, payload, payload_len);
    if (sent < 0)
        session_fail(session, now_ms, ERR_SYSTEM, "the connection to the hub broke");
    return sent;
}

/* ---- what a frame means ---- */

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

/* Keep what the hub says about a failure; an unknown code is a breach of the protocol. */
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

/* What each state does with each frame; NULL: the peer broke the protocol. */
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

/* ---- what is due ---- */

static void
session_hello(struct session *session, int64_t now_ms)
{
    const struct session_link *link = &session->options.link;
    struct queue_position position = queue_position(session->queue);
    struct frame hello = {.kind = FRAME_HELLO,
                          .hello = {.protocol = FRAME_PROTOCOL,
                                    .channel = session->options.channel,
                                    .first_seq = position.first_seq,
                                    .next_seq = position.next_seq,
                                    .receipts_from = position.receipts_from,
                                    .program = session->options.program}};
    struct err err;

    memcpy(hello.hello.epoch, position.epoch, sizeof(position.epoch));
    if (link->open(link->context, &err) != 0) {
        session_broken(session, &err, now_ms);
        return;
    }
    session->state = SESSION_HELLO_SENT;
    session->heard_ms = now_ms;
    if (session_send(session, &hello, NULL, 0, now_ms) == 0)
        session_fail(session, now_ms, ERR_SYSTEM, "the connection takes no message");
}

/* The submission at send_next is damaged: once all before it is settled, go on behind it. */
static void
session_skip_damaged(struct session *session, int64_t now_ms)
{
    struct queue_position position = queue_position(session->queue);
    struct subfile_head head;
    AUTO_BUF struct buf json = {0};
    struct err err;

    if (position.acked < session->send_next ||
        !queue_answered_before(session->queue, session->send_next))
        return;
    if (queue_set_aside(session->queue, session->send_next, &head, &err) != 0) {
        session_broken(session, &err, now_ms);
        return;
    }
    log_event(LOG_ERROR, "submission-damaged",
              "record_type=%s period=%" PRIu32 " hint=\"send the file again; check the disk\"",
              head.record_type[0] == '\0' ? "unknown" : head.record_type, head.period);
    receipt_format_damaged(head.uuid, &json);
    if (session->options.on_receipt != NULL)
        session->options.on_receipt(session->options.context, &head, head.uuid, buf_str(&json));
    session_connect_in(session, 0, now_ms); /* under the new epoch */
}

/* Credit that never comes is a session gone wrong; waiting for an ACK is not. */
static void
session_watch_credit(struct session *session, int64_t now_ms)
{
    if (queue_position(session->queue).acked < session->send_next) {
        session->starved_ms = 0;
        return;
    }
    if (session->starved_ms == 0)
        session->starved_ms = now_ms;
    else if (now_ms - session->starved_ms >= SESSION_SILENCE_MS)
        session_fail(session, now_ms, ERR_PROTOCOL, "the hub gives no credit");
}

static void
session_stop_oversize(struct session *session)
{
    err_set(&session->failure, ERR_LIMIT, "the hub takes batches of %" PRIu32 " bytes at most",
            session->batch_bytes);
    err_hint(&session->failure, "raise the hub's batch_bytes");
    session_end(session, SESSION_STOPPED);
}

/* Send the entry at send_next. Returns ms to wait, 0 when the next may follow at once, -1 when
   there is nothing to do before something arrives. */
static int
session_send_entry(struct session *session, int64_t now_ms)
{
    struct queue_item item;
    struct err err;
    int got, sent;

    if (session->need > session->credit) {
        session_watch_credit(session, now_ms);
        return -1;
    }
    got = queue_read(session->queue, session->send_next, &item, &err);
    if (got == 0)
        return -1; /* all is sent */
    if (got < 0 && err.code == ERR_INPUT) {
        session->damaged = true;
        session_skip_damaged(session, now_ms);
        return -1;
    }
    if (got < 0) {
        session_broken(session, &err, now_ms);
        return -1;
    }
    if (session->batch_bytes > 0 && item.payload_len > session->batch_bytes) {
        session_stop_oversize(session);
        return -1;
    }
    session->need = item.payload_len;
    if (session->need > session->credit)
        return 0; /* the next call looks after it */
    sent = session_send(session, &item.frame, item.payload, item.payload_len, now_ms);
    if (sent <= 0)
        return sent == 0 ? SESSION_FULL_MS : -1;
    session->credit -= item.payload_len;
    session->need = 0;
    session->starved_ms = 0;
    session->send_next++;
    session->progress++;
    crash_here("session-after-send");
    return 0;
}

/* Send what may be sent. Returns ms until more can be, or -1. */
static int
session_pump(struct session *session, int64_t now_ms)
{
    if (session->damaged) {
        session_skip_damaged(session, now_ms);
        return -1;
    }
    for (int i = 0; i < SESSION_BURST; i++) {
        int wait = session_send_entry(session, now_ms);

        if (wait != 0)
            return wait;
    }
    return 0;
}

static void
session_ping(struct session *session, int64_t now_ms)
{
    struct queue_position position = queue_position(session->queue);
    struct frame ping = {
        .kind = FRAME_PING,
        .ping = {.progress = session->progress, .waiting = position.next_seq - position.acked}};

    session->ping_due_ms = now_ms + session->ping_ms;
    (void)session_send(session, &ping, NULL, 0, now_ms);
}

static void
session_keep_house(struct session *session, int64_t now_ms)
{
    struct err err;

    if (now_ms - session->saved_ms >= SESSION_SAVE_MS) {
        session->saved_ms = now_ms;
        if (queue_save(session->queue, &err) != 0)
            log_err(LOG_WARN, "position-unsaved", &err);
    }
    if (now_ms - session->retired_ms >= SESSION_RETIRE_MS) {
        session->retired_ms = now_ms;
        if (queue_retire(session->queue, &err) != 0)
            log_err(LOG_WARN, "spool-unswept", &err);
    }
}

static int
session_until(int64_t due_ms, int64_t now_ms)
{
    int64_t left = due_ms - now_ms;

    return left <= 0 ? 0 : left > SESSION_IDLE_MS ? SESSION_IDLE_MS : (int)left;
}

static int
session_tick_connected(struct session *session, int64_t now_ms)
{
    int wait = -1;

    if (now_ms - session->heard_ms >= SESSION_SILENCE_MS) {
        session_fail(session, now_ms, ERR_SYSTEM, "the hub has been silent for 15 seconds");
        return 0;
    }
    if (session->state == SESSION_HELLO_SENT)
        return session_until(session->heard_ms + SESSION_SILENCE_MS, now_ms);
    if (session->state == SESSION_PAUSED && now_ms >= session->wait_until_ms) {
        if (session->connect_after_pause)
            session_connect_in(session, 0, now_ms);
        else
            session->state = SESSION_SENDING;
    }
    if (session->state == SESSION_SENDING)
        wait = session_pump(session, now_ms);
    if (session_connected(session) && now_ms >= session->ping_due_ms)
        session_ping(session, now_ms);
    if (!session_connected(session))
        return 0;
    if (wait >= 0)
        return wait;
    if (session->state == SESSION_PAUSED && session->wait_until_ms < session->ping_due_ms)
        return session_until(session->wait_until_ms, now_ms);
    return session_until(session->ping_due_ms, now_ms);
}

int
session_tick(struct session *session, int64_t now_ms)
{
    session_keep_house(session, now_ms);
    switch (session->state) {
    case SESSION_CONNECTING:
        if (now_ms < session->wait_until_ms)
            return session_until(session->wait_until_ms, now_ms);
        session_hello(session, now_ms);
        return session_until(session->wait_until_ms, now_ms);
    case SESSION_HELLO_SENT:
    case SESSION_SENDING:
    case SESSION_PAUSED:
        return session_tick_connected(session, now_ms);
    case SESSION_STOPPED:
    case SESSION_FENCED:
    case SESSION_STATES:
        break;
    }
    return SESSION_IDLE_MS;
}

struct session *
session_new(const struct session_options *options, struct queue *queue)
{
    struct session *session = mem_zalloc(sizeof(*session));

    session->options = *options;
    session->queue = queue;
    session->state = SESSION_CONNECTING;
    session->backoff_ms = SESSION_BACKOFF_MIN_MS;
    session->ping_ms = SESSION_PING_MS;
    session->retired_ms = INT64_MIN / 2;
    return session;
}

void
session_free(struct session *session)
{
    struct frame drain = {.kind = FRAME_DRAIN, .drain = {"the adapter ends"}};
    const struct session_link *link;

    if (session == NULL)
        return;
    link = &session->options.link;
    if (session_connected(session)) {
        buf_clear(&session->control);
        frame_encode(&drain, &session->control);
        (void)link->send(link->context, &session->control, NULL, 0);
        session_disconnect(session);
    }
    buf_done(&session->control);
    free(session);
}

enum session_state
session_state(const struct session *session)
{
    return session->state;
}

const struct err *
session_failure(const struct session *session)
{
    return &session->failure;
}
