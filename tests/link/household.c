#include "household.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "date.h"

#define FIRST_DAY (HOUSEHOLD_TODAY - 36889) /* 1925-01-01 */
#define DAYS 36900                          /* from there on */
#define TODAY HOUSEHOLD_TODAY
#define AREAS 4
#define SEQUENCES 500
#define STRIDE 187U /* coprime with SEQUENCES */

static const char *const areas[AREAS] = {"360799", "350899", "411399", "350599"};

static uint64_t base_seed;
static uint16_t (*given)[AREAS][2]; /* numbers given, by day of birth, area and sex */

void
household_begin(uint64_t seed)
{
    base_seed = seed;
    date_init();
    given = calloc(DAYS, sizeof(*given));
    if (given == NULL)
        abort();
}

void
household_end(void)
{
    free(given);
    given = NULL;
}

char
household_check(const char *number)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;

    for (int i = 0; i < 17; i++)
        sum += (number[i] - '0') * weights[i];
    return "10X98765432"[sum % 11];
}

/* Most people are numbered in their own county, which is one of the four by turns. */
static void
give_number(struct rng *rng, const struct household *household, struct one *one)
{
    int32_t day = one->birth - FIRST_DAY;
    unsigned area = rng_below(rng, 20) == 0 ? rng_below(rng, AREAS) : household->county % AREAS;
    const char *date = date_text(one->birth);
    unsigned sequence;

    while (given[day][area][!one->woman] >= SEQUENCES)
        area = (area + 1) % AREAS;
    /* A day's sequences are spread over the police stations that give them. */
    sequence = (unsigned)(rng_mix((uint64_t)day) + STRIDE * given[day][area][!one->woman]++) %
                   SEQUENCES * 2 +
               !one->woman;
    memcpy(one->number, areas[area], 6);
    memcpy(one->number + 6, date, 4);
    memcpy(one->number + 10, date + 5, 2);
    memcpy(one->number + 12, date + 8, 2);
    one->number[14] = (char)('0' + sequence / 100);
    one->number[15] = (char)('0' + sequence / 10 % 10);
    one->number[16] = (char)('0' + sequence % 10);
    one->number[17] = household_check(one->number);
    one->number[18] = '\0';
}

/* What a family's names have in common. */
struct family {
    unsigned surname;
    int generation; /* of the children; −1: none */
    bool minority;
};

static struct one *
add(struct rng *rng, struct household *household, const struct family *family, unsigned surname,
    int generation, bool woman, int age)
{
    assert(household->count < HOUSEHOLD_MAX);
    struct one *one = &household->people[household->count++];
    int32_t birth = TODAY - age * 365 - age / 4 - rng_range(rng, 0, 364);

    *one = (struct one){.woman = woman, .parent = -1};
    one->birth = birth < FIRST_DAY ? FIRST_DAY : birth;
    if (family->minority)
        names_minority(rng, woman, &one->name);
    else
        names_draw(rng, surname, generation, woman, age > 45, &one->name);
    /* Two of a household never have one name. */
    for (int i = 0; i + 1 < household->count; i++)
        if (strcmp(household->people[i].name.text, one->name.text) == 0) {
            household->count--;
            return add(rng, household, family, surname, family->minority ? -1 : generation, woman,
                       age);
        }
    one->phone = rng_below(rng, 100000000);
    return one;
}

static void
add_children(struct rng *rng, struct household *household, const struct family *family, int parent,
             int mother_age, int count)
{
    int age = mother_age - 21 - rng_range(rng, 0, 8);

    for (int i = 0; i < count && age >= 0 && household->count < HOUSEHOLD_MAX - 1; i++) {
        bool woman = rng_below(rng, 100) < 48;
        struct one *child =
            add(rng, household, family, family->surname, family->generation, woman, age);

        child->parent = parent;
        if (age < 18)
            child->phone = household->people[parent].phone;
        if (rng_below(rng, 1000) < 15) {
            struct one *twin = add(rng, household, family, family->surname, family->generation,
                                   rng_below(rng, 4) == 0 ? !woman : woman, age);

            twin->birth = child->birth;
            twin->parent = parent;
            twin->phone = child->phone;
            twin->twin = child->twin = true;
        }
        age -= rng_range(rng, 1, 5);
    }
}

static void
compose(struct rng *rng, struct household *household, const struct family *family)
{
    unsigned roll = rng_below(rng, 100);
    int age = rng_range(rng, 26, 78), wife = age - rng_range(rng, 0, 5);

    add(rng, household, family, family->surname, -1, rng_below(rng, 100) < 12, age);
    if (roll < 12)
        return;
    add(rng, household, family, names_surname(rng), -1, !household->people[0].woman, wife);
    if (rng_below(rng, 100) < 35) /* one telephone for both */
        household->people[1].phone = household->people[0].phone;
    if (roll >= 28) {
        int count = 1 + (int)rng_below(rng, 3);
        int parent = (int)rng_below(rng, 2); /* apart: compilers differ in the order of arguments */

        add_children(rng, household, family, parent, wife, count);
    }
    /* Three pairs of twins leave no place for a parent: one household of some two million. */
    if (roll >= 80 && age < 62 && household->count < HOUSEHOLD_MAX) {
        int older = rng_range(rng, 20, 27);

        add(rng, household, family, family->surname, -1, rng_below(rng, 2) == 0, age + older);
    }
}

void
household_make(uint64_t no, struct household *ret_household)
{
    struct household *household = ret_household;
    struct rng rng = {rng_mix(base_seed * 0x2545f4914f6cdd1dU + no)};
    uint64_t village = no / HOUSEHOLD_VILLAGE;
    struct rng local = {rng_mix(base_seed ^ (village + 1) * 0x9e3779b97f4a7c15U)};
    unsigned clan = names_surname(&local), minority = rng_below(&local, 100) < 3 ? 80 : 1;
    bool plain = rng_below(&local, 100) < 6; /* a village whose houses have no numbers */
    struct family family = {.generation = -1};

    *household = (struct household){.no = no};
    household->village = (uint32_t)(village % HOUSEHOLD_TOWN);
    household->town = (uint32_t)(village / HOUSEHOLD_TOWN % HOUSEHOLD_COUNTY);
    household->county = (uint32_t)(village / HOUSEHOLD_TOWN / HOUSEHOLD_COUNTY);
    household->group = (uint32_t)(no % HOUSEHOLD_VILLAGE / 30) + 1;
    household->house = plain ? 0 : (uint32_t)(no % 30) + 1;
    family.surname = rng_below(&rng, 100) < 30 ? clan : names_surname(&rng);
    family.minority = rng_below(&rng, 100) < minority;
    if (rng_below(&rng, 100) < 25)
        family.generation = (int)names_generation(&rng);
    compose(&rng, household, &family);
    for (int i = 0; i < household->count; i++)
        give_number(&rng, household, &household->people[i]);
}
