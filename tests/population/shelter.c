#include "shelter.h"

#include "housing.h"
#include "water.h"

/* Grade the house in `months`; a grade that begins later was given in its first month. */
static void
bend_house(struct plan *plan, struct household *home, uint32_t months, int grade, unsigned flags)
{
    struct bend bend = {
        .kind = BEND_HOUSE, .months = months, .value = grade, .argument = (uint8_t)flags};

    if (months == 0)
        return;
    if ((months & 1) == 0)
        bend.from = plan->world->month[__builtin_ctz(months)].first + 3;
    world_bend_household(plan->world, home, bend);
}

static enum severity
severity_of(int grade)
{
    return grade == 'D' ? SEVERITY_RED : SEVERITY_YELLOW;
}

/* Make the household what the owner is; returns the rule that finds its house. */
static const char *
become(struct plan *plan, struct household *home, enum shelter_owner owner)
{
    const struct world *world = plan->world;

    switch (owner) {
    case SHELTER_ORDINARY:
        return "H02";
    case SHELTER_ALLEVIATED:
        plan_categorise(plan, home, CATEGORY_ALLEVIATED);
        break;
    case SHELTER_MONITORED:
        plan_categorise(plan, home, CATEGORY_MARGINAL);
        break;
    case SHELTER_DIBAO:
        plan_grant(plan, home, BEND_DIBAO);
        break;
    case SHELTER_DESTITUTE:
        plan_grant(plan, home, BEND_DESTITUTE);
        break;
    case SHELTER_EDGE:
        plan_grant(plan, home, BEND_EDGE);
        break;
    case SHELTER_ELIMINATED:
        plan_categorise(plan, home, CATEGORY_SUDDEN);
        home->eliminated = world->month[0].first;
        return "H02";
    case SHELTER_FORETOLD:
        plan_categorise(plan, home, CATEGORY_MARGINAL);
        home->identified = world->month[world->months - 1].end + 1;
        home->foretold = true;
        return "H02";
    }
    return "H01";
}

void
shelter_house(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    int grade = variant % 256;
    const char *rule = become(plan, home, (enum shelter_owner)(variant / 256));
    enum severity severity = rule[2] == '1' ? severity_of(grade) : SEVERITY_YELLOW;

    bend_house(plan, home, months, grade, HOUSE_LIVED);
    plan_find_house(plan, rule, months, severity, plan_adult(plan, home));
    if (home->civil && severity == SEVERITY_RED)
        plan_find_household(plan, "C07", months, SEVERITY_RED, home);
}

void
shelter_loose(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    plan_categorise(plan, home, CATEGORY_UNSTABLE);
    plan_spell(plan, plan_adult(plan, home), SECTOR_HOUSING, NAME_SPACED);
    bend_house(plan, home, months, variant, HOUSE_LIVED | HOUSE_LOOSE);
    plan_find_house(plan, "H01", months, severity_of(variant), plan_adult(plan, home));
}

void
shelter_dead_owner(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    plan_categorise(plan, home, CATEGORY_ALLEVIATED);
    plan_status(plan, plan_adult(plan, home), STATUS_DEAD, 0);
    bend_house(plan, home, months, variant, HOUSE_LIVED);
    plan_find_house(plan, "H01", months, severity_of(variant), plan_adult(plan, home));
}

void
shelter_renovated(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *owner = plan_adult(plan, home);
    int32_t graded = housing_graded_on(plan->world, home->first);
    struct bend bend = {.kind = BEND_RENOVATE, .months = plan->world->all, .from = graded - 120};
    uint32_t found = 0;

    switch ((enum shelter_renovated)variant) {
    case SHELTER_BEFORE:
        bend.to = graded - 1;
        found = months;
        break;
    case SHELTER_CANCELLED:
        bend.to = graded + 30;
        bend.argument = 1;
        found = months;
        break;
    case SHELTER_UNDER_WAY:
        bend.to = plan->world->month[0].end + 20;
        found = months & 1;
        break;
    case SHELTER_SAME_DAY:
        bend.to = graded;
        break;
    case SHELTER_AFTER:
        bend.to = graded + 60;
        break;
    }
    plan_categorise(plan, home, CATEGORY_ALLEVIATED);
    bend_house(plan, home, months, 'D', HOUSE_LIVED);
    world_bend_household(plan->world, home, bend);
    plan_find_house(plan, "H01", found, SEVERITY_RED, owner);
}

void
shelter_eliminated(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *owner = plan_adult(plan, home);

    plan_categorise(plan, home, CATEGORY_MARGINAL);
    home->eliminated = plan->world->month[0].end + 9;
    bend_house(plan, home, months, variant, HOUSE_LIVED);
    plan_find_house(plan, "H01", months & 1, severity_of(variant), owner);
    plan_find_house(plan, "H02", months & ~1U, SEVERITY_YELLOW, owner);
}

void
shelter_stranger(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *owner = plan_stranger(plan, true);
    struct bend bend = {.kind = BEND_HOUSE,
                        .months = months,
                        .value = variant,
                        .argument = HOUSE_LIVED | HOUSE_LOOSE};

    (void)home;
    if (owner == NULL)
        return;
    world_bend_person(plan->world, owner, bend);
    plan_find_house(plan, "H02", months, SEVERITY_YELLOW, owner);
}

void
shelter_unlived(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    plan_categorise(plan, home, CATEGORY_ALLEVIATED);
    switch ((enum shelter_unlived)variant) {
    case SHELTER_NOT_ONLY:
        bend_house(plan, home, months, 'D', HOUSE_OCCUPIED);
        break;
    case SHELTER_NOT_OCCUPIED:
        bend_house(plan, home, months, 'D', HOUSE_ONLY);
        break;
    case SHELTER_GRADE_B:
        bend_house(plan, home, months, 'B', HOUSE_LIVED);
        break;
    }
}

static void
bend_water(struct plan *plan, struct household *home, uint32_t months, int64_t value,
           enum water_link link)
{
    struct bend bend = {
        .kind = BEND_WATER, .months = months, .value = value, .argument = (uint8_t)link};

    world_bend_household(plan->world, home, bend);
}

void
shelter_water(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    static const struct {
        int64_t value;
        enum water_link link;
        int severity; /* -1: nothing is found */
    } waters[] = {
        [SHELTER_NO_SUPPLY] = {WATER(0, 9, 250, 15, 500), WATER_BY_BOTH, SEVERITY_RED},
        [SHELTER_BAD_QUALITY] = {WATER(1, 2, 600, 0, 0), WATER_BY_HOUSE, SEVERITY_RED},
        [SHELTER_FEW_LITRES] = {WATER(2, 1, 199, 10, 200), WATER_BY_BOTH, SEVERITY_YELLOW},
        [SHELTER_FAR] = {WATER(3, 1, 300, 21, 801), WATER_BY_BOTH, SEVERITY_YELLOW},
        [SHELTER_BY_HEAD] = {WATER(0, 9, 220, 12, 300), WATER_BY_HEAD, SEVERITY_RED},
        [SHELTER_BY_PHONE] = {WATER(0, 9, 240, 18, 700), WATER_BY_PHONE, SEVERITY_RED},
        [SHELTER_LITRES] = {WATER(2, 1, 200, 10, 200), WATER_BY_BOTH, -1},
        [SHELTER_LONG] = {WATER(3, 1, 300, 40, 800), WATER_BY_BOTH, -1},
        [SHELTER_WIDE] = {WATER(3, 1, 300, 20, 2000), WATER_BY_BOTH, -1},
        [SHELTER_UNTESTED] = {WATER(3, 9, 300, 20, 800), WATER_BY_BOTH, -1},
    };

    bend_water(plan, home, months, waters[variant].value, waters[variant].link);
    if (waters[variant].severity >= 0)
        plan_find_household(plan, "W01", months, (enum severity)waters[variant].severity, home);
}

static void
leave(struct plan *plan, struct household *home, unsigned from)
{
    for (unsigned i = from; i < home->count; i++)
        world_bend_person(plan->world, &plan->world->people[home->first + i],
                          (struct bend){.kind = BEND_AWAY, .months = plan->world->all});
}

void
shelter_last_home(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    leave(plan, home, 1);
    shelter_water(plan, home, months, variant);
}

void
shelter_empty(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)variant;
    leave(plan, home, 0);
    bend_water(plan, home, months, WATER(0, 2, 50, 60, 3000), WATER_BY_BOTH);
}

/* The months of a run whose number is in a set of twelve bits, January the first. */
static uint32_t
calendar(const struct world *world, unsigned numbers)
{
    uint32_t months = 0;

    for (unsigned m = 0; m < world->months; m++)
        if ((numbers >> (world->month[m].month - 1) & 1) != 0)
            months |= 1U << m;
    return months;
}

/* Months of the first month's year, from the month numbered `first` on. */
static uint32_t
year_from(const struct world *world, int first)
{
    uint32_t months = 0;

    for (unsigned m = 0; m < world->months; m++)
        if (world->month[m].year == world->month[0].year && world->month[m].month >= first)
            months |= 1U << m;
    return months;
}

void
shelter_visit(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    static const int64_t days[] = {[SHELTER_NEVER] = VISIT_NEVER,
                                   [SHELTER_LAST_QUARTER] = -1,
                                   [SHELTER_THIS_QUARTER] = 0,
                                   [SHELTER_NOT_OURS] = VISIT_NEVER};

    if (variant != SHELTER_NOT_OURS)
        plan_categorise(plan, home, CATEGORY_ALLEVIATED);
    world_bend_household(
        plan->world, home,
        (struct bend){.kind = BEND_VISIT, .months = months, .value = days[variant]});
    if (variant == SHELTER_NEVER || variant == SHELTER_LAST_QUARTER)
        plan_find_house(plan, "H03", months & calendar(plan->world, 0x924), SEVERITY_GREEN,
                        plan_adult(plan, home));
}

void
shelter_project(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    const struct world *world = plan->world;
    int year = world->month[0].year;
    struct bend bend = {.kind = BEND_RENOVATE, .months = world->all, .value = year};
    uint32_t found = 0;

    switch ((enum shelter_project)variant) {
    case SHELTER_NOT_STARTED:
        found = year_from(world, 4);
        break;
    case SHELTER_STARTED:
        bend.from = date_day(year, 4, 30);
        bend.to = date_day(year, 7, 20);
        break;
    case SHELTER_STARTED_LATE:
        bend.from = date_day(year, 5, 1);
        bend.to = date_day(year, 7, 20);
        found = year_from(world, 4) & ~year_from(world, 5);
        break;
    case SHELTER_UNFINISHED:
        bend.from = date_day(year, 3, 10);
        found = year_from(world, 8);
        break;
    case SHELTER_CALLED_OFF:
        bend.argument = 1;
        break;
    }
    world_bend_household(plan->world, home, bend);
    plan_find_house(plan, "H04", months & found, SEVERITY_YELLOW, plan_adult(plan, home));
}

void
shelter_old(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    const struct world *world = plan->world;
    struct bend bend = {.kind = BEND_BUILT, .months = world->all};

    bend.value = world->month[0].year - 31;
    if (variant == SHELTER_OLD_BELOW)
        bend.value = world->month[world->months - 1].year - 30;
    if (variant == SHELTER_OLD_SAFE)
        bend.value = 1950;
    bend.argument = variant == SHELTER_HAZARD;
    bend_house(plan, home, months,
               variant == SHELTER_OLD || variant == SHELTER_OLD_BELOW ? 'N' : 'B', HOUSE_LIVED);
    world_bend_household(plan->world, home, bend);
    if (variant == SHELTER_HAZARD || variant == SHELTER_OLD)
        plan_find_house(plan, "H05", months, SEVERITY_GREEN, plan_adult(plan, home));
}

void
shelter_outage(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    static const struct {
        int64_t month;
        int32_t year;
    } days[] = {[SHELTER_SEVEN] = {7, 20},
                [SHELTER_YEAR] = {3, 37},
                [SHELTER_DAYS_BELOW] = {6, 36},
                [SHELTER_NOBODY] = {20, 40}};

    if (variant == SHELTER_NOBODY)
        leave(plan, home, 0);
    world_bend_household(plan->world, home,
                         (struct bend){.kind = BEND_OUTAGE,
                                       .months = months,
                                       .value = days[variant].month,
                                       .from = days[variant].year});
    if (variant == SHELTER_SEVEN || variant == SHELTER_YEAR)
        plan_find_household(plan, "W02", months, SEVERITY_RED, home);
}

void
shelter_covered(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    plan_grant(plan, home, BEND_DIBAO);
    shelter_water(plan, home, months, variant);
    if (variant == SHELTER_NO_SUPPLY || variant == SHELTER_BAD_QUALITY)
        plan_find_household(plan, "C07", months, SEVERITY_RED, home);
}
