#include "world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* Purposes of world_put_name's and world_put_address's rolls. */
#define ROLL_NAME 9001
#define ROLL_GROUP 9002
#define ROLL_DOOR 9003
/* Phones repeat above this many households. */
#define PHONES 1000000U

void
world_calendar(struct world *world, int year, int month, unsigned months)
{
    assert(months >= 1 && months <= WORLD_MONTHS_MAX);
    world->months = months;
    world->all = (1U << months) - 1;
    for (unsigned m = 0; m < months; m++) {
        struct month *at = &world->month[m];
        int past_year = month == 12 ? year + 1 : year;
        int past_month = month == 12 ? 1 : month + 1;

        at->year = year;
        at->month = month;
        at->first = date_day(year, month, 1);
        at->end = date_day(past_year, past_month, 1) - 1;
        at->school = date_day(month >= 8 ? year : year - 1, 8, 31);
        year = past_year;
        month = past_month;
    }
}

void
world_waters(struct world *world)
{
    uint32_t villages = (uint32_t)world->areas.village_count;

    world->works_count = (villages + WORLD_WORKS_VILLAGES - 1) / WORLD_WORKS_VILLAGES;
    world->works = calloc(world->works_count, sizeof(*world->works));
    world->villages = calloc(villages, sizeof(*world->villages));
    if (world->works == NULL || world->villages == NULL)
        abort();
}

void
world_done(struct world *world)
{
    free(world->works);
    free(world->villages);
    areas_done(&world->areas);
    free(world->households);
    free(world->people);
    free(world->bends);
}

static uint32_t
add_bend(struct world *world, struct bend bend, uint32_t next)
{
    uint32_t count = world->bend_count == 0 ? 1 : world->bend_count;

    if ((count & (count - 1)) == 0) {
        world->bends = realloc(world->bends, 2 * (size_t)count * sizeof(*world->bends));
        if (world->bends == NULL)
            abort();
    }
    bend.next = next;
    world->bends[count] = bend;
    world->bend_count = count + 1;
    return count;
}

void
world_bend_person(struct world *world, struct person *person, struct bend bend)
{
    person->bends = add_bend(world, bend, person->bends);
}

void
world_bend_household(struct world *world, struct household *household, struct bend bend)
{
    household->bends = add_bend(world, bend, household->bends);
}

void
world_bend_works(struct world *world, uint32_t works, struct bend bend)
{
    world->works[works] = add_bend(world, bend, world->works[works]);
}

void
world_bend_village(struct world *world, uint32_t village, struct bend bend)
{
    world->villages[village] = add_bend(world, bend, world->villages[village]);
}

const struct bend *
world_bend(const struct world *world, uint32_t head, enum bend_kind kind, unsigned m)
{
    for (uint32_t at = head; at != 0; at = world->bends[at].next)
        if (world->bends[at].kind == kind && (world->bends[at].months >> m & 1) != 0)
            return &world->bends[at];
    return NULL;
}

unsigned
world_roll(const struct world *world, uint64_t entity, uint64_t purpose, unsigned n)
{
    return rng_roll(world->seed, entity, purpose, n);
}

uint32_t
world_share(const struct world *world, uint32_t rate)
{
    return (uint32_t)((uint64_t)world->household_count * rate / 100000);
}

uint32_t
world_sample(const struct world *world, uint64_t purpose, unsigned m, uint32_t i, uint32_t count)
{
    uint32_t step = world->household_count / count;

    return i * step + world_roll(world, (uint64_t)i * WORLD_MONTHS_MAX + m, purpose, step);
}

bool
world_born(const struct world *world, const struct person *person, unsigned m)
{
    if (person->slot)
        return false;
    return person->bends == 0 || world_bend(world, person->bends, BEND_UNBORN, m) == NULL;
}

enum status
world_status(const struct world *world, const struct person *person, unsigned m)
{
    const struct bend *bend = world_bend(world, person->bends, BEND_STATUS, m);

    return bend != NULL ? (enum status)bend->value : (enum status)person->status;
}

bool
world_living(const struct world *world, const struct person *person, unsigned m)
{
    return world_born(world, person, m) && world_status(world, person, m) == STATUS_HERE;
}

bool
world_resident(const struct world *world, const struct person *person, unsigned m)
{
    return !person->away && world_bend(world, person->bends, BEND_AWAY, m) == NULL;
}

bool
world_removed(const struct world *world, const struct household *household, unsigned m)
{
    return world_bend(world, household->bends, BEND_REMOVED, m) != NULL;
}

static bool
eliminated(const struct household *household, int32_t end)
{
    return household->eliminated != DATE_NONE && household->eliminated <= end;
}

bool
world_monitored(const struct world *world, const struct household *household, unsigned m)
{
    int32_t end = world->month[m].end;

    return household->category >= CATEGORY_UNSTABLE && household->identified <= end &&
           !eliminated(household, end);
}

bool
world_alleviated(const struct world *world, const struct household *household, unsigned m)
{
    return household->category == CATEGORY_ALLEVIATED ||
           (household->category == CATEGORY_UNSTABLE && eliminated(household, world->month[m].end));
}

bool
world_granted(const struct world *world, const struct person *person, enum bend_kind kind,
              unsigned m)
{
    const struct bend *bend = world_bend(world, person->bends, kind, m);
    int32_t end = world->month[m].end;

    return bend != NULL && bend->from <= end && (bend->to == DATE_NONE || bend->to > end);
}

bool
world_covered(const struct world *world, const struct household *household, unsigned m)
{
    if (!household->civil)
        return false;
    for (unsigned i = 0; i < household->count; i++) {
        const struct person *person = &world->people[household->first + i];

        if (world_living(world, person, m) && (world_granted(world, person, BEND_DIBAO, m) ||
                                               world_granted(world, person, BEND_DESTITUTE, m)))
            return true;
    }
    return false;
}

bool
world_helped(const struct world *world, const struct household *household, unsigned m)
{
    return world_alleviated(world, household, m) || world_monitored(world, household, m) ||
           world_covered(world, household, m);
}

unsigned
world_living_count(const struct world *world, const struct household *household, unsigned m)
{
    unsigned count = 0;

    for (unsigned i = 0; i < household->count; i++)
        count += world_living(world, &world->people[household->first + i], m);
    return count;
}

int64_t
world_income(const struct world *world, const struct household *household, unsigned m)
{
    const struct bend *bend = world_bend(world, household->bends, BEND_INCOME, m);

    return bend != NULL ? bend->value : household->income;
}

/* Sectors spell alike or not: dots by sector, and one name in two hundred with a blank. */
static enum name_form
usual_form(const struct world *world, const struct person *person, enum sector sector)
{
    uint32_t index = world_index(world, person);

    if (sector == SECTOR_REGISTER)
        return NAME_PLAIN;
    if (person->name.family == NAMES_NONE)
        return sector == SECTOR_INSURANCE ? NAME_BULLET
               : sector == SECTOR_HOUSING ? NAME_KATA
                                          : NAME_PLAIN;
    switch (world_roll(world, index, ROLL_NAME + (uint64_t)sector, 400)) {
    case 0:
        return NAME_SPACED;
    case 1:
        return NAME_LOOSE;
    }
    return NAME_PLAIN;
}

void
world_put_name(const struct world *world, struct text *text, const struct person *person,
               enum sector sector, unsigned m)
{
    for (uint32_t at = person->bends; at != 0; at = world->bends[at].next) {
        const struct bend *bend = &world->bends[at];

        if (bend->kind == BEND_NAME && (bend->months >> m & 1) != 0 &&
            (bend->value & sector) != 0) {
            names_put(text, person->name, (enum name_form)bend->argument);
            return;
        }
    }
    names_put(text, person->name, usual_form(world, person, sector));
}

void
world_put_phone(const struct world *world, struct text *text, uint32_t household)
{
    (void)world;
    text_append(text, "19900");
    text_digits(text, household % PHONES, 6);
    text_char(text, ',');
}

void
world_put_address(const struct world *world, struct text *text, uint32_t household)
{
    const struct village *village = &world->areas.villages[world->households[household].village];

    text_append(text, world->areas.townships[village->township].name);
    text_append(text, village->name);
    text_digits(text, 1 + world_roll(world, household, ROLL_GROUP, 15), 1);
    text_append(text, "组");
    text_digits(text, 1 + world_roll(world, household, ROLL_DOOR, 120), 1);
    text_field(text, "号");
}

void
world_put_household_no(const struct world *world, struct text *text, uint32_t household)
{
    text_append(text, world->county);
    text_digits(text, household + 1, 8);
    text_char(text, ',');
}

void
world_put_number(const struct world *world, struct text *text, const char *letter, uint32_t index)
{
    text_append(text, letter);
    text_append(text, world->county);
    text_digits(text, index + 1, 8);
    text_char(text, ',');
}
