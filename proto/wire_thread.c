#include "wire_part.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Signals are for the program's own threads. */
static int
wire_thread(pthread_t *ret_thread, void *(*run)(void *), void *context)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(ret_thread, NULL, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

/* --- ZAP: who may come in --- */

static bool
wire_zap_is(zmq_msg_t *part, const char *text)
{
    return zmq_msg_size(part) == strlen(text) &&
           memcmp(zmq_msg_data(part), text, strlen(text)) == 0;
}

enum {
    ZAP_VERSION,
    ZAP_REQUEST,
    ZAP_DOMAIN,
    ZAP_ADDRESS,
    ZAP_IDENTITY,
    ZAP_MECHANISM,
    ZAP_KEY,
    ZAP_PARTS
};

/* Decide about one request; writes the peer's key when it may come in. */
static bool
wire_zap_admit(const struct wire *wire, zmq_msg_t *request, int count,
               char ret_key[WIRE_KEY_LEN + 1])
{
    char domain[WIRE_ENDPOINT_MAX];
    size_t len;

    if (count != ZAP_PARTS || !wire_zap_is(&request[ZAP_VERSION], "1.0") ||
        !wire_zap_is(&request[ZAP_MECHANISM], "CURVE") ||
        zmq_msg_size(&request[ZAP_KEY]) != WIRE_KEY_BYTES)
        return false;
    len = zmq_msg_size(&request[ZAP_DOMAIN]);
    if (len >= sizeof(domain))
        return false;
    memcpy(domain, zmq_msg_data(&request[ZAP_DOMAIN]), len);
    domain[len] = '\0';
    if (zmq_z85_encode(ret_key, zmq_msg_data(&request[ZAP_KEY]), WIRE_KEY_BYTES) == NULL)
        return false;
    return wire->admit(wire->admit_context, domain, ret_key);
}

static void
wire_zap_answer(void *zap, zmq_msg_t *request, bool admitted, const char *key)
{
    const char *status = admitted ? "200" : "400", *text = admitted ? "OK" : "no access";

    (void)wire_put(zap, "1.0", 3, ZMQ_SNDMORE);
    (void)wire_put(zap, zmq_msg_data(request), zmq_msg_size(request), ZMQ_SNDMORE);
    (void)wire_put(zap, status, strlen(status), ZMQ_SNDMORE);
    (void)wire_put(zap, text, strlen(text), ZMQ_SNDMORE);
    (void)wire_put(zap, key, admitted ? strlen(key) : 0, ZMQ_SNDMORE);
    (void)wire_put(zap, "", 0, 0);
}

/* Take one request; returns false when the context ends. A request cut short is answered 400. */
static bool
wire_zap_serve(const struct wire *wire)
{
    char key[WIRE_KEY_LEN + 1] = "";
    zmq_msg_t request[ZAP_PARTS];
    int count = 0;
    bool alive = true;

    for (int i = 0; i < ZAP_PARTS; i++)
        zmq_msg_init(&request[i]);
    do
        alive = wire_recv(wire->zap, &request[count], 0) >= 0;
    while (alive && zmq_msg_more(&request[count++]) && count < ZAP_PARTS);
    if (alive && zmq_msg_more(&request[count - 1])) {
        wire_skip(wire->zap, &request[count - 1]);
        count = 0;
    }
    if (alive)
        wire_zap_answer(wire->zap, &request[ZAP_REQUEST], wire_zap_admit(wire, request, count, key),
                        key);
    for (int i = 0; i < ZAP_PARTS; i++)
        zmq_msg_close(&request[i]);
    return alive;
}

static void *
wire_zap_run(void *context)
{
    struct wire *wire = context;

    while (wire_zap_serve(wire))
        ;
    zmq_close(wire->zap);
    return NULL;
}

int
wire_zap_start(struct wire *wire)
{
    return wire_thread(&wire->zap_thread, wire_zap_run, wire);
}

/* --- the monitor: who came and went --- */

static void *
wire_monitor_run(void *context)
{
    struct wire_socket *socket = context;
    uint16_t event = 0;

    while (event != ZMQ_EVENT_MONITOR_STOPPED) {
        zmq_msg_t part;

        zmq_msg_init(&part);
        if (wire_recv(socket->monitor, &part, 0) < 0)
            event = ZMQ_EVENT_MONITOR_STOPPED;
        else if (zmq_msg_size(&part) >= sizeof(event))
            memcpy(&event, zmq_msg_data(&part), sizeof(event));
        wire_skip(socket->monitor, &part);
        zmq_msg_close(&part);

        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            atomic_fetch_add(&socket->connected, 1);
        else if (event == ZMQ_EVENT_DISCONNECTED)
            atomic_fetch_add(&socket->disconnected, 1);
        else if (event & (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                          ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH))
            atomic_fetch_add(&socket->failed, 1);
    }
    zmq_close(socket->monitor);
    return NULL;
}

int
wire_monitor_start(struct wire *wire, struct wire_socket *socket)
{
    const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                       ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                       ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_MONITOR_STOPPED;
    char endpoint[WIRE_ENDPOINT_MAX];
    void *monitor;

    (void)snprintf(endpoint, sizeof(endpoint), "inproc://monitor-%u",
                   atomic_fetch_add(&wire->names, 1));
    if (zmq_socket_monitor(socket->socket, endpoint, events) != 0)
        return -1;
    monitor = zmq_socket(wire->context, ZMQ_PAIR);
    if (monitor == NULL)
        return -1;
    socket->monitor = monitor;
    if (zmq_connect(monitor, endpoint) != 0 ||
        wire_thread(&socket->monitor_thread, wire_monitor_run, socket) != 0) {
        zmq_close(monitor);
        socket->monitor = NULL;
        return -1;
    }
    return 0;
}
