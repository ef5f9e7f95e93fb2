#include "cases/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "event.h"
#include "cases/cases_sql.h"
#include "store/tuple.h"

#define OUTBOX_CHUNK 1000 /* events whose rows are in memory at once */
#define OUTBOX_ADULT 18
#define OUTBOX_FIELDS 8   /* columns of cases.outbox, without its time */
#define OUTBOX_TOWNSHIP 9 /* digits of a division code */
#define OUTBOX_AREA 12

/* The columns of event_case.sql and the others, in their order. */
enum outbox_case {
    CASE_NUMBER,
    CASE_ID,
    CASE_TYPE,
    CASE_SEQ,
    CASE_EVENT,
    CASE_PREVIOUS,
    CASE_HOUSEHOLD,
    CASE_REF,
    CASE_EPISODE,
    CASE_SEVERITY,
    CASE_X01,
    CASE_STATE,
    CASE_OPENED,
    CASE_CLEARED,
    CASE_MONTH,
    CASE_AREA,
    CASE_HEAD_ID,
    CASE_HEAD_NAME,
    CASE_MISSING
};
enum outbox_finding {
    FINDING_NUMBER,
    FINDING_RULE,
    FINDING_VERSION,
    FINDING_SEVERITY,
    FINDING_TYPE,
    FINDING_REF,
    FINDING_VALUES,
    FINDING_LINK,
    FINDING_ROUTE,
    FINDING_MONTH,
    FINDING_SINCE,
    FINDING_RECHECKED,
    FINDING_UNHELPED,
    FINDING_WEIGHT
};
enum outbox_source {
    SOURCE_NUMBER,
    SOURCE_RULE,
    SOURCE_SUBJECT,
    SOURCE_REF,
    SOURCE_TYPE,
    SOURCE_PRODUCER,
    SOURCE_SUBMISSION,
    SOURCE_ROW,
    SOURCE_PERIOD,
    SOURCE_REVISION
};
enum outbox_member { MEMBER_NUMBER, MEMBER_PERSON, MEMBER_REF, MEMBER_NAME, MEMBER_RELATION };

/* A query's rows and how many of them have been read; their first column is the event's number. */
struct outbox_list {
    struct store_result *rows;
    size_t at;
};

/* The rows and texts that one event is put together from. */
struct outbox {
    uint32_t county;
    const struct rules *rules;
    struct outbox_list cases, findings, sources, members;
    /* of the present event */
    struct event_finding finding[EVENT_FINDINGS_MAX];
    struct event_source source[EVENT_FINDINGS_MAX * EVENT_SOURCES_MAX];
    const char *unhelped[EVENT_FINDINGS_MAX][EVENT_MISSING_MAX];
    char *unhelped_text[EVENT_FINDINGS_MAX];
    struct event_member member[EVENT_MEMBERS_MAX];
    const char *missing[EVENT_MISSING_MAX];
    struct buf texts;                 /* NUL-ended copies that the event points to */
    size_t offset[EVENT_MEMBERS_MAX]; /* of members' names in `texts` */
};

static void
outbox_free(struct outbox *outbox)
{
    if (outbox == NULL)
        return;
    store_result_free(outbox->cases.rows);
    store_result_free(outbox->findings.rows);
    store_result_free(outbox->sources.rows);
    store_result_free(outbox->members.rows);
    for (size_t i = 0; i < EVENT_FINDINGS_MAX; i++)
        free(outbox->unhelped_text[i]);
    buf_done(&outbox->texts);
    free(outbox);
}
AUTO_DEFINE(struct outbox, outbox_free)

const char *
outbox_age_band(int age)
{
    if (age < 6)
        return "0-5";
    if (age < 15)
        return "6-14";
    if (age < OUTBOX_ADULT)
        return "15-17";
    if (age < 60)
        return "18-59";
    return age < 80 ? "60-79" : "80+";
}

/* Completed years of a valid number's person on a day. */
static int
outbox_age(const char *id, int32_t date)
{
    int year, month, day, born_year, born_month, born_day;

    clock_civil(date, &year, &month, &day);
    clock_civil(text_id_birth(id), &born_year, &born_month, &born_day);
    return year - born_year - (month < born_month || (month == born_month && day < born_day));
}

static bool
outbox_has_id(const char *id)
{
    return id != NULL && strlen(id) == TEXT_ID_LEN;
}

static uint32_t
outbox_number(const struct outbox_list *list, int column)
{
    return (uint32_t)store_int(list->rows, list->at, column);
}

/* Whether a person was an adult all through the case's month; what an event shows does not depend
   on the day of writing. */
static bool
outbox_is_adult(const struct outbox *outbox, const char *id)
{
    int32_t month = (int32_t)outbox_number(&outbox->cases, CASE_MONTH);

    return outbox_has_id(id) && outbox_age(id, clock_month_first(month)) >= OUTBOX_ADULT;
}

static const char *
outbox_text(const struct outbox_list *list, int column)
{
    return store_text(list->rows, list->at, column);
}

/* Whether the next row belongs to the event of this number. */
static bool
outbox_belongs(const struct outbox_list *list, int64_t number)
{
    return list->at < store_rows(list->rows) && store_int(list->rows, list->at, 0) == number;
}

/* The texts between commas, each ended in place; returns how many were kept. */
static size_t
outbox_split(char *text, const char **items, size_t most)
{
    size_t count = 0;
    char *rest;

    for (char *item = strtok_r(text, ",", &rest); item != NULL && count < most;
         item = strtok_r(NULL, ",", &rest))
        items[count++] = item;
    return count;
}

/* --- parts of an event --- */

/* The sources of the present finding; those over the limit are left out. */
static void
outbox_read_sources(struct outbox *outbox, int64_t number, const char *rule, const char *ref,
                    struct event_source *sources, size_t *ret_count)
{
    struct outbox_list *list = &outbox->sources;
    size_t count = 0;

    for (; outbox_belongs(list, number) && strcmp(outbox_text(list, SOURCE_RULE), rule) == 0 &&
           strcmp(outbox_text(list, SOURCE_REF), ref) == 0;
         list->at++)
        if (count < EVENT_SOURCES_MAX)
            sources[count++] = (struct event_source){
                .record_type = outbox_text(list, SOURCE_TYPE),
                .producer = outbox_text(list, SOURCE_PRODUCER),
                .submission = outbox_number(list, SOURCE_SUBMISSION),
                .row_no = outbox_number(list, SOURCE_ROW),
                .period = outbox_number(list, SOURCE_PERIOD),
                .revision = outbox_number(list, SOURCE_REVISION),
            };
    *ret_count = count;
}

/* The record types that would have helped the finding of this index. */
static size_t
outbox_read_unhelped(struct outbox *outbox, size_t index)
{
    const char *text = outbox_text(&outbox->findings, FINDING_UNHELPED);

    free(outbox->unhelped_text[index]);
    outbox->unhelped_text[index] = mem_strdup(text != NULL ? text : "");
    return outbox_split(outbox->unhelped_text[index], outbox->unhelped[index], EVENT_MISSING_MAX);
}

static void
outbox_read_finding(struct outbox *outbox, int64_t number, size_t index,
                    struct event_source *sources)
{
    const struct outbox_list *list = &outbox->findings;
    const char *id = outbox_text(list, FINDING_RULE);
    const struct rule *rule = rules_find(outbox->rules, id);
    struct event_finding finding = {
        .rule = id,
        .rule_version = outbox_number(list, FINDING_VERSION),
        .title = rule != NULL && rule->title != NULL ? rule->title : id,
        .severity = outbox_text(list, FINDING_SEVERITY),
        .subject_type = outbox_text(list, FINDING_TYPE),
        .subject_ref = outbox_text(list, FINDING_REF),
        .values = outbox_text(list, FINDING_VALUES),
        .link_pass = outbox_text(list, FINDING_LINK),
        .route = outbox_text(list, FINDING_ROUTE),
        .month = outbox_number(list, FINDING_MONTH),
        .since = outbox_number(list, FINDING_SINCE),
        .rechecked = store_bool(list->rows, list->at, FINDING_RECHECKED),
        .scored = !store_null(list->rows, list->at, FINDING_WEIGHT),
        .link_weight = (int32_t)store_int(list->rows, list->at, FINDING_WEIGHT),
        .sources = sources,
        .missing = outbox->unhelped[index],
        .missing_count = outbox_read_unhelped(outbox, index),
    };

    outbox_read_sources(outbox, number, id, finding.subject_ref, sources, &finding.source_count);
    outbox->finding[index] = finding;
}

/* Findings in order; those over the limit are left out, their sources passed over. */
static size_t
outbox_read_findings(struct outbox *outbox, int64_t number)
{
    struct outbox_list *list = &outbox->findings;
    size_t count = 0, sources = 0;

    for (; outbox_belongs(list, number); list->at++) {
        if (count == EVENT_FINDINGS_MAX)
            continue;
        outbox_read_finding(outbox, number, count, &outbox->source[sources]);
        sources += outbox->finding[count++].source_count;
    }
    while (outbox_belongs(&outbox->sources, number))
        outbox->sources.at++;
    return count;
}

/* The members whom the event's findings are about, of their age at the end of the case's month. A
   minor's name is left out: it is for education and township. */
static size_t
outbox_read_members(struct outbox *outbox, int64_t number)
{
    struct outbox_list *list = &outbox->members;
    int32_t day = clock_month_last((int32_t)outbox_number(&outbox->cases, CASE_MONTH));
    size_t count = 0;

    for (; outbox_belongs(list, number); list->at++) {
        const char *id = outbox_text(list, MEMBER_PERSON), *name = outbox_text(list, MEMBER_NAME);

        if (count == EVENT_MEMBERS_MAX)
            continue;
        outbox->offset[count] = SIZE_MAX;
        if (name != NULL && outbox_is_adult(outbox, id)) {
            outbox->offset[count] = outbox->texts.len;
            text_mask_name(name, strlen(name), &outbox->texts);
            buf_add_u8(&outbox->texts, '\0');
        }
        outbox->member[count++] = (struct event_member){
            .subject_ref = outbox_text(list, MEMBER_REF),
            .age_band = outbox_has_id(id) ? outbox_age_band(outbox_age(id, day)) : NULL,
            .relation = outbox_text(list, MEMBER_RELATION),
        };
    }
    /* The texts have stopped moving. */
    for (size_t i = 0; i < count; i++)
        if (outbox->offset[i] != SIZE_MAX)
            outbox->member[i].name = (const char *)outbox->texts.bytes + outbox->offset[i];
    return count;
}

/* --- one event --- */

static enum event_type
outbox_type(const char *name)
{
    for (int type = EVENT_RAISED; type <= EVENT_WITHDRAWN; type++)
        if (strcmp(event_type_name((enum event_type)type), name) == 0)
            return (enum event_type)type;
    return EVENT_UPDATED;
}

/* Texts of the case's place and head, cut and masked. */
struct outbox_head {
    char township[OUTBOX_TOWNSHIP + 1], village[OUTBOX_AREA + 1], id[TEXT_ID_LEN + 1];
    struct buf name;
};

static void
outbox_read_head(const struct outbox *outbox, struct outbox_head *head)
{
    const struct outbox_list *list = &outbox->cases;
    const char *area = outbox_text(list, CASE_AREA), *id = outbox_text(list, CASE_HEAD_ID);
    const char *name = outbox_text(list, CASE_HEAD_NAME);

    if (area != NULL && strlen(area) >= OUTBOX_TOWNSHIP)
        memcpy(head->township, area, OUTBOX_TOWNSHIP);
    if (area != NULL && strlen(area) == OUTBOX_AREA)
        memcpy(head->village, area, OUTBOX_AREA);
    if (!outbox_has_id(id))
        return;
    text_mask_id(id, head->id);
    if (name != NULL && outbox_is_adult(outbox, id))
        text_mask_name(name, strlen(name), &head->name);
}

static const char *
outbox_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

/* The routes of the findings, each once, as one text. */
static void
outbox_join_routes(const struct outbox *outbox, size_t count, char *ret_routes, size_t size)
{
    size_t len = 0;

    ret_routes[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const char *route = outbox->finding[i].route;

        if (route == NULL || strstr(ret_routes, route) != NULL || len + strlen(route) + 2 > size)
            continue;
        len += (size_t)snprintf(ret_routes + len, size - len, "%s%s", len > 0 ? "," : "", route);
    }
}

static void
outbox_encode(struct outbox *outbox, struct buf *out)
{
    const struct outbox_list *list = &outbox->cases;
    int64_t number = store_int(list->rows, list->at, CASE_NUMBER);
    AUTO(free) char *missing = NULL;
    struct outbox_head head = {0};
    char routes[256];
    struct event event = {
        .time_us = clock_now_us(),
        .county = outbox->county,
        .case_id = outbox_text(list, CASE_ID),
        .type = outbox_type(outbox_text(list, CASE_TYPE)),
        .case_seq = outbox_number(list, CASE_SEQ),
        .previous_event = outbox_text(list, CASE_PREVIOUS),
        .household_no = outbox_text(list, CASE_HOUSEHOLD),
        .subject_ref = outbox_text(list, CASE_REF),
        .episode = outbox_number(list, CASE_EPISODE),
        .severity = outbox_text(list, CASE_SEVERITY),
        .x01 = store_bool(list->rows, list->at, CASE_X01),
        .state = outbox_text(list, CASE_STATE),
        .opened = outbox_number(list, CASE_OPENED),
        .cleared = outbox_number(list, CASE_CLEARED),
        .month = outbox_number(list, CASE_MONTH),
        .members = outbox->member,
        .findings = outbox->finding,
        .missing = outbox->missing,
    };

    buf_clear(&outbox->texts);
    outbox_read_head(outbox, &head);
    event.township = outbox_or_null(head.township);
    event.village = outbox_or_null(head.village);
    event.head_id = outbox_or_null(head.id);
    event.head_name = head.name.len > 0 ? buf_str(&head.name) : NULL;
    event.finding_count = outbox_read_findings(outbox, number);
    event.member_count = outbox_read_members(outbox, number);
    outbox_join_routes(outbox, event.finding_count, routes, sizeof(routes));
    event.route = outbox_or_null(routes);
    if (outbox_text(list, CASE_MISSING) != NULL) {
        missing = mem_strdup(outbox_text(list, CASE_MISSING));
        event.missing_count = outbox_split(missing, outbox->missing, EVENT_MISSING_MAX);
    }
    (void)snprintf(event.id, sizeof(event.id), "%s", outbox_text(list, CASE_EVENT));
    event_encode(&event, out);
    buf_done(&head.name);
}

/* --- writing --- */

static void
outbox_add_bytes(struct buf *out, const void *bytes, size_t len)
{
    buf_add_be32(out, (uint32_t)len);
    buf_add(out, bytes, len);
}

static void
outbox_add_text(struct buf *out, const char *text)
{
    outbox_add_bytes(out, text, strlen(text));
}

static void
outbox_add_int(struct buf *out, uint32_t value)
{
    buf_add_be32(out, sizeof(value));
    buf_add_be32(out, value);
}

/* One row of cases.outbox in COPY's binary form. */
static void
outbox_add_row(struct outbox *outbox, struct buf *scratch, struct buf *out)
{
    const struct outbox_list *list = &outbox->cases;

    buf_clear(scratch);
    outbox_encode(outbox, scratch);
    buf_add_be16(out, OUTBOX_FIELDS);
    outbox_add_int(out, outbox->county);
    outbox_add_text(out, OUTBOX_ROUTE);
    buf_add_be32(out, sizeof(uint64_t));
    buf_add_be64(out, (uint64_t)store_int(list->rows, list->at, CASE_NUMBER));
    outbox_add_text(out, outbox_text(list, CASE_EVENT));
    outbox_add_text(out, outbox_text(list, CASE_ID));
    outbox_add_int(out, outbox_number(list, CASE_SEQ));
    outbox_add_text(out, outbox_text(list, CASE_TYPE));
    outbox_add_bytes(out, scratch->bytes, scratch->len);
}

/* Read everything about the events numbered `first` to `last`. */
static int
outbox_read(struct store *store, struct outbox *outbox, int64_t first, int64_t last,
            struct err *err)
{
    const struct store_param params[] = {STORE_I(outbox->county), STORE_I(first), STORE_I(last),
                                         STORE_I(EVENT_SOURCES_MAX)};

    if (store_run(store, cases_sql_event_case.text, params, 3, &outbox->cases.rows, NULL, err) <
            0 ||
        store_run(store, cases_sql_event_finding.text, params + 1, 2, &outbox->findings.rows, NULL,
                  err) < 0 ||
        store_run(store, cases_sql_event_source.text, params, 4, &outbox->sources.rows, NULL, err) <
            0 ||
        store_run(store, cases_sql_event_member.text, params + 1, 2, &outbox->members.rows, NULL,
                  err) < 0)
        return err_wrap(err, "cannot read what the events tell");
    return 0;
}

static int
outbox_write_chunk(struct store *store, uint32_t county, const struct rules *rules, int64_t first,
                   int64_t last, struct err *err)
{
    AUTO(outbox_free) struct outbox *outbox = mem_zalloc(sizeof(*outbox));
    AUTO_BUF struct buf out = {0}, scratch = {0};

    outbox->county = county;
    outbox->rules = rules;
    if (outbox_read(store, outbox, first, last, err) < 0 ||
        store_copy_begin(store, cases_sql_outbox_copy.text, err) < 0)
        return -1;
    tuple_begin(&out);
    for (; outbox->cases.at < store_rows(outbox->cases.rows); outbox->cases.at++) {
        outbox_add_row(outbox, &scratch, &out);
        if (store_copy_add(store, out.bytes, out.len, err) < 0)
            return -1;
        buf_clear(&out);
    }
    tuple_end(&out);
    if (store_copy_add(store, out.bytes, out.len, err) < 0 || store_copy_end(store, NULL, err) < 0)
        return err_wrap(err, "cannot write the outbox");
    return 0;
}

int
outbox_write(struct store *store, uint32_t county, const struct rules *rules, int64_t *ret_events,
             struct err *err)
{
    AUTO(store_result_free) struct store_result *range = NULL;
    int64_t first, last;

    if (store_run(store, "select min(number), max(number) from due", NULL, 0, &range, NULL, err) <
        0)
        return err_wrap(err, "cannot read which events are due");
    *ret_events = 0;
    if (store_null(range, 0, 0))
        return 0;
    first = store_int(range, 0, 0);
    last = store_int(range, 0, 1);
    for (int64_t at = first; at <= last; at += OUTBOX_CHUNK)
        if (outbox_write_chunk(store, county, rules, at,
                               at + OUTBOX_CHUNK <= last ? at + OUTBOX_CHUNK - 1 : last, err) < 0)
            return -1;
    *ret_events = last - first + 1;
    return 0;
}
