#include "sdk/program/job.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/clock.h"

/* Read digits only; returns false for anything else and over `max`. */
static bool
job_number(const char *text, uint32_t max, uint32_t *ret_value)
{
    uint64_t value = 0;

    if (text[0] == '\0' || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
        return false;
    for (; *text != '\0'; text++)
        value = value * 10 + (uint64_t)(*text - '0');
    *ret_value = (uint32_t)value;
    return value <= max;
}

/*
 * Take record type, period, producer, kind, revision from the file's name. An agency may keep to
 * the pattern with another ending than .csv; ".nil" is a nil report.
 */
static struct filename
job_name(const char *path, bool *ret_nil)
{
    const char *dot = strrchr(path, '.');
    struct filename name = {0};
    AUTO_BUF struct buf as_csv = {0};

    *ret_nil = dot != NULL && strcasecmp(dot, ".nil") == 0;
    if (filename_parse(path, &name) || dot == NULL || strchr(dot, '/') != NULL)
        return name;
    buf_add(&as_csv, path, (size_t)(dot - path));
    buf_add_str(&as_csv, ".csv");
    if (!filename_parse(buf_str(&as_csv), &name))
        return (struct filename){0};
    return name;
}

/* An option is wrong or missing; `zh` and `en` say what it must be. */
static void
job_argument(struct refusal *refusal, const char *option, const char *zh, const char *en)
{
    /* both languages get all the words, and each leaves the other's out */
    refusal_set(refusal, REFUSAL_ARGUMENT, "参数 --%1$s 有误：应为%2$s%3$.0s",
                "--%1$s must be %3$s%2$.0s", option, zh, en);
}

static void
job_take_kind(struct job *job, const struct job_words *words, const struct filename *name,
              struct refusal *refusal)
{
    static const char *const kinds[] = {
        [FRAME_FULL] = "full", [FRAME_DELTA] = "delta", [FRAME_CORRECTION] = "correction"};

    job->options.kind = name->kind_given ? name->kind : FRAME_FULL;
    job->kind_given = name->kind_given || words->kind != NULL;
    if (words->kind == NULL)
        return;
    for (int i = FRAME_FULL; i <= FRAME_CORRECTION; i++)
        if (strcmp(words->kind, kinds[i]) == 0) {
            job->options.kind = (enum frame_submission)i;
            return;
        }
    job_argument(refusal, "kind", "full、delta 或 correction", "full, delta or correction");
}

static void
job_take_period(struct job *job, const struct job_words *words, const struct filename *name,
                struct refusal *refusal)
{
    job->options.period = job->options.named = name->period;
    if (words->period != NULL && !clock_parse_month(words->period, &job->options.period))
        job_argument(refusal, "period", " YYYY-MM", "YYYY-MM");
    else if (job->options.period == 0)
        refusal_set(
            refusal, REFUSAL_FILE_NAME,
            "不知道是哪个月的数据：请写 --period YYYY-MM，或按“记录类型.YYYY-MM.csv”命名文件",
            "the period is not known: give --period YYYY-MM or name the file "
            "<record type>.YYYY-MM.csv");
}

/* Whether the settings name any column to split by; then the file may tell its counties. */
static bool
job_may_split(const struct settings *settings)
{
    const struct record_type *type;

    for (size_t i = 0; (type = record_at(i)) != NULL; i++)
        if (mapping_split(settings->mapping, type) != NULL)
            return true;
    return false;
}

static void
job_take_county(struct job *job, const struct job_words *words, const struct filename *name,
                const struct settings *settings, struct refusal *refusal)
{
    job->options.county = name->county > 0 ? name->county : (uint32_t)settings->county;
    if (words->county != NULL &&
        (!job_number(words->county, 829999, &job->options.county) || job->options.county < 110000))
        job_argument(refusal, "county", "六位县级代码", "a six-digit code");
    else if (job->options.county == 0 && !job_may_split(settings))
        job_argument(refusal, "county", "六位县级代码（设置里也没有）",
                     "given here or in the settings");
}

static void
job_take_producer(struct job *job, const struct job_words *words, const struct filename *name,
                  const struct settings *settings, struct refusal *refusal)
{
    const char *producer = words->producer != NULL     ? words->producer
                           : name->producer[0] != '\0' ? name->producer
                                                       : settings->producer;

    if (producer == NULL || producer[0] == '\0' || strlen(producer) >= sizeof(job->producer)) {
        job_argument(refusal, "producer", "报送单位代码（设置里也没有）",
                     "given here or in the settings");
        return;
    }
    memcpy(job->producer, producer, strlen(producer) + 1);
}

static void
job_take_revision(struct job *job, const struct job_words *words, const struct filename *name,
                  struct refusal *refusal)
{
    job->options.revision = name->revision;
    if (words->revision != NULL && (!job_number(words->revision, 999999, &job->options.revision) ||
                                    job->options.revision == 0))
        job_argument(refusal, "revision", "从 1 起的整数", "a number from 1");
}

static int
job_take_type(struct job *job, const struct job_words *words, const struct filename *name,
              const char *sector, struct refusal *refusal, struct err *err)
{
    job->options.type = words->type != NULL ? record_find(words->type) : name->type;
    if (words->type != NULL && job->options.type == NULL)
        job_argument(refusal, "type", "记录类型，如 insurance.enrolment",
                     "a record type such as insurance.enrolment");
    else if (job->options.type == NULL && job->path[0] == '\0')
        job_argument(refusal, "type", "记录类型（没有文件的零报告必须写明）",
                     "given for a nil report without a file");
    else if (job->options.type == NULL && prepare_guess(job->path, sector, job->options.mapping,
                                                        &job->options.type, refusal, err) != 0)
        return -1;
    if (job->options.type != NULL && strcmp(job->options.type->sector, sector) != 0)
        refusal_set(refusal, REFUSAL_OTHER_SECTOR, "%s 不归本程序报送，请用 %s-adapter",
                    "%s is not sent by this program: use %s-adapter", job->options.type->name,
                    job->options.type->sector);
    return 0;
}

static int
job_take_path(struct job *job, const char *path, struct err *err)
{
    char resolved[PATH_MAX];

    if (path == NULL) {
        job->path = mem_strdup("");
        return 0;
    }
    if (realpath(path, resolved) == NULL)
        return err_set(err, errno == ENOENT || errno == ENOTDIR ? ERR_MISSING : ERR_SYSTEM,
                       "cannot open the file: %s", strerror(errno));
    job->path = mem_strdup(resolved);
    return 0;
}

/* Take the values of the side file where no option gives them; the result borrows from both. */
static struct job_words
job_take_side(struct job *job, const struct job_words *words, struct refusal *refusal)
{
    struct job_words all = *words;
    struct side_words side;

    if (job->path[0] != '\0')
        side_read(job->path, &job->side, refusal);
    side = side_words(job->side);
    all.type = all.type != NULL ? all.type : side.type;
    all.period = all.period != NULL ? all.period : side.period;
    all.county = all.county != NULL ? all.county : side.county;
    all.producer = all.producer != NULL ? all.producer : side.producer;
    all.kind = all.kind != NULL ? all.kind : side.kind;
    all.revision = all.revision != NULL ? all.revision : side.revision;
    all.nil = all.nil || side.nil != 0;
    return all;
}

/* A reject report is a correction unless somebody says that it is something else. */
static int
job_guess_kind(struct job *job, const struct refusal *refusal, struct err *err)
{
    bool report = false;

    if (refusal->code != REFUSAL_NONE || job->kind_given || job->path[0] == '\0' ||
        job->options.nil)
        return 0;
    if (prepare_is_report(job->path, job->options.type, job->options.mapping, &report, err) != 0)
        return -1;
    if (report)
        job->options.kind = FRAME_CORRECTION;
    return 0;
}

/*
 * Find the counties of a file that is to be split; a file without rows is nobody's in particular.
 */
static int
job_find_counties(struct job *job, struct refusal *refusal, struct err *err)
{
    const struct prepare_options *options = &job->options;

    job->is_split = job->is_split && refusal->code == REFUSAL_NONE && job->path[0] != '\0' &&
                    !options->nil && mapping_split(options->mapping, options->type) != NULL;
    if (!job->is_split && options->county == 0)
        job_argument(refusal, "county", "六位县级代码（设置里也没有）",
                     "given here or in the settings");
    if (!job->is_split)
        return 0;
    if (split_find(job->path, options->type, options->mapping, options->today, &job->split, refusal,
                   err) != 0)
        return -1;
    if (refusal->code == REFUSAL_NONE && job->split.count == 0)
        refusal_set(refusal, REFUSAL_SPLIT_COLUMN,
                    "没有一行能从“%s”列看出是哪个县的。请核对该列，应为行政区划代码或县名。",
                    "column %s tells of no row which county it is of; it must hold division codes "
                    "or names",
                    mapping_split(options->mapping, options->type));
    return 0;
}

int
job_make(const struct job_words *given, const struct settings *settings, const char *sector,
         struct job *ret_job, struct refusal *ret_refusal, struct err *err)
{
    struct filename name = {0};
    struct job_words all;
    const struct job_words *words = &all;
    bool nil = false;

    *ret_job = (struct job){0};
    *ret_refusal = (struct refusal){0};
    if (given->path != NULL)
        name = job_name(given->path, &nil);
    if (job_take_path(ret_job, given->path, err) != 0)
        return -1;
    all = job_take_side(ret_job, given, ret_refusal);
    ret_job->options.mapping = settings->mapping;
    ret_job->options.nil = nil || words->nil;
    ret_job->options.reject_above_percent = settings->reject_above_percent;
    ret_job->options.today = clock_today();
    ret_job->options.rejects = true;
    job_take_kind(ret_job, words, &name, ret_refusal);
    job_take_period(ret_job, words, &name, ret_refusal);
    job_take_county(ret_job, words, &name, settings, ret_refusal);
    job_take_producer(ret_job, words, &name, settings, ret_refusal);
    job_take_revision(ret_job, words, &name, ret_refusal);
    if (ret_refusal->code != REFUSAL_NONE)
        return 0;
    ret_job->is_split = words->county == NULL && name.county == 0;
    ret_job->options.book = words->book || settings->reject_xlsx != 0;
    if (job_take_type(ret_job, words, &name, sector, ret_refusal, err) != 0)
        return -1;
    if (job_guess_kind(ret_job, ret_refusal, err) != 0)
        return -1;
    return job_find_counties(ret_job, ret_refusal, err);
}

size_t
job_parts(const struct job *job)
{
    return job->is_split ? job->split.count : 1;
}

void
job_take_part(struct job *job, size_t index)
{
    AUTO_BUF struct buf label = {0};

    if (!job->is_split)
        return;
    job->options.county = job->split.counties[index];
    job->options.split = true;
    split_label(job->path, job->options.county, &label);
    free(job->label);
    job->label = mem_strdup(buf_str(&label));
}

int
job_report_lost(const struct job *job, struct sink_report *ret_report, struct err *err)
{
    const struct sink_file file = {job->path, NULL, job->options.type, job->options.mapping,
                                   job->options.book};

    *ret_report = (struct sink_report){0};
    if (!job->is_split)
        return 0;
    return outlet_report(&file, job->split.lost, job->split.lost_count, ret_report, err);
}

bool
job_is_usage(const struct refusal *refusal)
{
    return refusal->code == REFUSAL_ARGUMENT || refusal->code == REFUSAL_SIDE_FILE ||
           refusal->code == REFUSAL_FILE_NAME || refusal->code == REFUSAL_OTHER_SECTOR;
}

void
job_print_lost(const struct job *job, const struct sink_report *report, FILE *out)
{
    if (!job->is_split || job->split.lost_count == 0)
        return;
    (void)fprintf(out, "有 %zu 行从“%s”列看不出是哪个县的，没有报送", job->split.lost_count,
                  mapping_split(job->options.mapping, job->options.type));
    if (report->csv != NULL)
        (void)fprintf(out, "，见 %s。请在原文件中改正后整份重报", report->csv);
    (void)fputs("。\n", out);
}

void
job_done(struct job *job)
{
    free(job->path);
    free(job->label);
    side_free(job->side);
    split_done(&job->split);
    job->label = NULL;
    job->path = NULL;
    job->side = NULL;
}

struct prepare_options
job_options(const struct job *job)
{
    struct prepare_options options = job->options;

    options.path = job->path;
    options.base = job->label;
    options.producer = job->producer;
    return options;
}

int
job_run(const struct job *job, struct spool *spool, struct prepare_result *ret_result,
        struct err *err)
{
    struct prepare_options options = job_options(job);

    return outlet_run(&options, spool, ret_result, err);
}
