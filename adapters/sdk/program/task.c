#include "sdk/program/task.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "sdk/program/job.h"
#include "sdk/program/sender.h"
#include "sdk/spool/spool.h"

struct task {
    const struct settings *settings;
    const char *sector;
    struct spool *spool;
    struct drop_file file;
    pthread_t thread;
    bool running;
    int done; /* eventfd */
    struct task_answer answer;
};

/* A county's part that is refused here: said beside the file, and the others go on. */
static void
task_refuse_part(const struct job *job, const struct refusal *refusal)
{
    struct err err;

    sender_refuse(job->label, refusal);
    if (drop_write_reason(job->label, refusal->zh, refusal->en, &err) != 0)
        log_err(LOG_WARN, "reason-unwritten", &err);
}

/*
 * A file of many counties: each part is its own submission, and the hand-in is refused only when
 * none is taken. Should we die on the way it is taken anew, and what the hub has is a duplicate.
 */
static void
task_prepare_parts(struct task *task, struct job *job)
{
    struct task_answer *answer = &task->answer;
    struct sink_report report;
    struct refusal refused = {0};
    size_t taken = 0;

    if (job_report_lost(job, &report, &answer->err) != 0)
        log_err(LOG_WARN, "rejects-unwritten", &answer->err);
    sink_report_done(&report);
    for (size_t i = 0; i < job_parts(job) && !answer->failed; i++) {
        job_take_part(job, i);
        prepare_result_done(&answer->result);
        answer->failed = job_run(job, task->spool, &answer->result, &answer->err) != 0;
        if (answer->failed)
            continue;
        taken += answer->result.refusal.code == REFUSAL_NONE;
        if (answer->result.refusal.code != REFUSAL_NONE)
            task_refuse_part(job, &answer->result.refusal);
        if (refused.code == REFUSAL_NONE)
            refused = answer->result.refusal;
    }
    answer->refusal = taken > 0 ? (struct refusal){0} : refused;
}

static void
task_prepare(struct task *task)
{
    const struct job_words words = {.path = task->file.path};
    struct task_answer *answer = &task->answer;
    AUTO_JOB struct job job = {0};

    answer->failed =
        job_make(&words, task->settings, task->sector, &job, &answer->refusal, &answer->err) != 0;
    if (answer->failed || answer->refusal.code != REFUSAL_NONE)
        return;
    if (job.is_split) {
        task_prepare_parts(task, &job);
        return;
    }
    answer->failed = job_run(&job, task->spool, &answer->result, &answer->err) != 0;
    answer->refusal = answer->result.refusal;
}

static void *
task_main(void *context)
{
    struct task *task = context;
    const uint64_t one = 1;

    task_prepare(task);
    while (write(task->done, &one, sizeof(one)) < 0 && errno == EINTR)
        continue;
    return NULL;
}

int
task_start(const struct settings *settings, const char *sector, struct drop_file *file,
           struct task **ret_task, struct err *err)
{
    AUTO(task_free) struct task *task = mem_zalloc(sizeof(*task));
    const struct spool_limits limits = {(uint64_t)settings->spool_max_mib << 20,
                                        settings->spool_retain_days};
    int failed;

    task->settings = settings;
    task->sector = sector;
    task->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (task->done < 0)
        return err_set(err, ERR_SYSTEM, "cannot make an eventfd: %s", strerror(errno));
    if (spool_open(settings->spool_dir, &limits, &task->spool, err) != 0)
        return -1;
    task->file = *file;
    failed = pthread_create(&task->thread, NULL, task_main, task);
    if (failed != 0) {
        task->file = (struct drop_file){.path = NULL};
        return err_set(err, ERR_SYSTEM, "cannot start a thread: %s", strerror(failed));
    }
    task->running = true;
    *file = (struct drop_file){.path = NULL};
    *ret_task = STEAL(task);
    return 0;
}

int
task_fd(const struct task *task)
{
    return task->done;
}

bool
task_done(const struct task *task)
{
    struct pollfd polled = {.fd = task->done, .events = POLLIN};

    return poll(&polled, 1, 0) == 1;
}

const struct drop_file *
task_file(const struct task *task)
{
    return &task->file;
}

const struct task_answer *
task_wait(struct task *task)
{
    if (task->running)
        (void)pthread_join(task->thread, NULL);
    task->running = false;
    return &task->answer;
}

void
task_free(struct task *task)
{
    if (task == NULL)
        return;
    (void)task_wait(task);
    prepare_result_done(&task->answer.result);
    drop_file_done(&task->file);
    spool_close(task->spool);
    if (task->done >= 0)
        (void)close(task->done);
    free(task);
}
