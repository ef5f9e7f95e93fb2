#include "change.h"

/* Return the month of a change, or 0 when the run has only one. */
static unsigned
month_of(struct plan *plan)
{
    unsigned months = plan->world->months;

    return months < 2 ? 0 : 1 + rng_below(&plan->rng, months - 1);
}

/* Return whether `count` people could live on the income without a finding. */
static bool
suffices(const struct world *world, const struct household *home, int64_t count)
{
    int64_t dibao = profile_dibao(world->profile) * 3 / 2;
    int64_t line = profile_line(world->profile);

    return home->income > (line > dibao ? line : dibao) * count;
}

bool
change_room(const struct world *world, const struct household *home)
{
    return plan_infant(world, home) && suffices(world, home, home->count);
}

static bool
takes_one(const struct world *world, const struct household *home)
{
    return plan_plain(world, home) && suffices(world, home, home->count + 1);
}

void
change_birth(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct world *world = plan->world;
    struct person *infant = &world->people[home->first + home->count - 1];
    unsigned m = month_of(plan);

    (void)months;
    (void)variant;
    if (m == 0)
        return;
    infant->slot = false;
    infant->birth = world->month[m].first + rng_range(&plan->rng, -20, 20);
    world_bend_person(world, infant,
                      (struct bend){.kind = BEND_UNBORN, .months = ~plan_from(world, m)});
}

static void
change_status(struct plan *plan, struct household *home, enum status status)
{
    unsigned m = month_of(plan);

    if (m > 0)
        plan_status(plan, plan_spouse(plan, home), status, m);
}

void
change_death(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)months;
    (void)variant;
    change_status(plan, home, STATUS_DEAD);
}

void
change_deregister(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)months;
    (void)variant;
    change_status(plan, home, STATUS_LEFT);
}

static void
bend_spouse(struct plan *plan, struct household *home, enum bend_kind kind, int64_t value)
{
    unsigned m = month_of(plan);
    struct bend bend = {.kind = (uint8_t)kind, .months = plan_from(plan->world, m), .value = value};

    if (m > 0)
        world_bend_person(plan->world, plan_spouse(plan, home), bend);
}

void
change_move(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct household *target = plan_pick(plan, takes_one);

    (void)months;
    (void)variant;
    if (target != NULL)
        bend_spouse(plan, home, BEND_MOVED, world_household_index(plan->world, target));
}

void
change_leave(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)months;
    (void)variant;
    bend_spouse(plan, home, BEND_AWAY, 0);
}

static void
bend_home(struct plan *plan, struct household *home, enum bend_kind kind, int64_t value)
{
    unsigned m = month_of(plan);
    struct bend bend = {.kind = (uint8_t)kind, .months = plan_from(plan->world, m), .value = value};

    if (m > 0)
        world_bend_household(plan->world, home, bend);
}

void
change_remove(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)months;
    (void)variant;
    bend_home(plan, home, BEND_REMOVED, 0);
}

void
change_income(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)months;
    bend_home(plan, home, BEND_INCOME, home->income + variant);
}

void
change_identify(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    unsigned m = month_of(plan);

    (void)months;
    if (m == 0)
        return;
    plan_categorise(plan, home, (enum category)variant);
    home->identified = plan->world->month[m].first + rng_range(&plan->rng, 3, 24);
}
