/*
 * A submission's file in the spool, as it comes or with its digests made to fit.
 *
 * Byte 0: bit 0 as it comes. Otherwise the rest is: a length of two bytes, the fields of the
 * header, then batches, whose marks, digests and header digest are written by the target.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <unistd.h>

#include "sdk/spool/subfile.h"

#define MARK 0x51534254u
#define MAGIC "QSSUB\x01\r\n"

static int dir = -1;

static void
write_raw(struct fuzz_input input)
{
    (void)fuzz_write("input.sub", input.bytes, input.len);
}

/* Batches of what is left: each a byte for the length, one for the rows, one for the unresolved. */
static void
add_batches(struct fuzz_input *input, struct buf *out)
{
    uint8_t digest[DIGEST_BYTES];

    while (input->len > 3) {
        uint8_t want = fuzz_take(input), rows = fuzz_take(input), unresolved = fuzz_take(input);
        size_t len = want < input->len ? want : input->len;

        digest_bytes(input->bytes, len, digest);
        buf_add_be32(out, MARK);
        buf_add_be32(out, (uint32_t)len);
        buf_add_be32(out, rows);
        buf_add_be32(out, unresolved);
        buf_add(out, digest, sizeof(digest));
        buf_add(out, input->bytes, len);
        input->bytes += len;
        input->len -= len;
    }
}

static void
write_fitting(struct fuzz_input input)
{
    AUTO_BUF struct buf file = {0};
    size_t room = SUBFILE_HEADER_BYTES - DIGEST_BYTES - strlen(MAGIC);
    size_t len = (size_t)(fuzz_take(&input) << 8);
    uint8_t digest[DIGEST_BYTES];

    len |= fuzz_take(&input);
    len = len < input.len ? len : input.len;
    len = len < room ? len : room;
    buf_add(&file, MAGIC, strlen(MAGIC));
    buf_add(&file, input.bytes, len);
    memset(buf_reserve(&file, room - len), 0, room - len);
    file.len += room - len;
    input.bytes += len;
    input.len -= len;
    digest_bytes(file.bytes, file.len, digest);
    buf_add(&file, digest, sizeof(digest));
    add_batches(&input, &file);
    (void)fuzz_write("input.sub", file.bytes, file.len);
}

/* Write the submission again: it is the same but for the digest over all, which is the hub's to check. */
static void
check_again(struct subfile *subfile)
{
    const struct subfile_head *head = subfile_head(subfile);
    AUTO(subfile_finish) struct subfile_writer *writer = NULL;
    struct subfile_head again;
    struct err err = {0};
    const uint8_t *payload;

    fuzz_remove("again.sub");
    assert(subfile_create(dir, "again.sub", head, &writer, &err) == 0);
    for (uint32_t i = 0; i < head->batches; i++) {
        const struct subfile_batch *batch = subfile_batch(subfile, i);

        assert(subfile_payload(subfile, i, &payload, &err) == 0);
        assert(subfile_add(writer, payload, batch->len, batch->rows, batch->unresolved, &err) == 0);
    }
    assert(subfile_seal(writer, head->totals, head->total_count, &err) == 0);
    assert(subfile_peek(dir, "again.sub", &again, &err) == 0);
    assert(again.rows == head->rows && again.unresolved == head->unresolved);
    assert(again.bytes == head->bytes && again.batches == head->batches);
    assert(memcmp(again.uuid, head->uuid, sizeof(head->uuid)) == 0);
    assert(strcmp(again.producer, head->producer) == 0 && strcmp(again.file, head->file) == 0);
    assert(again.county == head->county && again.period == head->period);
    assert(again.kind == head->kind && again.nil == head->nil);
    assert(again.total_count == head->total_count);
    assert(memcmp(again.totals, head->totals, sizeof(head->totals[0]) * head->total_count) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fuzz_input input = {bytes, len};
    AUTO(subfile_close) struct subfile *subfile = NULL;
    struct subfile_head head;
    struct err err = {0};
    bool raw = (fuzz_take(&input) & 1) != 0, peeked;

    if (dir < 0)
        dir = open(fuzz_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (raw)
        write_raw(input);
    else
        write_fitting(input);
    peeked = subfile_peek(dir, "input.sub", &head, &err) == 0;
    if (subfile_open(dir, "input.sub", &subfile, &err) != 0) {
        fuzz_check_err(&err);
        assert(err.code == ERR_INPUT && subfile == NULL);
        return 0;
    }
    assert(peeked && head.bytes == subfile_head(subfile)->bytes);
    check_again(subfile);
    return 0;
}
