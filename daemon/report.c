#include "report.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MONTH(column) "to_char(" column ", 'YYYY-MM')"

/* ---- status: one object for the whole hub ---- */

static const char status_sql[] =
    "with open as (select count(*) n from ops.submission where state = 'open'),"
    " unjudged as (select count(*) n from"
    "   (select county, count(*) visible from ops.submission where state = 'visible'"
    "    group by county) s"
    "   left join match.county c using (county)"
    "   where c.due is distinct from false or c.seen is distinct from s.visible),"
    " log as (select count(*) n from cases.outbox),"
    " acked as (select coalesce(sum(acked), 0) n from"
    "   (select max(acked) acked from cases.subscriber group by county, route) s)"
    " select (select max(version) from ops.schema_version),"
    " (select count(*) from ops.channel), (select count(*) from ops.channel where state <> 'ok'),"
    " open.n, (select count(*) from ops.submission where state = 'visible'), unjudged.n,"
    " (select to_char(max(judged_at), 'YYYY-MM-DD HH24:MI:SS') from match.month),"
    " (select count(*) from cases.case_masked where cleared is null and state <> 'WITHDRAWN'),"
    " log.n, acked.n, open.n = 0 and unjudged.n = 0"
    " from open, unjudged, log, acked"
    " where $1::integer is null or true or $2::date is null or $3::text is null";

static const struct view_column status_columns[] = {
    {"schema", "库版本", VIEW_INT},       {"channels", "通道", VIEW_INT},
    {"stopped", "停止的通道", VIEW_INT},  {"open", "在收", VIEW_INT},
    {"visible", "已收", VIEW_INT},        {"unjudged", "待研判县", VIEW_INT},
    {"judged_at", "最近研判", VIEW_TEXT}, {"cases_open", "未消除户", VIEW_INT},
    {"events", "事件", VIEW_INT},         {"events_acked", "已确认", VIEW_INT},
    {"idle", "空闲", VIEW_BOOL},
};

/* ---- feeds: what is there, late, half, stuck or refused ---- */

static const char feeds_sql[] =
    "with months as (select distinct county, period from ops.submission"
    "   where state in ('visible', 'refused', 'open')"
    "   and ($2::date is null or period = $2)"
    "   union select county, $2 from ops.feed where $2 is not null),"
    " last as (select distinct on (county, producer, record_type, period) *"
    "   from ops.submission where state in ('visible', 'refused', 'open')"
    "   order by county, producer, record_type, period,"
    "     array_position(array['open', 'visible', 'refused'], state), revision desc nulls last,"
    "     submission desc),"
    " feed as (select f.county, f.producer, f.title, f.record_type, f.expected, m.period, l.state,"
    "   l.revision, l.kind, l.nil, l.partial, l.stored, l.quarantined, l.reason_zh, l.warnings,"
    "   coalesce(l.closed_at, l.opened_at) as at, c.state as channel_state"
    "   from ops.feed f join months m using (county)"
    "   left join last l using (county, producer, record_type, period)"
    "   left join ops.channel c on c.name = f.channel)"
    " select county::text, " MONTH(
        "period") ", coalesce(title, producer), producer, record_type,"
                  " case when channel_state = 'stopped' then 'stuck' when state = 'open' then "
                  "'half'"
                  "   when state = 'refused' then 'refused'"
                  "   when nil then 'nil' when partial then 'partial' when state = 'visible' then "
                  "'complete'"
                  "   when period + interval '1 month 10 days' <= now() then 'late' else 'waiting' "
                  "end as is,"
                  " case when channel_state = 'stopped' then '停止' when state = 'open' then '在收'"
                  "   when state = 'refused' then '退回'"
                  "   when nil then '零报告' when partial then '不全' when state = 'visible' then "
                  "'已收'"
                  "   when period + interval '1 month 10 days' <= now() then '逾期' else '待报' "
                  "end,"
                  " kind, revision, stored, quarantined, to_char(at, 'YYYY-MM-DD HH24:MI:SS'),"
                  " reason_zh, to_jsonb(warnings)"
                  " from feed where (state is not null or (expected and record_type = any "
                  "($4::text[])))"
                  " and ($1::integer is null or county = $1) and ($3::text is null or record_type "
                  "= $3)"
                  " order by county, period, record_type, producer";

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

static const char report_sql[] = "select county::text, " MONTH(
    "r.month") ", rule, rule_version, r.state,"
               " case r.state when 'run' then '已运行' when 'not_run' then '未运行' else '出错' "
               "end,"
               " r.findings, r.withheld, to_jsonb(r.missing), array_to_string(r.missing, '、'),"
               " to_jsonb(r.unhelped), r.reason, m.settled"
               " from match.run r join match.month m using (county, month)"
               " where ($1::integer is null or county = $1) and ($2::date is null or r.month = $2)"
               " and ($3::text is null or rule = $3) order by county, r.month, rule";

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

#define FINDINGS_SQL(source)                                                                       \
    "select rule, rule_version, " MONTH(                                                           \
        "month") ", county::text, severity,"                                                       \
                 " case severity when 'red' then '红' when 'yellow' then '黄' else '绿' end,"   \
                 " household_no, subject_type, subject, subject_ref, \"values\", sources, "        \
                 "link_pass, urgent,"                                                              \
                 " route from match." source " where ($1::integer is null or county = $1)"         \
                 " and ($2::date is null or month = $2)"                                           \
                 " and ($3::text is null or $3 in (rule, household_no, subject_ref))"              \
                 " order by county, month, rule, subject_ref"

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

#define CASES_SQL                                                                                  \
    "select c.case_id, c.county::text, c.household_no, c.subject_ref, c.episode, c.severity,"      \
    " case c.severity when 'red' then '红' else '黄' end, c.x01, c.state, " MONTH(                 \
        "c.opened") ", " MONTH("c.cleared") ", c.case_seq, coalesce(f.list, '[]'), f.rules"        \
                                            " from cases.case_masked c left join lateral (select " \
                                            "jsonb_agg(jsonb_build_object("                        \
                                            "   'rule', rule, 'month', " MONTH(                    \
                                                "month") ", 'since', " MONTH("since") ","          \
                                                                                      "   "        \
                                                                                      "'severity'" \
                                                                                      ", "         \
                                                                                      "severity, " \
                                                                                      "'subject_"  \
                                                                                      "ref', "     \
                                                                                      "subject_"   \
                                                                                      "ref, "      \
                                                                                      "'rechecked" \
                                                                                      "', "        \
                                                                                      "rechecked)" \
                                                                                      "   order "  \
                                                                                      "by rule, "  \
                                                                                      "subject_"   \
                                                                                      "ref) "      \
                                                                                      "list, "     \
                                                                                      "string_"    \
                                                                                      "agg("       \
                                                                                      "distinct "  \
                                                                                      "rule, ' "   \
                                                                                      "') rules"   \
                                                                                      "   from "   \
                                                                                      "cases."     \
                                                                                      "finding_"   \
                                                                                      "masked h "  \
                                                                                      "where "     \
                                                                                      "h.county "  \
                                                                                      "= "         \
                                                                                      "c.county "  \
                                                                                      "and "       \
                                                                                      "h.case_id " \
                                                                                      "= "         \
                                                                                      "c.case_id)" \
                                                                                      " f on true"

static const char cases_sql[] = CASES_SQL
    " where ($1::integer is null or c.county = $1)"
    " and ($2::date is null or (c.opened <= $2 and (c.cleared is null or c.cleared > $2)))"
    " and $3::text is null"
    " order by c.county, c.severity, c.opened, c.case_id";

static const struct view_column cases_columns[] = {
    {"case", "编号", VIEW_TEXT},           {"county", NULL, VIEW_TEXT},
    {"household_no", "户编号", VIEW_TEXT}, {"subject_ref", NULL, VIEW_TEXT},
    {"episode", NULL, VIEW_INT},           {"severity", NULL, VIEW_TEXT},
    {"severity_zh", "级别", VIEW_LIST},    {"x01", "多因叠加", VIEW_BOOL},
    {"state", "状态", VIEW_TEXT},          {"opened", "发生", VIEW_TEXT},
    {"cleared", "消除", VIEW_TEXT},        {"case_seq", NULL, VIEW_INT},
    {"findings", NULL, VIEW_JSON},         {"rules", "原因", VIEW_LIST},
};

/* One case as one object: what `cases` says, with every finding's values, sources and links. */
/* clang-format off */
#define CASE_SQL(source)                                                                           \
    "select c.case_id, c.county::text, c.household_no, c.subject_ref, c.episode, c.severity,"      \
    " case c.severity when 'red' then '红' else '黄' end, c.x01, c.state, " MONTH("c.opened") ", " \
    MONTH("c.cleared") ", c.case_seq, coalesce(f.list, '[]'), f.rules"                             \
    " from cases.case_masked c left join lateral (select jsonb_agg(jsonb_build_object("            \
    "   'rule', rule, 'rule_version', rule_version, 'month', " MONTH("month") ","                  \
    "   'since', " MONTH("since") ", 'severity', severity, 'rechecked', rechecked,"                \
    "   'subject_type', subject_type, 'subject', subject, 'subject_ref', subject_ref,"             \
    "   'values', \"values\", 'sources', sources, 'link_pass', link_pass,"                         \
    "   'link_weight', link_weight, 'links', links, 'missing', to_jsonb(unhelped),"                \
    "   'oldest', " MONTH("oldest") ", 'newest', " MONTH("newest") ", 'route', route)"             \
    "   order by rule, subject_ref) list, string_agg(distinct rule, ' ') rules"                    \
    "   from cases." source " h where h.county = c.county and h.case_id = c.case_id) f on true"    \
    " where ($1::integer is null or c.county = $1) and $2::date is null and c.case_id = $3"

/* The findings that a case holds, a row each. A weight is shown in bits. */
#define HELD_SQL(source)                                                                           \
    "select rule, rule_version, severity,"                                                         \
    " case severity when 'red' then '红' when 'yellow' then '黄' else '绿' end, " MONTH("since")     \
    ", " MONTH("month") ", rechecked, subject_type, subject, subject_ref, link_pass,"              \
    " to_char(link_weight / 1000.0, 'FM9990.000'), route, \"values\"::text,"                       \
    " (select string_agg((s ->> 'record_type') || '/' || (s ->> 'submission') || '/' ||"           \
    " (s ->> 'row_no'), ' ') from jsonb_array_elements(sources) s),"                               \
    " array_to_string(unhelped, '、'), concat_ws(' 至 ', " MONTH("oldest") ", " MONTH("newest") ")" \
    " from cases." source " where ($1::integer is null or county = $1) and $2::date is null"       \
    " and case_id = $3 order by rule, subject_ref"
/* clang-format on */

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

static const char channels_sql[] =
    "select name, state, case state when 'ok' then '正常' else '停止' end, reason, next_seq,"
    " generation, county::text, submission, to_char(changed_at, 'YYYY-MM-DD HH24:MI:SS')"
    " from ops.channel where ($1::integer is null or true) and ($2::date is null or true)"
    " and $3::text is null order by name";

static const struct view_column channels_columns[] = {
    {"name", "通道", VIEW_TEXT},           {"state", NULL, VIEW_TEXT},
    {"state_zh", "状态", VIEW_LIST},       {"reason", "原因", VIEW_TEXT},
    {"next_seq", "下一序号", VIEW_INT},    {"generation", "会话代次", VIEW_INT},
    {"half_county", NULL, VIEW_TEXT},      {"half_submission", "在收批次", VIEW_INT},
    {"changed_at", "变更时间", VIEW_TEXT},
};

static const struct report reports[] = {
    {.name = "status",
     .help = "the hub in one line",
     .sql = status_sql,
     .columns = status_columns,
     .column_count = COUNT(status_columns)},
    {.name = "feeds",
     .help = "what came of each feed: complete, partial, half, stuck, refused, late [RECORD TYPE]",
     .sql = feeds_sql,
     .columns = feeds_columns,
     .column_count = COUNT(feeds_columns),
     .monthly = true},
    {.name = "report",
     .help = "what each rule did for a month, and what was missing [RULE]",
     .sql = report_sql,
     .columns = report_columns,
     .column_count = COUNT(report_columns)},
    {.name = "findings",
     .help = "what the rules found [RULE, household number or subject_ref]",
     .sql = FINDINGS_SQL("finding_masked"),
     .revealed = FINDINGS_SQL("finding_full"),
     .columns = findings_columns,
     .column_count = COUNT(findings_columns),
     .subject_type = 7,
     .subject_ref = 9},
    {.name = "cases",
     .help = "the consolidated warnings, one a household",
     .sql = cases_sql,
     .columns = cases_columns,
     .column_count = COUNT(cases_columns)},
    {.name = "case",
     .help = "one case with its findings, values and source rows; ID as `cases` shows it",
     .sql = CASE_SQL("finding_masked"),
     .revealed = CASE_SQL("finding_full"),
     .columns = cases_columns,
     .column_count = COUNT(cases_columns),
     .detail = "held"},
    {.name = "held",
     .sql = HELD_SQL("finding_masked"),
     .revealed = HELD_SQL("finding_full"),
     .columns = held_columns,
     .column_count = COUNT(held_columns),
     .subject_type = 7,
     .subject_ref = 9},
    {.name = "channel",
     .help = "list: every adapter's channel",
     .sql = channels_sql,
     .columns = channels_columns,
     .column_count = COUNT(channels_columns)},
};

const struct report *
report_find(const char *name)
{
    for (size_t i = 0; i < COUNT(reports); i++)
        if (strcmp(reports[i].name, name) == 0)
            return &reports[i];
    return NULL;
}

const struct report *
report_at(size_t index)
{
    return index < COUNT(reports) ? &reports[index] : NULL;
}
