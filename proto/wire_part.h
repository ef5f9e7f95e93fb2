/*
 * wire_part — what the files of wire share. Private to wire*.c.
 */
#ifndef WIRE_PART_H
#define WIRE_PART_H

#include <pthread.h>
#include <stdatomic.h>

#include <zmq.h>

#include "wire.h"

#define WIRE_KEY_BYTES 32
#define WIRE_ENDPOINT_MAX 256

struct wire {
    void *context;
    void *zap; /* the ZAP thread's socket; NULL without one */
    pthread_t zap_thread;
    wire_admit_fn *admit;
    void *admit_context;
    atomic_uint names; /* of inproc endpoints */
};

struct wire_socket {
    void *socket;
    void *monitor; /* the monitor thread's socket; NULL without one */
    pthread_t monitor_thread;
    bool routed;
    char endpoint[WIRE_ENDPOINT_MAX];
    atomic_uint_fast64_t failed, connected, disconnected;
};

/* Receive or send one part, again after a signal; -1 and errno like libzmq. */
int wire_recv(void *socket, zmq_msg_t *part, int flags);
int wire_put(void *socket, const void *bytes, size_t len, int flags);

/* Throw away the rest of a multipart message. */
void wire_skip(void *socket, const zmq_msg_t *last);

/* Answer ZAP requests on a thread that ends with the context and closes wire->zap. 0, or another value. */
int wire_zap_start(struct wire *wire);

/* Count what happens to a socket's connections. An unread monitor would block libzmq's I/O thread once
   its queue is full, hence a thread, which ends with the monitor. 0, or -1. */
int wire_monitor_start(struct wire *wire, struct wire_socket *socket);

#endif
