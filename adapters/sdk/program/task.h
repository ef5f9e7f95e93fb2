/*
 * task — one hand-in, prepared on a thread of its own.
 *
 * A large file takes seconds; meanwhile the session goes on, so the hub hears that
 * we are alive. The thread has the file and a spool of its own and borrows the
 * settings; it tells nobody but by its descriptor, and nothing of the answer may
 * be read before that is readable.
 */
#ifndef TASK_H
#define TASK_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/refusal.h"
#include "sdk/program/drop.h"
#include "sdk/prepare/prepare.h"
#include "sdk/program/settings.h"

struct task;

/* The outcome of the file. The result is the task's. */
struct task_answer {
    bool failed; /* this machine could not take the file: err */
    struct err err;
    struct refusal refusal; /* REFUSAL_NONE: it is in the spool */
    struct prepare_result result;
};

/*
 * Begin. `file` becomes the task's and is emptied; settings and sector are borrowed for its life.
 * ERR_SYSTEM when there is no thread or spool to be had; the file is still the caller's then.
 */
NODISCARD int task_start(const struct settings *settings, const char *sector,
                         struct drop_file *file, struct task **ret_task, struct err *err);

/* Readable once it is done. */
int task_fd(const struct task *task);
bool task_done(const struct task *task);

const struct drop_file *task_file(const struct task *task);

/* Wait for the end and give the answer; it and the file live until task_free. */
const struct task_answer *task_wait(struct task *task);

/* Wait for the end and free everything. NULL is allowed. */
void task_free(struct task *task);
AUTO_DEFINE(struct task, task_free)

#endif
