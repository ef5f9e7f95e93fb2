/*
 * world — the county: villages, households, people, and what bends them.
 *
 * The background is built once and never changes. Whatever changes with the
 * month, and every hardship, is a bend: a kind, the months in which it holds,
 * and a value, hung on a person or on a household. The functions here answer
 * how things stand in a month; the sector files are written from the answers.
 *
 * Months are counted from 0, the first of the run; a set of months is a bit
 * mask. Money is fen.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "areas.h"
#include "date.h"
#include "names.h"
#include "profile.h"
#include "rng.h"
#include "text.h"

#define WORLD_NONE UINT32_MAX
#define WORLD_MONTHS_MAX 24
#define WORLD_MEMBERS_MAX 12

/* Codes of feeds.md, as they stand in the files. */
enum relation { /* 与户主关系 */
                RELATION_HEAD,
                RELATION_SPOUSE,
                RELATION_SON,
                RELATION_DAUGHTER,
                RELATION_SON_WIFE,
                RELATION_GRANDSON,
                RELATION_GRANDDAUGHTER,
                RELATION_FATHER,
                RELATION_MOTHER,
};

enum status { /* 人员状态 */
              STATUS_HERE = 1,
              STATUS_DEAD = 2,
              STATUS_LEFT = 3,
              STATUS_ARMY = 4,
              STATUS_PRISON = 5,
};

enum category { /* 户类型 */
                CATEGORY_ORDINARY = 0,
                CATEGORY_ALLEVIATED = 1,
                CATEGORY_UNSTABLE = 2,
                CATEGORY_MARGINAL = 3,
                CATEGORY_SUDDEN = 4,
};

/* Sectors, as a bit for the spelling of a name. */
enum sector {
    SECTOR_REGISTER = 1 << 0,
    SECTOR_EDUCATION = 1 << 1,
    SECTOR_INSURANCE = 1 << 2,
    SECTOR_HOUSING = 1 << 3,
    SECTOR_WATER = 1 << 4,
    SECTOR_CIVIL = 1 << 5,
};

enum bend_kind {
    /* on a household */
    BEND_INCOME,   /* value: net income of the household, fen */
    BEND_REMOVED,  /* not in the register */
    BEND_HOUSE,    /* value: grade letter; argument: HOUSE_ flags; from: graded_on */
    BEND_RENOVATE, /* from, to: started, finished; value: plan year; argument: cancelled */
    BEND_WATER,    /* value: WATER_ pack; argument: enum water_link */
    BEND_WAGE,     /* value: wage, fen, whatever the net income */
    BEND_VISIT,    /* value: days between the last visit and the quarter, or VISIT_NEVER */
    BEND_BUILT,    /* value: year; argument: 1 for a hazard */
    BEND_OUTAGE,   /* value: days without water in the month; from: in the year */
    /* on water works, on a village */
    BEND_WORKS,     /* from, to: out of order; argument: planned */
    BEND_TEST,      /* failed items; argument: retested well */
    BEND_COMPLAINT, /* value: its number; from, to: received, closed */
    /* on a person */
    BEND_UNBORN,    /* not in the register yet */
    BEND_STATUS,    /* value: enum status; from: status_on */
    BEND_AWAY,      /* lives outside the county */
    BEND_MOVED,     /* value: the household moved to */
    BEND_UNINSURED, /* argument: enum uninsured */
    BEND_INSURED,   /* argument: enum insured */
    BEND_NAME,      /* value: sectors; argument: enum name_form */
    BEND_PUPIL,     /* value: PUPIL_ pack */
    BEND_NO_PUPIL,  /* no student record */
    BEND_BILL,      /* value: self-paid fen; argument: 11, 14 or 21; to: month of reversal + 1 */
    BEND_UNTILTED,  /* bills of the month are not tilted */
    BEND_UNPAID,    /* no premium aid */
    BEND_MARKS,     /* value: MARK_ bits that stand the other way round */
    BEND_LATE,      /* not returned at the term's audit */
    BEND_UNAIDED,   /* no school aid */
    BEND_FEES,      /* value: cost of the school year, fen */
    BEND_DISABLED,  /* value: kind, index into 残疾类别; argument: grade */
    BEND_GRACE,     /* from: dibao's 不符合条件日期; argument: index into 终止原因 */
    BEND_DIBAO,     /* from, to: started_on, ended_on */
    BEND_DESTITUTE, /* from, to: started_on, ended_on */
    BEND_EDGE,      /* from, to: started_on, ended_on */
};

enum uninsured {
    UNINSURED_ABSENT,   /* no row */
    UNINSURED_NEVER,    /* status 0 */
    UNINSURED_PAUSED,   /* status 2 */
    UNINSURED_ENDED,    /* status 3 */
    UNINSURED_LAST_YEAR /* a row of the year before only */
};

enum insured {
    INSURED_ELSEWHERE, /* 参保地 is another county */
    INSURED_EMPLOYEE,  /* 险种 310 */
};

enum water_link {
    WATER_BY_BOTH,  /* household number and person number */
    WATER_BY_HOUSE, /* household number and name */
    WATER_BY_HEAD,  /* person number */
    WATER_BY_PHONE, /* name and phone only */
};

#define VISIT_NEVER INT32_MIN

/* 身份标识 */
#define MARK_DESTITUTE 1U
#define MARK_DIBAO 2U
#define MARK_MONITORED 4U
#define MARK_ALLEVIATED 8U

/* Villages that one works supplies. */
#define WORLD_WORKS_VILLAGES 6U

#define HOUSE_ONLY 1U     /* 唯一住房 */
#define HOUSE_OCCUPIED 2U /* 是否居住 */
#define HOUSE_LOOSE 4U    /* without 户编号 */
#define HOUSE_LIVED (HOUSE_ONLY | HOUSE_OCCUPIED)

struct bend {
    uint32_t next; /* index, 0 ends the list */
    uint32_t months;
    int64_t value;
    int32_t from;
    int32_t to;
    uint8_t kind;
    uint8_t argument;
};

struct person {
    char id[19]; /* written by people_number, after all plans */
    uint8_t relation;
    uint8_t status;
    bool away;
    bool disabled;
    bool slot; /* an infant that is born only if a plan says so */
    struct name name;
    int32_t birth;
    uint32_t household; /* WORLD_NONE: in no register household */
    uint32_t bends;
};

struct household {
    uint32_t first;
    uint32_t bends;
    uint32_t village;
    int32_t identified; /* days */
    int32_t eliminated;
    int64_t income; /* net, of the whole household, twelve months */
    int64_t lowest; /* the lowest income that a bend gives it */
    uint8_t count;
    uint8_t category;
    uint8_t stale; /* months by which 收入所属年月 lies before the run; 0: kept up */
    bool foretold; /* dates show before they come */
    bool away;
    bool no_labour;
    bool civil; /* some member has a row in a civil affairs roster */
    bool used;  /* a plan has it: no chance touches it */
};

struct month {
    int year;
    int month;
    int32_t first;
    int32_t end;
    int32_t school; /* the last 31 August up to the end */
};

struct world {
    uint64_t seed;
    const char *out;
    char county[7];
    const struct profile *profile;
    struct areas areas;
    unsigned months;
    uint32_t all; /* mask of all months */
    struct month month[WORLD_MONTHS_MAX];
    struct household *households;
    uint32_t household_count;
    struct person *people; /* households' members first, then people of no household */
    uint32_t person_count;
    uint32_t member_count; /* people below this index are of a household */
    uint32_t *works;       /* bends of each water works, and of each village */
    uint32_t *villages;
    uint32_t works_count;
    struct bend *bends; /* index 0 is not used */
    uint32_t bend_count;
};

/* Make room for the bends of works and villages, once the areas are known. */
void world_waters(struct world *world);

/* Set the calendar of `months` months from `year`-`month`. */
void world_calendar(struct world *world, int year, int month, unsigned months);

void world_done(struct world *world);

/* Hang a bend on a list; `world` copies it. */
void world_bend_person(struct world *world, struct person *person, struct bend bend);
void world_bend_household(struct world *world, struct household *household, struct bend bend);
void world_bend_works(struct world *world, uint32_t works, struct bend bend);
void world_bend_village(struct world *world, uint32_t village, struct bend bend);

/* Return the newest bend of `kind` in list `head` that holds in month `m`, or NULL. */
const struct bend *world_bend(const struct world *world, uint32_t head, enum bend_kind kind,
                              unsigned m);

static inline const struct bend *
world_bend_next(const struct world *world, uint32_t at)
{
    return at == 0 ? NULL : &world->bends[at];
}

/* Chance that stays: the roll of an entity for a purpose. */
unsigned world_roll(const struct world *world, uint64_t entity, uint64_t purpose, unsigned n);

/* Return how many households `rate` of a hundred thousand are; none in a small county. */
uint32_t world_share(const struct world *world, uint32_t rate);

/* Return the `i`th of `count` different households that stand for a purpose in month `m`. */
uint32_t world_sample(const struct world *world, uint64_t purpose, unsigned m, uint32_t i,
                      uint32_t count);

static inline uint32_t
world_index(const struct world *world, const struct person *person)
{
    return (uint32_t)(person - world->people);
}

static inline uint32_t
world_household_index(const struct world *world, const struct household *household)
{
    return (uint32_t)(household - world->households);
}

static inline struct person *
world_head(const struct world *world, const struct household *household)
{
    return &world->people[household->first];
}

/* The household's own, or NULL for a person of no household. */
static inline struct household *
world_home(const struct world *world, const struct person *person)
{
    return person->household == WORLD_NONE ? NULL : &world->households[person->household];
}

/* How things stand in month `m`, in the terms of rules.md. */
bool world_born(const struct world *world, const struct person *person, unsigned m);
enum status world_status(const struct world *world, const struct person *person, unsigned m);
bool world_living(const struct world *world, const struct person *person, unsigned m);
bool world_resident(const struct world *world, const struct person *person, unsigned m);
bool world_removed(const struct world *world, const struct household *household, unsigned m);
bool world_monitored(const struct world *world, const struct household *household, unsigned m);
bool world_alleviated(const struct world *world, const struct household *household, unsigned m);
bool world_covered(const struct world *world, const struct household *household, unsigned m);
bool world_helped(const struct world *world, const struct household *household, unsigned m);
bool world_granted(const struct world *world, const struct person *person, enum bend_kind kind,
                   unsigned m);
unsigned world_living_count(const struct world *world, const struct household *household,
                            unsigned m);
int64_t world_income(const struct world *world, const struct household *household, unsigned m);

/* Append the fields that several sectors write. */
void world_put_name(const struct world *world, struct text *text, const struct person *person,
                    enum sector sector, unsigned m);
void world_put_phone(const struct world *world, struct text *text, uint32_t household);
void world_put_address(const struct world *world, struct text *text, uint32_t household);
void world_put_household_no(const struct world *world, struct text *text, uint32_t household);
/* A county's number: a letter, the county and a counter, such as F36072200001234. */
void world_put_number(const struct world *world, struct text *text, const char *letter,
                      uint32_t index);

#endif
