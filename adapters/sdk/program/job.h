/*
 * job — what one file is, put together from options, its name and the settings.
 *
 * An option wins over the side file, that over the file's name, and the name over the settings.
 */
#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "sdk/program/filename.h"
#include "sdk/program/outlet.h"
#include "base/refusal.h"
#include "sdk/program/settings.h"
#include "sdk/program/side.h"
#include "sdk/prepare/split.h"

/* The options of the command line; NULL: not given. Texts are borrowed. */
struct job_words {
    const char *path, *type, *period, *county, *producer, *kind, *revision;
    bool nil;
    bool book; /* the reject report as .xlsx too */
};

/* A file ready for outlet_run. Owns what `options` points to, but for mapping and type. */
struct job {
    struct prepare_options options;
    char *path; /* absolute; "" for a nil report without a file */
    struct side *side;
    bool kind_given; /* by an option, the side file or the name */
    bool is_split;   /* the file is several counties' */
    struct split split;
    char *label; /* of the part in hand; NULL: the file itself */
    char producer[FILENAME_PRODUCER_MAX];
};

/*
 * Find out what a file is. Returns 0 with the job, or with `ret_refusal->code` set when something
 * is missing or wrong: "argument" (an option), "file_name" (neither option nor name say it),
 * "side_file", "other_sector"; or what prepare_guess says. Returns -1 with ERR_MISSING when there
 * is no such file and ERR_SYSTEM when it cannot be read. `ret_job` may always be given to
 * job_done.
 */
NODISCARD int job_make(const struct job_words *words, const struct settings *settings,
                       const char *sector, struct job *ret_job, struct refusal *ret_refusal,
                       struct err *err);
/* Whether job_make's refusal is about how the program was called, and not about the file. */
bool job_is_usage(const struct refusal *refusal);

/* How many submissions the file makes: one, or one a county. */
size_t job_parts(const struct job *job);

/* Take one county's part in hand, which job_options and job_run are then about. */
void job_take_part(struct job *job, size_t index);

/* Write or remove the report of the rows that no county can be told of. As reject_write. */
NODISCARD int job_report_lost(const struct job *job, struct sink_report *ret_report,
                              struct err *err);

/* Tell the clerk about the file's counties. */
void job_print_lost(const struct job *job, const struct sink_report *report, FILE *out);

void job_done(struct job *job);
#define AUTO_JOB __attribute__((cleanup(job_done)))

/* The options for outlet_run and prepare_print, borrowed from the job. */
struct prepare_options job_options(const struct job *job);

/* Run outlet_run on it; `spool` NULL for a dry run. Nothing is done when `refusal` is set. */
NODISCARD int job_run(const struct job *job, struct spool *spool, struct prepare_result *ret_result,
                      struct err *err);

#endif
