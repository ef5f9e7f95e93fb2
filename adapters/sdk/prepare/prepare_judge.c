#include "sdk/prepare/prepare_judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define PREPARE_DAMAGE_ROWS 20   /* fewer numbers prove nothing */
#define PREPARE_DAMAGE_PERCENT 5 /* of the numbers; by chance 000 ends one in 1100 */

void
prepare_judge_warn(struct prepare_result *result, const char *code, const char *zh, const char *en,
                   ...)
{
    struct prepare_warning *warning = &result->warnings[result->warning_count];
    va_list args;

    if (result->warning_count == PREPARE_WARNINGS_MAX)
        return;
    warning->code = code;
    va_start(args, en);
    (void)vsnprintf(warning->zh, sizeof(warning->zh), zh, args);
    va_end(args);
    va_start(args, en);
    (void)vsnprintf(warning->en, sizeof(warning->en), en, args);
    va_end(args);
    result->warning_count++;
}

static void
prepare_judge_nil(const struct prepare_options *options, struct prepare_result *result)
{
    const struct record_type *type = options->type;

    if (options->kind == FRAME_CORRECTION)
        refusal_set(&result->refusal, REFUSAL_NIL_CORRECTION,
                    "更正不能是零报告：没有要更正的行就不用发送。",
                    "a correction cannot be nil: with nothing to correct there is nothing to send");
    else if (options->kind == FRAME_FULL && type->kind == RECORD_ROSTER && !type->nil)
        refusal_set(
            &result->refusal, REFUSAL_NIL_ROSTER,
            "“%s”是名册，不能零报告全量。如本月没有变化，请发送增量零报告（--kind delta "
            "--nil）。",
            "%s is a roster and cannot be nil; when nothing changed, send a delta nil (--kind "
            "delta --nil)",
            type->title);
}

void
prepare_judge_options(const struct prepare_options *options, struct prepare_result *result)
{
    int32_t month = clock_month_of(options->today);
    char period[8], now[8];

    if (!clock_month_valid(options->period)) {
        refusal_set(
            &result->refusal, REFUSAL_PERIOD,
            "没有指明是哪个月的数据。请用 --period 2024-03 指明，或按“表名.年月.csv”命名文件。",
            "the period is missing or no month; give --period YYYY-MM, or call the file "
            "'<record type>.<period>.csv'");
        return;
    }
    if (options->period > month) {
        clock_format_month(options->period, period);
        clock_format_month(month, now);
        refusal_set(&result->refusal, REFUSAL_FUTURE_PERIOD,
                    "数据月份 %s 晚于本月（%s）。请核对月份后重新发送。",
                    "the period %s lies after this month (%s); correct the period", period, now);
        return;
    }
    if (options->nil)
        prepare_judge_nil(options, result);
}

static void
prepare_judge_empty(const struct prepare_options *options, struct prepare_result *result)
{
    if (options->kind == FRAME_FULL && options->type->kind == RECORD_ROSTER && !options->type->nil)
        refusal_set(
            &result->refusal, REFUSAL_EMPTY,
            "空文件：只有表头，没有数据行。名册不能为空；如本月没有变化，请发送增量零报告（--kind "
            "delta --nil）。",
            "the file has no data rows; a roster cannot be empty, when nothing changed "
            "send a delta nil (--kind delta --nil)");
    else
        refusal_set(&result->refusal, REFUSAL_EMPTY,
                    "空文件：只有表头，没有数据行。如本月无数据请发零报告（--nil）。",
                    "the file has no data rows; when there is nothing this month, send a nil "
                    "report (--nil)");
}

/* The field that most refused rows have in common, for the clerk to look at first. */
static const char *
prepare_worst_column(const struct prepare_result *result)
{
    size_t worst = 0;

    for (size_t i = 1; i < result->type->field_count; i++)
        if (result->column_bad[i] > result->column_bad[worst])
            worst = i;
    return result->type->fields[worst].column;
}

/*
 * A spreadsheet that takes citizen numbers for quantities keeps 15 digits and
 * writes 000 behind them, or passes them through a floating-point number, after
 * which every one is a multiple of 16. About one in twelve still passes its check
 * character, as somebody else's number; so the whole column is refused.
 */
static bool
prepare_is_damaged(const struct prepare_counts *counts)
{
    return counts->numbers >= PREPARE_DAMAGE_ROWS &&
           (counts->rounded * 100 > counts->numbers * PREPARE_DAMAGE_PERCENT ||
            counts->sixteenths == counts->numbers);
}

/* A column of references that a spreadsheet has damaged: its field, or -1. Of a household's number, or
   of a column of the key, no value stands for most of the rows. */
static int
prepare_damaged_reference(const struct record_type *type, const struct prepare_counts *counts)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct prepare_reference *look = &counts->references[i];
        bool alike =
            look->filled >= PREPARE_DAMAGE_ROWS && look->majority * 5 > (int64_t)look->filled;

        if (look->scientific >= 2 && look->scientific * 100 > look->filled * PREPARE_DAMAGE_PERCENT)
            return (int)i;
        if (alike && ((int)i == type->household_no || (int)i == type->key[0]))
            return (int)i;
    }
    return -1;
}

/* References of digits alone that have two lengths: some have lost the zeros before them. */
static void
prepare_warn_lengths(const struct prepare_counts *counts, struct prepare_result *result)
{
    const struct record_type *type = result->type;

    for (size_t i = 0; i < type->field_count; i++) {
        const struct prepare_reference *look = &counts->references[i];
        int shorter = 0, longer = 0;

        for (int len = 1; len < PREPARE_LENGTHS; len++) {
            if (look->lengths[len] * 5 < look->filled || look->filled < 4)
                continue;
            if (shorter == 0)
                shorter = len;
            else
                longer = len;
        }
        if (longer > 0)
            prepare_judge_warn(result, "two_lengths",
                               "“%s”列的编号有 %d 位和 %d 位两种长度，可能丢了前面的 0，请核对",
                               "the numbers in column %s have two lengths, %d and %d digits: zeros "
                               "before them may be lost",
                               type->fields[i].column, shorter, longer);
    }
}

/* Optional columns that the file lacks while it has others that nobody knows. */
static void
prepare_warn_columns(struct prepare_result *result, const struct prepare_counts *counts)
{
    const struct record_type *type = result->type;
    char missing[160] = "";
    size_t len = 0;

    for (size_t i = 0; i < type->field_count; i++)
        if (counts->absent[i] && len + strlen(type->fields[i].column) + 4 < sizeof(missing))
            len += (size_t)snprintf(missing + len, sizeof(missing) - len, "%s%s",
                                    len > 0 ? "、" : "", type->fields[i].column);
    if (len > 0)
        prepare_judge_warn(
            result, "missing_columns",
            "模板里的可选列“%s”没有找到，而“%s”不认识、已忽略；如是同一列请改成模板的列名",
            "optional columns %s are not in the file, and %s is unknown and was "
            "ignored; rename it when it is the same",
            missing, result->unknown[0]);
}

static void
prepare_judge_bad(const struct prepare_options *options, struct prepare_result *result)
{
    uint64_t county = result->reasons[RECORD_COUNTY];

    if (result->reasons[RECORD_BAD_UNIT] * 2 > result->refused)
        refusal_set(
            &result->refusal, REFUSAL_UNIT,
            "%llu 行的金额以万元、千元等为单位，而应以元为单位。请换算成元，或在适配器配置的 units "
            "中登记该列，然后重新发送。",
            "the sums of %llu rows count thousands or ten thousands of yuan, and yuan are "
            "wanted: convert them, or list the column under 'units' in the adapter's "
            "configuration, and send the file again",
            (unsigned long long)result->reasons[RECORD_BAD_UNIT]);
    else if (county * 2 > result->refused)
        refusal_set(&result->refusal, REFUSAL_OTHER_COUNTY,
                    "%llu 行中有 %llu 行不属于本县（%06u），超过 %d%%。请核对是否发错了文件。",
                    "of %llu rows %llu belong to another county than %06u, more than %d %%; check "
                    "whether this is the right file",
                    (unsigned long long)result->rows, (unsigned long long)county, options->county,
                    options->reject_above_percent);
    else
        refusal_set(
            &result->refusal, REFUSAL_TOO_MANY_BAD,
            "%llu 行中有 %llu 行不能用，超过 %d%%，整个文件未接收。问题最多的列：%s。请在原文件"
            "中改正后重新发送，逐行原因见退回清单。",
            "of %llu rows %llu cannot be used, more than %d %%, so the file is refused; most "
            "are wrong in column %s; mend the file and send it again, the reject report "
            "has each row's reason",
            (unsigned long long)result->rows, (unsigned long long)result->refused,
            options->reject_above_percent, prepare_worst_column(result));
}

static void
prepare_judge_events(const struct prepare_options *options, const struct prepare_counts *counts,
                     struct prepare_result *result)
{
    char period[8];

    clock_format_month(options->period, period);
    refusal_set(&result->refusal, REFUSAL_EVENT_DATES,
                "%llu 行中有 %llu 行的“%s”不在 %s。请核对是否发错了月份。",
                "of %llu rows %llu have their %s outside %s; check whether this is the right month",
                (unsigned long long)counts->events, (unsigned long long)counts->events_outside,
                options->type->fields[options->type->event_date].column, period);
}

/* Warn when the title or the file's name speaks of another month than the file is sent for. */
static void
prepare_warn_month(int32_t said, const char *code, const char *zh, const char *en,
                   const struct prepare_counts *counts, struct prepare_result *result)
{
    char other[8], period[8];

    if (said == 0 || said == counts->period)
        return;
    clock_format_month(said, other);
    clock_format_month(counts->period, period);
    /* both languages get all the words, and each leaves the other's out */
    prepare_judge_warn(result, code, "%1$s上写的是 %3$s，而本文件按 %4$s 报送，请核对月份%2$.0s",
                       "%2$s says %3$s, and the file is sent for %4$s; check the month%1$.0s", zh,
                       en, other, period);
}

static void
prepare_judge_warnings(const struct prepare_counts *counts, struct prepare_result *result)
{
    if (result->unknown_count > 0)
        prepare_judge_warn(result, "unknown_columns", "有 %zu 列不在模板中，已忽略",
                           "%zu columns are not in the template and were ignored",
                           result->unknown_count);
    if (result->unknown_count > 0)
        prepare_warn_columns(result, counts);
    prepare_warn_lengths(counts, result);
    if (counts->hidden > 0)
        prepare_judge_warn(result, "hidden_rows",
                           "有 %llu 行在表格里是隐藏的（筛选或隐藏），也已读入",
                           "%llu rows are hidden in the sheet, and were read all the same",
                           (unsigned long long)counts->hidden);
    if (counts->stale)
        prepare_judge_warn(
            result, "not_calculated",
            "这个工作簿里的公式还没有重新计算，数值可能不对；请用 Excel 打开并保存后再报送",
            "the workbook asks to be calculated when it is opened and was not: its "
            "sums may be wrong; open and save it with Excel");
    prepare_warn_month(counts->title_month, "title_month", "表头", "the title", counts, result);
    prepare_warn_month(counts->named, "name_month", "文件名", "the file's name", counts, result);
    if (result->tails > 0)
        prepare_judge_warn(result, "tails", "有 %llu 行合计、重复的表头、填表人等，已略去",
                           "%llu rows are sums or a form's foot and were dropped",
                           (unsigned long long)result->tails);
    if (result->tests > 0)
        prepare_judge_warn(result, "test_rows", "有 %llu 行测试数据，已略去",
                           "%llu rows are test data and were dropped",
                           (unsigned long long)result->tests);
    if (counts->wide > 0)
        prepare_judge_warn(result, "extra_cells", "有 %llu 行的单元格比表头多，多出的部分已忽略",
                           "%llu rows have more cells than the header; the surplus was ignored",
                           (unsigned long long)counts->wide);
    if (counts->upgraded > 0)
        prepare_judge_warn(result, "short_ids", "有 %llu 个 15 位身份证号，已升为 18 位",
                           "%llu citizen numbers of 15 digits were upgraded to 18",
                           (unsigned long long)counts->upgraded);
    if (result->collapsed > 0)
        prepare_judge_warn(result, "copies", "有 %llu 行与前面的行完全相同，已合并",
                           "%llu rows are exact copies of earlier ones and were collapsed",
                           (unsigned long long)result->collapsed);
    if (counts->events_outside > 0)
        prepare_judge_warn(result, "other_months", "有 %llu 行的日期不在数据月份内",
                           "%llu rows have a date outside the period",
                           (unsigned long long)counts->events_outside);
}

/* A report holds nothing but refused rows: what of it is mended is taken, the rest stays refused. */
static bool
prepare_is_too_bad(const struct prepare_options *options, const struct prepare_counts *counts,
                   const struct prepare_result *result)
{
    return result->refused * 100 > result->rows * (uint64_t)options->reject_above_percent &&
           (!counts->report || result->stored == 0);
}

void
prepare_judge_rows(const struct prepare_options *options, const struct prepare_counts *counts,
                   struct prepare_result *result)
{
    prepare_judge_warnings(counts, result);
    if (result->refusal.code != REFUSAL_NONE)
        return;
    if (result->rows == 0)
        prepare_judge_empty(options, result);
    else if (prepare_damaged_reference(options->type, counts) >= 0)
        refusal_set(
            &result->refusal, REFUSAL_COLUMN_DAMAGED,
            "“%s”列的编号已被表格软件损坏（变成 3.6E+13 "
            "这样的数，或大部分行都是同一个值），无法恢复。"
            "请从原系统重新导出，把该列设为“文本”后再保存。",
            "the numbers in column %s were damaged by a spreadsheet (shown as 3.6E+13, or one "
            "value "
            "in most rows) and cannot be recovered; export the file again and make the column text "
            "before saving",
            options->type->fields[prepare_damaged_reference(options->type, counts)].column);
    else if (prepare_is_damaged(counts))
        refusal_set(
            &result->refusal, REFUSAL_COLUMN_DAMAGED,
            "“%s”列的号码已被表格软件损坏（末几位变成 0 或失真），无法恢复。请从原系统重新导出，"
            "把该列设为“文本”后再保存。",
            "the numbers in column %s were damaged by a spreadsheet (their last digits "
            "became 0 or were rounded) and cannot be recovered; export the file again and "
            "make the column text before saving",
            options->type->fields[options->type->id].column);
    else if (prepare_is_too_bad(options, counts, result))
        prepare_judge_bad(options, result);
    else if (counts->events_outside * 2 > counts->events)
        prepare_judge_events(options, counts, result);
}
