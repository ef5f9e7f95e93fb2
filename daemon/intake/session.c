#include "intake/session.h"

#include <string.h>

#define GRANT_PARTS 8 /* credit goes back once this part of the window is owed */

static const enum session_action actions[][FRAME_EVENT + 1] = {
    [SESSION_NEW] = {[FRAME_HELLO] = SESSION_GREET,
                     [FRAME_OPEN] = SESSION_STRAY,
                     [FRAME_BATCH] = SESSION_STRAY,
                     [FRAME_CLOSE] = SESSION_STRAY,
                     [FRAME_PING] = SESSION_STRAY,
                     [FRAME_PONG] = SESSION_NOTE,
                     [FRAME_DRAIN] = SESSION_LEAVE},
    [SESSION_GREETING] = {[FRAME_HELLO] = SESSION_NOTE,
                          [FRAME_OPEN] = SESSION_NOTE,
                          [FRAME_BATCH] = SESSION_NOTE,
                          [FRAME_CLOSE] = SESSION_NOTE,
                          [FRAME_PING] = SESSION_ANSWER,
                          [FRAME_PONG] = SESSION_NOTE,
                          [FRAME_DRAIN] = SESSION_LEAVE},
    [SESSION_ACTIVE] = {[FRAME_HELLO] = SESSION_GREET,
                        [FRAME_OPEN] = SESSION_ENTER,
                        [FRAME_BATCH] = SESSION_ENTER,
                        [FRAME_CLOSE] = SESSION_ENTER,
                        [FRAME_PING] = SESSION_ANSWER,
                        [FRAME_PONG] = SESSION_NOTE,
                        [FRAME_DRAIN] = SESSION_LEAVE},
    [SESSION_ENDED] = {[FRAME_HELLO] = SESSION_GREET},
};

enum session_action
session_action(enum session_state state, enum frame_kind kind)
{
    enum session_action action = actions[state][kind];

    return action == SESSION_IGNORE && state != SESSION_ENDED ? SESSION_BREACH : action;
}

const char *
session_state_name(enum session_state state)
{
    static const char *const names[] = {
        [SESSION_NEW] = "new",
        [SESSION_GREETING] = "greeting",
        [SESSION_ACTIVE] = "active",
        [SESSION_ENDED] = "ended",
    };

    return names[state];
}

enum session_entry
session_take(struct session *session, uint64_t seq, size_t bytes)
{
    if (bytes > session->credit)
        return SESSION_OVERDRAWN;
    session->credit -= bytes;
    if (seq == session->next_seq && session->waiting < SESSION_QUEUE_MAX) {
        session->next_seq++;
        session->waiting++;
        session->asked = false;
        return SESSION_TAKE;
    }
    session->owed += bytes;
    if (seq < session->next_seq)
        return SESSION_REPEAT;
    if (seq == session->next_seq) {
        session->full = session->asked = true;
        return SESSION_WAIT;
    }
    if (session->asked)
        return SESSION_WAIT;
    session->asked = true;
    return SESSION_GAP;
}

void
session_begin(struct session *session, uint64_t next_seq, uint64_t generation, uint64_t window)
{
    session->state = SESSION_ACTIVE;
    session->next_seq = next_seq;
    session->generation = generation;
    session->window = session->credit = window;
    session->owed = 0;
    session->waiting = 0;
    session->damaged = 0;
    session->asked = session->full = false;
}

bool
session_done(struct session *session, size_t bytes)
{
    session->owed += bytes;
    if (session->waiting > 0)
        session->waiting--;
    if (!session->full || session->waiting > SESSION_QUEUE_MAX / 2)
        return false;
    session->full = false;
    return true;
}

void
session_rewind(struct session *session, uint64_t from_seq)
{
    session->next_seq = from_seq;
    session->asked = true;
    session->full = false;
    session->round++;
}

uint64_t
session_grant(struct session *session)
{
    uint64_t granted = session->owed;

    if (granted == 0 || (granted < session->window / GRANT_PARTS && session->waiting > 0))
        return 0;
    session->owed = 0;
    session->credit += granted;
    return granted;
}

bool
session_silent(const struct session *session, int64_t now_ms, int64_t dead_ms)
{
    return now_ms - session->heard_ms >= dead_ms;
}

bool
session_ping_due(const struct session *session, int64_t now_ms, int64_t ping_ms)
{
    int64_t last = session->heard_ms > session->pinged_ms ? session->heard_ms : session->pinged_ms;

    return session->state == SESSION_ACTIVE && now_ms - last >= ping_ms;
}
