/*
 * An agency's whole file: header, mapping, conversion, checks, reject report, spool.
 *
 * Byte 0: the record type; byte 1: bits 0-1 kind, 2 mapping, 3 refuse above 20 %, 4 nil, 5 spool.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/yaml.h"
#include "sdk/program/outlet.h"
#include "sdk/spool/subfile.h"

enum { MAPPED = 4, STRICT = 8, NIL = 16, SPOOLED = 32 };

static const char mapping_text[] =
    "columns:\n"
    "  insurance.enrolment: {id_no: [身份证号码, 证件号], name: [参保人]}\n"
    "  education.student: {id_no: [身份证号], name: [学生]}\n"
    "values:\n"
    "  insurance.enrolment: {scheme: {居民: 390, \"\": 390}}\n";

/* Made once, gone with the process. */
static struct mapping *mapping;
static struct spool *spool;

static void
setup(void)
{
    const struct spool_limits limits = {64 << 20, 35};
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    char dir[600];
    AUTO_BUF struct buf lines = {0};
    struct problem_list problems = {.lines = &lines};
    struct err err = {0};

    if (mapping != NULL)
        return;
    assert(yaml_parse("mapping", mapping_text, strlen(mapping_text), &tree, &err) == 0);
    assert(mapping_parse(yaml_root(tree), &mapping, &problems) == 0);
    (void)snprintf(dir, sizeof(dir), "%s/spool", fuzz_dir());
    assert(spool_open(dir, &limits, &spool, &err) == 0);
}

static const struct record_type *
type_of(uint8_t byte)
{
    size_t count = 0;

    while (record_at(count) != NULL)
        count++;
    return record_at(byte % count);
}

static void
check_counts(const struct prepare_result *result)
{
    uint64_t reasons = 0, columns = 0;

    assert(result->rows == result->stored + result->collapsed + result->refused);
    assert(result->reject_count == result->refused && result->removed <= result->stored);
    for (size_t i = 0; i < PREPARE_REASONS; i++)
        reasons += result->reasons[i];
    for (size_t i = 0; i < RECORD_FIELDS_MAX; i++) {
        columns += result->column_bad[i];
        assert(result->column_filled[i] <= result->stored);
    }
    assert(reasons == result->refused && columns == result->refused);
    for (size_t i = 0; i < result->reject_count; i++) {
        assert(i == 0 || result->rejects[i].row_no > result->rejects[i - 1].row_no);
        assert(result->rejects[i].reason != RECORD_OK);
        assert((size_t)result->rejects[i].field < result->type->field_count);
    }
}

/* What is printed for the clerk and for programs. */
static void
check_answer(const struct prepare_options *options, const struct prepare_result *result)
{
    AUTO_BUF struct buf text = {0};
    AUTO(yaml_free) struct yaml_tree *tree = NULL;
    struct json json = {.out = &text};
    struct err err = {0};
    char *printed = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&printed, &len);

    assert(out != NULL);
    prepare_print(out, options, result);
    (void)fclose(out);
    assert(len > 0);
    free(printed);
    json_open_object(&json, NULL);
    prepare_json(&json, options, result);
    json_close_object(&json);
    assert(yaml_parse("answer", (const char *)text.bytes, text.len, &tree, &err) == 0);
}

/* The report is a file that can be sent as it is, and every row of it is refused again. */
static void
check_report(const struct prepare_options *options, const struct prepare_result *result)
{
    struct prepare_options again = *options;
    struct prepare_result answer;
    char path[600];
    struct err err = {0};

    (void)snprintf(path, sizeof(path), "%s.rejects.csv", options->path);
    again.path = path;
    again.kind = FRAME_CORRECTION;
    again.reject_above_percent = 100;
    again.rejects = false;
    assert(outlet_run(&again, NULL, &answer, &err) == 0);
    assert(answer.refusal.code == REFUSAL_NONE || answer.refusal.code == REFUSAL_EVENT_DATES ||
           answer.refusal.code == REFUSAL_REMOVAL);
    if (answer.refusal.code == REFUSAL_NONE) {
        check_counts(&answer);
        assert(answer.rows == result->refused);
        for (int i = 0; i < PREPARE_REASONS; i++)
            assert(i == RECORD_KEY || answer.reasons[i] == result->reasons[i]);
    }
    prepare_result_done(&answer);
    fuzz_remove("input.csv.rejects.csv");
}

static void
check_payload(const struct prepare_options *options, const uint8_t *payload, size_t len,
              uint64_t *rows, uint64_t *unresolved)
{
    struct record_reader reader = {0};
    struct record_unresolved refused;
    struct record_row row;
    struct err err = {0};
    enum record_read read;
    int field;

    record_reader_open(&reader, options->type, payload, len);
    while ((read = record_read(&reader, &row, &refused, &err)) > RECORD_END) {
        *rows += read == RECORD_ROW;
        *unresolved += read == RECORD_UNRESOLVED;
        assert(read != RECORD_ROW || record_check(options->type, &row, options->county,
                                                  options->today, &field) == RECORD_OK);
    }
    assert(read == RECORD_END);
    record_reader_done(&reader);
}

/* Whatever reaches the spool the hub will take: whole rows that pass its own check. */
static void
check_spooled(const struct prepare_options *options, const struct prepare_result *result)
{
    AUTO(subfile_close) struct subfile *subfile = NULL;
    uint64_t rows = 0, unresolved = 0;
    char name[SPOOL_NAME_BYTES];
    const uint8_t *payload;
    struct err err = {0};

    spool_name(result->uuid, ".sub", name);
    assert(subfile_open(spool_dir(spool, SPOOL_INCOMING_DIR), name, &subfile, &err) == 0);
    assert(memcmp(subfile_head(subfile)->digest, result->digest, DIGEST_BYTES) == 0);
    for (uint32_t i = 0; i < subfile_head(subfile)->batches; i++) {
        assert(subfile_payload(subfile, i, &payload, &err) == 0);
        check_payload(options, payload, subfile_batch(subfile, i)->len, &rows, &unresolved);
    }
    assert(rows == result->stored && unresolved == result->refused);
    assert(unlinkat(spool_dir(spool, SPOOL_INCOMING_DIR), name, 0) == 0);
}

static void
check_spool(const struct prepare_options *options, const struct prepare_result *dry)
{
    struct prepare_options again = *options;
    struct prepare_result wet;
    struct err err = {0};

    again.rejects = false;
    assert(outlet_run(&again, spool, &wet, &err) == 0);
    assert(wet.refusal.code == dry->refusal.code);
    assert(wet.rows == dry->rows && wet.stored == dry->stored);
    if (wet.refusal.code == REFUSAL_NONE) {
        assert(memcmp(wet.digest, dry->digest, DIGEST_BYTES) == 0);
        check_spooled(options, &wet);
    }
    prepare_result_done(&wet);
}

/* The record type that the columns are taken for is the sector's, or the answer says why none is. */
static void
check_guess(const struct prepare_options *options)
{
    const struct record_type *type = NULL;
    struct refusal refusal = {0};
    struct err err = {0};

    assert(prepare_guess(options->path, options->type->sector, options->mapping, &type, &refusal,
                         &err) == 0);
    assert((type == NULL) == (refusal.code != REFUSAL_NONE));
    assert(type == NULL || strcmp(type->sector, options->type->sector) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fuzz_input input = {bytes, len};
    const struct record_type *type = type_of(fuzz_take(&input));
    uint8_t flags = fuzz_take(&input);
    char path[600];
    struct prepare_options options = {
        .path = path,
        .type = type,
        .mapping = NULL,
        .producer = "jyj",
        .county = FUZZ_COUNTY,
        .period = FUZZ_PERIOD,
        .kind = (enum frame_submission)((flags & 3) % 3),
        .nil = (flags & NIL) != 0,
        .reject_above_percent = (flags & STRICT) != 0 ? 20 : 100,
        .today = FUZZ_TODAY,
        .rejects = true,
    };
    struct prepare_result result;
    struct err err = {0};

    setup();
    if ((flags & MAPPED) != 0)
        options.mapping = mapping;
    (void)snprintf(path, sizeof(path), "%s", fuzz_write("input.csv", input.bytes, input.len));
    assert(outlet_run(&options, NULL, &result, &err) == 0);
    if (result.refusal.code == REFUSAL_NONE)
        check_counts(&result);
    check_answer(&options, &result);
    check_guess(&options);
    if (result.rejects_written)
        check_report(&options, &result);
    if ((flags & SPOOLED) != 0)
        check_spool(&options, &result);
    prepare_result_done(&result);
    return 0;
}
