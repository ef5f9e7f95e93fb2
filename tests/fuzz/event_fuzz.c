/* Events: what was decoded and encoded again is the same event, and its line in the ledger is JSON. */
#include "fuzz.h"

#include "base/yaml.h"
#include "event.h"
#include "frame.h"

/* The values of a finding are PostgreSQL's JSON, taken as they are; the rest is ours. */
static void
check_json(const struct event *event)
{
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    AUTO_BUF struct buf json = {0};
    struct event_finding *findings = mem_zalloc((event->finding_count + 1) * sizeof(*findings));
    struct event bare = *event;
    const struct yaml_node *root;
    struct err err = {0};

    for (size_t i = 0; i < event->finding_count; i++) {
        findings[i] = event->findings[i];
        findings[i].values = NULL;
    }
    bare.findings = findings;
    event_json(&bare, 1, &json);
    free(findings);
    for (size_t i = 0; i < json.len; i++)
        assert(json.bytes[i] >= ' ');
    if (json.len > YAML_BYTES_MAX)
        return;
    assert(yaml_parse("event", (const char *)json.bytes, json.len, &tree, &err) == 0);
    root = yaml_root(tree);
    assert(strcmp(yaml_find(root, "case_id")->text, event->case_id) == 0);
    assert(yaml_find(root, "findings")->count == event->finding_count);
    assert(yaml_find(root, "members")->count == event->member_count);
    assert(yaml_find(root, "missing")->count == event->missing_count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO_EVENT struct event event = {0}, again = {0};
    AUTO_BUF struct buf first = {0}, second = {0};
    struct err err = {0};

    if (event_decode(bytes, len, &event, &err) != 0) {
        fuzz_check_err(&err);
        assert(err.code == ERR_PROTOCOL && event.owner == NULL);
        return 0;
    }
    event_encode(&event, &first);
    assert(event_decode(first.bytes, first.len, &again, &err) == 0);
    assert(strcmp(event.id, again.id) == 0 && strcmp(event.case_id, again.case_id) == 0);
    assert(event.county == again.county && event.case_seq == again.case_seq);
    assert(event.type == again.type && event.time_us == again.time_us);
    assert(event.member_count == again.member_count && event.missing_count == again.missing_count);
    event_encode(&again, &second);
    assert(first.len == second.len && memcmp(first.bytes, second.bytes, first.len) == 0);
    check_json(&event);
    return 0;
}
