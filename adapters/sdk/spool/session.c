#include "sdk/spool/session_parts.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/crash.h"
#include "base/digest.h"
#include "base/log.h"
#include "sdk/spool/receipt.h"

#define SESSION_IDLE_MS 1000 /* a tick is due at least so often */
#define SESSION_FULL_MS 10   /* the link had no room */

bool
session_connected(const struct session *session)
{
    return session->state == SESSION_HELLO_SENT || session->state == SESSION_SENDING ||
           session->state == SESSION_PAUSED;
}

/* A fifth of the pause is random, so that many adapters do not come back at once. */
int64_t
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

void
session_connect_in(struct session *session, int64_t pause_ms, int64_t now_ms)
{
    session_disconnect(session);
    session->state = SESSION_CONNECTING;
    session->wait_until_ms = now_ms + pause_ms;
}

void
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

void
session_fail(struct session *session, int64_t now_ms, enum err_code code, const char *text)
{
    struct err err;

    err_set(&err, code, "%s", text);
    session_broken(session, &err, now_ms);
}

int
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

/* ---- steps that are due ---- */

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

/* Send the entries that credit allows. Returns ms until more can be, or -1. */
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
