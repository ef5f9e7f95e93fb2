#include "command/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "command/report.h"
#include "command/reveal.h"
#include "command/review.h"
#include "command/rulebook.h"
#include "county/scheduler.h"
#include "judge/quality.h"
#include "record.h"
#include "store/list.h"

#define ASK_NAME_MAX 32

/* ---- reports ---- */

/* List the record types that come every month. */
static void
ask_monthly_types(struct list *out)
{
    for (size_t i = 0; record_at(i) != NULL; i++)
        if (record_at(i)->cadence == RECORD_MONTHLY)
            list_add_text(out, record_at(i)->name);
}

static int
ask_query(struct order *order, struct store *store, const struct report *report, const char *word,
          struct store_result **ret_result)
{
    AUTO_BUF struct buf sql = {0};
    AUTO_LIST struct list types = {0};
    char first[CLOCK_DATE_TEXT];
    uint32_t county;
    int32_t value;

    if (order_month(order, &value) != 0 || order_county(order, &county) != 0)
        return -1;
    if (order->month != NULL)
        clock_format_first(value, first);
    ask_monthly_types(&types);

    const struct store_param params[] = {
        STORE_T(order->county),
        STORE_T(order->month != NULL ? first : NULL),
        STORE_T(word),
        STORE_T(list_str(&types)),
    };

    report_add_sql(report, order->reveal != NULL, &sql);
    return store_run(store, buf_str(&sql), params, report->monthly ? 4 : 3, ret_result, NULL,
                     &order->err);
}

/* Connect, and with --reveal take the role that sees people in full. */
static int
ask_enter(struct order *order, const struct report *report, struct store **ret_store)
{
    AUTO(config_free) struct config *config = NULL;

    if (order_load(order, &config) != 0)
        return -1;
    if (order->reveal != NULL && !report_can_reveal(report))
        return err_set(&order->err, ERR_INPUT, "'%s' holds nobody's number: no --reveal",
                       report->name);
    if (order->reveal != NULL && reveal_reason(order->reveal, &order->err) != 0)
        return -1;
    if (order_connect(order, config, ret_store) != 0)
        return -1;
    return order->reveal == NULL ? 0
                                 : reveal_enter(*ret_store, config->store_reveal_role, &order->err);
}

static void
ask_print(const struct order *order, const struct report *report, struct store_result *result,
          const struct report *detail, struct store_result *below)
{
    if (order->json) {
        view_json(result, report->columns, report->column_count, stdout);
        return;
    }
    view_table(result, report->columns, report->column_count, stdout);
    if (detail == NULL)
        return;
    (void)fputc('\n', stdout);
    view_table(below, detail->columns, detail->column_count, stdout);
}

/* Run a report, put a look-up on record, and only then print. */
static int
ask_show(struct order *order, const struct report *report, const char *word)
{
    const struct report *detail = report->detail != NULL ? report_find(report->detail) : NULL;
    AUTO(store_close) struct store *store = NULL;
    AUTO(store_result_free) struct store_result *result = NULL, *below = NULL;

    if (ask_enter(order, report, &store) != 0 ||
        ask_query(order, store, report, word, &result) != 0 ||
        (detail != NULL && ask_query(order, store, detail, word, &below) != 0))
        return -1;
    if (detail != NULL && store_rows(result) == 0)
        return err_set(&order->err, ERR_MISSING, "no case of that number");
    if (order->reveal != NULL &&
        reveal_record_report(store, detail != NULL ? detail : report,
                             detail != NULL ? below : result, order->reveal, &order->err) != 0)
        return -1;
    ask_print(order, report, result, detail, below);
    return 0;
}

int
ask_report(void *values)
{
    struct order *order = values;
    const char *command = order->args.command->name;
    char name[ASK_NAME_MAX];

    (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(command, " "), command);
    return ask_show(order, report_find(name), order->all ? "all" : order->args.words[0]);
}

int
ask_quality(void *values)
{
    static const struct view_column columns[QUALITY_COLUMNS] = {
        {"check", "检查", VIEW_TEXT},       {"meaning", "问题", VIEW_TEXT},
        {"record_type", "数据", VIEW_TEXT}, {"producer", "单位", VIEW_TEXT},
        {"period", "月份", VIEW_TEXT},      {"revision", "版次", VIEW_INT},
        {"row", "行号", VIEW_INT},          {"column", "列名", VIEW_TEXT},
    };
    struct order *order = values;
    AUTO(config_free) struct config *config = NULL;
    AUTO(store_result_free) struct store_result *result = NULL;
    uint32_t county;
    int32_t month;

    if (order->sector == NULL || order->month == NULL)
        return err_set(&order->err, ERR_INPUT,
                       "report quality needs --sector NAME and --month YYYY-MM");
    if (order_month(order, &month) != 0 || order_county(order, &county) != 0 ||
        order_load(order, &config) != 0)
        return -1;
    if (county == 0 && config->county_count > 1)
        return err_set(&order->err, ERR_INPUT,
                       "report quality needs --county: the hub serves several");
    if (county == 0)
        county = config->counties[0].code;
    if (scheduler_quality(config, county, month, order->sector, &result, &order->err) != 0)
        return -1;
    if (order->json)
        view_json(result, columns, QUALITY_COLUMNS, stdout);
    else
        view_table(result, columns, QUALITY_COLUMNS, stdout);
    return 0;
}

int
ask_link(void *values)
{
    struct order *order = values;
    AUTO(config_free) struct config *config = NULL;
    AUTO(store_close) struct store *store = NULL;
    const struct review_order review = {
        .county = order->county, .reason = order->reveal, .json = order->json};
    struct review_id id;
    uint32_t county;

    if (order_load(order, &config) != 0 ||
        review_parse(order->args.words[0], &id, &order->err) != 0 ||
        order_county(order, &county) != 0 || order_connect(order, config, &store) != 0)
        return -1;
    return review_show(store, config, &id, &review, stdout, &order->err);
}

/* ---- rules and profiles ---- */

/* Read the rules, and a profile when one is named. Files that cannot be used are complained of. */
static int
ask_load_rules(struct order *order, const char *profile, struct rules **ret_rules,
               struct profile **ret_profile)
{
    AUTO(config_free) struct config *config = NULL;
    AUTO_BUF struct buf problems = {0};

    if (order_load(order, &config) != 0 ||
        rules_load_sound(config->rules_dir, ret_rules, &problems, &order->err) != 0)
        return -1;
    if (profile == NULL || profile_load(config->profiles_dir, profile, *ret_rules, ret_profile,
                                        &problems, &order->err) == 0)
        return 0;
    (void)fputs(buf_str(&problems), stderr);
    return -1;
}

int
ask_rules(void *values)
{
    struct order *order = values;
    AUTO(rules_free) struct rules *rules = NULL;

    if (ask_load_rules(order, NULL, &rules, NULL) != 0)
        return -1;
    rulebook_list(rules, order->json, stdout);
    return 0;
}

int
ask_rule(void *values)
{
    struct order *order = values;
    AUTO(rules_free) struct rules *rules = NULL;
    AUTO(profile_free) struct profile *profile = NULL;

    if (ask_load_rules(order, order->profile, &rules, &profile) != 0)
        return -1;
    return rulebook_explain(rules, order->args.words[0], profile, order->json, stdout, &order->err);
}

int
ask_profile(void *values)
{
    struct order *order = values;
    AUTO(rules_free) struct rules *rules = NULL;
    AUTO(profile_free) struct profile *profile = NULL;

    if (ask_load_rules(order, order->args.words[0], &rules, &profile) != 0)
        return -1;
    rulebook_profile(rules, profile, order->json, stdout);
    return 0;
}
