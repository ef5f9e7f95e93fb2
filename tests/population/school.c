#include "school.h"

#include "education.h"

/* Months in which a child is 6 to 14 years old on the last 31 August. */
static uint32_t
of_age(const struct world *world, const struct person *child)
{
    uint32_t months = 0;

    for (unsigned m = 0; m < world->months; m++) {
        int age = date_age(child->birth, world->month[m].school);

        if (age >= 6 && age <= 14)
            months |= 1U << m;
    }
    return months;
}

static void
bend_pupil(struct plan *plan, struct person *child, uint32_t months, int64_t pupil)
{
    struct bend bend = {.kind = BEND_PUPIL, .months = months, .value = pupil};

    world_bend_person(plan->world, child, bend);
}

static void
bend_no_pupil(struct plan *plan, struct person *child, uint32_t months)
{
    world_bend_person(plan->world, child, (struct bend){.kind = BEND_NO_PUPIL, .months = months});
}

static void
drop_out(struct plan *plan, struct person *child, uint32_t months, enum school_dropout how)
{
    static const struct {
        int64_t pupil;
        bool found;
    } dropouts[] = {
        [SCHOOL_SUSPECTED] = {PUPIL(4, 2, 6, GRADE_BY_AGE, 0), true},
        [SCHOOL_LEFT] = {PUPIL(5, 4, 20, GRADE_BY_AGE, 0), true},
        [SCHOOL_ABSENT] = {PUPIL(1, 0, 10, GRADE_BY_AGE, 0), true},
        [SCHOOL_ABSENT_LONG] = {PUPIL(1, 3, 22, GRADE_BY_AGE, 0), true},
        [SCHOOL_ABSENT_BELOW] = {PUPIL(1, 2, 9, GRADE_BY_AGE, 0), false},
        [SCHOOL_ABSENT_ILL] = {PUPIL(1, 1, 15, GRADE_BY_AGE, 0), false},
        [SCHOOL_LEFT_ILL] = {PUPIL(5, 1, 20, GRADE_BY_AGE, 0), false},
        [SCHOOL_LEFT_OUTSIDE] = {PUPIL(5, 4, 20, GRADE_BY_AGE, 1), false},
        [SCHOOL_LEFT_SENIOR] = {PUPIL(5, 4, 20, GRADE_SENIOR, 0), false},
        [SCHOOL_SUSPECTED_SENIOR] = {PUPIL(4, 2, 20, GRADE_VOCATIONAL, 0), false},
        [SCHOOL_RESTING] = {PUPIL(2, 0, 31, GRADE_BY_AGE, 0), false},
    };

    bend_pupil(plan, child, months, dropouts[how].pupil);
    if (dropouts[how].found)
        plan_find_person(plan, "E01", months & of_age(plan->world, child), SEVERITY_RED, child);
}

void
school_dropout(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    drop_out(plan, plan_pupil(plan, home), months, (enum school_dropout)variant);
}

void
school_stranger(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *child = plan_stranger(plan, false);

    (void)home;
    if (child != NULL)
        drop_out(plan, child, months, (enum school_dropout)variant);
}

/* Move a birth so that the age on the last 31 August before the run is as told. */
static void
set_birth(struct plan *plan, struct person *child, int age, int month, int day)
{
    int year = date_of(plan->world->month[0].school).year - age;

    child->birth = date_day(month > 8 ? year - 1 : year, month, day);
}

void
school_missing(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *child = plan_pupil(plan, home);

    switch ((enum school_missing)variant) {
    case SCHOOL_NO_RECORD:
        break;
    case SCHOOL_SIX:
        set_birth(plan, child, 6, 8, 31);
        break;
    case SCHOOL_FOURTEEN:
        set_birth(plan, child, 14, 9, 1);
        break;
    case SCHOOL_PRIMARY_ENDED:
        set_birth(plan, child, 12, 3, 15);
        bend_pupil(plan, child, months, PUPIL(8, 0, 0, GRADE_JUNIOR - 1, 0));
        break;
    case SCHOOL_FIVE:
        set_birth(plan, child, 5, 9, 1);
        break;
    case SCHOOL_FIFTEEN:
        set_birth(plan, child, 15, 8, 31);
        break;
    }
    if (variant != SCHOOL_PRIMARY_ENDED)
        bend_no_pupil(plan, child, months);
    plan_find_person(plan, "E02", months & of_age(plan->world, child), SEVERITY_RED, child);
}

void
school_exempt(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *child = plan_pupil(plan, home);

    switch ((enum school_exempt)variant) {
    case SCHOOL_JUNIOR_ENDED:
        set_birth(plan, child, 14, 5, 20);
        bend_pupil(plan, child, months, PUPIL(8, 0, 0, GRADE_SENIOR - 1, 0));
        break;
    case SCHOOL_AWAY:
        world_bend_person(plan->world, child,
                          (struct bend){.kind = BEND_AWAY, .months = plan->world->all});
        bend_no_pupil(plan, child, months);
        break;
    case SCHOOL_DEAD:
        plan_status(plan, child, STATUS_DEAD, 0);
        break;
    case SCHOOL_OUTSIDE:
        bend_pupil(plan, child, months, PUPIL(1, 0, 0, GRADE_BY_AGE, 1));
        break;
    case SCHOOL_SPELLED:
        plan_spell(plan, child, SECTOR_EDUCATION, NAME_SLIP);
        break;
    }
}

/* The first month whose audit a plan may change and that is not the run's last; months: none. */
static unsigned
audited(const struct world *world)
{
    for (unsigned m = 0; m < world->months; m++)
        if (world->month[m].month == 2 || world->month[m].month == 9)
            return m;
    return world->month[0].month == 8 ? world->months : 0;
}

/* Months of the same school term as `m`, from `m` on. */
static uint32_t
term_from(const struct world *world, unsigned m)
{
    uint32_t months = 0;

    for (; m < world->months; m++) {
        months |= 1U << m;
        if (world->month[m].month == 7 || world->month[m].month == 1)
            break;
    }
    return months;
}

void
school_audit(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct world *world = plan->world;
    struct person *child = plan_pupil(plan, home);
    unsigned a = audited(world);
    uint32_t audit, term, later;

    (void)months;
    if (a == world->months)
        return;
    audit = 1U << a;
    term = term_from(world, a);
    later = plan_from(world, a + 1);
    world_bend_person(world, child, (struct bend){.kind = BEND_LATE, .months = audit});
    switch ((enum school_audit)variant) {
    case SCHOOL_RETURNS:
        bend_pupil(plan, child, audit, PUPIL(1, 0, 0, GRADE_BY_AGE, 0));
        bend_pupil(plan, child, later, PUPIL(1, 0, 9, GRADE_BY_AGE, 0));
        term &= audit;
        break;
    case SCHOOL_GONE:
        drop_out(plan, child, audit | later, SCHOOL_LEFT);
        break;
    case SCHOOL_VANISHED:
        bend_pupil(plan, child, audit, PUPIL(1, 0, 0, GRADE_BY_AGE, 0));
        bend_no_pupil(plan, child, later);
        plan_find_person(plan, "E02", later & of_age(world, child), SEVERITY_RED, child);
        break;
    case SCHOOL_ABSENTEE:
        bend_pupil(plan, child, audit, PUPIL(1, 0, 0, GRADE_BY_AGE, 0));
        drop_out(plan, child, later, SCHOOL_ABSENT);
        break;
    case SCHOOL_ON_LEAVE:
        bend_pupil(plan, child, audit | later, PUPIL(2, 0, 0, GRADE_BY_AGE, 0));
        term = 0;
        break;
    case SCHOOL_MOVED:
        bend_pupil(plan, child, audit, PUPIL(1, 0, 0, GRADE_BY_AGE, 0));
        bend_pupil(plan, child, later, PUPIL(1, 0, 0, GRADE_BY_AGE, 1));
        term &= audit;
        break;
    }
    plan_find_person(plan, "E03", term, SEVERITY_RED, child);
}

/* Months from the third of a term on. */
static uint32_t
aid_due(const struct world *world)
{
    uint32_t months = 0;

    for (unsigned m = 0; m < world->months; m++) {
        int month = world->month[m].month;

        if ((month >= 4 && month <= 7) || month >= 11 || month == 1)
            months |= 1U << m;
    }
    return months;
}

void
school_unaided(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *child = plan_pupil(plan, home);

    if (variant != SCHOOL_NOT_HELPED)
        plan_categorise(plan, home, CATEGORY_ALLEVIATED);
    world_bend_person(plan->world, child, (struct bend){.kind = BEND_UNAIDED, .months = months});
    if (variant == SCHOOL_DROPPED)
        drop_out(plan, child, months, SCHOOL_LEFT);
    if (variant == SCHOOL_HELPED)
        plan_find_person(plan, "E05", months & aid_due(plan->world), SEVERITY_YELLOW, child);
}

void
school_outside(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    struct person *child = plan_pupil(plan, home);

    if (variant != SCHOOL_NOT_ASKED)
        plan_categorise(plan, home, CATEGORY_ALLEVIATED);
    if (variant == SCHOOL_LIVES_ELSEWHERE) {
        world_bend_person(plan->world, child,
                          (struct bend){.kind = BEND_AWAY, .months = plan->world->all});
        bend_no_pupil(plan, child, months);
        months &= of_age(plan->world, child);
    } else {
        bend_pupil(plan, child, months, PUPIL(1, 0, 0, GRADE_BY_AGE, 1));
    }
    if (variant != SCHOOL_NOT_ASKED)
        plan_find_person(plan, "E06", months, SEVERITY_GREEN, child);
}

void
school_costly(struct plan *plan, struct household *home, uint32_t months, int variant)
{
    static const int64_t most = 1000000;
    struct person *child = plan_pupil(plan, home);
    bool above = variant == SCHOOL_MOST_ABOVE || variant == SCHOOL_SHARE_ABOVE;
    int64_t cost = most;

    /* Who is asked for the sum earns enough, so that the share is clear of it. */
    if (variant == SCHOOL_MOST_ABOVE || variant == SCHOOL_MOST)
        home->income += 5 * most;
    else
        home->income -= home->income % 10;
    home->lowest = home->income;
    if (variant == SCHOOL_SHARE_ABOVE || (variant == SCHOOL_SHARE && home->income * 3 / 10 < most))
        cost = home->income * 3 / 10;
    world_bend_person(plan->world, child,
                      (struct bend){.kind = BEND_FEES,
                                    .months = plan->world->all,
                                    .value = above ? cost + 1 : cost});
    if (above)
        plan_find_person(plan, "E07", months, SEVERITY_YELLOW, child);
}
