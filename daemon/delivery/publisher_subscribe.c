#include "delivery/publisher_subscribe.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define PUBLISHER_RETRY_SECONDS 2 /* told to a subscriber that should come again */

/*
 * Make room for a new session in place of one with the same key and channel.
 * Returns 0, or the seconds after which an older session that is alive would count as dead: two
 * programs with one key would otherwise put each other out in turn. One whose connection is closed
 * shows when we write to it, so a restarted subscriber gets in at once.
 */
static uint32_t
publisher_replace(struct publisher *publisher, const struct wire_message *from,
                  const struct subscription_channel *channel, int64_t now_ms)
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
        if (at != own && subscriber_open(at) && now_ms - at->heard_ms < publisher->dead_ms)
            return (uint32_t)((at->heard_ms + publisher->dead_ms - now_ms) / 1000 + 1);
        if (at != own && subscriber_open(at)) {
            subscriber_send(at, publisher->options.socket, &fenced);
            publisher->counts.fenced++;
        }
        at->state = SUBSCRIBER_ENDED;
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

void
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
    subscriber->state = SUBSCRIBER_TAKING;
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

/* Log and answer a SUBSCRIBE that is not accepted; `retry_seconds` 0: it may not come again. */
static void
publisher_turn_away(struct publisher *publisher, const struct wire_message *from, const char *name,
                    const struct err *why, uint32_t retry_seconds)
{
    bool stops = why->code == ERR_CONFLICT && retry_seconds == 0; /* waits for a person */

    log_event(stops ? LOG_ERROR : LOG_WARN, "subscribe-refused",
              "peer=%.8s subscriber=%s code=%s reason=\"%s\" hint=\"%s\"", from->user,
              name == NULL ? "-" : name, err_name(why->code), why->text, why->hint);
    publisher_reject(publisher, from, why, retry_seconds > 0, retry_seconds);
}

/* Count and answer a SUBSCRIBE that cannot be accepted. */
static void
publisher_refuse(struct publisher *publisher, const struct wire_message *from, const char *name,
                 const struct err *why)
{
    if (why->code == ERR_CONFLICT)
        publisher->counts.conflicts++;
    else if (why->code == ERR_DENIED)
        publisher->counts.denied++;
    else
        publisher->counts.refused++;
    publisher_turn_away(publisher, from, name, why,
                        why->code == ERR_STORE ? PUBLISHER_RETRY_SECONDS : 0);
}

/* Count and answer a SUBSCRIBE that comes too early: the session before it is alive. */
static void
publisher_put_off(struct publisher *publisher, const struct wire_message *from, const char *name,
                  uint32_t retry_seconds)
{
    struct err why;

    publisher->counts.occupied++;
    err_set(&why, ERR_CONFLICT, "another session of this key and channel is alive");
    (void)err_hint(&why, "stop the other one, or give this one a key of its own");
    publisher_turn_away(publisher, from, name, &why, retry_seconds);
}

void
publisher_subscribe(struct publisher *publisher, const struct wire_message *from,
                    const struct frame_subscribe *want)
{
    struct subscription_channel channel;
    struct eventlog_range range = {0};
    AUTO(free) char *name = NULL;
    uint32_t retry_seconds;
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
    if (publisher_check_position(publisher, want, &channel, &range, &err) != 0) {
        publisher_refuse(publisher, from, name, &err);
        return;
    }
    retry_seconds = publisher_replace(publisher, from, &channel, clock_mono_ms());
    if (retry_seconds > 0) {
        publisher_put_off(publisher, from, name, retry_seconds);
        return;
    }
    publisher_accept(publisher, from, want, &channel, &range, name);
}
