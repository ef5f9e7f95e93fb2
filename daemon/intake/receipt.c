#include "intake/receipt.h"

#include <string.h>

#include "frame.h"
#include "intake/intake_sql.h"
#include "intake/submission.h"
#include "record.h"

static const struct {
    const char *word, *text_zh;
} warnings[] = {
    {"identical", "与上月名册完全相同，请确认是否为本月数据"},
    {"partial", "行数不足前几个月中位数的八成，按不完整处理，请核对是否漏报"},
    {"waiting", "尚无可作底数的全量名册，本次增量已存，待全量报送后生效"},
};

static enum frame_status
receipt_status(enum submission_state state)
{
    static const enum frame_status statuses[] = {
        [SUBMISSION_VISIBLE] = FRAME_COMMITTED,
        [SUBMISSION_DUPLICATE] = FRAME_DUPLICATE,
        [SUBMISSION_REFUSED] = FRAME_REFUSED,
        [SUBMISSION_DISCARDED] = FRAME_DISCARDED,
    };

    return statuses[state];
}

static uint32_t
receipt_reason(const char *name)
{
    for (uint32_t reason = RECORD_BAD_ID; reason <= RECORD_REASON_LAST; reason++)
        if (strcmp(record_reason_name((enum record_reason)reason), name) == 0)
            return reason;
    return RECORD_OK;
}

/* The words stand between blanks, in the order of `warnings`. */
static void
receipt_warn(const char *words, struct frame_receipt *receipt)
{
    for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++) {
        if (strstr(words, warnings[i].word) == NULL)
            continue;
        receipt->warnings[receipt->warning_count] = warnings[i].word;
        receipt->warnings_zh[receipt->warning_count++] = warnings[i].text_zh;
    }
}

/* Copy a bytea of fixed length; a wrong length leaves zeros. */
static void
receipt_bytes(struct store_result *row, size_t index, int column, uint8_t *ret_bytes, size_t size)
{
    size_t len;
    const uint8_t *bytes = store_bytes(row, index, column, &len);

    memset(ret_bytes, 0, size);
    if (bytes != NULL && len == size)
        memcpy(ret_bytes, bytes, size);
}

/* Rows refused by the hub itself; the adapter knows its own. */
static int
receipt_refused(struct store *store, const struct frame_receipt *receipt,
                struct store_result **ret_rows, struct err *err)
{
    const struct store_param params[] = {STORE_I(receipt->county), STORE_I(receipt->submission),
                                         STORE_I(FRAME_REFUSED_MAX)};

    return store_run(store, intake_sql_receipt_refused.text, params, 3, ret_rows, NULL, err);
}

static int
receipt_add(struct store *store, struct store_result *rows, size_t index, struct receipts *receipts,
            struct err *err)
{
    struct frame_refused refused[FRAME_REFUSED_MAX];
    AUTO(store_result_free) struct store_result *refused_rows = NULL;
    struct frame frame = {.kind = FRAME_RECEIPT};
    struct frame_receipt *receipt = &frame.receipt;

    receipt_bytes(rows, index, 0, receipt->uuid, sizeof(receipt->uuid));
    receipt->last_seq = (uint64_t)store_int(rows, index, 1);
    receipt->status = receipt_status(submission_state_of(store_text(rows, index, 2)));
    receipt->county = (uint32_t)store_int(rows, index, 3);
    receipt->submission = (uint32_t)store_int(rows, index, 4);
    receipt->revision = (uint32_t)store_int(rows, index, 5);
    receipt->stored = (uint64_t)store_int(rows, index, 6);
    receipt->quarantined = (uint64_t)store_int(rows, index, 7);
    receipt_bytes(rows, index, 8, receipt->digest, sizeof(receipt->digest));
    receipt->committed_at = (uint64_t)store_int(rows, index, 9);
    receipt->code = (uint32_t)store_int(rows, index, 10);
    receipt->text = store_null(rows, index, 11) ? "" : store_text(rows, index, 11);
    receipt->text_zh = store_null(rows, index, 12) ? "" : store_text(rows, index, 12);
    receipt->partial = store_bool(rows, index, 13);
    receipt_warn(store_text(rows, index, 14), receipt);

    if (receipt_refused(store, receipt, &refused_rows, err) < 0)
        return -1;
    for (size_t i = 0; i < store_rows(refused_rows); i++)
        refused[i] = (struct frame_refused){
            .row_no = (uint32_t)store_int(refused_rows, i, 0),
            .column = store_text(refused_rows, i, 1),
            .reason = receipt_reason(store_text(refused_rows, i, 2)),
        };
    receipt->refused = refused;
    receipt->refused_count = store_rows(refused_rows);

    receipts->items = mem_grow(receipts->items, receipts->count + 1, sizeof(*receipts->items));
    receipts->items[receipts->count] = (struct buf){0};
    frame_encode(&frame, &receipts->items[receipts->count++]);
    return 0;
}

void
receipt_done(struct receipts *receipts)
{
    for (size_t i = 0; i < receipts->count; i++)
        buf_done(&receipts->items[i]);
    free(receipts->items);
    *receipts = (struct receipts){0};
}

int
receipt_load(struct store *store, const char *channel, const uint8_t *epoch, uint64_t from_seq,
             uint64_t to_seq, struct receipts *receipts, struct err *err)
{
    const struct store_param params[] = {STORE_T(channel), STORE_B(epoch, FRAME_EPOCH_BYTES),
                                         STORE_I(from_seq), STORE_I(to_seq), STORE_I(RECEIPT_MAX)};
    AUTO(store_result_free) struct store_result *rows = NULL;

    if (store_run(store, intake_sql_receipts.text, params, 5, &rows, NULL, err) < 0)
        return err_wrap(err, "cannot read receipts");
    for (size_t i = 0; i < store_rows(rows); i++)
        if (receipt_add(store, rows, i, receipts, err) < 0)
            return err_wrap(err, "cannot read receipts");
    return 0;
}
