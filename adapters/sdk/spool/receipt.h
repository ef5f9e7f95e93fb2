/*
 * receipt — the hub's answer to a submission, as the clerk gets it.
 *
 * The receipt is JSON text: the owner of the spool writes it when the hub
 * answers, keeps it in the spool and puts it next to the agency's file. Members:
 * status, committed, record_type, producer, county, period, kind, file, revision,
 * submission, stored, quarantined, digest, time, partial, warnings,
 * warnings_zh, code, text, text_zh, refused (rows that the hub refused: row,
 * column, reason), uuid, last_seq. It never holds a row's content.
 */
#ifndef RECEIPT_H
#define RECEIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/yaml.h"
#include "frame.h"
#include "base/refusal.h"
#include "sdk/spool/subfile.h"

enum receipt_status {
    RECEIPT_COMMITTED, /* visible at the hub */
    RECEIPT_DUPLICATE, /* received before */
    RECEIPT_REFUSED,   /* the whole submission was refused */
    RECEIPT_DISCARDED, /* half in when the channel was accepted anew */
    RECEIPT_DAMAGED    /* our own: the file in the spool was damaged and never sent */
};

/* A receipt read back. Texts live until receipt_free. */
struct receipt {
    enum receipt_status status;
    uint32_t revision;
    uint64_t stored, quarantined;
    bool partial;
    const char *text, *text_zh, *digest, *time; /* "" when there is none */
    const struct yaml_node *warnings_zh;        /* list; may be NULL */
    const struct yaml_node *refused;            /* rows that the hub refused; may be NULL */
    struct yaml_tree *tree;
};

/* Append the JSON text of a receipt; `head` says what was sent. */
void receipt_format(const struct frame_receipt *frame, const struct subfile_head *head,
                    struct buf *out);

/* Append a receipt for a submission whose file was damaged before it was sent. */
void receipt_format_damaged(const uint8_t uuid[FRAME_UUID_BYTES], struct buf *out);

/* Append a receipt for a file that was refused here and is not in the spool. */
void receipt_format_refusal(const struct refusal *refusal, const char *path, struct buf *out);

/* Read JSON text that receipt_format made. ERR_INPUT when it is none. */
NODISCARD int receipt_parse(const char *json, struct receipt *ret_receipt, struct err *err);
void receipt_free(struct receipt *receipt);
#define AUTO_RECEIPT __attribute__((cleanup(receipt_free)))

/* The program's exit code: 0 committed or duplicate, 1 not taken, 4 committed with rows refused. */
int receipt_exit(const struct receipt *receipt);

/* Write the clerk's lines, in Chinese. */
void receipt_print(const struct receipt *receipt, FILE *out);

/* Append why the submission was not taken, in Chinese. */
void receipt_reason(const struct receipt *receipt, struct buf *out);

/*
 * Write `<path>.receipt.json`, whole or not at all. An empty path needs none.
 * ERR_SYSTEM when it cannot be written, such as when the file was moved away.
 */
NODISCARD int receipt_deliver(const char *path, const char *json, struct err *err);

#endif
