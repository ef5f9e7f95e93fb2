#include "poverty.h"

#include "water.h"

/* The oldest income that counts, in months. */
#define INCOME_AGE 15U
/* From this age on somebody alone is looked after. */
#define ALONE_AGE 60

static void
bend_income(struct plan *plan, struct household *home, uint32_t months, int64_t fen)
{
    struct bend bend = {.kind = BEND_INCOME, .months = months, .value = fen};

    world_bend_household(plan->world, home, bend);
    if (fen < home->lowest)
        home->lowest = fen;
}

/* Say C06 for the months in which the only living member is sixty or older. */
static void
find_alone(struct plan *plan, struct household *home, uint32_t months)
{
    const struct world *world = plan->world;
    uint32_t found = 0;

    for (unsigned m = 0; m < world->months; m++)
        for (unsigned i = 0; i < home->count && world_living_count(world, home, m) == 1; i++) {
            const struct person *person = &world->people[home->first + i];

            if (world_living(world, person, m) &&
                date_age(person->birth, world->month[m].end) >= ALONE_AGE)
                found |= 1U << m;
        }
    plan_find_household(plan, "C06", months & found, SEVERITY_GREEN, home);
}

void
poverty_earn(struct plan *plan, struct household *home, uint32_t months, int64_t fen)
{
    bend_income(plan, home, months, fen);
    if (fen < profile_line(plan->world->profile) * world_living_count(plan->world, home, 0))
        find_alone(plan, home, months);
}

static int64_t
living(const struct plan *plan, const struct household *home)
{
    return world_living_count(plan->world, home, 0);
}

static int64_t
line_of(const struct plan *plan, const struct household *home)
{
    return profile_line(plan->world->profile) * living(plan, home);
}

static int64_t
dibao_of(const struct plan *plan, const struct household *home)
{
    return profile_dibao(plan->world->profile) * living(plan, home);
}

static int64_t
low_income(const struct plan *plan, const struct household *home, enum poverty_low how)
{
    switch (how) {
    case POVERTY_LINE:
        return line_of(plan, home);
    case POVERTY_LINE_BELOW:
    case POVERTY_ALLEVIATED:
    case POVERTY_MONITORED_LINE:
        return line_of(plan, home) - 1;
    case POVERTY_FLOOR:
        return dibao_of(plan, home);
    case POVERTY_DEEP:
        return dibao_of(plan, home) / 2;
    case POVERTY_FLOOR_BELOW:
    case POVERTY_EDGE:
    case POVERTY_DIBAO:
    case POVERTY_DESTITUTE:
    case POVERTY_MONITORED:
    case POVERTY_MONITORED_COVERED:
    case POVERTY_MONITORED_SPELLED:
        return dibao_of(plan, home) - 1;
    }
    return 0;
}

static void
become(struct plan *plan, struct household *home, enum poverty_low how)
{
    if (how == POVERTY_ALLEVIATED)
        plan_categorise(plan, home, CATEGORY_ALLEVIATED);
    if (how >= POVERTY_MONITORED)
        plan_categorise(plan, home, CATEGORY_UNSTABLE);
    if (how == POVERTY_EDGE)
        plan_grant(plan, home, BEND_EDGE);
    if (how == POVERTY_DESTITUTE)
        plan_grant(plan, home, BEND_DESTITUTE);
    if (how == POVERTY_DIBAO || how == POVERTY_MONITORED_COVERED ||
        how == POVERTY_MONITORED_SPELLED)
        plan_grant(plan, home, BEND_DIBAO);
    if (how == POVERTY_MONITORED_SPELLED)
        for (unsigned i = 0; i < home->count; i++)
            plan_spell(plan, &plan->world->people[home->first + i], SECTOR_CIVIL, NAME_SLIP);
}

void
poverty_low(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    static const struct {
        int c01; /* -1: nothing is found */
        bool c02;
    } found[] = {
        [POVERTY_LINE_BELOW] = {SEVERITY_YELLOW, false},
        [POVERTY_LINE] = {-1, false},
        [POVERTY_FLOOR] = {SEVERITY_YELLOW, false},
        [POVERTY_FLOOR_BELOW] = {SEVERITY_RED, true},
        [POVERTY_DEEP] = {SEVERITY_RED, true},
        [POVERTY_ALLEVIATED] = {SEVERITY_YELLOW, false},
        [POVERTY_EDGE] = {SEVERITY_RED, true},
        [POVERTY_DIBAO] = {SEVERITY_RED, false},
        [POVERTY_DESTITUTE] = {SEVERITY_RED, false},
        [POVERTY_MONITORED] = {-1, true},
        [POVERTY_MONITORED_LINE] = {-1, false},
        [POVERTY_MONITORED_COVERED] = {-1, false},
        [POVERTY_MONITORED_SPELLED] = {-1, false},
    };

    become(plan, home, (enum poverty_low)variant);
    poverty_earn(plan, home, months, low_income(plan, home, (enum poverty_low)variant));
    if (found[variant].c01 >= 0)
        plan_find_household(plan, "C01", months, (enum severity)found[variant].c01, home);
    if (found[variant].c02)
        plan_find_household(plan, "C02", months, SEVERITY_RED, home);
}

void
poverty_stale(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    unsigned known = INCOME_AGE + 1 > (unsigned)variant ? INCOME_AGE + 1 - (unsigned)variant : 0;

    home->stale = (uint8_t)variant;
    bend_income(plan, home, months, line_of(plan, home) - 1);
    find_alone(plan, home, months & ~plan_from(plan->world, known));
    plan_find_household(plan, "C01", months & ~plan_from(plan->world, known), SEVERITY_YELLOW,
                        home);
}

void
poverty_dies(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    bend_income(plan, home, months, line_of(plan, home) - 1);
    if (plan->world->months > (unsigned)variant)
        plan_status(plan, plan_spouse(plan, home), STATUS_DEAD, (unsigned)variant);
    plan_find_household(plan, "C01", months & ~plan_from(plan->world, (unsigned)variant),
                        SEVERITY_YELLOW, home);
}

void
poverty_left(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    plan_status(plan, plan_spouse(plan, home), (enum status)variant, 0);
    bend_income(plan, home, months, line_of(plan, home));
}

void
poverty_removed(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    uint32_t gone = plan_from(plan->world, (unsigned)variant);

    bend_income(plan, home, months, line_of(plan, home) - 1);
    world_bend_household(plan->world, home, (struct bend){.kind = BEND_REMOVED, .months = gone});
    find_alone(plan, home, months & ~gone);
    plan_find_household(plan, "C01", months & ~gone, SEVERITY_YELLOW, home);
}

/* The first day of the third month, which may lie after the run. */
static int32_t
third_month(const struct world *world)
{
    int at = world->month[0].year * 12 + world->month[0].month + 1;

    return date_day(at / 12, at % 12 + 1, 1);
}

void
poverty_cover(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    const struct world *world = plan->world;
    struct person *head = plan_adult(plan, home);
    struct bend bend = {
        .kind = BEND_DIBAO, .months = world->all, .from = world->month[0].first - 700};
    uint32_t late = plan_from(world, variant == POVERTY_COVER_ENDS ? 1 : 2);

    if (variant == POVERTY_COVER_ENDS)
        bend.to = third_month(world) - 1;
    else
        bend.from = third_month(world);
    plan_categorise(plan, home, CATEGORY_SUDDEN);
    home->civil = true;
    world_bend_person(plan->world, head, bend);
    poverty_earn(plan, home, months, dibao_of(plan, home) - 1);
    plan_find_household(plan, "C02", variant == POVERTY_COVER_ENDS ? months & late : months & ~late,
                        SEVERITY_RED, home);
}

void
poverty_deceased(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *spouse = plan_spouse(plan, home);
    struct bend bend = {
        .kind = BEND_DIBAO, .months = plan->world->all, .from = plan->world->month[0].first - 400};

    (void)variant;
    plan_status(plan, spouse, STATUS_DEAD, 0);
    world_bend_person(plan->world, spouse, bend);
    home->civil = true;
    poverty_earn(plan, home, months, dibao_of(plan, home) - 1);
    plan_find_household(plan, "C01", months, SEVERITY_RED, home);
    plan_find_household(plan, "C02", months, SEVERITY_RED, home);
}

void
poverty_extinct(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct bend dry = {.kind = BEND_WATER, .months = months, .value = WATER(0, 2, 10, 60, 3000)};

    (void)variant;
    for (unsigned i = 0; i < home->count; i++)
        plan_status(plan, &plan->world->people[home->first + i], STATUS_DEAD, 0);
    bend_income(plan, home, months, 0);
    world_bend_household(plan->world, home, dry);
}

void
poverty_alone(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    const struct world *world = plan->world;
    int32_t day = variant == POVERTY_FIFTY_NINE ? world->month[world->months - 1].end + 1
                                                : world->month[0].end;
    struct date birth = date_of(day);

    /* Nobody turns sixty on a 29 February. */
    plan_adult(plan, home)->birth =
        date_day(birth.year - ALONE_AGE, birth.month, birth.day == 29 ? 28 : birth.day);
    plan_categorise(plan, home, CATEGORY_UNSTABLE);
    poverty_earn(plan, home, months,
                 variant == POVERTY_ON_LINE ? line_of(plan, home) : line_of(plan, home) - 1);
}

void
poverty_wage(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    static const struct {
        int64_t before;
        int64_t after;
        bool found;
    } wages[] = {
        [POVERTY_HALF_BELOW] = {2000000, 999999, true},
        [POVERTY_HALF] = {2000000, 1000000, false},
        [POVERTY_DROP] = {500000, 200000, true},
        [POVERTY_DROP_BELOW] = {500000, 200001, false},
    };
    struct world *world = plan->world;
    uint32_t late = plan_from(world, 3);

    (void)months;
    world_bend_household(world, home,
                         (struct bend){.kind = BEND_WAGE,
                                       .months = world->all & ~late,
                                       .value = wages[variant].before});
    world_bend_household(
        world, home,
        (struct bend){.kind = BEND_WAGE, .months = late, .value = wages[variant].after});
    /* The register of three months before is the one compared. */
    if (wages[variant].found)
        plan_find_household(plan, "X02", late & ~plan_from(world, 6), SEVERITY_YELLOW, home);
}
