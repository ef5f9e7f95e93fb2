#include "insurance.h"

#include "feed.h"

#define ENROLMENT_COLUMNS                                                                          \
    "证件号码,姓名,参保年度,险种,参保状态,缴费日期,资助类别,资助金额,参保地代码,身份标识"
#define SETTLEMENT_COLUMNS                                                                                                              \
    "结算编号,证件号码,姓名,医疗类别,入院日期,出院日期,医疗费总额,政策范围内费用,基本医保支付," \
    "大病保险支付,医疗救助支付,其他支付,政策内自付,个人自付总额,倾斜支付,冲销原结算编号,病种类别"

#define SCHEME_EMPLOYEE 310
#define SCHEME_RESIDENT 390

/* Caps of what a household pays by itself in a year, so that no sum is too large. */
#define HELPED_MOST 450000
#define ORDINARY_MOST 1200000
#define POOR_MOST 90000
#define CLINIC_MOST 45000

enum roll {
    ROLL_ENROLLED = 3000,
    ROLL_SCHEME,
    ROLL_PLACE,
    ROLL_PAID,
    ROLL_LATE,
    ROLL_BILL,
    ROLL_KIND,
    ROLL_SELF,
    ROLL_DAY,
    ROLL_DISEASE,
};

enum enrolment_status {
    ENROLMENT_NEVER = 0,
    ENROLMENT_NORMAL = 1,
    ENROLMENT_PAUSED = 2,
    ENROLMENT_ENDED = 3,
};

struct enrolment {
    int year;
    int scheme;
    enum enrolment_status status;
    int32_t paid_on;
    bool elsewhere;
};

struct bill {
    int64_t self;
    unsigned kind;
    int32_t discharged;
    int32_t days;
    bool tilted;
};

static void
apply_uninsured(struct enrolment *enrolment, enum uninsured how, int32_t end)
{
    switch (how) {
    case UNINSURED_ABSENT:
        break;
    case UNINSURED_NEVER:
        enrolment->status = ENROLMENT_NEVER;
        enrolment->paid_on = DATE_NONE;
        break;
    case UNINSURED_PAUSED:
        enrolment->status = ENROLMENT_PAUSED;
        break;
    case UNINSURED_ENDED:
        enrolment->status = ENROLMENT_ENDED;
        break;
    case UNINSURED_LAST_YEAR:
        enrolment->year--;
        enrolment->paid_on = end - 400;
        break;
    }
}

/* Ordinary households that no plan uses may miss the fee or pay it late. */
static bool
by_chance(const struct world *world, const struct person *person, unsigned m,
          struct enrolment *enrolment)
{
    const struct household *home = world_home(world, person);
    uint32_t index = world_index(world, person);
    int32_t end = world->month[m].end;
    int age = date_age(person->birth, end);

    if (home != NULL && home->used)
        return true;
    if (age >= 18 && age < 60 && world_roll(world, index, ROLL_SCHEME, 100) < 6)
        enrolment->scheme = SCHEME_EMPLOYEE;
    enrolment->elsewhere = world_roll(world, index, ROLL_PLACE, 100) < 2;
    if (home == NULL || home->category != CATEGORY_ORDINARY || home->civil)
        return true;
    if (world_roll(world, index, ROLL_LATE, 100) < 4)
        enrolment->paid_on =
            date_day(enrolment->year, 1, 5) + (int32_t)world_roll(world, index, ROLL_PAID, 50);
    if (enrolment->paid_on > end || world_roll(world, index, ROLL_ENROLLED, 200) < 3)
        return false;
    if (world_roll(world, index, ROLL_ENROLLED, 200) < 6)
        apply_uninsured(enrolment, UNINSURED_NEVER, end);
    return true;
}

/* Fill in `enrolment`; returns false when there is no row. */
static bool
find_enrolment(const struct world *world, const struct person *person, unsigned m,
               struct enrolment *enrolment)
{
    const struct month *month = &world->month[m];
    const struct bend *without = world_bend(world, person->bends, BEND_UNINSURED, m);
    const struct bend *with = world_bend(world, person->bends, BEND_INSURED, m);
    enum status status = world_status(world, person, m);

    *enrolment = (struct enrolment){
        .year = month->year,
        .scheme = SCHEME_RESIDENT,
        .status = ENROLMENT_NORMAL,
        .paid_on = date_day(month->year - 1, 9, 1) +
                   (int32_t)world_roll(world, world_index(world, person), ROLL_PAID, 110),
    };
    if (!world_born(world, person, m) || month->end - person->birth <= INSURANCE_NEWBORN)
        return false;
    if (status != STATUS_HERE && status != STATUS_PRISON)
        return false;
    if (enrolment->paid_on <= person->birth)
        enrolment->paid_on = person->birth + INSURANCE_NEWBORN;
    if (without != NULL) {
        apply_uninsured(enrolment, (enum uninsured)without->argument, month->end);
        return without->argument != UNINSURED_ABSENT;
    }
    if (with != NULL && with->argument == INSURED_EMPLOYEE)
        enrolment->scheme = SCHEME_EMPLOYEE;
    if (with != NULL && with->argument == INSURED_ELSEWHERE)
        enrolment->elsewhere = true;
    return by_chance(world, person, m, enrolment);
}

/* 资助类别 and 资助金额: the most favourable that applies. */
static void
put_aid(const struct world *world, struct text *text, const struct person *person,
        const struct enrolment *enrolment, unsigned m)
{
    static const int64_t amounts[] = {0, 40000, 20000, 20000, 8000};
    const struct household *home = world_home(world, person);
    unsigned class = 0;

    if (enrolment->scheme == SCHEME_EMPLOYEE || enrolment->status != ENROLMENT_NORMAL ||
        world_bend(world, person->bends, BEND_UNPAID, m) != NULL)
        class = 0;
    else if (world_granted(world, person, BEND_DESTITUTE, m))
        class = 1;
    else if (world_granted(world, person, BEND_DIBAO, m))
        class = 2;
    else if (home != NULL && world_monitored(world, home, m))
        class = 3;
    else if (home != NULL && world_alleviated(world, home, m))
        class = 4;
    text_int(text, class);
    text_money(text, amounts[class]);
}

static void
put_mark(struct text *text, bool *any, const char *mark)
{
    if (*any)
        text_append(text, "、");
    text_append(text, mark);
    *any = true;
}

static void
put_marks(const struct world *world, struct text *text, const struct person *person, unsigned m)
{
    static const char *const names[] = {"特困", "低保", "监测对象", "脱贫人口"};
    const struct household *home = world_home(world, person);
    const struct bend *wrong = world_bend(world, person->bends, BEND_MARKS, m);
    unsigned marks = 0;
    bool any = false;

    if (world_granted(world, person, BEND_DESTITUTE, m))
        marks |= MARK_DESTITUTE;
    if (world_granted(world, person, BEND_DIBAO, m))
        marks |= MARK_DIBAO;
    if (home != NULL && world_monitored(world, home, m))
        marks |= MARK_MONITORED;
    if (home != NULL &&
        (home->category == CATEGORY_ALLEVIATED || home->category == CATEGORY_UNSTABLE))
        marks |= MARK_ALLEVIATED;
    if (wrong != NULL)
        marks ^= (unsigned)wrong->value;
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
        if ((marks >> i & 1) != 0)
            put_mark(text, &any, names[i]);
    text_char(text, ',');
}

static void
write_enrolment(const struct world *world, unsigned m)
{
    struct feed feed;
    struct text *text = &feed.text;

    feed_open(&feed, world, "insurance.enrolment", m, ENROLMENT_COLUMNS);
    for (uint32_t i = 0; i < world->person_count; i++) {
        const struct person *person = &world->people[i];
        struct enrolment enrolment;

        if (!find_enrolment(world, person, m, &enrolment))
            continue;
        text_field(text, person->id);
        world_put_name(world, text, person, SECTOR_INSURANCE, m);
        text_int(text, enrolment.year);
        text_int(text, enrolment.scheme);
        text_int(text, enrolment.status);
        text_date(text, enrolment.paid_on);
        put_aid(world, text, person, &enrolment, m);
        text_field(text, enrolment.elsewhere ? "440305" : world->county);
        put_marks(world, text, person, m);
        text_end(text);
    }
    feed_close(&feed);
}

/* Month, person, and a counter: two digits, 00 by chance and from 01 by plan. */
static void
put_settlement_no(const struct world *world, struct text *text, const char *letters,
                  const struct person *person, unsigned m, unsigned counter)
{
    text_append(text, letters);
    text_digits(text, (uint64_t)(world->month[m].year * 100 + world->month[m].month), 6);
    text_digits(text, world_index(world, person), 8);
    text_digits(text, counter, 2);
    text_char(text, ',');
}

/* The three layers and what the person pays; a reversal has every amount negative. */
static void
put_amounts(struct text *text, const struct bill *bill, int64_t sign)
{
    int64_t basic = bill->self * 2;
    int64_t serious = bill->kind == KIND_STAY ? bill->self / 5 : 0;
    int64_t relief = bill->tilted ? bill->self / 4 : 0;
    int64_t in_scope = bill->self * 6 / 10;
    int64_t paid = basic + serious + relief;

    text_money(text, sign * (paid + bill->self));
    text_money(text, sign * (paid + in_scope));
    text_money(text, sign * basic);
    text_money(text, sign * serious);
    text_money(text, sign * relief);
    text_money(text, 0);
    text_money(text, sign * in_scope);
    text_money(text, sign * bill->self);
    text_bool(text, bill->tilted);
}

static void
put_settlement(const struct world *world, struct text *text, const struct person *person,
               const struct bill *bill, unsigned m, unsigned counter)
{
    put_settlement_no(world, text, "JS", person, m, counter);
    text_field(text, person->id);
    world_put_name(world, text, person, SECTOR_INSURANCE, m);
    text_int(text, bill->kind);
    text_date(text, bill->discharged - bill->days);
    text_date(text, bill->discharged);
    put_amounts(text, bill, 1);
    text_blank(text);
    text_int(text, world_roll(world, world_index(world, person), ROLL_DISEASE, 3));
    text_end(text);
}

/* A reversal in month `m` of a bill of month `of`. */
static void
put_reversal(const struct world *world, struct text *text, const struct person *person,
             const struct bill *bill, unsigned m, unsigned of, unsigned counter)
{
    int32_t day = of == m ? bill->discharged : world->month[m].first + 5;

    put_settlement_no(world, text, "CX", person, of, counter);
    text_field(text, person->id);
    world_put_name(world, text, person, SECTOR_INSURANCE, m);
    text_int(text, bill->kind);
    text_date(text, day);
    text_date(text, day);
    put_amounts(text, bill, -1);
    put_settlement_no(world, text, "JS", person, of, counter);
    text_int(text, world_roll(world, world_index(world, person), ROLL_DISEASE, 3));
    text_end(text);
}

static unsigned
first_month(const struct bend *bend)
{
    return (unsigned)__builtin_ctz(bend->months);
}

static struct bill
planned_bill(const struct world *world, const struct person *person, const struct bend *bend)
{
    unsigned m = first_month(bend);
    const struct household *home = world_home(world, person);
    bool stay = bend->argument == KIND_STAY;

    return (struct bill){
        .self = bend->value,
        .kind = bend->argument,
        .discharged = world->month[m].first + 7 +
                      (int32_t)world_roll(world, world_index(world, person), ROLL_DAY, 12),
        .days = stay ? 6 : 0,
        .tilted = home != NULL && world_helped(world, home, m) &&
                  world_bend(world, person->bends, BEND_UNTILTED, m) == NULL,
    };
}

static void
put_planned(const struct world *world, struct text *text, const struct person *person, unsigned m)
{
    unsigned counter = 0;

    for (const struct bend *bend = world_bend_next(world, person->bends); bend != NULL;
         bend = world_bend_next(world, bend->next)) {
        struct bill bill;

        if (bend->kind != BEND_BILL)
            continue;
        counter++;
        bill = planned_bill(world, person, bend);
        if (first_month(bend) == m)
            put_settlement(world, text, person, &bill, m, counter);
        if (bend->to == (int32_t)m + 1)
            put_reversal(world, text, person, &bill, m, first_month(bend), counter);
    }
}

/* What one person may pay in one month: a share of what the household can bear. */
static int64_t
bearable(const struct world *world, const struct household *home, unsigned m)
{
    int64_t income = home->lowest;
    int64_t spare = income - profile_line(world->profile) * home->count;
    int64_t most = world_helped(world, home, m) ? HELPED_MOST : ORDINARY_MOST;
    unsigned months = world->months < 12 ? world->months : 12;

    if (most > income * 4 / 10)
        most = income * 4 / 10;
    if (most > spare)
        most = spare > POOR_MOST ? spare : POOR_MOST;
    return most / (home->count * months);
}

static void
put_chance(const struct world *world, struct text *text, const struct person *person, unsigned m)
{
    const struct household *home = world_home(world, person);
    uint32_t index = world_index(world, person);
    uint64_t purpose = ROLL_BILL + 100 * (uint64_t)m;
    struct bill bill;
    int64_t most;
    unsigned roll;

    if (home->used || world_roll(world, index, purpose, 100) >= 5 ||
        !world_living(world, person, m))
        return;
    roll = world_roll(world, index, purpose + (ROLL_KIND - ROLL_BILL), 100);
    bill.kind = roll < 25 ? KIND_STAY : roll < 60 ? KIND_CHRONIC : KIND_CLINIC;
    most = bearable(world, home, m);
    if (bill.kind != KIND_STAY && most > CLINIC_MOST)
        most = CLINIC_MOST;
    bill.self = 500 + world_roll(world, index, purpose + (ROLL_SELF - ROLL_BILL),
                                 (unsigned)(most > 1000 ? most - 500 : 500));
    bill.discharged = world->month[m].first +
                      (int32_t)world_roll(world, index, purpose + (ROLL_DAY - ROLL_BILL), 28);
    bill.days = bill.kind == KIND_STAY ? 3 + (int32_t)(roll % 9) : 0;
    bill.tilted = world_helped(world, home, m);
    put_settlement(world, text, person, &bill, m, 0);
}

static void
write_settlements(const struct world *world, unsigned m)
{
    struct feed feed;

    feed_open(&feed, world, "insurance.settlement", m, SETTLEMENT_COLUMNS);
    for (uint32_t i = 0; i < world->member_count; i++) {
        const struct person *person = &world->people[i];

        if (person->bends != 0)
            put_planned(world, &feed.text, person, m);
        put_chance(world, &feed.text, person, m);
    }
    feed_close(&feed);
}

void
insurance_write(const struct world *world, unsigned m)
{
    write_enrolment(world, m);
    write_settlements(world, m);
}
