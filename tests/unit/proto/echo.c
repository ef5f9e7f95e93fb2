/* Reads one encoded message from stdin, and writes it as our own codec encodes it: for interop.py. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "event.h"
#include "frame.h"
#include "record.h"

static void
read_all(struct buf *in)
{
    ssize_t got;

    do {
        got = read(STDIN_FILENO, buf_reserve(in, 65536), 65536);
        in->len += got > 0 ? (size_t)got : 0;
    } while (got > 0);
}

static int
echo_rows(const struct record_type *type, const struct buf *in, struct buf *out, struct err *err)
{
    struct record_reader reader = {0};
    struct record_unresolved unresolved;
    struct record_row row;
    enum record_read got;

    record_reader_open(&reader, type, in->bytes, in->len);
    while ((got = record_read(&reader, &row, &unresolved, err)) > 0) {
        if (got == RECORD_ROW)
            record_encode(type, &row, out);
        else
            record_encode_unresolved(&unresolved, out);
    }
    record_reader_done(&reader);
    return got == RECORD_END ? 0 : -1;
}

static int
echo_frame(const struct buf *in, struct buf *out, struct err *err)
{
    AUTO_FRAME struct frame frame = {0};

    if (frame_decode(in->bytes, in->len, &frame, err) != 0)
        return -1;
    frame_encode(&frame, out);
    return 0;
}

static int
echo_event(const struct buf *in, struct buf *out, struct err *err)
{
    AUTO_EVENT struct event event = {0};

    if (event_decode(in->bytes, in->len, &event, err) != 0)
        return -1;
    event_encode(&event, out);
    return 0;
}

int
main(int argc, char **argv)
{
    AUTO_BUF struct buf in = {0}, out = {0};
    const struct record_type *type = argc == 2 ? record_find(argv[1]) : NULL;
    struct err err;
    int failed;

    if (argc != 2)
        return 2;
    read_all(&in);
    if (strcmp(argv[1], "frame") == 0)
        failed = echo_frame(&in, &out, &err);
    else if (strcmp(argv[1], "event") == 0)
        failed = echo_event(&in, &out, &err);
    else
        failed = type == NULL ? 2 : echo_rows(type, &in, &out, &err);
    if (failed != 0) {
        fprintf(stderr, "%s\n", type == NULL && failed == 2 ? "no such record type" : err.text);
        return 1;
    }
    return fwrite(out.bytes, 1, out.len, stdout) == out.len ? 0 : 1;
}
