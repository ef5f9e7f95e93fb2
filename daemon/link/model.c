#include "link/model.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

#define MODEL_ROUNDS_MAX 200
#define MODEL_STILL 1e-7         /* change of the number of matches, relative, that ends the fit */
#define MODEL_SAMPLE 500000      /* random pairs that are compared */
#define MODEL_AHEAD 16           /* pairs whose persons are fetched from memory meanwhile */
#define MODEL_PRIOR_PAIRS 50.0   /* how many pairs the first guess is worth */
#define MODEL_GUESS_PAIRS 2000.0 /* random pairs that the guess of a county is worth, at most */
#define MODEL_GUESS_PEOPLE 200.0 /* and people, where a value is rare or common */
#define MODEL_SLIP 1e-6          /* how often two people have one number, at most */
#define MODEL_KIN_MIN 1000.0     /* pairs of kin with two numbers that make their names known */
#define MODEL_TERM_MAX 500000    /* thousandths; bounds what a likelihood of almost 0 can say */

/* ---- the first guess: a county's records as they come ---- */

static const double model_guess[MODEL_CLASSES][COMPARE_FIELDS][COMPARE_LEVELS] =
    {
        [MODEL_MATCH] =
            {
                [COMPARE_NUMBER] = {0, .94, .04, .004, .01, .006},
                [COMPARE_NAME] = {0, .93, .01, .015, .01, .01, .01, .004, .01, .001},
                [COMPARE_BIRTH] = {0, .96, .02, .01, .01},
                [COMPARE_SEX] = {0, .995, .005},
                [COMPARE_PHONE] = {0, .80, .01, .19},
                [COMPARE_PLACE] = {0, .85, .05, .04, .06, .30, .65, .05},
                [COMPARE_HOUSEHOLD] = {0, .90, .10},
            },
        [MODEL_KIN] =
            {
                [COMPARE_NUMBER] = {0, 1e-8, 2e-5, .02, .10, .88},
                [COMPARE_NAME] = {0, 1e-6, 1e-6, .001, .003, .005, .04, .002, .50, .45},
                [COMPARE_BIRTH] = {0, .03, .005, .03, .935},
                [COMPARE_SEX] = {0, .50, .50},
                [COMPARE_PHONE] = {0, .50, .01, .49},
                [COMPARE_PLACE] = {0, .85, .10, .03, .02, .30, .65, .05},
                [COMPARE_HOUSEHOLD] = {0, .90, .10},
            },
        [MODEL_BORROWED] =
            {
                [COMPARE_NUMBER] = {0, .99, .01, 1e-6, 1e-6, 1e-6},
                [COMPARE_NAME] = {0, 1e-6, 1e-6, .001, .003, .005, .02, .002, .56, .40},
                [COMPARE_BIRTH] = {0, .001, .001, .005, .993},
                [COMPARE_SEX] = {0, .50, .50},
                [COMPARE_PHONE] = {0, .50, .01, .49},
                [COMPARE_PLACE] = {0, .85, .10, .03, .02, .30, .65, .05},
                [COMPARE_HOUSEHOLD] = {0, .90, .10},
            },
        [MODEL_RANDOM] =
            {
                [COMPARE_NUMBER] = {0, 1e-6, 1e-6, 1e-5, .047, .953},
                [COMPARE_NAME] = {0, 1e-4, 1e-6, 1e-4, 1e-5, 2e-4, 5e-4, 1e-4, .02, .98},
                [COMPARE_BIRTH] = {0, 5e-5, .0012, .003, .996},
                [COMPARE_SEX] = {0, .50, .50},
                [COMPARE_PHONE] = {0, 1e-5, 1e-5, 1},
                [COMPARE_PLACE] = {0, .001, .03, .40, .57, .005, .40, .60},
                [COMPARE_HOUSEHOLD] = {0, .001, .999},
            },
};

/* ---- random pairs ---- */

static uint64_t
model_random(uint64_t *state)
{
    uint64_t x = *state += 0x9E3779B97F4A7C15U;

    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    return x ^ x >> 31;
}

/* Turn counts into shares of each group. */
static void
model_share(double levels[COMPARE_LEVELS], enum compare_field field)
{
    double all[2] = {0, 0};

    for (unsigned level = 1; level < compare_levels(field); level++)
        all[compare_group(field, level)] += levels[level];
    for (unsigned level = 1; level < compare_levels(field); level++)
        levels[level] /= all[compare_group(field, level)];
}

static void
model_fetch(const struct person *person)
{
    __builtin_prefetch(person);
    __builtin_prefetch((const char *)person + 64);
    __builtin_prefetch((const char *)person + sizeof(*person) - 1);
}

/*
 * What the guess of a county is worth beside `known` pairs or people of the table itself: at first
 * as many as `most`, beside a whole county nothing.
 */
static double
model_worth(double most, double known)
{
    double part = most / (most + known);

    return most * part * part;
}

/* Turn the counts of levels into likelihoods; a table of few pairs says no more than it has. */
static void
model_settle(struct model *model, double drawn)
{
    double(*random)[COMPARE_LEVELS] = model->likelihood[MODEL_RANDOM];
    double all = model->pairs[MODEL_RANDOM], scale = drawn > all ? all / drawn : 1;
    double worth = model_worth(MODEL_GUESS_PAIRS, all);

    for (int field = 0; field < COMPARE_FIELDS; field++) {
        for (unsigned level = 1; level < compare_levels((enum compare_field)field); level++)
            random[field][level] =
                random[field][level] * scale + model_guess[MODEL_RANDOM][field][level] * worth;
        model_share(random[field], (enum compare_field)field);
    }
}

/* Count the levels of random pairs; those that are plainly one person are none. */
static void
model_sample(struct model *model, const struct person *persons, uint32_t count)
{
    double(*random)[COMPARE_LEVELS] = model->likelihood[MODEL_RANDOM];
    const struct person *pairs[MODEL_AHEAD][2];
    uint64_t state = count;
    double drawn = 0;

    for (int field = 0; field < COMPARE_FIELDS; field++)
        for (unsigned level = 1; level < compare_levels((enum compare_field)field); level++)
            random[field][level] = .5;
    for (int i = 0; i < MODEL_SAMPLE + MODEL_AHEAD && count > 1; i++) {
        const struct person **pair = pairs[i % MODEL_AHEAD];
        uint32_t pattern;

        if (i >= MODEL_AHEAD && pair[0] != pair[1]) {
            pattern = compare_pair(pair[0], pair[1]);
            drawn += 1;
            for (int field = 0; field < COMPARE_FIELDS && compare_certain(pattern) == 0; field++)
                random[field][compare_level(pattern, (enum compare_field)field)] += 1;
        }
        pair[0] = &persons[model_random(&state) % count];
        pair[1] = &persons[model_random(&state) % count];
        model_fetch(pair[0]);
        model_fetch(pair[1]);
    }
    model_settle(model, drawn);
}

/* Set one level to a share that is known exactly and the others of its group to the rest. */
static void
model_set(double levels[COMPARE_LEVELS], enum compare_field field, unsigned known, double share)
{
    double rest = 0;

    share = fmin(fmax(share, 1e-12), .5);
    for (unsigned level = 1; level < compare_levels(field); level++)
        if (level != known && compare_group(field, level) == compare_group(field, known))
            rest += levels[level];
    for (unsigned level = 1; level < compare_levels(field); level++)
        if (level != known && compare_group(field, level) == compare_group(field, known))
            levels[level] *= (1 - share) / rest;
    levels[known] = share;
}

/* Set a level to the share that the table's values have, or the guess while they are few. */
static void
model_set_counted(struct model *model, enum compare_field field, unsigned level, double share)
{
    double all = model->pairs[MODEL_RANDOM], worth = model_worth(MODEL_GUESS_PAIRS, all);

    share = (share * all + model_guess[MODEL_RANDOM][field][level] * worth) / (all + worth);
    model_set(model->likelihood[MODEL_RANDOM][field], field, level, share);
}

static void
model_chance(struct model *model, const struct person *persons, uint32_t count)
{
    double *numbers = model->likelihood[MODEL_RANDOM][COMPARE_NUMBER];
    const struct tally *tally = &model->tally;
    double all = model->pairs[MODEL_RANDOM], slip = fmin(1 / all, MODEL_SLIP);

    model_sample(model, persons, count);
    model_set_counted(model, COMPARE_NAME, NAME_SOUND, fmax(tally->sound, 1 / all));
    model_set_counted(model, COMPARE_NAME, NAME_EXACT, fmax(tally->name, 1 / all));
    model_set_counted(model, COMPARE_PHONE, PHONE_EQUAL, tally->phone);
    model_set_counted(model, COMPARE_PLACE, PLACE_EQUAL, tally->address);
    /* Equal numbers of two people are mistakes; so are near ones. */
    model_set(numbers, COMPARE_NUMBER, NUMBER_NEAR, slip);
    model_set(numbers, COMPARE_NUMBER, NUMBER_EQUAL, slip);
}

/* ---- EM ---- */

static double
model_pattern(const struct model *model, enum model_class kind, uint32_t pattern)
{
    double likelihood = 1;

    for (int field = 0; field < COMPARE_FIELDS; field++) {
        unsigned level = compare_level(pattern, (enum compare_field)field);

        if (level != COMPARE_MISSING)
            likelihood *= model->likelihood[kind][field][level];
    }
    return likelihood;
}

/* The sums of one round: pairs by class, field and level. */
struct model_sums {
    double levels[MODEL_RANDOM][COMPARE_FIELDS][COMPARE_LEVELS];
    double pairs[MODEL_RANDOM];
    double kin_names[COMPARE_LEVELS]; /* of kin with two different numbers */
};

static void
model_expect(const struct model *model, const struct model_count *counts, size_t pattern_count,
             struct model_sums *sums)
{
    for (size_t i = 0; i < pattern_count; i++) {
        uint32_t pattern = counts[i].pattern;
        double mass[MODEL_CLASSES], all = 0;

        for (int kind = 0; kind < MODEL_CLASSES; kind++) {
            mass[kind] = model->pairs[kind] * model_pattern(model, (enum model_class)kind, pattern);
            if (kind == MODEL_MATCH && compare_veto(pattern))
                mass[kind] = 0;
            all += mass[kind];
        }
        for (int kind = 0; kind < MODEL_RANDOM && all > 0; kind++) {
            double share = mass[kind] / all * (double)counts[i].pairs;

            sums->pairs[kind] += share;
            for (int field = 0; field < COMPARE_FIELDS; field++)
                sums->levels[kind][field][compare_level(pattern, (enum compare_field)field)] +=
                    share;
            if (kind == MODEL_KIN && compare_level(pattern, COMPARE_NUMBER) == NUMBER_DIFFERENT)
                sums->kin_names[compare_level(pattern, COMPARE_NAME)] += share;
        }
    }
}

/* Likelihoods from sums, with the first guess as a few pairs of its own. */
static void
model_estimate(const double sums[COMPARE_LEVELS], const double guess[COMPARE_LEVELS],
               enum compare_field field, double levels[COMPARE_LEVELS])
{
    for (unsigned level = 1; level < compare_levels(field); level++)
        levels[level] = sums[level] + guess[level] * MODEL_PRIOR_PAIRS;
    model_share(levels, field);
}

/* Keep a class what it is: what defines it is not learnt. */
static void
model_fix(double levels[COMPARE_LEVELS], enum compare_field field, unsigned first, unsigned last,
          const double fixed[COMPARE_LEVELS])
{
    for (unsigned level = first; level <= last; level++)
        model_set(levels, field, level, fixed[level]);
}

/*
 * Kin have different names and numbers by definition: how often their names are the same is what it
 * is for any two people. The rest is learnt from pairs with two different numbers, who cannot be
 * one.
 */
static void
model_kin(struct model *model, const double sums[COMPARE_LEVELS])
{
    const double *guess = model_guess[MODEL_KIN][COMPARE_NAME];
    double(*kin)[COMPARE_LEVELS] = model->likelihood[MODEL_KIN], known = 0;

    for (unsigned level = NAME_EXACT; level <= NAME_NONE; level++)
        known += sums[level];
    model_estimate(known < MODEL_KIN_MIN ? guess : sums, guess, COMPARE_NAME, kin[COMPARE_NAME]);
    model_fix(kin[COMPARE_NAME], COMPARE_NAME, NAME_EXACT, NAME_VARIANT,
              model->likelihood[MODEL_RANDOM][COMPARE_NAME]);
    model_fix(kin[COMPARE_NUMBER], COMPARE_NUMBER, NUMBER_EQUAL, NUMBER_NEAR,
              model_guess[MODEL_KIN][COMPARE_NUMBER]);
}

/* Who borrows a number has another name and was born on another day. */
static void
model_borrowed(struct model *model)
{
    double(*borrowed)[COMPARE_LEVELS] = model->likelihood[MODEL_BORROWED];

    memcpy(borrowed[COMPARE_NUMBER], model_guess[MODEL_BORROWED][COMPARE_NUMBER],
           sizeof(borrowed[COMPARE_NUMBER]));
    memcpy(borrowed[COMPARE_BIRTH], model_guess[MODEL_BORROWED][COMPARE_BIRTH],
           sizeof(borrowed[COMPARE_BIRTH]));
    model_fix(borrowed[COMPARE_NAME], COMPARE_NAME, NAME_EXACT, NAME_VARIANT,
              model->likelihood[MODEL_RANDOM][COMPARE_NAME]);
}

static void
model_maximise(struct model *model, const struct model_sums *sums)
{
    for (int kind = 0; kind < MODEL_RANDOM; kind++) {
        model->pairs[kind] = fmax(sums->pairs[kind], 1);
        for (int field = 0; field < COMPARE_FIELDS; field++)
            model_estimate(sums->levels[kind][field], model_guess[kind][field],
                           (enum compare_field)field, model->likelihood[kind][field]);
    }
    model_kin(model, sums->kin_names);
    model_borrowed(model);
}

static int32_t
model_units(double bits)
{
    double units = bits * MODEL_BIT;

    return (int32_t)lrint(fmin(fmax(units, -MODEL_TERM_MAX), MODEL_TERM_MAX));
}

static void
model_weigh(struct model *model)
{
    model->prior = model_units(log2(model->pairs[MODEL_MATCH] / model->pairs[MODEL_RANDOM]));
    for (int field = 0; field < COMPARE_FIELDS; field++)
        for (unsigned level = 1; level < compare_levels((enum compare_field)field); level++)
            model->weights[field][level] =
                model_units(log2(model->likelihood[MODEL_MATCH][field][level] /
                                 model->likelihood[MODEL_RANDOM][field][level]));
}

struct model_count *
model_gather(const uint32_t *const *lists, unsigned list_count, size_t *ret_count)
{
    struct model_count *counts = NULL;
    size_t count = 0, size = 0;

    for (uint32_t pattern = 0; pattern < COMPARE_PATTERNS; pattern++) {
        uint64_t pairs = 0;

        for (unsigned i = 0; i < list_count; i++)
            pairs += lists[i][pattern];
        if (pairs == 0)
            continue;
        if (count == size) {
            size = size == 0 ? 1024 : size * 2;
            counts = mem_grow(counts, size, sizeof(*counts));
        }
        counts[count++] = (struct model_count){pattern, pairs};
    }
    *ret_count = count;
    return counts;
}

void
model_fit(struct model *ret_model, const struct person *persons, uint32_t count, double all_pairs,
          const struct tally *tally, const struct model_count *counts, size_t pattern_count)
{
    struct model *model = ret_model;
    bool still = false;

    memset(model, 0, sizeof(*model));
    model->tally = *tally;
    model->pairs[MODEL_RANDOM] = fmax(all_pairs, 1);
    model_chance(model, persons, count);
    for (int kind = 0; kind < MODEL_RANDOM; kind++) {
        model->pairs[kind] = fmax(count / 2.0, 1);
        memcpy(model->likelihood[kind], model_guess[kind], sizeof(model_guess[kind]));
    }
    while (!still && model->rounds < MODEL_ROUNDS_MAX) {
        struct model_sums sums = {0};
        double before = model->pairs[MODEL_MATCH];

        model_expect(model, counts, pattern_count, &sums);
        model_maximise(model, &sums);
        model->rounds++;
        still = fabs(model->pairs[MODEL_MATCH] - before) < before * MODEL_STILL;
    }
    model_weigh(model);
}

/* ---- scores ---- */

struct model_others
model_others(uint32_t pattern, const struct person *a, const struct person *b)
{
    struct model_others others = {0};
    unsigned name = compare_level(pattern, COMPARE_NAME);

    if (name == NAME_EXACT)
        others.name = fmaxf(a->name_others, b->name_others);
    else if (name == NAME_SOUND)
        others.name = fmaxf(a->sound_others, b->sound_others);
    if (compare_level(pattern, COMPARE_PHONE) == PHONE_EQUAL)
        others.phone = fmaxf(a->phone_others, b->phone_others);
    if (compare_level(pattern, COMPARE_PLACE) == PLACE_EQUAL)
        others.place = fmaxf(a->address_others, b->address_others);
    return others;
}

/* log2 of how much more often than the average value two people's value turns up. */
static double
model_rarity(const struct model *model, float others, enum compare_field field, unsigned level)
{
    double people = model->tally.people, worth = model_worth(MODEL_GUESS_PEOPLE, people);
    double guess = model_guess[MODEL_RANDOM][field][level] * worth;

    if (others <= 0)
        return 0;
    return log2(((double)others + guess) / (people + worth) /
                model->likelihood[MODEL_RANDOM][field][level]);
}

struct model_score
model_score_others(const struct model *model, uint32_t pattern, struct model_others others)
{
    struct model_score score = {.prior = model->prior};
    double name =
        model_rarity(model, others.name, COMPARE_NAME, compare_level(pattern, COMPARE_NAME));
    double phone = model_rarity(model, others.phone, COMPARE_PHONE, PHONE_EQUAL);
    double place = model_rarity(model, others.place, COMPARE_PLACE, PLACE_EQUAL);
    double kin, chance;

    score.rare_name = model_units(-name);
    score.rare_phone = model_units(-phone);
    score.rare_place = model_units(-place);
    kin = (model->pairs[MODEL_KIN] * model_pattern(model, MODEL_KIN, pattern) +
           model->pairs[MODEL_BORROWED] * model_pattern(model, MODEL_BORROWED, pattern)) *
          exp2(name);
    chance = model->pairs[MODEL_RANDOM] * model_pattern(model, MODEL_RANDOM, pattern) *
             exp2(name + phone + place);
    score.kin = model_units(-log2(1 + kin / chance));
    score.total = score.prior + score.rare_name + score.rare_phone + score.rare_place + score.kin;
    for (int field = 0; field < COMPARE_FIELDS; field++) {
        score.fields[field] =
            model->weights[field][compare_level(pattern, (enum compare_field)field)];
        score.total += score.fields[field];
    }
    return score;
}

struct model_score
model_score(const struct model *model, uint32_t pattern, const struct person *a,
            const struct person *b)
{
    return model_score_others(model, pattern, model_others(pattern, a, b));
}

double
model_probability(int32_t total)
{
    return 1 / (1 + exp2(-(double)total / MODEL_BIT));
}

int32_t
model_total(double probability)
{
    return model_units(log2(probability / (1 - probability)));
}
