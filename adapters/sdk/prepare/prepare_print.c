/* What prepare found, for a clerk at a terminal and for programs. Never a row's content. */
#include "sdk/prepare/prepare.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define PREPARE_SHOWN_REJECTS 20 /* refused rows named at the terminal; the report has all */
#define PREPARE_FEN 100

/* "全量" (full), "增量" (delta), "更正" (correction). */
static const char *
prepare_kind(enum frame_submission kind, bool zh)
{
    switch (kind) {
    case FRAME_FULL:
        return zh ? "全量" : "full";
    case FRAME_DELTA:
        return zh ? "增量" : "delta";
    case FRAME_CORRECTION:
        return zh ? "更正" : "correction";
    }
    return "";
}

static void
prepare_print_reasons(FILE *out, const struct prepare_result *result)
{
    for (int i = RECORD_BAD_ID; i < PREPARE_REASONS; i++)
        if (result->reasons[i] > 0)
            fprintf(out, "  %llu 行：%s（%s）\n", (unsigned long long)result->reasons[i],
                    record_reason_text((enum record_reason)i),
                    record_reason_name((enum record_reason)i));
    for (size_t i = 0; i < result->type->field_count; i++)
        if (result->column_bad[i] > 0)
            fprintf(out, "  “%s”列：%llu 行\n", result->type->fields[i].column,
                    (unsigned long long)result->column_bad[i]);
    for (size_t i = 0; i < result->reject_count && i < PREPARE_SHOWN_REJECTS; i++) {
        const struct sink_row *row = &result->rejects[i];

        fprintf(out, "  第 %u 行“%s”：%s\n", row->row_no,
                row->field < 0 ? "" : result->type->fields[row->field].column,
                record_reason_text((enum record_reason)row->reason));
    }
    if (result->reject_count > PREPARE_SHOWN_REJECTS)
        fprintf(out, "  ……其余 %zu 行见退回清单\n", result->reject_count - PREPARE_SHOWN_REJECTS);
}

/* Fen as yuan, exactly. */
static void
prepare_print_totals(FILE *out, const struct prepare_result *result)
{
    size_t total = 0;

    for (size_t i = 0; i < result->type->field_count; i++) {
        int64_t fen;
        uint64_t size;

        if (result->type->fields[i].type != RECORD_MONEY)
            continue;
        fen = result->totals[total++];
        size = fen < 0 ? -(uint64_t)fen : (uint64_t)fen;
        if (result->column_filled[i] > 0)
            fprintf(out, "  %s合计：%s%llu.%02llu 元\n", result->type->fields[i].column,
                    fen < 0 ? "-" : "", (unsigned long long)(size / PREPARE_FEN),
                    (unsigned long long)(size % PREPARE_FEN));
    }
}

static void
prepare_print_counts(FILE *out, const struct prepare_result *result)
{
    fprintf(out, "数据 %llu 行：可用 %llu 行", (unsigned long long)result->rows,
            (unsigned long long)result->stored);
    if (result->removed > 0)
        fprintf(out, "（其中删除 %llu 行）", (unsigned long long)result->removed);
    if (result->collapsed > 0)
        fprintf(out, "，重复合并 %llu 行", (unsigned long long)result->collapsed);
    fprintf(out, "，退回 %llu 行\n", (unsigned long long)result->refused);
    prepare_print_reasons(out, result);
    prepare_print_totals(out, result);
}

/* Where the report is, and that somebody's work in an earlier one is not lost. */
static void
prepare_print_report(FILE *out, const struct sink_report *report, bool refused)
{
    if (report->csv != NULL)
        fprintf(out, "退回清单：%s\n", report->csv);
    if (report->book != NULL)
        fprintf(out, "同样的内容（Excel）：%s\n", report->book);
    if (report->csv != NULL && !refused)
        fprintf(out, "改好后原样发回%s即可，也可改原文件后整份重报。\n",
                report->book != NULL ? "其中一份" : "");
    if (report->kept != NULL)
        fprintf(out, "注意：原有的退回清单已被改动过，没有覆盖：%s\n", report->kept);
}

void
prepare_print(FILE *out, const struct prepare_options *options, const struct prepare_result *result)
{
    char period[8] = "?";

    if (clock_month_valid(options->period))
        clock_format_month(options->period, period);
    fprintf(out, "%s（%s） %s %s%s\n", result->type->title, result->type->name, period,
            prepare_kind(result->kind, true), result->nil ? " 零报告" : "");
    if (result->rows > 0)
        prepare_print_counts(out, result);
    for (size_t i = 0; i < result->unknown_count; i++)
        fprintf(out, "%s%s%s", i == 0 ? "不认识的列（已忽略）：" : "、", result->unknown[i],
                i + 1 == result->unknown_count ? "\n" : "");
    for (size_t i = 0; i < result->warning_count; i++)
        fprintf(out, "提醒：%s（%s）\n", result->warnings[i].zh, result->warnings[i].code);
    prepare_print_report(out, &result->report, result->refusal.code != REFUSAL_NONE);
    if (result->refusal.code != REFUSAL_NONE)
        fprintf(out, "结果：整个文件不能接收（%s）\n%s\n%s\n", refusal_word(result->refusal.code),
                result->refusal.zh, result->refusal.en);
    else
        fprintf(out, "结果：可以报送\n");
}

static void
prepare_json_columns(struct json *json, const struct prepare_result *result)
{
    size_t total = 0;

    json_open_array(json, "columns");
    for (size_t i = 0; i < result->type->field_count; i++) {
        const struct record_field *field = &result->type->fields[i];

        json_open_object(json, NULL);
        json_add_text(json, "field", field->name);
        json_add_text(json, "column", field->column);
        json_add_int(json, "filled", (int64_t)result->column_filled[i]);
        json_add_int(json, "bad", (int64_t)result->column_bad[i]);
        if (field->type == RECORD_MONEY)
            json_add_int(json, "total_fen", result->totals[total++]);
        json_close_object(json);
    }
    json_close_array(json);
}

static void
prepare_json_reasons(struct json *json, const struct prepare_result *result)
{
    json_open_object(json, "reasons");
    for (int i = RECORD_BAD_ID; i < PREPARE_REASONS; i++)
        if (result->reasons[i] > 0)
            json_add_int(json, record_reason_name((enum record_reason)i),
                         (int64_t)result->reasons[i]);
    json_close_object(json);
    json_open_array(json, "unknown_columns");
    for (size_t i = 0; i < result->unknown_count; i++)
        json_add_text(json, NULL, result->unknown[i]);
    json_close_array(json);
    json_open_array(json, "warnings");
    for (size_t i = 0; i < result->warning_count; i++) {
        json_open_object(json, NULL);
        json_add_text(json, "code", result->warnings[i].code);
        json_add_text(json, "text", result->warnings[i].en);
        json_add_text(json, "text_zh", result->warnings[i].zh);
        json_close_object(json);
    }
    json_close_array(json);
}

/* `refusal` is null when the file is a submission. */
static void
prepare_json_refusal(struct json *json, const struct refusal *refusal)
{
    if (refusal->code == REFUSAL_NONE) {
        json_add_text(json, "refusal", NULL);
        return;
    }
    json_open_object(json, "refusal");
    json_add_text(json, "code", refusal_word(refusal->code));
    json_add_text(json, "text", refusal->en);
    json_add_text(json, "text_zh", refusal->zh);
    json_close_object(json);
}

/* A path that is no UTF-8 cannot stand in JSON. */
static void
prepare_json_path(struct json *json, const char *key, const char *path)
{
    json_add_text(json, key,
                  path != NULL && text_utf8_length(path, strlen(path)) >= 0 ? path : NULL);
}

void
prepare_json(struct json *json, const struct prepare_options *options,
             const struct prepare_result *result)
{
    char period[8], digest[DIGEST_HEX];

    json_add_text(json, "record_type", result->type->name);
    json_add_text(json, "producer", options->producer);
    json_add_int(json, "county", options->county);
    if (clock_month_valid(options->period))
        clock_format_month(options->period, period);
    json_add_text(json, "period", clock_month_valid(options->period) ? period : NULL);
    json_add_text(json, "kind", prepare_kind(result->kind, false));
    json_add_bool(json, "nil", result->nil);
    json_add_bool(json, "accepted", result->refusal.code == REFUSAL_NONE);
    prepare_json_refusal(json, &result->refusal);
    json_add_int(json, "rows", (int64_t)result->rows);
    json_add_int(json, "stored", (int64_t)result->stored);
    json_add_int(json, "removed", (int64_t)result->removed);
    json_add_int(json, "collapsed", (int64_t)result->collapsed);
    json_add_int(json, "unresolved", (int64_t)result->refused); /* the name that scripts read */
    json_add_int(json, "blank", (int64_t)result->blank);
    json_add_int(json, "tails", (int64_t)result->tails);
    json_add_int(json, "tests", (int64_t)result->tests);
    json_add_int(json, "examples", (int64_t)result->examples);
    prepare_json_reasons(json, result);
    prepare_json_columns(json, result);
    json_add_bool(json, "rejects_written", result->rejects_written);
    prepare_json_path(json, "rejects_csv", result->report.csv);
    prepare_json_path(json, "rejects_xlsx", result->report.book);
    prepare_json_path(json, "rejects_kept", result->report.kept);
    digest_hex(result->digest, sizeof(result->digest), digest);
    json_add_text(json, "digest", result->refusal.code == REFUSAL_NONE ? digest : NULL);
}
