/* What is read from file names: the agency's and the spool's own. */
#include "fuzz.h"

#include "base/clock.h"
#include "sdk/program/filename.h"
#include "sdk/spool/spool.h"

/* The name that the pattern asks for. */
static void
print(const struct filename *name, struct buf *out)
{
    char period[8];

    clock_format_month(name->period, period);
    buf_add_fmt(out, "%s.%s", name->type->name, period);
    if (name->producer[0] != '\0')
        buf_add_fmt(out, ".%s", name->producer);
    if (name->kind_given && name->kind == FRAME_DELTA)
        buf_add_str(out, ".delta");
    if (name->kind_given && name->kind == FRAME_CORRECTION && !name->rejects)
        buf_add_str(out, ".correction");
    if (name->revision > 0)
        buf_add_fmt(out, ".r%u", name->revision);
    buf_add_str(out, ".csv");
    if (name->county > 0)
        buf_add_fmt(out, ".%06u", name->county);
    if (name->rejects)
        buf_add_str(out, ".rejects.csv");
}

static void
check_filename(const char *text)
{
    AUTO_BUF struct buf printed = {0};
    struct filename name = {0}, again = {0};

    if (!filename_parse(text, &name))
        return;
    assert(clock_month_valid(name.period));
    assert(name.rejects == (filename_rejects(text) > 0));
    if (name.type == NULL) { /* a name of the office's own */
        assert(name.producer[0] == '\0' && name.revision == 0);
        return;
    }
    print(&name, &printed);
    assert(filename_parse(buf_str(&printed), &again));
    assert(again.type == name.type && again.period == name.period);
    assert(strcmp(again.producer, name.producer) == 0);
    assert(again.revision == name.revision && again.rejects == name.rejects);
    assert(again.kind == name.kind && again.county == name.county);
}

static void
check_spool_name(const char *text)
{
    char printed[SPOOL_NAME_BYTES];
    uint8_t uuid[FRAME_UUID_BYTES];
    uint64_t first, last;

    if (spool_name_read(text, uuid)) {
        spool_name(uuid, ".sub", printed);
        assert(strcmp(printed, text) == 0);
    }
    if (spool_queue_name_read(text, &first, &last, uuid)) {
        assert(first <= last);
        spool_queue_name(first, last, uuid, printed);
        assert(strcmp(printed, text) == 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO_BUF struct buf text = {0};

    buf_add(&text, bytes, len);
    check_filename(buf_str(&text));
    check_spool_name(buf_str(&text));
    return 0;
}
