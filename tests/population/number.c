#include "number.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Sequences of one sex, day and area. */
#define SEQUENCES 500U
/* Spreads the sequences of a day; coprime with SEQUENCES. */
#define STRIDE 187U
#define FIRST_YEAR 1900
#define DAYS (230 * 366)
#define ROLL_AREA 8001
#define ROLL_SEQUENCE 8002

/* How many numbers are given, by day, area and sex. */
static uint16_t (*given)[PROFILE_AREAS][2];

/* GB 11643: ISO 7064 MOD 11-2 over the first 17 digits. */
static char
check_digit(const char *id)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;

    for (int i = 0; i < 17; i++)
        sum += (id[i] - '0') * weights[i];
    return "10X98765432"[sum % 11];
}

static unsigned
home_area(const struct world *world)
{
    for (unsigned i = 0; i < PROFILE_AREAS; i++)
        if (strcmp(profile_areas[i], world->profile->person_area) == 0)
            return i;
    return 0;
}

static void
put_number(const struct world *world, struct person *person, unsigned area)
{
    bool male = !person->name.female;
    int32_t day = person->birth - date_day(FIRST_YEAR, 1, 1);
    const char *date = date_text(person->birth);
    unsigned tries = 0;
    unsigned sequence;

    assert(day >= 0 && day < DAYS);
    for (; given[day][area][male] == SEQUENCES; area = (area + 1) % PROFILE_AREAS)
        assert(++tries < PROFILE_AREAS);
    sequence = world_roll(world, (uint64_t)day, ROLL_SEQUENCE, SEQUENCES) +
               STRIDE * given[day][area][male]++;
    sequence = sequence % SEQUENCES * 2 + male;
    memcpy(person->id, profile_areas[area], 6);
    memcpy(person->id + 6, date, 4);
    memcpy(person->id + 10, date + 5, 2);
    memcpy(person->id + 12, date + 8, 2);
    person->id[14] = (char)('0' + sequence / 100);
    person->id[15] = (char)('0' + sequence / 10 % 10);
    person->id[16] = (char)('0' + sequence % 10);
    person->id[17] = check_digit(person->id);
    person->id[18] = '\0';
}

void
number_assign(struct world *world)
{
    unsigned home = home_area(world);

    given = calloc(DAYS, sizeof(*given));
    if (given == NULL)
        abort();
    for (uint32_t i = 0; i < world->person_count; i++) {
        unsigned roll = world_roll(world, i, ROLL_AREA, 40);

        put_number(world, &world->people[i], roll < PROFILE_AREAS ? roll : home);
    }
    free(given);
    given = NULL;
}
