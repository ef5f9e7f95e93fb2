/*
 * noted — events and a directory for the bureau's tests.
 */
#ifndef NOTED_H
#define NOTED_H

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "bureau/ledger.h"
#include "unit.h"

#define NOTED_CHANNEL "360722/bureau"
#define NOTED_COUNTY 360722

static char noted_dir[64];
static const uint8_t noted_epoch[FRAME_EPOCH_BYTES] = {7, 7, 7};

static inline void
noted_setup(void)
{
    unit_folder(noted_dir, sizeof(noted_dir));
}

static inline void
noted_teardown(void)
{
    char command[128];

    (void)snprintf(command, sizeof(command), "rm -rf %s", noted_dir);
    ck_assert_int_eq(system(command), 0);
}

/* An event of one of two cases in turn: number 1 is the first of case A, 2 the first of B, … */
static inline struct event
noted_event(uint64_t seq)
{
    static char case_id[32];
    struct event event = {
        .time_us = INT64_C(1760000000000000) + (int64_t)seq,
        .county = NOTED_COUNTY,
        .case_seq = (uint32_t)(seq + 1) / 2,
        .episode = 1,
        .type = seq <= 2 ? EVENT_RAISED : EVENT_UPDATED,
        .household_no = "H1",
        .head_name = "陈*芳",
        .severity = "red",
        .state = "DETECTED",
        .route = "bureau",
        .opened = 202510,
        .month = 202510,
    };

    (void)snprintf(case_id, sizeof(case_id), "360722-HH%d-1", (int)(seq % 2));
    event.case_id = case_id;
    event_id(event.county, event.case_id, event.case_seq, event.id);
    return event;
}

/* The event as it travels; the caller ends the buffer. */
static inline void
noted_body(uint64_t seq, struct buf *out, uint8_t ret_digest[DIGEST_BYTES])
{
    struct event event = noted_event(seq);

    event_encode(&event, out);
    digest_bytes(out->bytes, out->len, ret_digest);
}

/* Open the ledger, which must work. */
static inline struct ledger *
noted_open(void)
{
    struct ledger *ledger = NULL;
    struct err err = {0};

    ck_assert_msg(ledger_open(noted_dir, NOTED_CHANNEL, &ledger, &err) == 0, "%s", err.text);
    return ledger;
}

/* Add events up to a number and make them durable. */
static inline void
noted_add(struct ledger *ledger, uint64_t last)
{
    struct err err;

    if (ledger_state(ledger)->next_seq == 1)
        ck_assert_int_eq(ledger_adopt(ledger, noted_epoch, &err), 0);
    while (ledger_state(ledger)->next_seq <= last) {
        uint64_t seq = ledger_state(ledger)->next_seq;
        struct event event = noted_event(seq);
        AUTO_BUF struct buf body = {0};
        uint8_t digest[DIGEST_BYTES];

        noted_body(seq, &body, digest);
        ledger_add(ledger, digest, &event);
    }
    ck_assert_int_eq(ledger_flush(ledger, &err), 0);
}

static inline void
noted_read(const char *name, struct buf *out)
{
    char path[128];
    FILE *file;
    size_t len;

    (void)snprintf(path, sizeof(path), "%s/%s", noted_dir, name);
    file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while ((len = fread(buf_reserve(out, 4096), 1, 4096, file)) > 0)
        out->len += len;
    (void)fclose(file);
}

static inline void
noted_write(const char *name, const void *bytes, size_t len)
{
    char path[128];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", noted_dir, name);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    (void)fclose(file);
}

#endif
