/*
 * plan — hardships planted into the background, and the truth about them.
 *
 * A plant is a row of a table: which rules it serves, how many of it a hundred
 * thousand households get, in which months it holds, which households suit, and
 * a function that bends one of them and says what must be found. A household
 * serves one plant, so that plants never meet.
 */
#ifndef PLAN_H
#define PLAN_H

#include "truth.h"

enum span {
    SPAN_ALL,
    SPAN_FIRST, /* only the first month */
    SPAN_EARLY, /* the first two */
    SPAN_ONCE,  /* only the second */
    SPAN_LATER, /* from the second on */
    SPAN_END,   /* from the third on */
    SPAN_GAP,   /* all but the second: a new episode */
};

struct plan {
    struct world *world;
    struct truth *truth;
    struct rng rng;
    uint32_t stranger;   /* the last person of no household that a plan took */
    uint32_t works;      /* the next water works that no plan has */
    uint32_t complaints; /* how many were planted */
};

typedef bool plan_suits(const struct world *world, const struct household *home);
typedef void plan_bends(struct plan *plan, struct household *home, uint32_t months, int variant);

struct plant {
    const char *rules; /* such as "M05 W01"; "-" for a decoy, "~" for an ordinary change */
    unsigned rate;     /* of a hundred thousand households */
    enum span span;
    plan_suits *suits; /* NULL: the plant takes no household */
    plan_bends *bends;
    int variant;
};

/* Plant `count` rows of a table, each at `factor` times its rate but at least once. */
void plan_table(struct plan *plan, const struct plant *plants, size_t count, double factor);

/* Return the months of a span in this run. */
uint32_t plan_span(const struct world *world, enum span span);

/* Return the months from `m` on. */
uint32_t plan_from(const struct world *world, unsigned m);

/* Which households suit: without any trait of their own, not yet used. */
bool plan_plain(const struct world *world, const struct household *home);
bool plan_han(const struct world *world, const struct household *home); /* with surnames */
bool plan_minority(const struct world *world, const struct household *home);
bool plan_family(const struct world *world, const struct household *home); /* two or more */
bool plan_child(const struct world *world, const struct household *home);  /* 6..14 all along */
bool plan_infant(const struct world *world, const struct household *home); /* may get an infant */
bool plan_old(const struct world *world, const struct household *home); /* one, sixty all along */
bool plan_single(const struct world *world, const struct household *home); /* one member */

/* Take one more household that suits, or return NULL. */
struct household *plan_pick(struct plan *plan, plan_suits *suits);

/* Return a member: the one whom a plant concerns. */
struct person *plan_adult(const struct plan *plan, const struct household *home);
struct person *plan_spouse(const struct plan *plan, const struct household *home);
struct person *plan_pupil(const struct plan *plan, const struct household *home);

/* Return the next person of no household who is a pupil, or an adult; NULL when none is left. */
struct person *plan_stranger(struct plan *plan, bool adult);

/* Make a household another category; dates lie before the run. */
void plan_categorise(struct plan *plan, struct household *home, enum category category);

/* Give every member a row in a civil affairs roster that began before the run. */
void plan_grant(struct plan *plan, struct household *home, enum bend_kind kind);

/* Spell a person's name otherwise in some sectors, in all months. */
void plan_spell(struct plan *plan, struct person *person, unsigned sectors, enum name_form form);

/* Change a person's status from month `m` on. */
void plan_status(struct plan *plan, struct person *person, enum status status, unsigned m);

/* Say what is found. */
void plan_find_person(struct plan *plan, const char *rule, uint32_t months, enum severity severity,
                      const struct person *person);
void plan_find_household(struct plan *plan, const char *rule, uint32_t months,
                         enum severity severity, const struct household *home);
void plan_find_house(struct plan *plan, const char *rule, uint32_t months, enum severity severity,
                     const struct person *owner);

#endif
