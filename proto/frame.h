/*
 * frame — control frames as C values.
 *
 * The only user of protobuf-c. A decoded frame owns nothing: its texts and
 * bytes live in the message it was decoded into, until frame_free. Limits:
 * FRAME_CONTROL_BYTES a control frame, FRAME_PAYLOAD_BYTES a payload.
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define FRAME_PROTOCOL 1
#define FRAME_CONTROL_BYTES (256 * 1024)
#define FRAME_PAYLOAD_BYTES (1024 * 1024)
#define FRAME_PAYLOAD_MIN                                                                          \
    (64 * 1024)                /* a batch that is not its submission's last is at least so big */
#define FRAME_REFUSED_MAX 1000 /* refused rows named in a receipt */
#define FRAME_TOTALS_MAX 40
#define FRAME_WARNINGS_MAX 16
#define FRAME_NAME_BYTES 128       /* channel, producer, record type, column, warning word */
#define FRAME_TEXT_BYTES 256       /* any other text */
#define FRAME_TEXT_ZH_BYTES 768    /* a Chinese text: as many characters */
#define FRAME_NUMBER_MAX INT64_MAX /* any uint64; PostgreSQL has no larger */
#define FRAME_EPOCH_BYTES 16
#define FRAME_UUID_BYTES 16
#define FRAME_DIGEST_BYTES 32

enum frame_kind {
    FRAME_HELLO = 1,
    FRAME_SUBSCRIBE,
    FRAME_REJECT,
    FRAME_OPEN,
    FRAME_BATCH,
    FRAME_CLOSE,
    FRAME_ACK,
    FRAME_RECEIPT,
    FRAME_NACK,
    FRAME_CREDIT,
    FRAME_RESEND,
    FRAME_PING,
    FRAME_PONG,
    FRAME_DRAIN,
    FRAME_FENCED,
    FRAME_EVENT
};

enum frame_submission { FRAME_FULL = 0, FRAME_DELTA = 1, FRAME_CORRECTION = 2 };
enum frame_status { FRAME_COMMITTED = 0, FRAME_DUPLICATE, FRAME_REFUSED, FRAME_DISCARDED };

struct frame_hello {
    uint32_t protocol;
    const char *channel;
    uint8_t epoch[FRAME_EPOCH_BYTES];
    uint64_t first_seq, next_seq, receipts_from;
    const char *program;
};

struct frame_subscribe {
    const char *channel;
    uint8_t epoch[FRAME_EPOCH_BYTES];
    uint64_t next_seq, generation, credit;
    uint32_t batch_bytes, ping_seconds;
};

struct frame_reject {
    uint32_t code;
    const char *text, *hint;
    bool retryable;
    uint32_t retry_seconds;
};

struct frame_open {
    uint64_t seq, last_seq;
    uint8_t uuid[FRAME_UUID_BYTES];
    const char *producer, *record_type;
    uint32_t county, period; /* YYYYMM */
    enum frame_submission kind;
    uint32_t revision; /* 0: the hub assigns it */
    bool nil;
    uint8_t digest[FRAME_DIGEST_BYTES];
    uint64_t rows, unresolved;
    uint32_t batches;
};

struct frame_batch {
    uint64_t seq;
    uint32_t rows, unresolved;
    uint8_t digest[FRAME_DIGEST_BYTES], previous[FRAME_DIGEST_BYTES];
};

struct frame_close {
    uint64_t seq, rows, unresolved;
    uint32_t batches;
    bool nil;
    uint8_t digest[FRAME_DIGEST_BYTES];
    size_t total_count;
    int64_t totals[FRAME_TOTALS_MAX];
};

struct frame_refused {
    uint32_t row_no;
    const char *column;
    uint32_t reason;
};

struct frame_receipt {
    uint8_t uuid[FRAME_UUID_BYTES];
    uint64_t last_seq;
    enum frame_status status;
    uint32_t county, submission, revision;
    uint64_t stored, quarantined;
    uint8_t digest[FRAME_DIGEST_BYTES];
    uint64_t committed_at;
    uint32_t code;
    const char *text, *text_zh;
    bool partial;
    size_t warning_count;
    const char *warnings[FRAME_WARNINGS_MAX], *warnings_zh[FRAME_WARNINGS_MAX];
    size_t refused_count;
    const struct frame_refused *refused;
};

struct frame_nack {
    uint64_t seq;
    uint32_t code;
    const char *text, *hint;
    bool retryable;
};

struct frame {
    enum frame_kind kind;
    union {
        struct frame_hello hello;
        struct frame_subscribe subscribe;
        struct frame_reject reject;
        struct frame_open open;
        struct frame_batch batch;
        struct frame_close close;
        struct {
            uint64_t next_seq;
        } ack;
        struct frame_receipt receipt;
        struct frame_nack nack;
        struct {
            uint64_t bytes;
        } credit;
        struct {
            uint64_t from_seq;
        } resend;
        struct {
            uint64_t progress, waiting;
        } ping;
        struct {
            uint64_t progress;
        } pong;
        struct {
            const char *text;
        } drain;
        struct {
            uint64_t generation;
        } fenced;
        struct {
            uint64_t seq;
            uint8_t digest[FRAME_DIGEST_BYTES];
        } event;
    };
    void *owner; /* protobuf-c's message with the texts; NULL for a frame that the caller filled */
};

/* Return the kind's name as in proto/README.md, such as "BATCH". */
const char *frame_name(enum frame_kind kind);

/* Return whether a message of this kind has a payload frame behind its control frame. */
bool frame_has_payload(enum frame_kind kind);

/*
 * Append the encoded control frame. The caller keeps what the frame points to. A NULL or empty
 * text is left out, one over its limit cut, and lists end at their limit.
 */
void frame_encode(const struct frame *frame, struct buf *out);

/*
 * Decode a control frame. ERR_PROTOCOL when it is over FRAME_CONTROL_BYTES, no
 * valid message, has no body, lacks a field that its kind needs, has a field
 * of wrong length or over its limit, or a text that is no UTF-8 or holds a NUL.
 * A text that was left out is decoded as "", never NULL.
 */
NODISCARD int frame_decode(const uint8_t *bytes, size_t len, struct frame *ret_frame,
                           struct err *err);

/* Free the texts and lists of a decoded frame. Allowed on {0} and twice. */
void frame_free(struct frame *frame);
#define AUTO_FRAME __attribute__((cleanup(frame_free)))

#endif
