/*
 * session_parts — the structs and functions that the files of session share. Nobody else includes
 * it.
 */
#ifndef SESSION_PARTS_H
#define SESSION_PARTS_H

#include "sdk/spool/session.h"

struct session {
    struct session_options options;
    struct queue *queue; /* borrowed */
    enum session_state state;
    struct err failure;
    int64_t heard_ms, ping_due_ms, saved_ms, retired_ms;
    int64_t wait_until_ms; /* CONNECTING and PAUSED */
    int64_t starved_ms;    /* since when everything is acknowledged and credit is short; 0: not */
    int64_t ping_ms, backoff_ms;
    bool connect_after_pause;
    bool damaged; /* send_next stands in a damaged submission */
    uint64_t send_next, progress;
    uint64_t credit, need; /* bytes of payload of the entry at send_next; 0: not known */
    uint32_t batch_bytes;
    struct buf control;
};

/* Whether frames may arrive. */
bool session_connected(const struct session *session);

/* Return the pause before the next try and double the one after. */
int64_t session_backoff(struct session *session);

/* Close the connection; try again after a pause, or stay in a final state. */
void session_connect_in(struct session *session, int64_t pause_ms, int64_t now_ms);
void session_end(struct session *session, enum session_state state);

/* session_broken with this reason. */
void session_fail(struct session *session, int64_t now_ms, enum err_code code, const char *text);

/* Encode and send a frame: 1 sent, 0 no room, -1 the session was ended. */
int session_send(struct session *session, const struct frame *frame, const void *payload,
                 size_t payload_len, int64_t now_ms);

#endif
