#include "housing.h"

#include "feed.h"

#define HOUSE_COLUMNS                                                                                                                \
    "房屋编号,户主身份证号,户主姓名,户编号,行政区划代码,房屋地址,建成年份,鉴定等级,鉴定日期," \
    "唯一住房,是否居住,最近走访日期,隐患类型"
#define RENOVATION_COLUMNS                                                                         \
    "项目编号,房屋编号,计划年度,改造方式,开工日期,竣工日期,入住日期,是否取消,补助金额"

enum roll {
    ROLL_GRADE = 4000,
    ROLL_GRADED,
    ROLL_BUILT,
    ROLL_LOOSE,
    ROLL_SECOND,
    ROLL_HAZARD,
    ROLL_VISIT,
    ROLL_RENOVATED,
    ROLL_KIND,
    ROLL_STRANGER,
};

static const char *const kinds[] = {"修缮加固", "拆除重建", "租赁", "置换", "集体公租房"};

struct house {
    char grade;
    unsigned flags;
    int32_t graded_on;
    bool second;
};

void
housing_put_no(const struct world *world, struct text *text, uint32_t owner)
{
    world_put_number(world, text, "F", owner);
}

int32_t
housing_graded_on(const struct world *world, uint32_t owner)
{
    return world->month[0].first - 300 - (int32_t)world_roll(world, owner, ROLL_GRADED, 1400);
}

static struct house
usual_house(const struct world *world, const struct person *owner)
{
    uint32_t index = world_index(world, owner);
    unsigned roll = world_roll(world, index, ROLL_GRADE, 100);
    bool loose = world_roll(world, index, ROLL_LOOSE, 100) < 12;

    return (struct house){
        .grade = roll < 48   ? 'A'
                 : roll < 88 ? 'B'
                             : 'N',
        .flags = HOUSE_ONLY | (owner->away ? 0 : HOUSE_OCCUPIED) | (loose ? HOUSE_LOOSE : 0),
        .graded_on = housing_graded_on(world, index),
    };
}

static struct house
find_house(const struct world *world, const struct household *home, const struct person *owner,
           unsigned m)
{
    struct house house = usual_house(world, owner);
    uint32_t head = home == NULL ? owner->bends : home->bends;
    const struct bend *bend = world_bend(world, head, BEND_HOUSE, m);

    if (bend != NULL) {
        house.grade = (char)bend->value;
        house.flags = bend->argument;
        if (bend->from != DATE_NONE)
            house.graded_on = bend->from;
    }
    return house;
}

/* The last visit: in this quarter when its day has come, else in the one before. */
static int32_t
visited_on(const struct world *world, uint32_t owner, const struct household *home, unsigned m)
{
    const struct month *month = &world->month[m];
    int32_t quarter = date_day(month->year, (month->month - 1) / 3 * 3 + 1, 1);
    int32_t day = quarter + (int32_t)world_roll(world, owner, ROLL_VISIT, 80);
    const struct bend *bend = home == NULL ? NULL : world_bend(world, home->bends, BEND_VISIT, m);

    if (bend != NULL)
        return bend->value == VISIT_NEVER ? DATE_NONE : quarter + (int32_t)bend->value;
    return day <= month->end ? day : day - 90;
}

/* Hazards stand only beside grade A, and an ungraded house is not old (H05). */
static void
put_state(const struct world *world, struct text *text, const struct house *house, uint32_t owner,
          const struct household *home, unsigned m)
{
    static const char *const hazards[] = {"地质灾害", "洪涝", "火灾"};
    unsigned built = house->grade == 'N' ? 2001 : 1986;
    unsigned hazard = world_roll(world, owner, ROLL_HAZARD, 60);
    const struct bend *bend = home == NULL ? NULL : world_bend(world, home->bends, BEND_BUILT, m);

    text_int(text, bend != NULL ? bend->value : built + world_roll(world, owner, ROLL_BUILT, 22));
    text_char(text, house->grade);
    text_char(text, ',');
    text_date(text, house->grade == 'N' ? DATE_NONE : house->graded_on);
    text_bool(text, (house->flags & HOUSE_ONLY) != 0);
    text_bool(text, (house->flags & HOUSE_OCCUPIED) != 0);
    text_date(text, visited_on(world, owner, home, m));
    if (bend != NULL)
        text_field(text, bend->argument != 0 ? hazards[hazard % 3] : "");
    else
        text_field(text, house->grade == 'A' && hazard < 3 ? hazards[hazard] : "");
}

static void
put_house(const struct world *world, struct text *text, const struct person *owner,
          const struct house *house, unsigned m)
{
    uint32_t index = world_index(world, owner);
    const struct household *home = world_home(world, owner);
    uint32_t village = home != NULL ? home->village
                                    : world_roll(world, index, ROLL_STRANGER,
                                                 (unsigned)world->areas.village_count);

    world_put_number(world, text, house->second ? "G" : "F", index);
    text_field(text, owner->id);
    world_put_name(world, text, owner, SECTOR_HOUSING, m);
    if (home == NULL || (house->flags & HOUSE_LOOSE) != 0)
        text_blank(text);
    else
        world_put_household_no(world, text, owner->household);
    text_field(text, world->areas.villages[village].code);
    if (home == NULL)
        text_blank(text);
    else
        world_put_address(world, text, owner->household);
    put_state(world, text, house, index, house->second ? NULL : home, m);
    text_end(text);
}

/* Some own another house, of any grade, which is not their only home. */
static void
put_second(const struct world *world, struct text *text, const struct person *owner, unsigned m)
{
    uint32_t index = world_index(world, owner);
    unsigned roll = world_roll(world, index, ROLL_SECOND, 200);
    struct house house = usual_house(world, owner);

    if (roll >= 5)
        return;
    house.grade = "ABCDN"[roll];
    house.flags &= ~HOUSE_LIVED;
    house.second = true;
    put_house(world, text, owner, &house, m);
}

static void
write_houses(const struct world *world, unsigned m)
{
    struct feed feed;

    feed_open(&feed, world, "housing.house", m, HOUSE_COLUMNS);
    for (uint32_t i = 0; i < world->household_count; i++) {
        const struct household *home = &world->households[i];
        const struct person *owner = world_head(world, home);
        struct house house = find_house(world, home, owner, m);

        put_house(world, &feed.text, owner, &house, m);
        if (!home->used)
            put_second(world, &feed.text, owner, m);
    }
    for (uint32_t i = world->member_count; i < world->person_count; i++) {
        const struct person *owner = &world->people[i];
        struct house house = find_house(world, NULL, owner, m);

        if (date_age(owner->birth, world->month[0].first) >= 18)
            put_house(world, &feed.text, owner, &house, m);
    }
    feed_close(&feed);
}

static void
put_project(const struct world *world, struct text *text, uint32_t owner, const struct bend *bend,
            unsigned m)
{
    const struct month *month = &world->month[m];
    int32_t started = bend->from <= month->end ? bend->from : DATE_NONE;
    int32_t finished = bend->to <= month->end ? bend->to : DATE_NONE;
    int32_t moved = finished == DATE_NONE ? DATE_NONE : finished + 12;

    world_put_number(world, text, "WG", owner);
    housing_put_no(world, text, owner);
    text_int(text, bend->value != 0 ? bend->value : world->month[0].year - 1);
    text_field(text, kinds[world_roll(world, owner, ROLL_KIND, 5)]);
    text_date(text, started);
    text_date(text, finished);
    text_date(text, moved <= month->end ? moved : DATE_NONE);
    text_bool(text, bend->argument != 0);
    text_money(text, 1400000 + 100000 * (int64_t)world_roll(world, owner, ROLL_RENOVATED, 12));
    text_end(text);
}

/* Projects of last year: planned ones, and by chance finished ones of sound houses. */
static void
write_renovations(const struct world *world, unsigned m)
{
    struct feed feed;

    feed_open(&feed, world, "housing.renovation", m, RENOVATION_COLUMNS);
    for (uint32_t i = 0; i < world->household_count; i++) {
        const struct household *home = &world->households[i];
        const struct bend *bend = world_bend(world, home->bends, BEND_RENOVATE, m);
        struct bend done = {.from = world->month[0].first - 250,
                            .to = world->month[0].first - 90 +
                                  (int32_t)world_roll(world, i, ROLL_RENOVATED, 40)};

        if (bend != NULL)
            put_project(world, &feed.text, home->first, bend, m);
        else if (!home->used && world_roll(world, home->first, ROLL_RENOVATED, 150) == 0)
            put_project(world, &feed.text, home->first, &done, m);
    }
    feed_close(&feed);
}

void
housing_write(const struct world *world, unsigned m)
{
    write_houses(world, m);
    write_renovations(world, m);
}
