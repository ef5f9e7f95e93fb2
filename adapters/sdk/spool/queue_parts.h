/*
 * queue_parts — the structs and functions that the files of queue share. Nobody else includes it.
 */
#ifndef QUEUE_PARTS_H
#define QUEUE_PARTS_H

#include "sdk/spool/queue.h"

struct queue_entry {
    uint64_t first, last;
    uint8_t uuid[FRAME_UUID_BYTES]; /* zeros: a gap, whose file is gone */
    bool answered, damaged;
};

struct queue {
    struct spool *spool; /* borrowed */
    int lock, doorbell;
    uint8_t epoch[FRAME_EPOCH_BYTES];
    uint64_t epoch_first, acked;
    bool acked_unsaved;
    struct queue_entry *entries; /* submissions by number; those of older epochs first */
    size_t count;
    struct subfile *open; /* the one read last */
    uint64_t open_first;
};

extern const uint8_t queue_no_uuid[FRAME_UUID_BYTES];

int queue_dir(const struct queue *queue, enum spool_place place);
void queue_append(struct queue *queue, const struct queue_entry *entry);
void queue_entry_remove(struct queue *queue, size_t index);
uint64_t queue_next_seq(const struct queue *queue);

/* Return the entry that holds a number, or the one of a uuid, or NULL. */
struct queue_entry *queue_entry_at(const struct queue *queue, uint64_t seq);
struct queue_entry *queue_entry_of(const struct queue *queue, const uint8_t uuid[FRAME_UUID_BYTES]);

/* Begin a new epoch, durably. */
NODISCARD int queue_write_epoch(struct queue *queue, uint64_t first_seq, struct err *err);

/* Keep a receipt, durably, whether or not the submission is still here. */
NODISCARD int queue_write_receipt(struct queue *queue, const uint8_t uuid[FRAME_UUID_BYTES],
                                  const char *json, size_t len, struct err *err);

#endif
