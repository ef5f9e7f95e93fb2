#include "claims.h"

#include "poverty.h"

/* Days before the run on which nobody had paid this year's fee yet. */
#define LONG_AGO 800

/* Grant every member, from long ago. */
static void
grant_long(struct plan *plan, struct household *home, enum bend_kind kind)
{
    struct bend bend = {.kind = (uint8_t)kind,
                        .months = plan->world->all,
                        .from = plan->world->month[0].first - LONG_AGO};

    for (unsigned i = 0; i < home->count; i++)
        if (!plan->world->people[home->first + i].slot)
            world_bend_person(plan->world, &plan->world->people[home->first + i], bend);
    home->civil = true;
}

/* Months of an insured year later than the first month's. */
static uint32_t
later_years(const struct world *world)
{
    uint32_t months = 0;

    for (unsigned m = 0; m < world->months; m++)
        if (world->month[m].year > world->month[0].year)
            months |= 1U << m;
    return months;
}

void
claims_unpaid(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct world *world = plan->world;
    struct person *person = plan_adult(plan, home);
    uint32_t found = months;

    switch ((enum claims_unpaid)variant) {
    case CLAIMS_DESTITUTE:
        grant_long(plan, home, BEND_DESTITUTE);
        break;
    case CLAIMS_DIBAO:
        grant_long(plan, home, BEND_DIBAO);
        break;
    case CLAIMS_MONITORED:
        plan_categorise(plan, home, CATEGORY_MARGINAL);
        home->identified = world->month[0].first - LONG_AGO;
        break;
    case CLAIMS_IDENTIFIED:
        plan_categorise(plan, home, CATEGORY_SUDDEN);
        home->identified = world->month[0].first - 5;
        found &= later_years(world);
        break;
    case CLAIMS_EMPLOYEE:
        plan_categorise(plan, home, CATEGORY_UNSTABLE);
        world_bend_person(
            world, person,
            (struct bend){.kind = BEND_INSURED, .months = months, .argument = INSURED_EMPLOYEE});
        found = 0;
        break;
    case CLAIMS_ALLEVIATED:
        plan_categorise(plan, home, CATEGORY_ALLEVIATED);
        found = 0;
        break;
    }
    world_bend_person(world, person, (struct bend){.kind = BEND_UNPAID, .months = months});
    plan_find_person(plan, "M02", found, SEVERITY_YELLOW, person);
}

static void
bend_marks(struct plan *plan, struct person *person, uint32_t months, unsigned marks)
{
    world_bend_person(plan->world, person,
                      (struct bend){.kind = BEND_MARKS, .months = months, .value = marks});
}

/* Dibao that begins about the second month, and a mark that comes with the fourth. */
static void
mark_late(struct plan *plan, struct household *home, int days_before)
{
    const struct world *world = plan->world;
    struct person *person = plan_adult(plan, home);
    struct bend bend = {.kind = BEND_DIBAO, .months = world->all};
    uint32_t late = world->all & 6;

    if (world->months < 2)
        return;
    bend.from = world->month[1].first - days_before;
    world_bend_person(plan->world, person, bend);
    home->civil = true;
    bend_marks(plan, person, days_before > 0 ? late | 1U : late, MARK_DIBAO);
    plan_find_person(plan, "M03", days_before > 0 ? late : late & 4, SEVERITY_YELLOW, person);
}

void
claims_marked(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *person = plan_adult(plan, home);

    switch ((enum claims_marked)variant) {
    case CLAIMS_LACKS_DESTITUTE:
        grant_long(plan, home, BEND_DESTITUTE);
        break;
    case CLAIMS_LACKS_DIBAO:
        grant_long(plan, home, BEND_DIBAO);
        break;
    case CLAIMS_LACKS_MONITORED:
        plan_categorise(plan, home, CATEGORY_SUDDEN);
        break;
    case CLAIMS_LACKS_ALLEVIATED:
        plan_categorise(plan, home, CATEGORY_ALLEVIATED);
        break;
    case CLAIMS_HAS_DESTITUTE:
    case CLAIMS_HAS_DIBAO:
    case CLAIMS_HAS_MONITORED:
    case CLAIMS_HAS_ALLEVIATED:
        break;
    case CLAIMS_FIRST_DAY:
        mark_late(plan, home, 0);
        return;
    case CLAIMS_DAY_BEFORE:
        mark_late(plan, home, 1);
        return;
    }
    bend_marks(plan, person, months, 1U << variant % 4);
    plan_find_person(plan, "M03", months, SEVERITY_YELLOW, person);
}

void
claims_disabled(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    static const struct {
        unsigned kind;
        unsigned grade;
        bool rich;
        bool found;
    } cards[] = {
        [CLAIMS_GRADE_TWO] = {0, 2, false, true},
        [CLAIMS_GRADE_THREE] = {5, 3, false, true},
        [CLAIMS_GRADE_THREE_BODY] = {3, 3, false, false},
        [CLAIMS_RICH] = {0, 1, true, false},
        [CLAIMS_RICH_EDGE] = {0, 1, true, true},
        [CLAIMS_COVERED] = {0, 1, false, false},
    };
    const struct world *world = plan->world;
    struct person *person = plan_adult(plan, home);
    int64_t sum = profile_dibao(world->profile) * 3 / 2 * world_living_count(world, home, 0);

    plan_categorise(plan, home, CATEGORY_UNSTABLE);
    if (variant == CLAIMS_RICH_EDGE)
        plan_grant(plan, home, BEND_EDGE);
    if (variant == CLAIMS_COVERED)
        grant_long(plan, home, BEND_DIBAO);
    poverty_earn(plan, home, months, cards[variant].rich ? sum : sum - 1);
    world_bend_person(plan->world, person,
                      (struct bend){.kind = BEND_DISABLED,
                                    .months = world->all,
                                    .value = cards[variant].kind,
                                    .argument = (uint8_t)cards[variant].grade});
    if (cards[variant].found)
        plan_find_person(plan, "C03", months, SEVERITY_YELLOW, person);
}

void
claims_grace(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    const struct world *world = plan->world;
    struct person *person = plan_adult(plan, home);
    struct bend dibao = {.kind = BEND_DIBAO, .months = world->all};
    struct bend grace = {.kind = BEND_GRACE, .months = world->all, .argument = 1};
    struct date ended;

    if (world->months < 2)
        return;
    dibao.from = world->month[0].first - LONG_AGO;
    dibao.to = world->month[1].first + 14;
    ended = date_of(dibao.to);
    grace.from = date_day(ended.year - 1, ended.month, ended.day);
    if (variant != CLAIMS_FULL)
        grace.from++;
    if (variant == CLAIMS_WISH)
        grace.argument = 0;
    plan_categorise(plan, home,
                    variant == CLAIMS_ELIMINATED ? CATEGORY_MARGINAL : CATEGORY_ALLEVIATED);
    if (variant == CLAIMS_ELIMINATED)
        home->eliminated = world->month[0].first - 30;
    home->civil = true;
    world_bend_person(plan->world, person, dibao);
    world_bend_person(plan->world, person, grace);
    if (variant == CLAIMS_EARLY)
        plan_find_person(plan, "C04", months & 2, SEVERITY_YELLOW, person);
}

void
claims_no_labour(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    home->no_labour = true;
    if (variant != 0)
        plan_grant(plan, home, BEND_DIBAO);
    else
        plan_find_household(plan, "C05", months, SEVERITY_YELLOW, home);
}
