#include "sdk/program/watch.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "sdk/program/drop.h"
#include "sdk/program/owner.h"
#include "sdk/spool/receipt.h"
#include "sdk/program/sender.h"
#include "sdk/program/task.h"

#define WATCH_STEP_MS 500    /* the drop folder is looked at so often */
#define WATCH_OTHER_MS 200   /* so often we try to become the owner */
#define WATCH_RETRY_MS 30000 /* pause after this machine failed to take a file */
#define WATCH_WAKES 2
#define WATCH_DELIVER_MS 5000 /* how often receipts that others got are looked for */

/* The drop folder, spool and session that run with one set of settings. */
struct watch {
    const struct watch_options *options;
    struct settings *settings;
    struct settings_keys keys;
    struct spool *spool;
    struct drop *drop;
    struct owner *owner;
    struct task *task; /* the file in hand, or NULL */
    bool owned;
    bool early; /* a receipt of the file in hand came before the file was put away */
    int64_t hold_until_ms, delivered_ms;
};

enum watch_end { WATCH_GOES_ON, WATCH_STOPS, WATCH_RELOADS };

static void
watch_free(struct watch *watch)
{
    if (watch == NULL)
        return;
    task_free(watch->task);
    owner_free(watch->owner);
    drop_close(watch->drop);
    spool_close(watch->spool);
    settings_wipe(&watch->keys);
    settings_free(watch->settings);
    free(watch);
}
AUTO_DEFINE(struct watch, watch_free)

/* ---- receipts ---- */

/*
 * Whether the file of a receipt is there; `whole`: and is not split, so that it is this one's
 * alone.
 */
static bool
watch_has_file(const struct subfile_head *head, const char *path, bool whole)
{
    AUTO_BUF struct buf source = {0};

    split_path(path, head->county, &source);
    return access(buf_str(&source), F_OK) == 0 && (!whole || strcmp(buf_str(&source), path) == 0);
}

/* Put a receipt into a hand-in that is in sent/; one that was not taken moves to refused/. */
static void
watch_deliver(struct watch *watch, const struct subfile_head *head, const char *stamp,
              const char *name, const char *json)
{
    AUTO_RECEIPT struct receipt receipt = {0};
    AUTO_BUF struct buf path = {0};
    AUTO_BUF struct buf reason = {0};
    struct err err;

    drop_path(watch->drop, DROP_SENT, stamp, name, &path);
    owner_deliver(watch->settings, head, buf_str(&path), json);
    if (receipt_parse(json, &receipt, &err) != 0 || receipt_exit(&receipt) != SENDER_REFUSED)
        return;
    receipt_reason(&receipt, &reason);
    if (drop_write_reason(buf_str(&path), buf_str(&reason), receipt.text, &err) != 0 ||
        (watch_has_file(head, buf_str(&path), true) &&
         drop_move(watch->drop, stamp, DROP_SENT, DROP_REFUSED, &err) != 0))
        log_err(LOG_WARN, "file-unmoved", &err);
}

/* A receipt came for somebody's submission. */
static void
watch_on_receipt(void *context, const struct subfile_head *head,
                 const uint8_t uuid[FRAME_UUID_BYTES], const char *json)
{
    struct watch *watch = context;
    char stamp[DROP_STAMP_MAX];
    const char *name;

    (void)uuid;
    if (drop_split(watch->drop, head->file, stamp, &name)) {
        if (watch->task != NULL && strcmp(task_file(watch->task)->stamp, stamp) == 0)
            watch->early = true;
        else
            watch_deliver(watch, head, stamp, name, json);
    } else
        owner_deliver(watch->settings, head, head->file, json);
}

/* Deliver a receipt that another owner got, or that came when we died. */
static bool
watch_deliver_missed(void *context, const struct spool_row *row)
{
    struct watch *watch = context;
    AUTO_RECEIPT struct receipt receipt = {0};
    AUTO_BUF struct buf path = {0};
    char stamp[DROP_STAMP_MAX];
    const char *name;
    struct err err;

    if (row->state != SPOOL_ANSWERED || !drop_split(watch->drop, row->head.file, stamp, &name))
        return true;
    drop_path(watch->drop, DROP_SENT, stamp, name, &path);
    if (!watch_has_file(&row->head, buf_str(&path), false))
        return true;
    buf_add_str(&path, ".receipt.json");

    AUTO(free) char *json = spool_receipt(watch->spool, row->head.uuid);
    if (json == NULL || receipt_parse(json, &receipt, &err) != 0)
        return true;
    if (access(buf_str(&path), F_OK) != 0 || receipt_exit(&receipt) == SENDER_REFUSED)
        watch_deliver(watch, &row->head, stamp, name, json);
    return true;
}

static void
watch_deliver_all(struct watch *watch, int64_t now_ms)
{
    struct err err;

    watch->delivered_ms = now_ms;
    if (spool_list(watch->spool, SPOOL_QUEUE_DIR, watch_deliver_missed, watch, &err) != 0)
        log_err(LOG_WARN, "receipts-unread", &err);
}

/* ---- files ---- */

/* A hand-in that is refused here, before it reached the spool. */
static void
watch_refuse(struct watch *watch, const struct drop_file *file, const struct refusal *refusal)
{
    struct err err;

    sender_refuse(file->path, refusal);
    if (drop_write_reason(file->path, refusal->zh, refusal->en, &err) != 0 ||
        drop_move(watch->drop, file->stamp, DROP_WORKING, DROP_REFUSED, &err) != 0)
        log_err(LOG_ERROR, "file-unmoved", &err);
    log_event(LOG_WARN, "file-refused", "hand_in=%s code=%s", file->stamp,
              refusal_word(refusal->code));
}

/* This machine could not take the file: put it back and try again later. */
static void
watch_fail(struct watch *watch, const struct drop_file *file, const struct err *why, int64_t now_ms)
{
    struct err err;

    log_err(LOG_ERROR, "file-untaken", why);
    watch->hold_until_ms = now_ms + WATCH_RETRY_MS;
    if (drop_put_back(watch->drop, file, &err) != 0)
        log_err(LOG_ERROR, "file-unmoved", &err);
}

/* The file is in the spool. */
static void
watch_sent(struct watch *watch, const struct drop_file *file, const struct prepare_result *result)
{
    struct err err;

    if (drop_move(watch->drop, file->stamp, DROP_WORKING, DROP_SENT, &err) != 0)
        log_err(LOG_ERROR, "file-unmoved", &err);
    log_event(LOG_INFO, "file-taken", "hand_in=%s record_type=%s rows=%" PRIu64 " refused=%" PRIu64,
              file->stamp, result->type->name, result->rows, result->refused);
}

/* Put the file in hand away, once it is prepared. */
static void
watch_finish(struct watch *watch)
{
    AUTO(task_free) struct task *task = watch->task;
    const struct task_answer *answer = task_wait(task);
    const struct drop_file *file = task_file(task);

    watch->task = NULL;
    if (answer->failed)
        watch_fail(watch, file, &answer->err, clock_mono_ms());
    else if (answer->refusal.code != REFUSAL_NONE)
        watch_refuse(watch, file, &answer->refusal);
    else
        watch_sent(watch, file, &answer->result);
    if (watch->early)
        watch_deliver_all(watch, clock_mono_ms());
    watch->early = false;
}

/* The name must say type and period: a watched file has nobody to ask. */
static void
watch_hand_in(struct watch *watch, struct drop_file *file, int64_t now_ms)
{
    struct err err;

    if (task_start(watch->settings, watch->options->sector, file, &watch->task, &err) != 0)
        watch_fail(watch, file, &err, now_ms);
}

/*
 * Take one file if one is whole and none is in hand. Returns whether there is more to do at once.
 */
static bool
watch_take(struct watch *watch)
{
    struct drop_file file = {.path = NULL};
    int64_t now_ms = clock_mono_ms();
    struct err err;
    int got;

    if (watch->task != NULL) {
        if (!task_done(watch->task))
            return false;
        watch_finish(watch);
        return true;
    }
    if (now_ms < watch->hold_until_ms)
        return false;
    got = drop_next(watch->drop, now_ms, &file, &err);
    if (got < 0) {
        log_err(LOG_ERROR, "drop-unread", &err);
        watch->hold_until_ms = now_ms + WATCH_RETRY_MS;
    }
    if (got > 0)
        watch_hand_in(watch, &file, now_ms);
    drop_file_done(&file);
    return got > 0;
}

/* ---- hand-ins that an earlier process left ---- */

struct watch_search {
    const char *path;
    bool found;
};

static bool
watch_search_row(void *context, const struct spool_row *row)
{
    struct watch_search *search = context;

    search->found = strcmp(row->head.file, search->path) == 0;
    return !search->found;
}

/* A file in hand is in the spool, was refused, or goes back. */
static void
watch_recover(void *context, const struct drop_file *file)
{
    struct watch *watch = context;
    struct watch_search search = {file->path, false};
    AUTO_BUF struct buf reason = {0};
    struct err err;
    int result;

    /* incoming/ before queue/: a submission that is numbered meanwhile is then seen twice, not
       missed */
    if (spool_list(watch->spool, SPOOL_INCOMING_DIR, watch_search_row, &search, &err) != 0 ||
        (!search.found &&
         spool_list(watch->spool, SPOOL_QUEUE_DIR, watch_search_row, &search, &err) != 0)) {
        log_err(LOG_ERROR, "spool-unread", &err);
        return;
    }
    buf_add_fmt(&reason, "%s.reason.txt", file->path);
    if (search.found)
        result = drop_move(watch->drop, file->stamp, DROP_WORKING, DROP_SENT, &err);
    else if (access(buf_str(&reason), F_OK) == 0)
        result = drop_move(watch->drop, file->stamp, DROP_WORKING, DROP_REFUSED, &err);
    else
        result = drop_put_back(watch->drop, file, &err);
    if (result != 0)
        log_err(LOG_ERROR, "file-unmoved", &err);
}

/* ---- the loop ---- */

static int
watch_new(const struct watch_options *options, struct settings *settings, struct watch **ret_watch,
          struct err *err)
{
    AUTO(watch_free) struct watch *watch = mem_zalloc(sizeof(*watch));
    const struct spool_limits limits = {(uint64_t)settings->spool_max_mib << 20,
                                        settings->spool_retain_days};

    watch->options = options;
    watch->settings = settings;
    if (settings->watch_dir == NULL) {
        err_set(err, ERR_CONFIG, "the settings name no drop folder");
        err_hint(err, "set watch.dir");
    } else if (settings_read_keys(settings, &watch->keys, err) == 0 &&
               spool_open(settings->spool_dir, &limits, &watch->spool, err) == 0 &&
               drop_open(settings->watch_dir, &watch->drop, err) == 0) {
        struct owner_options owner = {watch->spool,     settings,         &watch->keys,
                                      options->program, watch_on_receipt, watch};

        watch->owner = owner_new(&owner);
        watch->delivered_ms = INT64_MIN / 2;
        *ret_watch = STEAL(watch);
        return 0;
    }
    watch->settings = NULL; /* still the caller's */
    return -1;
}

static int
watch_load(const struct watch_options *options, struct watch **ret_watch)
{
    AUTO(settings_free) struct settings *settings = NULL;
    AUTO_BUF struct buf problems = {0};
    struct err err;

    if (settings_load(options->config, &settings, &problems, &err) == 0 &&
        watch_new(options, settings, ret_watch, &err) == 0) {
        settings = NULL; /* the watch's now */
        return 0;
    }
    if (problems.len > 0)
        (void)fputs(buf_str(&problems), stderr);
    log_err(LOG_ERROR, "settings-refused", &err);
    return -1;
}

static enum watch_end
watch_signal(int signals)
{
    struct signalfd_siginfo info;
    enum watch_end end = WATCH_GOES_ON;

    while (end != WATCH_STOPS && read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
        end = info.ssi_signo == SIGHUP ? WATCH_RELOADS : WATCH_STOPS;
    return end;
}

/* Send as owner, or wait for our turn. */
static int
watch_step(struct watch *watch, int signals, int timeout_ms, struct err *err)
{
    int doorbell = drop_doorbell(watch->drop);
    int wake[WATCH_WAKES] = {signals};
    struct pollfd polled[WATCH_WAKES];
    size_t wakes = 1;
    int own = owner_try(watch->owner, err);

    /* With a file in hand the next one is not looked for, and the bell would go on ringing. */
    if (watch->task != NULL)
        wake[wakes++] = task_fd(watch->task);
    else if (doorbell >= 0)
        wake[wakes++] = doorbell;
    for (size_t i = 0; i < wakes; i++)
        polled[i] = (struct pollfd){.fd = wake[i], .events = POLLIN};

    if (own < 0)
        return -1;
    if (own > 0 && !watch->owned) {
        log_event(LOG_INFO, "spool-owned", "channel=%s", watch->settings->channel);
        watch_deliver_all(watch, clock_mono_ms());
    }
    watch->owned = own > 0;
    if (own > 0)
        return owner_step(watch->owner, wake, wakes, timeout_ms, err);
    if (clock_mono_ms() - watch->delivered_ms >= WATCH_DELIVER_MS)
        watch_deliver_all(watch, clock_mono_ms());
    (void)poll(polled, wakes, timeout_ms < WATCH_OTHER_MS ? timeout_ms : WATCH_OTHER_MS);
    return 0;
}

/* Run with one set of settings. */
static enum watch_end
watch_loop(struct watch *watch, int signals, struct err *err)
{
    bool took = false;

    if (drop_left(watch->drop, watch_recover, watch, err) != 0)
        return WATCH_STOPS;
    for (;;) {
        enum watch_end end = watch_signal(signals);

        if (end != WATCH_GOES_ON && watch->task != NULL)
            watch_finish(watch);
        if (end != WATCH_GOES_ON)
            return end;
        if (watch_step(watch, signals, took ? 0 : WATCH_STEP_MS, err) != 0)
            return WATCH_STOPS;
        took = watch_take(watch);
    }
}

static int
watch_catch_signals(void)
{
    sigset_t set;

    (void)signal(SIGIO, SIG_IGN); /* a lease that drop.c holds for a moment may be broken */
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The exit status when the session or this machine ended the loop. */
static int
watch_exit(const struct err *err)
{
    if (err->code == ERR_NONE)
        return SENDER_OK;
    log_err(LOG_ERROR, "watch-ends", err);
    return err->code == ERR_FENCED ? SENDER_FENCED : SENDER_FAILED;
}

/* Read the settings anew; a file that is wrong keeps the old ones. */
static void
watch_reload(const struct watch_options *options, struct watch **watch)
{
    struct watch *fresh = NULL;

    if (watch_load(options, &fresh) != 0) {
        log_event(LOG_WARN, "settings-kept", "hint=\"mend the file and send SIGHUP again\"");
        return;
    }
    watch_free(*watch);
    *watch = fresh;
    log_event(LOG_NOTICE, "settings-loaded", "channel=%s", fresh->settings->channel);
}

int
watch_run(const struct watch_options *options)
{
    AUTO(watch_free) struct watch *watch = NULL;
    int signals = watch_catch_signals();
    struct err err = {.code = ERR_NONE};
    enum watch_end end;

    if (watch_load(options, &watch) != 0) {
        (void)close(signals);
        return SENDER_USAGE;
    }
    log_event(LOG_INFO, "watch-begins", "channel=%s", watch->settings->channel);
    while ((end = watch_loop(watch, signals, &err)) == WATCH_RELOADS)
        watch_reload(options, &watch);
    (void)close(signals);
    return watch_exit(&err);
}
