#include "plants.h"

#include <stdio.h>

#include "change.h"
#include "health.h"
#include "insurance.h"
#include "mixed.h"
#include "poverty.h"
#include "school.h"
#include "shelter.h"

#define UNINSURED HEALTH_UNINSURED
#define HOUSE SHELTER_HOUSE

static const struct plant plants[] = {
    /* rules, of 100,000 households, months, which households, what, variant */
    {"M01", 20, SPAN_ALL, plan_plain, health_uninsured, UNINSURED(1, UNINSURED_ABSENT)},
    {"M01", 20, SPAN_ALL, plan_plain, health_uninsured, UNINSURED(2, UNINSURED_NEVER)},
    {"M01", 15, SPAN_ALL, plan_plain, health_uninsured, UNINSURED(3, UNINSURED_PAUSED)},
    {"M01", 10, SPAN_ALL, plan_plain, health_uninsured, UNINSURED(4, UNINSURED_ENDED)},
    {"M01", 15, SPAN_ALL, plan_plain, health_uninsured, UNINSURED(1, UNINSURED_LAST_YEAR)},
    {"M01", 15, SPAN_EARLY, plan_plain, health_uninsured, UNINSURED(1, UNINSURED_ABSENT)},
    {"M01", 10, SPAN_ONCE, plan_plain, health_uninsured, UNINSURED(3, UNINSURED_NEVER)},
    {"M01", 10, SPAN_GAP, plan_plain, health_uninsured, UNINSURED(2, UNINSURED_ABSENT)},
    {"M01", 20, SPAN_END, plan_plain, health_uninsured, UNINSURED(1, UNINSURED_PAUSED)},
    {"M01", 15, SPAN_ALL, plan_family, health_two_uninsured, UNINSURED_ABSENT},
    {"M01", 10, SPAN_ALL, plan_infant, health_newborn, INSURANCE_NEWBORN + 1},
    {"M01", 10, SPAN_ALL, plan_plain, health_eliminated, CATEGORY_UNSTABLE},
    {"M01", 10, SPAN_ALL, plan_plain, health_eliminated, CATEGORY_MARGINAL},
    {"M01", 10, SPAN_ALL, plan_plain, health_identified, CATEGORY_MARGINAL},
    {"M01", 10, SPAN_ALL, plan_plain, health_outlasting, UNINSURED(3, UNINSURED_ABSENT)},
    {"-", 20, SPAN_ALL, plan_infant, health_newborn, INSURANCE_NEWBORN},
    {"-", 20, SPAN_ALL, plan_family, health_exempt, HEALTH_ORDINARY},
    {"-", 10, SPAN_ALL, plan_family, health_exempt, HEALTH_ELIMINATED},
    {"-", 10, SPAN_ALL, plan_family, health_exempt, HEALTH_FORETOLD},
    {"-", 10, SPAN_ALL, plan_family, health_exempt, HEALTH_DEAD},
    {"-", 10, SPAN_ALL, plan_family, health_exempt, HEALTH_SOLDIER},
    {"-", 15, SPAN_ALL, plan_plain, health_insured, INSURED_ELSEWHERE},
    {"-", 15, SPAN_ALL, plan_plain, health_insured, INSURED_EMPLOYEE},
    {"-", 15, SPAN_ALL, plan_han, health_spelled, NAME_SLIP},
    {"-", 10, SPAN_ALL, plan_han, health_spelled, NAME_SPACED},
    {"-", 10, SPAN_ALL, plan_minority, health_spelled, NAME_KATA},
    {"-", 8, SPAN_ALL, plan_han, health_mistaken, CATEGORY_ALLEVIATED},
    {"-", 4, SPAN_ALL, plan_minority, health_mistaken, CATEGORY_UNSTABLE},

    {"M05", 20, SPAN_ALL, plan_plain, health_cost, HEALTH_HELPED_LEAST},
    {"M05", 15, SPAN_ALL, plan_plain, health_cost, HEALTH_HELPED_MOST},
    {"M05", 20, SPAN_ALL, plan_plain, health_cost, HEALTH_HELPED_DOUBLE},
    {"M05", 15, SPAN_ALL, plan_plain, health_cost, HEALTH_COVERED},
    {"M05", 20, SPAN_ALL, plan_plain, health_cost, HEALTH_ORDINARY_LEAST},
    {"M05", 10, SPAN_ALL, plan_plain, health_cost, HEALTH_ORDINARY_DOUBLE},
    {"M05", 20, SPAN_LATER, plan_plain, health_cost, HEALTH_HELPED_DOUBLE},
    {"M05", 20, SPAN_END, plan_plain, health_cost, HEALTH_HELPED_LEAST},
    {"M05", 10, SPAN_EARLY, plan_plain, health_cost, HEALTH_HELPED_MOST},
    {"M05", 10, SPAN_FIRST, plan_plain, health_cost, HEALTH_ORDINARY_LEAST},
    {"M05", 10, SPAN_GAP, plan_plain, health_cost, HEALTH_HELPED_LEAST},
    {"M05", 10, SPAN_ONCE, plan_plain, health_cost, HEALTH_HELPED_DOUBLE},
    {"M05", 20, SPAN_ALL, plan_plain, health_accumulated, 0},
    {"M05", 10, SPAN_ALL, plan_plain, health_accumulated, 1},
    {"M05", 10, SPAN_ALL, plan_family, health_cost_dead, 2},
    {"M05", 10, SPAN_ALL, plan_plain, health_cost_ended, 0},
    {"M05", 10, SPAN_ALL, plan_han, health_cost_spelled, NAME_SLIP},
    {"-", 20, SPAN_ALL, plan_plain, health_cost, HEALTH_HELPED_BELOW},
    {"-", 20, SPAN_ALL, plan_plain, health_cost, HEALTH_ORDINARY_BELOW},
    {"-", 10, SPAN_ALL, plan_plain, health_cost_reversed, 0},
    {"-", 10, SPAN_ALL, plan_family, health_cost_dead, 0},
    {"-", 6, SPAN_ALL, plan_han, health_cost_elsewhere, 0},

    {"E01", 20, SPAN_ALL, plan_child, school_dropout, SCHOOL_SUSPECTED},
    {"E01", 20, SPAN_ALL, plan_child, school_dropout, SCHOOL_LEFT},
    {"E01", 20, SPAN_ALL, plan_child, school_dropout, SCHOOL_ABSENT},
    {"E01", 15, SPAN_LATER, plan_child, school_dropout, SCHOOL_ABSENT_LONG},
    {"E01", 15, SPAN_EARLY, plan_child, school_dropout, SCHOOL_SUSPECTED},
    {"E01", 10, SPAN_ONCE, plan_child, school_dropout, SCHOOL_ABSENT},
    {"E01", 10, SPAN_GAP, plan_child, school_dropout, SCHOOL_ABSENT_LONG},
    {"E01", 10, SPAN_ALL, NULL, school_stranger, SCHOOL_LEFT},
    {"E01", 10, SPAN_FIRST, NULL, school_stranger, SCHOOL_ABSENT},
    {"-", 15, SPAN_ALL, plan_child, school_dropout, SCHOOL_ABSENT_BELOW},
    {"-", 15, SPAN_ALL, plan_child, school_dropout, SCHOOL_ABSENT_ILL},
    {"-", 15, SPAN_ALL, plan_child, school_dropout, SCHOOL_LEFT_ILL},
    {"-", 10, SPAN_ALL, plan_child, school_dropout, SCHOOL_LEFT_OUTSIDE},
    {"-", 10, SPAN_ALL, plan_child, school_dropout, SCHOOL_LEFT_SENIOR},
    {"-", 10, SPAN_ALL, plan_child, school_dropout, SCHOOL_SUSPECTED_SENIOR},
    {"-", 10, SPAN_ALL, plan_child, school_dropout, SCHOOL_RESTING},
    {"-", 6, SPAN_ALL, NULL, school_stranger, SCHOOL_ABSENT_BELOW},

    {"E02", 25, SPAN_ALL, plan_child, school_missing, SCHOOL_NO_RECORD},
    {"E02", 15, SPAN_LATER, plan_child, school_missing, SCHOOL_NO_RECORD},
    {"E02", 15, SPAN_FIRST, plan_child, school_missing, SCHOOL_NO_RECORD},
    {"E02", 10, SPAN_ONCE, plan_child, school_missing, SCHOOL_NO_RECORD},
    {"E02", 10, SPAN_GAP, plan_child, school_missing, SCHOOL_NO_RECORD},
    {"E02", 10, SPAN_ALL, plan_child, school_missing, SCHOOL_SIX},
    {"E02", 10, SPAN_ALL, plan_child, school_missing, SCHOOL_FOURTEEN},
    {"E02", 15, SPAN_ALL, plan_child, school_missing, SCHOOL_PRIMARY_ENDED},
    {"-", 10, SPAN_ALL, plan_child, school_missing, SCHOOL_FIVE},
    {"-", 10, SPAN_ALL, plan_child, school_missing, SCHOOL_FIFTEEN},
    {"-", 10, SPAN_ALL, plan_child, school_exempt, SCHOOL_JUNIOR_ENDED},
    {"-", 10, SPAN_ALL, plan_child, school_exempt, SCHOOL_AWAY},
    {"-", 10, SPAN_ALL, plan_child, school_exempt, SCHOOL_DEAD},
    {"-", 10, SPAN_ALL, plan_child, school_exempt, SCHOOL_OUTSIDE},
    {"-", 10, SPAN_ALL, plan_child, school_exempt, SCHOOL_SPELLED},

    {"H01", 20, SPAN_ALL, plan_plain, shelter_house, HOUSE(SHELTER_ALLEVIATED, 'D')},
    {"H01", 20, SPAN_ALL, plan_plain, shelter_house, HOUSE(SHELTER_MONITORED, 'C')},
    {"H01", 10, SPAN_ALL, plan_plain, shelter_house, HOUSE(SHELTER_DIBAO, 'D')},
    {"H01", 10, SPAN_ALL, plan_single, shelter_house, HOUSE(SHELTER_DESTITUTE, 'C')},
    {"H01", 10, SPAN_ALL, plan_plain, shelter_house, HOUSE(SHELTER_EDGE, 'C')},
    {"H01", 10, SPAN_LATER, plan_plain, shelter_house, HOUSE(SHELTER_ALLEVIATED, 'C')},
    {"H01", 10, SPAN_EARLY, plan_plain, shelter_house, HOUSE(SHELTER_MONITORED, 'D')},
    {"H01", 10, SPAN_ONCE, plan_plain, shelter_house, HOUSE(SHELTER_DIBAO, 'C')},
    {"H01", 10, SPAN_GAP, plan_plain, shelter_house, HOUSE(SHELTER_ALLEVIATED, 'D')},
    {"H01", 10, SPAN_ALL, plan_plain, shelter_loose, 'C'},
    {"H01", 10, SPAN_ALL, plan_family, shelter_dead_owner, 'D'},
    {"H01", 10, SPAN_ALL, plan_plain, shelter_renovated, SHELTER_BEFORE},
    {"H01", 10, SPAN_ALL, plan_plain, shelter_renovated, SHELTER_CANCELLED},
    {"H01", 15, SPAN_ALL, plan_plain, shelter_renovated, SHELTER_UNDER_WAY},
    {"H01 H02", 10, SPAN_ALL, plan_plain, shelter_eliminated, 'D'},
    {"H02", 25, SPAN_ALL, plan_plain, shelter_house, HOUSE(SHELTER_ORDINARY, 'C')},
    {"H02", 20, SPAN_ALL, plan_plain, shelter_house, HOUSE(SHELTER_ORDINARY, 'D')},
    {"H02", 10, SPAN_LATER, plan_plain, shelter_house, HOUSE(SHELTER_ORDINARY, 'D')},
    {"H02", 10, SPAN_FIRST, plan_plain, shelter_house, HOUSE(SHELTER_ORDINARY, 'C')},
    {"H02", 10, SPAN_GAP, plan_plain, shelter_house, HOUSE(SHELTER_ORDINARY, 'C')},
    {"H02", 10, SPAN_ALL, plan_plain, shelter_house, HOUSE(SHELTER_ELIMINATED, 'D')},
    {"H02", 10, SPAN_ALL, plan_plain, shelter_house, HOUSE(SHELTER_FORETOLD, 'C')},
    {"H02", 10, SPAN_ALL, NULL, shelter_stranger, 'C'},
    {"H02", 10, SPAN_EARLY, NULL, shelter_stranger, 'D'},
    {"-", 15, SPAN_ALL, plan_plain, shelter_renovated, SHELTER_SAME_DAY},
    {"-", 15, SPAN_ALL, plan_plain, shelter_renovated, SHELTER_AFTER},
    {"-", 15, SPAN_ALL, plan_plain, shelter_unlived, SHELTER_NOT_ONLY},
    {"-", 15, SPAN_ALL, plan_plain, shelter_unlived, SHELTER_NOT_OCCUPIED},
    {"-", 10, SPAN_ALL, plan_plain, shelter_unlived, SHELTER_GRADE_B},

    {"W01", 20, SPAN_ALL, plan_plain, shelter_water, SHELTER_NO_SUPPLY},
    {"W01", 20, SPAN_ALL, plan_plain, shelter_water, SHELTER_BAD_QUALITY},
    {"W01", 20, SPAN_ALL, plan_plain, shelter_water, SHELTER_FEW_LITRES},
    {"W01", 20, SPAN_ALL, plan_plain, shelter_water, SHELTER_FAR},
    {"W01", 10, SPAN_LATER, plan_plain, shelter_water, SHELTER_BAD_QUALITY},
    {"W01", 10, SPAN_EARLY, plan_plain, shelter_water, SHELTER_FEW_LITRES},
    {"W01", 10, SPAN_ONCE, plan_plain, shelter_water, SHELTER_NO_SUPPLY},
    {"W01", 10, SPAN_GAP, plan_plain, shelter_water, SHELTER_FAR},
    {"W01", 10, SPAN_ALL, plan_plain, shelter_water, SHELTER_BY_HEAD},
    {"W01", 10, SPAN_ALL, plan_family, shelter_last_home, SHELTER_BAD_QUALITY},
    {"-", 15, SPAN_ALL, plan_plain, shelter_water, SHELTER_LITRES},
    {"-", 15, SPAN_ALL, plan_plain, shelter_water, SHELTER_LONG},
    {"-", 15, SPAN_ALL, plan_plain, shelter_water, SHELTER_WIDE},
    {"-", 10, SPAN_ALL, plan_plain, shelter_water, SHELTER_UNTESTED},
    {"-", 10, SPAN_ALL, plan_plain, shelter_empty, 0},

    {"C01", 30, SPAN_ALL, plan_plain, poverty_low, POVERTY_LINE_BELOW},
    {"C01", 10, SPAN_ALL, plan_plain, poverty_low, POVERTY_FLOOR},
    {"C01", 15, SPAN_ALL, plan_plain, poverty_low, POVERTY_ALLEVIATED},
    {"C01", 10, SPAN_LATER, plan_plain, poverty_low, POVERTY_LINE_BELOW},
    {"C01", 10, SPAN_EARLY, plan_plain, poverty_low, POVERTY_LINE_BELOW},
    {"C01", 10, SPAN_ONCE, plan_plain, poverty_low, POVERTY_FLOOR},
    {"C01", 10, SPAN_GAP, plan_plain, poverty_low, POVERTY_LINE_BELOW},
    {"C01", 10, SPAN_ALL, plan_plain, poverty_low, POVERTY_DIBAO},
    {"C01", 10, SPAN_ALL, plan_single, poverty_low, POVERTY_DESTITUTE},
    {"C01", 10, SPAN_ALL, plan_plain, poverty_stale, 15},
    {"C01", 10, SPAN_ALL, plan_family, poverty_dies, 1},
    {"C01", 10, SPAN_ALL, plan_plain, poverty_removed, 1},
    {"C01", 10, SPAN_ALL, plan_plain, poverty_removed, 2},
    {"C01 C02", 15, SPAN_ALL, plan_plain, poverty_low, POVERTY_FLOOR_BELOW},
    {"C01 C02", 10, SPAN_ALL, plan_plain, poverty_low, POVERTY_DEEP},
    {"C01 C02", 10, SPAN_ALL, plan_plain, poverty_low, POVERTY_EDGE},
    {"C01 C02", 10, SPAN_LATER, plan_plain, poverty_low, POVERTY_FLOOR_BELOW},
    {"C01 C02", 10, SPAN_FIRST, plan_plain, poverty_low, POVERTY_DEEP},
    {"C01 C02", 10, SPAN_GAP, plan_plain, poverty_low, POVERTY_FLOOR_BELOW},
    {"C01 C02", 10, SPAN_ALL, plan_family, poverty_deceased, 0},
    {"C02", 15, SPAN_ALL, plan_plain, poverty_low, POVERTY_MONITORED},
    {"C02", 10, SPAN_EARLY, plan_plain, poverty_low, POVERTY_MONITORED},
    {"C02", 10, SPAN_ALL, plan_plain, poverty_cover, POVERTY_COVER_ENDS},
    {"C02", 10, SPAN_ALL, plan_plain, poverty_cover, POVERTY_COVER_BEGINS},
    {"-", 20, SPAN_ALL, plan_plain, poverty_low, POVERTY_LINE},
    {"-", 15, SPAN_ALL, plan_plain, poverty_low, POVERTY_MONITORED_LINE},
    {"-", 15, SPAN_ALL, plan_plain, poverty_low, POVERTY_MONITORED_COVERED},
    {"-", 10, SPAN_ALL, plan_han, poverty_low, POVERTY_MONITORED_SPELLED},
    {"-", 10, SPAN_ALL, plan_plain, poverty_stale, 16},
    {"-", 10, SPAN_ALL, plan_family, poverty_left, STATUS_LEFT},
    {"-", 10, SPAN_ALL, plan_family, poverty_left, STATUS_PRISON},
    {"-", 10, SPAN_ALL, plan_plain, poverty_removed, 0},
    {"-", 10, SPAN_ALL, plan_single, poverty_extinct, 0},

    {"M05 W01", 20, SPAN_ALL, plan_plain, mixed_ill_dry, 0},
    {"M05 H01", 20, SPAN_ALL, plan_plain, mixed_ill_unsafe, 0},
    {"H02 W01", 20, SPAN_LATER, plan_plain, mixed_unsafe_dry, 0},
    {"C01 E02", 15, SPAN_ALL, plan_child, mixed_poor_truant, 0},
    {"C01 M01", 15, SPAN_ALL, plan_plain, mixed_poor_uninsured, UNINSURED_NEVER},
    {"M01 M05", 10, SPAN_ALL, plan_plain, mixed_one_family, UNINSURED_PAUSED},
    {"M01 W01", 10, SPAN_ALL, plan_plain, mixed_green, UNINSURED_ABSENT},
    {"E01 W01", 10, SPAN_ALL, plan_child, mixed_echo, SCHOOL_SUSPECTED},
    {"M05 C01", 10, SPAN_ALL, plan_plain, mixed_fading, 0},
    {"M05 E01 H01 W01 C01", 5, SPAN_ALL, plan_child, mixed_everything, SCHOOL_LEFT},

    {"~", 150, SPAN_ALL, change_room, change_birth, 0},
    {"~", 120, SPAN_ALL, plan_family, change_death, 0},
    {"~", 50, SPAN_ALL, plan_family, change_move, 0},
    {"~", 200, SPAN_ALL, plan_family, change_leave, 0},
    {"~", 50, SPAN_ALL, plan_family, change_deregister, 0},
    {"~", 20, SPAN_ALL, plan_plain, change_remove, 0},
    {"~", 300, SPAN_ALL, plan_plain, change_income, 350000},
    {"~", 40, SPAN_ALL, plan_plain, change_identify, CATEGORY_MARGINAL},
};

#define PLANTS (sizeof(plants) / sizeof(*plants))

void
plants_plant(struct plan *plan, double factor)
{
    plan_table(plan, plants, PLANTS, factor);
}

void
plants_print(void)
{
    static const char *const spans[] = {"all", "1", "1-2", "2", "2-", "3-", "1,3-"};

    (void)printf("rules\tof 100000 households\tmonths\n");
    for (size_t i = 0; i < PLANTS; i++)
        (void)printf("%s\t%u\t%s\n", plants[i].rules, plants[i].rate, spans[plants[i].span]);
}
