#include "civil.h"

#include "feed.h"

#define DIBAO_COLUMNS                                                                              \
    "身份证号,姓名,低保证号,保障类别,月保障金额,起始日期,终止日期,不符合条件日期,终止原因,单人保"
#define DESTITUTE_COLUMNS "身份证号,姓名,供养方式,自理能力,起始日期,终止日期"
#define EDGE_COLUMNS "身份证号,姓名,类别,起始日期,终止日期"
#define RELIEF_COLUMNS "救助编号,身份证号,姓名,救助金额,救助原因,救助日期"
#define DISABILITY_COLUMNS "身份证号,姓名,残疾类别,残疾等级"
#define STANDARD_COLUMNS "行政区划代码,月标准,执行日期,文号"

/* Of a hundred thousand households, relief in a month. */
#define RELIEF_RATE 150
/* Months over which the cards of the disabled were issued. */
#define CARD_MONTHS 400

enum roll {
    ROLL_CLASS = 6000,
    ROLL_AMOUNT,
    ROLL_SUPPORT,
    ROLL_ABILITY,
    ROLL_EDGE,
    ROLL_RELIEF,
    ROLL_REASON,
    ROLL_DAY,
    ROLL_KIND,
    ROLL_GRADE,
    ROLL_ISSUED,
};

/* Return the grant that a roster of month `m` lists, or NULL. */
static const struct bend *
listed(const struct world *world, const struct person *person, enum bend_kind kind, unsigned m)
{
    const struct bend *bend = world_bend(world, person->bends, kind, m);

    return bend == NULL || bend->from > world->month[m].end ? NULL : bend;
}

static int32_t
shown_end(const struct world *world, const struct bend *bend, unsigned m)
{
    return bend->to <= world->month[m].end ? bend->to : DATE_NONE;
}

static bool
single(const struct world *world, const struct person *person, unsigned m)
{
    const struct household *home = world_home(world, person);

    for (unsigned i = 0; i < home->count; i++) {
        const struct person *other = &world->people[home->first + i];

        if (other != person && listed(world, other, BEND_DIBAO, m) != NULL)
            return false;
    }
    return home->count > 1;
}

static void
put_dibao(const struct world *world, struct text *text, const struct person *person,
          const struct bend *bend, unsigned m)
{
    static const char *const reasons[] = {"自愿", "收入超标", "死亡", "迁出", "其他"};
    uint32_t index = world_index(world, person);
    int64_t most = world->profile->standard;
    int64_t share = 40 + (int64_t)world_roll(world, index, ROLL_AMOUNT, 41);
    const struct bend *grace = world_bend(world, person->bends, BEND_GRACE, m);

    text_field(text, person->id);
    world_put_name(world, text, person, SECTOR_CIVIL, m);
    world_put_number(world, text, "DB", person->household);
    text_char(text, "ABC"[world_roll(world, person->household, ROLL_CLASS, 3)]);
    text_char(text, ',');
    text_money(text, most * share / 100);
    text_date(text, bend->from);
    text_date(text, shown_end(world, bend, m));
    text_date(text, grace != NULL ? grace->from : DATE_NONE);
    text_field(text, shown_end(world, bend, m) == DATE_NONE ? ""
                     : grace != NULL                        ? reasons[grace->argument]
                                                            : "自愿");
    text_bool(text, single(world, person, m));
    text_end(text);
}

static void
put_destitute(const struct world *world, struct text *text, const struct person *person,
              const struct bend *bend, unsigned m)
{
    static const char *const abilities[] = {"全自理", "半护理", "全护理"};
    uint32_t index = world_index(world, person);

    text_field(text, person->id);
    world_put_name(world, text, person, SECTOR_CIVIL, m);
    text_field(text, world_roll(world, index, ROLL_SUPPORT, 4) == 0 ? "集中" : "分散");
    text_field(text, abilities[world_roll(world, index, ROLL_ABILITY, 3)]);
    text_date(text, bend->from);
    text_date(text, shown_end(world, bend, m));
    text_end(text);
}

static void
put_edge(const struct world *world, struct text *text, const struct person *person,
         const struct bend *bend, unsigned m)
{
    bool edge = world_roll(world, person->household, ROLL_EDGE, 4) > 0;

    text_field(text, person->id);
    world_put_name(world, text, person, SECTOR_CIVIL, m);
    text_field(text, edge ? "低保边缘" : "刚性支出困难");
    text_date(text, bend->from);
    text_date(text, shown_end(world, bend, m));
    text_end(text);
}

typedef void put_grant(const struct world *world, struct text *text, const struct person *person,
                       const struct bend *bend, unsigned m);

static void
write_roster(const struct world *world, unsigned m, const char *type, const char *columns,
             enum bend_kind kind, put_grant *put)
{
    struct feed feed;

    feed_open(&feed, world, type, m, columns);
    for (uint32_t i = 0; i < world->member_count; i++) {
        const struct person *person = &world->people[i];
        const struct bend *bend = person->bends == 0 ? NULL : listed(world, person, kind, m);

        if (bend != NULL)
            put(world, &feed.text, person, bend, m);
    }
    feed_close(&feed);
}

static void
put_relief(const struct world *world, struct text *text, uint32_t index, unsigned m)
{
    static const char *const reasons[] = {"因病", "火灾", "交通事故", "子女教育", "意外伤害"};
    const struct month *month = &world->month[m];
    const struct person *head = world_head(world, &world->households[index]);

    text_append(text, "LS");
    text_raw(text, date_text(month->first), 4);
    text_digits(text, (uint64_t)month->month, 2);
    world_put_number(world, text, "", index);
    text_field(text, head->id);
    world_put_name(world, text, head, SECTOR_CIVIL, m);
    text_money(text, 50000 + 10000 * (int64_t)world_roll(world, index, ROLL_AMOUNT, 40));
    text_field(text, reasons[world_roll(world, index, ROLL_REASON, 5)]);
    text_date(text, month->first + (int32_t)world_roll(world, index, ROLL_DAY, 28));
    text_end(text);
}

static void
write_relief(const struct world *world, unsigned m)
{
    uint32_t count = world_share(world, RELIEF_RATE);
    struct feed feed;

    feed_open(&feed, world, "civil.relief", m, RELIEF_COLUMNS);
    for (uint32_t i = 0; i < count; i++)
        put_relief(world, &feed.text, world_sample(world, ROLL_RELIEF, m, i, count), m);
    feed_close(&feed);
}

static void
put_card(const struct world *world, struct text *text, const struct person *person,
         const char *kind, unsigned grade, unsigned m)
{
    text_field(text, person->id);
    world_put_name(world, text, person, SECTOR_CIVIL, m);
    text_field(text, kind);
    text_int(text, grade);
    text_end(text);
}

static void
write_disability(const struct world *world, unsigned m)
{
    static const char *const kinds[] = {"视力", "听力", "言语", "肢体",
                                        "肢体", "智力", "精神", "多重"};
    struct feed feed;

    feed_open(&feed, world, "civil.disability", m, DISABILITY_COLUMNS);
    for (uint32_t i = 0; i < world->member_count; i++) {
        const struct person *person = &world->people[i];
        const struct bend *bend = world_bend(world, person->bends, BEND_DISABLED, m);

        if (bend != NULL) {
            put_card(world, &feed.text, person, kinds[bend->value], bend->argument, m);
            continue;
        }
        if (!person->disabled || world_status(world, person, m) == STATUS_DEAD ||
            world_roll(world, i, ROLL_ISSUED, CARD_MONTHS) > CARD_MONTHS - WORLD_MONTHS_MAX + m)
            continue;
        put_card(world, &feed.text, person, kinds[world_roll(world, i, ROLL_KIND, 8)],
                 1 + world_roll(world, i, ROLL_GRADE, 4), m);
    }
    feed_close(&feed);
}

static void
write_standard(const struct world *world, unsigned m)
{
    struct feed feed;
    int year = world->month[0].year - 1;

    feed_open(&feed, world, "civil.standard", m, STANDARD_COLUMNS);
    text_field(&feed.text, world->county);
    text_money(&feed.text, world->profile->standard);
    text_date(&feed.text, date_day(year, 1, 1));
    text_append(&feed.text, "民发〔");
    text_digits(&feed.text, (uint64_t)year, 4);
    text_field(&feed.text, "〕1号");
    text_end(&feed.text);
    feed_close(&feed);
}

void
civil_write(const struct world *world, unsigned m)
{
    write_roster(world, m, "civil.dibao", DIBAO_COLUMNS, BEND_DIBAO, put_dibao);
    write_roster(world, m, "civil.destitute", DESTITUTE_COLUMNS, BEND_DESTITUTE, put_destitute);
    write_roster(world, m, "civil.edge", EDGE_COLUMNS, BEND_EDGE, put_edge);
    write_relief(world, m);
    write_disability(world, m);
    if (m == 0)
        write_standard(world, m);
}
