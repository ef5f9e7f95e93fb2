/*
 * The least of a hub, for readme.py: it rejects the first HELLO, takes one submission, checks
 * what a hub checks without a database, and answers. Usage: minihub PUBLIC_KEY
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "frame.h"
#include "record.h"
#include "wire.h"

#define PATIENCE_MS 20000

struct hub {
    struct wire_socket *socket;
    struct digest running;
    uint8_t uuid[FRAME_UUID_BYTES], digest[FRAME_DIGEST_BYTES];
    uint64_t rows, last_seq;
    int64_t total;
    int greeted;
    bool done;
};

static bool
admit(void *context, const char *domain, const char *public_key)
{
    return strcmp(domain, "feeds") == 0 && strcmp(public_key, context) == 0;
}

static int
answer(struct hub *hub, const struct wire_message *to, const struct frame *frame, struct err *err)
{
    AUTO_BUF struct buf control = {0};

    frame_encode(frame, &control);
    return wire_send(hub->socket, to->route, to->route_len, control.bytes, control.len, NULL, 0,
                     err);
}

static int
ack(struct hub *hub, const struct wire_message *to, uint64_t next_seq, struct err *err)
{
    const struct frame frame = {.kind = FRAME_ACK, .ack = {next_seq}};

    return answer(hub, to, &frame, err);
}

static int
on_hello(struct hub *hub, const struct wire_message *message, const struct frame_hello *hello,
         struct err *err)
{
    const struct frame reject = {.kind = FRAME_REJECT,
                                 .reject = {ERR_STORE, "not yet", "", true, 0}};
    struct frame subscribe = {.kind = FRAME_SUBSCRIBE,
                              .subscribe = {.channel = hello->channel,
                                            .next_seq = hello->first_seq,
                                            .generation = 1,
                                            .credit = FRAME_PAYLOAD_BYTES,
                                            .batch_bytes = FRAME_PAYLOAD_BYTES,
                                            .ping_seconds = 5}};

    memcpy(subscribe.subscribe.epoch, hello->epoch, FRAME_EPOCH_BYTES);
    return answer(hub, message, hub->greeted++ == 0 ? &reject : &subscribe, err);
}

static int
on_batch(struct hub *hub, const struct wire_message *message, const struct frame_batch *batch,
         struct err *err)
{
    const struct record_type *type = record_find("insurance.enrolment");
    struct record_reader reader = {0};
    struct record_unresolved unresolved;
    struct record_row row;
    uint8_t digest[DIGEST_BYTES];
    int field = -1, got;

    digest_bytes(message->payload, message->payload_len, digest);
    if (memcmp(digest, batch->digest, sizeof(digest)) != 0)
        return err_set(err, ERR_PROTOCOL, "another digest");
    digest_add(&hub->running, message->payload, message->payload_len);
    record_reader_open(&reader, type, message->payload, message->payload_len);
    while ((got = (int)record_read(&reader, &row, &unresolved, err)) == RECORD_ROW) {
        if (record_check(type, &row, 360799, clock_today(), &field) != RECORD_OK)
            got = err_set(err, ERR_INPUT, "a bad %s", type->fields[field].name);
        hub->rows++;
        hub->total += row.cells[record_field_find(type, "aid_amount")].number;
        if (got < 0)
            break;
    }
    record_reader_done(&reader);
    return got == RECORD_END ? ack(hub, message, batch->seq + 1, err) : -1;
}

static int
on_close(struct hub *hub, const struct wire_message *message, const struct frame_close *close,
         struct err *err)
{
    struct frame receipt = {.kind = FRAME_RECEIPT,
                            .receipt = {.last_seq = close->seq, .stored = hub->rows}};
    uint8_t digest[DIGEST_BYTES];

    digest_finish(&hub->running, digest);
    if (memcmp(digest, close->digest, sizeof(digest)) != 0 ||
        memcmp(digest, hub->digest, sizeof(digest)) != 0 || close->rows != hub->rows ||
        close->seq != hub->last_seq || close->total_count != 1 || close->totals[0] != hub->total)
        return err_set(err, ERR_PROTOCOL, "what came is not what was announced");
    memcpy(receipt.receipt.uuid, hub->uuid, sizeof(hub->uuid));
    memcpy(receipt.receipt.digest, digest, sizeof(digest));
    if (ack(hub, message, close->seq + 1, err) != 0)
        return -1;
    return answer(hub, message, &receipt, err);
}

static int
on_frame(struct hub *hub, const struct wire_message *message, const struct frame *frame,
         struct err *err)
{
    if (frame_has_payload(frame->kind) != (message->payload != NULL))
        return err_set(err, ERR_PROTOCOL, "a payload is missing or has no place");
    if (frame->kind == FRAME_HELLO)
        return on_hello(hub, message, &frame->hello, err);
    if (frame->kind == FRAME_OPEN) {
        memcpy(hub->uuid, frame->open.uuid, sizeof(hub->uuid));
        memcpy(hub->digest, frame->open.digest, sizeof(hub->digest));
        hub->last_seq = frame->open.last_seq;
        digest_init(&hub->running);
        return ack(hub, message, frame->open.seq + 1, err);
    }
    if (frame->kind == FRAME_BATCH)
        return on_batch(hub, message, &frame->batch, err);
    if (frame->kind == FRAME_CLOSE)
        return on_close(hub, message, &frame->close, err);
    hub->done = frame->kind == FRAME_DRAIN;
    return hub->done ? 0 : err_set(err, ERR_PROTOCOL, "an unexpected %s", frame_name(frame->kind));
}

static int
run(struct hub *hub, struct err *err)
{
    while (!hub->done) {
        AUTO_MESSAGE struct wire_message message = {0};
        AUTO_FRAME struct frame frame = {0};
        bool ready;

        wire_wait(&hub->socket, 1, NULL, 0, PATIENCE_MS, &ready);
        if (!ready)
            return err_set(err, ERR_SYSTEM, "the client says nothing");
        if (wire_receive(hub->socket, &message, err) < 0 ||
            (message.control != NULL &&
             (frame_decode(message.control, message.control_len, &frame, err) != 0 ||
              on_frame(hub, &message, &frame, err) != 0)))
            return -1;
    }
    return 0;
}

int
main(int argc, char **argv)
{
    AUTO(wire_stop) struct wire *wire = NULL;
    AUTO(wire_close) struct wire_socket *socket = NULL;
    struct wire_keys keys;
    struct hub hub = {0};
    struct err err;

    if (argc != 2)
        return 2;
    wire_keys_make(&keys);
    if (wire_start(admit, argv[1], &wire, &err) == 0 &&
        wire_bind(wire, "tcp://127.0.0.1:*", "feeds", keys.secret_key, &socket, &err) == 0) {
        printf("%s\n%s\n", wire_endpoint(socket), keys.public_key);
        fflush(stdout);
        hub.socket = socket;
        if (run(&hub, &err) == 0) {
            printf("%llu rows, %lld fen\n", (unsigned long long)hub.rows, (long long)hub.total);
            return 0;
        }
    }
    fprintf(stderr, "minihub: %s\n", err.text);
    return 1;
}
