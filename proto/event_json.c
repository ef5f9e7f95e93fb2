/* An event as one line of JSON. */
#include "event.h"

#include "base/clock.h"
#include "base/json.h"

static void
json_add_month(struct json *json, const char *key, uint32_t month)
{
    if (month == 0)
        json_add_text(json, key, NULL);
    else
        json_add_int(json, key, month);
}

static void
json_add_texts(struct json *json, const char *key, const char *const *texts, size_t count)
{
    json_open_array(json, key);
    for (size_t i = 0; i < count; i++)
        json_add_text(json, NULL, texts[i]);
    json_close_array(json);
}

static void
json_add_finding(struct json *json, const struct event_finding *finding)
{
    json_open_object(json, NULL);
    json_add_text(json, "rule", finding->rule);
    json_add_int(json, "rule_version", finding->rule_version);
    json_add_text(json, "title", finding->title);
    json_add_text(json, "severity", finding->severity);
    json_add_month(json, "month", finding->month);
    json_add_month(json, "since", finding->since);
    json_add_text(json, "subject_type", finding->subject_type);
    json_add_text(json, "subject_ref", finding->subject_ref);
    json_add_raw(json, "values", finding->values);
    json_add_text(json, "link_pass", finding->link_pass);
    if (finding->scored)
        json_add_int(json, "link_weight", finding->link_weight);
    else
        json_add_text(json, "link_weight", NULL);
    json_add_text(json, "route", finding->route);
    json_add_bool(json, "rechecked", finding->rechecked);
    json_add_texts(json, "missing", finding->missing, finding->missing_count);
    json_open_array(json, "sources");
    for (size_t i = 0; i < finding->source_count; i++) {
        const struct event_source *source = &finding->sources[i];

        json_open_object(json, NULL);
        json_add_text(json, "record_type", source->record_type);
        json_add_text(json, "producer", source->producer);
        json_add_int(json, "submission", source->submission);
        json_add_int(json, "row_no", source->row_no);
        json_add_month(json, "period", source->period);
        json_add_int(json, "revision", source->revision);
        json_close_object(json);
    }
    json_close_array(json);
    json_close_object(json);
}

static void
json_add_lists(struct json *json, const struct event *event)
{
    json_open_array(json, "members");
    for (size_t i = 0; i < event->member_count; i++) {
        json_open_object(json, NULL);
        json_add_text(json, "name", event->members[i].name);
        json_add_text(json, "subject_ref", event->members[i].subject_ref);
        json_add_text(json, "age_band", event->members[i].age_band);
        json_add_text(json, "relation", event->members[i].relation);
        json_close_object(json);
    }
    json_close_array(json);
    json_open_array(json, "findings");
    for (size_t i = 0; i < event->finding_count; i++)
        json_add_finding(json, &event->findings[i]);
    json_close_array(json);
    json_add_texts(json, "missing", event->missing, event->missing_count);
}

void
event_json(const struct event *event, uint64_t seq, struct buf *out)
{
    struct json json = {.out = out};
    char time[32];

    clock_format_time(event->time_us, time);
    json_open_object(&json, NULL);
    json_add_int(&json, "seq", (int64_t)seq);
    json_add_text(&json, "id", event->id);
    json_add_text(&json, "time", time);
    json_add_text(&json, "type", event_type_name(event->type));
    json_add_int(&json, "county", event->county);
    json_add_text(&json, "case_id", event->case_id);
    json_add_int(&json, "case_seq", event->case_seq);
    json_add_int(&json, "episode", event->episode);
    json_add_text(&json, "previous_event", event->previous_event);
    json_add_text(&json, "household_no", event->household_no);
    json_add_text(&json, "subject_ref", event->subject_ref);
    json_add_text(&json, "township", event->township);
    json_add_text(&json, "village", event->village);
    json_add_text(&json, "head_name", event->head_name);
    json_add_text(&json, "head_id", event->head_id);
    json_add_text(&json, "severity", event->severity);
    json_add_bool(&json, "x01", event->x01);
    json_add_text(&json, "state", event->state);
    json_add_text(&json, "route", event->route);
    json_add_text(&json, "deadline", event->deadline);
    json_add_month(&json, "opened", event->opened);
    json_add_month(&json, "cleared", event->cleared);
    json_add_month(&json, "month", event->month);
    json_add_lists(&json, event);
    json_close_object(&json);
}
