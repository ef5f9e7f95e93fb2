#include "sdk/program/owner.h"

#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "sdk/program/hubrows.h"
#include "sdk/spool/receipt.h"
#include "sdk/prepare/split.h"

struct owner {
    struct owner_options options;
    struct queue *queue; /* NULL while another process owns the spool */
    struct uplink *uplink;
};

struct owner *
owner_new(const struct owner_options *options)
{
    struct owner *owner = mem_zalloc(sizeof(*owner));

    owner->options = *options;
    return owner;
}

void
owner_free(struct owner *owner)
{
    if (owner == NULL)
        return;
    uplink_close(owner->uplink);
    queue_close(owner->queue);
    free(owner);
}

void
owner_deliver(const struct settings *settings, const struct subfile_head *head, const char *path,
              const char *json)
{
    AUTO_BUF struct buf source = {0};
    struct prepare_options options;
    AUTO_RECEIPT struct receipt receipt = {0};
    struct err err;

    split_path(path, head->county, &source);
    options = hubrows_options(head, settings, buf_str(&source));
    options.split = strcmp(buf_str(&source), path) != 0;
    options.base = options.split ? path : NULL;
    if (receipt_parse(json, &receipt, &err) != 0 || hubrows_report(&options, &receipt, &err) != 0)
        log_err(LOG_WARN, "rejects-unwritten", &err);
    if (receipt_deliver(path, json, &err) != 0)
        log_err(LOG_INFO, "receipt-undelivered", &err);
}

/* A receipt came for somebody's submission; the file may have been moved away. */
static void
owner_on_receipt(void *context, const struct subfile_head *head,
                 const uint8_t uuid[FRAME_UUID_BYTES], const char *json)
{
    const struct owner *owner = context;

    (void)uuid;
    owner_deliver(owner->options.settings, head, head->file, json);
}

int
owner_try(struct owner *owner, struct err *err)
{
    const struct owner_options *options = &owner->options;
    struct uplink_options uplink = {
        .endpoint = options->settings->endpoint,
        .server_key = options->keys->server,
        .channel = options->settings->channel,
        .program = options->program,
        .keys = &options->keys->own,
        .on_receipt = options->on_receipt != NULL ? options->on_receipt : owner_on_receipt,
        .context = options->on_receipt != NULL ? options->context : owner};
    AUTO(queue_close) struct queue *queue = NULL;
    int own;

    if (owner->queue != NULL)
        return 1;
    own = queue_own(options->spool, &queue, err);
    if (own <= 0)
        return own;
    if (uplink_open(&uplink, queue, &owner->uplink, err) != 0)
        return -1;
    owner->queue = STEAL(queue);
    return 1;
}

int
owner_step(struct owner *owner, const int *wake, size_t wake_count, int timeout_ms, struct err *err)
{
    assert(owner->queue != NULL);
    return uplink_step(owner->uplink, wake, wake_count, timeout_ms, err);
}
