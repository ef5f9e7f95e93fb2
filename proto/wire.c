#include "wire.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "frame.h"
#include "wire_part.h"

#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93 /* zmq.h names it for drafts only; the library always knows it */
#endif

#define PARTS_MAX 2 /* control and payload */

/* CURVE wraps a frame in 33 bytes; the rest is room for frames that we refuse ourselves. */
#define MESSAGE_BYTES (FRAME_PAYLOAD_BYTES + 4096)
#define RECEIVE_QUEUE 64 /* messages of a peer that wait in memory, each up to MESSAGE_BYTES */
#define SEND_QUEUE 1000
#define LINGER_MS 1000
#define HANDSHAKE_MS 10000
#define HEARTBEAT_MS 5000
#define HEARTBEAT_LOST_MS 15000
#define RECONNECT_MS 250
#define RECONNECT_MAX_MS 15000

/* What a received message's bytes live in. */
struct wire_parts {
    zmq_msg_t part[PARTS_MAX];
};

int
wire_recv(void *socket, zmq_msg_t *part, int flags)
{
    int size;

    do
        size = zmq_msg_recv(part, socket, flags);
    while (size < 0 && errno == EINTR);
    return size;
}

int
wire_put(void *socket, const void *bytes, size_t len, int flags)
{
    int size;

    do
        size = zmq_send(socket, bytes, len, flags);
    while (size < 0 && errno == EINTR);
    return size;
}

void
wire_skip(void *socket, const zmq_msg_t *last)
{
    bool more = zmq_msg_more(last);

    while (more) {
        zmq_msg_t part;

        zmq_msg_init(&part);
        more = wire_recv(socket, &part, 0) >= 0 && zmq_msg_more(&part);
        zmq_msg_close(&part);
    }
}

static void
wire_set(void *socket, int option, int value)
{
    int failed = zmq_setsockopt(socket, option, &value, sizeof(value));

    assert(failed == 0);
}

/* What every socket between machines has in common. */
static void
wire_setup(void *socket)
{
    const int64_t limit = MESSAGE_BYTES;
    int failed = zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &limit, sizeof(limit));

    assert(failed == 0);
    wire_set(socket, ZMQ_LINGER, LINGER_MS);
    wire_set(socket, ZMQ_RCVHWM, RECEIVE_QUEUE);
    wire_set(socket, ZMQ_SNDHWM, SEND_QUEUE);
    wire_set(socket, ZMQ_IPV6, 0);
    wire_set(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    wire_set(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
    wire_set(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_LOST_MS);
    wire_set(socket, ZMQ_HEARTBEAT_TTL, HEARTBEAT_LOST_MS);
    wire_set(socket, ZMQ_TCP_KEEPALIVE, 1);
    wire_set(socket, ZMQ_TCP_KEEPALIVE_IDLE, 60);
    wire_set(socket, ZMQ_TCP_KEEPALIVE_INTVL, 15);
    wire_set(socket, ZMQ_TCP_KEEPALIVE_CNT, 4);
}

static int
wire_key(const char *text, uint8_t ret_key[WIRE_KEY_BYTES], struct err *err)
{
    if (strlen(text) != WIRE_KEY_LEN || zmq_z85_decode(ret_key, text) == NULL)
        return err_set(err, ERR_CONFIG, "not a CURVE key: want 40 characters of Z85");
    return 0;
}

static int
wire_set_key(void *socket, int option, const char *text, struct err *err)
{
    uint8_t key[WIRE_KEY_BYTES];
    int failed;

    if (wire_key(text, key, err) != 0)
        return -1;
    failed = zmq_setsockopt(socket, option, key, sizeof(key));
    explicit_bzero(key, sizeof(key));
    if (failed != 0)
        return err_set(err, ERR_CONFIG, "not a CURVE key");
    return 0;
}

static int
wire_open(struct wire *wire, int type, struct wire_socket **ret_socket, struct err *err)
{
    void *handle = zmq_socket(wire->context, type);
    struct wire_socket *socket;

    if (handle == NULL)
        return err_set(err, ERR_SYSTEM, "cannot open a socket: %s", zmq_strerror(errno));
    socket = mem_zalloc(sizeof(*socket));
    socket->socket = handle;
    socket->routed = type == ZMQ_ROUTER;
    *ret_socket = socket;
    return 0;
}

static void
wire_read_endpoint(struct wire_socket *socket)
{
    size_t len = sizeof(socket->endpoint);

    if (zmq_getsockopt(socket->socket, ZMQ_LAST_ENDPOINT, socket->endpoint, &len) != 0)
        socket->endpoint[0] = '\0';
}

void
wire_message_done(struct wire_message *message)
{
    struct wire_parts *parts = message->owner;

    if (parts != NULL)
        for (int i = 0; i < PARTS_MAX; i++)
            zmq_msg_close(&parts->part[i]);
    free(parts);
    message->owner = NULL;
    message->control = message->payload = NULL;
    message->control_len = message->payload_len = 0;
    message->route_len = 0;
    message->user[0] = '\0';
}

void
wire_keys_make(struct wire_keys *ret_keys)
{
    int failed = zmq_curve_keypair(ret_keys->public_key, ret_keys->secret_key);

    assert(failed == 0); /* libzmq was built without CURVE */
}

int
wire_keys_derive(const char *secret_key, struct wire_keys *ret_keys, struct err *err)
{
    struct wire_keys keys;
    uint8_t key[WIRE_KEY_BYTES];

    if (wire_key(secret_key, key, err) != 0)
        return -1;
    explicit_bzero(key, sizeof(key));
    memcpy(keys.secret_key, secret_key, sizeof(keys.secret_key));
    if (zmq_curve_public(keys.public_key, keys.secret_key) != 0)
        return err_set(err, ERR_CONFIG, "not a CURVE key");
    *ret_keys = keys;
    return 0;
}

int
wire_start(wire_admit_fn *admit, void *context, struct wire **ret_wire, struct err *err)
{
    AUTO(wire_stop) struct wire *wire = mem_zalloc(sizeof(*wire));
    void *zap;

    wire->context = zmq_ctx_new();
    if (wire->context == NULL)
        return err_set(err, ERR_SYSTEM, "cannot make a context: %s", zmq_strerror(errno));
    if (admit != NULL) {
        wire->admit = admit;
        wire->admit_context = context;
        zap = zmq_socket(wire->context, ZMQ_REP);
        if (zap == NULL)
            return err_set(err, ERR_SYSTEM, "cannot open a socket: %s", zmq_strerror(errno));
        wire->zap = zap;
        wire_set(zap, ZMQ_LINGER, 0);
        if (zmq_bind(zap, "inproc://zeromq.zap.01") != 0 || wire_zap_start(wire) != 0) {
            zmq_close(zap);
            wire->zap = NULL;
            return err_set(err, ERR_SYSTEM, "cannot start the ZAP thread");
        }
    }
    *ret_wire = STEAL(wire);
    return 0;
}

void
wire_stop(struct wire *wire)
{
    if (wire == NULL)
        return;
    if (wire->context != NULL) {
        zmq_ctx_shutdown(wire->context);
        if (wire->zap != NULL)
            pthread_join(wire->zap_thread, NULL);
        while (zmq_ctx_term(wire->context) != 0 && errno == EINTR)
            ;
    }
    free(wire);
}

int
wire_bind(struct wire *wire, const char *endpoint, const char *domain, const char *secret_key,
          struct wire_socket **ret_socket, struct err *err)
{
    AUTO(wire_close) struct wire_socket *socket = NULL;

    assert(wire->zap != NULL && *domain != '\0');
    if (wire_open(wire, ZMQ_ROUTER, &socket, err) != 0)
        return -1;
    wire_setup(socket->socket);
    wire_set(socket->socket, ZMQ_BACKLOG, 256);
    wire_set(socket->socket, ZMQ_ROUTER_MANDATORY, 1);
    wire_set(socket->socket, ZMQ_ROUTER_HANDOVER, 0);
    wire_set(socket->socket, ZMQ_CURVE_SERVER, 1);
    wire_set(socket->socket, ZMQ_ZAP_ENFORCE_DOMAIN, 1);
    if (wire_set_key(socket->socket, ZMQ_CURVE_SECRETKEY, secret_key, err) != 0)
        return err_wrap(err, "cannot bind '%s'", endpoint);
    if (zmq_setsockopt(socket->socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) != 0)
        return err_set(err, ERR_CONFIG, "'%s' is no ZAP domain", domain);
    if (wire_monitor_start(wire, socket) != 0)
        return err_set(err, ERR_SYSTEM, "cannot watch '%s'", endpoint);
    if (zmq_bind(socket->socket, endpoint) != 0)
        return err_set(err, ERR_CONFIG, "cannot bind '%s': %s", endpoint, zmq_strerror(errno));
    wire_read_endpoint(socket);
    *ret_socket = STEAL(socket);
    return 0;
}

const char *
wire_endpoint(const struct wire_socket *socket)
{
    return socket->endpoint;
}

int
wire_connect(struct wire *wire, const char *endpoint, const char *server_key,
             const struct wire_keys *keys, struct wire_socket **ret_socket, struct err *err)
{
    AUTO(wire_close) struct wire_socket *socket = NULL;

    if (wire_open(wire, ZMQ_DEALER, &socket, err) != 0)
        return -1;
    wire_setup(socket->socket);
    wire_set(socket->socket, ZMQ_RECONNECT_IVL, RECONNECT_MS);
    wire_set(socket->socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS);
    wire_set(socket->socket, ZMQ_CONNECT_TIMEOUT, HANDSHAKE_MS);
    if (wire_set_key(socket->socket, ZMQ_CURVE_SERVERKEY, server_key, err) != 0)
        return err_wrap(err, "the server's public key");
    if (wire_set_key(socket->socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, err) != 0 ||
        wire_set_key(socket->socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, err) != 0)
        return err_wrap(err, "our own key");
    if (zmq_connect(socket->socket, endpoint) != 0)
        return err_set(err, ERR_CONFIG, "cannot connect to '%s': %s", endpoint,
                       zmq_strerror(errno));
    wire_read_endpoint(socket);
    *ret_socket = STEAL(socket);
    return 0;
}

int
wire_pipe(struct wire *wire, struct wire_socket **ret_a, struct wire_socket **ret_b,
          struct err *err)
{
    AUTO(wire_close) struct wire_socket *a = NULL;
    AUTO(wire_close) struct wire_socket *b = NULL;
    char endpoint[WIRE_ENDPOINT_MAX];

    if (wire_open(wire, ZMQ_PAIR, &a, err) != 0 || wire_open(wire, ZMQ_PAIR, &b, err) != 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        void *end = i == 0 ? a->socket : b->socket;

        wire_set(end, ZMQ_SNDHWM, 0);
        wire_set(end, ZMQ_RCVHWM, 0);
        wire_set(end, ZMQ_LINGER, 0);
    }
    (void)snprintf(endpoint, sizeof(endpoint), "inproc://pipe-%u",
                   atomic_fetch_add(&wire->names, 1));
    if (zmq_bind(a->socket, endpoint) != 0 || zmq_connect(b->socket, endpoint) != 0)
        return err_set(err, ERR_SYSTEM, "cannot join a pipe: %s", zmq_strerror(errno));
    *ret_a = STEAL(a);
    *ret_b = STEAL(b);
    return 0;
}

void
wire_give(struct wire_socket *pipe, void *pointer)
{
    int size;

    assert(pointer != NULL);
    size = wire_put(pipe->socket, &pointer, sizeof(pointer), ZMQ_DONTWAIT);
    assert(size == (int)sizeof(pointer)); /* else the other end is closed, and the pointer lost */
}

void *
wire_take(struct wire_socket *pipe)
{
    void *pointer = NULL;
    int size;

    do
        size = zmq_recv(pipe->socket, &pointer, sizeof(pointer), ZMQ_DONTWAIT);
    while (size < 0 && errno == EINTR);
    return size == (int)sizeof(pointer) ? pointer : NULL;
}

void
wire_close(struct wire_socket *socket)
{
    if (socket == NULL)
        return;
    if (socket->monitor != NULL) {
        zmq_socket_monitor(socket->socket, NULL, 0);
        pthread_join(socket->monitor_thread, NULL);
    }
    zmq_close(socket->socket);
    free(socket);
}

int
wire_send(struct wire_socket *socket, const uint8_t *route, size_t route_len, const void *control,
          size_t control_len, const void *payload, size_t payload_len, struct err *err)
{
    const int more = payload == NULL ? 0 : ZMQ_SNDMORE;
    int size;

    assert((route != NULL) == socket->routed && control_len > 0);
    assert((payload != NULL) == (payload_len > 0));
    assert(control_len <= FRAME_CONTROL_BYTES && payload_len <= FRAME_PAYLOAD_BYTES);
    size = 0;
    if (route != NULL)
        size = wire_put(socket->socket, route, route_len, ZMQ_DONTWAIT | ZMQ_SNDMORE);
    if (size >= 0)
        size = wire_put(socket->socket, control, control_len, ZMQ_DONTWAIT | more);
    if (size >= 0 && payload != NULL)
        size = wire_put(socket->socket, payload, payload_len, ZMQ_DONTWAIT);
    if (size >= 0)
        return 0;
    if (errno == EHOSTUNREACH)
        return err_set(err, ERR_SYSTEM, "cannot send: the peer is gone");
    if (errno == EAGAIN)
        return err_set(err, ERR_SYSTEM, "cannot send: the queue to the peer is full");
    return err_set(err, ERR_SYSTEM, "cannot send: %s", zmq_strerror(errno));
}

/* The routing frame has no User-Id in libzmq 4.3.4 once the socket was polled; the others do. */
static void
wire_read_user(zmq_msg_t *part, struct wire_message *message)
{
    const char *user = zmq_msg_gets(part, "User-Id");

    if (user != NULL && strlen(user) == WIRE_KEY_LEN)
        memcpy(message->user, user, WIRE_KEY_LEN + 1);
}

/* Take the frames behind the routing frame; the message owns them from the start. */
static int
wire_receive_parts(struct wire_socket *socket, struct wire_parts *parts,
                   struct wire_message *message, struct err *err)
{
    const size_t limits[PARTS_MAX] = {FRAME_CONTROL_BYTES, FRAME_PAYLOAD_BYTES};
    zmq_msg_t *last = &parts->part[0];

    if (zmq_msg_more(last)) {
        last = &parts->part[1];
        (void)wire_recv(socket->socket, last, 0);
    }
    if (socket->routed)
        wire_read_user(last, message);
    if (zmq_msg_more(last)) {
        wire_skip(socket->socket, last);
        return err_set(err, ERR_PROTOCOL, "a message has more than %d frames", PARTS_MAX);
    }
    for (zmq_msg_t *part = &parts->part[0]; part <= last; part++) {
        if (zmq_msg_size(part) == 0)
            return err_set(err, ERR_PROTOCOL, "a message has an empty frame");
        if (zmq_msg_size(part) > limits[part - parts->part])
            return err_set(err, ERR_PROTOCOL, "a frame of %zu bytes is over the limit of %zu",
                           zmq_msg_size(part), limits[part - parts->part]);
    }
    if (socket->routed && message->user[0] == '\0')
        return err_set(err, ERR_PROTOCOL, "a message comes from no proven key");
    message->control = zmq_msg_data(&parts->part[0]);
    message->control_len = zmq_msg_size(&parts->part[0]);
    if (last == &parts->part[1]) {
        message->payload = zmq_msg_data(last);
        message->payload_len = zmq_msg_size(last);
    }
    return 1;
}

/* Take the routing frame, and the control frame behind it into `part`. Returns 0 when nothing waits. */
static int
wire_receive_first(struct wire_socket *socket, zmq_msg_t *part, struct wire_message *message)
{
    if (wire_recv(socket->socket, part, ZMQ_DONTWAIT) < 0)
        return 0;
    if (!socket->routed)
        return 1;
    message->route_len = zmq_msg_size(part);
    assert(message->route_len <= sizeof(message->route));
    memcpy(message->route, zmq_msg_data(part), message->route_len);
    if (zmq_msg_more(part))
        (void)wire_recv(socket->socket, part, 0);
    return 1;
}

int
wire_receive(struct wire_socket *socket, struct wire_message *ret_message, struct err *err)
{
    struct wire_parts *parts;
    zmq_msg_t first;

    wire_message_done(ret_message);
    zmq_msg_init(&first);
    if (wire_receive_first(socket, &first, ret_message) == 0) {
        zmq_msg_close(&first);
        return 0;
    }
    parts = mem_zalloc(sizeof(*parts));
    for (int i = 0; i < PARTS_MAX; i++)
        zmq_msg_init(&parts->part[i]);
    zmq_msg_move(&parts->part[0], &first);
    zmq_msg_close(&first);
    ret_message->owner = parts;
    return wire_receive_parts(socket, parts, ret_message, err);
}

void
wire_wait(struct wire_socket *const *sockets, size_t count, const int *fds, size_t fd_count,
          int timeout_ms, bool *ret_ready)
{
    zmq_pollitem_t items[WIRE_WAIT_MAX];
    int ready;

    assert(count + fd_count <= WIRE_WAIT_MAX);
    for (size_t i = 0; i < count; i++)
        items[i] = (zmq_pollitem_t){.socket = sockets[i]->socket, .events = ZMQ_POLLIN};
    for (size_t i = 0; i < fd_count; i++)
        items[count + i] = (zmq_pollitem_t){.fd = fds[i], .events = ZMQ_POLLIN};
    ready = zmq_poll(items, (int)(count + fd_count), timeout_ms);
    for (size_t i = 0; i < count + fd_count; i++)
        ret_ready[i] = ready > 0 && items[i].revents != 0;
}

void
wire_counts(struct wire_socket *socket, struct wire_counts *ret_counts)
{
    ret_counts->handshakes_failed = atomic_load(&socket->failed);
    ret_counts->connected = atomic_load(&socket->connected);
    ret_counts->disconnected = atomic_load(&socket->disconnected);
}
