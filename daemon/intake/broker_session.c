#include "intake/broker_session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

static struct session *
broker_find_route(struct broker *broker, const struct wire_message *message)
{
    for (size_t i = 0; i < broker->session_count; i++) {
        struct session *session = broker->sessions[i];

        if (session->route_len == message->route_len &&
            memcmp(session->route, message->route, message->route_len) == 0)
            return session;
    }
    return NULL;
}

struct session *
broker_find_number(struct broker *broker, uint64_t number)
{
    for (size_t i = 0; i < broker->session_count; i++)
        if (broker->sessions[i]->number == number)
            return broker->sessions[i];
    return NULL;
}

struct session *
broker_find_holder(struct broker *broker, const char *channel, const struct session *self)
{
    for (size_t i = 0; i < broker->session_count; i++) {
        struct session *session = broker->sessions[i];

        if (session != self && strcmp(session->channel, channel) == 0 &&
            (session->state == SESSION_GREETING || session->state == SESSION_ACTIVE))
            return session;
    }
    return NULL;
}

void
broker_end(struct broker *broker, struct session *session)
{
    if (session->state == SESSION_ACTIVE)
        broker->granted -= session->window;
    session->state = SESSION_ENDED;
    session->number = ++broker->last_number;
}

void
broker_remove(struct broker *broker, struct session *session)
{
    for (size_t i = 0; i < broker->session_count; i++) {
        if (broker->sessions[i] != session)
            continue;
        broker->sessions[i] = broker->sessions[--broker->session_count];
        broker_end(broker, session);
        free(session);
        return;
    }
}

/* Make room for another session of a key: its oldest one that is none any more has to go. */
static bool
broker_make_room(struct broker *broker, const char *user)
{
    struct session *oldest = NULL;
    size_t of_key = 0;

    for (size_t i = 0; i < broker->session_count; i++) {
        struct session *session = broker->sessions[i];

        if (strcmp(session->user, user) != 0)
            continue;
        of_key++;
        if ((session->state == SESSION_NEW || session->state == SESSION_ENDED) &&
            (oldest == NULL || session->heard_ms < oldest->heard_ms))
            oldest = session;
    }
    if (of_key < BROKER_KEY_SESSIONS_MAX)
        return broker->session_count < BROKER_SESSIONS_MAX;
    if (oldest != NULL)
        broker_remove(broker, oldest);
    return oldest != NULL;
}

struct session *
broker_session(struct broker *broker, const struct wire_message *message,
               const struct access_entry *entry)
{
    struct session *session = broker_find_route(broker, message);

    if (session != NULL)
        return session;
    if (!broker_make_room(broker, message->user))
        return NULL;
    session = mem_zalloc(sizeof(*session));
    session->number = ++broker->last_number;
    memcpy(session->route, message->route, message->route_len);
    session->route_len = message->route_len;
    memcpy(session->user, message->user, sizeof(session->user));
    (void)snprintf(session->channel, sizeof(session->channel), "%s", entry->name);
    session->heard_ms = broker->now_ms;
    broker->sessions =
        mem_grow(broker->sessions, broker->session_count + 1, sizeof(*broker->sessions));
    broker->sessions[broker->session_count++] = session;
    return session;
}

void
broker_send_bytes(struct broker *broker, struct session *session, const struct buf *control)
{
    struct err err;

    if (session->lost || wire_send(broker->socket, session->route, session->route_len,
                                   control->bytes, control->len, NULL, 0, &err) == 0)
        return;
    session->lost = broker->lossy = true;
}

void
broker_send(struct broker *broker, struct session *session, const struct frame *frame)
{
    buf_clear(&broker->control);
    frame_encode(frame, &broker->control);
    broker_send_bytes(broker, session, &broker->control);
}

void
broker_sweep(struct broker *broker)
{
    if (!broker->lossy)
        return;
    broker->lossy = false;
    for (size_t i = broker->session_count; i > 0; i--) {
        struct session *session = broker->sessions[i - 1];

        if (!session->lost)
            continue;
        log_event(LOG_INFO, "session-gone", "channel=%s state=%s", session->channel,
                  session_state_name(session->state));
        broker_remove(broker, session);
    }
}

void
broker_reject(struct broker *broker, struct session *session, const struct err *err, bool retryable,
              uint32_t retry_seconds)
{
    const struct frame frame = {
        .kind = FRAME_REJECT,
        .reject = {(uint32_t)err->code, err->text, err->hint, retryable, retry_seconds},
    };

    broker->counts.rejected++;
    /* A channel that stops waits for a person. */
    log_event(err->code == ERR_CONFLICT && !retryable ? LOG_ERROR : LOG_NOTICE, "session-rejected",
              "channel=%s code=%s retryable=%d reason=\"%s\"%s%s%s", session->channel,
              err_name(err->code), retryable, err->text, err->hint[0] != '\0' ? " hint=\"" : "",
              err->hint, err->hint[0] != '\0' ? "\"" : "");
    broker_send(broker, session, &frame);
    broker_end(broker, session);
}

void
broker_nack(struct broker *broker, struct session *session, uint64_t seq, const struct err *err,
            bool retryable)
{
    const struct frame frame = {
        .kind = FRAME_NACK,
        .nack = {seq, (uint32_t)err->code, err->text, err->hint, retryable},
    };

    log_event(retryable ? LOG_WARN : LOG_ERROR, "entry-refused",
              "channel=%s seq=%" PRIu64 " code=%s retryable=%d reason=\"%s\"%s%s%s",
              session->channel, seq, err_name(err->code), retryable, err->text,
              err->hint[0] != '\0' ? " hint=\"" : "", err->hint, err->hint[0] != '\0' ? "\"" : "");
    broker_send(broker, session, &frame);
    if (!retryable)
        broker_end(broker, session);
}

void
broker_fence(struct broker *broker, struct session *session, uint64_t generation)
{
    const struct frame frame = {.kind = FRAME_FENCED, .fenced = {generation}};

    broker->counts.fenced++;
    log_event(LOG_WARN, "session-fenced", "channel=%s generation=%" PRIu64, session->channel,
              session->generation);
    broker_send(broker, session, &frame);
    broker_end(broker, session);
}

void
broker_ask(struct broker *broker, struct session *session)
{
    const struct frame frame = {.kind = FRAME_RESEND, .resend = {session->next_seq}};

    broker->counts.gaps++;
    broker_send(broker, session, &frame);
}

void
broker_grant(struct broker *broker, struct session *session)
{
    const struct frame frame = {.kind = FRAME_CREDIT, .credit = {session_grant(session)}};

    if (frame.credit.bytes > 0)
        broker_send(broker, session, &frame);
}

void
broker_ping(struct broker *broker, struct session *session)
{
    const struct frame frame = {.kind = FRAME_PING, .ping = {broker->progress, session->waiting}};

    session->pinged_ms = broker->now_ms;
    broker_send(broker, session, &frame);
}
