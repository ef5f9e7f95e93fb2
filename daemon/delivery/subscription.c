#include "delivery/subscription.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SUBSCRIPTION_COUNTY_DIGITS 6

static int
subscription_parse(const char *text, struct subscription_channel *ret_channel, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    struct subscription_channel channel = {0};
    const char *route = text + SUBSCRIPTION_COUNTY_DIGITS + 1;
    size_t len;

    if (strspn(text, "0123456789") != SUBSCRIPTION_COUNTY_DIGITS || route[-1] != '/' ||
        text[0] == '0')
        return err_set(err, ERR_INPUT, "the channel is not <county>/<route>");
    len = strspn(route, letters);
    if (len == 0 || len > SUBSCRIPTION_ROUTE_MAX || route[len] != '\0')
        return err_set(err, ERR_INPUT, "the channel is not <county>/<route>");
    channel.county = (uint32_t)strtoul(text, NULL, 10);
    memcpy(channel.route, route, len);
    *ret_channel = channel;
    return 0;
}

int
subscription_check(const struct frame_subscribe *want, struct subscription_channel *ret_channel,
                   struct err *err)
{
    if (want->next_seq == 0 || want->next_seq > INT64_MAX)
        return err_set(err, ERR_PROTOCOL, "event numbers start at 1");
    if (want->credit < SUBSCRIPTION_CREDIT_MIN)
        return err_set(err, ERR_LIMIT, "the credit is below %d bytes, so an event may not fit",
                       SUBSCRIPTION_CREDIT_MIN);
    return subscription_parse(want->channel, ret_channel, err);
}

int
subscription_position(struct store *store, const uint8_t epoch[FRAME_EPOCH_BYTES],
                      const struct frame_subscribe *want,
                      const struct subscription_channel *channel, struct eventlog_range *ret_range,
                      struct err *err)
{
    static const uint8_t none[FRAME_EPOCH_BYTES];
    bool first = memcmp(want->epoch, none, sizeof(none)) == 0;
    struct eventlog_range range = {0};

    if (eventlog_range(store, channel->county, channel->route, &range, err) != 0)
        return -1;
    if (first ? want->next_seq != 1 : memcmp(want->epoch, epoch, FRAME_EPOCH_BYTES) != 0) {
        err_set(err, ERR_CONFLICT, "the events that you hold are from another log");
        return err_hint(err, "keep your ledger and take every event again in a new one");
    }
    if (want->next_seq > range.next_seq) {
        err_set(err, ERR_CONFLICT, "you ask for event %" PRIu64 ", but the newest here is %" PRIu64,
                want->next_seq, range.next_seq - 1);
        return err_hint(err,
                        "the hub was restored from an older copy: keep your ledger and tell ops");
    }
    if (want->next_seq < range.first_seq) {
        err_set(err, ERR_CONFLICT, "events before %" PRIu64 " are no longer here", range.first_seq);
        return err_hint(err, "take them from a backup of the ledger");
    }
    *ret_range = range;
    return 0;
}
