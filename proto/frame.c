#include "frame.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "control.pb-c.h"
#include "part.h"

enum field_type { U32, U64, BOOL, ENUM, TEXT, BYTES };

/* One field of a control message: where it stands in both shapes and what is allowed. */
struct field {
    enum frame_kind kind;
    uint32_t number;
    enum field_type type;
    bool required;
    size_t offset;     /* in struct frame */
    uint64_t min, max; /* of a number; bytes, of a text or bytes */
};

struct owner {
    Qianshao__Control *control;
    struct frame_refused *refused;
};

#define SEQ FRAME_NUMBER_MAX
#define COUNTY_MIN 110000
#define COUNTY_MAX 829999
#define MUST(kind, member, number, type, min, max)                                                 \
    {                                                                                              \
        FRAME_##kind, number, type, true, offsetof(struct frame, member), min, max                 \
    }
#define MAY(kind, member, number, type, max)                                                       \
    {                                                                                              \
        FRAME_##kind, number, type, false, offsetof(struct frame, member), 0, max                  \
    }

/* The limits that README.md documents. */
static const struct field fields[] = {
    MUST(HELLO, hello.protocol, 1, U32, 1, UINT32_MAX),
    MUST(HELLO, hello.channel, 2, TEXT, 1, FRAME_NAME_BYTES),
    MUST(HELLO, hello.epoch, 3, BYTES, FRAME_EPOCH_BYTES, FRAME_EPOCH_BYTES),
    MUST(HELLO, hello.first_seq, 4, U64, 1, SEQ),
    MUST(HELLO, hello.next_seq, 5, U64, 1, SEQ),
    MAY(HELLO, hello.receipts_from, 6, U64, SEQ),
    MAY(HELLO, hello.program, 7, TEXT, FRAME_TEXT_BYTES),

    MUST(SUBSCRIBE, subscribe.channel, 1, TEXT, 1, FRAME_NAME_BYTES),
    MUST(SUBSCRIBE, subscribe.epoch, 2, BYTES, FRAME_EPOCH_BYTES, FRAME_EPOCH_BYTES),
    MUST(SUBSCRIBE, subscribe.next_seq, 3, U64, 1, SEQ),
    MAY(SUBSCRIBE, subscribe.generation, 4, U64, SEQ),
    MUST(SUBSCRIBE, subscribe.credit, 5, U64, 0, SEQ),
    MAY(SUBSCRIBE, subscribe.batch_bytes, 6, U32, FRAME_PAYLOAD_BYTES),
    MAY(SUBSCRIBE, subscribe.ping_seconds, 7, U32, 3600),

    MUST(REJECT, reject.code, 1, U32, 1, UINT32_MAX),
    MUST(REJECT, reject.text, 2, TEXT, 1, FRAME_TEXT_BYTES),
    MAY(REJECT, reject.hint, 3, TEXT, FRAME_TEXT_BYTES),
    MAY(REJECT, reject.retryable, 4, BOOL, 1),
    MAY(REJECT, reject.retry_seconds, 5, U32, 86400),

    MUST(OPEN, open.seq, 1, U64, 1, SEQ),
    MUST(OPEN, open.last_seq, 2, U64, 2, SEQ),
    MUST(OPEN, open.uuid, 3, BYTES, FRAME_UUID_BYTES, FRAME_UUID_BYTES),
    MUST(OPEN, open.producer, 4, TEXT, 1, FRAME_NAME_BYTES),
    MUST(OPEN, open.record_type, 5, TEXT, 1, FRAME_NAME_BYTES),
    MUST(OPEN, open.county, 6, U32, COUNTY_MIN, COUNTY_MAX),
    MUST(OPEN, open.period, 7, U32, 190001, 219912),
    MUST(OPEN, open.kind, 8, ENUM, 0, FRAME_CORRECTION),
    MAY(OPEN, open.revision, 9, U32, INT32_MAX),
    MAY(OPEN, open.nil, 10, BOOL, 1),
    MUST(OPEN, open.digest, 11, BYTES, FRAME_DIGEST_BYTES, FRAME_DIGEST_BYTES),
    MUST(OPEN, open.rows, 12, U64, 0, SEQ),
    MUST(OPEN, open.unresolved, 13, U64, 0, SEQ),
    MUST(OPEN, open.batches, 14, U32, 0, INT32_MAX),

    MUST(BATCH, batch.seq, 1, U64, 1, SEQ),
    MUST(BATCH, batch.rows, 2, U32, 0, INT32_MAX),
    MUST(BATCH, batch.unresolved, 3, U32, 0, INT32_MAX),
    MUST(BATCH, batch.digest, 4, BYTES, FRAME_DIGEST_BYTES, FRAME_DIGEST_BYTES),
    MUST(BATCH, batch.previous, 5, BYTES, FRAME_DIGEST_BYTES, FRAME_DIGEST_BYTES),

    MUST(CLOSE, close.seq, 1, U64, 1, SEQ),
    MUST(CLOSE, close.rows, 2, U64, 0, SEQ),
    MUST(CLOSE, close.unresolved, 3, U64, 0, SEQ),
    MUST(CLOSE, close.batches, 4, U32, 0, INT32_MAX),
    MAY(CLOSE, close.nil, 5, BOOL, 1),
    MUST(CLOSE, close.digest, 6, BYTES, FRAME_DIGEST_BYTES, FRAME_DIGEST_BYTES),

    MUST(ACK, ack.next_seq, 1, U64, 1, SEQ),

    MUST(RECEIPT, receipt.uuid, 1, BYTES, FRAME_UUID_BYTES, FRAME_UUID_BYTES),
    MUST(RECEIPT, receipt.last_seq, 2, U64, 2, SEQ),
    MUST(RECEIPT, receipt.status, 3, ENUM, 0, FRAME_DISCARDED),
    MAY(RECEIPT, receipt.county, 4, U32, COUNTY_MAX),
    MAY(RECEIPT, receipt.submission, 5, U32, INT32_MAX),
    MAY(RECEIPT, receipt.revision, 6, U32, INT32_MAX),
    MAY(RECEIPT, receipt.stored, 7, U64, SEQ),
    MAY(RECEIPT, receipt.quarantined, 8, U64, SEQ),
    MAY(RECEIPT, receipt.digest, 9, BYTES, FRAME_DIGEST_BYTES),
    MAY(RECEIPT, receipt.committed_at, 10, U64, CLOCK_TIME_MAX),
    MAY(RECEIPT, receipt.code, 11, U32, UINT32_MAX),
    MAY(RECEIPT, receipt.text, 12, TEXT, FRAME_TEXT_BYTES),
    MAY(RECEIPT, receipt.text_zh, 13, TEXT, FRAME_TEXT_ZH_BYTES),
    MAY(RECEIPT, receipt.partial, 14, BOOL, 1),

    MAY(NACK, nack.seq, 1, U64, SEQ),
    MUST(NACK, nack.code, 2, U32, 1, UINT32_MAX),
    MUST(NACK, nack.text, 3, TEXT, 1, FRAME_TEXT_BYTES),
    MAY(NACK, nack.hint, 4, TEXT, FRAME_TEXT_BYTES),
    MAY(NACK, nack.retryable, 5, BOOL, 1),

    MUST(CREDIT, credit.bytes, 1, U64, 1, SEQ),
    MUST(RESEND, resend.from_seq, 1, U64, 1, SEQ),
    MAY(PING, ping.progress, 1, U64, SEQ),
    MAY(PING, ping.waiting, 2, U64, SEQ),
    MAY(PONG, pong.progress, 1, U64, SEQ),
    MAY(DRAIN, drain.text, 1, TEXT, FRAME_TEXT_BYTES),
    MAY(FENCED, fenced.generation, 1, U64, SEQ),
    MUST(EVENT, event.seq, 1, U64, 1, SEQ),
    MUST(EVENT, event.digest, 2, BYTES, FRAME_DIGEST_BYTES, FRAME_DIGEST_BYTES),
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static const char *const names[] = {
    [FRAME_HELLO] = "HELLO",   [FRAME_SUBSCRIBE] = "SUBSCRIBE", [FRAME_REJECT] = "REJECT",
    [FRAME_OPEN] = "OPEN",     [FRAME_BATCH] = "BATCH",         [FRAME_CLOSE] = "CLOSE",
    [FRAME_ACK] = "ACK",       [FRAME_RECEIPT] = "RECEIPT",     [FRAME_NACK] = "NACK",
    [FRAME_CREDIT] = "CREDIT", [FRAME_RESEND] = "RESEND",       [FRAME_PING] = "PING",
    [FRAME_PONG] = "PONG",     [FRAME_DRAIN] = "DRAIN",         [FRAME_FENCED] = "FENCED",
    [FRAME_EVENT] = "EVENT",
};

static void *
at(void *base, size_t offset)
{
    return (char *)base + offset;
}

static size_t
cut(const char *text, size_t max)
{
    return text == NULL ? 0 : part_cut(text, strlen(text), max);
}

/* A copy that is cut where it is over its limit. */
static char *
copy(const char *text, size_t max)
{
    size_t len = cut(text, max);
    char *bytes = mem_zalloc(len + 1);

    if (len > 0)
        memcpy(bytes, text, len);
    return bytes;
}

/* Put a field of the frame into the message of protobuf-c, which will free what is put there. */
static void
field_put(const struct field *field, const struct frame *frame, ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *known =
        protobuf_c_message_descriptor_get_field(message->descriptor, field->number);
    const void *from = (const char *)frame + field->offset;
    protobuf_c_boolean *has = at(message, known->quantifier_offset);
    void *to = at(message, known->offset);

    switch (field->type) {
    case U32:
        *(uint32_t *)to = *(const uint32_t *)from;
        *has = field->required || *(const uint32_t *)from != 0;
        break;
    case U64:
        *(uint64_t *)to = *(const uint64_t *)from;
        *has = field->required || *(const uint64_t *)from != 0;
        break;
    case BOOL:
        *(protobuf_c_boolean *)to = *(const bool *)from;
        *has = *(const bool *)from;
        break;
    case ENUM:
        *(uint32_t *)to = *(const uint32_t *)from;
        *has = true;
        break;
    case TEXT:
        if (cut(*(const char *const *)from, field->max) > 0)
            *(char **)to = copy(*(const char *const *)from, field->max);
        break;
    case BYTES:
        ((ProtobufCBinaryData *)to)->len = field->max;
        ((ProtobufCBinaryData *)to)->data = memcpy(mem_zalloc(field->max), from, field->max);
        *has = true;
        break;
    }
}

static char **
warnings_put(const char *const *warnings, size_t count, size_t max)
{
    char **copies = mem_zalloc(count * sizeof(*copies) + 1);

    for (size_t i = 0; i < count; i++)
        copies[i] = copy(warnings[i], max);
    return copies;
}

static void
receipt_put(const struct frame_receipt *receipt, Qianshao__Receipt *message)
{
    size_t warnings = receipt->warning_count, refused = receipt->refused_count;

    warnings = warnings > FRAME_WARNINGS_MAX ? FRAME_WARNINGS_MAX : warnings;
    refused = refused > FRAME_REFUSED_MAX ? FRAME_REFUSED_MAX : refused;
    message->n_warnings = message->n_warnings_zh = warnings;
    message->warnings = warnings_put(receipt->warnings, warnings, FRAME_NAME_BYTES);
    message->warnings_zh = warnings_put(receipt->warnings_zh, warnings, FRAME_TEXT_ZH_BYTES);
    message->n_refused = refused;
    message->refused = mem_zalloc(refused * sizeof(*message->refused) + 1);
    for (size_t i = 0; i < refused; i++) {
        Qianshao__Refused *row = mem_zalloc(sizeof(*row));

        qianshao__refused__init(row);
        row->has_row_no = row->has_reason = true;
        row->row_no = receipt->refused[i].row_no;
        row->reason = receipt->refused[i].reason;
        row->column = copy(receipt->refused[i].column, FRAME_NAME_BYTES);
        message->refused[i] = row;
    }
}

static void
close_put(const struct frame_close *close, Qianshao__Close *message)
{
    message->n_totals = close->total_count;
    if (message->n_totals > FRAME_TOTALS_MAX)
        message->n_totals = FRAME_TOTALS_MAX;
    message->totals = mem_zalloc(message->n_totals * sizeof(*message->totals) + 1);
    memcpy(message->totals, close->totals, message->n_totals * sizeof(*message->totals));
}

static int
fail(const struct frame *frame, const char *name, const char *reason, struct err *err)
{
    return err_set(err, ERR_PROTOCOL, "%s: %s %s", names[frame->kind], name, reason);
}

/* Take a number into the frame, or refuse it. */
static int
number_take(const struct field *field, uint64_t value, void *to)
{
    if (value < field->min || value > field->max)
        return -1;
    if (field->type == U64)
        *(uint64_t *)to = value;
    else if (field->type == BOOL)
        *(bool *)to = value != 0;
    else
        *(uint32_t *)to = (uint32_t)value;
    return 0;
}

static int
text_take(const struct field *field, const char *text, const char **to)
{
    size_t len = text == NULL ? 0 : strlen(text);

    if (len < field->min || len > field->max)
        return -1;
    *to = text == NULL ? "" : text;
    return 0;
}

static int
bytes_take(const struct field *field, const ProtobufCBinaryData *bytes, void *to)
{
    if (bytes->len != field->max)
        return -1;
    memcpy(to, bytes->data, bytes->len);
    return 0;
}

/* Take a field out of the message of protobuf-c and check it. */
static int
field_take(const struct field *field, ProtobufCMessage *message, struct frame *frame,
           struct err *err)
{
    const ProtobufCFieldDescriptor *known =
        protobuf_c_message_descriptor_get_field(message->descriptor, field->number);
    void *to = at(frame, field->offset), *from = at(message, known->offset);
    bool has;
    int failed = 0;

    if (field->type == TEXT)
        has = *(char **)from != NULL;
    else
        has = *(protobuf_c_boolean *)at(message, known->quantifier_offset);
    if (!has && field->required)
        return fail(frame, known->name, "is missing", err);
    switch (field->type) {
    case U32:
    case ENUM:
        failed = has ? number_take(field, *(uint32_t *)from, to) : 0;
        break;
    case U64:
        failed = has ? number_take(field, *(uint64_t *)from, to) : 0;
        break;
    case BOOL:
        failed = has ? number_take(field, *(protobuf_c_boolean *)from != 0, to) : 0;
        break;
    case TEXT:
        failed = text_take(field, *(char **)from, to);
        break;
    case BYTES:
        failed = has ? bytes_take(field, from, to) : 0;
        break;
    }
    return failed == 0 ? 0 : fail(frame, known->name, "is out of bounds", err);
}

static int
close_take(const Qianshao__Close *message, struct frame *frame, struct err *err)
{
    if (message->n_totals > FRAME_TOTALS_MAX)
        return fail(frame, "totals", "has too many items", err);
    frame->close.total_count = message->n_totals;
    if (message->n_totals > 0)
        memcpy(frame->close.totals, message->totals,
               message->n_totals * sizeof(message->totals[0]));
    if (frame->close.nil && (frame->close.rows | frame->close.unresolved | frame->close.batches))
        return fail(frame, "nil", "stands beside rows", err);
    return 0;
}

static int
refused_take(const Qianshao__Refused *row, struct frame_refused *ret_row)
{
    if (!row->has_row_no || !row->has_reason || row->row_no == 0)
        return -1;
    ret_row->row_no = row->row_no;
    ret_row->reason = row->reason;
    ret_row->column = row->column == NULL ? "" : row->column;
    return strlen(ret_row->column) <= FRAME_NAME_BYTES ? 0 : -1;
}

static int
receipt_take(const Qianshao__Receipt *message, struct frame *frame, struct err *err)
{
    struct frame_receipt *receipt = &frame->receipt;
    struct owner *owner = frame->owner;

    if (message->n_warnings > FRAME_WARNINGS_MAX || message->n_warnings_zh != message->n_warnings)
        return fail(frame, "warnings", "is out of bounds", err);
    if (message->n_refused > FRAME_REFUSED_MAX)
        return fail(frame, "refused", "has too many items", err);
    receipt->warning_count = message->n_warnings;
    for (size_t i = 0; i < message->n_warnings; i++) {
        receipt->warnings[i] = message->warnings[i];
        receipt->warnings_zh[i] = message->warnings_zh[i];
        if (strlen(receipt->warnings[i]) > FRAME_NAME_BYTES ||
            strlen(receipt->warnings_zh[i]) > FRAME_TEXT_ZH_BYTES)
            return fail(frame, "warnings", "is out of bounds", err);
    }
    owner->refused = mem_zalloc((message->n_refused + 1) * sizeof(*owner->refused));
    receipt->refused = owner->refused;
    receipt->refused_count = message->n_refused;
    for (size_t i = 0; i < message->n_refused; i++)
        if (refused_take(message->refused[i], &owner->refused[i]) != 0)
            return fail(frame, "refused", "is out of bounds", err);
    return 0;
}

static int
open_check(const struct frame *frame, struct err *err)
{
    const struct frame_open *open = &frame->open;

    if (!clock_month_valid((int32_t)open->period))
        return fail(frame, "period", "is no month", err);
    if (open->last_seq != open->seq + open->batches + 1)
        return fail(frame, "last_seq", "is not seq + batches + 1", err);
    if (open->nil && (open->rows | open->unresolved | open->batches))
        return fail(frame, "nil", "stands beside rows", err);
    if ((open->rows == 0 && open->unresolved == 0) != (open->batches == 0))
        return fail(frame, "batches", "does not fit the rows", err);
    return 0;
}

/* Check fields of a frame against each other. */
static int
frame_check(Qianshao__Control *control, struct frame *frame, struct err *err)
{
    switch (frame->kind) {
    case FRAME_HELLO:
        if (frame->hello.next_seq < frame->hello.first_seq)
            return fail(frame, "next_seq", "is before first_seq", err);
        return 0;
    case FRAME_OPEN:
        return open_check(frame, err);
    case FRAME_BATCH:
        if (frame->batch.rows == 0 && frame->batch.unresolved == 0)
            return fail(frame, "rows", "is out of bounds", err);
        return 0;
    case FRAME_CLOSE:
        return close_take(control->close, frame, err);
    case FRAME_RECEIPT:
        return receipt_take(control->receipt, frame, err);
    case FRAME_SUBSCRIBE:
    case FRAME_REJECT:
    case FRAME_ACK:
    case FRAME_NACK:
    case FRAME_CREDIT:
    case FRAME_RESEND:
    case FRAME_PING:
    case FRAME_PONG:
    case FRAME_DRAIN:
    case FRAME_FENCED:
    case FRAME_EVENT:
        return 0;
    }
    return 0;
}

/*
 * Decode into a frame that owns the message from the start, so that frame_free mends every failure.
 */
static int
frame_take(const uint8_t *bytes, size_t len, struct frame *frame, struct err *err)
{
    struct owner *owner = mem_zalloc(sizeof(*owner));
    Qianshao__Control *control;

    frame->owner = owner;
    if (len > FRAME_CONTROL_BYTES)
        return err_set(err, ERR_PROTOCOL, "a control frame of %zu bytes is over the limit of %d",
                       len, FRAME_CONTROL_BYTES);
    control = owner->control = qianshao__control__unpack(NULL, len, bytes);
    if (control == NULL)
        return err_set(err, ERR_PROTOCOL, "a control frame is no valid message");
    if (control->body_case == QIANSHAO__CONTROL__BODY__NOT_SET)
        return err_set(err, ERR_PROTOCOL, "a control frame has no body known here");
    if (!part_texts_valid(&qianshao__control__descriptor, bytes, len))
        return err_set(err, ERR_PROTOCOL, "a text is no UTF-8 or holds a NUL");
    frame->kind = (enum frame_kind)control->body_case;
    for (size_t i = 0; i < FIELDS; i++)
        if (fields[i].kind == frame->kind &&
            field_take(&fields[i], &control->hello->base, frame, err) != 0)
            return -1;
    return frame_check(control, frame, err);
}

const char *
frame_name(enum frame_kind kind)
{
    return names[kind];
}

bool
frame_has_payload(enum frame_kind kind)
{
    return kind == FRAME_BATCH || kind == FRAME_EVENT;
}

void
frame_encode(const struct frame *frame, struct buf *out)
{
    const ProtobufCFieldDescriptor *body =
        protobuf_c_message_descriptor_get_field(&qianshao__control__descriptor, frame->kind);
    const ProtobufCMessageDescriptor *descriptor = body->descriptor;
    Qianshao__Control control = QIANSHAO__CONTROL__INIT;
    ProtobufCMessage *message = mem_zalloc(descriptor->sizeof_message);

    descriptor->message_init(message);
    for (size_t i = 0; i < FIELDS; i++)
        if (fields[i].kind == frame->kind)
            field_put(&fields[i], frame, message);
    if (frame->kind == FRAME_RECEIPT)
        receipt_put(&frame->receipt, (Qianshao__Receipt *)message);
    else if (frame->kind == FRAME_CLOSE)
        close_put(&frame->close, (Qianshao__Close *)message);

    control.body_case = (Qianshao__Control__BodyCase)frame->kind;
    control.hello = (Qianshao__Hello *)message; /* one pointer for every kind */
    out->len += qianshao__control__pack(
        &control, buf_reserve(out, qianshao__control__get_packed_size(&control)));
    protobuf_c_message_free_unpacked(message, NULL);
}

int
frame_decode(const uint8_t *bytes, size_t len, struct frame *ret_frame, struct err *err)
{
    struct frame frame = {0};

    if (frame_take(bytes, len, &frame, err) != 0) {
        frame_free(&frame);
        return -1;
    }
    *ret_frame = frame;
    return 0;
}

void
frame_free(struct frame *frame)
{
    struct owner *owner = frame->owner;

    if (owner == NULL)
        return;
    if (owner->control != NULL)
        qianshao__control__free_unpacked(owner->control, NULL);
    free(owner->refused);
    free(owner);
    frame->owner = NULL;
}
