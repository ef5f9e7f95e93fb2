/*
 * prepare_judge — the rules by which a whole file is refused, and the warnings.
 *
 * A part of prepare: only prepare.c uses it.
 */
#ifndef PREPARE_JUDGE_H
#define PREPARE_JUDGE_H

#include "sdk/prepare/prepare.h"

#define PREPARE_LENGTHS 40 /* longer references are not counted by length */

/* What a column of references looks like. */
struct prepare_reference {
    uint64_t filled, scientific;
    int64_t majority;   /* rows of one value above those of all others (Boyer and Moore's vote) */
    uint64_t candidate; /* a hash of that value */
    uint64_t lengths[PREPARE_LENGTHS]; /* of those of digits alone */
};

/* Counts of a pass over the file, besides the result's own. */
struct prepare_counts {
    uint64_t events, events_outside; /* rows with an event's date; those of another month */
    uint64_t wide;                   /* rows with cells behind the header's last column */
    bool report;                     /* the file is a reject report */
    uint64_t hidden;                 /* rows that the spreadsheet does not show */
    bool stale;                      /* the workbook asks to be calculated, and was not */
    bool more;                       /* the foot says that sums count more than yuan */
    struct prepare_reference references[RECORD_FIELDS_MAX];
    bool absent[RECORD_FIELDS_MAX]; /* optional fields without a column */
    int32_t title_month, named;     /* the months of the title and of the file's name; 0: none */
    int32_t period;                 /* the month that the file is for */
    uint64_t upgraded;              /* citizen numbers of 15 digits */
    uint64_t numbers;               /* citizen numbers of digits alone; of these numbers: */
    uint64_t rounded;               /* end in 000, as after 15 significant digits */
    uint64_t sixteenths;            /* are multiples of 16, as after a floating-point number */
};

/* Judge the options (period, county, kind, nil) before the file is read. Sets result->refusal. */
void prepare_judge_options(const struct prepare_options *options, struct prepare_result *result);

/* Judge the file's rows after they were read. Sets result->refusal and adds the warnings. */
void prepare_judge_rows(const struct prepare_options *options, const struct prepare_counts *counts,
                        struct prepare_result *result);

/* Add a warning; one over PREPARE_WARNINGS_MAX is dropped. Both formats take the same arguments. */
void prepare_judge_warn(struct prepare_result *result, const char *code, const char *zh,
                        const char *en, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

#endif
