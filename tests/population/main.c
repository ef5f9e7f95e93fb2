/*
 * population — a synthetic county: monthly feeds of six sectors, and the truth.
 *
 * The same arguments give the same bytes. See README.md.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases.h"
#include "civil.h"
#include "education.h"
#include "housing.h"
#include "insurance.h"
#include "number.h"
#include "people.h"
#include "plants.h"
#include "register.h"
#include "water.h"

#ifndef POPULATION_AREAS
#define POPULATION_AREAS "areas.tsv"
#endif

#ifndef POPULATION_DIRTY
#define POPULATION_DIRTY "dirty"
#endif

#define HOUSEHOLDS_MIN 100
#define HOUSEHOLDS_MAX 9999999

struct options {
    const char *out;
    const char *county;
    const char *profile;
    const char *areas;
    uint64_t seed;
    uint32_t households;
    unsigned months;
    int year;
    int month;
    double rate;
    bool dirty;
};

static const char usage[] =
    "usage: population --out DIR [options]\n"
    "  --out DIR         write DIR/<sector>/<record type>.<period>.csv and DIR/truth/*.csv\n"
    "  --seed N          another county of the same kind (1)\n"
    "  --households N    100 to 9999999 (2000)\n"
    "  --first YYYY-MM   first month (2026-01)\n"
    "  --months N        1 to 24 (3)\n"
    "  --county CODE     six digits, one of areas.tsv (360722)\n"
    "  --profile NAME    ganzhou, longyan, tanghe, xinfeng, jinjiang (the county's)\n"
    "  --rate F          how many hardships, 0 for none, 1 for about 0.5 % of people (1)\n"
    "  --areas FILE      table of division codes\n"
    "  --dirty           write DIR/dirty besides, as real agencies would send it (README.md)\n"
    "  --plants          print the table of what is planted\n"
    "  --help            print this\n";

static unsigned long
parse_number(const char *name, const char *value, unsigned long low, unsigned long high)
{
    char *end;
    unsigned long number;

    errno = 0;
    number = strtoul(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || *value == '-' || number < low ||
        number > high)
        errx(EXIT_FAILURE, "--%s: '%s' is not a number from %lu to %lu", name, value, low, high);
    return number;
}

static void
parse_first(struct options *options, const char *value)
{
    int length = 0;

    if (sscanf(value, "%4d-%2d%n", &options->year, &options->month, &length) != 2 ||
        value[length] != '\0' || options->year < 2000 || options->year > 2099 ||
        options->month < 1 || options->month > 12)
        errx(EXIT_FAILURE, "--first: '%s' is not a month from 2000-01 to 2099-12", value);
}

static void
parse_rate(struct options *options, const char *value)
{
    char *end;

    options->rate = strtod(value, &end);
    if (end == value || *end != '\0' || !(options->rate >= 0 && options->rate <= 20))
        errx(EXIT_FAILURE, "--rate: '%s' is not a number from 0 to 20", value);
}

static void
parse_option(struct options *options, int option, const char *value)
{
    switch (option) {
    case 'o':
        options->out = value;
        break;
    case 's':
        options->seed = parse_number("seed", value, 0, UINT32_MAX);
        break;
    case 'n':
        options->households =
            (uint32_t)parse_number("households", value, HOUSEHOLDS_MIN, HOUSEHOLDS_MAX);
        break;
    case 'f':
        parse_first(options, value);
        break;
    case 'm':
        options->months = (unsigned)parse_number("months", value, 1, WORLD_MONTHS_MAX);
        break;
    case 'c':
        options->county = value;
        break;
    case 'p':
        options->profile = value;
        break;
    case 'r':
        parse_rate(options, value);
        break;
    case 'a':
        options->areas = value;
        break;
    case 'd':
        options->dirty = true;
        break;
    case 'P':
        plants_print();
        exit(EXIT_SUCCESS);
    case 'h':
        (void)fputs(usage, stdout);
        exit(EXIT_SUCCESS);
    default:
        (void)fputs(usage, stderr);
        exit(EXIT_FAILURE);
    }
}

static struct options
parse_options(int argc, char **argv)
{
    static const struct option names[] = {
        {"out", required_argument, NULL, 'o'},
        {"seed", required_argument, NULL, 's'},
        {"households", required_argument, NULL, 'n'},
        {"first", required_argument, NULL, 'f'},
        {"months", required_argument, NULL, 'm'},
        {"county", required_argument, NULL, 'c'},
        {"profile", required_argument, NULL, 'p'},
        {"rate", required_argument, NULL, 'r'},
        {"areas", required_argument, NULL, 'a'},
        {"dirty", no_argument, NULL, 'd'},
        {"plants", no_argument, NULL, 'P'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.county = "360722",
                              .areas = POPULATION_AREAS,
                              .seed = 1,
                              .households = 2000,
                              .months = 3,
                              .year = 2026,
                              .month = 1,
                              .rate = 1};
    int option;

    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
        parse_option(&options, option, optarg);
    if (options.out == NULL || optind < argc) {
        (void)fputs(usage, stderr);
        exit(EXIT_FAILURE);
    }
    return options;
}

static void
open_world(struct world *world, const struct options *options)
{
    *world = (struct world){.seed = rng_mix(options->seed + 1), .out = options->out};
    world->profile =
        options->profile != NULL ? profile_find(options->profile) : profile_of(options->county);
    if (world->profile == NULL)
        errx(EXIT_FAILURE, "no profile for county %s, give --profile", options->county);
    if (strlen(options->county) != 6)
        errx(EXIT_FAILURE, "--county: '%s' is not a code of six digits", options->county);
    memcpy(world->county, options->county, 7);
    switch (areas_load(&world->areas, options->areas, options->county)) {
    case -1:
        err(EXIT_FAILURE, "cannot read %s", options->areas);
    case -2:
        errx(EXIT_FAILURE, "%s has no village of county %s", options->areas, options->county);
    }
    world_waters(world);
    world_calendar(world, options->year, options->month, options->months);
    if (mkdir(options->out, 0777) != 0 && errno != EEXIST)
        err(EXIT_FAILURE, "cannot create %s", options->out);
}

static void
write_feeds(const struct world *world)
{
    for (unsigned m = 0; m < world->months; m++) {
        register_write(world, m);
        education_write(world, m);
        insurance_write(world, m);
        housing_write(world, m);
        water_write(world, m);
        civil_write(world, m);
    }
}

/* The dirty edition is made of the clean files, by a program of its own that takes our place. */
static void
make_dirty(const char *out)
{
    (void)fflush(stdout);
    (void)execl("/usr/bin/python3", "python3", POPULATION_DIRTY, out, NULL);
    err(EXIT_FAILURE, "cannot start /usr/bin/python3");
}

int
main(int argc, char **argv)
{
    struct options options = parse_options(argc, argv);
    struct world world;
    struct truth truth = {0};
    struct plan plan = {.world = &world, .truth = &truth};
    size_t cases;

    date_init();
    open_world(&world, &options);
    people_build(&world, options.households);
    plan.rng.state = rng_mix(world.seed ^ 0x9e6c63d0876a9a47U);
    plan.stranger = world.member_count - 1;
    plants_plant(&plan, options.rate);
    number_assign(&world);
    write_feeds(&world);
    truth_write(&truth, &world);
    cases = cases_write(&truth, &world);
    (void)printf("households %u people %u\n", world.household_count, people_count(&world));
    truth_print(&truth);
    (void)printf("cases %zu withheld %zu\n", cases, truth.withheld_count);
    truth_done(&truth);
    world_done(&world);
    if (options.dirty)
        make_dirty(options.out);
    return EXIT_SUCCESS;
}
