#include "sdk/spool/spool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash.h"
#include "sdk/spool/durable.h"

#define SPOOL_RECEIPT_MAX (1 << 20)
#define SPOOL_SEQ_DIGITS 16
#define SPOOL_HEX (2 * FRAME_UUID_BYTES)

struct spool {
    int dirs[SPOOL_PLACES];
    struct spool_limits limits;
};

struct spool_writer {
    const struct spool *spool; /* borrowed */
    struct subfile_writer *file;
    char temporary[DURABLE_NAME_MAX];
    uint64_t room; /* bytes that the spool may still take */
    bool named;    /* the temporary file is there */
};

static int
spool_open_dir(int parent, const char *path, int *ret_dir, struct err *err)
{
    if (mkdirat(parent, path, 0700) != 0 && errno != EEXIST)
        return err_set(err, ERR_SYSTEM, "cannot create the spool directory: %s", strerror(errno));
    *ret_dir = openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret_dir < 0)
        return err_set(err, ERR_SYSTEM, "cannot open the spool directory: %s", strerror(errno));
    return 0;
}

int
spool_open(const char *dir, const struct spool_limits *limits, struct spool **ret_spool,
           struct err *err)
{
    static const char *const names[SPOOL_PLACES] = {NULL, "incoming", "queue", "receipts"};
    AUTO(spool_close) struct spool *spool = mem_zalloc(sizeof(*spool));

    spool->limits = *limits;
    for (int i = 0; i < SPOOL_PLACES; i++)
        spool->dirs[i] = -1;
    for (int i = 0; i < SPOOL_PLACES; i++)
        if (spool_open_dir(i == SPOOL_ROOT ? AT_FDCWD : spool->dirs[SPOOL_ROOT],
                           i == SPOOL_ROOT ? dir : names[i], &spool->dirs[i], err) != 0)
            return err_hint(err, "check spool.dir in the settings and who may write there");
    *ret_spool = STEAL(spool);
    return 0;
}

void
spool_close(struct spool *spool)
{
    if (spool == NULL)
        return;
    for (int i = 0; i < SPOOL_PLACES; i++)
        if (spool->dirs[i] >= 0)
            (void)close(spool->dirs[i]);
    free(spool);
}

int
spool_dir(const struct spool *spool, enum spool_place place)
{
    return spool->dirs[place];
}

const struct spool_limits *
spool_limits(const struct spool *spool)
{
    return &spool->limits;
}

void
spool_name(const uint8_t uuid[FRAME_UUID_BYTES], const char *suffix,
           char ret_name[SPOOL_NAME_BYTES])
{
    char hex[SPOOL_HEX + 1];

    digest_hex(uuid, FRAME_UUID_BYTES, hex);
    (void)snprintf(ret_name, SPOOL_NAME_BYTES, "%s%s", hex, suffix);
}

void
spool_queue_name(uint64_t first_seq, uint64_t last_seq, const uint8_t uuid[FRAME_UUID_BYTES],
                 char ret_name[SPOOL_NAME_BYTES])
{
    char hex[SPOOL_HEX + 1];

    digest_hex(uuid, FRAME_UUID_BYTES, hex);
    (void)snprintf(ret_name, SPOOL_NAME_BYTES, "%0*" PRIu64 "-%0*" PRIu64 "-%s.sub",
                   SPOOL_SEQ_DIGITS, first_seq, SPOOL_SEQ_DIGITS, last_seq, hex);
}

bool
spool_name_read(const char *name, uint8_t ret_uuid[FRAME_UUID_BYTES])
{
    char hex[SPOOL_HEX + 1], again[SPOOL_NAME_BYTES];

    if (strlen(name) != SPOOL_HEX + 4 || strcmp(name + SPOOL_HEX, ".sub") != 0)
        return false;
    memcpy(hex, name, SPOOL_HEX);
    hex[SPOOL_HEX] = '\0';
    if (digest_unhex(hex, ret_uuid, FRAME_UUID_BYTES) != 0)
        return false;
    spool_name(ret_uuid, ".sub", again); /* capitals would be a second name of one submission */
    return strcmp(again, name) == 0;
}

/* Read the digits of a sequence number, which are followed by "-"; 0 when they are not. */
static uint64_t
spool_seq_read(const char *text)
{
    uint64_t value = 0;

    for (int i = 0; i < SPOOL_SEQ_DIGITS; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    return text[SPOOL_SEQ_DIGITS] == '-' ? value : 0;
}

bool
spool_queue_name_read(const char *name, uint64_t *ret_first_seq, uint64_t *ret_last_seq,
                      uint8_t ret_uuid[FRAME_UUID_BYTES])
{
    uint64_t first, last;

    if (strlen(name) != 2 * (SPOOL_SEQ_DIGITS + 1) + SPOOL_HEX + 4)
        return false;
    first = spool_seq_read(name);
    last = spool_seq_read(name + SPOOL_SEQ_DIGITS + 1);
    if (first == 0 || last <= first ||
        !spool_name_read(name + 2 * (SPOOL_SEQ_DIGITS + 1), ret_uuid))
        return false;
    *ret_first_seq = first;
    *ret_last_seq = last;
    return true;
}

static bool
spool_add_bytes(void *context, int dir, const char *name)
{
    uint64_t *bytes = context;
    struct stat stat;

    if (fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(stat.st_mode))
        *bytes += (uint64_t)stat.st_size;
    return true;
}

uint64_t
spool_bytes(const struct spool *spool)
{
    uint64_t bytes = 0;
    struct err err;

    if (durable_walk(spool->dirs[SPOOL_INCOMING_DIR], spool_add_bytes, &bytes, &err) != 0 ||
        durable_walk(spool->dirs[SPOOL_QUEUE_DIR], spool_add_bytes, &bytes, &err) != 0)
        return UINT64_MAX; /* unreadable counts as full */
    return bytes;
}

static int
spool_full(const struct spool *spool, struct err *err)
{
    err_set(err, ERR_LIMIT, "the spool is full (%" PRIu64 " MiB)", spool->limits.bytes_max >> 20);
    return err_hint(err, "see whether the hub takes submissions; raise spool.max_mib");
}

/* Copy a text into a header's fixed room. */
static int
spool_copy(const char *what, const char *text, char *ret_text, size_t size, struct err *err)
{
    size_t len = strlen(text);

    if (len >= size)
        return err_set(err, ERR_INPUT, "the %s is longer than %zu bytes", what, size - 1);
    memcpy(ret_text, text, len + 1);
    return 0;
}

static int
spool_head(const struct spool_meta *meta, struct subfile_head *ret_head, struct err *err)
{
    memcpy(ret_head->uuid, meta->uuid, sizeof(ret_head->uuid));
    ret_head->county = meta->county;
    ret_head->period = meta->period;
    ret_head->kind = meta->kind;
    ret_head->revision = meta->revision;
    ret_head->nil = meta->nil;
    ret_head->created_us = clock_now_us();
    if (spool_copy("producer", meta->producer, ret_head->producer, sizeof(ret_head->producer),
                   err) != 0 ||
        spool_copy("record type", meta->record_type, ret_head->record_type,
                   sizeof(ret_head->record_type), err) != 0 ||
        spool_copy("path of the file", meta->file == NULL ? "" : meta->file, ret_head->file,
                   sizeof(ret_head->file), err) != 0)
        return -1;
    return 0;
}

int
spool_writer_begin(struct spool *spool, const struct spool_meta *meta,
                   struct spool_writer **ret_writer, struct err *err)
{
    AUTO(spool_writer_abort) struct spool_writer *writer = mem_zalloc(sizeof(*writer));
    struct subfile_head head = {0};
    uint64_t bytes = spool_bytes(spool);
    char name[SPOOL_NAME_BYTES];

    writer->spool = spool;
    if (bytes >= spool->limits.bytes_max || spool->limits.bytes_max - bytes < SUBFILE_HEADER_BYTES)
        return spool_full(spool, err);
    writer->room = spool->limits.bytes_max - bytes - SUBFILE_HEADER_BYTES;
    if (spool_head(meta, &head, err) != 0)
        return -1;
    spool_name(meta->uuid, ".sub", name);
    durable_temporary(name, writer->temporary);
    if (subfile_create(spool->dirs[SPOOL_INCOMING_DIR], writer->temporary, &head, &writer->file,
                       err) != 0)
        return -1;
    writer->named = true;
    *ret_writer = STEAL(writer);
    return 0;
}

int
spool_writer_batch(struct spool_writer *writer, const void *payload, size_t len, uint32_t rows,
                   uint32_t unresolved, struct err *err)
{
    if (len + SUBFILE_BATCH_HEADER_BYTES > writer->room)
        return spool_full(writer->spool, err);
    if (subfile_add(writer->file, payload, len, rows, unresolved, err) != 0)
        return -1;
    writer->room -= len + SUBFILE_BATCH_HEADER_BYTES;
    return 0;
}

int
spool_writer_commit(struct spool_writer *committed, const int64_t *totals, size_t total_count,
                    uint8_t ret_digest[DIGEST_BYTES], struct err *err)
{
    AUTO(spool_writer_abort) struct spool_writer *writer = committed;
    const struct subfile_head *head = subfile_written(writer->file);
    int dir = writer->spool->dirs[SPOOL_INCOMING_DIR];
    char name[SPOOL_NAME_BYTES];

    if (subfile_seal(writer->file, totals, total_count, err) != 0)
        return -1;
    spool_name(head->uuid, ".sub", name);
    crash_here("spool-before-rename");
    if (renameat(dir, writer->temporary, dir, name) != 0)
        return err_set(err, ERR_SYSTEM, "cannot rename a file in the spool: %s", strerror(errno));
    writer->named = false;
    crash_here("spool-after-rename");
    if (durable_sync(dir, err) != 0) {
        (void)unlinkat(dir, name, 0);
        return -1;
    }
    memcpy(ret_digest, head->digest, DIGEST_BYTES);
    return 0;
}

void
spool_writer_abort(struct spool_writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->named)
        (void)unlinkat(writer->spool->dirs[SPOOL_INCOMING_DIR], writer->temporary, 0);
    subfile_finish(writer->file);
    free(writer);
}

/* Read a small file whole as a C string; NULL when it cannot be read. */
static char *
spool_slurp(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat stat;
    char *text = NULL;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &stat) == 0 && stat.st_size > 0 && stat.st_size <= SPOOL_RECEIPT_MAX) {
        text = mem_zalloc((size_t)stat.st_size + 1);
        if (pread(fd, text, (size_t)stat.st_size, 0) != stat.st_size) {
            free(text);
            text = NULL;
        }
    }
    (void)close(fd);
    return text;
}

char *
spool_receipt(const struct spool *spool, const uint8_t uuid[FRAME_UUID_BYTES])
{
    char name[SPOOL_NAME_BYTES];

    spool_name(uuid, ".json", name);
    return spool_slurp(spool->dirs[SPOOL_RECEIPTS_DIR], name);
}

bool
spool_epoch(const struct spool *spool, uint8_t ret_epoch[FRAME_EPOCH_BYTES],
            uint64_t *ret_first_seq)
{
    AUTO(free) char *text = spool_slurp(spool->dirs[SPOOL_ROOT], "epoch");
    uint8_t epoch[FRAME_EPOCH_BYTES];
    uint64_t first;

    if (text == NULL || strlen(text) < SPOOL_HEX + 2 || text[SPOOL_HEX] != ' ')
        return false;
    text[SPOOL_HEX] = '\0';
    first = strtoull(text + SPOOL_HEX + 1, NULL, 10);
    if (first == 0 || digest_unhex(text, epoch, sizeof(epoch)) != 0)
        return false;
    memcpy(ret_epoch, epoch, sizeof(epoch));
    *ret_first_seq = first;
    return true;
}

bool
spool_acked(const struct spool *spool, uint64_t *ret_next_seq)
{
    AUTO(free) char *text = spool_slurp(spool->dirs[SPOOL_ROOT], "acked");
    uint64_t value = text == NULL ? 0 : strtoull(text, NULL, 10);

    if (value == 0)
        return false;
    *ret_next_seq = value;
    return true;
}

struct spool_listing {
    const struct spool *spool;
    spool_list_fn *fn;
    void *context;
    uint64_t acked;
};

/* Whether there is a receipt; cheaper than reading it. */
static bool
spool_answered(const struct spool *spool, const uint8_t uuid[FRAME_UUID_BYTES])
{
    char name[SPOOL_NAME_BYTES];

    spool_name(uuid, ".json", name);
    return faccessat(spool->dirs[SPOOL_RECEIPTS_DIR], name, F_OK, 0) == 0;
}

static bool
spool_list_one(void *context, int dir, const char *name)
{
    const struct spool_listing *listing = context;
    struct spool_row row = {0};
    struct err err;

    if (!spool_queue_name_read(name, &row.first_seq, &row.last_seq, row.head.uuid) &&
        !spool_name_read(name, row.head.uuid))
        return true;
    (void)snprintf(row.name, sizeof(row.name), "%s", name);
    row.state = spool_answered(listing->spool, row.head.uuid) ? SPOOL_ANSWERED
                : row.first_seq == 0                          ? SPOOL_INCOMING
                : row.last_seq < listing->acked               ? SPOOL_ACKED
                                                              : SPOOL_QUEUED;
    if (subfile_peek(dir, name, &row.head, &err) != 0) {
        if (err.code == ERR_MISSING)
            return true; /* the owner has moved it meanwhile */
        row.state = SPOOL_DAMAGED;
    }
    return listing->fn(listing->context, &row);
}

int
spool_list(const struct spool *spool, enum spool_place place, spool_list_fn *fn, void *context,
           struct err *err)
{
    struct spool_listing listing = {spool, fn, context, 0};

    (void)spool_acked(spool, &listing.acked);
    return durable_walk(spool->dirs[place], spool_list_one, &listing, err);
}
