#include "sdk/spool/uplink.h"

#include <assert.h>

#include "base/clock.h"
#include "base/log.h"

#define UPLINK_ADOPT_MS 1000     /* incoming/ is looked at so often even when no doorbell rings */
#define UPLINK_RECEIVE_BURST 256 /* messages taken before sending goes on */

struct uplink {
    struct uplink_options options;
    struct queue *queue; /* borrowed */
    struct wire *wire;
    struct wire_socket *socket; /* NULL while not connected */
    struct session *session;
    int64_t adopted_ms;
    bool doorbell; /* something entered incoming/ */
};

static void
uplink_disconnect(void *context)
{
    struct uplink *uplink = context;

    wire_close(uplink->socket);
    uplink->socket = NULL;
}

static int
uplink_connect(void *context, struct err *err)
{
    struct uplink *uplink = context;

    uplink_disconnect(uplink);
    return wire_connect(uplink->wire, uplink->options.endpoint, uplink->options.server_key,
                        uplink->options.keys, &uplink->socket, err);
}

static int
uplink_send(void *context, const struct buf *control, const void *payload, size_t payload_len)
{
    struct uplink *uplink = context;
    struct err err;

    if (uplink->socket == NULL)
        return -1;
    return wire_send(uplink->socket, NULL, 0, control->bytes, control->len, payload, payload_len,
                     &err) == 0;
}

int
uplink_open(const struct uplink_options *options, struct queue *queue, struct uplink **ret_uplink,
            struct err *err)
{
    AUTO(uplink_close) struct uplink *uplink = mem_zalloc(sizeof(*uplink));
    struct session_options session = {.channel = options->channel,
                                      .program = options->program,
                                      .link = {.open = uplink_connect,
                                               .close = uplink_disconnect,
                                               .send = uplink_send,
                                               .context = uplink},
                                      .on_receipt = options->on_receipt,
                                      .context = options->context};

    uplink->options = *options;
    uplink->queue = queue;
    uplink->adopted_ms = INT64_MIN / 2;
    if (wire_start(NULL, NULL, &uplink->wire, err) != 0)
        return -1;
    uplink->session = session_new(&session, queue);
    *ret_uplink = STEAL(uplink);
    return 0;
}

void
uplink_close(struct uplink *uplink)
{
    if (uplink == NULL)
        return;
    session_free(uplink->session);
    wire_close(uplink->socket);
    wire_stop(uplink->wire);
    free(uplink);
}

/* Number the submissions that came into the spool. A failure is told and tried again. */
static void
uplink_adopt(struct uplink *uplink, int64_t now_ms)
{
    size_t damaged = 0;
    struct err err;

    if (!uplink->doorbell && now_ms - uplink->adopted_ms < UPLINK_ADOPT_MS)
        return;
    uplink->doorbell = false;
    uplink->adopted_ms = now_ms;
    if (queue_adopt(uplink->queue, &damaged, &err) != 0)
        log_err(LOG_ERROR, "spool-unnumbered", &err);
    if (damaged > 0)
        log_event(LOG_ERROR, "submission-damaged",
                  "count=%zu hint=\"send the file again; check the disk\"", damaged);
}

/* Take the messages that arrived, a bounded number. */
static void
uplink_receive(struct uplink *uplink, int64_t now_ms)
{
    for (int i = 0; i < UPLINK_RECEIVE_BURST && uplink->socket != NULL; i++) {
        AUTO_MESSAGE struct wire_message message = {0};
        AUTO_FRAME struct frame frame = {0};
        struct err err;
        int got = wire_receive(uplink->socket, &message, &err);

        if (got == 0)
            return;
        if (got > 0)
            got = frame_decode(message.control, message.control_len, &frame, &err);
        if (got < 0)
            session_broken(uplink->session, &err, now_ms);
        else
            session_receive(uplink->session, &frame, now_ms);
    }
}

static void
uplink_wait(struct uplink *uplink, const int *wake, size_t wake_count, int timeout_ms)
{
    size_t sockets = uplink->socket == NULL ? 0 : 1, fd_count = 0;
    int doorbell = queue_doorbell(uplink->queue), fds[UPLINK_WAKE_MAX + 1];
    bool ready[UPLINK_WAKE_MAX + 2] = {false};

    assert(wake_count <= UPLINK_WAKE_MAX);
    if (doorbell >= 0)
        fds[fd_count++] = doorbell;
    for (size_t i = 0; i < wake_count; i++)
        fds[fd_count++] = wake[i];
    wire_wait(&uplink->socket, sockets, fds, fd_count, timeout_ms, ready);
    uplink->doorbell = doorbell >= 0 && ready[sockets];
}

/* Whether the session has ended for good; then why. */
static int
uplink_ended(const struct uplink *uplink, struct err *err)
{
    enum session_state state = session_state(uplink->session);

    if (state != SESSION_STOPPED && state != SESSION_FENCED)
        return 0;
    *err = *session_failure(uplink->session);
    return -1;
}

int
uplink_step(struct uplink *uplink, const int *wake, size_t wake_count, int timeout_ms,
            struct err *err)
{
    int64_t now_ms = clock_mono_ms();
    int due_ms;

    /* waiting messages are read before the hub is called silent: the caller may have been long
       away */
    uplink_receive(uplink, now_ms);
    if (uplink_ended(uplink, err) != 0)
        return -1;
    uplink_adopt(uplink, now_ms);
    due_ms = session_tick(uplink->session, now_ms);
    if (uplink_ended(uplink, err) != 0)
        return -1;
    if (due_ms > timeout_ms)
        due_ms = timeout_ms;
    if (due_ms > UPLINK_ADOPT_MS)
        due_ms = UPLINK_ADOPT_MS;
    uplink_wait(uplink, wake, wake_count, due_ms);
    /* a receipt that came is there when the caller looks, not a round later */
    uplink_receive(uplink, clock_mono_ms());
    return uplink_ended(uplink, err);
}
