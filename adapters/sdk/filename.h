/*
 * filename — what an agency's file says by its name.
 *
 * `<record type>.<period>[.<producer>][.delta|.correction][.rN].csv`, such as
 * `insurance.enrolment.2024-03.yibaoju.delta.r2.csv`. A reject report
 * (`….csv.rejects.csv`) names the file it belongs to and is a correction.
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
    bool rejects;      /* a reject report, mended or not */
};

/*
 * Read the last part of a path. Returns whether the name keeps to the pattern
 * from its first to its last part; otherwise `ret_name` holds nothing.
 */
bool filename_parse(const char *path, struct filename *ret_name);

/* Return whether the path is a reject report by its name; watchers pass over these. */
bool filename_is_rejects(const char *path);

#endif
