#include "register.h"

#include <string.h>

#include "feed.h"

#define QUARTER 3U
#define AGE_PENSION 60

#define HOUSEHOLD_COLUMNS                                                                                                             \
    "户编号,行政区划代码,住址,联系电话,户类型,致贫返贫风险,识别监测时间,风险消除时间,"            \
    "整户无劳动能力,易地搬迁户,帮扶责任人,收入所属年月,工资性收入,生产经营性收入,财产性收入," \
    "转移性收入,生产经营性支出,基础养老金,必要就业成本"
#define MEMBER_COLUMNS                                                                                                         \
    "户编号,证件号码,姓名,与户主关系,健康状况,劳动技能,在校生状况,人员状态,状态变更日期," \
    "常住地区划代码"
#define VILLAGE_COLUMNS "行政区划代码,类别,集中供水"

enum roll {
    ROLL_RISK = 1000,
    ROLL_RISK_MORE,
    ROLL_RELOCATED,
    ROLL_OFFICER,
    ROLL_WAGE,
    ROLL_PROPERTY,
    ROLL_TRANSFER,
    ROLL_COST,
    ROLL_JOB,
    ROLL_HEALTH,
    ROLL_LABOUR,
    ROLL_PLACE,
    ROLL_KIND,
    ROLL_SUPPLY,
};

/* Income as the columns tell it; net is what the profile counts. */
struct income {
    int64_t wage;
    int64_t production;
    int64_t property;
    int64_t transfer;
    int64_t cost;
    int64_t pension;
    int64_t job;
};

static const char *const outside[] = {"440305", "440306", "441900", "350203", "330106", "310115"};

static int64_t
scaled_roll(const struct world *world, uint32_t index, enum roll purpose, int64_t most)
{
    return most <= 0 ? 0 : (int64_t)world_roll(world, index, purpose, (unsigned)most);
}

static void
count_members(const struct world *world, const struct household *household, unsigned *ret_old,
              unsigned *ret_working)
{
    *ret_old = 0;
    *ret_working = 0;
    for (unsigned i = 0; i < household->count; i++) {
        const struct person *person = &world->people[household->first + i];
        int age = date_age(person->birth, world->month[0].first);

        *ret_old += age >= AGE_PENSION;
        *ret_working += person->away && age >= 18 && age < AGE_PENSION;
    }
}

/*
 * Split a net income. Only production moves from month to month, so that a
 * bent income never looks like a lost wage (X02).
 */
static struct income
split_income(const struct world *world, const struct household *household, int64_t net,
             const struct bend *wage)
{
    uint32_t index = world_household_index(world, household);
    const struct profile *profile = world->profile;
    int64_t low = household->lowest;
    struct income income;
    unsigned old;
    unsigned working;

    count_members(world, household, &old, &working);
    income.pension = (int64_t)old * 12 * 13000;
    income.job = (int64_t)working * 100000 * world_roll(world, index, ROLL_JOB, 3);
    income.wage =
        wage != NULL ? wage->value : low * (200 + world_roll(world, index, ROLL_WAGE, 300)) / 1000;
    income.property = scaled_roll(world, index, ROLL_PROPERTY, low / 50);
    income.transfer = income.pension + scaled_roll(world, index, ROLL_TRANSFER, low / 12);
    income.cost = scaled_roll(world, index, ROLL_COST, net / 8);
    income.production = net - income.wage - income.property - income.transfer + income.cost;
    if (profile->pension_excluded)
        income.production += income.pension;
    if (profile->job_cost_excluded)
        income.production += income.job;
    if (income.production < 0) {
        income.cost -= income.production;
        income.production = 0;
    }
    return income;
}

static void
put_optional_money(struct text *text, int64_t fen)
{
    if (fen == 0)
        text_blank(text);
    else
        text_money(text, fen);
}

/* The figures cover the twelve months before the newest full register. */
static void
put_income(const struct world *world, struct text *text, const struct household *household,
           unsigned m)
{
    struct income income = split_income(world, household, world_income(world, household, m),
                                        world_bend(world, household->bends, BEND_WAGE, m));
    const struct month *full = &world->month[household->stale > 0 ? 0 : m - m % QUARTER];
    int back = household->stale > 0 ? household->stale : 1;
    int at = full->year * 12 + full->month - 1 - back;

    text_month(text, date_day(at / 12, at % 12 + 1, 1));
    text_money(text, income.wage);
    text_money(text, income.production);
    text_money(text, income.property);
    text_money(text, income.transfer);
    text_money(text, income.cost);
    put_optional_money(text, income.pension);
    put_optional_money(text, income.job);
}

static void
put_risks(const struct world *world, struct text *text, uint32_t index)
{
    static const char *const risks[] = {"因病",     "因学",       "因残",       "因灾",
                                        "缺劳动力", "因意外事故", "因产业失败", "因务工不稳"};
    unsigned first = world_roll(world, index, ROLL_RISK, 8);

    text_append(text, risks[first]);
    if (world_roll(world, index, ROLL_RISK_MORE, 3) == 0) {
        text_append(text, "、");
        text_append(text, risks[(first + 3) % 8]);
    }
    text_char(text, ',');
}

/* Category, risks and dates, as far as they are known in month `m`. */
static void
put_standing(const struct world *world, struct text *text, const struct household *household,
             unsigned m)
{
    int32_t end = world->month[m].end;
    bool told = household->foretold;
    bool begun = household->identified <= end || told;
    bool ended = household->eliminated <= end || told;

    text_int(text, begun ? household->category : CATEGORY_ORDINARY);
    if (household->category < CATEGORY_UNSTABLE || !begun) {
        text_append(text, ",,,");
        return;
    }
    put_risks(world, text, world_household_index(world, household));
    text_date(text, household->identified);
    text_date(text, ended ? household->eliminated : DATE_NONE);
}

static void
put_household(const struct world *world, struct text *text, const struct household *household,
              unsigned m)
{
    uint32_t index = world_household_index(world, household);
    struct rng officer = {.state = world_roll(world, index, ROLL_OFFICER, UINT32_MAX)};

    world_put_household_no(world, text, index);
    text_field(text, world->areas.villages[household->village].code);
    world_put_address(world, text, index);
    world_put_phone(world, text, index);
    put_standing(world, text, household, m);
    text_bool(text, household->no_labour);
    text_bool(text, household->category != 0 && world_roll(world, index, ROLL_RELOCATED, 12) == 0);
    if (household->category == CATEGORY_ORDINARY)
        text_blank(text);
    else
        names_put(text, names_draw(&officer, names_surname(&officer), false), NAME_PLAIN);
    put_income(world, text, household, m);
    text_end(text);
}

static void
put_health(const struct world *world, struct text *text, const struct person *person, int age)
{
    unsigned roll = world_roll(world, world_index(world, person), ROLL_HEALTH, 1000);
    bool chronic = roll < (age >= 60 ? 300U : age >= 40 ? 80U : 8U);

    if (person->disabled)
        text_field(text, chronic ? "残疾、长期慢性病" : "残疾");
    else
        text_field(text, chronic ? "长期慢性病" : roll > 994 ? "患有大病" : "健康");
}

static const char *
labour_of(const struct world *world, const struct person *person, int age)
{
    unsigned roll = world_roll(world, world_index(world, person), ROLL_LABOUR, 100);

    if (age < 16)
        return "无劳动力";
    if (person->disabled)
        return roll < 40 ? "丧失劳动力" : "弱劳动力或半劳动力";
    if (age >= 60)
        return age >= 75 ? "无劳动力" : "弱劳动力或半劳动力";
    return roll < 12 ? "技能劳动力" : "普通劳动力";
}

static const char *
student_of(int age)
{
    if (age < 3)
        return "";
    if (age < 6)
        return "学前教育";
    if (age < 12)
        return "小学";
    return age < 15 ? "初中" : age < 18 ? "高中阶段" : "非在校生";
}

static int32_t
status_day(const struct world *world, const struct person *person, unsigned m)
{
    const struct bend *bend = world_bend(world, person->bends, BEND_STATUS, m);

    if (bend != NULL)
        return bend->from;
    return person->status == STATUS_HERE
               ? DATE_NONE
               : world->month[0].first - 40 -
                     (int32_t)world_roll(world, world_index(world, person), ROLL_PLACE, 700);
}

static void
put_member(const struct world *world, struct text *text, const struct person *person, unsigned m)
{
    static const char *const relations[] = {"户主",   "配偶",   "之子", "之女", "之儿媳",
                                            "之孙子", "之孙女", "之父", "之母"};
    const struct bend *moved = world_bend(world, person->bends, BEND_MOVED, m);
    int age = date_age(person->birth, world->month[m - m % QUARTER].first);
    uint32_t index = world_index(world, person);

    world_put_household_no(world, text, moved != NULL ? (uint32_t)moved->value : person->household);
    text_field(text, person->id);
    world_put_name(world, text, person, SECTOR_REGISTER, m);
    text_field(text, moved != NULL ? "其他" : relations[person->relation]);
    put_health(world, text, person, age);
    text_field(text, labour_of(world, person, age));
    text_field(text, student_of(age));
    text_int(text, world_status(world, person, m));
    text_date(text, status_day(world, person, m));
    if (world_resident(world, person, m))
        text_blank(text);
    else
        text_field(text, outside[world_roll(world, index, ROLL_PLACE, 6)]);
    text_end(text);
}

/* A row of either record type, told by the caller of delta_row. */
typedef void put_row(const struct world *world, struct text *text, const void *entity, unsigned m);

static void
put_household_row(const struct world *world, struct text *text, const void *entity, unsigned m)
{
    const struct household *household = entity;

    if (!world_removed(world, household, m))
        put_household(world, text, household, m);
}

static void
put_member_row(const struct world *world, struct text *text, const void *entity, unsigned m)
{
    const struct person *person = entity;

    if (world_born(world, person, m) && !world_removed(world, world_home(world, person), m))
        put_member(world, text, person, m);
}

/* Write what changed of an entity since the month before. */
static void
delta_row(const struct world *world, struct text *text, struct text scratch[2], put_row *put,
          const void *entity, unsigned m)
{
    struct text *before = &scratch[0];
    struct text *now = &scratch[1];

    before->length = 0;
    now->length = 0;
    put(world, before, entity, m - 1);
    put(world, now, entity, m);
    if (before->length == now->length && memcmp(before->buffer, now->buffer, now->length) == 0)
        return;
    text_field(text, now->length == 0 ? "删除" : "新增");
    if (now->length == 0)
        now = before;
    now->buffer[now->length - 1] = ',';
    text_raw(text, now->buffer, now->length);
    text_end(text);
}

static void
write_deltas(const struct world *world, unsigned m)
{
    struct text scratch[2];
    struct feed feed;

    text_scratch(&scratch[0]);
    text_scratch(&scratch[1]);
    feed_open_delta(&feed, world, "register.household", m, HOUSEHOLD_COLUMNS);
    for (uint32_t i = 0; i < world->household_count; i++)
        if (world->households[i].used)
            delta_row(world, &feed.text, scratch, put_household_row, &world->households[i], m);
    feed_close(&feed);
    feed_open_delta(&feed, world, "register.member", m, MEMBER_COLUMNS);
    for (uint32_t i = 0; i < world->member_count; i++)
        if (world_home(world, &world->people[i])->used)
            delta_row(world, &feed.text, scratch, put_member_row, &world->people[i], m);
    feed_close(&feed);
    text_close(&scratch[0]);
    text_close(&scratch[1]);
}

static void
write_full(const struct world *world, unsigned m)
{
    struct feed feed;

    feed_open(&feed, world, "register.household", m, HOUSEHOLD_COLUMNS);
    for (uint32_t i = 0; i < world->household_count; i++)
        put_household_row(world, &feed.text, &world->households[i], m);
    feed_close(&feed);
    feed_open(&feed, world, "register.member", m, MEMBER_COLUMNS);
    for (uint32_t i = 0; i < world->member_count; i++)
        put_member_row(world, &feed.text, &world->people[i], m);
    feed_close(&feed);
}

static void
write_villages(const struct world *world, unsigned m)
{
    static const char *const kinds[] = {"老区村", "低收入村", "重点帮扶村", "老区村、低收入村"};
    struct feed feed;

    feed_open(&feed, world, "register.village", m, VILLAGE_COLUMNS);
    for (uint32_t i = 0; i < world->areas.village_count; i++) {
        const struct village *village = &world->areas.villages[i];
        unsigned roll = world_roll(world, i, ROLL_KIND, 12);

        text_field(&feed.text, village->code);
        if (strstr(village->name, "畲族") != NULL || strstr(village->name, "回族") != NULL)
            text_field(&feed.text, "少数民族村");
        else
            text_field(&feed.text, roll < 4 ? kinds[roll] : "");
        text_bool(&feed.text, world_roll(world, i, ROLL_SUPPLY, 10) > 0);
        text_end(&feed.text);
    }
    feed_close(&feed);
}

void
register_write(const struct world *world, unsigned m)
{
    if (m == 0)
        write_villages(world, m);
    if (m % QUARTER == 0)
        write_full(world, m);
    else
        write_deltas(world, m);
}
