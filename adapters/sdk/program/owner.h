/*
 * owner — taking the spool when nobody has it, and sending while we do.
 *
 * Every program that waits for a receipt may become the owner; it then sends
 * for all. When the owner goes away, whoever waits next takes over.
 */
#ifndef OWNER_H
#define OWNER_H

#include "base/err.h"
#include "base/mem.h"
#include "sdk/program/settings.h"
#include "sdk/spool/spool.h"
#include "sdk/spool/uplink.h"

struct owner;

struct owner_options {
    struct spool *spool; /* all borrowed for the owner's life */
    const struct settings *settings;
    const struct settings_keys *keys;
    const char *program;
    session_receipt_fn *on_receipt; /* NULL: receipts are put next to their files */
    void *context;
};

struct owner *owner_new(const struct owner_options *options);

/* Say goodbye to the hub and leave the spool to others. NULL is allowed. */
void owner_free(struct owner *owner);
AUTO_DEFINE(struct owner, owner_free)

/*
 * Put a receipt next to the file at `path`, and the rows that the hub refused into its reject
 * report. What cannot be written is logged: the receipt stays in the spool.
 */
void owner_deliver(const struct settings *settings, const struct subfile_head *head,
                   const char *path, const char *json);

/* Become the owner if nobody is: returns 1 when we are, 0 when another process is, -1 on failure. */
NODISCARD int owner_try(struct owner *owner, struct err *err);

/*
 * As owner, go on for one round (uplink_step). Returns 0, or -1 when the session has ended for
 * good: ERR_FENCED, or what the hub refused.
 */
NODISCARD int owner_step(struct owner *owner, const int *wake, size_t wake_count, int timeout_ms,
                         struct err *err);

#endif
