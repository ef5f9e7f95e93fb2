#include "mixed.h"

#include "health.h"
#include "poverty.h"
#include "school.h"
#include "shelter.h"

/* Whoever pays bills on less than the line is burdened by them (M07). */
static void
find_burden(struct plan *plan, const struct household *home)
{
    uint32_t paying = truth_months(plan->truth, "M05", home->first);
    uint32_t poor = truth_months(plan->truth, "C01", world_household_index(plan->world, home));

    plan_find_household(plan, "M07", paying & poor, SEVERITY_RED, home);
}

void
mixed_ill_dry(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)variant;
    health_cost(plan, home, months, HEALTH_HELPED_LEAST);
    shelter_water(plan, home, months, SHELTER_FEW_LITRES);
}

void
mixed_ill_unsafe(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)variant;
    health_cost(plan, home, months, HEALTH_HELPED_LEAST);
    shelter_house(plan, home, months, SHELTER_HOUSE(SHELTER_ALLEVIATED, 'C'));
}

void
mixed_unsafe_dry(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)variant;
    shelter_house(plan, home, months, SHELTER_HOUSE(SHELTER_ORDINARY, 'C'));
    shelter_water(plan, home, months, SHELTER_FAR);
}

void
mixed_poor_truant(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)variant;
    poverty_low(plan, home, months, POVERTY_LINE_BELOW);
    school_missing(plan, home, months, SCHOOL_NO_RECORD);
}

void
mixed_poor_uninsured(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    poverty_low(plan, home, months, POVERTY_ALLEVIATED);
    health_uninsured(plan, home, months, HEALTH_UNINSURED(CATEGORY_ALLEVIATED, variant));
}

void
mixed_one_family(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    health_cost(plan, home, months, HEALTH_HELPED_LEAST);
    health_uninsured(plan, home, months, HEALTH_UNINSURED(CATEGORY_ALLEVIATED, variant));
}

void
mixed_green(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    health_uninsured(plan, home, plan_span(plan->world, SPAN_FIRST),
                     HEALTH_UNINSURED(CATEGORY_ALLEVIATED, variant));
    shelter_water(plan, home, months, SHELTER_FAR);
}

void
mixed_echo(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)months;
    school_dropout(plan, home, plan_span(plan->world, SPAN_FIRST), variant);
    shelter_water(plan, home, plan_span(plan->world, SPAN_END), SHELTER_FEW_LITRES);
}

void
mixed_fading(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    (void)variant;
    health_cost(plan, home, plan_span(plan->world, SPAN_FIRST), HEALTH_HELPED_LEAST);
    poverty_low(plan, home, months, POVERTY_ALLEVIATED);
    find_burden(plan, home);
}

void
mixed_everything(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    mixed_ill_unsafe(plan, home, months, 0);
    school_dropout(plan, home, months, variant);
    shelter_water(plan, home, months, SHELTER_NO_SUPPLY);
    poverty_low(plan, home, months, POVERTY_ALLEVIATED);
    find_burden(plan, home);
}
