/*
 * subscription — what a SUBSCRIBE asks for, and whether the log can give it.
 *
 * Stateless. Which key may ask is the access list's business.
 */
#ifndef SUBSCRIPTION_H
#define SUBSCRIPTION_H

#include <stdint.h>

#include "base/err.h"
#include "delivery/eventlog.h"
#include "frame.h"
#include "store/store.h"

#define SUBSCRIPTION_ROUTE_MAX 32                   /* of an event route's name */
#define SUBSCRIPTION_CREDIT_MIN FRAME_PAYLOAD_BYTES /* an event must always fit */

/* Which events: those of one county for one route. */
struct subscription_channel {
    uint32_t county;
    char route[SUBSCRIPTION_ROUTE_MAX + 1];
};

/* Check the fields of a SUBSCRIBE without the database and take the channel,
 * "<county>/<route>". ERR_INPUT when it is none, ERR_PROTOCOL for an impossible
 * number, ERR_LIMIT when an event may not fit into the credit.
 */
NODISCARD int subscription_check(const struct frame_subscribe *want,
                                 struct subscription_channel *ret_channel, struct err *err);

/*
 * Check where the subscriber stands against the log. ERR_CONFLICT when its
 * events are from another log, when it asks for more than was ever written here
 * (the database was restored from an older copy), or for what is no longer here.
 */
NODISCARD int subscription_position(struct store *store, const uint8_t epoch[FRAME_EPOCH_BYTES],
                                    const struct frame_subscribe *want,
                                    const struct subscription_channel *channel,
                                    struct eventlog_range *ret_range, struct err *err);

#endif
