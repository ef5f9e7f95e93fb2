/*
 * wire — CURVE sockets. The only user of libzmq.
 *
 * A message is a control frame and, for some kinds, a payload frame; both
 * travel as one ZeroMQ multipart message. A socket belongs to the thread that
 * opened it. CURVE is always on between machines; `inproc` pipes join threads
 * of one process and carry pointers.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define WIRE_KEY_LEN 40    /* Z85 text of a CURVE key */
#define WIRE_ROUTE_MAX 255 /* bytes of a routing id, the peer's choice */
#define WIRE_WAIT_MAX 64

struct wire;        /* one context with its sockets */
struct wire_socket; /* one socket */

/* A key pair as Z85 text. */
struct wire_keys {
    char public_key[WIRE_KEY_LEN + 1], secret_key[WIRE_KEY_LEN + 1];
};

/* One received message. Owned by whoever received it; wire_message_done frees it. {0} is empty. */
struct wire_message {
    uint8_t route[WIRE_ROUTE_MAX]; /* ROUTER only: the routing id of the peer to answer */
    size_t route_len;
    char user[WIRE_KEY_LEN + 1]; /* ROUTER only: the peer's public key in Z85, proven by CURVE */
    const uint8_t *control, *payload;
    size_t control_len, payload_len; /* payload_len 0 and payload NULL when there is none */
    void *owner;
};

void wire_message_done(struct wire_message *message);
#define AUTO_MESSAGE __attribute__((cleanup(wire_message_done)))

/* Make a new random key pair. */
void wire_keys_make(struct wire_keys *ret_keys);

/* Derive the public key. ERR_CONFIG when the text is no key. */
NODISCARD int wire_keys_derive(const char *secret_key, struct wire_keys *ret_keys, struct err *err);

/*
 * Ask whether a public key may connect in a domain ("feeds", "events"). Called on the
 * ZAP thread, which wire_start runs: it must be thread-safe and fast.
 */
typedef bool wire_admit_fn(void *context, const char *domain, const char *public_key);

/* Make a context. With `admit` it answers ZAP requests on a thread of its own; NULL for clients. */
NODISCARD int wire_start(wire_admit_fn *admit, void *context, struct wire **ret_wire,
                         struct err *err);

/* Close the context; every socket must be closed before. */
void wire_stop(struct wire *wire);
AUTO_DEFINE(struct wire, wire_stop)

/*
 * Bind a ROUTER as CURVE server in a ZAP domain: MANDATORY, no HANDOVER,
 * ZAP domain enforced, messages over the limits dropped by libzmq and counted
 * where it can be seen. ERR_CONFIG when the endpoint cannot be bound.
 * `wire_endpoint` returns the address bound ("tcp://127.0.0.1:*" made concrete).
 */
NODISCARD int wire_bind(struct wire *wire, const char *endpoint, const char *domain,
                        const char *secret_key, struct wire_socket **ret_socket, struct err *err);
const char *wire_endpoint(const struct wire_socket *socket);

/*
 * Connect a DEALER as CURVE client to a server whose public key is `server_key`. It connects,
 * and connects again after a loss, in the background; what is sent meanwhile is queued and goes
 * out on whichever connection comes next. So a client that begins a new session closes the
 * socket and connects anew, lest messages of the old session come before its HELLO.
 * ERR_CONFIG when a key is no key or the endpoint none.
 */
NODISCARD int wire_connect(struct wire *wire, const char *endpoint, const char *server_key,
                           const struct wire_keys *keys, struct wire_socket **ret_socket,
                           struct err *err);

/*
 * A pair of joined inproc sockets, to hand one end to another thread. Not for frames but for
 * pointers.
 */
NODISCARD int wire_pipe(struct wire *wire, struct wire_socket **ret_a, struct wire_socket **ret_b,
                        struct err *err);

/* Send and receive a pointer over a pipe; never blocks on sending (no high-water mark). wire_take
   returns NULL when nothing is there. The other end must still be open when something is given. */
void wire_give(struct wire_socket *pipe, void *pointer);
void *wire_take(struct wire_socket *pipe);

/* Close a socket. Messages already sent are still delivered for up to a second, which wire_stop
   waits for. */
void wire_close(struct wire_socket *socket);
AUTO_DEFINE(struct wire_socket, wire_close)

/*
 * Send a message; `payload` NULL for none. `route` is NULL on a DEALER. Bytes are copied. Returns
 * -1 with ERR_SYSTEM when the peer is gone (EHOSTUNREACH) or its queue is full (EAGAIN); nothing
 * of the message was sent then.
 */
NODISCARD int wire_send(struct wire_socket *socket, const uint8_t *route, size_t route_len,
                        const void *control, size_t control_len, const void *payload,
                        size_t payload_len, struct err *err);

/*
 * Receive a message if one waits: returns 1, 0 when none waits, -1 with
 * ERR_PROTOCOL for one with a wrong number of frames, an empty frame or over the
 * limits (it was thrown away whole; `ret_message` still tells route and user).
 * `ret_message` is {0} or an earlier message, which is freed first.
 */
NODISCARD int wire_receive(struct wire_socket *socket, struct wire_message *ret_message,
                           struct err *err);

/*
 * Wait until one of `count` sockets or `fd_count` file descriptors (together at most
 * WIRE_WAIT_MAX) is readable, or `timeout_ms` passed. ret_ready[i] tells for each socket, then
 * each descriptor. Returns 0 also when a signal interrupted it.
 */
void wire_wait(struct wire_socket *const *sockets, size_t count, const int *fds, size_t fd_count,
               int timeout_ms, bool *ret_ready);

/* What libzmq's monitor saw on a bound socket since the start. It counts on a thread of its own: a
 * message may be received a moment before its connection is counted. */
struct wire_counts {
    uint64_t handshakes_failed; /* CURVE or ZAP refused */
    uint64_t connected;         /* handshakes that succeeded */
    uint64_t disconnected;      /* connections that ended, the refused ones included */
};
void wire_counts(struct wire_socket *socket, struct wire_counts *ret_counts);

#endif
