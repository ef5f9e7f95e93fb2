#include "sdk/program/outlet.h"

#include <string.h>

#include "base/mem.h"
#include "sdk/clerk/reject.h"

/* One run. */
struct outlet {
    struct spool *spool;         /* borrowed; NULL in a dry run */
    struct spool_writer *writer; /* of the submission that was begun */
};

static int
outlet_begin(void *context, const struct sink_entry *entry, struct err *err)
{
    struct outlet *outlet = context;
    struct spool_meta meta = {
        .producer = entry->producer,
        .record_type = entry->record_type,
        .county = entry->county,
        .period = entry->period,
        .kind = entry->kind,
        .revision = entry->revision,
        .nil = entry->nil,
        .file = entry->file,
    };

    memcpy(meta.uuid, entry->uuid, sizeof(meta.uuid));
    return spool_writer_begin(outlet->spool, &meta, &outlet->writer, err);
}

static int
outlet_batch(void *context, const void *payload, size_t len, uint32_t rows, uint32_t unresolved,
             struct err *err)
{
    struct outlet *outlet = context;

    return spool_writer_batch(outlet->writer, payload, len, rows, unresolved, err);
}

static int
outlet_commit(void *context, const int64_t *totals, size_t total_count,
              uint8_t ret_digest[DIGEST_BYTES], struct err *err)
{
    struct outlet *outlet = context;

    return spool_writer_commit(STEAL(outlet->writer), totals, total_count, ret_digest, err);
}

static void
outlet_abort(void *context)
{
    struct outlet *outlet = context;

    spool_writer_abort(STEAL(outlet->writer));
}

static int
outlet_write(void *context, const struct sink_file *file, const struct sink_row *rows, size_t count,
             struct sink_report *ret_report, struct err *err)
{
    (void)context;
    return outlet_report(file, rows, count, ret_report, err);
}

int
outlet_report(const struct sink_file *file, const struct sink_row *rows, size_t count,
              struct sink_report *ret_report, struct err *err)
{
    if (count == 0)
        return reject_remove(file->base == NULL ? file->path : file->base, ret_report, err);
    return reject_write(file, rows, count, ret_report, err);
}

int
outlet_run(const struct prepare_options *options, struct spool *spool,
           struct prepare_result *ret_result, struct err *err)
{
    struct outlet outlet = {.spool = spool};
    const struct sink sink = {
        .context = &outlet,
        .begin = spool == NULL ? NULL : outlet_begin,
        .batch = outlet_batch,
        .commit = outlet_commit,
        .abort = outlet_abort,
        .report = outlet_write,
    };

    return prepare_run(options, &sink, ret_result, err);
}
