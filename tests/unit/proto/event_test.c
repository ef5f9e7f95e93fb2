#include "event.h"

#include <string.h>

#include "base/clock.h"
#include "frame.h"
#include "unit.h"

static struct buf bytes;
static struct event event, back;
static struct err err;

static const struct event_member members[] = {{"李*", "ref-1", "60-69", "户主"},
                                              {"王**", "ref-2", NULL, "配偶"}};
static const struct event_source sources[] = {
    {"insurance.enrolment", "医保局", 7, 41, 202409, 1},
    {"register.member", "乡村振兴局", 3, 12, 202407, 2},
};
static const char *const missing[] = {"water.household"};
static const struct event_finding findings[] = {
    {.rule = "C01",
     .title = "未参保",
     .severity = "red",
     .subject_type = "person",
     .subject_ref = "ref-1",
     .values = "{\"months\": 3}",
     .route = "bureau",
     .rule_version = 2,
     .month = 202409,
     .since = 202407,
     .rechecked = true,
     .source_count = 2,
     .missing_count = 1,
     .sources = sources,
     .missing = missing},
    {.rule = "H02", .severity = "yellow"},
};

static void
setup(void)
{
    bytes = (struct buf){0};
    back = (struct event){0};
    err = (struct err){0};
    event = (struct event){.time_us = 1727000000123456,
                           .county = 360799,
                           .case_seq = 3,
                           .episode = 1,
                           .type = EVENT_ESCALATED,
                           .case_id = "360799-2024-000001",
                           .household_no = "H1",
                           .head_name = "李*",
                           .severity = "red",
                           .route = "bureau",
                           .x01 = true,
                           .opened = 202407,
                           .month = 202409,
                           .member_count = 2,
                           .finding_count = 2,
                           .missing_count = 1,
                           .members = members,
                           .findings = findings,
                           .missing = missing};
    event_id(event.county, event.case_id, event.case_seq, event.id);
}

static void
teardown(void)
{
    event_free(&back);
    buf_done(&bytes);
}

static int
round_trip(void)
{
    buf_clear(&bytes);
    event_encode(&event, &bytes);
    return event_decode(bytes.bytes, bytes.len, &back, &err);
}

START_TEST(an_event_comes_back_as_it_was)
{
    ck_assert_msg(round_trip() == 0, "%s", err.text);
    ck_assert_str_eq(back.id, event.id);
    ck_assert_int_eq(back.time_us, event.time_us);
    ck_assert_uint_eq(back.county, 360799);
    ck_assert_str_eq(back.case_id, event.case_id);
    ck_assert_int_eq(back.type, EVENT_ESCALATED);
    ck_assert(back.x01);
    ck_assert_uint_eq(back.cleared, 0);
    ck_assert_ptr_null(back.previous_event);
    ck_assert_uint_eq(back.member_count, 2);
    ck_assert_str_eq(back.members[1].relation, "配偶");
    ck_assert_ptr_null(back.members[1].age_band);
    ck_assert_uint_eq(back.finding_count, 2);
    ck_assert_str_eq(back.findings[0].values, "{\"months\": 3}");
    ck_assert_uint_eq(back.findings[0].source_count, 2);
    ck_assert_str_eq(back.findings[0].sources[1].producer, "乡村振兴局");
    ck_assert_uint_eq(back.findings[0].sources[1].revision, 2);
    ck_assert_str_eq(back.findings[0].missing[0], "water.household");
    ck_assert_uint_eq(back.findings[1].source_count, 0);
    ck_assert(!back.findings[1].rechecked);
    ck_assert_str_eq(back.missing[0], "water.household");
}
END_TEST

static const struct {
    int64_t sent, taken;
} times[] = {
    {CLOCK_TIME_MAX, CLOCK_TIME_MAX},
    {CLOCK_TIME_MAX + 1, 0},
    {INT64_MAX, 0},
    {-1, 0},
};

START_TEST(a_time_that_cannot_be_written_is_none)
{
    AUTO_BUF struct buf json = {0};

    event.time_us = times[_i].sent;
    ck_assert_msg(round_trip() == 0, "%s", err.text);
    ck_assert_int_eq(back.time_us, times[_i].taken);
    event_json(&back, 1, &json);
}
END_TEST

START_TEST(encoding_is_the_same_every_time)
{
    AUTO_BUF struct buf again = {0};

    event_encode(&event, &bytes);
    event_encode(&event, &again);
    ck_assert_uint_eq(bytes.len, again.len);
    ck_assert_mem_eq(bytes.bytes, again.bytes, again.len);
}
END_TEST

START_TEST(the_id_follows_from_county_case_and_number)
{
    char id[DIGEST_HEX];

    event_id(360799, "c", 1, id); /* SHA-256 of "360799/c/1" */
    ck_assert_str_eq(id, "0128961c5fad4d365f441ade7fce0bccdff194309258a7617cb6bebc7b9af5d3");
}
END_TEST

static const struct {
    enum event_type type;
    const char *name;
} type_names[] = {
    {EVENT_RAISED, "raised"},   {EVENT_UPDATED, "updated"},     {EVENT_ESCALATED, "escalated"},
    {EVENT_CLEARED, "cleared"}, {EVENT_WITHDRAWN, "withdrawn"},
};

START_TEST(every_type_travels_under_its_name)
{
    event.type = type_names[_i].type;
    ck_assert_str_eq(event_type_name(event.type), type_names[_i].name);
    ck_assert_int_eq(round_trip(), 0);
    ck_assert_int_eq(back.type, event.type);
}
END_TEST

START_TEST(an_event_is_one_line_of_json)
{
    static const char head
        [] = "{\"seq\":17,\"id\":\"",
    tail[] =
        "\"time\":\"2024-09-22T18:13:20+08:00\",\"type\":\"escalated\",\"county\":360799,"
        "\"case_id\":\"360799-2024-000001\",\"case_seq\":3,\"episode\":1,\"previous_event\":null,"
        "\"household_no\":\"H1\",\"subject_ref\":null,\"township\":null,\"village\":null,"
        "\"head_name\":\"李*\",\"head_id\":null,\"severity\":\"red\",\"x01\":true,\"state\":null,"
        "\"route\":\"bureau\",\"deadline\":null,\"opened\":202407,\"cleared\":null,"
        "\"month\":202409,\"members\":[{\"name\":\"李*\",\"subject_ref\":\"ref-1\","
        "\"age_band\":\"60-69\",\"relation\":\"户主\"},{\"name\":\"王**\","
        "\"subject_ref\":\"ref-2\",\"age_band\":null,\"relation\":\"配偶\"}],"
        "\"findings\":[{\"rule\":\"C01\",\"rule_version\":2,\"title\":\"未参保\","
        "\"severity\":\"red\",\"month\":202409,\"since\":202407,\"subject_type\":\"person\","
        "\"subject_ref\":\"ref-1\",\"values\":{\"months\": "
        "3},\"link_pass\":null,\"link_weight\":null,"
        "\"route\":\"bureau\",\"rechecked\":true,\"missing\":[\"water.household\"],"
        "\"sources\":[{\"record_type\":\"insurance.enrolment\",\"producer\":\"医保局\","
        "\"submission\":7,\"row_no\":41,\"period\":202409,\"revision\":1},"
        "{\"record_type\":\"register.member\",\"producer\":\"乡村振兴局\",\"submission\":3,"
        "\"row_no\":12,\"period\":202407,\"revision\":2}]}],\"missing\":[\"water.household\"]}";

    event.finding_count = 1;
    event_json(&event, 17, &bytes);
    ck_assert_uint_eq(bytes.len, sizeof(head) - 1 + DIGEST_HEX - 1 + 2 + sizeof(tail) - 1);
    ck_assert_mem_eq(bytes.bytes, head, sizeof(head) - 1);
    for (size_t i = 1; i < sizeof(tail); i++)
        if (bytes.bytes[bytes.len - i] != (uint8_t)tail[sizeof(tail) - 1 - i])
            ck_abort_msg("differs before '%.20s'", tail + sizeof(tail) - 1 - i);
}
END_TEST

START_TEST(an_event_that_would_not_fit_names_fewer_sources)
{
    static struct event_source many[EVENT_SOURCES_MAX];
    static struct event_finding all[EVENT_FINDINGS_MAX + 1];
    static char producer[129];

    memset(producer, 'p', sizeof(producer) - 1);
    for (size_t i = 0; i < EVENT_SOURCES_MAX; i++)
        many[i] = (struct event_source){"insurance.enrolment", producer, 7, 41, 202409, 1};
    for (size_t i = 0; i <= EVENT_FINDINGS_MAX; i++)
        all[i] = (struct event_finding){
            .rule = "C01", .source_count = EVENT_SOURCES_MAX, .sources = many};
    event.findings = all;
    event.finding_count = EVENT_FINDINGS_MAX + 1;
    ck_assert_int_eq(round_trip(), 0);
    ck_assert_uint_le(bytes.len, FRAME_PAYLOAD_BYTES);
    ck_assert_uint_eq(back.finding_count, EVENT_FINDINGS_MAX);
    ck_assert_uint_eq(back.findings[0].source_count, 16);
}
END_TEST

static void
no_case(void)
{
    event.case_id = NULL;
}
static void
bad_id(void)
{
    event.id[5] = '\0';
}
static void
bad_text(void)
{
    event.head_name = "\xE6\x9D";
}
static void
bad_values(void)
{
    static const struct event_finding finding = {.rule = "C01", .values = "{\n}"};

    event.findings = &finding;
    event.finding_count = 1;
}

static const struct {
    void (*break_it)(void);
    const char *text;
} wrong[] = {
    {no_case, "an event lacks its county, case, number or type"},
    {bad_id, "an event has no valid id"},
    {bad_text, "an event has a text that is no UTF-8 or holds a NUL"},
    {bad_values, "an event has values that are no line of JSON"},
};

START_TEST(an_event_that_breaks_its_promise_is_refused)
{
    wrong[_i].break_it();
    ck_assert_int_eq(round_trip(), -1);
    ck_assert_int_eq(err.code, ERR_PROTOCOL);
    ck_assert_str_eq(err.text, wrong[_i].text);
}
END_TEST

START_TEST(bytes_that_are_no_event_are_refused)
{
    ck_assert_int_eq(event_decode((const uint8_t *)"\xff", 1, &back, &err), -1);
    ck_assert_str_eq(err.text, "an event is no CloudEvent with binary data");
    ck_assert_int_eq(event_decode((const uint8_t *)"\x32\x01\xff", 3, &back, &err), -1);
    ck_assert_str_eq(err.text, "an event carries no valid warning");
}
END_TEST

START_TEST(an_envelope_that_contradicts_its_warning_is_refused)
{
    uint8_t *at;

    event_encode(&event, &bytes);
    at = memmem(bytes.bytes, bytes.len, "escalated", 9);
    ck_assert_ptr_nonnull(at);
    memcpy(at, "withdrawn", 9);
    ck_assert_int_eq(event_decode(bytes.bytes, bytes.len, &back, &err), -1);
    ck_assert_str_eq(err.text, "an event contradicts its envelope");
}
END_TEST

START_TEST(a_damaged_event_does_no_harm)
{
    event_encode(&event, &bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        for (unsigned flip = 1; flip < 256; flip <<= 1) {
            bytes.bytes[i] ^= (uint8_t)flip;
            (void)!event_decode(bytes.bytes, bytes.len, &back, &err);
            event_free(&back);
            bytes.bytes[i] ^= (uint8_t)flip;
        }
        (void)!event_decode(bytes.bytes, i, &back, &err);
        event_free(&back);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("event");
    TCase *tcase = tcase_create("event");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, an_event_comes_back_as_it_was);
    tcase_add_loop_test(tcase, a_time_that_cannot_be_written_is_none, 0, UNIT_COUNT(times));
    tcase_add_test(tcase, encoding_is_the_same_every_time);
    tcase_add_test(tcase, the_id_follows_from_county_case_and_number);
    tcase_add_loop_test(tcase, every_type_travels_under_its_name, 0, UNIT_COUNT(type_names));
    tcase_add_test(tcase, an_event_is_one_line_of_json);
    tcase_add_test(tcase, an_event_that_would_not_fit_names_fewer_sources);
    tcase_add_loop_test(tcase, an_event_that_breaks_its_promise_is_refused, 0, UNIT_COUNT(wrong));
    tcase_add_test(tcase, bytes_that_are_no_event_are_refused);
    tcase_add_test(tcase, an_envelope_that_contradicts_its_warning_is_refused);
    tcase_add_test(tcase, a_damaged_event_does_no_harm);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
