#include "sdk/prepare/prepare.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sdk/sheet/input.h"
#include "sdk/prepare/prepare_parts.h"
#include "sdk/prepare/sift.h"

/* ---- batches ---- */

static int
prepare_begin(struct prepare *prepare, struct err *err)
{
    const struct prepare_options *options = prepare->options;
    struct prepare_result *result = prepare->result;
    struct sink_entry entry = {
        .producer = options->producer,
        .record_type = options->type->name,
        .county = options->county,
        .period = (uint32_t)options->period,
        .kind = options->kind,
        .revision = options->revision,
        .nil = options->nil,
        .file = options->base != NULL   ? options->base
                : options->path == NULL ? ""
                                        : options->path,
    };

    digest_init(&prepare->digest);
    if (prepare->sink->begin == NULL)
        return 0;
    digest_random(result->uuid, sizeof(result->uuid));
    result->uuid[6] = (uint8_t)((result->uuid[6] & 0x0f) | 0x40); /* RFC 9562, version 4 */
    result->uuid[8] = (uint8_t)((result->uuid[8] & 0x3f) | 0x80);
    memcpy(entry.uuid, result->uuid, sizeof(entry.uuid));
    if (prepare->sink->begin(prepare->sink->context, &entry, err) != 0)
        return -1;
    prepare->begun = true;
    return 0;
}

int
prepare_flush(struct prepare *prepare, struct err *err)
{
    const struct buf *payload = &prepare->payload;

    if (payload->len == 0)
        return 0;
    if (!prepare->begun)
        digest_add(&prepare->digest, payload->bytes, payload->len);
    else if (prepare->sink->batch(prepare->sink->context, payload->bytes, payload->len,
                                  prepare->batch_rows, prepare->batch_unresolved, err) != 0)
        return -1;
    buf_clear(&prepare->payload);
    prepare->batch_rows = prepare->batch_unresolved = 0;
    return 0;
}

static void
prepare_abort(struct prepare *prepare)
{
    if (prepare->begun)
        prepare->sink->abort(prepare->sink->context);
    prepare->begun = false;
}

/* Make the submission whole: in the sink, or only its digest. */
static int
prepare_commit(struct prepare *prepare, struct err *err)
{
    struct prepare_result *result = prepare->result;

    if (!prepare->begun) {
        digest_finish(&prepare->digest, result->digest);
        return 0;
    }
    prepare->begun = false;
    if (prepare->sink->commit(prepare->sink->context, result->totals, result->total_count,
                              result->digest, err) != 0)
        return -1;
    return 0;
}

/* ---- readings ---- */

/* Forget the counts of an earlier reading. */
static void
prepare_reset(struct prepare *prepare)
{
    struct prepare_result *result = prepare->result;

    result->rows = result->stored = result->removed = 0;
    result->collapsed = result->refused = result->blank = 0;
    result->tails = result->tests = result->examples = 0;
    memset(result->reasons, 0, sizeof(result->reasons));
    memset(result->column_bad, 0, sizeof(result->column_bad));
    memset(result->column_filled, 0, sizeof(result->column_filled));
    memset(result->totals, 0, sizeof(result->totals));
    result->reject_count = 0;
    prepare->counts = (struct prepare_counts){0};
    convert_free(prepare->convert);
    prepare->convert = convert_new(prepare->type, prepare->options->mapping);
    if (prepare->source != NULL && prepare->source->from_1904)
        convert_refuse_serials(prepare->convert);
    prepare->scouting = false;
    buf_clear(&prepare->payload);
    prepare->batch_rows = prepare->batch_unresolved = 0;
}

/* Find the header and note its columns that are unknown. */
static enum source_read
prepare_header(struct prepare *prepare, struct err *err)
{
    struct prepare_result *result = prepare->result;
    enum source_read read = table_find(prepare->source, prepare->type, prepare->options->mapping,
                                       &prepare->table, &result->refusal, err);

    if (read != SOURCE_ROW)
        return read;
    result->unknown_count = prepare->table.unknown_count;
    memcpy(result->unknown, prepare->table.unknown, sizeof(result->unknown));
    if (prepare->table.report && prepare->options->kind == FRAME_FULL) {
        refusal_set(&result->refusal, REFUSAL_REPORT_KIND,
                    "这是退回清单，只能作为更正发送。请用 --kind correction 发送。",
                    "this is a reject report, which can only be sent as a correction; use --kind "
                    "correction");
        return SOURCE_REFUSED;
    }
    return SOURCE_ROW;
}

/* Read the file once, from its first row to its end. */
static enum source_read
prepare_read(struct prepare *prepare, struct err *err)
{
    enum source_read read;
    struct source_row row;
    int unit;

    prepare_reset(prepare);
    if (prepare_begin(prepare, err) != 0)
        return SOURCE_ERROR;
    read = prepare_header(prepare, err);
    while (read == SOURCE_ROW) {
        read = source_next(prepare->source, &row, &prepare->result->refusal, err);
        if (read == SOURCE_ROW)
            read = prepare_row(prepare, &row, err);
    }
    prepare->counts.report = prepare->table.report;
    prepare->counts.upgraded = convert_upgraded(prepare->convert);
    prepare->counts.title_month = prepare->table.title_month;
    prepare->counts.period = prepare->options->period;
    prepare->counts.named = prepare->options->named;
    for (size_t i = 0; i < prepare->type->field_count; i++)
        prepare->counts.absent[i] =
            prepare->table.column[i] < 0 && prepare->type->fields[i].optional;
    unit = prepare->counts.more && read == SOURCE_END
               ? table_wrong_unit(&prepare->table, prepare->options->mapping, true)
               : -1;
    return unit >= 0 ? table_refuse_unit(&prepare->table, prepare->options->mapping, unit,
                                         &prepare->result->refusal)
                     : read;
}

/* The second reading, now that all conflicting keys are known. */
static enum source_read
prepare_read_again(struct prepare *prepare, struct err *err)
{
    uint64_t conflicts = keys_conflicts(prepare->keys);
    enum source_read read;

    prepare_abort(prepare);
    keys_again(prepare->keys);
    prepare->again = true;
    if (source_rewind(prepare->source, err) != 0)
        return SOURCE_ERROR;
    read = prepare_read(prepare, err);
    if (read == SOURCE_END && keys_conflicts(prepare->keys) != conflicts) {
        (void)err_set(err, ERR_INPUT, "the file changed while it was read");
        return SOURCE_ERROR;
    }
    return read;
}

/* The first reading once more: the sheet's end has said how its rows must be read. */
static enum source_read
prepare_read_anew(struct prepare *prepare, struct err *err)
{
    prepare_abort(prepare);
    keys_free(prepare->keys);
    prepare->keys = keys_new();
    if (source_rewind(prepare->source, err) != 0)
        return SOURCE_ERROR;
    return prepare_read(prepare, err);
}

/* Whether a sheet that was not read belongs to the list: it has the header, or goes on with rows. */
static bool
prepare_sheet_belongs(struct prepare *prepare, struct err *err)
{
    struct refusal unused = {0};
    struct source_row row;
    struct table table = {.type = prepare->type};

    if (table_find_here(prepare->source, prepare->options->mapping, &table, &unused, err) ==
        SOURCE_ROW)
        return source_next(prepare->source, &row, &unused, err) == SOURCE_ROW &&
               sift_row(&table, &row, prepare->options->today) == SIFT_DATA;
    if (source_rewind(prepare->source, err) != 0)
        return false;
    for (int looked = 0; looked < TABLE_HEADER_ROWS; looked++) {
        int field;

        if (source_next(prepare->source, &row, &unused, err) != SOURCE_ROW)
            return false;
        if (sift_row(&prepare->table, &row, prepare->options->today) == SIFT_DATA &&
            prepare_row_fits(prepare, &row, &field))
            return true;
    }
    return false;
}

/* Refuse a workbook of which visible sheets hold more of the list: what a clerk sees is not dropped. */
static enum source_read
prepare_other_sheets(struct prepare *prepare, struct err *err)
{
    struct refusal unused = {0}, *refusal = &prepare->result->refusal;
    AUTO_BUF struct buf names = {0};
    enum source_read read;
    int number = 1;

    while ((read = source_next_sheet(prepare->source, &unused, err)) == SOURCE_ROW) {
        const char *name =
            prepare->source->sheet != NULL ? prepare->source->sheet(prepare->source) : NULL;

        number++;
        if (!prepare_sheet_belongs(prepare, err) || names.len > PREPARE_SHEETS_BYTES)
            continue;
        buf_add_str(&names, names.len > 0 ? "、" : "");
        if (name != NULL && name[0] != '\0')
            buf_add_fmt(&names, "%.60s", name);
        else
            buf_add_fmt(&names, "%d", number);
    }
    if (read == SOURCE_ERROR)
        return read;
    if (names.len == 0)
        return SOURCE_END;
    refusal_set(
        refusal, REFUSAL_SHEETS,
        "工作簿里还有没有读到的工作表：%s，其中也是这份名册的数据。请把各工作表合并到一张，"
        "或分成几个文件（第一个全量，其余用 --kind delta），再发送。",
        "sheets of this workbook hold more of the list and were not read: %s; put all rows on "
        "one sheet and send the file again",
        buf_str(&names));
    return SOURCE_REFUSED;
}

/* A form's foot below an empty table is no data. */
static bool
prepare_is_data(const struct prepare *prepare, const struct source_row *row)
{
    enum sift sift = sift_row(&prepare->table, row, prepare->options->today);

    return sift != SIFT_BLANK && sift != SIFT_TAIL && sift != SIFT_EXAMPLE;
}

/* A nil report's file may be left out, empty, or a header alone. */
static enum source_read
prepare_read_nil(struct prepare *prepare, struct err *err)
{
    struct refusal found = {0}, *refusal = &prepare->result->refusal;
    enum source_read read = SOURCE_END;
    struct source_row row;

    prepare_reset(prepare);
    if (prepare->source != NULL) {
        read = table_find(prepare->source, prepare->type, prepare->options->mapping,
                          &prepare->table, &found, err);
        if (read == SOURCE_REFUSED && found.code == REFUSAL_EMPTY)
            read = SOURCE_END;
        while (read == SOURCE_ROW) {
            read = source_next(prepare->source, &row, &found, err);
            if (read == SOURCE_ROW && prepare_is_data(prepare, &row))
                read = SOURCE_REFUSED;
        }
    }
    if (read == SOURCE_REFUSED)
        refusal_set(refusal, REFUSAL_NIL_CONTENT,
                    "声明了零报告，但文件里有数据。请去掉 --nil，或改发空文件。",
                    "the file is declared nil and has rows; leave out --nil, or send no rows");
    if (read == SOURCE_END && prepare_begin(prepare, err) != 0)
        return SOURCE_ERROR;
    return read;
}

static enum source_read
prepare_read_all(struct prepare *prepare, struct err *err)
{
    enum source_read read;

    if (prepare->options->nil)
        return prepare_read_nil(prepare, err);
    read = prepare_read(prepare, err);
    if (read == SOURCE_AGAIN)
        read = prepare_read_anew(prepare, err);
    if (read == SOURCE_END && keys_conflicts(prepare->keys) > 0)
        read = prepare_read_again(prepare, err);
    if (read == SOURCE_END && prepare_flush(prepare, err) != 0)
        return SOURCE_ERROR;
    prepare->counts.stale = prepare->source->stale;
    if (read == SOURCE_END)
        read = prepare_other_sheets(prepare, err);
    if (read == SOURCE_END)
        prepare_judge_rows(prepare->options, &prepare->counts, prepare->result);
    return read;
}

/* ---- the whole run ---- */

/*
 * Write or remove the reject report. That it cannot be written, in a folder
 * that is read-only, is no reason to keep the data from the hub.
 */
static void
prepare_rejects(struct prepare *prepare)
{
    const struct prepare_options *options = prepare->options;
    struct prepare_result *result = prepare->result;
    const struct sink_file file = {options->path, options->base, options->type, options->mapping,
                                   options->book};
    struct err err;
    int done;

    if (!options->rejects || prepare->source == NULL)
        return;
    done = prepare->sink->report(prepare->sink->context, &file, result->rejects,
                                 result->reject_count, &result->report, &err);
    result->rejects_written = done == 0 && result->reject_count > 0;
    if (done != 0)
        prepare_judge_warn(result, "report_unwritten", "退回清单没有写成，请检查文件夹权限（%s）",
                           "the reject report could not be written: %s", err.text);
}

static bool
prepare_is_about_rows(const struct refusal *refusal)
{
    return refusal->code == REFUSAL_NONE || refusal->code == REFUSAL_TOO_MANY_BAD ||
           refusal->code == REFUSAL_OTHER_COUNTY;
}

static int
prepare_go(struct prepare *prepare, struct err *err)
{
    const char *path = prepare->options->path;
    struct refusal *refusal = &prepare->result->refusal;

    prepare_judge_options(prepare->options, prepare->result);
    if (refusal->code == REFUSAL_NONE && path != NULL && *path != '\0' &&
        input_open(path, &prepare->source, refusal, err) != 0)
        return -1;
    if (refusal->code == REFUSAL_NONE && prepare->source == NULL && !prepare->options->nil)
        return err_set(err, ERR_INPUT, "no file is named, and the submission is no nil report");
    if (refusal->code == REFUSAL_NONE && prepare_read_all(prepare, err) == SOURCE_ERROR)
        return -1;
    if (prepare_is_about_rows(refusal))
        prepare_rejects(prepare);
    if (refusal->code == REFUSAL_NONE)
        return prepare_commit(prepare, err);
    memset(prepare->result->uuid, 0, sizeof(prepare->result->uuid));
    return 0;
}

static void
prepare_done(struct prepare *prepare)
{
    prepare_abort(prepare);
    source_close(prepare->source);
    convert_free(prepare->convert);
    keys_free(prepare->keys);
    buf_done(&prepare->payload);
}
#define AUTO_PREPARE __attribute__((cleanup(prepare_done)))

int
prepare_run(const struct prepare_options *options, const struct sink *sink,
            struct prepare_result *ret_result, struct err *err)
{
    AUTO_PREPARE struct prepare prepare = {
        .options = options,
        .type = options->type,
        .result = ret_result,
        .sink = sink,
    };

    *ret_result = (struct prepare_result){
        .type = options->type,
        .kind = options->kind,
        .nil = options->nil,
    };
    for (int i = 0; i < RECORD_KEY_MAX && options->type->key[i] >= 0; i++)
        prepare.is_key[options->type->key[i]] = true;
    for (size_t i = 0; i < options->type->field_count; i++)
        ret_result->total_count += options->type->fields[i].type == RECORD_MONEY;
    if (clock_month_valid(options->period)) {
        prepare.first_day = clock_month_first(options->period);
        prepare.last_day = clock_month_last(options->period);
    }
    prepare.keys = keys_new();
    return prepare_go(&prepare, err);
}

void
prepare_result_done(struct prepare_result *result)
{
    free(result->rejects);
    sink_report_done(&result->report);
    result->rejects = NULL;
    result->reject_count = 0;
}

int
prepare_guess(const char *path, const char *sector, const struct mapping *mapping,
              const struct record_type **ret_type, struct refusal *ret_refusal, struct err *err)
{
    AUTO(source_close) struct source *source = NULL;

    *ret_type = NULL;
    *ret_refusal = (struct refusal){0};
    if (input_open(path, &source, ret_refusal, err) != 0)
        return -1;
    if (source == NULL)
        return 0;
    return table_guess(source, sector, mapping, ret_type, ret_refusal, err) == SOURCE_ERROR ? -1
                                                                                            : 0;
}

int
prepare_is_report(const char *path, const struct record_type *type, const struct mapping *mapping,
                  bool *ret_report, struct err *err)
{
    AUTO(source_close) struct source *source = NULL;
    struct refusal refusal = {0};
    struct table table = {0};
    enum source_read read;

    *ret_report = false;
    if (input_open(path, &source, &refusal, err) != 0)
        return -1;
    if (source == NULL)
        return 0;
    read = table_find(source, type, mapping, &table, &refusal, err);
    *ret_report = read == SOURCE_ROW && table.report;
    return read == SOURCE_ERROR ? -1 : 0;
}
