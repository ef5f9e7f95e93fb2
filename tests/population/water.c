#include "water.h"

#include "feed.h"

#define HOUSEHOLD_COLUMNS                                                                                                                  \
    "用水户号,户编号,户主身份证号,户主姓名,联系电话,用水地址,行政区划代码,供水方式,供水工程编号," \
    "人均日水量,取水往返分钟,取水距离米,当月停水天数,全年累计停水天数,水质,检测日期"
#define WORKS_COLUMNS                                                                              \
    "供水工程编号,供水村代码,受益户数,停水开始,停水结束,计划检修,不达标指标,复检合格"
#define COMPLAINT_COLUMNS "投诉编号,行政区划代码,受理日期,办结日期,投诉类型"

/* Of a hundred thousand households, complaints in a month. */
#define COMPLAINT_RATE 40

enum roll {
    ROLL_SUPPLY = 5000,
    ROLL_LITRES,
    ROLL_TRIP,
    ROLL_DISTANCE,
    ROLL_OUTAGE,
    ROLL_QUALITY,
    ROLL_LINK,
    ROLL_TEST,
    ROLL_WORKS,
    ROLL_COMPLAINT,
    ROLL_DAY,
};

struct account {
    unsigned supply;
    unsigned quality;
    unsigned tenths;
    unsigned minutes;
    unsigned metres;
    enum water_link link;
};

static struct account
usual_account(const struct world *world, uint32_t index)
{
    unsigned supply = world_roll(world, index, ROLL_SUPPLY, 100);
    unsigned quality = world_roll(world, index, ROLL_QUALITY, 10);
    unsigned link = world_roll(world, index, ROLL_LINK, 100);
    struct account account = {
        .supply = supply < 80   ? 1
                  : supply < 95 ? 2
                                : 3,
        .quality = quality == 0 ? 9 : 1,
        .tenths = 400 + world_roll(world, index, ROLL_LITRES, 800),
        .link = link < 55   ? WATER_BY_BOTH
                : link < 85 ? WATER_BY_HOUSE
                : link < 95 ? WATER_BY_HEAD
                            : WATER_BY_PHONE,
    };

    if (account.supply > 1) {
        account.minutes = 4 + world_roll(world, index, ROLL_TRIP, 15);
        account.metres = 50 + world_roll(world, index, ROLL_DISTANCE, 700);
    }
    return account;
}

static struct account
find_account(const struct world *world, const struct household *home, unsigned m)
{
    uint32_t index = world_household_index(world, home);
    const struct bend *bend = world_bend(world, home->bends, BEND_WATER, m);
    struct account account = usual_account(world, index);

    if (home->used)
        account.link = WATER_BY_BOTH;
    if (bend == NULL)
        return account;
    return (struct account){
        .supply = (unsigned)(bend->value & 0xff),
        .quality = (unsigned)(bend->value >> 8 & 0xff),
        .tenths = (unsigned)(bend->value >> 16 & 0xffff),
        .minutes = (unsigned)(bend->value >> 32 & 0xff),
        .metres = (unsigned)(bend->value >> 40 & 0xffff),
        .link = (enum water_link)bend->argument,
    };
}

static void
put_owner(const struct world *world, struct text *text, const struct household *home,
          enum water_link link, unsigned m)
{
    uint32_t index = world_household_index(world, home);
    const struct person *head = world_head(world, home);

    if (link == WATER_BY_BOTH || link == WATER_BY_HOUSE)
        world_put_household_no(world, text, index);
    else
        text_blank(text);
    text_field(text, link == WATER_BY_BOTH || link == WATER_BY_HEAD ? head->id : "");
    world_put_name(world, text, head, SECTOR_WATER, m);
    world_put_phone(world, text, index);
    world_put_address(world, text, index);
    text_field(text, world->areas.villages[home->village].code);
}

/* At most two days a month, so that the year stays far from 36. */
static unsigned
outage(const struct world *world, uint32_t index, int month)
{
    unsigned roll = world_roll(world, index, ROLL_OUTAGE + 100 * (uint64_t)month, 20);

    return roll == 0 ? 2 : roll < 3 ? 1 : 0;
}

static void
put_outage(const struct world *world, struct text *text, uint32_t index, unsigned m)
{
    const struct bend *bend = world_bend(world, world->households[index].bends, BEND_OUTAGE, m);
    unsigned sum = 0;

    if (bend != NULL) {
        text_int(text, bend->value);
        text_int(text, bend->from);
        return;
    }
    for (int month = 1; month <= world->month[m].month; month++)
        sum += outage(world, index, month);
    text_int(text, outage(world, index, world->month[m].month));
    text_int(text, sum);
}

static void
put_account(const struct world *world, struct text *text, const struct household *home, unsigned m)
{
    uint32_t index = world_household_index(world, home);
    struct account account = find_account(world, home, m);
    int32_t tested = world->month[m].first - (int32_t)world_roll(world, index, ROLL_TEST, 80);

    world_put_number(world, text, "W", index);
    put_owner(world, text, home, account.link, m);
    text_int(text, account.supply);
    if (account.supply == 1 || account.supply == 2)
        world_put_number(world, text, "GC", home->village / WORLD_WORKS_VILLAGES);
    else
        text_blank(text);
    text_tenths(text, account.tenths);
    text_int(text, account.minutes);
    text_int(text, account.metres);
    put_outage(world, text, index, m);
    text_int(text, account.quality);
    text_date(text, account.quality == 9 ? DATE_NONE : tested);
    text_end(text);
}

static void
write_households(const struct world *world, unsigned m)
{
    struct feed feed;

    feed_open(&feed, world, "water.household", m, HOUSEHOLD_COLUMNS);
    for (uint32_t i = 0; i < world->household_count; i++)
        put_account(world, &feed.text, &world->households[i], m);
    feed_close(&feed);
}

static void
put_works(const struct world *world, struct text *text, uint32_t works, unsigned m)
{
    const struct month *month = &world->month[m];
    size_t first = (size_t)works * WORLD_WORKS_VILLAGES;
    uint64_t villages = world->areas.village_count;
    unsigned roll = world_roll(world, works, ROLL_WORKS + 100 * (uint64_t)m, 30);
    const struct bend *outage = world_bend(world, world->works[works], BEND_WORKS, m);
    const struct bend *test = world_bend(world, world->works[works], BEND_TEST, m);
    int32_t day = month->first + 3 + (int32_t)roll;
    struct bend usual = {.from = roll < 4 ? day : DATE_NONE,
                         .to = roll < 4 ? day + (roll == 3 ? 4 : 1) : DATE_NONE,
                         .argument = roll == 3};
    bool failed = test != NULL || roll == 5;

    world_put_number(world, text, "GC", works);
    for (size_t i = first; i < first + WORLD_WORKS_VILLAGES && i < villages; i++) {
        if (i > first)
            text_append(text, "、");
        text_append(text, world->areas.villages[i].code);
    }
    text_char(text, ',');
    text_int(text, (int64_t)((uint64_t)world->household_count * WORLD_WORKS_VILLAGES / villages));
    if (outage == NULL)
        outage = &usual;
    text_date(text, outage->from);
    text_date(text, outage->to <= month->end ? outage->to : DATE_NONE);
    text_bool(text, outage->argument != 0);
    text_field(text, failed ? "浑浊度" : "");
    text_bool(text, test != NULL ? test->argument != 0 : failed);
    text_end(text);
}

/* Outages last two days unless they are planned, and what failed was tested again. */
static void
write_works(const struct world *world, unsigned m)
{
    struct feed feed;

    feed_open(&feed, world, "water.works", m, WORKS_COLUMNS);
    for (uint32_t works = 0; works < world->works_count; works++)
        put_works(world, &feed.text, works, m);
    feed_close(&feed);
}

static void
put_complaint(const struct world *world, struct text *text, uint32_t index, unsigned m)
{
    static const char *const kinds[] = {"停水", "水压不足", "水质浑浊", "管道漏水"};
    const struct month *month = &world->month[m];
    int32_t received = month->first + (int32_t)world_roll(world, index, ROLL_DAY, 28);
    int32_t closed = received + 2 + (int32_t)(index % 9);

    text_append(text, "TS");
    text_raw(text, date_text(received), 4);
    text_digits(text, (uint64_t)month->month, 2);
    world_put_number(world, text, "", index);
    text_field(text, world->areas.villages[world->households[index].village].code);
    text_date(text, received);
    text_date(text, closed <= month->end ? closed : DATE_NONE);
    text_field(text, kinds[index % 4]);
    text_end(text);
}

/* Planted ones stand in every month's file until they are closed. */
static void
put_planned_complaints(const struct world *world, struct text *text, uint32_t village, unsigned m)
{
    const struct month *month = &world->month[m];

    for (const struct bend *bend = world_bend_next(world, world->villages[village]); bend != NULL;
         bend = world_bend_next(world, bend->next)) {
        if (bend->kind != BEND_COMPLAINT || (bend->months >> m & 1) == 0)
            continue;
        world_put_number(world, text, "TP", (uint32_t)bend->value);
        text_field(text, world->areas.villages[village].code);
        text_date(text, bend->from);
        text_date(text, bend->to <= month->end ? bend->to : DATE_NONE);
        text_field(text, "停水");
        text_end(text);
    }
}

static void
write_complaints(const struct world *world, unsigned m)
{
    uint32_t count = world_share(world, COMPLAINT_RATE);
    struct feed feed;

    feed_open(&feed, world, "water.complaint", m, COMPLAINT_COLUMNS);
    for (uint32_t i = 0; i < count; i++)
        put_complaint(world, &feed.text, world_sample(world, ROLL_COMPLAINT, m, i, count), m);
    for (uint32_t village = 0; village < world->areas.village_count; village++)
        put_planned_complaints(world, &feed.text, village, m);
    feed_close(&feed);
}

void
water_write(const struct world *world, unsigned m)
{
    write_households(world, m);
    write_works(world, m);
    write_complaints(world, m);
}
