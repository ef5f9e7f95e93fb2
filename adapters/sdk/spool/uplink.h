/*
 * uplink — a session over CURVE: the loop between the socket, the queue and the clock.
 *
 * Belongs to one thread. A new submission in incoming/ is numbered as soon as
 * the doorbell rings.
 */
#ifndef UPLINK_H
#define UPLINK_H

#include "base/err.h"
#include "base/mem.h"
#include "sdk/spool/queue.h"
#include "sdk/spool/session.h"
#include "wire.h"

struct uplink_options {
    const char *endpoint, *server_key, *channel, *program; /* borrowed for its life */
    const struct wire_keys *keys;                          /* borrowed for its life */
    session_receipt_fn *on_receipt;
    void *context;
};

struct uplink;

/* Make an uplink over `queue`, which must outlive it; it connects as it steps. ERR_SYSTEM. */
NODISCARD int uplink_open(const struct uplink_options *options, struct queue *queue,
                          struct uplink **ret_uplink, struct err *err);

/* Say goodbye to the hub and close. NULL is allowed. */
void uplink_close(struct uplink *uplink);
AUTO_DEFINE(struct uplink, uplink_close)

#define UPLINK_WAKE_MAX 4

/*
 * Go on for one round: send what may be sent, wait until something arrives, one of `wake_count`
 * descriptors is readable or `timeout_ms` passed, and take what arrived. Returns 0, or -1 with
 * the reason when the session has ended for good (ERR_FENCED, or what the hub refused).
 */
NODISCARD int uplink_step(struct uplink *uplink, const int *wake, size_t wake_count, int timeout_ms,
                          struct err *err);

#endif
