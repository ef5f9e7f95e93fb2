/*
 * rates — how fast one core normalises, and how fast new records are placed among linked ones.
 *
 *   bench-rates people.csv new.csv
 *
 * Prints normalise_per_s=… place_per_s=… placed=…; `placed` counts the new records that found
 * somebody.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/reader.h"
#include "link/people.h"

#define BATCH 4096

/* Seconds of processor time of this thread: rates are a core's, whoever else uses the machine. */
static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Where the columns of tests/link/people.c's files go; the first two are not linked. */
static const size_t places[] = {
    offsetof(struct normalise_cells, name),  offsetof(struct normalise_cells, id_no),
    offsetof(struct normalise_cells, sex),   offsetof(struct normalise_cells, birth_date),
    offsetof(struct normalise_cells, phone), offsetof(struct normalise_cells, address),
    offsetof(struct normalise_cells, area),  offsetof(struct normalise_cells, household_no),
};

/* Normalise the rows of a file, each time on its own, and add up what that took. */
static double
normalise_rate(const char *path)
{
    AUTO(normalise_free) struct normalise *normalise = normalise_new(clock_today());
    AUTO(source_close) struct source *source = reader_new(open(path, O_RDONLY | O_CLOEXEC));
    static struct normalise_cells cells[BATCH];
    static char text[BATCH * 512];
    struct refusal refusal = {0};
    struct person person;
    struct source_row row;
    struct err err;
    double spent = 0;
    long rows = 0;

    if (source_next(source, &row, &refusal, &err) != SOURCE_ROW) /* the names of the columns */
        return 0;
    for (bool more = true; more;) {
        size_t count = 0, used = 0;

        while (count < BATCH && (more = source_next(source, &row, &refusal, &err) == SOURCE_ROW)) {
            for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
                struct source_cell from = row.cells[i + 2];

                memcpy(text + used, from.bytes, from.len);
                *(struct source_cell *)(void *)((char *)&cells[count] + places[i]) =
                    (struct source_cell){text + used, from.len};
                used += from.len;
            }
            count++;
        }
        double begun = seconds();

        for (size_t i = 0; i < count; i++)
            normalise_person(normalise, &cells[i], &person);
        spent += seconds() - begun;
        rows += (long)count;
    }
    return (double)rows / spent;
}

/* Load a file without linking it. */
static struct link *
load(const char *path, const struct link_options *options)
{
    AUTO(people_free) struct people *people = NULL;
    struct link *link = link_new(options);
    struct err err = {0};

    if (people_load(path, link, &people, &err) != 0) {
        fprintf(stderr, "rates: %s\n", err.text);
        exit(1);
    }
    return link;
}

int
main(int argc, char **argv)
{
    struct link_options options = {.threads = 2, .today = clock_today()};
    uint32_t placed = 0, count;
    double begun;

    if (argc != 3)
        return fprintf(stderr, "usage: bench-rates people.csv new.csv\n"), 2;
    AUTO(link_free) struct link *link = load(argv[1], &options);
    AUTO(link_free) struct link *fresh = load(argv[2], &options);

    link_run(link);
    AUTO(lookup_free) struct lookup *lookup = link_lookup(link);

    count = link_count(fresh);
    begun = seconds();
    for (uint32_t i = 0; i < count; i++) {
        const struct person *person = &link_persons(fresh)[i];
        struct lookup_place place = lookup_link(lookup, person);

        placed += place.match.record != LOOKUP_NOBODY;
        (void)lookup_add(lookup, person, place.match.record);
    }
    double rate = count / (seconds() - begun);

    printf("normalise_per_s=%.0f place_per_s=%.0f placed=%u of=%u\n", normalise_rate(argv[1]), rate,
           placed, count);
    return 0;
}
