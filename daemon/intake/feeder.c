#include "intake/feeder.h"

#include <string.h>

#define GRANT_PARTS 8 /* credit goes back once this part of the window is owed */

static const enum feeder_action actions[][FRAME_EVENT + 1] = {
    [FEEDER_NEW] = {[FRAME_HELLO] = FEEDER_GREET,
                    [FRAME_OPEN] = FEEDER_STRAY,
                    [FRAME_BATCH] = FEEDER_STRAY,
                    [FRAME_CLOSE] = FEEDER_STRAY,
                    [FRAME_PING] = FEEDER_STRAY,
                    [FRAME_PONG] = FEEDER_NOTE,
                    [FRAME_DRAIN] = FEEDER_LEAVE},
    [FEEDER_GREETING] = {[FRAME_HELLO] = FEEDER_NOTE,
                         [FRAME_OPEN] = FEEDER_NOTE,
                         [FRAME_BATCH] = FEEDER_NOTE,
                         [FRAME_CLOSE] = FEEDER_NOTE,
                         [FRAME_PING] = FEEDER_ANSWER,
                         [FRAME_PONG] = FEEDER_NOTE,
                         [FRAME_DRAIN] = FEEDER_LEAVE},
    [FEEDER_ACTIVE] = {[FRAME_HELLO] = FEEDER_GREET,
                       [FRAME_OPEN] = FEEDER_ENTER,
                       [FRAME_BATCH] = FEEDER_ENTER,
                       [FRAME_CLOSE] = FEEDER_ENTER,
                       [FRAME_PING] = FEEDER_ANSWER,
                       [FRAME_PONG] = FEEDER_NOTE,
                       [FRAME_DRAIN] = FEEDER_LEAVE},
    [FEEDER_ENDED] = {[FRAME_HELLO] = FEEDER_GREET},
};

enum feeder_action
feeder_action(enum feeder_state state, enum frame_kind kind)
{
    enum feeder_action action = actions[state][kind];

    return action == FEEDER_IGNORE && state != FEEDER_ENDED ? FEEDER_BREACH : action;
}

const char *
feeder_state_name(enum feeder_state state)
{
    static const char *const names[] = {
        [FEEDER_NEW] = "new",
        [FEEDER_GREETING] = "greeting",
        [FEEDER_ACTIVE] = "active",
        [FEEDER_ENDED] = "ended",
    };

    return names[state];
}

enum feeder_entry
feeder_take(struct feeder *feeder, uint64_t seq, size_t bytes)
{
    if (bytes > feeder->credit)
        return FEEDER_OVERDRAWN;
    feeder->credit -= bytes;
    if (seq == feeder->next_seq && feeder->waiting < FEEDER_QUEUE_MAX) {
        feeder->next_seq++;
        feeder->waiting++;
        feeder->asked = false;
        return FEEDER_TAKE;
    }
    feeder->owed += bytes;
    if (seq < feeder->next_seq)
        return FEEDER_REPEAT;
    if (seq == feeder->next_seq) {
        feeder->full = feeder->asked = true;
        return FEEDER_WAIT;
    }
    if (feeder->asked)
        return FEEDER_WAIT;
    feeder->asked = true;
    return FEEDER_GAP;
}

void
feeder_begin(struct feeder *feeder, uint64_t next_seq, uint64_t generation, uint64_t window)
{
    feeder->state = FEEDER_ACTIVE;
    feeder->next_seq = next_seq;
    feeder->generation = generation;
    feeder->window = feeder->credit = window;
    feeder->owed = 0;
    feeder->waiting = 0;
    feeder->damaged = 0;
    feeder->asked = feeder->full = false;
}

bool
feeder_done(struct feeder *feeder, size_t bytes)
{
    feeder->owed += bytes;
    if (feeder->waiting > 0)
        feeder->waiting--;
    if (!feeder->full || feeder->waiting > FEEDER_QUEUE_MAX / 2)
        return false;
    feeder->full = false;
    return true;
}

void
feeder_rewind(struct feeder *feeder, uint64_t from_seq)
{
    feeder->next_seq = from_seq;
    feeder->asked = true;
    feeder->full = false;
    feeder->round++;
}

uint64_t
feeder_grant(struct feeder *feeder)
{
    uint64_t granted = feeder->owed;

    if (granted == 0 || (granted < feeder->window / GRANT_PARTS && feeder->waiting > 0))
        return 0;
    feeder->owed = 0;
    feeder->credit += granted;
    return granted;
}

bool
feeder_silent(const struct feeder *feeder, int64_t now_ms, int64_t dead_ms)
{
    return now_ms - feeder->heard_ms >= dead_ms;
}

bool
feeder_ping_due(const struct feeder *feeder, int64_t now_ms, int64_t ping_ms)
{
    int64_t last = feeder->heard_ms > feeder->pinged_ms ? feeder->heard_ms : feeder->pinged_ms;

    return feeder->state == FEEDER_ACTIVE && now_ms - last >= ping_ms;
}
