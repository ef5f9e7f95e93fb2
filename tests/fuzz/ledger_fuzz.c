/*
 * The bureau's ledger after a sudden stop: what is whole stays, what is torn goes, nothing else.
 *
 * Byte 0: bit 0 the origin is there, bit 1 it is another channel's, bit 2 the lines' checks are
 * left as they come. Then the ledger's lines, each without its check when the target adds it.
 */
#include "fuzz.h"

#include <stdio.h>

#include "base/digest.h"
#include "bureau/ledger.h"

#define CHANNEL "360799/bureau"

enum { ORIGIN = 1, OTHER = 2, AS_IT_COMES = 4 };

static char directory[600];

/* Every line gets the check that it needs to count as whole. */
static void
add_lines(struct fuzz_input input, struct buf *out)
{
    while (input.len > 0) {
        const uint8_t *end = memchr(input.bytes, '\n', input.len);
        size_t len = end == NULL ? input.len : (size_t)(end - input.bytes);
        uint8_t digest[DIGEST_BYTES];
        char hex[DIGEST_HEX];

        buf_add(out, input.bytes, len);
        if (end != NULL) {
            digest_bytes(input.bytes, len, digest);
            digest_hex(digest, 8, hex);
            buf_add_fmt(out, ",\"check\":\"%s\"}\n", hex);
            len++;
        }
        input.bytes += len;
        input.len -= len;
    }
}

static void
check_same(const struct ledger_state *a, const struct ledger_state *b)
{
    assert(a->next_seq == b->next_seq && a->bytes == b->bytes && a->cases == b->cases);
    assert(memcmp(a->epoch, b->epoch, sizeof(a->epoch)) == 0);
    assert(memcmp(a->newest_digest, b->newest_digest, sizeof(a->newest_digest)) == 0);
}

/* The next event is numbered on, and is there after another start. */
static void
check_goes_on(struct ledger *ledger, struct ledger_state before)
{
    const struct event event = {.case_id = "360799-1", .county = FUZZ_COUNTY, .case_seq = 1};
    const uint8_t digest[DIGEST_BYTES] = {1}, epoch[FRAME_EPOCH_BYTES] = {2};
    AUTO(ledger_close) struct ledger *again = NULL;
    struct err err = {0};

    if (before.next_seq == 1)
        assert(ledger_adopt(ledger, epoch, &err) == 0);
    ledger_add(ledger, digest, &event);
    assert(ledger_flush(ledger, &err) == 0);
    ledger_close(ledger);
    assert(ledger_open(directory, CHANNEL, &again, &err) == 0);
    assert(ledger_state(again)->next_seq == before.next_seq + 1);
    assert(ledger_state(again)->torn_bytes == 0);
    assert(memcmp(ledger_state(again)->newest_digest, digest, sizeof(digest)) == 0);
}

static void
check_open(const struct buf *lines)
{
    AUTO(ledger_close) struct ledger *ledger = NULL;
    AUTO_BUF struct buf kept = {0}, torn = {0};
    struct ledger_state first;
    struct err err = {0};

    if (ledger_open(directory, CHANNEL, &ledger, &err) != 0) {
        fuzz_check_err(&err);
        assert(err.code == ERR_CONFLICT);
        assert(fuzz_read("ledger/ledger.jsonl", &kept) && kept.len == lines->len);
        assert(kept.len == 0 || memcmp(kept.bytes, lines->bytes, kept.len) == 0);
        return;
    }
    first = *ledger_state(ledger);
    assert(first.bytes + first.torn_bytes == lines->len);
    assert(fuzz_read("ledger/ledger.jsonl", &kept) && kept.len == first.bytes);
    assert(fuzz_read("ledger/ledger.torn", &torn) == (first.torn_bytes > 0));
    buf_add(&kept, torn.bytes, torn.len);
    assert(kept.len == lines->len);
    assert(kept.len == 0 || memcmp(kept.bytes, lines->bytes, kept.len) == 0);
    ledger_close(STEAL(ledger));

    assert(ledger_open(directory, CHANNEL, &ledger, &err) == 0);
    assert(ledger_state(ledger)->torn_bytes == 0);
    check_same(&first, ledger_state(ledger));
    check_goes_on(STEAL(ledger), first);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fuzz_input input = {bytes, len};
    uint8_t flags = fuzz_take(&input);
    char channel[LEDGER_CHANNEL_MAX];
    AUTO_BUF struct buf lines = {0};
    struct ledger_state state;
    struct err err = {0};
    bool owned;

    if (directory[0] == '\0') {
        AUTO(ledger_close) struct ledger *ledger = NULL;

        (void)snprintf(directory, sizeof(directory), "%s/ledger", fuzz_dir());
        assert(ledger_open(directory, CHANNEL, &ledger, &err) == 0); /* makes it */
    }
    if ((flags & AS_IT_COMES) != 0)
        buf_add(&lines, input.bytes, input.len);
    else
        add_lines(input, &lines);
    (void)fuzz_write("ledger/ledger.jsonl", lines.bytes, lines.len);
    fuzz_remove("ledger/ledger.torn");
    fuzz_remove("ledger/origin");
    if ((flags & ORIGIN) != 0)
        (void)fuzz_write("ledger/origin",
                         (flags & OTHER) != 0 ? "360799/others 0123456789abcdef0123456789abcdef\n"
                                              : "360799/bureau 0123456789abcdef0123456789abcdef\n",
                         47);
    assert(ledger_read(directory, channel, &state, &owned, &err) == 0 && !owned);
    assert(state.bytes + state.torn_bytes == lines.len);
    check_open(&lines);
    return 0;
}
