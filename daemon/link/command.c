#include "link/command.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "link/pool.h"
#include "link/verdict.h"

struct command_options {
    const char *in, *out, *explain, *threads, *once;
    bool verbose;
};

static const struct {
    const char *name;
    size_t place; /* of the value in struct command_options */
    const char *help;
} command_values[] = {
    {"--in", offsetof(struct command_options, in),
     "FILE: CSV with record_id,source,name,id_no,sex,"
     "birth_date,phone,address,area,household_no"},
    {"--out", offsetof(struct command_options, out),
     "FILE: record_id,entity_id,band,pass,weight,"
     "probability"},
    {"--explain", offsetof(struct command_options, explain),
     "FILE: each pair with the weight of "
     "each field"},
    {"--threads", offsetof(struct command_options, threads), "N: by default, all processors"},
    {"--one-per-source", offsetof(struct command_options, once),
     "A,B: sources that hold a person "
     "once"},
};

void
command_usage(FILE *out)
{
    fputs("usage: qianshao link --in people.csv --out links.csv [options]\n\noptions:\n", out);
    for (size_t i = 0; i < sizeof(command_values) / sizeof(command_values[0]); i++)
        fprintf(out, "  %-16s %s\n", command_values[i].name, command_values[i].help);
    fputs("  --verbose        say on stderr how long each step took and what each key joined\n",
          out);
}

static int
command_parse(int argc, char **argv, struct command_options *options, struct err *err)
{
    size_t count = sizeof(command_values) / sizeof(command_values[0]);

    for (int i = 1; i < argc; i++) {
        size_t at = 0;

        if (strcmp(argv[i], "--verbose") == 0) {
            options->verbose = true;
            continue;
        }
        while (at < count && strcmp(argv[i], command_values[at].name) != 0)
            at++;
        if (at == count)
            return err_set(err, ERR_INPUT, "link: unexpected '%s'", argv[i]);
        if (i + 1 == argc)
            return err_set(err, ERR_INPUT, "link: %s needs a value", argv[i]);
        *(const char **)(void *)((char *)options + command_values[at].place) = argv[++i];
    }
    if (options->in == NULL || options->out == NULL) {
        err_set(err, ERR_INPUT, "link: which files?");
        return err_hint(err,
                        "qianshao link --in people.csv --out links.csv; more with link --help");
    }
    return 0;
}

/* The processors that this process may use. */
static unsigned
command_processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

    return count > POOL_THREADS_MAX ? POOL_THREADS_MAX : (unsigned)count;
}

static int
command_threads(const char *text, unsigned *ret_threads, struct err *err)
{
    char *end;
    long value;

    if (text == NULL) {
        *ret_threads = command_processors();
        return 0;
    }
    value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 1 || value > POOL_THREADS_MAX)
        return err_set(err, ERR_INPUT, "link: --threads is a number from 1 to %d",
                       POOL_THREADS_MAX);
    *ret_threads = (unsigned)value;
    return 0;
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

/* Say what was found, and what blocking left out. */
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

/* Say how long each step took; `marks` are when reading began, linking began, linking ended. */
static void
command_paces(const struct link *link, const struct link_pace marks[3])
{
    struct link_pace ended = link_pace_now();

    command_pace("read",
                 (struct link_pace){marks[1].ms - marks[0].ms, marks[1].cpu_ms - marks[0].cpu_ms});
    for (int step = 0; step < LINK_STEPS; step++)
        command_pace(link_step_name((enum link_step)step), link_paces(link)[step]);
    command_pace("write",
                 (struct link_pace){ended.ms - marks[2].ms, ended.cpu_ms - marks[2].cpu_ms});
    for (unsigned i = 0; i < KEYS_COUNT; i++)
        fprintf(stderr, "key=%s pairs=%llu\n", keys_name(i),
                (unsigned long long)link_keys(link)[i].pairs);
}

int
command_link(int argc, char **argv, struct err *err)
{
    AUTO(link_free) struct link *link = NULL;
    AUTO(people_free) struct people *people = NULL;
    bool once[LINK_SOURCES_MAX] = {false};
    struct command_options options = {0};
    struct link_options linking = {.today = clock_today(), .once = once};
    struct verdict_counts counts;
    struct link_pace marks[3] = {link_pace_now()};

    if (command_parse(argc, argv, &options, err) != 0 ||
        command_threads(options.threads, &linking.threads, err) != 0)
        return -1;
    link = link_new(&linking);
    if (people_load(options.in, link, &people, err) != 0 ||
        command_once(options.once, people, once, err) != 0)
        return -1;
    marks[1] = link_pace_now();
    link_run(link);
    marks[2] = link_pace_now();
    if (verdict_links(options.out, link, people, &counts, err) != 0 ||
        (options.explain != NULL && verdict_pairs(options.explain, link, people, err) != 0))
        return -1;
    command_report(link, &counts, link_pace_now().ms - marks[0].ms);
    if (options.verbose)
        command_paces(link, marks);
    return 0;
}
