#include "command/report.h"

#include <stdio.h>
#include <string.h>

#include "command/command_sql.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REPORT_SIGHT "{sight}" /* in a report's SQL: which edition of a view, masked or full */

/* ---- status: one object for the whole hub ---- */

static const struct view_column status_columns[] = {
    {"schema", "库版本", VIEW_INT},       {"channels", "通道", VIEW_INT},
    {"stopped", "停止的通道", VIEW_INT},  {"open", "在收", VIEW_INT},
    {"visible", "已收", VIEW_INT},        {"unjudged", "待研判县", VIEW_INT},
    {"judged_at", "最近研判", VIEW_TEXT}, {"cases_open", "未消除户", VIEW_INT},
    {"events", "事件", VIEW_INT},         {"events_acked", "已确认", VIEW_INT},
    {"idle", "空闲", VIEW_BOOL},
};

/* ---- feeds: what is there, late, half, stuck or refused ---- */

static const struct view_column feeds_columns[] = {
    {"county", "县", VIEW_TEXT},         {"month", "月份", VIEW_TEXT},
    {"title", "单位", VIEW_TEXT},        {"producer", NULL, VIEW_TEXT},
    {"record_type", "数据", VIEW_TEXT},  {"state", NULL, VIEW_TEXT},
    {"state_zh", "状态", VIEW_LIST},     {"kind", "种类", VIEW_TEXT},
    {"revision", "版次", VIEW_INT},      {"stored", "入库行", VIEW_INT},
    {"quarantined", "问题行", VIEW_INT}, {"received_at", "收到", VIEW_TEXT},
    {"reason", "退回原因", VIEW_TEXT},   {"warnings", NULL, VIEW_JSON},
};

/* ---- report: what each rule did ---- */

static const struct view_column report_columns[] = {
    {"county", "县", VIEW_TEXT},    {"month", "月份", VIEW_TEXT},
    {"rule", "规则", VIEW_TEXT},    {"rule_version", "版本", VIEW_INT},
    {"state", NULL, VIEW_TEXT},     {"state_zh", "状态", VIEW_LIST},
    {"findings", "发现", VIEW_INT}, {"withheld", "暂不判定", VIEW_INT},
    {"missing", NULL, VIEW_JSON},   {"missing_zh", "缺少的数据", VIEW_LIST},
    {"unhelped", NULL, VIEW_JSON},  {"reason", "原因", VIEW_TEXT},
    {"settled", "已结", VIEW_BOOL},
};

/* ---- findings ---- */

static const struct view_column findings_columns[] = {
    {"rule", "规则", VIEW_TEXT},           {"rule_version", "版本", VIEW_INT},
    {"month", "月份", VIEW_TEXT},          {"county", "县", VIEW_TEXT},
    {"severity", NULL, VIEW_TEXT},         {"severity_zh", "级别", VIEW_LIST},
    {"household_no", "户编号", VIEW_TEXT}, {"subject_type", "对象类别", VIEW_TEXT},
    {"subject", "对象", VIEW_TEXT},        {"subject_ref", NULL, VIEW_TEXT},
    {"values", NULL, VIEW_JSON},           {"sources", NULL, VIEW_JSON},
    {"link_pass", NULL, VIEW_TEXT},        {"urgent", NULL, VIEW_BOOL},
    {"route", "去向", VIEW_TEXT},
};

/* ---- cases, and one case ---- */

static const struct view_column cases_columns[] = {
    {"case", "编号", VIEW_TEXT},           {"county", NULL, VIEW_TEXT},
    {"household_no", "户编号", VIEW_TEXT}, {"subject_ref", NULL, VIEW_TEXT},
    {"episode", NULL, VIEW_INT},           {"severity", NULL, VIEW_TEXT},
    {"severity_zh", "级别", VIEW_LIST},    {"x01", "多因叠加", VIEW_BOOL},
    {"state", "状态", VIEW_TEXT},          {"opened", "发生", VIEW_TEXT},
    {"cleared", "消除", VIEW_TEXT},        {"case_seq", NULL, VIEW_INT},
    {"findings", NULL, VIEW_JSON},         {"rules", "原因", VIEW_LIST},
};

static const struct view_column held_columns[] = {
    {"rule", "规则", VIEW_TEXT},
    {"rule_version", "版本", VIEW_INT},
    {"severity", NULL, VIEW_TEXT},
    {"severity_zh", "级别", VIEW_LIST},
    {"since", "起始", VIEW_TEXT},
    {"month", "最近", VIEW_TEXT},
    {"rechecked", "已复核", VIEW_BOOL},
    {"subject_type", "对象类别", VIEW_TEXT},
    {"subject", "对象", VIEW_TEXT},
    {"subject_ref", "查询号", VIEW_TEXT},
    {"link_pass", "匹配方式", VIEW_TEXT},
    {"link_weight", "匹配权重", VIEW_TEXT},
    {"route", "去向", VIEW_TEXT},
    {"values", "依据", VIEW_TEXT},
    {"sources", "来源行 类型/批次/行号", VIEW_TEXT},
    {"missing", "缺少的数据", VIEW_TEXT},
    {"age", "数据年月", VIEW_TEXT},
};

/* ---- channel list ---- */

static const struct view_column channels_columns[] = {
    {"name", "通道", VIEW_TEXT},           {"state", NULL, VIEW_TEXT},
    {"state_zh", "状态", VIEW_LIST},       {"reason", "原因", VIEW_TEXT},
    {"next_seq", "下一序号", VIEW_INT},    {"generation", "会话代次", VIEW_INT},
    {"half_county", NULL, VIEW_TEXT},      {"half_submission", "在收批次", VIEW_INT},
    {"changed_at", "变更时间", VIEW_TEXT},
};

/* ---- review: links that wait for a clerk, and one of them ---- */

static const struct view_column review_columns[] = {
    {"id", "编号", VIEW_TEXT},
    {"county", "县", VIEW_TEXT},
    {"month", "月份", VIEW_TEXT},
    {"record_type", NULL, VIEW_TEXT},
    {"submission", NULL, VIEW_INT},
    {"row", "行号", VIEW_INT},
    {"quarantined", NULL, VIEW_BOOL},
    {"title", "单位", VIEW_TEXT},
    {"household_no", "户编号", VIEW_TEXT},
    {"pass", NULL, VIEW_INT},
    {"how", NULL, VIEW_TEXT},
    {"how_zh", "匹配方式", VIEW_LIST},
    {"band", NULL, VIEW_TEXT},
    {"band_zh", "状态", VIEW_LIST},
    {"weight", NULL, VIEW_JSON},
    {"weight_zh", "权重(比特)", VIEW_LIST},
    {"probability", NULL, VIEW_JSON},
    {"probability_zh", "概率", VIEW_LIST},
    {"model", NULL, VIEW_TEXT},
    {"same", NULL, VIEW_BOOL},
    {"decision_zh", "决定", VIEW_LIST},
    {"decided_by", "决定人", VIEW_TEXT},
    {"decided_at", "决定时间", VIEW_TEXT},
};

static const struct view_column review_show_columns[] = {
    {"id", "编号", VIEW_TEXT},
    {"county", "县", VIEW_TEXT},
    {"month", "月份", VIEW_TEXT},
    {"record_type", NULL, VIEW_TEXT},
    {"submission", NULL, VIEW_INT},
    {"row", NULL, VIEW_INT},
    {"quarantined", NULL, VIEW_BOOL},
    {"household_no", "户编号", VIEW_TEXT},
    {"pass", NULL, VIEW_INT},
    {"how", NULL, VIEW_TEXT},
    {"how_zh", "匹配方式", VIEW_LIST},
    {"band", NULL, VIEW_TEXT},
    {"band_zh", "状态", VIEW_LIST},
    {"weight", NULL, VIEW_JSON},
    {"weight_zh", "权重(比特)", VIEW_LIST},
    {"probability", NULL, VIEW_JSON},
    {"probability_zh", "概率", VIEW_LIST},
    {"model", "模型版本", VIEW_TEXT},
    {"same", NULL, VIEW_BOOL},
    {"decision_zh", "决定", VIEW_LIST},
    {"decided_by", "决定人", VIEW_TEXT},
    {"decided_at", "决定时间", VIEW_TEXT},
    {"reason", "理由", VIEW_TEXT},
    {"fields", NULL, VIEW_JSON},
    {"terms", NULL, VIEW_JSON},
    {"member_no", NULL, VIEW_LIST}, /* for the record of a look-up */
    {"record_no", NULL, VIEW_LIST},
};

static const struct view_column review_field_columns[] = {
    {"field", "项目", VIEW_TEXT},
    {"record", "部门报来的记录", VIEW_TEXT},
    {"member", "户籍登记的成员", VIEW_TEXT},
};

static const struct view_column review_term_columns[] = {
    {"field", "项目", VIEW_TEXT},
    {"level", "比较结果", VIEW_TEXT},
    {"weight", "权重(比特)", VIEW_TEXT},
};

static const struct report reports[] = {
    {.name = "status",
     .sql = &command_sql_status,
     .columns = status_columns,
     .column_count = COUNT(status_columns)},
    {.name = "feeds",
     .sql = &command_sql_feeds,
     .columns = feeds_columns,
     .column_count = COUNT(feeds_columns),
     .monthly = true},
    {.name = "report",
     .sql = &command_sql_report,
     .columns = report_columns,
     .column_count = COUNT(report_columns)},
    {.name = "findings",
     .sql = &command_sql_findings,
     .columns = findings_columns,
     .column_count = COUNT(findings_columns),
     .subject_type = 7,
     .subject_ref = 9},
    {.name = "cases",
     .sql = &command_sql_cases,
     .columns = cases_columns,
     .column_count = COUNT(cases_columns)},
    {.name = "case",
     .sql = &command_sql_case,
     .columns = cases_columns,
     .column_count = COUNT(cases_columns),
     .detail = "held"},
    {.name = "held",
     .sql = &command_sql_held,
     .columns = held_columns,
     .column_count = COUNT(held_columns),
     .subject_type = 7,
     .subject_ref = 9},
    {.name = "channel",
     .sql = &command_sql_channel,
     .columns = channels_columns,
     .column_count = COUNT(channels_columns)},
    {.name = "review",
     .sql = &command_sql_review,
     .columns = review_columns,
     .column_count = COUNT(review_columns)},
    {.name = "review_show",
     .sql = &command_sql_review_show,
     .columns = review_show_columns,
     .column_count = COUNT(review_show_columns)},
    {.name = "review_field",
     .sql = &command_sql_review_field,
     .columns = review_field_columns,
     .column_count = COUNT(review_field_columns)},
    {.name = "review_term",
     .sql = &command_sql_review_term,
     .columns = review_term_columns,
     .column_count = COUNT(review_term_columns)},
};

const struct report *
report_find(const char *name)
{
    for (size_t i = 0; i < COUNT(reports); i++)
        if (strcmp(reports[i].name, name) == 0)
            return &reports[i];
    return NULL;
}

bool
report_can_reveal(const struct report *report)
{
    return strstr(report->sql->text, REPORT_SIGHT) != NULL;
}

void
report_add_sql(const struct report *report, bool full, struct buf *out)
{
    BUF_ADD_FILLED(out, report->sql->text, {"sight", full ? "full" : "masked"});
}
