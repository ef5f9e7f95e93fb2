#include "wire.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <zmq.h>

#include "base/clock.h"
#include "frame.h"
#include "unit.h"

#define PATIENCE_MS 10000
#define QUIET_MS 300 /* how long to look for something that must not come */
#define MANY 50000

static struct wire *hub, *peer;
static struct wire_socket *server, *client;
static struct wire_keys server_keys, client_keys;
static struct err err;

/* The access list: one key, in one domain. */
static bool
admit(void *context, const char *domain, const char *public_key)
{
    return strcmp(context, domain) == 0 && strcmp(public_key, client_keys.public_key) == 0;
}

static char admitted_domain[] = "feeds";

static void
setup(void)
{
    wire_keys_make(&server_keys);
    wire_keys_make(&client_keys);
    ck_assert_int_eq(wire_start(admit, admitted_domain, &hub, &err), 0);
    ck_assert_int_eq(wire_start(NULL, NULL, &peer, &err), 0);
    ck_assert_int_eq(
        wire_bind(hub, "tcp://127.0.0.1:*", "feeds", server_keys.secret_key, &server, &err), 0);
    client = NULL;
}

static void
teardown(void)
{
    wire_close(client);
    wire_close(server);
    wire_stop(peer);
    wire_stop(hub);
}

static void
join_with(const struct wire_socket *to, const char *server_key, const struct wire_keys *keys)
{
    ck_assert_int_eq(wire_connect(peer, wire_endpoint(to), server_key, keys, &client, &err), 0);
}

static void
join(void)
{
    join_with(server, server_keys.public_key, &client_keys);
}

/* Receive, waiting for at most `ms`. */
static int
receive(struct wire_socket *socket, struct wire_message *message, int ms)
{
    int64_t until = clock_mono_ms() + ms;

    for (;;) {
        int got = wire_receive(socket, message, &err);
        int64_t left = until - clock_mono_ms();
        bool ready;

        if (got != 0 || left <= 0)
            return got;
        wire_wait(&socket, 1, NULL, 0, (int)left, &ready);
    }
}

/* Wait until the monitor counted `want` failed handshakes and connections. It counts on a thread of
 * its own, so a message may be here before the connection that brought it is counted. */
static bool
counted(uint64_t failed, uint64_t connected)
{
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    struct wire_counts counts;

    do {
        wire_wait(NULL, 0, NULL, 0, 5, NULL);
        wire_counts(server, &counts);
    } while ((counts.handshakes_failed < failed || counts.connected < connected) &&
             clock_mono_ms() < until);
    return counts.handshakes_failed >= failed && counts.connected >= connected;
}

static bool
refused(uint64_t want)
{
    return counted(want, 0);
}

START_TEST(a_message_arrives_with_its_route_and_proven_key)
{
    AUTO_MESSAGE struct wire_message message = {0};
    struct wire_counts counts;

    join();
    ck_assert_int_eq(wire_send(client, NULL, 0, "hello", 5, NULL, 0, &err), 0);
    ck_assert_int_eq(receive(server, &message, PATIENCE_MS), 1);
    ck_assert_str_eq(message.user, client_keys.public_key);
    ck_assert_uint_gt(message.route_len, 0);
    ck_assert_uint_eq(message.control_len, 5);
    ck_assert_mem_eq(message.control, "hello", 5);
    ck_assert_ptr_null(message.payload);
    ck_assert(counted(0, 1));
    wire_counts(server, &counts);
    ck_assert_uint_eq(counts.connected, 1);
    ck_assert_uint_eq(counts.handshakes_failed, 0);
}
END_TEST

START_TEST(an_answer_finds_its_way_back)
{
    AUTO_MESSAGE struct wire_message question = {0}, answer = {0};

    join();
    ck_assert_int_eq(wire_send(client, NULL, 0, "q", 1, "payload", 7, &err), 0);
    ck_assert_int_eq(receive(server, &question, PATIENCE_MS), 1);
    ck_assert_mem_eq(question.payload, "payload", 7);
    ck_assert_int_eq(
        wire_send(server, question.route, question.route_len, "a", 1, "event", 5, &err), 0);
    ck_assert_int_eq(receive(client, &answer, PATIENCE_MS), 1);
    ck_assert_uint_eq(answer.payload_len, 5);
    ck_assert_mem_eq(answer.payload, "event", 5);
    ck_assert_str_eq(answer.user, "");
}
END_TEST

START_TEST(a_payload_at_the_limit_passes_whole)
{
    AUTO_MESSAGE struct wire_message message = {0};
    uint8_t *payload = malloc(FRAME_PAYLOAD_BYTES);

    memset(payload, 0xA5, FRAME_PAYLOAD_BYTES);
    join();
    ck_assert_int_eq(wire_send(client, NULL, 0, "batch", 5, payload, FRAME_PAYLOAD_BYTES, &err), 0);
    ck_assert_int_eq(receive(server, &message, PATIENCE_MS), 1);
    ck_assert_uint_eq(message.payload_len, FRAME_PAYLOAD_BYTES);
    ck_assert_mem_eq(message.payload, payload, FRAME_PAYLOAD_BYTES);
    free(payload);
}
END_TEST

START_TEST(a_client_that_expects_another_server_never_talks)
{
    AUTO_MESSAGE struct wire_message message = {0};
    struct wire_keys other;

    wire_keys_make(&other);
    join_with(server, other.public_key, &client_keys);
    ck_assert_int_eq(wire_send(client, NULL, 0, "hello", 5, NULL, 0, &err), 0);
    ck_assert(refused(1));
    ck_assert_int_eq(receive(server, &message, QUIET_MS), 0);
}
END_TEST

START_TEST(an_unknown_key_is_refused)
{
    AUTO_MESSAGE struct wire_message message = {0};
    struct wire_keys stranger;

    wire_keys_make(&stranger);
    join_with(server, server_keys.public_key, &stranger);
    ck_assert_int_eq(wire_send(client, NULL, 0, "hello", 5, NULL, 0, &err), 0);
    ck_assert(refused(1));
    ck_assert_int_eq(receive(server, &message, QUIET_MS), 0);
}
END_TEST

START_TEST(a_key_of_another_domain_is_refused)
{
    AUTO(wire_close) struct wire_socket *events = NULL;
    AUTO_MESSAGE struct wire_message message = {0};

    ck_assert_int_eq(
        wire_bind(hub, "tcp://127.0.0.1:*", "events", server_keys.secret_key, &events, &err), 0);
    join_with(events, server_keys.public_key, &client_keys);
    ck_assert_int_eq(wire_send(client, NULL, 0, "hello", 5, NULL, 0, &err), 0);
    ck_assert_int_eq(receive(events, &message, QUIET_MS), 0);
}
END_TEST

/* A peer that holds a good key and speaks libzmq, but not our protocol. */
static void *
stranger_open(void *context)
{
    void *socket = zmq_socket(context, ZMQ_DEALER);

    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_keys.public_key, WIRE_KEY_LEN + 1);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, client_keys.public_key, WIRE_KEY_LEN + 1);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, client_keys.secret_key, WIRE_KEY_LEN + 1);
    zmq_setsockopt(socket, ZMQ_LINGER, &(int){0}, sizeof(int));
    ck_assert_int_eq(zmq_connect(socket, wire_endpoint(server)), 0);
    return socket;
}

static const struct {
    const char *frames[4];
    const char *text;
} malformed[] = {
    {{"a", "b", "c"}, "a message has more than 2 frames"},
    {{"a", "b", "c", "d"}, "a message has more than 2 frames"},
    {{""}, "a message has an empty frame"},
    {{"a", ""}, "a message has an empty frame"},
};

START_TEST(a_malformed_message_is_thrown_away_and_the_next_one_read)
{
    AUTO_MESSAGE struct wire_message message = {0};
    void *context = zmq_ctx_new(), *socket = stranger_open(context);
    const char *const *frames = malformed[_i].frames;

    for (int i = 0; i < 4 && frames[i] != NULL; i++)
        zmq_send(socket, frames[i], strlen(frames[i]),
                 i < 3 && frames[i + 1] != NULL ? ZMQ_SNDMORE : 0);
    zmq_send(socket, "good", 4, 0);

    ck_assert_int_eq(receive(server, &message, PATIENCE_MS), -1);
    ck_assert_int_eq(err.code, ERR_PROTOCOL);
    ck_assert_str_eq(err.text, malformed[_i].text);
    ck_assert_str_eq(message.user, client_keys.public_key);
    ck_assert_uint_gt(message.route_len, 0);
    ck_assert_ptr_null(message.control);

    ck_assert_int_eq(receive(server, &message, PATIENCE_MS), 1);
    ck_assert_mem_eq(message.control, "good", 4);
    zmq_close(socket);
    zmq_ctx_term(context);
}
END_TEST

START_TEST(a_frame_over_the_limit_is_refused)
{
    AUTO_MESSAGE struct wire_message message = {0};
    void *context = zmq_ctx_new(), *socket = stranger_open(context);
    char *frame = calloc(1, FRAME_CONTROL_BYTES + 1);

    zmq_send(socket, frame, FRAME_CONTROL_BYTES + 1, 0);
    ck_assert_int_eq(receive(server, &message, PATIENCE_MS), -1);
    ck_assert_str_eq(err.text, "a frame of 262145 bytes is over the limit of 262144");
    free(frame);
    zmq_close(socket);
    zmq_ctx_term(context);
}
END_TEST

START_TEST(a_frame_far_over_the_limit_ends_the_connection)
{
    AUTO_MESSAGE struct wire_message message = {0};
    void *context = zmq_ctx_new(), *socket = stranger_open(context);
    size_t len = 8 * FRAME_PAYLOAD_BYTES;
    char *frame = calloc(1, len);
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    struct wire_counts counts;

    zmq_send(socket, "control", 7, ZMQ_SNDMORE);
    zmq_send(socket, frame, len, 0);
    do {
        ck_assert_int_eq(receive(server, &message, 5), 0);
        wire_counts(server, &counts);
    } while (counts.disconnected == 0 && clock_mono_ms() < until);
    ck_assert_uint_gt(counts.disconnected, 0);
    free(frame);
    zmq_close(socket);
    zmq_ctx_term(context);
}
END_TEST

START_TEST(sending_to_nobody_fails_and_sends_nothing)
{
    const uint8_t route[] = "nobody";

    ck_assert_int_eq(wire_send(server, route, 6, "x", 1, "y", 1, &err), -1);
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert_str_eq(err.text, "cannot send: the peer is gone");
}
END_TEST

START_TEST(a_full_queue_fails_instead_of_blocking)
{
    int sent = 0;

    wire_close(server); /* nobody takes anything */
    server = NULL;
    ck_assert_int_eq(wire_connect(peer, "tcp://127.0.0.1:1", server_keys.public_key, &client_keys,
                                  &client, &err),
                     0);
    while (sent < MANY && wire_send(client, NULL, 0, "x", 1, NULL, 0, &err) == 0)
        sent++;
    ck_assert_int_eq(sent, 1000);
    ck_assert_str_eq(err.text, "cannot send: the queue to the peer is full");
}
END_TEST

START_TEST(bad_keys_and_endpoints_are_refused_with_their_reason)
{
    struct wire_socket *none = NULL;
    struct wire_keys keys = client_keys;

    ck_assert_int_eq(
        wire_bind(hub, wire_endpoint(server), "feeds", server_keys.secret_key, &none, &err), -1);
    ck_assert_int_eq(err.code, ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.text, "Address already in use"));
    ck_assert_int_eq(wire_bind(hub, "tcp://127.0.0.1:*", "feeds", "short", &none, &err), -1);
    ck_assert_str_eq(err.text,
                     "cannot bind 'tcp://127.0.0.1:*': not a CURVE key: want 40 characters of Z85");
    ck_assert_int_eq(wire_connect(peer, "nowhere", server_keys.public_key, &keys, &none, &err), -1);
    ck_assert_str_eq(err.text, "cannot connect to 'nowhere': Invalid argument");
    ck_assert_int_eq(wire_connect(peer, "tcp://127.0.0.1:1", "", &keys, &none, &err), -1);
    ck_assert_str_eq(err.text,
                     "the server's public key: not a CURVE key: want 40 characters of Z85");
    memset(keys.secret_key, '~', WIRE_KEY_LEN);
    ck_assert_int_eq(
        wire_connect(peer, "tcp://127.0.0.1:1", server_keys.public_key, &keys, &none, &err), -1);
    ck_assert_str_eq(err.text, "our own key: not a CURVE key: want 40 characters of Z85");
    ck_assert_ptr_null(none);
}
END_TEST

START_TEST(the_public_key_follows_from_the_secret_one)
{
    struct wire_keys keys;

    ck_assert_int_eq(wire_keys_derive(client_keys.secret_key, &keys, &err), 0);
    ck_assert_str_eq(keys.public_key, client_keys.public_key);
    ck_assert_int_eq(wire_keys_derive("no key", &keys, &err), -1);
    ck_assert_int_eq(err.code, ERR_CONFIG);
}
END_TEST

START_TEST(a_pipe_carries_pointers_in_order_and_never_fills)
{
    AUTO(wire_close) struct wire_socket *a = NULL;
    AUTO(wire_close) struct wire_socket *b = NULL;
    static char things[MANY];
    bool ready[1];

    ck_assert_int_eq(wire_pipe(peer, &a, &b, &err), 0);
    ck_assert_ptr_null(wire_take(b));
    for (int i = 0; i < MANY; i++)
        wire_give(a, &things[i]);
    wire_wait(&b, 1, NULL, 0, PATIENCE_MS, ready);
    ck_assert(ready[0]);
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_eq(wire_take(b), &things[i]);
    ck_assert_ptr_null(wire_take(b));
    wire_give(b, things);
    ck_assert_ptr_eq(wire_take(a), things);
}
END_TEST

START_TEST(a_closed_client_delivers_what_it_sent)
{
    AUTO_MESSAGE struct wire_message message = {0};

    join();
    ck_assert_int_eq(wire_send(client, NULL, 0, "last", 4, NULL, 0, &err), 0);
    wire_close(client);
    client = NULL;
    ck_assert_int_eq(receive(server, &message, PATIENCE_MS), 1);
    ck_assert_mem_eq(message.control, "last", 4);
}
END_TEST

/* Sends MANY messages from a thread of its own, with at most a window's worth unanswered. */
static void *
send_many(void *unused)
{
    AUTO_MESSAGE struct wire_message answer = {0};
    uint8_t payload[1024] = {0};
    struct err own;

    (void)unused;
    for (int i = 0; i < MANY; i++) {
        memcpy(payload, &i, sizeof(i));
        ck_assert_int_eq(wire_send(client, NULL, 0, "batch", 5, payload, sizeof(payload), &own), 0);
        if (i % 500 == 499)
            while (wire_receive(client, &answer, &own) == 0)
                wire_wait(&client, 1, NULL, 0, PATIENCE_MS, &(bool){false});
    }
    return NULL;
}

START_TEST(many_messages_arrive_in_order_between_threads)
{
    AUTO_MESSAGE struct wire_message message = {0};
    int64_t start = clock_mono_ms(), took;
    pthread_t thread;

    join();
    ck_assert_int_eq(pthread_create(&thread, NULL, send_many, NULL), 0);
    for (int i = 0; i < MANY; i++) {
        int number;

        ck_assert_int_eq(receive(server, &message, PATIENCE_MS), 1);
        memcpy(&number, message.payload, sizeof(number));
        ck_assert_int_eq(number, i);
        if (i % 500 == 499)
            ck_assert_int_eq(
                wire_send(server, message.route, message.route_len, "ack", 3, NULL, 0, &err), 0);
    }
    pthread_join(thread, NULL);
    took = clock_mono_ms() - start;
    printf("%d messages of 1 KiB in %lld ms\n", MANY, (long long)took);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("wire");
    TCase *tcase = tcase_create("wire");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_message_arrives_with_its_route_and_proven_key);
    tcase_add_test(tcase, an_answer_finds_its_way_back);
    tcase_add_test(tcase, a_payload_at_the_limit_passes_whole);
    tcase_add_test(tcase, a_client_that_expects_another_server_never_talks);
    tcase_add_test(tcase, an_unknown_key_is_refused);
    tcase_add_test(tcase, a_key_of_another_domain_is_refused);
    tcase_add_loop_test(tcase, a_malformed_message_is_thrown_away_and_the_next_one_read, 0,
                        UNIT_COUNT(malformed));
    tcase_add_test(tcase, a_frame_over_the_limit_is_refused);
    tcase_add_test(tcase, a_frame_far_over_the_limit_ends_the_connection);
    tcase_add_test(tcase, sending_to_nobody_fails_and_sends_nothing);
    tcase_add_test(tcase, a_full_queue_fails_instead_of_blocking);
    tcase_add_test(tcase, bad_keys_and_endpoints_are_refused_with_their_reason);
    tcase_add_test(tcase, the_public_key_follows_from_the_secret_one);
    tcase_add_test(tcase, a_pipe_carries_pointers_in_order_and_never_fills);
    tcase_add_test(tcase, a_closed_client_delivers_what_it_sent);
    tcase_add_test(tcase, many_messages_arrive_in_order_between_threads);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
