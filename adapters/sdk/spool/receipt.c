#include "sdk/spool/receipt.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "record.h"
#include "sdk/spool/durable.h"

/* By enum receipt_status, whose first values are those of enum frame_status. */
static const struct {
    const char *name;
    const char *zh; /* what the clerk reads */
} receipt_states[] = {
    [RECEIPT_COMMITTED] = {"committed", "已入库"},                             /* stored */
    [RECEIPT_DUPLICATE] = {"duplicate", "此前已收到相同内容，未作改动"},       /* nothing changed */
    [RECEIPT_REFUSED] = {"refused", "整份退回，未入库"},                       /* sent back whole */
    [RECEIPT_DISCARDED] = {"discarded", "传输中断后已作废，请重新报送该文件"}, /* send again */
    [RECEIPT_DAMAGED] = {"damaged", "本机暂存文件损坏、未送出，请重新报送该文件"}, /* send again */
};
_Static_assert((int)RECEIPT_DISCARDED == (int)FRAME_DISCARDED, "receipt states follow the wire");

static const char *const receipt_kinds[] = {
    [FRAME_FULL] = "full", [FRAME_DELTA] = "delta", [FRAME_CORRECTION] = "correction"};

static void
receipt_add_hex(struct json *json, const char *key, const uint8_t *bytes, size_t len)
{
    char hex[DIGEST_HEX];

    digest_hex(bytes, len, hex);
    json_add_text(json, key, hex);
}

/* A path that is no UTF-8 cannot stand in JSON and is left out. */
static void
receipt_add_path(struct json *json, const char *path)
{
    if (path[0] != '\0' && text_utf8_length(path, strlen(path)) >= 0)
        json_add_text(json, "file", path);
}

/* The submission that was sent. */
static void
receipt_add_head(struct json *json, const struct subfile_head *head)
{
    char period[8];

    clock_format_month((int32_t)head->period, period);
    json_add_text(json, "record_type", head->record_type);
    json_add_text(json, "producer", head->producer);
    json_add_int(json, "county", head->county);
    json_add_text(json, "period", period);
    json_add_text(json, "kind", receipt_kinds[head->kind]);
    json_add_bool(json, "nil", head->nil);
    receipt_add_path(json, head->file);
}

static void
receipt_add_refused(struct json *json, const struct frame_receipt *frame)
{
    json_open_array(json, "refused");
    for (size_t i = 0; i < frame->refused_count; i++) {
        const struct frame_refused *row = &frame->refused[i];

        json_open_object(json, NULL);
        json_add_int(json, "row", row->row_no);
        json_add_text(json, "column", row->column);
        json_add_text(json, "reason",
                      row->reason <= RECORD_REASON_LAST
                          ? record_reason_name((enum record_reason)row->reason)
                          : "");
        json_close_object(json);
    }
    json_close_array(json);
}

void
receipt_format(const struct frame_receipt *frame, const struct subfile_head *head, struct buf *out)
{
    struct json json = {.out = out};
    char time[32] = "";

    if (frame->committed_at != 0)
        clock_format_time((int64_t)frame->committed_at, time);
    json_open_object(&json, NULL);
    json_add_text(&json, "status", receipt_states[frame->status].name);
    json_add_bool(&json, "committed", frame->status == FRAME_COMMITTED);
    receipt_add_head(&json, head);
    json_add_int(&json, "revision", frame->revision);
    json_add_int(&json, "submission", frame->submission);
    json_add_int(&json, "stored", (int64_t)frame->stored);
    json_add_int(&json, "quarantined", (int64_t)frame->quarantined);
    receipt_add_hex(&json, "digest", frame->digest, sizeof(frame->digest));
    json_add_text(&json, "time", time);
    json_add_bool(&json, "partial", frame->partial);
    json_open_array(&json, "warnings");
    for (size_t i = 0; i < frame->warning_count; i++)
        json_add_text(&json, NULL, frame->warnings[i]);
    json_close_array(&json);
    json_open_array(&json, "warnings_zh");
    for (size_t i = 0; i < frame->warning_count; i++)
        json_add_text(&json, NULL, frame->warnings_zh[i]);
    json_close_array(&json);
    json_add_text(&json, "code", frame->code == 0 ? "" : err_name((enum err_code)frame->code));
    json_add_text(&json, "text", frame->text == NULL ? "" : frame->text);
    json_add_text(&json, "text_zh", frame->text_zh == NULL ? "" : frame->text_zh);
    receipt_add_refused(&json, frame);
    receipt_add_hex(&json, "uuid", frame->uuid, sizeof(frame->uuid));
    json_add_int(&json, "last_seq", (int64_t)frame->last_seq);
    json_close_object(&json);
    buf_add_str(out, "\n");
}

void
receipt_format_damaged(const uint8_t uuid[FRAME_UUID_BYTES], struct buf *out)
{
    struct json json = {.out = out};

    json_open_object(&json, NULL);
    json_add_text(&json, "status", receipt_states[RECEIPT_DAMAGED].name);
    json_add_bool(&json, "committed", false);
    json_add_text(&json, "code", err_name(ERR_INPUT));
    json_add_text(&json, "text", "damaged: send the file again");
    json_add_text(&json, "text_zh", "");
    receipt_add_hex(&json, "uuid", uuid, FRAME_UUID_BYTES);
    json_close_object(&json);
    buf_add_str(out, "\n");
}

void
receipt_format_refusal(const struct refusal *refusal, const char *path, struct buf *out)
{
    struct json json = {.out = out};

    json_open_object(&json, NULL);
    json_add_text(&json, "status", receipt_states[RECEIPT_REFUSED].name);
    json_add_bool(&json, "committed", false);
    receipt_add_path(&json, path);
    json_add_text(&json, "code", refusal_word(refusal->code));
    json_add_text(&json, "text", refusal->en);
    json_add_text(&json, "text_zh", refusal->zh);
    json_close_object(&json);
    buf_add_str(out, "\n");
}

/* Read an optional number, boolean or text; what is absent stays 0, false or "". */
static int
receipt_get_number(const struct yaml_node *root, const char *key, uint64_t *ret_value,
                   struct err *err)
{
    const struct yaml_node *node = yaml_find(root, key);
    int64_t value = 0;

    if (node != NULL && yaml_int(node, 0, INT64_MAX, &value, err) != 0)
        return -1;
    *ret_value = (uint64_t)value;
    return 0;
}

static const char *
receipt_get_text(const struct yaml_node *root, const char *key)
{
    const struct yaml_node *node = yaml_find(root, key);

    return node == NULL || node->text == NULL ? "" : node->text;
}

static int
receipt_get_status(const struct yaml_node *root, enum receipt_status *ret_status, struct err *err)
{
    const char *name = receipt_get_text(root, "status");

    for (size_t i = 0; i < sizeof(receipt_states) / sizeof(receipt_states[0]); i++)
        if (strcmp(name, receipt_states[i].name) == 0) {
            *ret_status = (enum receipt_status)i;
            return 0;
        }
    return err_set(err, ERR_INPUT, "the receipt has no status");
}

int
receipt_parse(const char *json, struct receipt *ret_receipt, struct err *err)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    struct receipt receipt = {0};
    const struct yaml_node *root, *partial;
    uint64_t revision = 0;

    /* JSON is YAML in flow style */
    if (yaml_parse("receipt", json, strlen(json), &tree, err) != 0)
        return -1;
    root = yaml_root(tree);
    partial = yaml_find(root, "partial");
    if (receipt_get_status(root, &receipt.status, err) != 0 ||
        receipt_get_number(root, "revision", &revision, err) != 0 ||
        receipt_get_number(root, "stored", &receipt.stored, err) != 0 ||
        receipt_get_number(root, "quarantined", &receipt.quarantined, err) != 0 ||
        (partial != NULL && yaml_bool(partial, &receipt.partial, err) != 0))
        return -1;
    receipt.revision = (uint32_t)revision;
    receipt.text = receipt_get_text(root, "text");
    receipt.text_zh = receipt_get_text(root, "text_zh");
    receipt.digest = receipt_get_text(root, "digest");
    receipt.time = receipt_get_text(root, "time");
    receipt.warnings_zh = yaml_find(root, "warnings_zh");
    receipt.refused = yaml_find(root, "refused");
    receipt.tree = STEAL(tree);
    *ret_receipt = receipt;
    return 0;
}

void
receipt_free(struct receipt *receipt)
{
    yaml_free(receipt->tree);
    *receipt = (struct receipt){0};
}

int
receipt_exit(const struct receipt *receipt)
{
    switch (receipt->status) {
    case RECEIPT_COMMITTED:
        return receipt->quarantined > 0 ? 4 : 0;
    case RECEIPT_DUPLICATE:
        return 0;
    case RECEIPT_REFUSED:
    case RECEIPT_DISCARDED:
    case RECEIPT_DAMAGED:
        return 1;
    }
    return 1;
}

void
receipt_reason(const struct receipt *receipt, struct buf *out)
{
    buf_add_str(out, receipt_states[receipt->status].zh);
    if (receipt->text_zh[0] != '\0' || receipt->text[0] != '\0')
        buf_add_fmt(out, "：%s", receipt->text_zh[0] != '\0' ? receipt->text_zh : receipt->text);
}

void
receipt_print(const struct receipt *receipt, FILE *out)
{
    AUTO_BUF struct buf reason = {0};

    /* Receipt: <status>, revision N. Stored N rows, N rows to be corrected. Digest, time. */
    receipt_reason(receipt, &reason);
    (void)fprintf(out, "回执：%s", buf_str(&reason));
    if (receipt->revision > 0)
        (void)fprintf(out, "（第 %" PRIu32 " 版）", receipt->revision);
    if (receipt->status == RECEIPT_COMMITTED)
        (void)fprintf(out, "，入库 %" PRIu64 " 行，待更正 %" PRIu64 " 行", receipt->stored,
                      receipt->quarantined);
    if (receipt->digest[0] != '\0')
        (void)fprintf(out, "，摘要 %.16s", receipt->digest);
    if (receipt->time[0] != '\0')
        (void)fprintf(out, "，时间 %s", receipt->time);
    (void)fputs("\n", out);
    if (receipt->warnings_zh == NULL)
        return;
    for (const struct yaml_node *node = receipt->warnings_zh->first; node != NULL;
         node = node->next)
        if (node->text != NULL)
            (void)fprintf(out, "提示：%s\n", node->text);
}

int
receipt_deliver(const char *path, const char *json, struct err *err)
{
    AUTO_BUF struct buf name = {0};

    if (path[0] == '\0')
        return 0;
    buf_add_fmt(&name, "%s.receipt.json", path);
    return durable_replace_path(buf_str(&name), json, strlen(json), err);
}
