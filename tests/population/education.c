#include "education.h"

#include <stdio.h>

#include "feed.h"

#define STUDENT_COLUMNS                                                                                                           \
    "身份证件号,姓名,学校标识码,学校所在地代码,监护人姓名,联系电话,年级,学籍状态,状态日期," \
    "当月缺课天数,是否寄宿,未在校原因"
#define AID_COLUMNS "身份证件号,姓名,学期,资助项目,资助金额,发放日期"
#define COST_COLUMNS "身份证件号,姓名,学年,学费,住宿费,教材费,资助减免"
#define AUDIT_COLUMNS "身份证件号,姓名,学期,学校标识码,是否返校,审核日期"

enum roll {
    ROLL_PRESCHOOL = 2000,
    ROLL_SENIOR,
    ROLL_HIGHER,
    ROLL_OUTSIDE,
    ROLL_STATUS,
    ROLL_ABSENT,
    ROLL_BOARDING,
    ROLL_SCHOOL,
    ROLL_AID,
    ROLL_DAY,
    ROLL_TUITION,
};

enum pupil_status {
    PUPIL_HERE = 1,
    PUPIL_RESTING = 2,
    PUPIL_SUSPECTED = 4,
    PUPIL_AT_HOME = 6,
};

struct pupil {
    unsigned grade;
    unsigned status;
    unsigned reason;
    unsigned absent;
    bool outside;
    bool planned;
};

/* Return the usual grade at `age` on 31 August, or GRADE_BY_AGE for none. */
static unsigned
usual_grade(const struct world *world, const struct person *person, int age)
{
    uint32_t index = world_index(world, person);
    unsigned roll;

    if (age < 3 || age > 21)
        return GRADE_BY_AGE;
    if (age < 6)
        return world_roll(world, index, ROLL_PRESCHOOL, 100) < 75 ? GRADE_PRESCHOOL : GRADE_BY_AGE;
    if (age < 15)
        return GRADE_PRIMARY + (unsigned)age - 6;
    if (age > 17)
        return world_roll(world, index, ROLL_HIGHER, 100) < 35 ? GRADE_HIGHER : GRADE_BY_AGE;
    roll = world_roll(world, index, ROLL_SENIOR, 100);
    if (roll >= 92)
        return GRADE_BY_AGE;
    return (roll < 57 ? GRADE_SENIOR : GRADE_VOCATIONAL) + (unsigned)age - 15;
}

static void
bend_pupil(struct pupil *pupil, int64_t value)
{
    pupil->status = (unsigned)(value & 0xff);
    pupil->reason = (unsigned)(value >> 8 & 0xff);
    pupil->absent = (unsigned)(value >> 16 & 0xff);
    if ((unsigned)(value >> 24 & 0xff) != GRADE_BY_AGE)
        pupil->grade = (unsigned)(value >> 24 & 0xff);
    pupil->outside = (value >> 32 & 1) != 0;
    pupil->planned = true;
}

/* Fill in `pupil`; returns false when the person has no student record. */
static bool
find_pupil(const struct world *world, const struct person *person, unsigned m, struct pupil *pupil)
{
    uint32_t index = world_index(world, person);
    const struct bend *bend = world_bend(world, person->bends, BEND_PUPIL, m);
    const struct household *home = world_home(world, person);
    int age = date_age(person->birth, world->month[m].school);

    *pupil = (struct pupil){.grade = usual_grade(world, person, age), .status = PUPIL_HERE};
    if (!world_living(world, person, m) ||
        world_bend(world, person->bends, BEND_NO_PUPIL, m) != NULL)
        return false;
    if (bend != NULL) {
        bend_pupil(pupil, bend->value);
        return pupil->grade != GRADE_BY_AGE;
    }
    if (pupil->grade == GRADE_BY_AGE)
        return false;
    if (!world_resident(world, person, m)) {
        pupil->outside = true;
        return home->category == CATEGORY_ORDINARY &&
               world_roll(world, index, ROLL_OUTSIDE, 2) == 0;
    }
    pupil->absent = world_roll(world, index, ROLL_ABSENT + 100 * m, 30) < 4 ? 1 + index % 3 : 0;
    if (person->disabled && world_roll(world, index, ROLL_STATUS, 5) == 0)
        pupil->status = PUPIL_AT_HOME;
    else if (world_roll(world, index, ROLL_STATUS, 150) == 0)
        pupil->status = PUPIL_RESTING;
    return true;
}

static bool
compulsory(const struct pupil *pupil)
{
    return pupil->grade >= GRADE_PRIMARY && pupil->grade < GRADE_SENIOR;
}

/* Schools of the higher grades stand in the county's first township. */
static uint32_t
school_township(const struct world *world, const struct person *person, const struct pupil *pupil)
{
    const struct household *home = world_home(world, person);

    if (home == NULL || pupil->grade >= GRADE_SENIOR)
        return 0;
    return world->areas.villages[home->village].township;
}

/* Ten digits: the county, the kind of school, a counter. */
static void
put_school(const struct world *world, struct text *text, const struct person *person,
           const struct pupil *pupil)
{
    unsigned kind = pupil->grade < GRADE_JUNIOR ? 1 : pupil->grade < GRADE_SENIOR ? 2 : 3;
    uint32_t counter = kind == 3 ? world_roll(world, world_index(world, person), ROLL_SCHOOL, 4)
                                 : school_township(world, person, pupil);

    if (pupil->outside) {
        text_field(text, "4403051001");
        return;
    }
    text_append(text, world->county);
    text_digits(text, kind, 1);
    text_digits(text, counter, 3);
    text_char(text, ',');
}

static void
put_school_area(const struct world *world, struct text *text, const struct person *person,
                const struct pupil *pupil)
{
    uint32_t township = school_township(world, person, pupil);

    text_field(text, pupil->outside ? "440305" : world->areas.townships[township].code);
}

static void
put_grade(struct text *text, unsigned grade)
{
    static const char *const grades[] = {"S0", "P1", "P2", "P3", "P4", "P5", "P6", "J1", "J2",
                                         "J3", "H1", "H2", "H3", "V1", "V2", "V3", "U"};

    text_field(text, grades[grade]);
}

static void
put_code(struct text *text, unsigned code)
{
    if (code > 0)
        text_digits(text, code, 2);
    text_char(text, ',');
}

static void
put_guardian(const struct world *world, struct text *text, const struct person *person, unsigned m)
{
    const struct household *home = world_home(world, person);

    if (home == NULL) {
        text_append(text, ",,");
        return;
    }
    world_put_name(world, text, world_head(world, home), SECTOR_EDUCATION, m);
    world_put_phone(world, text, person->household);
}

static void
put_student(const struct world *world, struct text *text, const struct person *person,
            const struct pupil *pupil, unsigned m)
{
    unsigned boards = pupil->grade < GRADE_JUNIOR ? 5 : 60;

    text_field(text, person->id);
    world_put_name(world, text, person, SECTOR_EDUCATION, m);
    put_school(world, text, person, pupil);
    put_school_area(world, text, person, pupil);
    put_guardian(world, text, person, m);
    put_grade(text, pupil->grade);
    put_code(text, pupil->status);
    text_date(text, pupil->status == PUPIL_HERE ? DATE_NONE : world->month[m].first);
    text_int(text, pupil->absent);
    text_bool(text, world_roll(world, world_index(world, person), ROLL_BOARDING, 100) < boards);
    put_code(text, pupil->reason);
    text_end(text);
}

static void
write_students(const struct world *world, unsigned m)
{
    struct feed feed;
    struct pupil pupil;

    feed_open(&feed, world, "education.student", m, STUDENT_COLUMNS);
    for (uint32_t i = 0; i < world->person_count; i++)
        if (find_pupil(world, &world->people[i], m, &pupil))
            put_student(world, &feed.text, &world->people[i], &pupil, m);
    feed_close(&feed);
}

/* Terms run from February to July and from September to January. */
static void
term_name(const struct month *month, char name[16])
{
    bool spring = month->month >= 2 && month->month <= 7;

    (void)snprintf(name, 16, "%d%s", month->month == 1 ? month->year - 1 : month->year,
                   spring ? "春" : "秋");
}

/* Return the kind of aid a pupil gets, or NULL; who is helped in the run is aided all along. */
static const char *
aid_kind(const struct world *world, const struct person *person, const struct pupil *pupil,
         unsigned m)
{
    const struct household *home = world_home(world, person);
    bool enrolled = pupil->status == PUPIL_HERE || pupil->status == PUPIL_RESTING ||
                    pupil->status == PUPIL_SUSPECTED || pupil->status == PUPIL_AT_HOME;
    bool lucky = world_roll(world, world_index(world, person), ROLL_AID, 50) == 0;

    if (world_bend(world, person->bends, BEND_UNAIDED, m) != NULL)
        return NULL;
    if (home == NULL || !enrolled || pupil->grade == GRADE_PRESCHOOL)
        return NULL;
    if (!lucky && home->category == CATEGORY_ORDINARY && !home->civil)
        return NULL;
    if (compulsory(pupil))
        return "一补";
    if (pupil->grade == GRADE_HIGHER)
        return "助学贷款";
    return pupil->grade >= GRADE_VOCATIONAL ? "雨露计划" : "国家助学金";
}

static void
write_aid(const struct world *world, unsigned m)
{
    char term[16];
    struct feed feed;

    term_name(&world->month[m], term);
    feed_open(&feed, world, "education.aid", m, AID_COLUMNS);
    for (uint32_t i = 0; i < world->person_count; i++) {
        const struct person *person = &world->people[i];
        struct pupil pupil;
        const char *kind;

        if (!find_pupil(world, person, m, &pupil))
            continue;
        kind = aid_kind(world, person, &pupil, m);
        if (kind == NULL)
            continue;
        text_field(&feed.text, person->id);
        world_put_name(world, &feed.text, person, SECTOR_EDUCATION, m);
        text_field(&feed.text, term);
        text_field(&feed.text, kind);
        text_money(&feed.text, compulsory(&pupil) ? 31250 : 100000);
        text_date(&feed.text,
                  world->month[m].first + 4 + (int32_t)world_roll(world, i, ROLL_DAY, 20));
        text_end(&feed.text);
    }
    feed_close(&feed);
}

/* Fees stay below a fifth of the lowest income of the household. */
static void
put_fees(const struct world *world, struct text *text, const struct person *person,
         const struct pupil *pupil, unsigned m)
{
    const struct household *home = world_home(world, person);
    const struct bend *fees = world_bend(world, person->bends, BEND_FEES, m);
    int64_t tuition =
        pupil->grade < GRADE_SENIOR ? 0
        : pupil->grade == GRADE_HIGHER
            ? 380000 + 1000 * world_roll(world, world_index(world, person), ROLL_TUITION, 120)
            : 120000;
    int64_t lodging = pupil->grade < GRADE_JUNIOR ? 0 : pupil->grade < GRADE_SENIOR ? 20000 : 80000;
    int64_t books = compulsory(pupil) ? 0 : 45000;
    int64_t sum = tuition + lodging + books;
    int64_t most = home == NULL ? sum : home->lowest / 5;

    if (fees != NULL) {
        sum = fees->value;
        tuition = sum - lodging - books;
        most = sum;
    }
    text_money(text, tuition);
    text_money(text, lodging);
    text_money(text, books);
    text_money(text, sum > most ? sum - most : 0);
}

static void
write_cost(const struct world *world, unsigned m)
{
    const struct month *month = &world->month[m];
    int year = month->month >= 9 ? month->year : month->year - 1;
    char school_year[16];
    struct feed feed;

    (void)snprintf(school_year, sizeof(school_year), "%d-%d", year % 10000, (year + 1) % 10000);
    feed_open(&feed, world, "education.cost", m, COST_COLUMNS);
    for (uint32_t i = 0; i < world->person_count; i++) {
        const struct person *person = &world->people[i];
        struct pupil pupil;

        if (!find_pupil(world, person, m, &pupil) || pupil.grade == GRADE_PRESCHOOL)
            continue;
        text_field(&feed.text, person->id);
        world_put_name(world, &feed.text, person, SECTOR_EDUCATION, m);
        text_field(&feed.text, school_year);
        put_fees(world, &feed.text, person, &pupil, m);
        text_end(&feed.text);
    }
    feed_close(&feed);
}

/* Everybody of school age came back but whom a plan keeps away; other dropouts show in the roster
   only. */
static void
write_audit(const struct world *world, unsigned m)
{
    const struct month *month = &world->month[m];
    char term[16];
    struct feed feed;

    term_name(month, term);
    feed_open(&feed, world, "education.audit", m, AUDIT_COLUMNS);
    for (uint32_t i = 0; i < world->person_count; i++) {
        const struct person *person = &world->people[i];
        struct pupil pupil;

        if (!find_pupil(world, person, m, &pupil) || !compulsory(&pupil) || pupil.outside)
            continue;
        text_field(&feed.text, person->id);
        world_put_name(world, &feed.text, person, SECTOR_EDUCATION, m);
        text_field(&feed.text, term);
        put_school(world, &feed.text, person, &pupil);
        text_bool(&feed.text, world_bend(world, person->bends, BEND_LATE, m) == NULL);
        text_date(&feed.text, month->first + 9 + (int32_t)world_roll(world, i, ROLL_DAY, 15));
        text_end(&feed.text);
    }
    feed_close(&feed);
}

void
education_write(const struct world *world, unsigned m)
{
    int month = world->month[m].month;

    write_students(world, m);
    if (month != 8 && (m == 0 || month == 2 || month == 9)) {
        write_aid(world, m);
        write_audit(world, m);
    }
    if (m == 0 || month == 9)
        write_cost(world, m);
}
