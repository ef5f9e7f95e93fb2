#include "works.h"

/* Villages between two complaints: no works' plant meets them, and neither do they. */
#define STEP 7U

/* Take the next works that no plant has; false when none is left. */
static bool
take_works(struct plan *plan, uint32_t *ret_works)
{
    *ret_works = plan->works;
    if (plan->works == plan->world->works_count)
        return false;
    plan->works++;
    return true;
}

static void
find_works(struct plan *plan, const char *rule, uint32_t months, uint32_t works)
{
    truth_find(plan->truth, rule, months & plan->world->all, SEVERITY_RED, SUBJECT_WORKS, works,
               WORLD_NONE);
}

void
works_outage(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    const struct world *world = plan->world;
    struct bend bend = {.kind = BEND_WORKS, .months = world->all & 6};
    uint32_t found = 0, works;

    (void)home;
    (void)months;
    if (world->months < 2 || !take_works(plan, &works))
        return;
    switch ((enum works_outage)variant) {
    case WORKS_THREE:
    case WORKS_TWO:
    case WORKS_PLANNED:
        bend.months = 2;
        bend.from = world->month[1].first + 5;
        bend.to = bend.from + (variant == WORKS_TWO ? 1 : 2);
        bend.argument = variant == WORKS_PLANNED;
        found = variant == WORKS_THREE ? 2 : 0;
        break;
    case WORKS_OPEN:
        bend.from = world->month[1].end - 2;
        bend.to = world->month[1].end + 4;
        found = 6;
        break;
    case WORKS_OPEN_SHORT:
        bend.from = world->month[1].end - 1;
        bend.to = world->month[1].end + 1;
        found = 4;
        break;
    }
    world_bend_works(plan->world, works, bend);
    find_works(plan, "W03", found, works);
}

void
works_failed(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct bend bend = {.kind = BEND_TEST, .months = months, .argument = (uint8_t)variant};
    uint32_t works;

    (void)home;
    if (!take_works(plan, &works))
        return;
    world_bend_works(plan->world, works, bend);
    if (variant == 0)
        find_works(plan, "W05", months, works);
}

void
works_complaint(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    const struct world *world = plan->world;
    struct bend bend = {
        .kind = BEND_COMPLAINT, .months = world->all & 6, .value = plan->complaints};
    uint32_t village = plan->complaints * STEP % (uint32_t)world->areas.village_count;
    uint32_t found = 0;

    (void)home;
    (void)months;
    if (world->months < 2)
        return;
    bend.from = world->month[1].end - (variant == WORKS_YOUNG ? 15 : 16);
    bend.to = world->month[1].end + 40;
    if (variant == WORKS_CLOSED)
        bend.to = world->month[1].end;
    if (variant == WORKS_OLD)
        found = 6;
    if (variant == WORKS_YOUNG)
        found = 4;
    world_bend_village(plan->world, village, bend);
    truth_find_complaint(plan->truth, "W04", found & world->all, SEVERITY_YELLOW, plan->complaints,
                         village);
    plan->complaints++;
}
