/*
 * sessioned — a session over a spool in a temporary directory, and the hub it talks to, for tests.
 */
#ifndef SESSIONED_H
#define SESSIONED_H

#include "base/log.h"
#include "sdk/spool/session.h"
#include "sdk/spooled.h"

#define SENT_MAX 512
#define CREDIT 10000

/* A hub that writes down what it got. */
static struct hub {
    struct {
        enum frame_kind kind;
        uint64_t seq;
        size_t payload_len;
    } sent[SENT_MAX];
    size_t count;
    struct frame_hello hello;
    int opened, closed, refuse_open, room; /* room: messages taken before it is full; -1 endless */
    bool broken;
} hub;

static struct receipts {
    int count;
    char file[64];
    char json[2048];
} receipts;

static struct session *session;
static struct queue *queue;
static int64_t now_ms;

static inline int
hub_open(void *context, struct err *err)
{
    (void)context;
    if (hub.refuse_open > 0) {
        hub.refuse_open--;
        return err_set(err, ERR_SYSTEM, "cannot connect");
    }
    hub.opened++;
    return 0;
}

static inline void
hub_close(void *context)
{
    (void)context;
    hub.closed++;
}

static inline uint64_t
hub_seq(const struct frame *frame)
{
    return frame->kind == FRAME_OPEN    ? frame->open.seq
           : frame->kind == FRAME_BATCH ? frame->batch.seq
           : frame->kind == FRAME_CLOSE ? frame->close.seq
                                        : 0;
}

static inline int
hub_send(void *context, const struct buf *control, const void *payload, size_t payload_len)
{
    AUTO_FRAME struct frame frame = {0};
    struct err err = {0};

    (void)context;
    (void)payload;
    if (hub.broken)
        return -1;
    if (hub.room == 0)
        return 0;
    if (hub.room > 0)
        hub.room--;
    ck_assert_msg(frame_decode(control->bytes, control->len, &frame, &err) == 0, "%s", err.text);
    ck_assert_uint_lt(hub.count, SENT_MAX);
    hub.sent[hub.count].kind = frame.kind;
    hub.sent[hub.count].seq = hub_seq(&frame);
    hub.sent[hub.count++].payload_len = payload_len;
    if (frame.kind == FRAME_HELLO) {
        hub.hello = frame.hello;
        ck_assert_str_eq(frame.hello.channel, "insurance-360781");
        ck_assert_str_eq(frame.hello.program, "insurance-adapter/1");
    }
    return 1;
}

static inline void
keep_receipt(void *context, const struct subfile_head *head, const uint8_t uuid[FRAME_UUID_BYTES],
             const char *json)
{
    struct receipts *kept = context;

    (void)uuid;
    kept->count++;
    (void)snprintf(kept->file, sizeof(kept->file), "%.60s", head->file);
    (void)snprintf(kept->json, sizeof(kept->json), "%s", json);
}

static inline void
start(void)
{
    const struct session_options options = {.channel = "insurance-360781",
                                            .program = "insurance-adapter/1",
                                            .link = {hub_open, hub_close, hub_send, NULL},
                                            .on_receipt = keep_receipt,
                                            .context = &receipts};

    queue = spooled_own();
    session = session_new(&options, queue);
}

static inline void
setup(void)
{
    log_init("test", (enum log_level)0);
    spooled_setup();
    hub = (struct hub){.room = -1};
    receipts = (struct receipts){0};
    now_ms = 1000000;
}

static inline void
teardown(void)
{
    session_free(session);
    queue_close(queue);
    session = NULL;
    queue = NULL;
    spooled_teardown();
}

static inline void
give(struct frame frame)
{
    session_receive(session, &frame, now_ms);
}

static inline struct frame
subscribe_frame(uint64_t next_seq, uint64_t credit)
{
    struct frame frame = {.kind = FRAME_SUBSCRIBE,
                          .subscribe = {.channel = "insurance-360781",
                                        .next_seq = next_seq,
                                        .generation = 3,
                                        .credit = credit,
                                        .batch_bytes = FRAME_PAYLOAD_BYTES,
                                        .ping_seconds = 5}};

    memcpy(frame.subscribe.epoch, queue_position(queue).epoch, FRAME_EPOCH_BYTES);
    return frame;
}

/* Bring a session over what is in the spool to SENDING. */
static inline void
begin(uint64_t next_seq, uint64_t credit)
{
    start();
    (void)session_tick(session, now_ms);
    ck_assert_int_eq(session_state(session), SESSION_HELLO_SENT);
    give(subscribe_frame(next_seq, credit));
    ck_assert_int_eq(session_state(session), SESSION_SENDING);
    hub.count = 0;
}

static inline struct frame
receipt_frame(uint8_t mark, uint64_t last_seq, enum frame_status status)
{
    struct frame frame = {.kind = FRAME_RECEIPT,
                          .receipt = {.last_seq = last_seq,
                                      .status = status,
                                      .county = 360781,
                                      .submission = 12,
                                      .revision = 2,
                                      .stored = 9,
                                      .quarantined = 1,
                                      .committed_at = 1761926400000000,
                                      .text = "",
                                      .text_zh = ""}};

    spooled_uuid(mark, frame.receipt.uuid);
    return frame;
}

static inline void
assert_sent(size_t index, enum frame_kind kind, uint64_t seq)
{
    ck_assert_uint_lt(index, hub.count);
    ck_assert_str_eq(frame_name(hub.sent[index].kind), frame_name(kind));
    ck_assert_uint_eq(hub.sent[index].seq, seq);
}

#endif
