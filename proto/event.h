/*
 * event — early-warning events: a CloudEvent that carries a Warning.
 *
 * Encoding and decoding between C values and envelope.proto + warning.proto.
 * A decoded event owns nothing but `owner`; texts live until event_free.
 * CloudEvents attributes written: id, source "qianshao/<county>", type
 * "cn.qianshao.warning.<raised|updated|escalated|cleared|withdrawn>", subject
 * (case id), time, datacontenttype "application/protobuf", dataschema "qianshao.Warning".
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"

#define EVENT_FINDINGS_MAX 256
#define EVENT_SOURCES_MAX 64 /* of one finding */
#define EVENT_MEMBERS_MAX 64
#define EVENT_MISSING_MAX 40

enum event_type { EVENT_RAISED, EVENT_UPDATED, EVENT_ESCALATED, EVENT_CLEARED, EVENT_WITHDRAWN };

struct event_source {
    const char *record_type, *producer;
    uint32_t submission, row_no, period, revision;
};

struct event_finding {
    const char *rule, *title, *severity, *subject_type, *subject_ref, *values, *link_pass, *route;
    uint32_t rule_version, month, since;
    int32_t link_weight; /* thousandths of a bit, when `scored` */
    bool rechecked, scored;
    size_t source_count, missing_count;
    const struct event_source *sources;
    const char *const *missing;
};

struct event_member {
    const char *name, *subject_ref, *age_band, *relation;
};

struct event {
    char id[DIGEST_HEX]; /* SHA-256 of "county/case/case_seq" in hex: event_id */
    int64_t time_us;
    uint32_t county, case_seq, episode;
    enum event_type type;
    const char *case_id, *previous_event, *household_no, *subject_ref, *township, *village;
    const char *head_name, *head_id, *severity, *state, *route, *deadline;
    bool x01;
    uint32_t opened, cleared, month; /* YYYYMM; 0: none */
    size_t member_count, finding_count, missing_count;
    const struct event_member *members;
    const struct event_finding *findings;
    const char *const *missing;
    void *owner;
};

/* "raised", "updated", … */
const char *event_type_name(enum event_type type);

/* The id of a case's event: SHA-256 of county, case and case_seq. */
void event_id(uint32_t county, const char *case_id, uint32_t case_seq, char ret_id[DIGEST_HEX]);

/*
 * Append the encoded CloudEvent. NULL texts are left out; lists end at their limits, and sooner
 * where the event would not fit into FRAME_PAYLOAD_BYTES. `values` is JSON of one line.
 */
void event_encode(const struct event *event, struct buf *out);

/*
 * Decode a CloudEvent with a Warning. ERR_PROTOCOL when it is none, over a limit, contradicts its
 * envelope, lacks county, case, case_seq or type, or has a text that is no UTF-8 or holds a NUL.
 * A text that was left out is NULL; a time that is none, or after 2199, is 0.
 */
NODISCARD int event_decode(const uint8_t *bytes, size_t len, struct event *ret_event,
                           struct err *err);
void event_free(struct event *event);
#define AUTO_EVENT __attribute__((cleanup(event_free)))

/* Append the event as one JSON object (without line end), for the ledger and `--json`. `seq` is its number in
   the channel. */
void event_json(const struct event *event, uint64_t seq, struct buf *out);

#endif
