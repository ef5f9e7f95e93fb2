#include "intake/channel.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "intake/intake_sql.h"

static const char *const reasons[] = {
    [CHANNEL_STOP_EPOCH] = "a new spool came while a submission of the old one is half in",
    [CHANNEL_STOP_BEHIND] = "the spool ends before what was committed: it was lost or set back",
    [CHANNEL_STOP_AHEAD] = "the spool begins after what was committed: this database was set back",
};

enum channel_verdict
channel_judge(const struct channel *channel, const struct frame_hello *hello)
{
    if (!channel->known)
        return CHANNEL_TAKE;
    if (memcmp(channel->epoch, hello->epoch, FRAME_EPOCH_BYTES) != 0)
        return channel->half ? CHANNEL_STOP_EPOCH : CHANNEL_TAKE;
    if (hello->next_seq < channel->next_seq)
        return CHANNEL_STOP_BEHIND;
    if (hello->first_seq > channel->next_seq)
        return CHANNEL_STOP_AHEAD;
    return CHANNEL_GO_ON;
}

/* ops.channel.state is "ok" or "stopped". */
static bool
channel_is_stopped(const char *state)
{
    return strcmp(state, "stopped") == 0;
}

static int
channel_read(struct store *store, const char *name, bool lock, struct channel *ret_channel,
             struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    struct channel channel = {0};
    AUTO(store_result_free) struct store_result *row = NULL;
    const uint8_t *bytes;
    size_t len;

    BUF_ADD_FILLED(&sql, intake_sql_channel_read.text, {"lock", lock ? "for update" : ""});
    if (store_run(store, buf_str(&sql), &STORE_T(name), 1, &row, NULL, err) < 0)
        return err_wrap(err, "cannot read the channel");
    if (store_rows(row) != 1)
        return err_set(err, ERR_MISSING, "there is no channel %s", name);
    (void)snprintf(channel.name, sizeof(channel.name), "%s", name);
    bytes = store_bytes(row, 0, 0, &len);
    channel.known = bytes != NULL && len == FRAME_EPOCH_BYTES;
    if (channel.known)
        memcpy(channel.epoch, bytes, len);
    channel.next_seq = (uint64_t)store_int(row, 0, 1);
    channel.generation = (uint64_t)store_int(row, 0, 2);
    bytes = store_bytes(row, 0, 3, &len);
    if (len == DIGEST_BYTES)
        memcpy(channel.previous, bytes, len);
    channel.stopped = channel_is_stopped(store_text(row, 0, 4));
    channel.half = !store_null(row, 0, 6);
    if (channel.half &&
        submission_load(store, (uint32_t)store_int(row, 0, 5), (uint32_t)store_int(row, 0, 6),
                        &channel.submission, err) < 0)
        return -1;
    *ret_channel = channel;
    return 0;
}

int
channel_load(struct store *store, const char *name, struct channel *ret_channel, struct err *err)
{
    return channel_read(store, name, false, ret_channel, err);
}

static int
channel_fail_stopped(const char *name, const char *reason, struct err *err)
{
    (void)err_set(err, ERR_CONFLICT, "channel %s is stopped: %s", name, reason);
    return err_hint(err, "look into it, then run: qianshao channel accept %s", name);
}

/* Stop a channel and say so; the caller commits. */
static int
channel_stop(struct store *store, const char *name, enum channel_verdict verdict, struct err *err)
{
    const struct store_param params[] = {STORE_T(name), STORE_T(reasons[verdict])};

    if (store_run(store, intake_sql_channel_stop.text, params, 2, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot stop the channel");
    return 0;
}

/* Remove the rows of submissions that channel_accept has discarded; ops may not touch rows. */
static int
channel_purge(struct store *store, const char *name, struct err *err)
{
    AUTO(store_result_free) struct store_result *rows = NULL;

    if (store_run(store, intake_sql_discarded_clear.text, &STORE_T(name), 1, &rows, NULL, err) < 0)
        return err_wrap(err, "cannot clear discarded submissions");
    for (size_t i = 0; i < store_rows(rows); i++)
        if (submission_purge(store, record_find(store_text(rows, i, 2)),
                             (uint32_t)store_int(rows, i, 0), (uint32_t)store_int(rows, i, 1),
                             err) < 0)
            return -1;
    return 0;
}

/* Write the epoch, position and generation that a session begins with. */
static int
channel_begin(struct store *store, struct channel *channel, struct err *err)
{
    const struct store_param params[] = {
        STORE_T(channel->name),
        STORE_B(channel->epoch, FRAME_EPOCH_BYTES),
        STORE_I(channel->next_seq),
        STORE_I(channel->generation),
        STORE_B(channel->previous, DIGEST_BYTES),
    };

    if (channel_purge(store, channel->name, err) < 0)
        return -1;
    if (store_run(store, intake_sql_channel_begin.text, params, 5, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot begin a session");
    return 0;
}

/* Returns 1 when a session begins, 0 when the channel has been stopped just now, -1 on failure. */
static int
channel_greet(struct store *store, const struct frame_hello *hello, struct channel *channel,
              enum channel_verdict *ret_verdict, struct err *err)
{
    if (store_run(store, "insert into ops.channel (name) values ($1) on conflict do nothing",
                  &STORE_T(hello->channel), 1, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot register the channel");
    if (channel_read(store, hello->channel, true, channel, err) < 0)
        return -1;
    if (channel->stopped)
        return channel_fail_stopped(channel->name, "it waits for a decision", err);
    *ret_verdict = channel_judge(channel, hello);
    switch (*ret_verdict) {
    case CHANNEL_GO_ON:
        break;
    case CHANNEL_TAKE:
        memcpy(channel->epoch, hello->epoch, FRAME_EPOCH_BYTES);
        memset(channel->previous, 0, DIGEST_BYTES);
        channel->next_seq = hello->first_seq;
        channel->known = true;
        break;
    case CHANNEL_STOP_EPOCH:
    case CHANNEL_STOP_BEHIND:
    case CHANNEL_STOP_AHEAD:
        return channel_stop(store, channel->name, *ret_verdict, err);
    }
    channel->generation++;
    return channel_begin(store, channel, err) < 0 ? -1 : 1;
}

int
channel_hello(struct store *store, const struct frame_hello *hello, struct channel *ret_channel,
              struct err *err)
{
    struct channel channel;
    enum channel_verdict verdict = CHANNEL_GO_ON;
    int begun;

    if (hello->first_seq == 0 || hello->first_seq > hello->next_seq ||
        hello->next_seq >= CHANNEL_SEQ_MAX)
        return err_set(err, ERR_PROTOCOL, "HELLO says the spool holds impossible numbers");
    if (store_begin(store, err) < 0)
        return -1;
    begun = channel_greet(store, hello, &channel, &verdict, err);
    if (begun < 0 || store_commit(store, err) < 0) {
        store_rollback(store);
        return -1;
    }
    if (begun == 0)
        return channel_fail_stopped(hello->channel, reasons[verdict], err);
    *ret_channel = channel;
    return 0;
}

int
channel_move(struct store *store, const struct channel *channel, uint64_t seq, uint64_t next_seq,
             uint32_t county, uint32_t half, const uint8_t previous[DIGEST_BYTES], struct err *err)
{
    int64_t count = 0;
    const struct store_param params[] = {
        STORE_T(channel->name),
        STORE_I(seq),
        STORE_B(channel->epoch, FRAME_EPOCH_BYTES),
        STORE_I(channel->generation),
        STORE_I(next_seq),
        half > 0 ? STORE_I(county) : STORE_T(NULL),
        half > 0 ? STORE_I(half) : STORE_T(NULL),
        STORE_B(previous, DIGEST_BYTES),
    };

    if (store_run(store, intake_sql_channel_move.text, params, 8, NULL, &count, err) < 0)
        return err_wrap(err, "cannot move the channel");
    return count == 1;
}

/* Give up the submission that is half in and forget the position. */
static int
channel_reset(struct store *store, const char *name, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;

    if (store_run(store, "select state from ops.channel where name = $1 for update", &STORE_T(name),
                  1, &row, NULL, err) < 0)
        return err_wrap(err, "cannot read the channel");
    if (store_rows(row) != 1)
        return err_set(err, ERR_MISSING, "there is no channel %s", name);
    if (!channel_is_stopped(store_text(row, 0, 0)))
        return err_set(err, ERR_CONFLICT, "channel %s is not stopped", name);
    if (store_run(store, intake_sql_half_discard.text, &STORE_T(name), 1, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot discard the submission that is half in");
    if (store_run(store, intake_sql_channel_accept.text, &STORE_T(name), 1, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot accept the channel");
    return 0;
}

int
channel_accept(struct store *store, const char *name, struct err *err)
{
    if (store_begin(store, err) < 0)
        return -1;
    if (channel_reset(store, name, err) < 0 || store_commit(store, err) < 0) {
        store_rollback(store);
        return -1;
    }
    return 0;
}
