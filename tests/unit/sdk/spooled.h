/*
 * spooled — a spool in a temporary directory, with submissions in it, for tests.
 */
#ifndef SPOOLED_H
#define SPOOLED_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "sdk/spool/queue.h"
#include "sdk/spool/spool.h"
#include "unit.h"

#define SPOOLED_PAYLOAD 100

static char spooled_dir[64];
static struct spool *spooled_spool;
static const struct spool_limits spooled_limits = {64 << 20, 35};

static inline void
spooled_setup(void)
{
    struct err err;

    unit_folder(spooled_dir, sizeof(spooled_dir));
    ck_assert_int_eq(spool_open(spooled_dir, &spooled_limits, &spooled_spool, &err), 0);
}

static inline int
spooled_remove(const char *path, const struct stat *stat, int flag, struct FTW *walk)
{
    (void)stat;
    (void)flag;
    (void)walk;
    return remove(path);
}

static inline void
spooled_teardown(void)
{
    spool_close(spooled_spool);
    spooled_spool = NULL;
    ck_assert_int_eq(nftw(spooled_dir, spooled_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* The payload of a batch: bytes that tell submissions and batches apart. */
static inline void
spooled_payload(uint8_t mark, uint32_t batch, uint8_t ret_payload[SPOOLED_PAYLOAD])
{
    memset(ret_payload, mark, SPOOLED_PAYLOAD);
    ret_payload[0] = (uint8_t)batch;
}

static inline void
spooled_uuid(uint8_t mark, uint8_t ret_uuid[FRAME_UUID_BYTES])
{
    memset(ret_uuid, mark, FRAME_UUID_BYTES);
}

static inline int
spooled_try(struct spool *spool, uint8_t mark, uint32_t batches, struct err *err)
{
    struct spool_meta meta = {.producer = "ybj",
                              .record_type = "insurance.enrolment",
                              .county = 360781,
                              .period = 202510,
                              .kind = FRAME_FULL,
                              .nil = batches == 0,
                              .file = "/agency/file.csv"};
    AUTO(spool_writer_abort) struct spool_writer *writer = NULL;
    uint8_t payload[SPOOLED_PAYLOAD], digest[DIGEST_BYTES];
    const int64_t totals[] = {100, -7};

    spooled_uuid(mark, meta.uuid);
    if (spool_writer_begin(spool, &meta, &writer, err) != 0)
        return -1;
    for (uint32_t i = 0; i < batches; i++) {
        spooled_payload(mark, i, payload);
        if (spool_writer_batch(writer, payload, sizeof(payload), 9, 1, err) != 0)
            return -1;
    }
    return spool_writer_commit(STEAL(writer), totals, 2, digest, err);
}

/* Put a submission into incoming/; its uuid is `mark` in every byte. */
static inline void
spooled_put(uint8_t mark, uint32_t batches)
{
    struct err err;

    ck_assert_int_eq(spooled_try(spooled_spool, mark, batches, &err), 0);
}

static inline struct queue *
spooled_own(void)
{
    struct queue *queue = NULL;
    struct err err = {0};
    size_t damaged;
    int own = queue_own(spooled_spool, &queue, &err);

    ck_assert_msg(own == 1, "own %d: %s", own, err.text);
    ck_assert_int_eq(queue_adopt(queue, &damaged, &err), 0);
    ck_assert_uint_eq(damaged, 0);
    return queue;
}

/* Count the names in a directory of the spool that end with `suffix`. */
static inline int
spooled_count(const char *place, const char *suffix)
{
    char path[512];
    const struct dirent *entry;
    int count = 0;

    (void)snprintf(path, sizeof(path), "%s/%s", spooled_dir, place);
    DIR *list = opendir(path);
    while ((entry = readdir(list)) != NULL) {
        size_t len = strlen(entry->d_name);

        count += len > strlen(suffix) && strcmp(entry->d_name + len - strlen(suffix), suffix) == 0;
    }
    (void)closedir(list);
    return count;
}

/* Path of the submission of `mark` in queue/. */
static inline void
spooled_queue_path(uint64_t first, uint64_t last, uint8_t mark, char ret_path[512])
{
    uint8_t uuid[FRAME_UUID_BYTES];
    char name[SPOOL_NAME_BYTES];

    spooled_uuid(mark, uuid);
    spool_queue_name(first, last, uuid, name);
    (void)snprintf(ret_path, 512, "%s/queue/%s", spooled_dir, name);
}

/* Turn one bit of a file. */
static inline void
spooled_flip(const char *path, off_t offset)
{
    int fd = open(path, O_RDWR);
    uint8_t byte;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pread(fd, &byte, 1, offset), 1);
    byte ^= 1;
    ck_assert_int_eq(pwrite(fd, &byte, 1, offset), 1);
    (void)close(fd);
}

#endif
