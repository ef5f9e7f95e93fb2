/*
 * filename — what an agency's file says by its name.
 *
 * `<record type>.<period>[.<producer>][.delta|.correction][.rN].csv` (or .xlsx, .xls, .tsv, .txt), such as
 * `insurance.enrolment.2024-03.yibaoju.delta.r2.csv`. A reject report (`….csv.rejects.csv`, of any
 * of the endings below, with a number where several were kept, and with the county where the file was
 * split) names the file it belongs to and is a correction, or a delta when that was one.
 *
 * A name of the office's own says the month alone, 2026年11月参保名册.xlsx, and a full; the header then
 * tells the record type. What marks a copy before the ending, " (1)" or " - 副本", does not count.
 */
#ifndef FILENAME_H
#define FILENAME_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "record.h"

#define FILENAME_PRODUCER_MAX 64

struct filename {
    const struct record_type *type;       /* NULL: the name does not say */
    int32_t period;                       /* YYYYMM, 0: the name does not say */
    char producer[FILENAME_PRODUCER_MAX]; /* "": the name does not say */
    enum frame_submission kind;
    bool kind_given;
    uint32_t revision; /* 0: the name does not say */
    uint32_t county;   /* 0: the name does not say; only a report's does */
    bool rejects;      /* a reject report, mended or not */
};

/*
 * Read the last part of a path. Returns whether the name keeps to the pattern from its first to its
 * last part, or names one month in Chinese; otherwise `ret_name` holds nothing.
 */
bool filename_parse(const char *path, struct filename *ret_name);

/*
 * Return the length of what a report's path says before its own ending: the path of the file it
 * belongs to (and the county); 0 when it is none by its name.
 */
size_t filename_rejects(const char *path);

#endif
