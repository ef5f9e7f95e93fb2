#include "spending.h"

#include "health.h"
#include "insurance.h"

#define YUAN 100
#define NEVER WORLD_MONTHS_MAX

/* The first month of a set; the run has one. */
static unsigned
first_of(uint32_t months)
{
    return (unsigned)__builtin_ctz(months);
}

void
spending_stay(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    static const struct {
        int64_t fen;
        bool helped;
        bool m06;
    } stays[] = {
        [SPENDING_HELPED] = {6000 * YUAN, true, false},
        [SPENDING_HELPED_ABOVE] = {6000 * YUAN + 1, true, true},
        [SPENDING_ORDINARY] = {10000 * YUAN, false, false},
        [SPENDING_ORDINARY_ABOVE] = {10000 * YUAN + 1, false, true},
    };
    struct person *person = plan_adult(plan, home);
    unsigned m;

    if (months == 0)
        return;
    m = first_of(months);
    if (stays[variant].helped) {
        plan_categorise(plan, home, CATEGORY_ALLEVIATED);
        plan_find_person(plan, "M05", health_counting(plan, m), SEVERITY_YELLOW, person);
    }
    health_bill(plan, person, m, stays[variant].fen, KIND_STAY, NEVER);
    if (stays[variant].m06)
        plan_find_person(plan, "M06", 1U << m, SEVERITY_YELLOW, person);
}

/* Cover the household by a roster from long before, or from the last day of month `m`. */
static void
cover(struct plan *plan, struct household *home, enum spending_untilted how, unsigned m)
{
    struct bend late = {
        .kind = BEND_DIBAO, .months = plan->world->all, .from = plan->world->month[m].end};

    switch (how) {
    case SPENDING_MONITORED:
    case SPENDING_BELOW:
        plan_categorise(plan, home, CATEGORY_SUDDEN);
        break;
    case SPENDING_DIBAO:
        plan_grant(plan, home, BEND_DIBAO);
        break;
    case SPENDING_DESTITUTE:
        plan_grant(plan, home, BEND_DESTITUTE);
        break;
    case SPENDING_LATE:
        home->civil = true;
        world_bend_person(plan->world, plan_adult(plan, home), late);
        break;
    case SPENDING_ALLEVIATED:
        plan_categorise(plan, home, CATEGORY_ALLEVIATED);
        break;
    }
}

void
spending_untilted(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *person = plan_adult(plan, home);
    int64_t fen = variant == SPENDING_BELOW ? 10000 * YUAN - 1 : 10000 * YUAN;
    enum severity severity = variant == SPENDING_BELOW ? SEVERITY_YELLOW : SEVERITY_RED;
    uint32_t found;
    unsigned m;

    if (months == 0)
        return;
    m = first_of(months);
    found = health_counting(plan, m);
    cover(plan, home, (enum spending_untilted)variant, m);
    health_bill(plan, person, m, fen, KIND_STAY, NEVER);
    world_bend_person(plan->world, person,
                      (struct bend){.kind = BEND_UNTILTED, .months = plan->world->all});
    if (variant <= SPENDING_DESTITUTE)
        plan_find_person(plan, "M04", 1U << m, SEVERITY_YELLOW, person);
    plan_find_person(plan, "M05", found, severity, person);
    plan_find_person(plan, "M06", 1U << m, SEVERITY_YELLOW, person);
    if (variant == SPENDING_DIBAO || variant == SPENDING_DESTITUTE || variant == SPENDING_LATE)
        plan_find_household(plan, "C07", found, SEVERITY_RED, home);
}

void
spending_burden(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    int64_t line = profile_line(plan->world->profile) * world_living_count(plan->world, home, 0);
    int64_t paid = variant == SPENDING_SMALL ? 1000 * YUAN - 1 : 1500 * YUAN;
    int64_t income = line + 1500 * YUAN;
    struct person *person = plan_adult(plan, home);

    if (months == 0)
        return;
    if (variant == SPENDING_HALF_ABOVE || variant == SPENDING_HALF) {
        income = 2 * line;
        paid = line;
    }
    if (variant == SPENDING_HALF_ABOVE || variant == SPENDING_LINE_BELOW)
        paid++;
    if (variant == SPENDING_SMALL)
        income = line;
    health_bill(plan, person, first_of(months), paid, KIND_CHRONIC, NEVER);
    home->income = income;
    home->lowest = income;
    if (variant == SPENDING_HALF_ABOVE || variant == SPENDING_LINE_BELOW)
        plan_find_household(plan, "M07", health_counting(plan, first_of(months)), SEVERITY_RED,
                            home);
    if (paid >= 20000 * YUAN)
        plan_find_person(plan, "M05", health_counting(plan, first_of(months)),
                         paid >= 40000 * YUAN ? SEVERITY_RED : SEVERITY_YELLOW, person);
}

void
spending_monthly(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *person = plan_adult(plan, home);
    int64_t fen = variant == SPENDING_EVERY_BELOW ? 500 * YUAN - 1 : 500 * YUAN;
    uint32_t found;

    if (variant == SPENDING_PAUSE)
        months &= ~2U;
    for (unsigned m = 0; m < plan->world->months; m++)
        if ((months >> m & 1) != 0)
            health_bill(plan, person, m, fen, m % 2 == 0 ? KIND_CLINIC : KIND_CHRONIC, NEVER);
    found = months & months << 1 & months << 2;
    if (variant != SPENDING_EVERY_BELOW)
        plan_find_person(plan, "M08", found, SEVERITY_GREEN, person);
}
