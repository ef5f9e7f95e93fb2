#include "plan.h"

#define PER_HOUSEHOLDS 100000.0
/* Households tried before a plant is left out. */
#define TRIES 20000U

uint32_t
plan_from(const struct world *world, unsigned m)
{
    return m >= WORLD_MONTHS_MAX ? 0 : world->all & ~((1U << m) - 1);
}

uint32_t
plan_span(const struct world *world, enum span span)
{
    switch (span) {
    case SPAN_ALL:
        return world->all;
    case SPAN_FIRST:
        return world->all & 1;
    case SPAN_EARLY:
        return world->all & 3;
    case SPAN_ONCE:
        return world->all & 2;
    case SPAN_LATER:
        return plan_from(world, 1);
    case SPAN_END:
        return plan_from(world, 2);
    case SPAN_GAP:
        return world->all & ~2U;
    }
    return 0;
}

bool
plan_plain(const struct world *world, const struct household *home)
{
    if (home->used || home->category != CATEGORY_ORDINARY || home->civil || home->away)
        return false;
    for (unsigned i = 0; i < home->count; i++) {
        const struct person *person = &world->people[home->first + i];

        if (person->status != STATUS_HERE || person->disabled)
            return false;
    }
    return true;
}

bool
plan_han(const struct world *world, const struct household *home)
{
    return plan_plain(world, home) && world_head(world, home)->name.family != NAMES_NONE;
}

bool
plan_minority(const struct world *world, const struct household *home)
{
    return plan_plain(world, home) && world_head(world, home)->name.family == NAMES_NONE;
}

bool
plan_family(const struct world *world, const struct household *home)
{
    return plan_plain(world, home) && home->count > 1 &&
           world->people[home->first + 1].relation == RELATION_SPOUSE;
}

bool
plan_single(const struct world *world, const struct household *home)
{
    return plan_plain(world, home) && home->count == 1;
}

bool
plan_old(const struct world *world, const struct household *home)
{
    return plan_single(world, home) &&
           date_age(world_head(world, home)->birth, world->month[0].end) >= 60;
}

static bool
is_child(const struct world *world, const struct person *person)
{
    return !person->slot && date_age(person->birth, world->month[0].school) >= 6 &&
           date_age(person->birth, world->month[world->months - 1].school) <= 14;
}

static struct person *
find_child(const struct world *world, const struct household *home)
{
    for (unsigned i = 0; i < home->count; i++)
        if (is_child(world, &world->people[home->first + i]))
            return &world->people[home->first + i];
    return NULL;
}

bool
plan_child(const struct world *world, const struct household *home)
{
    return plan_plain(world, home) && find_child(world, home) != NULL;
}

bool
plan_infant(const struct world *world, const struct household *home)
{
    return plan_plain(world, home) && world->people[home->first + home->count - 1].slot;
}

struct person *
plan_adult(const struct plan *plan, const struct household *home)
{
    return world_head(plan->world, home);
}

struct person *
plan_spouse(const struct plan *plan, const struct household *home)
{
    return &plan->world->people[home->first + 1];
}

struct person *
plan_pupil(const struct plan *plan, const struct household *home)
{
    return find_child(plan->world, home);
}

struct person *
plan_stranger(struct plan *plan, bool adult)
{
    const struct world *world = plan->world;

    while (plan->stranger + 1 < world->person_count) {
        struct person *person = &world->people[++plan->stranger];
        bool grown = date_age(person->birth, world->month[0].first) >= 18;

        if (adult ? grown : is_child(world, person))
            return person;
    }
    return NULL;
}

void
plan_categorise(struct plan *plan, struct household *home, enum category category)
{
    home->category = (uint8_t)category;
    if (category >= CATEGORY_UNSTABLE)
        home->identified = plan->world->month[0].first - rng_range(&plan->rng, 150, 900);
}

void
plan_grant(struct plan *plan, struct household *home, enum bend_kind kind)
{
    struct bend bend = {.kind = (uint8_t)kind,
                        .months = plan->world->all,
                        .from = plan->world->month[0].first - rng_range(&plan->rng, 60, 1200)};

    for (unsigned i = 0; i < home->count; i++)
        if (!plan->world->people[home->first + i].slot)
            world_bend_person(plan->world, &plan->world->people[home->first + i], bend);
    home->civil = true;
}

void
plan_spell(struct plan *plan, struct person *person, unsigned sectors, enum name_form form)
{
    struct bend bend = {
        .kind = BEND_NAME, .months = plan->world->all, .value = sectors, .argument = (uint8_t)form};

    world_bend_person(plan->world, person, bend);
}

void
plan_status(struct plan *plan, struct person *person, enum status status, unsigned m)
{
    struct bend bend = {.kind = BEND_STATUS,
                        .months = plan_from(plan->world, m),
                        .value = status,
                        .from = plan->world->month[m].first + rng_range(&plan->rng, 20, 26)};

    if (bend.months != 0)
        world_bend_person(plan->world, person, bend);
}

void
plan_find_person(struct plan *plan, const char *rule, uint32_t months, enum severity severity,
                 const struct person *person)
{
    truth_find(plan->truth, rule, months, severity, SUBJECT_PERSON,
               world_index(plan->world, person), person->household);
}

void
plan_find_household(struct plan *plan, const char *rule, uint32_t months, enum severity severity,
                    const struct household *home)
{
    uint32_t index = world_household_index(plan->world, home);

    truth_find(plan->truth, rule, months, severity, SUBJECT_HOUSEHOLD, index, index);
}

void
plan_find_house(struct plan *plan, const char *rule, uint32_t months, enum severity severity,
                const struct person *owner)
{
    truth_find(plan->truth, rule, months, severity, SUBJECT_HOUSE, world_index(plan->world, owner),
               owner->household);
}

struct household *
plan_pick(struct plan *plan, plan_suits *suits)
{
    struct world *world = plan->world;

    for (unsigned tries = 0; tries < TRIES; tries++) {
        struct household *home = &world->households[rng_below(&plan->rng, world->household_count)];

        if (!suits(world, home))
            continue;
        home->used = true;
        return home;
    }
    return NULL;
}

static void
plant_one(struct plan *plan, const struct plant *plant)
{
    struct household *home = NULL;

    if (plant->suits != NULL) {
        home = plan_pick(plan, plant->suits);
        if (home == NULL)
            return;
    }
    plant->bends(plan, home, plan_span(plan->world, plant->span), plant->variant);
}

void
plan_table(struct plan *plan, const struct plant *plants, size_t count, double factor)
{
    for (size_t i = 0; i < count && factor > 0; i++) {
        double wanted = plants[i].rate * factor * plan->world->household_count / PER_HOUSEHOLDS;

        for (unsigned n = 0; n == 0 || n + 0.5 <= wanted; n++)
            plant_one(plan, &plants[i]);
    }
}
