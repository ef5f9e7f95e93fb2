#include "bureau/ledger.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash.h"
#include "bureau/series.h"
#include "sdk/spool/durable.h"

#define LEDGER_FILE "ledger.jsonl"
#define LEDGER_TORN "ledger.torn"
#define LEDGER_ORIGIN "origin"

#define LEDGER_HEAD "{\"digest\":\""
#define LEDGER_SEQ "\",\"seq\":"
#define LEDGER_CHECK ",\"check\":\""
#define LEDGER_CHECK_HEX 16
#define LEDGER_END "\"}\n"
#define LEDGER_END_LEN (sizeof(LEDGER_CHECK) - 1 + LEDGER_CHECK_HEX + sizeof(LEDGER_END) - 1)

struct ledger {
    int dir, fd;
    char channel[LEDGER_CHANNEL_MAX];
    struct ledger_state state;
    struct series series;
    struct buf waiting; /* whole lines */
};

/* Write the check over what stands before it: 64 bits of a SHA-256, against a torn or damaged line. */
static void
ledger_check(const void *line, size_t len, char ret_check[DIGEST_HEX])
{
    uint8_t digest[DIGEST_BYTES];

    digest_bytes(line, len, digest);
    digest_hex(digest, LEDGER_CHECK_HEX / 2, ret_check);
}

/* Read the number behind the first `name` in a line; 0 when there is none. */
static uint64_t
ledger_number(const char *line, size_t len, const char *name)
{
    const char *at = memmem(line, len, name, strlen(name));

    return at == NULL ? 0 : strtoull(at + strlen(name), NULL, 10);
}

/* Note the line's case_seq. The first "case_id" is the event's own: texts have their quotes escaped. */
static void
ledger_note_case(struct series *series, const char *line, size_t len)
{
    static const char name[] = "\"case_id\":\"";
    const char *at = memmem(line, len, name, sizeof(name) - 1);
    const char *end;

    if (at == NULL)
        return;
    at += sizeof(name) - 1;
    end = memchr(at, '"', len - (size_t)(at - line));
    if (end != NULL)
        series_set(series, at, (size_t)(end - at),
                   (uint32_t)ledger_number(line, len, "\"case_seq\":"));
}

/* Take a line into the state when it is whole and the next one; `line` has a NUL behind `len`. */
static bool
ledger_take_line(struct ledger_state *state, struct series *series, const char *line, size_t len)
{
    const size_t hex_at = sizeof(LEDGER_HEAD) - 1, hex_len = DIGEST_HEX - 1;
    const size_t seq_at = hex_at + hex_len, seq_len = sizeof(LEDGER_SEQ) - 1;
    char check[DIGEST_HEX], hex[DIGEST_HEX], number[24];
    uint8_t digest[DIGEST_BYTES];
    size_t body_len, number_len;

    if (len < seq_at + seq_len + LEDGER_END_LEN || memcmp(line, LEDGER_HEAD, hex_at) != 0 ||
        memcmp(line + seq_at, LEDGER_SEQ, seq_len) != 0)
        return false;

    body_len = len - LEDGER_END_LEN;
    ledger_check(line, body_len, check);
    if (memcmp(line + body_len, LEDGER_CHECK, sizeof(LEDGER_CHECK) - 1) != 0 ||
        memcmp(line + body_len + sizeof(LEDGER_CHECK) - 1, check, LEDGER_CHECK_HEX) != 0 ||
        memcmp(line + len - sizeof(LEDGER_END) + 1, LEDGER_END, sizeof(LEDGER_END) - 1) != 0)
        return false;

    number_len = (size_t)snprintf(number, sizeof(number), "%" PRIu64 ",", state->next_seq);
    (void)snprintf(hex, sizeof(hex), "%.*s", (int)hex_len, line + hex_at);
    if (strncmp(line + seq_at + seq_len, number, number_len) != 0 ||
        digest_unhex(hex, digest, sizeof(digest)) != 0)
        return false;

    memcpy(state->newest_digest, digest, sizeof(digest));
    state->next_seq++;
    state->bytes += len;
    ledger_note_case(series, line, body_len);
    return true;
}

/* Read whole lines from the start up to the first that is not; fills all of `state` but the epoch. */
static int
ledger_scan(int dir, struct ledger_state *state, struct series *series, struct err *err)
{
    int fd = openat(dir, LEDGER_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    char *line = NULL;
    size_t size = 0;
    struct stat stat;
    ssize_t len;

    if (file == NULL)
        return err_set(err, ERR_SYSTEM, "cannot open " LEDGER_FILE ": %s", strerror(errno));
    while ((len = getline(&line, &size, file)) > 0 &&
           ledger_take_line(state, series, line, (size_t)len))
        ;
    free(line);
    if (ferror(file) || fstat(fd, &stat) != 0) {
        err_set(err, ERR_SYSTEM, "cannot read " LEDGER_FILE ": %s", strerror(errno));
        (void)fclose(file);
        return -1;
    }
    (void)fclose(file);
    state->torn_bytes = (uint64_t)stat.st_size - state->bytes;
    state->cases = series->count;
    return 0;
}

/* Read the origin file, "<channel> <epoch in hex>". `ret_channel` is empty when there is none. */
static int
ledger_read_origin(int dir, char ret_channel[LEDGER_CHANNEL_MAX],
                   uint8_t ret_epoch[FRAME_EPOCH_BYTES], struct err *err)
{
    char text[LEDGER_CHANNEL_MAX + 2 * FRAME_EPOCH_BYTES + 3] = {0};
    int fd = openat(dir, LEDGER_ORIGIN, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t len;
    char *blank;

    if (fd < 0 && errno == ENOENT) {
        ret_channel[0] = '\0';
        return 0;
    }
    if (fd < 0)
        return err_set(err, ERR_SYSTEM, "cannot open " LEDGER_ORIGIN ": %s", strerror(errno));
    len = read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    blank = strchr(text, ' ');
    if (len <= 0 || text[len - 1] != '\n' || blank == NULL || blank == text ||
        (size_t)(blank - text) >= LEDGER_CHANNEL_MAX)
        return err_set(err, ERR_CONFLICT, LEDGER_ORIGIN " is damaged");
    text[len - 1] = '\0';
    *blank = '\0';
    if (digest_unhex(blank + 1, ret_epoch, FRAME_EPOCH_BYTES) != 0)
        return err_set(err, ERR_CONFLICT, LEDGER_ORIGIN " is damaged");
    memcpy(ret_channel, text, (size_t)(blank - text) + 1); /* it fits: checked above */
    return 0;
}

static int
ledger_open_directory(const char *dir, struct err *err)
{
    int fd;

    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return err_set(err, ERR_SYSTEM, "cannot make the directory: %s", strerror(errno));
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_SYSTEM, "cannot open the directory: %s", strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        err_set(err, ERR_CONFLICT, "another process has taken the directory");
        return err_hint(err, "stop it first, or give this one a directory of its own");
    }
    return fd;
}

/* The lines must be this channel's, and every line must have an origin. */
static int
ledger_check_origin(struct ledger *ledger, struct err *err)
{
    char channel[LEDGER_CHANNEL_MAX];

    if (ledger_read_origin(ledger->dir, channel, ledger->state.epoch, err) != 0)
        return -1;
    if (ledger->state.next_seq == 1) {
        memset(ledger->state.epoch, 0, sizeof(ledger->state.epoch));
        return 0;
    }
    if (channel[0] == '\0') {
        err_set(err, ERR_CONFLICT, LEDGER_ORIGIN " is missing");
        return err_hint(err, "put it back, or take every event again in a new directory");
    }
    if (strcmp(channel, ledger->channel) != 0) {
        err_set(err, ERR_CONFLICT, "the directory holds the events of %s", channel);
        return err_hint(err, "give each county and route a directory of its own");
    }
    return 0;
}

/* Cut off what stands behind the last whole line. Its bytes are kept until the next cut. */
static int
ledger_cut(struct ledger *ledger, struct err *err)
{
    AUTO_BUF struct buf torn = {0};
    size_t len = (size_t)ledger->state.torn_bytes;
    ssize_t read_len;

    if (len == 0)
        return 0;
    if (len > LEDGER_TAIL_MAX) {
        err_set(err, ERR_CONFLICT, LEDGER_FILE " is damaged behind line %" PRIu64,
                ledger->state.next_seq - 1);
        return err_hint(err, "put a copy back, or take every event again in a new directory");
    }
    read_len = pread(ledger->fd, buf_reserve(&torn, len), len, (off_t)ledger->state.bytes);
    if (read_len < 0)
        return err_set(err, ERR_SYSTEM, "cannot read " LEDGER_FILE ": %s", strerror(errno));
    if (durable_replace(ledger->dir, LEDGER_TORN, torn.bytes, (size_t)read_len, err) != 0)
        return -1;
    if (ftruncate(ledger->fd, (off_t)ledger->state.bytes) != 0)
        return err_set(err, ERR_SYSTEM, "cannot cut " LEDGER_FILE ": %s", strerror(errno));
    return 0;
}

int
ledger_open(const char *dir, const char *channel, struct ledger **ret_ledger, struct err *err)
{
    AUTO(ledger_close) struct ledger *ledger = mem_zalloc(sizeof(*ledger));

    assert(strlen(channel) < sizeof(ledger->channel));
    (void)snprintf(ledger->channel, sizeof(ledger->channel), "%s", channel);
    ledger->state.next_seq = 1;
    ledger->fd = -1;
    ledger->dir = ledger_open_directory(dir, err);
    if (ledger->dir < 0)
        return -1;
    ledger->fd = openat(ledger->dir, LEDGER_FILE,
                        O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (ledger->fd < 0)
        return err_set(err, ERR_SYSTEM, "cannot open " LEDGER_FILE ": %s", strerror(errno));
    if (ledger_scan(ledger->dir, &ledger->state, &ledger->series, err) != 0 ||
        ledger_check_origin(ledger, err) != 0 || ledger_cut(ledger, err) != 0)
        return -1;

    /* A process killed between write and sync leaves lines that only look durable. */
    if (fdatasync(ledger->fd) != 0)
        return err_set(err, ERR_SYSTEM, "cannot sync " LEDGER_FILE ": %s", strerror(errno));
    if (durable_sync(ledger->dir, err) != 0)
        return -1;
    *ret_ledger = STEAL(ledger);
    return 0;
}

void
ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    if (ledger->fd >= 0)
        (void)close(ledger->fd);
    if (ledger->dir >= 0)
        (void)close(ledger->dir);
    series_done(&ledger->series);
    buf_done(&ledger->waiting);
    free(ledger);
}

int
ledger_read(const char *dir, char ret_channel[LEDGER_CHANNEL_MAX], struct ledger_state *ret_state,
            bool *ret_owned, struct err *err)
{
    struct ledger_state state = {.next_seq = 1};
    struct series series = {0};
    char channel[LEDGER_CHANNEL_MAX];
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result;

    if (fd < 0)
        return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_SYSTEM,
                       "cannot open the directory: %s", strerror(errno));
    result = ledger_read_origin(fd, channel, state.epoch, err);
    if (result == 0)
        result = ledger_scan(fd, &state, &series, err);
    series_done(&series);
    if (result == 0) {
        *ret_owned = flock(fd, LOCK_EX | LOCK_NB) != 0;
        *ret_state = state;
        memcpy(ret_channel, channel, sizeof(channel));
    }
    (void)close(fd);
    return result;
}

const struct ledger_state *
ledger_state(const struct ledger *ledger)
{
    return &ledger->state;
}

int
ledger_adopt(struct ledger *ledger, const uint8_t epoch[FRAME_EPOCH_BYTES], struct err *err)
{
    char hex[2 * FRAME_EPOCH_BYTES + 1];
    AUTO_BUF struct buf text = {0};

    assert(ledger->state.next_seq == 1);
    digest_hex(epoch, FRAME_EPOCH_BYTES, hex);
    buf_add_fmt(&text, "%s %s\n", ledger->channel, hex);
    if (durable_replace(ledger->dir, LEDGER_ORIGIN, text.bytes, text.len, err) != 0)
        return -1;
    memcpy(ledger->state.epoch, epoch, FRAME_EPOCH_BYTES);
    return 0;
}

bool
ledger_follows(const struct ledger *ledger, const struct event *event)
{
    return event->case_seq ==
           series_find(&ledger->series, event->case_id, strlen(event->case_id)) + 1;
}

void
ledger_add(struct ledger *ledger, const uint8_t digest[DIGEST_BYTES], const struct event *event)
{
    static const char first[] = "{\"seq\":";
    struct buf *out = &ledger->waiting;
    size_t start = out->len;
    char hex[DIGEST_HEX];
    AUTO_BUF struct buf body = {0};

    event_json(event, ledger->state.next_seq, &body);
    assert(body.len > sizeof(first) && memcmp(body.bytes, first, sizeof(first) - 1) == 0);

    /* Texts are escaped; what the hub sent as JSON may be spread over lines, and a line is an event. */
    for (size_t i = 0; i < body.len; i++)
        if (body.bytes[i] < ' ')
            body.bytes[i] = ' ';
    digest_hex(digest, DIGEST_BYTES, hex);
    buf_add_fmt(out, LEDGER_HEAD "%s\",", hex);
    buf_add(out, body.bytes + 1, body.len - 2);
    ledger_check(out->bytes + start, out->len - start, hex);
    buf_add_fmt(out, LEDGER_CHECK "%s" LEDGER_END, hex);

    memcpy(ledger->state.newest_digest, digest, DIGEST_BYTES);
    ledger->state.next_seq++;
    series_set(&ledger->series, event->case_id, strlen(event->case_id), event->case_seq);
    ledger->state.cases = ledger->series.count;
}

size_t
ledger_waiting(const struct ledger *ledger)
{
    return ledger->waiting.len;
}

int
ledger_flush(struct ledger *ledger, struct err *err)
{
    if (ledger->waiting.len == 0)
        return 0;
    if (durable_write(ledger->fd, ledger->waiting.bytes, ledger->waiting.len, err) != 0)
        return err_wrap(err, "cannot append to " LEDGER_FILE);
    crash_here("bureau-after-write");
    if (fdatasync(ledger->fd) != 0)
        return err_set(err, ERR_SYSTEM, "cannot sync " LEDGER_FILE ": %s", strerror(errno));
    crash_here("bureau-after-sync");
    ledger->state.bytes += ledger->waiting.len;
    buf_clear(&ledger->waiting);
    return 0;
}
