#include "sdk/program/sender.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "sdk/program/hubrows.h"
#include "sdk/program/owner.h"
#include "sdk/spool/receipt.h"

#define SENDER_POLL_MS 20 /* how often a receipt is looked for that another process writes */

/* One submission that waits for its receipt. */
struct sender {
    const struct sender_options *options;
    struct spool *spool;
    struct owner *owner;
    struct prepare_result result;
    struct prepare_options prepared; /* record type that the file was taken for; borrowed */
    int signals;                     /* signalfd */
};

void
sender_refuse(const char *path, const struct refusal *refusal)
{
    AUTO_BUF struct buf json = {0};
    struct err err;

    receipt_format_refusal(refusal, path, &json);
    if (receipt_deliver(path, buf_str(&json), &err) != 0)
        log_err(LOG_WARN, "receipt-undelivered", &err);
}

/* The program's own words to the clerk: "not taken: <zh> (<en>)". */
static void
sender_say_refusal(const struct refusal *refusal)
{
    (void)fprintf(stderr, "未接收：%s\n%s（%s）\n", refusal->zh, refusal->en,
                  refusal_word(refusal->code));
}

static void
sender_say_failure(const char *zh, const struct err *err)
{
    (void)fprintf(stderr, "%s：%s（%s）\n", zh, err->text, err_name(err->code));
    if (err->hint[0] != '\0')
        (void)fprintf(stderr, "  → %s\n", err->hint);
}

/* The submission is safe, but there is no receipt. Says why waiting ended. */
static int
sender_spooled(const char *zh)
{
    (void)fprintf(stderr, "文件已安全存入本机暂存区，%s；下次运行 watch 或 send 时会继续报送。\n",
                  zh);
    return SENDER_SPOOLED;
}

/* A receipt came: print it and put it next to the file. */
static int
sender_finish(const struct sender *sender, const char *json)
{
    AUTO_RECEIPT struct receipt receipt = {0};
    struct err err;

    if (receipt_parse(json, &receipt, &err) != 0) {
        sender_say_failure("回执无法读取", &err); /* the receipt cannot be read */
        return SENDER_FAILED;
    }
    receipt_print(&receipt, stdout);
    const char *base =
        sender->prepared.base != NULL ? sender->prepared.base : sender->prepared.path;

    if (hubrows_report(&sender->prepared, &receipt, &err) != 0)
        sender_say_failure("退回清单没有写成", &err); /* the reject report is not written */
    if (receipt_deliver(base, json, &err) != 0)
        sender_say_failure("回执没有写到文件旁边", &err); /* not written next to the file */
    return receipt_exit(&receipt);
}

/* From here on SIGINT and SIGTERM are read, not suffered. */
static int
sender_catch_signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool
sender_interrupted(const struct sender *sender)
{
    struct signalfd_siginfo info;

    return read(sender->signals, &info, sizeof(info)) == (ssize_t)sizeof(info);
}

/* Send as owner, or wait while another process sends. Returns -1 when the hub will not have us. */
static int
sender_step(const struct sender *sender, int timeout_ms, struct err *err)
{
    struct pollfd wake = {.fd = sender->signals, .events = POLLIN};
    int own = owner_try(sender->owner, err);

    if (own < 0)
        return -1;
    if (own > 0)
        return owner_step(sender->owner, &sender->signals, 1, timeout_ms, err);
    (void)poll(&wake, 1, timeout_ms < SENDER_POLL_MS ? timeout_ms : SENDER_POLL_MS);
    return 0;
}

static int
sender_wait(const struct sender *sender)
{
    const int64_t end_ms = clock_mono_ms() + (int64_t)sender->options->timeout_seconds * 1000;
    struct err err;

    for (;;) {
        AUTO(free) char *json = spool_receipt(sender->spool, sender->result.uuid);
        int64_t left_ms = end_ms - clock_mono_ms();

        if (json != NULL)
            return sender_finish(sender, json);
        if (sender_interrupted(sender))
            return sender_spooled("等待回执时被中断"); /* interrupted */
        if (left_ms <= 0)
            return sender_spooled("中心暂时联系不上"); /* the hub cannot be reached */
        if (sender_step(sender, left_ms > 1000 ? 1000 : (int)left_ms, &err) != 0) {
            sender_say_failure("与中心的连接已停止", &err); /* the connection was stopped */
            return sender_spooled("还没有回执");            /* no receipt yet */
        }
    }
}

/* Rows were refused or something is odd: the whole summary; otherwise the receipt is enough. */
static void
sender_summarise(const struct sender *sender, const struct prepare_result *result)
{
    if (result->refusal.code != REFUSAL_NONE || result->refused > 0 || result->warning_count > 0)
        prepare_print(stdout, &sender->prepared, result);
}

/* Bring the file into the spool. Returns SENDER_OK or the exit code. */
static int
sender_prepare(struct sender *sender, const struct job *job)
{
    struct err err;

    if (job_run(job, sender->spool, &sender->result, &err) != 0) {
        sender_say_failure("文件没有存入暂存区", &err); /* not in the spool */
        return err.code == ERR_MISSING ? SENDER_USAGE : SENDER_FAILED;
    }
    sender_summarise(sender, &sender->result);
    (void)fflush(stdout);
    if (sender->result.refusal.code == REFUSAL_NONE)
        return SENDER_OK;
    sender_refuse(job->label != NULL ? job->label : job->path, &sender->result.refusal);
    return SENDER_REFUSED;
}

static int
sender_deliver(struct sender *sender, const struct job *job, const struct settings_keys *keys)
{
    const struct sender_options *options = sender->options;
    struct owner_options owner = {sender->spool, options->settings, keys, options->program, NULL,
                                  NULL};
    int status;

    sender->prepared = job_options(job);
    status = sender_prepare(sender, job);
    if (status != SENDER_OK)
        return status;
    if (options->no_wait) {
        (void)puts("文件已安全存入本机暂存区。"); /* safe in the spool */
        return SENDER_OK;
    }
    sender->signals = sender_catch_signals();
    sender->owner = owner_new(&owner);
    status = sender_wait(sender);
    owner_free(sender->owner);
    (void)close(sender->signals);
    return status;
}

/*
 * Tell the clerk of rows whose county is not known; they are not sent. Returns SENDER_OK or PARTLY.
 */
static int
sender_report_lost(const struct job *job)
{
    struct sink_report report;
    struct err err;

    if (job_report_lost(job, &report, &err) != 0) {
        sender_say_failure("退回清单没有写成", &err); /* the reject report is not written */
        return SENDER_PARTLY;
    }
    job_print_lost(job, &report, stdout);
    sink_report_done(&report);
    return job->is_split && job->split.lost_count > 0 ? SENDER_PARTLY : SENDER_OK;
}

/* One submission after the other; returns the exit code that asks for most. */
static int
sender_deliver_parts(struct sender *sender, struct job *job, const struct settings_keys *keys)
{
    static const int order[] = {SENDER_FENCED,  SENDER_FAILED,  SENDER_USAGE,
                                SENDER_SPOOLED, SENDER_REFUSED, SENDER_PARTLY};
    bool seen[SENDER_FENCED + 1] = {false};

    seen[sender_report_lost(job)] = true;
    for (size_t i = 0; i < job_parts(job); i++) {
        job_take_part(job, i);
        if (job->is_split)
            (void)printf("—— %06u ——\n", job->options.county);
        prepare_result_done(&sender->result);
        seen[sender_deliver(sender, job, keys)] = true;
    }
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (seen[order[i]])
            return order[i];
    return SENDER_OK;
}

int
sender_run(const struct sender_options *options)
{
    const struct spool_limits limits = {(uint64_t)options->settings->spool_max_mib << 20,
                                        options->settings->spool_retain_days};
    AUTO_KEYS struct settings_keys keys = {0};
    AUTO(spool_close) struct spool *spool = NULL;
    AUTO_JOB struct job job = {0};
    struct sender sender = {.options = options};
    struct refusal refusal = {0};
    struct err err;
    int status;

    if (settings_read_keys(options->settings, &keys, &err) != 0) {
        sender_say_failure("设置有误", &err); /* the settings are wrong */
        return SENDER_USAGE;
    }
    if (job_make(&options->words, options->settings, options->sector, &job, &refusal, &err) != 0) {
        sender_say_failure("文件无法读取", &err); /* the file cannot be read */
        return err.code == ERR_MISSING ? SENDER_USAGE : SENDER_FAILED;
    }
    if (refusal.code != REFUSAL_NONE) {
        sender_say_refusal(&refusal);
        if (job_is_usage(&refusal))
            return SENDER_USAGE;
        sender_refuse(job.path, &refusal);
        return SENDER_REFUSED;
    }
    if (spool_open(options->settings->spool_dir, &limits, &spool, &err) != 0) {
        sender_say_failure("暂存区无法使用", &err); /* the spool cannot be used */
        return SENDER_FAILED;
    }
    sender.spool = spool;
    status = sender_deliver_parts(&sender, &job, &keys);
    prepare_result_done(&sender.result);
    return status;
}
