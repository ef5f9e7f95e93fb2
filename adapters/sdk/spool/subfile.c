#include "sdk/spool/subfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sdk/spool/durable.h"

#define SUBFILE_MAGIC "QSSUB\x01\r\n"
#define SUBFILE_MAGIC_BYTES 8
#define SUBFILE_BATCH_MARK 0x51534254u

struct subfile_writer {
    int fd;
    struct subfile_head head;
    struct digest digest; /* over all payloads */
};

struct subfile {
    int fd;
    struct subfile_head head;
    struct subfile_batch *batches;
    struct buf payload;
};

/*
 * The bytes left of a header that is being read; `bad` once it ran out or a value was out of range.
 */
struct subfile_cursor {
    const uint8_t *at, *end;
    bool bad;
};

static uint64_t
subfile_get(struct subfile_cursor *cursor, size_t bytes)
{
    uint64_t value = 0;

    if ((size_t)(cursor->end - cursor->at) < bytes) {
        cursor->bad = true;
        return 0;
    }
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | *cursor->at++;
    return value;
}

static void
subfile_get_bytes(struct subfile_cursor *cursor, void *ret_bytes, size_t len)
{
    if ((size_t)(cursor->end - cursor->at) < len) {
        cursor->bad = true;
        return;
    }
    memcpy(ret_bytes, cursor->at, len);
    cursor->at += len;
}

static void
subfile_get_text(struct subfile_cursor *cursor, char *ret_text, size_t size)
{
    size_t len = subfile_get(cursor, 2);

    if (len >= size) {
        cursor->bad = true;
        return;
    }
    subfile_get_bytes(cursor, ret_text, len);
    ret_text[cursor->bad ? 0 : len] = '\0';
}

static void
subfile_put_text(struct buf *out, const char *text)
{
    size_t len = strlen(text);

    buf_add_be16(out, (uint16_t)len);
    buf_add(out, text, len);
}

static void
subfile_head_encode(const struct subfile_head *head, struct buf *out)
{
    uint8_t digest[DIGEST_BYTES];

    buf_add(out, SUBFILE_MAGIC, SUBFILE_MAGIC_BYTES);
    buf_add(out, head->uuid, sizeof(head->uuid));
    subfile_put_text(out, head->producer);
    subfile_put_text(out, head->record_type);
    subfile_put_text(out, head->file);
    buf_add_be32(out, head->county);
    buf_add_be32(out, head->period);
    buf_add_be32(out, (uint32_t)head->kind);
    buf_add_be32(out, head->revision);
    buf_add_u8(out, head->nil);
    buf_add_be64(out, (uint64_t)head->created_us);
    buf_add_be64(out, head->rows);
    buf_add_be64(out, head->unresolved);
    buf_add_be64(out, head->bytes);
    buf_add_be32(out, head->batches);
    buf_add(out, head->digest, sizeof(head->digest));
    buf_add_be32(out, (uint32_t)head->total_count);
    for (size_t i = 0; i < head->total_count; i++)
        buf_add_be64(out, (uint64_t)head->totals[i]);

    size_t rest = SUBFILE_HEADER_BYTES - DIGEST_BYTES - out->len;
    memset(buf_reserve(out, rest), 0, rest);
    out->len += rest;
    digest_bytes(out->bytes, out->len, digest);
    buf_add(out, digest, sizeof(digest));
}

/* Returns false when the bytes are no header. */
static bool
subfile_head_decode(const uint8_t bytes[SUBFILE_HEADER_BYTES], struct subfile_head *ret_head)
{
    const size_t signed_bytes = SUBFILE_HEADER_BYTES - DIGEST_BYTES;
    struct subfile_cursor cursor = {bytes + SUBFILE_MAGIC_BYTES, bytes + signed_bytes, false};
    uint8_t digest[DIGEST_BYTES];
    uint64_t kind;

    digest_bytes(bytes, signed_bytes, digest);
    if (memcmp(bytes, SUBFILE_MAGIC, SUBFILE_MAGIC_BYTES) != 0 ||
        memcmp(digest, bytes + signed_bytes, sizeof(digest)) != 0)
        return false;
    subfile_get_bytes(&cursor, ret_head->uuid, sizeof(ret_head->uuid));
    subfile_get_text(&cursor, ret_head->producer, sizeof(ret_head->producer));
    subfile_get_text(&cursor, ret_head->record_type, sizeof(ret_head->record_type));
    subfile_get_text(&cursor, ret_head->file, sizeof(ret_head->file));
    ret_head->county = (uint32_t)subfile_get(&cursor, 4);
    ret_head->period = (uint32_t)subfile_get(&cursor, 4);
    kind = subfile_get(&cursor, 4);
    ret_head->revision = (uint32_t)subfile_get(&cursor, 4);
    ret_head->nil = subfile_get(&cursor, 1) != 0;
    ret_head->created_us = (int64_t)subfile_get(&cursor, 8);
    ret_head->rows = subfile_get(&cursor, 8);
    ret_head->unresolved = subfile_get(&cursor, 8);
    ret_head->bytes = subfile_get(&cursor, 8);
    ret_head->batches = (uint32_t)subfile_get(&cursor, 4);
    subfile_get_bytes(&cursor, ret_head->digest, sizeof(ret_head->digest));
    ret_head->total_count = subfile_get(&cursor, 4);
    if (cursor.bad || kind > FRAME_CORRECTION || ret_head->total_count > FRAME_TOTALS_MAX ||
        ret_head->batches > SUBFILE_BATCHES_MAX)
        return false;
    ret_head->kind = (enum frame_submission)kind;
    for (size_t i = 0; i < ret_head->total_count; i++)
        ret_head->totals[i] = (int64_t)subfile_get(&cursor, 8);
    return !cursor.bad;
}

int
subfile_create(int dir, const char *name, const struct subfile_head *head,
               struct subfile_writer **ret_writer, struct err *err)
{
    AUTO(subfile_finish) struct subfile_writer *writer = mem_zalloc(sizeof(*writer));

    writer->head = *head;
    writer->head.rows = writer->head.unresolved = 0;
    writer->head.batches = 0;
    writer->head.bytes = SUBFILE_HEADER_BYTES;
    digest_init(&writer->digest);
    writer->fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (writer->fd < 0)
        return err_set(err, ERR_SYSTEM, "cannot create a file in the spool: %s", strerror(errno));
    if (lseek(writer->fd, SUBFILE_HEADER_BYTES, SEEK_SET) != SUBFILE_HEADER_BYTES)
        return err_set(err, ERR_SYSTEM, "cannot write to the spool: %s", strerror(errno));
    *ret_writer = STEAL(writer);
    return 0;
}

int
subfile_add(struct subfile_writer *writer, const void *payload, size_t len, uint32_t rows,
            uint32_t unresolved, struct err *err)
{
    uint8_t digest[DIGEST_BYTES];
    AUTO_BUF struct buf header = {0};

    if (len == 0 || len > FRAME_PAYLOAD_BYTES)
        return err_set(err, ERR_LIMIT, "a batch of %zu bytes is empty or over %d", len,
                       FRAME_PAYLOAD_BYTES);
    if (writer->head.batches == SUBFILE_BATCHES_MAX)
        return err_set(err, ERR_LIMIT, "a submission has more than %d batches",
                       SUBFILE_BATCHES_MAX);
    digest_bytes(payload, len, digest);
    buf_add_be32(&header, SUBFILE_BATCH_MARK);
    buf_add_be32(&header, (uint32_t)len);
    buf_add_be32(&header, rows);
    buf_add_be32(&header, unresolved);
    buf_add(&header, digest, sizeof(digest));
    if (durable_write(writer->fd, header.bytes, header.len, err) != 0 ||
        durable_write(writer->fd, payload, len, err) != 0)
        return -1;

    digest_add(&writer->digest, payload, len);
    writer->head.rows += rows;
    writer->head.unresolved += unresolved;
    writer->head.batches++;
    writer->head.bytes += SUBFILE_BATCH_HEADER_BYTES + len;
    return 0;
}

int
subfile_seal(struct subfile_writer *writer, const int64_t *totals, size_t total_count,
             struct err *err)
{
    struct digest digest = writer->digest;
    AUTO_BUF struct buf header = {0};

    assert(total_count <= FRAME_TOTALS_MAX);
    digest_finish(&digest, writer->head.digest);
    writer->head.total_count = total_count;
    if (total_count > 0)
        memcpy(writer->head.totals, totals, total_count * sizeof(*totals));
    subfile_head_encode(&writer->head, &header);

    if (lseek(writer->fd, 0, SEEK_SET) != 0)
        return err_set(err, ERR_SYSTEM, "cannot write to the spool: %s", strerror(errno));
    if (durable_write(writer->fd, header.bytes, header.len, err) != 0)
        return -1;
    if (fdatasync(writer->fd) != 0)
        return err_set(err, ERR_SYSTEM, "cannot sync the spool: %s", strerror(errno));
    return 0;
}

const struct subfile_head *
subfile_written(const struct subfile_writer *writer)
{
    return &writer->head;
}

void
subfile_finish(struct subfile_writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->fd >= 0)
        (void)close(writer->fd);
    free(writer);
}

/* Read exactly `len` bytes; a shorter file is damaged. */
static int
subfile_read(int fd, uint64_t offset, void *ret_bytes, size_t len, struct err *err)
{
    char *at = ret_bytes;

    while (len > 0) {
        ssize_t got = pread(fd, at, len, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno != EIO)
            return err_set(err, ERR_SYSTEM, "cannot read the spool: %s", strerror(errno));
        if (got <= 0)
            return err_set(err, ERR_INPUT, "the submission file is damaged: %s",
                           got == 0 ? "it is too short" : strerror(errno));
        at += got;
        offset += (uint64_t)got;
        len -= (size_t)got;
    }
    return 0;
}

static int
subfile_load_head(struct subfile *subfile, int dir, const char *name, struct err *err)
{
    uint8_t bytes[SUBFILE_HEADER_BYTES];
    struct stat stat;

    subfile->fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (subfile->fd < 0)
        return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_SYSTEM,
                       "cannot open a submission file: %s", strerror(errno));
    if (subfile_read(subfile->fd, 0, bytes, sizeof(bytes), err) != 0)
        return -1;
    if (!subfile_head_decode(bytes, &subfile->head))
        return err_set(err, ERR_INPUT, "the submission file is damaged: bad header");
    if (fstat(subfile->fd, &stat) != 0)
        return err_set(err, ERR_SYSTEM, "cannot read the spool: %s", strerror(errno));
    if ((uint64_t)stat.st_size != subfile->head.bytes)
        return err_set(err, ERR_INPUT, "the submission file is damaged: it has another size");
    return 0;
}

/* Read a batch's header at `offset` and its payload, and verify the digest. */
static int
subfile_load_batch(struct subfile *subfile, uint64_t offset, struct subfile_batch *ret_batch,
                   struct err *err)
{
    uint8_t bytes[SUBFILE_BATCH_HEADER_BYTES], digest[DIGEST_BYTES];
    struct subfile_cursor cursor = {bytes, bytes + sizeof(bytes), false};
    uint64_t mark;

    if (subfile_read(subfile->fd, offset, bytes, sizeof(bytes), err) != 0)
        return -1;
    mark = subfile_get(&cursor, 4);
    ret_batch->offset = offset + sizeof(bytes);
    ret_batch->len = (uint32_t)subfile_get(&cursor, 4);
    ret_batch->rows = (uint32_t)subfile_get(&cursor, 4);
    ret_batch->unresolved = (uint32_t)subfile_get(&cursor, 4);
    subfile_get_bytes(&cursor, ret_batch->digest, sizeof(ret_batch->digest));
    if (mark != SUBFILE_BATCH_MARK || ret_batch->len == 0 || ret_batch->len > FRAME_PAYLOAD_BYTES)
        return err_set(err, ERR_INPUT, "the submission file is damaged: bad batch header");

    buf_clear(&subfile->payload);
    (void)buf_reserve(&subfile->payload, ret_batch->len);
    if (subfile_read(subfile->fd, ret_batch->offset, subfile->payload.bytes, ret_batch->len, err) !=
        0)
        return -1;
    digest_bytes(subfile->payload.bytes, ret_batch->len, digest);
    if (memcmp(digest, ret_batch->digest, sizeof(digest)) != 0)
        return err_set(err, ERR_INPUT, "the submission file is damaged: bad batch digest");
    return 0;
}

static int
subfile_load_batches(struct subfile *subfile, struct err *err)
{
    const struct subfile_head *head = &subfile->head;
    uint64_t offset = SUBFILE_HEADER_BYTES, rows = 0, unresolved = 0;

    subfile->batches = mem_zalloc((head->batches + 1) * sizeof(*subfile->batches));
    for (uint32_t i = 0; i < head->batches; i++) {
        struct subfile_batch *batch = &subfile->batches[i];

        if (subfile_load_batch(subfile, offset, batch, err) != 0)
            return -1;
        offset = batch->offset + batch->len;
        rows += batch->rows;
        unresolved += batch->unresolved;
    }
    if (offset != head->bytes || rows != head->rows || unresolved != head->unresolved)
        return err_set(err, ERR_INPUT, "the submission file is damaged: counts differ");
    return 0;
}

int
subfile_peek(int dir, const char *name, struct subfile_head *ret_head, struct err *err)
{
    AUTO(subfile_close) struct subfile *subfile = mem_zalloc(sizeof(*subfile));

    if (subfile_load_head(subfile, dir, name, err) != 0)
        return -1;
    *ret_head = subfile->head;
    return 0;
}

int
subfile_open(int dir, const char *name, struct subfile **ret_subfile, struct err *err)
{
    AUTO(subfile_close) struct subfile *subfile = mem_zalloc(sizeof(*subfile));

    if (subfile_load_head(subfile, dir, name, err) != 0 || subfile_load_batches(subfile, err) != 0)
        return -1;
    *ret_subfile = STEAL(subfile);
    return 0;
}

void
subfile_close(struct subfile *subfile)
{
    if (subfile == NULL)
        return;
    if (subfile->fd >= 0)
        (void)close(subfile->fd);
    buf_done(&subfile->payload);
    free(subfile->batches);
    free(subfile);
}

const struct subfile_head *
subfile_head(const struct subfile *subfile)
{
    return &subfile->head;
}

const struct subfile_batch *
subfile_batch(const struct subfile *subfile, uint32_t index)
{
    assert(index < subfile->head.batches);
    return &subfile->batches[index];
}

int
subfile_payload(struct subfile *subfile, uint32_t index, const uint8_t **ret_payload,
                struct err *err)
{
    const struct subfile_batch *batch = subfile_batch(subfile, index);

    buf_clear(&subfile->payload);
    (void)buf_reserve(&subfile->payload, batch->len);
    if (subfile_read(subfile->fd, batch->offset, subfile->payload.bytes, batch->len, err) != 0)
        return -1;
    *ret_payload = subfile->payload.bytes;
    return 0;
}
