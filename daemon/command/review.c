#include "command/review.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "judge/reference.h"
#include "county/basis.h"
#include "command/command_sql.h"
#include "command/report.h"
#include "command/reveal.h"
#include "command/view.h"

#define REVIEW_PERSONS 2 /* people of a link: the member, and the owner of the record's number */

/* ---- IDs ---- */

static bool
review_number(const char **at, int32_t *ret_value)
{
    char *end;
    long value;

    if (**at < '1' || **at > '9')
        return false;
    value = strtol(*at, &end, 10);
    if (value > INT32_MAX)
        return false;
    *ret_value = (int32_t)value;
    *at = end;
    return true;
}

int
review_parse(const char *text, struct review_id *ret_id, struct err *err)
{
    struct review_id id = {0};
    size_t type = strcspn(text, "/");
    const char *at = text + type;
    bool good = *at == '/' && type > 0 && type < sizeof(id.record_type) &&
                strspn(text, "abcdefghijklmnopqrstuvwxyz.") == type;

    good = good && (at++, review_number(&at, &id.submission)) && *at == '/' &&
           (at++, review_number(&at, &id.row));
    if (good && *at == '/')
        good = (at++, review_number(&at, &id.decision));
    if (!good || *at != '\0') {
        (void)err_set(err, ERR_INPUT, "that is no ID of a link");
        return err_hint(err, "an ID looks like water.household/12/40: see review list");
    }
    memcpy(id.record_type, text, type);
    *ret_id = id;
    return 0;
}

static int
review_missing(struct err *err)
{
    (void)err_set(err, ERR_MISSING, "no link of that ID");
    return err_hint(err, "see review list --all; a row whose number and name are a member's own"
                         " needs no clerk");
}

static int
review_several(struct err *err)
{
    (void)err_set(err, ERR_CONFLICT, "more than one county has a link of that ID");
    return err_hint(err, "say which: --county CODE");
}

/* ---- one link ---- */

/* One link: the rows of review_show, review_field and review_term. */
struct review_shown {
    struct store_result *link, *fields, *terms;
};

static void
review_shown_done(struct review_shown *shown)
{
    store_result_free(shown->link);
    store_result_free(shown->fields);
    store_result_free(shown->terms);
}

static int
review_query(struct store *store, const char *name, const struct review_id *id,
             const struct review_order *order, struct store_result **ret_result, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    const struct store_param params[] = {STORE_T(order->county), STORE_T(id->record_type),
                                         STORE_I(id->submission), STORE_I(id->row),
                                         id->decision != 0 ? STORE_I(id->decision) : STORE_T(NULL)};

    report_add_sql(report_find(name), order->reason != NULL, &sql);
    return store_run(store, buf_str(&sql), params, 5, ret_result, NULL, err);
}

/* Put on record whose numbers the link shows. */
static int
review_record(struct store *store, const struct config *config, const struct store_result *link,
              const char *reason, struct err *err)
{
    size_t column = report_find("review_show")->column_count - REVIEW_PERSONS, count = 0;
    uint8_t master[DIGEST_BYTES], key[DIGEST_BYTES];
    char hex[REVIEW_PERSONS][DIGEST_HEX];
    const char *refs[REVIEW_PERSONS];

    if (basis_key(config, master, err) < 0)
        return err_wrap(err, "the look-up cannot be put on record, so nothing is shown");
    reference_county_key(master, (uint32_t)strtoul(store_text(link, 0, 1), NULL, 10), key);
    for (size_t i = 0; i < REVIEW_PERSONS; i++) {
        const char *number = store_text(link, 0, (int)(column + i));

        if (number == NULL)
            continue;
        reference_of(key, number, hex[count]);
        refs[count] = hex[count];
        count++;
    }
    return reveal_record(store, "review show", refs, count, reason, err);
}

static void
review_table(const char *name, struct store_result *result, FILE *out)
{
    const struct report *report = report_find(name);

    view_table(result, report->columns, report->column_count, out);
}

/* The commands that a clerk can give for a link that is undecided. */
static void
review_advise(const struct store_result *link, FILE *out)
{
    const char *id = store_text(link, 0, 0);

    fprintf(out,
            "\n是同一人 (one person):    qianshao review confirm %s --reason \"…\"\n"
            "不是同一人 (two people):  qianshao review break %s --reason \"…\"\n",
            id, id);
}

static void
review_print(const struct review_shown *shown, bool json, FILE *out)
{
    const struct report *report = report_find("review_show");

    if (json) {
        view_json(shown->link, report->columns, report->column_count, out);
        return;
    }
    review_table("review_show", shown->link, out);
    fputc('\n', out);
    review_table("review_field", shown->fields, out);
    fputc('\n', out);
    if (store_rows(shown->terms) > 0)
        review_table("review_term", shown->terms, out);
    else
        fputs("未评分：号码相同，姓名同音 (not scored: the same number, a name that sounds the "
              "same)\n",
              out);
    if (store_null(shown->link, 0, store_column(shown->link, "same")))
        review_advise(shown->link, out);
}

int
review_show(struct store *store, const struct config *config, const struct review_id *id,
            const struct review_order *order, FILE *out, struct err *err)
{
    __attribute__((cleanup(review_shown_done))) struct review_shown shown = {0};

    if (order->reason != NULL && (reveal_reason(order->reason, err) < 0 ||
                                  reveal_enter(store, config->store_reveal_role, err) < 0))
        return -1;
    if (review_query(store, "review_show", id, order, &shown.link, err) < 0)
        return -1;
    if (store_rows(shown.link) == 0)
        return review_missing(err);
    if (store_rows(shown.link) > 1)
        return review_several(err);
    if (review_query(store, "review_field", id, order, &shown.fields, err) < 0 ||
        review_query(store, "review_term", id, order, &shown.terms, err) < 0)
        return -1;
    if (order->reason != NULL && review_record(store, config, shown.link, order->reason, err) < 0)
        return -1;
    review_print(&shown, order->json, out);
    return 0;
}

/* ---- decisions ---- */

enum {
    DECIDED_OUTCOME,
    DECIDED_COUNTY,
    DECIDED_HOUSEHOLD,
    DECIDED_BAND,
    DECIDED_DIFFER,
    DECIDED_BEFORE,
    DECIDED_BEFORE_BY,
    DECIDED_BEFORE_AT,
};

static int
review_reason(const char *reason, struct err *err)
{
    size_t from = reason == NULL ? 0 : strspn(reason, " \t");
    size_t len = reason == NULL ? 0 : strlen(reason + from);
    long count;

    while (len > 0 && strchr(" \t", reason[from + len - 1]) != NULL)
        len--;
    count = len == 0 ? 0 : text_utf8_length(reason + from, len);
    if (count >= REVEAL_REASON_MIN && count <= REVEAL_REASON_MAX)
        return 0;
    (void)err_set(err, ERR_INPUT, "a decision's reason has %d to %d characters", REVEAL_REASON_MIN,
                  REVEAL_REASON_MAX);
    return err_hint(err, "say how it was found out: --reason \"村委会电话核实\"");
}

/* The answers of match.decide. */
enum review_outcome { REVIEW_DONE, REVIEW_UNKNOWN, REVIEW_SEVERAL, REVIEW_NAMES };

static enum review_outcome
review_outcome_of(const char *name)
{
    static const char *const names[] = {
        [REVIEW_DONE] = "done", [REVIEW_UNKNOWN] = "unknown", [REVIEW_SEVERAL] = "several"};
    size_t outcome = 0;

    while (outcome < REVIEW_NAMES && strcmp(names[outcome], name) != 0)
        outcome++;
    return (enum review_outcome)outcome;
}

static int
review_refuse(enum review_outcome outcome, struct err *err)
{
    if (outcome == REVIEW_UNKNOWN)
        return review_missing(err);
    if (outcome == REVIEW_SEVERAL)
        return review_several(err);
    (void)err_set(err, ERR_INPUT, "the reason names somebody, and others read it");
    return err_hint(err, "leave names, numbers, telephones and addresses out of it");
}

static void
review_tell_json(const char *id, const struct store_result *done, bool same, FILE *out)
{
    AUTO_BUF struct buf line = {0};
    struct json json = {.out = &line};

    json_open_object(&json, NULL);
    json_add_text(&json, "id", id);
    json_add_text(&json, "county", store_text(done, 0, DECIDED_COUNTY));
    json_add_text(&json, "household_no", store_text(done, 0, DECIDED_HOUSEHOLD));
    json_add_bool(&json, "same", same);
    json_add_bool(&json, "two_good_numbers", store_bool(done, 0, DECIDED_DIFFER));
    json_add_text(&json, "replaces_decision_of", store_text(done, 0, DECIDED_BEFORE_BY));
    json_close_object(&json);
    fprintf(out, "%s\n", buf_str(&line));
}

static void
review_tell(const char *id, const struct store_result *done, bool same, FILE *out)
{
    const char *by = store_text(done, 0, DECIDED_BEFORE_BY);

    fprintf(out, "已记录：%s 与户 %s 的该成员%s同一人 (recorded: %s)\n", id,
            store_text(done, 0, DECIDED_HOUSEHOLD), same ? "是" : "不是",
            same ? "one person" : "two people");
    if (by != NULL && store_bool(done, 0, DECIDED_BEFORE) != same)
        fprintf(out, "取代 %s 的相反决定 (replaces the opposite decision of %s)\n", by, by);
    if (same && store_bool(done, 0, DECIDED_DIFFER))
        fputs("注意：两个号码都有效而不同，请报送单位或户籍登记更正其中一个"
              " (both numbers are good: have one of them corrected)\n",
              out);
    if (same && strcmp(store_text(done, 0, DECIDED_BAND), "taken") == 0)
        fputs("注意：该成员在此名单中另有本人的记录，有它在就不用这一条"
              " (he has a row of his own in this list, which goes before this one)\n",
              out);
    fputs("一分钟内自动重新研判；立即研判：qianshao judge"
          " (the hub judges anew within a minute)\n",
          out);
}

int
review_decide(struct store *store, const struct config *config, const struct review_id *id,
              bool same, const struct review_order *order, FILE *out, struct err *err)
{
    AUTO(store_result_free) struct store_result *done = NULL;
    AUTO_BUF struct buf name = {0};
    const struct store_param params[] = {STORE_T(order->county),
                                         STORE_T(id->record_type),
                                         STORE_I(id->submission),
                                         STORE_I(id->row),
                                         id->decision != 0 ? STORE_I(id->decision) : STORE_T(NULL),
                                         STORE_T(same ? "t" : "f"),
                                         STORE_T(order->reason)};
    enum review_outcome outcome;

    if (review_reason(order->reason, err) < 0)
        return -1;
    if (reveal_enter(store, config->store_reveal_role, err) < 0) {
        if (err->code != ERR_DENIED)
            return -1;
        (void)err_set(err, ERR_DENIED, "this login may not decide whose a record is");
        return err_hint(err,
                        "have a clerk do it, a login that was granted the role %s: --user NAME",
                        config->store_reveal_role);
    }
    if (store_run(store, command_sql_review_decide.text, params, 7, &done, NULL, err) < 0)
        return err_wrap(err, "the decision cannot be put on record");
    outcome = review_outcome_of(store_text(done, 0, DECIDED_OUTCOME));
    if (outcome != REVIEW_DONE)
        return review_refuse(outcome, err);
    buf_add_fmt(&name, "%s/%d/%d", id->record_type, id->submission, id->row);
    if (order->json)
        review_tell_json(buf_str(&name), done, same, out);
    else
        review_tell(buf_str(&name), done, same, out);
    return 0;
}
