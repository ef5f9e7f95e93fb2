/* Files coming into the queue, set aside, and removed. */
#include "sdk/spool/queue_parts.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/crash.h"
#include "sdk/spool/durable.h"
#include "sdk/spool/receipt.h"

struct queue_arrival {
    int64_t created_us;
    uint8_t uuid[FRAME_UUID_BYTES];
    uint32_t batches;
    bool damaged;
};

struct queue_arrivals {
    struct queue_arrival *items;
    size_t count;
};

static bool
queue_arrive(void *context, const struct spool_row *row)
{
    struct queue_arrivals *arrivals = context;
    struct queue_arrival *arrival;

    arrivals->items = mem_grow(arrivals->items, arrivals->count + 1, sizeof(*arrivals->items));
    arrival = &arrivals->items[arrivals->count++];
    *arrival = (struct queue_arrival){.created_us = row->head.created_us,
                                      .batches = row->head.batches,
                                      .damaged = row->state == SPOOL_DAMAGED};
    memcpy(arrival->uuid, row->head.uuid, sizeof(arrival->uuid));
    return true;
}

static int
queue_compare_arrivals(const void *a, const void *b)
{
    const struct queue_arrival *left = a, *right = b;

    if (left->created_us != right->created_us)
        return left->created_us < right->created_us ? -1 : 1;
    return memcmp(left->uuid, right->uuid, sizeof(left->uuid));
}

/* Tell the sender of a damaged submission to send the file again. */
static int
queue_answer_damaged(struct queue *queue, const uint8_t uuid[FRAME_UUID_BYTES], struct err *err)
{
    AUTO_BUF struct buf json = {0};

    if (memcmp(uuid, queue_no_uuid, FRAME_UUID_BYTES) == 0)
        return 0;
    receipt_format_damaged(uuid, &json);
    return queue_write_receipt(queue, uuid, buf_str(&json), json.len, err);
}

/* Rename a damaged file so that nobody takes it for a submission. It may be gone. */
static int
queue_bury(int dir, const char *name, struct err *err)
{
    char aside[SPOOL_NAME_BYTES + 16];

    (void)snprintf(aside, sizeof(aside), "%s.damaged", name);
    if (renameat(dir, name, dir, aside) != 0 && errno != ENOENT)
        return err_set(err, ERR_SYSTEM, "cannot set a damaged submission aside: %s",
                       strerror(errno));
    return durable_sync(dir, err);
}

static int
queue_number(struct queue *queue, const struct queue_arrival *arrival, struct err *err)
{
    struct queue_entry entry = {.first = queue_next_seq(queue)};
    char from[SPOOL_NAME_BYTES], to[SPOOL_NAME_BYTES];

    memcpy(entry.uuid, arrival->uuid, sizeof(entry.uuid));
    entry.last = entry.first + arrival->batches + 1;
    spool_name(entry.uuid, ".sub", from);
    spool_queue_name(entry.first, entry.last, entry.uuid, to);
    if (renameat(queue_dir(queue, SPOOL_INCOMING_DIR), from, queue_dir(queue, SPOOL_QUEUE_DIR),
                 to) != 0)
        return err_set(err, ERR_SYSTEM, "cannot number a submission: %s", strerror(errno));
    crash_here("adopt-after-rename");
    queue_append(queue, &entry);
    return 0;
}

static int
queue_number_all(struct queue *queue, struct queue_arrivals *arrivals, size_t *ret_damaged,
                 struct err *err)
{
    int incoming = queue_dir(queue, SPOOL_INCOMING_DIR);
    char name[SPOOL_NAME_BYTES];
    int result = 0;

    qsort(arrivals->items, arrivals->count, sizeof(*arrivals->items), queue_compare_arrivals);
    for (size_t i = 0; i < arrivals->count && result == 0; i++) {
        const struct queue_arrival *arrival = &arrivals->items[i];

        if (!arrival->damaged) {
            result = queue_number(queue, arrival, err);
            continue;
        }
        spool_name(arrival->uuid, ".sub", name);
        result = queue_answer_damaged(queue, arrival->uuid, err);
        if (result == 0)
            result = queue_bury(incoming, name, err);
        ++*ret_damaged;
    }
    /* what was numbered may be sent, so it must not come back unnumbered after a power cut */
    if (durable_sync(queue_dir(queue, SPOOL_QUEUE_DIR), result == 0 ? err : &(struct err){0}) != 0)
        return -1;
    return result;
}

int
queue_adopt(struct queue *queue, size_t *ret_damaged, struct err *err)
{
    struct queue_arrivals arrivals = {0};
    char drained[4096];
    int result = 0;

    *ret_damaged = 0;
    while (queue->doorbell >= 0 && read(queue->doorbell, drained, sizeof(drained)) > 0)
        continue;
    if (spool_list(queue->spool, SPOOL_INCOMING_DIR, queue_arrive, &arrivals, err) != 0)
        result = -1;
    else if (arrivals.count > 0)
        result = queue_number_all(queue, &arrivals, ret_damaged, err);
    free(arrivals.items);
    return result;
}

int
queue_set_aside(struct queue *queue, uint64_t seq, struct subfile_head *ret_head, struct err *err)
{
    const struct queue_entry *entry = queue_entry_at(queue, seq);
    int dir = queue_dir(queue, SPOOL_QUEUE_DIR);
    struct subfile_head head = {0};
    char name[SPOOL_NAME_BYTES];
    uint64_t next;

    assert(entry != NULL);
    next = entry->last + 1;
    spool_queue_name(entry->first, entry->last, entry->uuid, name);
    if (subfile_peek(dir, name, &head, err) != 0)
        head = (struct subfile_head){0};
    memcpy(head.uuid, entry->uuid, sizeof(head.uuid));
    subfile_close(queue->open);
    queue->open = NULL;
    /* its numbers must never be given out again in this epoch, so the new one comes before
       the rename */
    if (queue_answer_damaged(queue, head.uuid, err) != 0 ||
        queue_write_epoch(queue, next, err) != 0 || queue_bury(dir, name, err) != 0)
        return -1;
    queue_entry_remove(queue, (size_t)(entry - queue->entries));
    queue_acknowledge(queue, next);
    *ret_head = head;
    return 0;
}

/* Whether a file was last changed more than retain_days ago. */
static bool
queue_is_old(const struct queue *queue, int dir, const char *name)
{
    const int64_t seconds = (int64_t)spool_limits(queue->spool)->retain_days * 24 * 3600;
    struct stat stat;

    return fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) == 0 &&
           time(NULL) - stat.st_mtime > seconds;
}

/* Remove old receipts and damaged files that belong to no entry. */
static bool
queue_retire_file(void *context, int dir, const char *name)
{
    const struct queue *queue = context;
    const char *end = strrchr(name, '.');
    char hex[2 * FRAME_UUID_BYTES + 1];
    uint8_t uuid[FRAME_UUID_BYTES];

    if (end == NULL || (strcmp(end, ".json") != 0 && strcmp(end, ".damaged") != 0))
        return true;
    (void)snprintf(hex, sizeof(hex), "%s", name);
    if (digest_unhex(hex, uuid, sizeof(uuid)) == 0 && queue_entry_of(queue, uuid) != NULL)
        return true;
    if (queue_is_old(queue, dir, name))
        (void)unlinkat(dir, name, 0);
    return true;
}

int
queue_retire(struct queue *queue, struct err *err)
{
    char name[SPOOL_NAME_BYTES], receipt[SPOOL_NAME_BYTES];

    while (queue->count > 1) {
        const struct queue_entry *entry = &queue->entries[0];
        bool gone = memcmp(entry->uuid, queue_no_uuid, sizeof(queue_no_uuid)) == 0;

        spool_name(entry->uuid, ".json", receipt);
        if (entry->last >= queue->acked ||
            (!gone && (!entry->answered ||
                       !queue_is_old(queue, queue_dir(queue, SPOOL_RECEIPTS_DIR), receipt))))
            break;
        if (queue_save(queue, err) != 0) /* the count must not depend on what is removed */
            return -1;
        if (queue->open != NULL && queue->open_first == entry->first) {
            subfile_close(queue->open);
            queue->open = NULL;
        }
        spool_queue_name(entry->first, entry->last, entry->uuid, name);
        if (!gone && unlinkat(queue_dir(queue, SPOOL_QUEUE_DIR), name, 0) != 0 && errno != ENOENT)
            return err_set(err, ERR_SYSTEM, "cannot remove an acknowledged submission: %s",
                           strerror(errno));
        queue_entry_remove(queue, 0);
    }
    for (int place = SPOOL_INCOMING_DIR; place < SPOOL_PLACES; place++)
        if (durable_walk(queue_dir(queue, (enum spool_place)place), queue_retire_file, queue,
                         err) != 0)
            return -1;
    return 0;
}
