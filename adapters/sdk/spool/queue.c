#include "sdk/spool/queue_parts.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/crash.h"
#include "sdk/spool/durable.h"

const uint8_t queue_no_uuid[FRAME_UUID_BYTES];

int
queue_dir(const struct queue *queue, enum spool_place place)
{
    return spool_dir(queue->spool, place);
}

static bool
queue_has_receipt(const struct queue *queue, const uint8_t uuid[FRAME_UUID_BYTES])
{
    char name[SPOOL_NAME_BYTES];

    spool_name(uuid, ".json", name);
    return faccessat(queue_dir(queue, SPOOL_RECEIPTS_DIR), name, F_OK, 0) == 0;
}

void
queue_append(struct queue *queue, const struct queue_entry *entry)
{
    queue->entries = mem_grow(queue->entries, queue->count + 1, sizeof(*queue->entries));
    queue->entries[queue->count++] = *entry;
}

void
queue_entry_remove(struct queue *queue, size_t index)
{
    queue->count--;
    memmove(&queue->entries[index], &queue->entries[index + 1],
            (queue->count - index) * sizeof(*queue->entries));
}

uint64_t
queue_next_seq(const struct queue *queue)
{
    uint64_t next = queue->epoch_first > queue->acked ? queue->epoch_first : queue->acked;

    if (queue->count > 0 && queue->entries[queue->count - 1].last + 1 > next)
        next = queue->entries[queue->count - 1].last + 1;
    return next;
}

/* Return the entry that holds `seq`, or NULL. */
struct queue_entry *
queue_entry_at(const struct queue *queue, uint64_t seq)
{
    size_t low = 0, high = queue->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (queue->entries[middle].last < seq)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == queue->count || queue->entries[low].first > seq)
        return NULL;
    return &queue->entries[low];
}

struct queue_entry *
queue_entry_of(const struct queue *queue, const uint8_t uuid[FRAME_UUID_BYTES])
{
    if (memcmp(uuid, queue_no_uuid, FRAME_UUID_BYTES) == 0)
        return NULL;
    for (size_t i = queue->count; i-- > 0;) /* the newest are asked for most */
        if (memcmp(queue->entries[i].uuid, uuid, FRAME_UUID_BYTES) == 0)
            return &queue->entries[i];
    return NULL;
}

/* ---- becoming the owner ---- */

int
queue_write_epoch(struct queue *queue, uint64_t first_seq, struct err *err)
{
    uint8_t epoch[FRAME_EPOCH_BYTES];
    char hex[2 * FRAME_EPOCH_BYTES + 1], text[80];
    int len;

    digest_random(epoch, sizeof(epoch));
    digest_hex(epoch, sizeof(epoch), hex);
    len = snprintf(text, sizeof(text), "%s %" PRIu64 "\n", hex, first_seq);
    if (durable_replace(queue_dir(queue, SPOOL_ROOT), "epoch", text, (size_t)len, err) != 0)
        return err_wrap(err, "cannot write the spool's epoch");
    memcpy(queue->epoch, epoch, sizeof(epoch));
    queue->epoch_first = first_seq;
    return 0;
}

static int
queue_lock(struct queue *queue, struct err *err)
{
    queue->lock = openat(queue_dir(queue, SPOOL_ROOT), "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (queue->lock < 0)
        return err_set(err, ERR_SYSTEM, "cannot open the spool's lock: %s", strerror(errno));
    if (flock(queue->lock, LOCK_EX | LOCK_NB) == 0)
        return 1;
    if (errno == EWOULDBLOCK || errno == EINTR)
        return 0;
    return err_set(err, ERR_SYSTEM, "cannot lock the spool: %s", strerror(errno));
}

static int
queue_compare(const void *a, const void *b)
{
    const struct queue_entry *left = a, *right = b;

    return left->first < right->first ? -1 : left->first > right->first;
}

static bool
queue_scan_file(void *context, int dir, const char *name)
{
    struct queue *queue = context;
    struct queue_entry entry = {0};
    struct subfile_head head;
    struct err err;

    if (!spool_queue_name_read(name, &entry.first, &entry.last, entry.uuid))
        return true;
    entry.answered = queue_has_receipt(queue, entry.uuid);
    entry.damaged = subfile_peek(dir, name, &head, &err) != 0 ||
                    head.batches + 1 != entry.last - entry.first ||
                    memcmp(head.uuid, entry.uuid, sizeof(head.uuid)) != 0;
    queue_append(queue, &entry);
    return true;
}

/* Put an entry without file where the numbers of the epoch have a gap. */
static int
queue_scan_gaps(struct queue *queue, struct err *err)
{
    for (size_t i = 1; i < queue->count; i++) {
        const struct queue_entry *before = &queue->entries[i - 1], *entry = &queue->entries[i];
        struct queue_entry gap = {
            .first = before->last + 1, .last = entry->first - 1, .damaged = true};

        if (entry->first <= before->last) {
            err_set(err, ERR_CONFLICT, "two submissions in the spool claim the number %" PRIu64,
                    entry->first);
            return err_hint(err, "move the copy out of the spool's queue directory");
        }
        if (entry->first == before->last + 1 || entry->first <= queue->epoch_first)
            continue;
        if (gap.first < queue->epoch_first)
            gap.first = queue->epoch_first;
        queue_append(queue, &gap);
        qsort(queue->entries, queue->count, sizeof(*queue->entries), queue_compare);
    }
    return 0;
}

static int
queue_scan(struct queue *queue, struct err *err)
{
    bool has_acked = spool_acked(queue->spool, &queue->acked);

    if (durable_walk(queue_dir(queue, SPOOL_QUEUE_DIR), queue_scan_file, queue, err) != 0)
        return -1;
    if (queue->count > 1)
        qsort(queue->entries, queue->count, sizeof(*queue->entries), queue_compare);
    if (!spool_epoch(queue->spool, queue->epoch, &queue->epoch_first)) {
        uint64_t first = queue->count > 0 ? queue->entries[0].first : 1;

        if (queue_write_epoch(queue, has_acked ? queue->acked : first, err) != 0)
            return -1;
    }
    if (queue->acked < queue->epoch_first)
        queue->acked = queue->epoch_first;
    return queue_scan_gaps(queue, err);
}

int
queue_own(struct spool *spool, struct queue **ret_queue, struct err *err)
{
    AUTO(queue_close) struct queue *queue = mem_zalloc(sizeof(*queue));
    int locked;

    queue->spool = spool;
    queue->lock = queue->doorbell = -1;
    locked = queue_lock(queue, err);
    if (locked <= 0)
        return locked;
    durable_sweep(queue_dir(queue, SPOOL_ROOT));
    durable_sweep(queue_dir(queue, SPOOL_INCOMING_DIR));
    durable_sweep(queue_dir(queue, SPOOL_RECEIPTS_DIR));
    if (queue_scan(queue, err) != 0)
        return -1;

    queue->doorbell = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (queue->doorbell >= 0) {
        char path[64];

        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
                       queue_dir(queue, SPOOL_INCOMING_DIR));
        (void)inotify_add_watch(queue->doorbell, path, IN_MOVED_TO);
    }
    *ret_queue = STEAL(queue);
    return 1;
}

void
queue_close(struct queue *queue)
{
    struct err err;

    if (queue == NULL)
        return;
    if (queue_save(queue, &err) != 0)
        queue->acked_unsaved = false; /* only a hint: the hub tells it again */
    subfile_close(queue->open);
    if (queue->doorbell >= 0)
        (void)close(queue->doorbell);
    if (queue->lock >= 0)
        (void)close(queue->lock); /* releases the lock */
    free(queue->entries);
    free(queue);
}

int
queue_write_receipt(struct queue *queue, const uint8_t uuid[FRAME_UUID_BYTES], const char *json,
                    size_t len, struct err *err)
{
    char name[SPOOL_NAME_BYTES];

    spool_name(uuid, ".json", name);
    crash_here("receipt-before-write");
    if (durable_replace(queue_dir(queue, SPOOL_RECEIPTS_DIR), name, json, len, err) != 0)
        return err_wrap(err, "cannot keep a receipt");
    crash_here("receipt-after-write");
    return 0;
}

int
queue_doorbell(const struct queue *queue)
{
    return queue->doorbell;
}

/* ---- reading ---- */

struct queue_position
queue_position(const struct queue *queue)
{
    struct queue_position position = {.next_seq = queue_next_seq(queue), .acked = queue->acked};
    bool found = false;

    memcpy(position.epoch, queue->epoch, sizeof(position.epoch));
    position.first_seq = position.next_seq;
    for (size_t i = 0; i < queue->count; i++) {
        const struct queue_entry *entry = &queue->entries[i];

        if (entry->first < queue->epoch_first)
            continue;
        if (entry->damaged && entry->last < queue->acked) {
            found = false; /* entries that we have and the hub has not begin behind it */
            continue;
        }
        if (!found)
            position.first_seq = entry->first;
        found = true;
        if (!entry->answered && !entry->damaged && position.receipts_from == 0)
            position.receipts_from = entry->last;
    }
    if (!found)
        position.first_seq = position.next_seq;
    return position;
}

static int
queue_open(struct queue *queue, struct queue_entry *entry, struct err *err)
{
    char name[SPOOL_NAME_BYTES];

    if (queue->open != NULL && queue->open_first == entry->first)
        return 0;
    subfile_close(queue->open);
    queue->open = NULL;
    if (entry->damaged)
        return err_set(err, ERR_INPUT, "the submission file is damaged");
    spool_queue_name(entry->first, entry->last, entry->uuid, name);
    if (subfile_open(queue_dir(queue, SPOOL_QUEUE_DIR), name, &queue->open, err) == 0) {
        queue->open_first = entry->first;
        return 0;
    }
    if (err->code == ERR_MISSING)
        err->code = ERR_INPUT;
    entry->damaged = err->code == ERR_INPUT;
    return -1;
}

static void
queue_frame_open(const struct subfile_head *head, const struct queue_entry *entry,
                 struct frame *ret_frame)
{
    *ret_frame = (struct frame){.kind = FRAME_OPEN,
                                .open = {.seq = entry->first,
                                         .last_seq = entry->last,
                                         .producer = head->producer,
                                         .record_type = head->record_type,
                                         .county = head->county,
                                         .period = head->period,
                                         .kind = head->kind,
                                         .revision = head->revision,
                                         .nil = head->nil,
                                         .rows = head->rows,
                                         .unresolved = head->unresolved,
                                         .batches = head->batches}};
    memcpy(ret_frame->open.uuid, head->uuid, sizeof(head->uuid));
    memcpy(ret_frame->open.digest, head->digest, sizeof(head->digest));
}

static void
queue_frame_close(const struct subfile_head *head, const struct queue_entry *entry,
                  struct frame *ret_frame)
{
    *ret_frame = (struct frame){.kind = FRAME_CLOSE,
                                .close = {.seq = entry->last,
                                          .rows = head->rows,
                                          .unresolved = head->unresolved,
                                          .batches = head->batches,
                                          .nil = head->nil,
                                          .total_count = head->total_count}};
    memcpy(ret_frame->close.digest, head->digest, sizeof(head->digest));
    memcpy(ret_frame->close.totals, head->totals, head->total_count * sizeof(head->totals[0]));
}

static int
queue_item_batch(struct queue *queue, uint64_t seq, struct queue_item *ret_item, struct err *err)
{
    uint32_t index = (uint32_t)(seq - queue->open_first - 1);
    const struct subfile_batch *batch = subfile_batch(queue->open, index);

    if (subfile_payload(queue->open, index, &ret_item->payload, err) != 0)
        return -1;
    ret_item->payload_len = batch->len;
    ret_item->frame =
        (struct frame){.kind = FRAME_BATCH,
                       .batch = {.seq = seq, .rows = batch->rows, .unresolved = batch->unresolved}};
    memcpy(ret_item->frame.batch.digest, batch->digest, sizeof(batch->digest));
    if (index > 0)
        memcpy(ret_item->frame.batch.previous, subfile_batch(queue->open, index - 1)->digest,
               sizeof(batch->digest));
    return 0;
}

int
queue_read(struct queue *queue, uint64_t seq, struct queue_item *ret_item, struct err *err)
{
    struct queue_entry *entry = queue_entry_at(queue, seq);
    struct queue_item item = {0};

    if (entry == NULL || entry->first < queue->epoch_first)
        return 0;
    if (queue_open(queue, entry, err) != 0)
        return -1;
    if (seq == entry->first)
        queue_frame_open(subfile_head(queue->open), entry, &item.frame);
    else if (seq == entry->last)
        queue_frame_close(subfile_head(queue->open), entry, &item.frame);
    else if (queue_item_batch(queue, seq, &item, err) != 0) {
        entry->damaged = err->code == ERR_INPUT;
        return -1;
    }
    *ret_item = item;
    return 1;
}

/* ---- acknowledging ---- */

void
queue_acknowledge(struct queue *queue, uint64_t next_seq)
{
    if (queue->acked == next_seq)
        return;
    queue->acked = next_seq;
    queue->acked_unsaved = true;
}

int
queue_save(struct queue *queue, struct err *err)
{
    char text[32];
    int len;

    if (!queue->acked_unsaved)
        return 0;
    len = snprintf(text, sizeof(text), "%" PRIu64 "\n", queue->acked);
    if (durable_replace(queue_dir(queue, SPOOL_ROOT), "acked", text, (size_t)len, err) != 0)
        return err_wrap(err, "cannot write the spool's position");
    queue->acked_unsaved = false;
    return 0;
}

int
queue_answer(struct queue *queue, const uint8_t uuid[FRAME_UUID_BYTES], const char *json,
             size_t len, struct err *err)
{
    struct queue_entry *entry = queue_entry_of(queue, uuid);

    if (entry == NULL)
        return 0;
    if (queue_write_receipt(queue, uuid, json, len, err) != 0)
        return -1;
    entry->answered = true;
    return 1;
}

int
queue_find(const struct queue *queue, const uint8_t uuid[FRAME_UUID_BYTES],
           struct subfile_head *ret_head)
{
    const struct queue_entry *entry = queue_entry_of(queue, uuid);
    char name[SPOOL_NAME_BYTES];
    struct err err;

    if (entry == NULL)
        return -1;
    spool_queue_name(entry->first, entry->last, entry->uuid, name);
    return subfile_peek(queue_dir(queue, SPOOL_QUEUE_DIR), name, ret_head, &err);
}

bool
queue_answered_before(const struct queue *queue, uint64_t seq)
{
    for (size_t i = 0; i < queue->count; i++) {
        const struct queue_entry *entry = &queue->entries[i];

        if (entry->first >= queue->epoch_first && entry->last < seq && !entry->answered &&
            !entry->damaged)
            return false;
    }
    return true;
}
