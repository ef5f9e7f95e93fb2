#include "event.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "envelope.pb-c.h"
#include "frame.h"
#include "part.h"
#include "warning.pb-c.h"

#define TYPE_PREFIX "cn.qianshao.warning."
#define ATTRIBUTES 4
#define SECOND 1000000 /* microseconds */

static const char *const type_names[] = {
    [EVENT_RAISED] = "raised",   [EVENT_UPDATED] = "updated",     [EVENT_ESCALATED] = "escalated",
    [EVENT_CLEARED] = "cleared", [EVENT_WITHDRAWN] = "withdrawn",
};

/* The block of memory that a decoded event lives in. */
struct event_owner {
    Qianshao__CloudEvent *envelope;
    Qianshao__Warning *warning;
    struct event_member *members;
    struct event_finding *findings;
    struct event_source *sources;
};

/* How many items of a list are written. */
struct event_limits {
    size_t findings, sources;
};

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* protobuf-c's messages are not const, but packing does not write to them. */
static char *
lend(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* One block with `count` pointers and what they point to; the caller frees it. */
static void **
list_new(size_t count, size_t size)
{
    void **list = mem_zalloc(count * (sizeof(*list) + size) + 1);

    for (size_t i = 0; i < count; i++)
        list[i] = (char *)(list + count) + i * size;
    return list;
}

static void
put(protobuf_c_boolean *has, uint32_t *to, uint32_t value)
{
    *has = value != 0;
    *to = value;
}

static void
source_put(const struct event_source *source, Qianshao__Source *message)
{
    qianshao__source__init(message);
    message->record_type = lend(source->record_type);
    message->producer = lend(source->producer);
    put(&message->has_submission, &message->submission, source->submission);
    put(&message->has_row_no, &message->row_no, source->row_no);
    put(&message->has_period, &message->period, source->period);
    put(&message->has_revision, &message->revision, source->revision);
}

/* The list of sources is the caller's to free. */
static void
finding_put(const struct event_finding *finding, size_t sources, Qianshao__Finding *message)
{
    qianshao__finding__init(message);
    message->rule = lend(finding->rule);
    message->title = lend(finding->title);
    message->severity = lend(finding->severity);
    message->subject_type = lend(finding->subject_type);
    message->subject_ref = lend(finding->subject_ref);
    message->values = lend(finding->values);
    message->link_pass = lend(finding->link_pass);
    message->route = lend(finding->route);
    put(&message->has_rule_version, &message->rule_version, finding->rule_version);
    put(&message->has_month, &message->month, finding->month);
    put(&message->has_since, &message->since, finding->since);
    message->has_rechecked = true;
    message->rechecked = finding->rechecked;
    message->has_link_weight = finding->scored;
    message->link_weight = finding->link_weight;
    message->n_missing = least(finding->missing_count, EVENT_MISSING_MAX);
    message->missing = (char **)(uintptr_t)finding->missing;
    message->n_sources = least(finding->source_count, sources);
    message->sources = (Qianshao__Source **)list_new(message->n_sources, sizeof(Qianshao__Source));
    for (size_t i = 0; i < message->n_sources; i++)
        source_put(&finding->sources[i], message->sources[i]);
}

static void
member_put(const struct event_member *member, Qianshao__Member *message)
{
    qianshao__member__init(message);
    message->name = lend(member->name);
    message->subject_ref = lend(member->subject_ref);
    message->age_band = lend(member->age_band);
    message->relation = lend(member->relation);
}

/* The fields of the event but its lists. */
static void
warning_put(const struct event *event, Qianshao__Warning *warning)
{
    warning->has_county = warning->has_case_seq = warning->has_type = warning->has_x01 = true;
    warning->county = event->county;
    warning->case_seq = event->case_seq;
    warning->type = (Qianshao__EventType)event->type;
    warning->x01 = event->x01;
    put(&warning->has_episode, &warning->episode, event->episode);
    put(&warning->has_opened, &warning->opened, event->opened);
    put(&warning->has_cleared, &warning->cleared, event->cleared);
    put(&warning->has_month, &warning->month, event->month);
    warning->case_id = lend(event->case_id);
    warning->previous_event = lend(event->previous_event);
    warning->household_no = lend(event->household_no);
    warning->subject_ref = lend(event->subject_ref);
    warning->township = lend(event->township);
    warning->village = lend(event->village);
    warning->head_name = lend(event->head_name);
    warning->head_id = lend(event->head_id);
    warning->severity = lend(event->severity);
    warning->state = lend(event->state);
    warning->route = lend(event->route);
    warning->deadline = lend(event->deadline);
    warning->n_missing = least(event->missing_count, EVENT_MISSING_MAX);
    warning->missing = (char **)(uintptr_t)event->missing;
}

static void
warning_encode(const struct event *event, const struct event_limits *limits, struct buf *out)
{
    Qianshao__Warning warning = QIANSHAO__WARNING__INIT;

    warning_put(event, &warning);
    warning.n_members = least(event->member_count, EVENT_MEMBERS_MAX);
    warning.members = (Qianshao__Member **)list_new(warning.n_members, sizeof(Qianshao__Member));
    for (size_t i = 0; i < warning.n_members; i++)
        member_put(&event->members[i], warning.members[i]);
    warning.n_findings = least(event->finding_count, limits->findings);
    warning.findings =
        (Qianshao__Finding **)list_new(warning.n_findings, sizeof(Qianshao__Finding));
    for (size_t i = 0; i < warning.n_findings; i++)
        finding_put(&event->findings[i], limits->sources, warning.findings[i]);

    out->len += qianshao__warning__pack(
        &warning, buf_reserve(out, qianshao__warning__get_packed_size(&warning)));
    for (size_t i = 0; i < warning.n_findings; i++)
        free(warning.findings[i]->sources);
    free(warning.findings);
    free(warning.members);
}

static void
envelope_encode(const struct event *event, const struct buf *warning, struct buf *out)
{
    Qianshao__CloudEvent envelope;
    Qianshao__Timestamp time = QIANSHAO__TIMESTAMP__INIT;
    Qianshao__AttributeValue values[ATTRIBUTES];
    Qianshao__AttributeEntry entries[ATTRIBUTES], *list[ATTRIBUTES];
    static const char *const keys[] = {"datacontenttype", "dataschema", "subject", "time"};
    char source[32], type[64];

    qianshao__cloud_event__init(&envelope);
    for (int i = 0; i < ATTRIBUTES; i++) {
        qianshao__attribute_value__init(&values[i]);
        qianshao__attribute_entry__init(&entries[i]);
        entries[i].key = lend(keys[i]);
        entries[i].value = &values[i];
        list[i] = &entries[i];
    }
    values[0].attr_case = QIANSHAO__ATTRIBUTE_VALUE__ATTR_CE_STRING;
    values[0].ce_string = lend("application/protobuf");
    values[1].attr_case = QIANSHAO__ATTRIBUTE_VALUE__ATTR_CE_URI;
    values[1].ce_uri = lend("qianshao.Warning");
    values[2].attr_case = QIANSHAO__ATTRIBUTE_VALUE__ATTR_CE_STRING;
    values[2].ce_string = lend(event->case_id);
    values[3].attr_case = QIANSHAO__ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP;
    values[3].ce_timestamp = &time;
    time.has_seconds = time.has_nanos = true;
    time.seconds = event->time_us / SECOND;
    time.nanos = (int32_t)(event->time_us % SECOND) * 1000;

    (void)snprintf(source, sizeof(source), "qianshao/%u", event->county);
    (void)snprintf(type, sizeof(type), TYPE_PREFIX "%s", event_type_name(event->type));
    envelope.id = lend(event->id);
    envelope.source = source;
    envelope.spec_version = lend("1.0");
    envelope.type = type;
    envelope.n_attributes = ATTRIBUTES;
    envelope.attributes = list;
    envelope.data_case = QIANSHAO__CLOUD_EVENT__DATA_BINARY_DATA;
    envelope.binary_data.data = warning->bytes;
    envelope.binary_data.len = warning->len;
    out->len += qianshao__cloud_event__pack(
        &envelope, buf_reserve(out, qianshao__cloud_event__get_packed_size(&envelope)));
}

static int
fail(struct err *err, const char *reason)
{
    return err_set(err, ERR_PROTOCOL, "an event %s", reason);
}

static bool
finding_fits(const Qianshao__Finding *message)
{
    return message->n_sources <= EVENT_SOURCES_MAX && message->n_missing <= EVENT_MISSING_MAX;
}

/* Values are JSON of one line, so that a ledger's line stays one. */
static bool
one_line(const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        if ((unsigned char)*text < ' ')
            return false;
    return true;
}

static void
finding_take(const Qianshao__Finding *message, struct event_source *sources,
             struct event_finding *ret_finding)
{
    *ret_finding = (struct event_finding){
        .rule = message->rule,
        .title = message->title,
        .severity = message->severity,
        .subject_type = message->subject_type,
        .subject_ref = message->subject_ref,
        .values = message->values,
        .link_pass = message->link_pass,
        .route = message->route,
        .rule_version = message->rule_version,
        .month = message->month,
        .since = message->since,
        .rechecked = message->rechecked,
        .scored = message->has_link_weight,
        .link_weight = message->link_weight,
        .source_count = message->n_sources,
        .missing_count = message->n_missing,
        .sources = sources,
        .missing = (const char *const *)message->missing,
    };
    for (size_t i = 0; i < message->n_sources; i++)
        sources[i] = (struct event_source){
            .record_type = message->sources[i]->record_type,
            .producer = message->sources[i]->producer,
            .submission = message->sources[i]->submission,
            .row_no = message->sources[i]->row_no,
            .period = message->sources[i]->period,
            .revision = message->sources[i]->revision,
        };
}

static int
findings_take(struct event_owner *owner, struct event *event, struct err *err)
{
    const Qianshao__Warning *warning = owner->warning;
    size_t sources = 0;

    if (warning->n_findings > EVENT_FINDINGS_MAX)
        return fail(err, "has too many findings");
    for (size_t i = 0; i < warning->n_findings; i++) {
        if (!finding_fits(warning->findings[i]))
            return fail(err, "has a finding with too many items");
        if (!one_line(warning->findings[i]->values))
            return fail(err, "has values that are no line of JSON");
        sources += warning->findings[i]->n_sources;
    }
    owner->findings = mem_zalloc((warning->n_findings + 1) * sizeof(*owner->findings));
    owner->sources = mem_zalloc((sources + 1) * sizeof(*owner->sources));
    sources = 0;
    for (size_t i = 0; i < warning->n_findings; i++) {
        finding_take(warning->findings[i], owner->sources + sources, &owner->findings[i]);
        sources += warning->findings[i]->n_sources;
    }
    event->finding_count = warning->n_findings;
    event->findings = owner->findings;
    return 0;
}

static int
members_take(struct event_owner *owner, struct event *event, struct err *err)
{
    const Qianshao__Warning *warning = owner->warning;

    if (warning->n_members > EVENT_MEMBERS_MAX || warning->n_missing > EVENT_MISSING_MAX)
        return fail(err, "has too many items");
    owner->members = mem_zalloc((warning->n_members + 1) * sizeof(*owner->members));
    for (size_t i = 0; i < warning->n_members; i++)
        owner->members[i] = (struct event_member){
            .name = warning->members[i]->name,
            .subject_ref = warning->members[i]->subject_ref,
            .age_band = warning->members[i]->age_band,
            .relation = warning->members[i]->relation,
        };
    event->member_count = warning->n_members;
    event->members = owner->members;
    event->missing_count = warning->n_missing;
    event->missing = (const char *const *)warning->missing;
    return 0;
}

static int
warning_take(struct event_owner *owner, struct event *event, struct err *err)
{
    const Qianshao__Warning *warning = owner->warning;

    if (!warning->has_county || warning->case_id == NULL || *warning->case_id == '\0' ||
        !warning->has_case_seq || !warning->has_type || (unsigned)warning->type > EVENT_WITHDRAWN)
        return fail(err, "lacks its county, case, number or type");
    event->county = warning->county;
    event->case_id = warning->case_id;
    event->case_seq = warning->case_seq;
    event->type = (enum event_type)warning->type;
    event->episode = warning->episode;
    event->previous_event = warning->previous_event;
    event->household_no = warning->household_no;
    event->subject_ref = warning->subject_ref;
    event->township = warning->township;
    event->village = warning->village;
    event->head_name = warning->head_name;
    event->head_id = warning->head_id;
    event->severity = warning->severity;
    event->state = warning->state;
    event->route = warning->route;
    event->deadline = warning->deadline;
    event->x01 = warning->x01;
    event->opened = warning->opened;
    event->cleared = warning->cleared;
    event->month = warning->month;
    if (members_take(owner, event, err) != 0)
        return -1;
    return findings_take(owner, event, err);
}

static bool
same(const char *a, const char *b)
{
    return a != NULL && strcmp(a, b) == 0;
}

/* A time that nobody can have meant counts as none; formatting it would be a bug of ours. */
static bool
timestamp_valid(const Qianshao__Timestamp *time)
{
    return time->seconds > 0 && time->seconds <= CLOCK_TIME_MAX / SECOND && time->nanos >= 0 &&
           time->nanos < 1000000000;
}

/* The attributes repeat what the warning says; a consumer may rely on either. */
static int
envelope_take(const Qianshao__CloudEvent *envelope, struct event *event, struct err *err)
{
    char source[32], type[64];

    (void)snprintf(source, sizeof(source), "qianshao/%u", event->county);
    (void)snprintf(type, sizeof(type), TYPE_PREFIX "%s", event_type_name(event->type));
    if (!same(envelope->source, source) || !same(envelope->type, type) ||
        !same(envelope->spec_version, "1.0"))
        return fail(err, "contradicts its envelope");
    if (envelope->id == NULL || strlen(envelope->id) != DIGEST_HEX - 1)
        return fail(err, "has no valid id");
    memcpy(event->id, envelope->id, DIGEST_HEX);
    for (size_t i = 0; i < envelope->n_attributes; i++) {
        const Qianshao__AttributeEntry *entry = envelope->attributes[i];

        if (same(entry->key, "time") && entry->value != NULL &&
            entry->value->attr_case == QIANSHAO__ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP &&
            timestamp_valid(entry->value->ce_timestamp))
            event->time_us = entry->value->ce_timestamp->seconds * SECOND +
                             entry->value->ce_timestamp->nanos / 1000;
    }
    return 0;
}

/*
 * Decode into an event that owns the messages from the start, so that event_free mends every
 * failure.
 */
static int
event_take(const uint8_t *bytes, size_t len, struct event *event, struct err *err)
{
    struct event_owner *owner = mem_zalloc(sizeof(*owner));
    const ProtobufCBinaryData *data;

    event->owner = owner;
    if (len > FRAME_PAYLOAD_BYTES)
        return fail(err, "is over the limit of a payload");
    owner->envelope = qianshao__cloud_event__unpack(NULL, len, bytes);
    if (owner->envelope == NULL ||
        owner->envelope->data_case != QIANSHAO__CLOUD_EVENT__DATA_BINARY_DATA)
        return fail(err, "is no CloudEvent with binary data");
    data = &owner->envelope->binary_data;
    owner->warning = qianshao__warning__unpack(NULL, data->len, data->data);
    if (owner->warning == NULL)
        return fail(err, "carries no valid warning");
    if (!part_texts_valid(&qianshao__cloud_event__descriptor, bytes, len) ||
        !part_texts_valid(&qianshao__warning__descriptor, data->data, data->len))
        return fail(err, "has a text that is no UTF-8 or holds a NUL");
    if (warning_take(owner, event, err) != 0)
        return -1;
    return envelope_take(owner->envelope, event, err);
}

const char *
event_type_name(enum event_type type)
{
    return type_names[type];
}

void
event_id(uint32_t county, const char *case_id, uint32_t case_seq, char ret_id[DIGEST_HEX])
{
    uint8_t digest[DIGEST_BYTES];
    AUTO_BUF struct buf text = {0};

    buf_add_fmt(&text, "%u/%s/%u", county, case_id, case_seq);
    digest_bytes(text.bytes, text.len, digest);
    digest_hex(digest, sizeof(digest), ret_id);
}

void
event_encode(const struct event *event, struct buf *out)
{
    struct event_limits limits = {EVENT_FINDINGS_MAX, EVENT_SOURCES_MAX};
    AUTO_BUF struct buf warning = {0};
    size_t before = out->len;

    for (;;) {
        warning_encode(event, &limits, &warning);
        envelope_encode(event, &warning, out);
        if (out->len - before <= FRAME_PAYLOAD_BYTES || limits.findings <= 1)
            return;
        if (limits.sources > 1)
            limits.sources /= 2;
        else
            limits.findings /= 2;
        buf_clear(&warning);
        out->len = before;
    }
}

int
event_decode(const uint8_t *bytes, size_t len, struct event *ret_event, struct err *err)
{
    struct event event = {0};

    if (event_take(bytes, len, &event, err) != 0) {
        event_free(&event);
        return -1;
    }
    *ret_event = event;
    return 0;
}

void
event_free(struct event *event)
{
    struct event_owner *owner = event->owner;

    if (owner == NULL)
        return;
    if (owner->envelope != NULL)
        qianshao__cloud_event__free_unpacked(owner->envelope, NULL);
    if (owner->warning != NULL)
        qianshao__warning__free_unpacked(owner->warning, NULL);
    free(owner->members);
    free(owner->findings);
    free(owner->sources);
    free(owner);
    event->owner = NULL;
}
