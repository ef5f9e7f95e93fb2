#include "people.h"

#include <assert.h>
#include <stdlib.h>

/* Of a thousand households. */
#define AWAY_RATE 25
#define ALLEVIATED_RATE 70
#define UNSTABLE_RATE 9
#define MARGINAL_RATE 13
#define SUDDEN_RATE 6
#define DIBAO_RATE 22
#define EDGE_RATE 3
/* Grants that begin within a hundred days after the run's begin. */
#define RECENT_PERCENT 6
/* Of a thousand persons. */
#define DISABLED_RATE 15
#define NOT_HERE_RATE 10

/* People of no household: pupils of the town, and owners of houses. */
#define STRANGERS_PER 25
#define STRANGERS_MIN 24

struct build {
    struct world *world;
    struct household *household;
    uint32_t index; /* of the household, WORLD_NONE for none */
    struct rng rng;
    int32_t today; /* everybody's age is told on the eve of the run */
    size_t room;
    uint8_t family;
    int granted; /* days between the household's grant and the run, negative within it */
};

static bool
name_taken(const struct build *build, struct name name)
{
    const struct world *world = build->world;

    for (uint32_t i = build->household->first; i < world->person_count; i++)
        if (names_equal(world->people[i].name, name))
            return true;
    return false;
}

static int32_t
birth_at(struct build *build, int age)
{
    return build->today - (int32_t)(age * 365.2425) - 1 - rng_range(&build->rng, 0, 364);
}

static struct person *
add(struct build *build, enum relation relation, bool female, uint8_t family, int age)
{
    struct world *world = build->world;
    struct person *person;
    struct name name;

    if (world->person_count == build->room) {
        build->room *= 2;
        world->people = realloc(world->people, build->room * sizeof(*world->people));
        if (world->people == NULL)
            abort();
    }
    do
        name = names_draw(&build->rng, family, female);
    while (name_taken(build, name));
    person = &world->people[world->person_count++];
    *person = (struct person){
        .relation = (uint8_t)relation,
        .status = STATUS_HERE,
        .name = name,
        .birth = birth_at(build, age),
        .household = build->index,
    };
    build->household->count++;
    return person;
}

/* A wife or husband; minority families marry among themselves. */
static void
add_spouse(struct build *build, enum relation relation, bool female, int age)
{
    uint8_t family = build->family == NAMES_NONE ? NAMES_NONE : names_surname(&build->rng);

    (void)add(build, relation, female, family, age);
}

static void
add_children(struct build *build, int count, int mother_age)
{
    int age = mother_age - 22 - rng_range(&build->rng, 0, 8);

    for (int i = 0; i < count; i++) {
        bool girl = rng_below(&build->rng, 100) < 48;

        if (age < 0)
            return;
        (void)add(build, girl ? RELATION_DAUGHTER : RELATION_SON, girl, build->family, age);
        age -= rng_range(&build->rng, 2, 5);
    }
}

static void
add_slot(struct build *build, enum relation relation)
{
    if (rng_below(&build->rng, 100) < 8)
        add(build, relation, relation != RELATION_SON && relation != RELATION_GRANDSON,
            build->family, 0)
            ->slot = true;
}

static void
compose_single(struct build *build)
{
    bool old = rng_below(&build->rng, 100) < 65;
    int age = old ? rng_range(&build->rng, 60, 88) : rng_range(&build->rng, 25, 59);

    (void)add(build, RELATION_HEAD, rng_below(&build->rng, 100) < (old ? 55 : 25), build->family,
              age);
}

static void
compose_couple(struct build *build, int age, int children, int parents)
{
    int wife = age - rng_range(&build->rng, 0, 4);

    (void)add(build, RELATION_HEAD, false, build->family, age);
    add_spouse(build, RELATION_SPOUSE, true, wife);
    add_children(build, children, wife);
    if (parents > 0)
        add_spouse(build, RELATION_MOTHER, true, age + rng_range(&build->rng, 20, 28));
    if (parents > 1)
        (void)add(build, RELATION_FATHER, false, build->family,
                  age + rng_range(&build->rng, 21, 30));
    if (wife >= 20 && wife <= 40)
        add_slot(build, rng_below(&build->rng, 2) == 0 ? RELATION_SON : RELATION_DAUGHTER);
}

static void
compose_generations(struct build *build)
{
    int age = rng_range(&build->rng, 52, 74);
    int son = age - rng_range(&build->rng, 22, 26);
    int mother = son - rng_range(&build->rng, 0, 3);
    int child = mother - 21 - rng_range(&build->rng, 0, 6);

    (void)add(build, RELATION_HEAD, false, build->family, age);
    add_spouse(build, RELATION_SPOUSE, true, age - rng_range(&build->rng, 0, 4));
    (void)add(build, RELATION_SON, false, build->family, son);
    add_spouse(build, RELATION_SON_WIFE, true, mother);
    for (; child >= 0 && build->household->count < 6; child -= rng_range(&build->rng, 2, 5)) {
        bool girl = rng_below(&build->rng, 100) < 48;

        (void)add(build, girl ? RELATION_GRANDDAUGHTER : RELATION_GRANDSON, girl, build->family,
                  child);
    }
    if (mother <= 40)
        add_slot(build, RELATION_GRANDSON);
}

/* Sizes of one to six, 3.3 on average. */
static void
compose(struct build *build)
{
    unsigned roll = rng_below(&build->rng, 100);

    build->family = names_family(&build->rng);
    if (roll < 12)
        compose_single(build);
    else if (roll < 30)
        compose_couple(build, rng_range(&build->rng, 30, 80), 0, 0);
    else if (roll < 53)
        compose_couple(build, rng_range(&build->rng, 27, 70), 1, 0);
    else if (roll < 74)
        compose_couple(build, rng_range(&build->rng, 29, 68), 2, 0);
    else if (roll < 84)
        compose_couple(build, rng_range(&build->rng, 31, 62), 2, 1);
    else if (roll < 88)
        compose_couple(build, rng_range(&build->rng, 33, 58), 2, 2);
    else if (roll < 93)
        compose_couple(build, rng_range(&build->rng, 32, 60), 3, 0);
    else
        compose_generations(build);
}

static void
scatter_members(struct build *build)
{
    struct household *household = build->household;
    struct rng *rng = &build->rng;

    household->away = rng_below(rng, 1000) < AWAY_RATE;
    for (unsigned i = 0; i < household->count; i++) {
        struct person *person = &build->world->people[household->first + i];
        int age = date_age(person->birth, build->today);
        bool adult = age >= 18 && i > 0;

        person->away = household->away || (adult && age <= 55 && rng_below(rng, 100) < 15);
        person->disabled = age >= 3 && rng_below(rng, 1000) < DISABLED_RATE;
        if (adult && age >= 60 && rng_below(rng, 1000) < NOT_HERE_RATE)
            person->status = STATUS_DEAD;
        else if (adult && age < 60 && rng_below(rng, 1000) < NOT_HERE_RATE)
            person->status = (uint8_t)rng_range(rng, STATUS_LEFT, STATUS_PRISON);
    }
}

static void
choose_category(struct build *build)
{
    struct household *household = build->household;
    unsigned roll = rng_below(&build->rng, 1000);

    if (household->away || roll >= ALLEVIATED_RATE + UNSTABLE_RATE + MARGINAL_RATE + SUDDEN_RATE)
        return;
    if (roll < ALLEVIATED_RATE) {
        household->category = CATEGORY_ALLEVIATED;
        return;
    }
    roll -= ALLEVIATED_RATE;
    household->category = roll < UNSTABLE_RATE                   ? CATEGORY_UNSTABLE
                          : roll < UNSTABLE_RATE + MARGINAL_RATE ? CATEGORY_MARGINAL
                                                                 : CATEGORY_SUDDEN;
    household->identified = build->today - rng_range(&build->rng, 200, 1500);
    if (rng_below(&build->rng, 4) == 0)
        household->eliminated = household->identified + rng_range(&build->rng, 185, 199);
}

static void
grant(struct build *build, struct person *person, enum bend_kind kind)
{
    struct bend bend = {
        .kind = (uint8_t)kind, .months = build->world->all, .from = build->today - build->granted};

    if (person->slot || person->status != STATUS_HERE)
        return;
    world_bend_person(build->world, person, bend);
    build->household->civil = true;
}

static bool
any_disabled(const struct build *build)
{
    for (unsigned i = 0; i < build->household->count; i++)
        if (build->world->people[build->household->first + i].disabled)
            return true;
    return false;
}

static void
choose_cover(struct build *build)
{
    struct household *household = build->household;
    struct person *members = &build->world->people[household->first];
    unsigned roll = rng_below(&build->rng, 1000);

    if (household->away)
        return;
    build->granted = rng_below(&build->rng, 100) < RECENT_PERCENT
                         ? -rng_range(&build->rng, 5, 100)
                         : rng_range(&build->rng, 100, 2500);
    if (household->count == 1 && date_age(members->birth, build->today) >= 62 && roll < 60) {
        grant(build, members, BEND_DESTITUTE);
        household->no_labour = build->granted > 0;
    } else if (roll < DIBAO_RATE) {
        bool whole = rng_below(&build->rng, 100) < 80;

        for (unsigned i = 0; i < (whole ? household->count : 1U); i++)
            grant(build, &members[i], BEND_DIBAO);
        household->no_labour = whole && build->granted > 0 && rng_below(&build->rng, 100) < 15;
    } else if (roll < DIBAO_RATE + EDGE_RATE && !any_disabled(build)) {
        for (unsigned i = 0; i < household->count; i++)
            grant(build, &members[i], BEND_EDGE);
    }
}

static unsigned
count_living(const struct build *build)
{
    unsigned living = 0;

    for (unsigned i = 0; i < build->household->count; i++)
        living += build->world->people[build->household->first + i].status == STATUS_HERE;
    return living;
}

/*
 * Incomes keep clear of every line: monitored families above dibao, all others
 * above the line and one and a half dibao, by at least two in a hundred.
 */
static void
choose_income(struct build *build)
{
    struct household *household = build->household;
    const struct world *world = build->world;
    const struct profile *profile = world->profile;
    int64_t dibao = profile_dibao(profile);
    int64_t line = profile_line(profile);
    int64_t floor = line > dibao * 3 / 2 ? line : dibao * 3 / 2;
    int permille = household->category >= CATEGORY_UNSTABLE     ? rng_range(&build->rng, 0, 700)
                   : household->category == CATEGORY_ALLEVIATED ? rng_range(&build->rng, 50, 1500)
                                                                : rng_range(&build->rng, 200, 4500);
    unsigned living = count_living(build);
    bool monitored = household->category >= CATEGORY_UNSTABLE &&
                     household->eliminated == DATE_NONE && living > 1 && !any_disabled(build);
    int64_t each = (monitored ? dibao : floor) * (1020 + permille) / 1000;

    household->income = each * living + rng_range(&build->rng, 0, 99999);
    household->lowest = household->income;
}

static void
build_household(struct build *build)
{
    struct world *world = build->world;
    uint32_t index = world->household_count++;

    build->index = index;
    build->household = &world->households[index];
    *build->household = (struct household){.first = world->person_count};
    build->rng.state = rng_mix(world->seed * 0x2545f4914f6cdd1dU + index);
    compose(build);
    scatter_members(build);
    choose_category(build);
    choose_cover(build);
    choose_income(build);
}

/* People who share no household; `add` looks at names from build->household on. */
static void
build_strangers(struct build *build, struct household *none, uint32_t count)
{
    build->household = none;
    build->index = WORLD_NONE;
    for (uint32_t i = 0; i < count; i++) {
        bool pupil = i % 4 != 0;
        int age = pupil ? rng_range(&build->rng, 7, 13) : rng_range(&build->rng, 28, 70);

        *none = (struct household){.first = build->world->person_count};
        (void)add(build, RELATION_HEAD, rng_below(&build->rng, 2) == 0, names_surname(&build->rng),
                  age);
    }
}

void
people_build(struct world *world, uint32_t count)
{
    struct build build = {.world = world, .today = world->month[0].first - 1};
    struct household none;
    uint32_t strangers = count / STRANGERS_PER;

    build.room = (size_t)count * 4 + STRANGERS_MIN;
    world->people = calloc(build.room, sizeof(*world->people));
    world->households = calloc(count, sizeof(*world->households));
    if (world->people == NULL || world->households == NULL)
        abort();
    for (uint32_t i = 0; i < count; i++)
        build_household(&build);
    for (uint32_t i = 0; i < count; i++)
        world->households[i].village = (uint32_t)((uint64_t)i * world->areas.village_count / count);
    world->member_count = world->person_count;
    build.rng.state = rng_mix(world->seed ^ 0x5851f42d4c957f2dU);
    build_strangers(&build, &none, strangers < STRANGERS_MIN ? STRANGERS_MIN : strangers);
}

uint32_t
people_count(const struct world *world)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < world->member_count; i++)
        count += world_born(world, &world->people[i], 0);
    return count;
}
