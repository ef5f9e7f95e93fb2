#include "intake/broker_feeder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

static struct feeder *
broker_find_route(struct broker *broker, const struct wire_message *message)
{
    for (size_t i = 0; i < broker->feeder_count; i++) {
        struct feeder *feeder = broker->feeders[i];

        if (feeder->route_len == message->route_len &&
            memcmp(feeder->route, message->route, message->route_len) == 0)
            return feeder;
    }
    return NULL;
}

struct feeder *
broker_find_number(struct broker *broker, uint64_t number)
{
    for (size_t i = 0; i < broker->feeder_count; i++)
        if (broker->feeders[i]->number == number)
            return broker->feeders[i];
    return NULL;
}

struct feeder *
broker_find_holder(struct broker *broker, const char *channel, const struct feeder *self)
{
    for (size_t i = 0; i < broker->feeder_count; i++) {
        struct feeder *feeder = broker->feeders[i];

        if (feeder != self && strcmp(feeder->channel, channel) == 0 &&
            (feeder->state == FEEDER_GREETING || feeder->state == FEEDER_ACTIVE))
            return feeder;
    }
    return NULL;
}

void
broker_end(struct broker *broker, struct feeder *feeder)
{
    if (feeder->state == FEEDER_ACTIVE)
        broker->granted -= feeder->window;
    feeder->state = FEEDER_ENDED;
    feeder->number = ++broker->last_number;
}

void
broker_remove(struct broker *broker, struct feeder *feeder)
{
    for (size_t i = 0; i < broker->feeder_count; i++) {
        if (broker->feeders[i] != feeder)
            continue;
        broker->feeders[i] = broker->feeders[--broker->feeder_count];
        broker_end(broker, feeder);
        free(feeder);
        return;
    }
}

/* Make room for another session of a key: its oldest one that is none any more has to go. */
static bool
broker_make_room(struct broker *broker, const char *user)
{
    struct feeder *oldest = NULL;
    size_t of_key = 0;

    for (size_t i = 0; i < broker->feeder_count; i++) {
        struct feeder *feeder = broker->feeders[i];

        if (strcmp(feeder->user, user) != 0)
            continue;
        of_key++;
        if ((feeder->state == FEEDER_NEW || feeder->state == FEEDER_ENDED) &&
            (oldest == NULL || feeder->heard_ms < oldest->heard_ms))
            oldest = feeder;
    }
    if (of_key < BROKER_KEY_SESSIONS_MAX)
        return broker->feeder_count < BROKER_SESSIONS_MAX;
    if (oldest != NULL)
        broker_remove(broker, oldest);
    return oldest != NULL;
}

struct feeder *
broker_feeder(struct broker *broker, const struct wire_message *message,
              const struct access_entry *entry)
{
    struct feeder *feeder = broker_find_route(broker, message);

    if (feeder != NULL)
        return feeder;
    if (!broker_make_room(broker, message->user))
        return NULL;
    feeder = mem_zalloc(sizeof(*feeder));
    feeder->number = ++broker->last_number;
    memcpy(feeder->route, message->route, message->route_len);
    feeder->route_len = message->route_len;
    memcpy(feeder->user, message->user, sizeof(feeder->user));
    (void)snprintf(feeder->channel, sizeof(feeder->channel), "%s", entry->name);
    feeder->heard_ms = broker->now_ms;
    broker->feeders = mem_grow(broker->feeders, broker->feeder_count + 1, sizeof(*broker->feeders));
    broker->feeders[broker->feeder_count++] = feeder;
    return feeder;
}

void
broker_send_bytes(struct broker *broker, struct feeder *feeder, const struct buf *control)
{
    struct err err;

    if (feeder->lost || wire_send(broker->socket, feeder->route, feeder->route_len, control->bytes,
                                  control->len, NULL, 0, &err) == 0)
        return;
    feeder->lost = broker->lossy = true;
}

void
broker_send(struct broker *broker, struct feeder *feeder, const struct frame *frame)
{
    buf_clear(&broker->control);
    frame_encode(frame, &broker->control);
    broker_send_bytes(broker, feeder, &broker->control);
}

void
broker_sweep(struct broker *broker)
{
    if (!broker->lossy)
        return;
    broker->lossy = false;
    for (size_t i = broker->feeder_count; i > 0; i--) {
        struct feeder *feeder = broker->feeders[i - 1];

        if (!feeder->lost)
            continue;
        log_event(LOG_INFO, "session-gone", "channel=%s state=%s", feeder->channel,
                  feeder_state_name(feeder->state));
        broker_remove(broker, feeder);
    }
}

void
broker_reject(struct broker *broker, struct feeder *feeder, const struct err *err, bool retryable,
              uint32_t retry_seconds)
{
    const struct frame frame = {
        .kind = FRAME_REJECT,
        .reject = {(uint32_t)err->code, err->text, err->hint, retryable, retry_seconds},
    };

    broker->counts.rejected++;
    /* A channel that stops waits for a person. */
    log_event(err->code == ERR_CONFLICT && !retryable ? LOG_ERROR : LOG_NOTICE, "session-rejected",
              "channel=%s code=%s retryable=%d reason=\"%s\"%s%s%s", feeder->channel,
              err_name(err->code), retryable, err->text, err->hint[0] != '\0' ? " hint=\"" : "",
              err->hint, err->hint[0] != '\0' ? "\"" : "");
    broker_send(broker, feeder, &frame);
    broker_end(broker, feeder);
}

void
broker_nack(struct broker *broker, struct feeder *feeder, uint64_t seq, const struct err *err,
            bool retryable)
{
    const struct frame frame = {
        .kind = FRAME_NACK,
        .nack = {seq, (uint32_t)err->code, err->text, err->hint, retryable},
    };

    log_event(retryable ? LOG_WARN : LOG_ERROR, "entry-refused",
              "channel=%s seq=%" PRIu64 " code=%s retryable=%d reason=\"%s\"%s%s%s",
              feeder->channel, seq, err_name(err->code), retryable, err->text,
              err->hint[0] != '\0' ? " hint=\"" : "", err->hint, err->hint[0] != '\0' ? "\"" : "");
    broker_send(broker, feeder, &frame);
    if (!retryable)
        broker_end(broker, feeder);
}

void
broker_fence(struct broker *broker, struct feeder *feeder, uint64_t generation)
{
    const struct frame frame = {.kind = FRAME_FENCED, .fenced = {generation}};

    broker->counts.fenced++;
    log_event(LOG_WARN, "session-fenced", "channel=%s generation=%" PRIu64, feeder->channel,
              feeder->generation);
    broker_send(broker, feeder, &frame);
    broker_end(broker, feeder);
}

void
broker_ask(struct broker *broker, struct feeder *feeder)
{
    const struct frame frame = {.kind = FRAME_RESEND, .resend = {feeder->next_seq}};

    broker->counts.gaps++;
    broker_send(broker, feeder, &frame);
}

void
broker_grant(struct broker *broker, struct feeder *feeder)
{
    const struct frame frame = {.kind = FRAME_CREDIT, .credit = {feeder_grant(feeder)}};

    if (frame.credit.bytes > 0)
        broker_send(broker, feeder, &frame);
}

void
broker_ping(struct broker *broker, struct feeder *feeder)
{
    const struct frame frame = {.kind = FRAME_PING, .ping = {broker->progress, feeder->waiting}};

    feeder->pinged_ms = broker->now_ms;
    broker_send(broker, feeder, &frame);
}
