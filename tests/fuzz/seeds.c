/*
 * The first inputs of the targets whose bytes nobody writes by hand: seeds CORPUS
 *
 * Everything in them is made up. Files that are there already are replaced.
 */
#include "fuzz.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/text.h"
#include "event.h"
#include "frame.h"
#include "record.h"

static const char *corpus;

static void
save(const char *target, const char *name, const struct buf *bytes)
{
    char path[1024];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", corpus, target);
    (void)mkdir(path, 0755);
    (void)snprintf(path, sizeof(path), "%s/%s/%s", corpus, target, name);
    file = fopen(path, "w");
    if (file == NULL || fwrite(bytes->bytes, 1, bytes->len, file) != bytes->len ||
        fclose(file) != 0)
        abort();
}

/* A number that no person has, with its check character. */
static const char *
number(void)
{
    static char id[] = "360799199003071230";

    id[TEXT_ID_LEN - 1] = text_id_check(id);
    return id;
}

/* ---- rows ---- */

static const char *
sample(const struct record_field *field)
{
    switch (field->type) {
    case RECORD_ID:
        return number();
    case RECORD_NAME:
        return "李明";
    case RECORD_AREA:
    case RECORD_AREAS:
        return field->limit == 6 ? "360799" : "360799001002";
    case RECORD_PHONE:
        return "19900123456";
    case RECORD_CODE:
    case RECORD_CODES:
        return field->codes[0].label;
    case RECORD_DATE:
        return "2024-05-20";
    case RECORD_MONTH:
        return "2024-05";
    case RECORD_MONEY:
        return "1234.50";
    case RECORD_BOOL:
        return "是";
    case RECORD_TEXT:
    case RECORD_INT:
    case RECORD_DEC:
    case RECORD_TEXTS:
        return "12";
    }
    return "";
}

static void
put_cell(const struct record_field *field, struct record_cell *cell)
{
    static struct record_item items[RECORD_FIELDS_MAX];
    struct record_item *item = &items[field->number];
    const char *text = field->codes != NULL ? field->codes[0].code : sample(field);

    cell->set = true;
    if (field->type == RECORD_DATE)
        cell->number = 19863;
    else if (field->type == RECORD_MONTH)
        cell->number = FUZZ_PERIOD;
    else if (field->type == RECORD_MONEY || field->type == RECORD_INT || field->type == RECORD_BOOL)
        cell->number = 1;
    else if (field->type == RECORD_CODES || field->type == RECORD_AREAS ||
             field->type == RECORD_TEXTS) {
        *item = (struct record_item){text, (uint32_t)strlen(text)};
        cell->list.items = item;
        cell->list.count = 1;
    } else {
        cell->text.bytes = text;
        cell->text.len = (uint32_t)strlen(text);
    }
}

/* A whole row, a deletion and a row that cannot be used. */
static void
save_record(uint8_t index, const struct record_type *type)
{
    const struct record_unresolved unresolved = {
        .row_no = 4,
        .reason = RECORD_BAD_ID,
        .column = {"id_no", 5},
        .id_no = {"3607991990", 10},
        .name = {"李明", 6},
    };
    AUTO_BUF struct buf bytes = {0};
    struct record_row row = {.row_no = 2};

    for (size_t i = 0; i < type->field_count; i++)
        put_cell(&type->fields[i], &row.cells[i]);
    buf_add_u8(&bytes, index);
    record_encode(type, &row, &bytes);
    row.row_no = 3;
    row.removed = true;
    record_encode(type, &row, &bytes);
    record_encode_unresolved(&unresolved, &bytes);
    save("record", type->name, &bytes);
}

static void
add_line(const struct record_type *type, bool header, struct buf *out)
{
    for (size_t i = 0; i < type->field_count; i++)
        buf_add_fmt(out, "%s%s", i > 0 ? "," : "",
                    header ? type->fields[i].column : sample(&type->fields[i]));
    buf_add_str(out, "\r\n");
}

/* A title, the header, a good row twice and a row with less. */
static void
save_file(uint8_t index, const struct record_type *type)
{
    AUTO_BUF struct buf bytes = {0};

    buf_add_u8(&bytes, index);
    buf_add_u8(&bytes, 32); /* a spool, too */
    buf_add_fmt(&bytes, "\xef\xbb\xbf%s\r\n", type->title);
    add_line(type, true, &bytes);
    add_line(type, false, &bytes);
    add_line(type, false, &bytes);
    buf_add_fmt(&bytes, "\"=\"\"%s\"\"\",无\r\n", number());
    save("prepare", type->name, &bytes);
}

static void
save_cells(uint8_t index, const struct record_type *type)
{
    for (size_t i = 0; i < type->field_count; i++) {
        AUTO_BUF struct buf bytes = {0};
        char name[32];

        (void)snprintf(name, sizeof(name), "type%d", (int)type->fields[i].type);
        buf_add_u8(&bytes, index);
        buf_add_u8(&bytes, (uint8_t)i);
        buf_add_str(&bytes, sample(&type->fields[i]));
        save("convert", name, &bytes);
    }
}

/* ---- frames ---- */

static const struct frame frames[] = {
    {.kind = FRAME_HELLO,
     .hello = {1, "education-360799", {1}, 1, 4, 1, "education-adapter 0.1.0"}},
    {.kind = FRAME_SUBSCRIBE, .subscribe = {"education-360799", {1}, 4, 2, 1 << 24, 524288, 5}},
    {.kind = FRAME_REJECT, .reject = {7, "the county is not granted", "ask the hub", true, 30}},
    {.kind = FRAME_OPEN,
     .open = {1,
              3,
              {2},
              "jyj",
              "education.student",
              FUZZ_COUNTY,
              FUZZ_PERIOD,
              FRAME_CORRECTION,
              2,
              false,
              {3},
              10,
              1,
              1}},
    {.kind = FRAME_BATCH, .batch = {2, 10, 1, {4}, {5}}},
    {.kind = FRAME_CLOSE, .close = {3, 10, 1, 1, false, {6}, 2, {12345, -1}}},
    {.kind = FRAME_ACK, .ack = {4}},
    {.kind = FRAME_RECEIPT,
     .receipt = {{2},
                 3,
                 FRAME_COMMITTED,
                 FUZZ_COUNTY,
                 17,
                 2,
                 9,
                 1,
                 {6},
                 1718323200000000,
                 0,
                 "",
                 "",
                 true,
                 1,
                 {"partial"},
                 {"行数明显少于往月"},
                 1,
                 (const struct frame_refused[]){{4, "id_no", 1}}}},
    {.kind = FRAME_NACK, .nack = {2, 4, "the digest differs", "send it again", true}},
    {.kind = FRAME_CREDIT, .credit = {1 << 20}},
    {.kind = FRAME_RESEND, .resend = {2}},
    {.kind = FRAME_PING, .ping = {3, 1}},
    {.kind = FRAME_PONG, .pong = {3}},
    {.kind = FRAME_DRAIN, .drain = {"the hub is being updated"}},
    {.kind = FRAME_FENCED, .fenced = {3}},
    {.kind = FRAME_EVENT, .event = {5, {7}}},
};

static void
save_frames(void)
{
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        AUTO_BUF struct buf bytes = {0};

        frame_encode(&frames[i], &bytes);
        save("frame", frame_name(frames[i].kind), &bytes);
    }
}

/* ---- events and the ledger ---- */

static const struct event_source source = {"insurance.enrolment", "yibaoju", 17, 2, FUZZ_PERIOD, 1};
static const char *const missing[] = {"water.household"};
static const struct event_member member = {"李*", "a1b2", "30-39", "户主"};
static const struct event_finding finding = {
    .rule = "M01",
    .title = "未参保",
    .severity = "red",
    .subject_type = "person",
    .subject_ref = "a1b2",
    .values = "{\"insured_year\": 2024}",
    .route = "bureau",
    .rule_version = 1,
    .month = FUZZ_PERIOD,
    .since = FUZZ_PERIOD,
    .source_count = 1,
    .sources = &source,
    .missing_count = 1,
    .missing = missing,
};

static struct event
event_of(enum event_type type, uint32_t case_seq)
{
    struct event event = {
        .time_us = 1718323200000000,
        .county = FUZZ_COUNTY,
        .case_seq = case_seq,
        .episode = 1,
        .type = type,
        .case_id = "360799-000001",
        .household_no = "H0001",
        .township = "某乡",
        .head_name = "李*",
        .severity = "red",
        .state = "open",
        .route = "bureau",
        .deadline = "2024-06-28",
        .opened = FUZZ_PERIOD,
        .month = FUZZ_PERIOD,
        .member_count = 1,
        .members = &member,
        .finding_count = 1,
        .findings = &finding,
        .missing_count = 1,
        .missing = missing,
    };

    event_id(event.county, event.case_id, case_seq, event.id);
    return event;
}

/* A line of the ledger without its check, which the target adds. */
static void
add_ledger_line(const struct event *event, uint64_t seq, struct buf *out)
{
    AUTO_BUF struct buf json = {0};

    event_json(event, seq, &json);
    buf_add_fmt(out, "{\"digest\":\"%064llu\",", (unsigned long long)seq);
    buf_add(out, json.bytes + 1, json.len - 2);
    buf_add_u8(out, '\n');
}

static void
save_events(void)
{
    AUTO_BUF struct buf ledger = {0};

    buf_add_u8(&ledger, 1);
    for (int type = EVENT_RAISED; type <= EVENT_WITHDRAWN; type++) {
        struct event event = event_of((enum event_type)type, (uint32_t)type + 1);
        AUTO_BUF struct buf bytes = {0};

        event_encode(&event, &bytes);
        save("event", event_type_name(event.type), &bytes);
        add_ledger_line(&event, (uint64_t)type + 1, &ledger);
    }
    save("ledger", "five-events", &ledger);
    ledger.len -= 40;
    save("ledger", "torn", &ledger);
    ledger.bytes[0] = 0;
    save("ledger", "no-origin", &ledger);
    ledger.bytes[0] = 3;
    save("ledger", "another-channel", &ledger);
}

/* ---- the spool ---- */

static void
add_text(const char *text, struct buf *out)
{
    buf_add_be16(out, (uint16_t)strlen(text));
    buf_add_str(out, text);
}

/* The fields of a header behind its magic, as subfile.c lays them out, and one batch of 24 bytes. */
static void
save_subfile(void)
{
    static const char payload[] = "a payload of 24 bytes...";
    AUTO_BUF struct buf head = {0}, bytes = {0};
    uint8_t uuid[FRAME_UUID_BYTES] = {1}, digest[DIGEST_BYTES];

    digest_bytes(payload, 24, digest);
    buf_add(&head, uuid, sizeof(uuid));
    add_text("jyj", &head);
    add_text("education.student", &head);
    add_text("education.student.2024-05.csv", &head);
    buf_add_be32(&head, FUZZ_COUNTY);
    buf_add_be32(&head, FUZZ_PERIOD);
    buf_add_be32(&head, FRAME_FULL);
    buf_add_be32(&head, 0);
    buf_add_u8(&head, 0);
    buf_add_be64(&head, 1718323200000000);
    buf_add_be64(&head, 10);
    buf_add_be64(&head, 1);
    buf_add_be64(&head, 8192 + 48 + 24);
    buf_add_be32(&head, 1);
    buf_add(&head, digest, sizeof(digest));
    buf_add_be32(&head, 1);
    buf_add_be64(&head, 12345);
    buf_add_u8(&bytes, 0);
    buf_add_be16(&bytes, (uint16_t)head.len);
    buf_add(&bytes, head.bytes, head.len);
    buf_add_u8(&bytes, 24);
    buf_add_u8(&bytes, 10);
    buf_add_u8(&bytes, 1);
    buf_add_str(&bytes, payload);
    save("subfile", "one-batch", &bytes);
}

int
main(int argc, char **argv)
{
    const struct record_type *type;

    if (argc != 2)
        return 2;
    corpus = argv[1];
    for (size_t i = 0; (type = record_at(i)) != NULL; i++) {
        save_record((uint8_t)i, type);
        save_file((uint8_t)i, type);
        save_cells((uint8_t)i, type);
    }
    save_frames();
    save_events();
    save_subfile();
    return 0;
}
