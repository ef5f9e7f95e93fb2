#include "link/command.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "link/lookup.h"
#include "link/pool.h"
#include "link/verdict.h"

/* The processors that this process may use. */
static unsigned
command_processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

    return count > POOL_THREADS_MAX ? POOL_THREADS_MAX : (unsigned)count;
}

/* Mark the sources of a list, "a,b". */
static int
command_once(const char *list, const struct people *people, bool once[LINK_SOURCES_MAX],
             struct err *err)
{
    while (list != NULL && *list != '\0') {
        size_t len = strcspn(list, ",");
        int source = people_source(people, list, len);

        if (source < 0)
            return err_set(err, ERR_INPUT, "link: --one-per-source: no row has the source '%.*s'",
                           (int)len, list);
        once[source] = true;
        list += len + (list[len] == ',');
    }
    return 0;
}

/* Say how many records were linked, and which blocks were cut. */
static void
command_report(const struct link *link, const struct verdict_counts *counts, int64_t ms)
{
    const struct keys_report *keys = link_keys(link);

    printf("records=%u persons=%u auto=%u review=%u single=%u pairs_compared=%llu ms=%lld\n",
           counts->records, counts->persons, counts->automatic, counts->review, counts->single,
           (unsigned long long)link_compared(link), (long long)ms);
    for (unsigned i = 0; i < KEYS_COUNT; i++)
        if (keys[i].cut_blocks > 0)
            printf("cut key=%s blocks=%u records=%u: more than %d records share a value\n",
                   keys_name(i), keys[i].cut_blocks, keys[i].cut_records, KEYS_BLOCK_MAX);
}

static void
command_pace(const char *step, struct link_pace pace)
{
    fprintf(stderr, "step=%s ms=%lld cpu_ms=%lld\n", step, (long long)pace.ms,
            (long long)pace.cpu_ms);
}

/*
 * Say how long each step took; `marks` are when reading began, linking began, linking ended, and
 * what came behind it is the step `last`.
 */
static void
command_paces(const struct link *link, const struct link_pace marks[3], const char *last)
{
    struct link_pace ended = link_pace_now();

    command_pace("read",
                 (struct link_pace){marks[1].ms - marks[0].ms, marks[1].cpu_ms - marks[0].cpu_ms});
    for (int step = 0; step < LINK_STEPS; step++)
        command_pace(link_step_name((enum link_step)step), link_paces(link)[step]);
    command_pace(last, (struct link_pace){ended.ms - marks[2].ms, ended.cpu_ms - marks[2].cpu_ms});
    for (unsigned i = 0; i < KEYS_COUNT; i++)
        fprintf(stderr, "key=%s pairs=%llu\n", keys_name(i),
                (unsigned long long)link_keys(link)[i].pairs);
}

/* Link all records of a file with one another. */
static int
command_link_all(const struct command_options *options, struct link *link, bool *once,
                 struct err *err)
{
    AUTO(people_free) struct people *people = NULL;
    struct verdict_counts counts;
    struct link_pace marks[3] = {link_pace_now()};

    if (people_load(options->in, link, &people, err) != 0 ||
        command_once(options->once, people, once, err) != 0)
        return -1;
    marks[1] = link_pace_now();
    link_run(link);
    marks[2] = link_pace_now();
    if (verdict_links(options->out, link, people, &counts, err) != 0 ||
        (options->explain != NULL && verdict_pairs(options->explain, link, people, err) != 0))
        return -1;
    command_report(link, &counts, link_pace_now().ms - marks[0].ms);
    if (options->verbose)
        command_paces(link, marks, "write");
    return 0;
}

/*
 * Place each record of `link` among those of `lookup`: the known ones, whose persons' first records
 * `known` holds, and the records of `link` before it.
 */
static void
command_place(struct lookup *lookup, const struct link *link, const uint32_t *known,
              uint32_t known_count, struct verdict_placed *ret_placed)
{
    for (uint32_t i = 0; i < link_count(link); i++) {
        const struct person *person = &link_persons(link)[i];
        struct lookup_place place = lookup_link(lookup, person);
        uint32_t with = place.match.record, entity = known_count + i;

        if (with != LOOKUP_NOBODY)
            entity = with < known_count ? known[with] : ret_placed[with - known_count].entity;
        ret_placed[i] = (struct verdict_placed){place, entity};
        (void)lookup_add(lookup, person, with);
    }
}

/* Place the records of `link` among the known ones, and write where. */
static int
command_write_places(const char *path, const struct link *known, const struct people *known_people,
                     const struct link *link, const struct people *people,
                     struct verdict_counts *ret_counts, struct err *err)
{
    AUTO(lookup_free) struct lookup *lookup = link_lookup(known);
    struct verdict_placed *placed = mem_zalloc(((size_t)link_count(link) + 1) * sizeof(*placed));
    struct verdict_placing placing = {known_people, people, link_count(known), link_count(link),
                                      placed};
    int result;

    command_place(lookup, link, people_entities(known_people), link_count(known), placed);
    result = verdict_places(path, &placing, ret_counts, err);
    free(placed);
    return result;
}

/* Place the records of a file among known ones; the known ones are loaded into `known`. */
static int
command_link_known(const struct command_options *options, const struct link_options *linking,
                   struct link *known, bool *once, struct err *err)
{
    AUTO(link_free) struct link *link = link_new(linking);
    AUTO(people_free) struct people *known_people = NULL;
    AUTO(people_free) struct people *people = NULL;
    struct verdict_counts counts;
    struct link_pace marks[3] = {link_pace_now()};

    if (people_load_known(options->known, known, &known_people, err) != 0 ||
        people_load_beside(options->in, link, known_people, &people, err) != 0 ||
        command_once(options->once, people, once, err) != 0)
        return -1;
    marks[1] = link_pace_now();
    link_keep(known, people_entities(known_people));
    marks[2] = link_pace_now();
    if (command_write_places(options->out, known, known_people, link, people, &counts, err) != 0)
        return -1;
    printf("known=%u records=%u auto=%u review=%u single=%u ms=%lld\n", link_count(known),
           counts.records, counts.automatic, counts.review, counts.single,
           (long long)(link_pace_now().ms - marks[0].ms));
    if (options->verbose)
        command_paces(known, marks, "place");
    return 0;
}

int
command_link(const struct command_options *options, struct err *err)
{
    AUTO(link_free) struct link *link = NULL;
    bool once[LINK_SOURCES_MAX] = {false};
    struct link_options linking = {.today = clock_today(), .once = once};

    if (options->in == NULL || options->out == NULL) {
        (void)err_set(err, ERR_INPUT, "link: which files?");
        return err_hint(err,
                        "qianshao link --in people.csv --out links.csv; more with link --help");
    }
    if (options->known != NULL && options->explain != NULL) {
        (void)err_set(err, ERR_INPUT, "link: --explain does not go with --known");
        return err_hint(err, "link known and new records as one file to see what each pair weighs");
    }
    linking.threads = options->threads == 0 ? command_processors() : (unsigned)options->threads;
    link = link_new(&linking);
    return options->known != NULL ? command_link_known(options, &linking, link, once, err)
                                  : command_link_all(options, link, once, err);
}
