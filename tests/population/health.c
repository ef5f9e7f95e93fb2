#include "health.h"

#include "insurance.h"

#define YUAN 100
/* Months that a bill counts. */
#define WINDOW 12U

/* Months in which the fee may still be paid: end(P) is not after 28 February. */
static uint32_t
collecting(const struct world *world)
{
    uint32_t months = 0;

    for (unsigned m = 0; m < world->months; m++)
        if (world->month[m].end <= date_day(world->month[m].year, 2, 28))
            months |= 1U << m;
    return months;
}

static void
find_uninsured(struct plan *plan, const struct person *person, uint32_t months,
               enum severity severity)
{
    uint32_t soft = collecting(plan->world);

    plan_find_person(plan, "M01", months & soft, SEVERITY_GREEN, person);
    plan_find_person(plan, "M01", months & ~soft, severity, person);
}

static void
bend_uninsured(struct plan *plan, struct person *person, uint32_t months, enum uninsured how)
{
    struct bend bend = {.kind = BEND_UNINSURED, .months = months, .argument = (uint8_t)how};

    world_bend_person(plan->world, person, bend);
}

static enum severity
severity_of(enum category category)
{
    return category == CATEGORY_ALLEVIATED ? SEVERITY_YELLOW : SEVERITY_RED;
}

void
health_uninsured(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    enum category category = (enum category)(variant / 16);
    struct person *person = plan_adult(plan, home);

    plan_categorise(plan, home, category);
    bend_uninsured(plan, person, months, (enum uninsured)(variant % 16));
    find_uninsured(plan, person, months, severity_of(category));
}

void
health_two_uninsured(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    health_uninsured(plan, home, months, HEALTH_UNINSURED(CATEGORY_ALLEVIATED, variant));
    bend_uninsured(plan, plan_spouse(plan, home), months, (enum uninsured)variant);
    find_uninsured(plan, plan_spouse(plan, home), months, SEVERITY_YELLOW);
}

void
health_newborn(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct world *world = plan->world;
    struct person *infant = &world->people[home->first + home->count - 1];
    uint32_t unborn = 0;
    uint32_t grown = 0;

    infant->slot = false;
    infant->birth = world->month[world->months - 1].end - variant;
    for (unsigned m = 0; m < world->months && m < WORLD_MONTHS_MAX; m++) {
        if (world->month[m].end < infant->birth)
            unborn |= 1U << m;
        if (world->month[m].end - infant->birth > INSURANCE_NEWBORN)
            grown |= 1U << m;
    }
    plan_categorise(plan, home, CATEGORY_ALLEVIATED);
    if (unborn != 0)
        world_bend_person(world, infant, (struct bend){.kind = BEND_UNBORN, .months = unborn});
    bend_uninsured(plan, infant, months, UNINSURED_ABSENT);
    find_uninsured(plan, infant, months & grown, SEVERITY_YELLOW);
}

void
health_eliminated(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *person = plan_adult(plan, home);

    plan_categorise(plan, home, (enum category)variant);
    home->eliminated = plan->world->month[0].end + 10;
    bend_uninsured(plan, person, months, UNINSURED_ABSENT);
    find_uninsured(plan, person, months & 1, SEVERITY_RED);
    if (variant == CATEGORY_UNSTABLE)
        find_uninsured(plan, person, months & ~1U, SEVERITY_YELLOW);
}

void
health_identified(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *person = plan_adult(plan, home);

    plan_categorise(plan, home, (enum category)variant);
    home->identified = plan->world->month[0].end + 12;
    bend_uninsured(plan, person, months, UNINSURED_NEVER);
    find_uninsured(plan, person, months & ~1U, SEVERITY_RED);
}

void
health_outlasting(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    home->foretold = true;
    health_uninsured(plan, home, months, variant);
    home->eliminated = plan->world->month[plan->world->months - 1].end + 1;
}

void
health_exempt(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *person = plan_spouse(plan, home);

    bend_uninsured(plan, person, months, UNINSURED_ABSENT);
    switch ((enum health_exempt)variant) {
    case HEALTH_ORDINARY:
        break;
    case HEALTH_ELIMINATED:
        plan_categorise(plan, home, CATEGORY_MARGINAL);
        home->eliminated = plan->world->month[0].end;
        break;
    case HEALTH_FORETOLD:
        plan_categorise(plan, home, CATEGORY_SUDDEN);
        home->identified = plan->world->month[plan->world->months - 1].end + 1;
        home->foretold = true;
        break;
    case HEALTH_DEAD:
        plan_categorise(plan, home, CATEGORY_ALLEVIATED);
        plan_status(plan, person, STATUS_DEAD, 0);
        break;
    case HEALTH_SOLDIER:
        plan_categorise(plan, home, CATEGORY_MARGINAL);
        plan_status(plan, person, STATUS_ARMY, 0);
        break;
    }
}

void
health_insured(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct bend bend = {.kind = BEND_INSURED, .months = months, .argument = (uint8_t)variant};

    plan_categorise(plan, home, CATEGORY_ALLEVIATED);
    world_bend_person(plan->world, plan_adult(plan, home), bend);
}

void
health_spelled(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)months;
    plan_categorise(plan, home, CATEGORY_MARGINAL);
    plan_spell(plan, plan_adult(plan, home), SECTOR_INSURANCE, (enum name_form)variant);
}

void
health_mistaken(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    plan_categorise(plan, home, (enum category)variant);
    plan_spell(plan, plan_adult(plan, home), SECTOR_INSURANCE, NAME_OTHER);
    truth_withhold(plan->truth, "M01", months, world_index(plan->world, plan_adult(plan, home)));
}

/* A household that pays a bill earns enough to bear it: the burden (M07) is a plant of its own. */
static void
afford(struct plan *plan, const struct person *person, int64_t fen)
{
    struct household *home = &plan->world->households[person->household];

    if (home->lowest == home->income)
        home->lowest += 4 * fen;
    home->income += 4 * fen;
}

void
health_bill(struct plan *plan, struct person *person, unsigned m, int64_t fen, unsigned kind,
            unsigned reversed)
{
    struct bend bend = {.kind = BEND_BILL,
                        .months = plan->world->all & 1U << m,
                        .value = fen,
                        .to = reversed < plan->world->months ? (int32_t)reversed + 1 : 0,
                        .argument = (uint8_t)kind};

    if (bend.months == 0)
        return;
    world_bend_person(plan->world, person, bend);
    afford(plan, person, fen);
}

uint32_t
health_counting(const struct plan *plan, unsigned m)
{
    return plan_from(plan->world, m) & ~plan_from(plan->world, m + WINDOW);
}

/*
 * A bill at the begin of each run of months in the set, reversed in the month
 * after it. Returns the months in which they count; in `ret_paid` those of the bills.
 */
static uint32_t
bend_bills(struct plan *plan, struct person *person, uint32_t months, int64_t fen,
           uint32_t *ret_paid)
{
    uint32_t found = 0;

    *ret_paid = 0;

    for (unsigned m = 0; m < plan->world->months; m++) {
        unsigned begin = m;

        if ((months >> m & 1) == 0)
            continue;
        while (m + 1 < plan->world->months && (months >> (m + 1) & 1) != 0)
            m++;
        health_bill(plan, person, begin, fen, KIND_STAY, m + 1);
        *ret_paid |= 1U << begin;
        found |= health_counting(plan, begin) & ~plan_from(plan->world, m + 1);
    }
    return found;
}

void
health_cost(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    static const struct {
        enum category category;
        int64_t fen;
        int severity; /* -1: nothing is found */
    } costs[] = {
        [HEALTH_HELPED_LEAST] = {CATEGORY_ALLEVIATED, 5000 * YUAN, SEVERITY_YELLOW},
        [HEALTH_HELPED_BELOW] = {CATEGORY_ALLEVIATED, 5000 * YUAN - 1, -1},
        [HEALTH_HELPED_MOST] = {CATEGORY_UNSTABLE, 10000 * YUAN - 1, SEVERITY_YELLOW},
        [HEALTH_HELPED_DOUBLE] = {CATEGORY_SUDDEN, 10000 * YUAN, SEVERITY_RED},
        [HEALTH_COVERED] = {CATEGORY_ORDINARY, 7000 * YUAN, SEVERITY_YELLOW},
        [HEALTH_ORDINARY_BELOW] = {CATEGORY_ORDINARY, 20000 * YUAN - 1, -1},
        [HEALTH_ORDINARY_LEAST] = {CATEGORY_ORDINARY, 20000 * YUAN, SEVERITY_YELLOW},
        [HEALTH_ORDINARY_DOUBLE] = {CATEGORY_ORDINARY, 40000 * YUAN, SEVERITY_RED},
    };
    struct person *person = plan_adult(plan, home);
    int64_t stay = variant >= HEALTH_ORDINARY_BELOW ? 10000 * YUAN : 6000 * YUAN;
    uint32_t paid;
    uint32_t found = bend_bills(plan, person, months, costs[variant].fen, &paid);

    plan_categorise(plan, home, costs[variant].category);
    if (variant == HEALTH_COVERED)
        plan_grant(plan, home, BEND_DIBAO);
    if (costs[variant].severity >= 0)
        plan_find_person(plan, "M05", found, (enum severity)costs[variant].severity, person);
    if (costs[variant].fen > stay)
        plan_find_person(plan, "M06", paid, SEVERITY_YELLOW, person);
}

void
health_accumulated(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *person = plan_adult(plan, home);
    uint32_t first = health_counting(plan, 0);

    (void)months;
    plan_categorise(plan, home, CATEGORY_MARGINAL);
    if (variant == 0) {
        health_bill(plan, person, 0, 3000 * YUAN, KIND_STAY, WORLD_MONTHS_MAX);
        health_bill(plan, person, 1, 2000 * YUAN, KIND_CHRONIC, WORLD_MONTHS_MAX);
        plan_find_person(plan, "M05", first & health_counting(plan, 1), SEVERITY_YELLOW, person);
        return;
    }
    health_bill(plan, person, 0, 6000 * YUAN, KIND_STAY, WORLD_MONTHS_MAX);
    health_bill(plan, person, 2, 4000 * YUAN, KIND_CLINIC, WORLD_MONTHS_MAX);
    plan_find_person(plan, "M05", first & ~health_counting(plan, 2), SEVERITY_YELLOW, person);
    plan_find_person(plan, "M05", first & health_counting(plan, 2), SEVERITY_RED, person);
}

void
health_cost_dead(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *person = plan_spouse(plan, home);
    uint32_t dead = plan_from(plan->world, (unsigned)variant);

    (void)months;
    plan_categorise(plan, home, CATEGORY_ALLEVIATED);
    plan_status(plan, person, STATUS_DEAD, (unsigned)variant);
    health_bill(plan, person, 0, 8000 * YUAN, KIND_STAY, WORLD_MONTHS_MAX);
    plan_find_person(plan, "M05", health_counting(plan, 0) & ~dead, SEVERITY_YELLOW, person);
    plan_find_person(plan, "M06", plan->world->all & 1 & ~dead, SEVERITY_YELLOW, person);
}

void
health_cost_spelled(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    plan_spell(plan, plan_adult(plan, home), SECTOR_INSURANCE, (enum name_form)variant);
    health_cost(plan, home, months, HEALTH_HELPED_LEAST);
}

void
health_cost_ended(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *person = plan_adult(plan, home);

    (void)variant;
    plan_categorise(plan, home, CATEGORY_MARGINAL);
    home->eliminated = plan->world->month[0].end + 15;
    health_bill(plan, person, 0, 6000 * YUAN, KIND_STAY, WORLD_MONTHS_MAX);
    plan_find_person(plan, "M05", months & 1, SEVERITY_YELLOW, person);
}

void
health_cost_reversed(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)months;
    (void)variant;
    plan_categorise(plan, home, CATEGORY_ALLEVIATED);
    health_bill(plan, plan_adult(plan, home), 0, 8000 * YUAN, KIND_STAY, 0);
}

void
health_cost_elsewhere(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *person = plan_adult(plan, home);

    (void)months;
    (void)variant;
    plan_spell(plan, person, SECTOR_INSURANCE, NAME_OTHER);
    health_bill(plan, person, 0, 25000 * YUAN, KIND_STAY, WORLD_MONTHS_MAX);
}
