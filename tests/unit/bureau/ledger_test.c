#include "bureau/ledger.h"

#include <sys/stat.h>

#include "bureau/noted.h"

#define EVENTS 5

/* Where each line of a whole ledger begins; ends[i] is the end of line i, lines from 1. */
static void
find_ends(const struct buf *bytes, size_t ends[EVENTS + 1])
{
    size_t line = 0;

    ends[0] = 0;
    for (size_t i = 0; i < bytes->len; i++)
        if (bytes->bytes[i] == '\n')
            ends[++line] = i + 1;
    ck_assert_uint_eq(line, EVENTS);
}

/* Open, expect so many whole lines, go on to the end, and expect the bytes of the whole ledger. */
static void
expect_recovery(const struct buf *whole, size_t lines, size_t bytes, size_t torn)
{
    AUTO(ledger_close) struct ledger *ledger = noted_open();
    const struct ledger_state *state = ledger_state(ledger);
    AUTO_BUF struct buf after = {0};

    ck_assert_uint_eq(state->next_seq, lines + 1);
    ck_assert_uint_eq(state->bytes, bytes);
    ck_assert_uint_eq(state->torn_bytes, torn);
    noted_add(ledger, EVENTS);
    noted_read("ledger.jsonl", &after);
    ck_assert_uint_eq(after.len, whole->len);
    ck_assert_mem_eq(after.bytes, whole->bytes, whole->len);
}

static void
make_whole(struct buf *ret_whole, size_t ends[EVENTS + 1])
{
    AUTO(ledger_close) struct ledger *ledger = noted_open();

    noted_add(ledger, EVENTS);
    noted_read("ledger.jsonl", ret_whole);
    find_ends(ret_whole, ends);
}

START_TEST(an_empty_directory_holds_nothing_and_begins_at_one)
{
    AUTO(ledger_close) struct ledger *ledger = noted_open();
    const struct ledger_state *state = ledger_state(ledger);
    static const uint8_t none[FRAME_EPOCH_BYTES];

    ck_assert_uint_eq(state->next_seq, 1);
    ck_assert_uint_eq(state->bytes, 0);
    ck_assert_mem_eq(state->epoch, none, sizeof(none));
}
END_TEST

START_TEST(what_was_flushed_is_there_again)
{
    AUTO(ledger_close) struct ledger *ledger = noted_open();
    AUTO_BUF struct buf body = {0};
    uint8_t digest[DIGEST_BYTES];
    struct stat stat_of;
    char path[128];

    noted_add(ledger, EVENTS);
    ledger_close(STEAL(ledger));
    ledger = noted_open();
    noted_body(EVENTS, &body, digest);
    ck_assert_uint_eq(ledger_state(ledger)->next_seq, EVENTS + 1);
    ck_assert_uint_eq(ledger_state(ledger)->cases, 2);
    ck_assert_mem_eq(ledger_state(ledger)->newest_digest, digest, sizeof(digest));
    ck_assert_mem_eq(ledger_state(ledger)->epoch, noted_epoch, sizeof(noted_epoch));

    (void)snprintf(path, sizeof(path), "%s/ledger.jsonl", noted_dir);
    ck_assert_int_eq(stat(path, &stat_of), 0);
    ck_assert_uint_eq(stat_of.st_mode & 0777, 0600);
}
END_TEST

START_TEST(a_line_is_one_json_object_with_number_digest_and_check)
{
    AUTO(ledger_close) struct ledger *ledger = noted_open();
    AUTO_BUF struct buf whole = {0};
    AUTO_BUF struct buf body = {0};
    uint8_t digest[DIGEST_BYTES];
    char start[128] = "{\"digest\":\"";
    size_t len = strlen(start);

    noted_add(ledger, 1);
    noted_read("ledger.jsonl", &whole);
    noted_body(1, &body, digest);
    digest_hex(digest, sizeof(digest), start + len);
    strcat(start, "\",\"seq\":1,");
    ck_assert_mem_eq(whole.bytes, start, strlen(start));
    ck_assert_ptr_nonnull(strstr(buf_str(&whole), ",\"check\":\""));
    ck_assert_uint_eq(strcspn(buf_str(&whole), "\n"), whole.len - 1);
}
END_TEST

START_TEST(a_cut_at_any_byte_of_the_last_two_lines_loses_only_what_it_cut)
{
    AUTO_BUF struct buf whole = {0};
    size_t ends[EVENTS + 1];

    make_whole(&whole, ends);
    for (size_t cut = ends[EVENTS - 2]; cut <= whole.len; cut++) {
        size_t lines = EVENTS - 2;

        while (lines < EVENTS && ends[lines + 1] <= cut)
            lines++;
        noted_write("ledger.jsonl", whole.bytes, cut);
        expect_recovery(&whole, lines, ends[lines], cut - ends[lines]);
    }
}
END_TEST

START_TEST(a_changed_byte_in_the_last_two_lines_cuts_from_its_line_on)
{
    AUTO_BUF struct buf whole = {0};
    size_t ends[EVENTS + 1];

    make_whole(&whole, ends);
    for (size_t at = ends[EVENTS - 2]; at < whole.len; at++) {
        size_t lines = at < ends[EVENTS - 1] ? EVENTS - 2 : EVENTS - 1;
        AUTO_BUF struct buf torn = {0};

        buf_add(&torn, whole.bytes, whole.len);
        torn.bytes[at] ^= at % 2 == 0 ? 0x01 : torn.bytes[at]; /* another byte, or a NUL */
        noted_write("ledger.jsonl", torn.bytes, torn.len);
        expect_recovery(&whole, lines, ends[lines], whole.len - ends[lines]);
        buf_clear(&torn);
        noted_read("ledger.torn", &torn);
        ck_assert_uint_eq(torn.len, whole.len - ends[lines]);
    }
}
END_TEST

START_TEST(a_line_in_the_wrong_place_counts_as_torn)
{
    AUTO_BUF struct buf whole = {0};
    size_t ends[EVENTS + 1];
    struct err err;
    AUTO(ledger_close) struct ledger *ledger = NULL;

    make_whole(&whole, ends);
    noted_write("ledger.jsonl", whole.bytes + ends[1], whole.len - ends[1]);
    ck_assert_int_eq(ledger_open(noted_dir, NOTED_CHANNEL, &ledger, &err), 0);
    ck_assert_uint_eq(ledger_state(ledger)->next_seq, 1);
}
END_TEST

START_TEST(damage_before_the_tail_is_refused_and_nothing_changed)
{
    AUTO(ledger_close) struct ledger *ledger = NULL;
    AUTO_BUF struct buf whole = {0};
    AUTO_BUF struct buf after = {0};
    size_t ends[EVENTS + 1];
    struct err err;

    make_whole(&whole, ends);
    whole.bytes[ends[2] + 3] ^= 1;
    memset(buf_reserve(&whole, LEDGER_TAIL_MAX), ' ', LEDGER_TAIL_MAX);
    whole.len += LEDGER_TAIL_MAX;
    noted_write("ledger.jsonl", whole.bytes, whole.len);
    ck_assert_int_eq(ledger_open(noted_dir, NOTED_CHANNEL, &ledger, &err), -1);
    ck_assert_int_eq(err.code, ERR_CONFLICT);
    ck_assert_str_eq(err.text, "ledger.jsonl is damaged behind line 2");
    ck_assert_str_eq(err.hint, "put a copy back, or take every event again in a new directory");
    noted_read("ledger.jsonl", &after);
    ck_assert_uint_eq(after.len, whole.len);
}
END_TEST

START_TEST(only_one_process_has_a_directory)
{
    AUTO(ledger_close) struct ledger *ledger = noted_open();
    struct ledger *second = NULL;
    struct err err;

    ck_assert_int_eq(ledger_open(noted_dir, NOTED_CHANNEL, &second, &err), -1);
    ck_assert_int_eq(err.code, ERR_CONFLICT);
    ck_assert_str_eq(err.text, "another process has taken the directory");
    noted_add(ledger, 1); /* the first one goes on */
}
END_TEST

START_TEST(another_channels_directory_is_refused)
{
    AUTO(ledger_close) struct ledger *ledger = noted_open();
    struct err err;

    noted_add(ledger, 1);
    ledger_close(STEAL(ledger));
    ck_assert_int_eq(ledger_open(noted_dir, "350582/bureau", &ledger, &err), -1);
    ck_assert_int_eq(err.code, ERR_CONFLICT);
    ck_assert_str_eq(err.text, "the directory holds the events of 360722/bureau");
}
END_TEST

static const struct {
    const char *origin, *text;
} origins[] = {
    {NULL, "origin is missing"},
    {"", "origin is damaged"},
    {"360722/bureau\n", "origin is damaged"},
    {"360722/bureau 0102\n", "origin is damaged"},
    {"360722/bureau 07070700000000000000000000000000", "origin is damaged"},
    {"360722/bureau 0707070000000000000000000000000g\n", "origin is damaged"},
};

START_TEST(lines_without_a_whole_origin_are_refused)
{
    AUTO(ledger_close) struct ledger *ledger = noted_open();
    char path[128];
    struct err err;

    noted_add(ledger, 1);
    ledger_close(STEAL(ledger));
    if (origins[_i].origin != NULL) {
        noted_write("origin", origins[_i].origin, strlen(origins[_i].origin));
    } else {
        (void)snprintf(path, sizeof(path), "%s/origin", noted_dir);
        ck_assert_int_eq(remove(path), 0);
    }
    ck_assert_int_eq(ledger_open(noted_dir, NOTED_CHANNEL, &ledger, &err), -1);
    ck_assert_int_eq(err.code, ERR_CONFLICT);
    ck_assert_str_eq(err.text, origins[_i].text);
}
END_TEST

START_TEST(a_case_is_followed_across_a_restart)
{
    AUTO(ledger_close) struct ledger *ledger = noted_open();
    struct event next = noted_event(3), later = noted_event(5);

    ck_assert(!ledger_follows(ledger, &next));
    noted_add(ledger, 2);
    ck_assert(ledger_follows(ledger, &next));
    ck_assert(!ledger_follows(ledger, &later));
    ledger_close(STEAL(ledger));
    ledger = noted_open();
    ck_assert(ledger_follows(ledger, &next));
    ck_assert(!ledger_follows(ledger, &later));
}
END_TEST

START_TEST(reading_neither_takes_nor_changes)
{
    AUTO(ledger_close) struct ledger *ledger = noted_open();
    AUTO_BUF struct buf whole = {0};
    AUTO_BUF struct buf after = {0};
    char channel[LEDGER_CHANNEL_MAX];
    struct ledger_state state;
    bool owned;
    struct err err;

    noted_add(ledger, 3);
    ck_assert_int_eq(ledger_read(noted_dir, channel, &state, &owned, &err), 0);
    ck_assert(owned);
    ledger_close(STEAL(ledger));

    noted_read("ledger.jsonl", &whole);
    noted_write("ledger.jsonl", whole.bytes, whole.len - 1);
    ck_assert_int_eq(ledger_read(noted_dir, channel, &state, &owned, &err), 0);
    ck_assert(!owned);
    ck_assert_str_eq(channel, NOTED_CHANNEL);
    ck_assert_uint_eq(state.next_seq, 3);
    ck_assert_uint_gt(state.torn_bytes, 0);
    noted_read("ledger.jsonl", &after);
    ck_assert_uint_eq(after.len, whole.len - 1);
}
END_TEST

START_TEST(a_missing_directory_is_missing_to_a_reader_and_made_by_an_owner)
{
    char channel[LEDGER_CHANNEL_MAX], path[96];
    AUTO(ledger_close) struct ledger *ledger = NULL;
    struct ledger_state state;
    struct stat stat_of;
    struct err err;
    bool owned;

    (void)snprintf(path, sizeof(path), "%s/new", noted_dir);
    ck_assert_int_eq(ledger_read(path, channel, &state, &owned, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
    ck_assert_int_eq(ledger_open(path, NOTED_CHANNEL, &ledger, &err), 0);
    ck_assert_int_eq(stat(path, &stat_of), 0);
    ck_assert_uint_eq(stat_of.st_mode & 0777, 0700);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ledger");
    TCase *tcase = tcase_create("ledger");

    tcase_add_checked_fixture(tcase, noted_setup, noted_teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, an_empty_directory_holds_nothing_and_begins_at_one);
    tcase_add_test(tcase, what_was_flushed_is_there_again);
    tcase_add_test(tcase, a_line_is_one_json_object_with_number_digest_and_check);
    tcase_add_test(tcase, a_cut_at_any_byte_of_the_last_two_lines_loses_only_what_it_cut);
    tcase_add_test(tcase, a_changed_byte_in_the_last_two_lines_cuts_from_its_line_on);
    tcase_add_test(tcase, a_line_in_the_wrong_place_counts_as_torn);
    tcase_add_test(tcase, damage_before_the_tail_is_refused_and_nothing_changed);
    tcase_add_test(tcase, only_one_process_has_a_directory);
    tcase_add_test(tcase, another_channels_directory_is_refused);
    tcase_add_loop_test(tcase, lines_without_a_whole_origin_are_refused, 0, UNIT_COUNT(origins));
    tcase_add_test(tcase, a_case_is_followed_across_a_restart);
    tcase_add_test(tcase, reading_neither_takes_nor_changes);
    tcase_add_test(tcase, a_missing_directory_is_missing_to_a_reader_and_made_by_an_owner);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
