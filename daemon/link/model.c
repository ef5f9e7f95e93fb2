#include "link/model.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

#define MODEL_ROUNDS_MAX 200
#define MODEL_STILL 1e-7       /* change of the number of matches, relative, that ends the fit */
#define MODEL_SAMPLE 2000000   /* random pairs that are compared */
#define MODEL_PRIOR_PAIRS 50.0 /* how many pairs the first guess is worth */
#define MODEL_KIN_MIN 1000.0   /* pairs of kin with two numbers that make their names known */
#define MODEL_TERM_MAX 60000   /* thousandths; bounds what a likelihood of almost 0 can say */

/* ---- the first guess: a county's records as they come ---- */

static const double model_guess[2][COMPARE_FIELDS][COMPARE_LEVELS] =
    {
        [MODEL_MATCH] =
            {
                [COMPARE_NUMBER] = {0, .94, .04, .004, .01, .006},
                [COMPARE_NAME] = {0, .93, .01, .015, .01, .01, .01, .004, .01, .001},
                [COMPARE_BIRTH] = {0, .96, .02, .01, .01},
                [COMPARE_SEX] = {0, .995, .005},
                [COMPARE_PHONE] = {0, .80, .01, .19},
                [COMPARE_PLACE] = {0, .75, .10, .05, .10},
                [COMPARE_HOUSEHOLD] = {0, .90, .10},
            },
        [MODEL_KIN] =
            {
                [COMPARE_NUMBER] = {0, .005, .005, .02, .10, .87},
                [COMPARE_NAME] = {0, 1e-6, 1e-6, .001, .003, .005, .04, .002, .50, .45},
                [COMPARE_BIRTH] = {0, .03, .005, .03, .935},
                [COMPARE_SEX] = {0, .50, .50},
                [COMPARE_PHONE] = {0, .50, .01, .49},
                [COMPARE_PLACE] = {0, .85, .10, .03, .02},
                [COMPARE_HOUSEHOLD] = {0, .90, .10},
            },
};

/* ---- random pairs ---- */

/* The share of all pairs whose values are equal, from how many records have each value. */
static double
model_equal(const struct person *persons, uint32_t count, uint32_t (*get)(const struct person *))
{
    double pairs = 0, known = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t same = get(&persons[i]);

        known += same > 0;
        pairs += same > 1 ? same - 1 : 0;
    }
    return known < 2 ? 0 : pairs / (known * (known - 1));
}

static uint32_t
model_name_count(const struct person *person)
{
    return person->name_count;
}

static uint32_t
model_pinyin_count(const struct person *person)
{
    return person->pinyin_count;
}

static uint32_t
model_phone_count(const struct person *person)
{
    return person->phone_count;
}

static uint32_t
model_place_count(const struct person *person)
{
    return person->address_count;
}

static uint64_t
model_random(uint64_t *state)
{
    uint64_t x = *state += 0x9E3779B97F4A7C15U;

    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    return x ^ x >> 31;
}

/* Count the levels of random pairs and turn them into likelihoods. */
static void
model_sample(struct model *model, const struct person *persons, uint32_t count)
{
    double(*random)[COMPARE_LEVELS] = model->likelihood[MODEL_RANDOM];
    uint64_t state = count;

    for (int field = 0; field < COMPARE_FIELDS; field++)
        for (unsigned level = 1; level < compare_levels((enum compare_field)field); level++)
            random[field][level] = .5;
    for (int i = 0; i < MODEL_SAMPLE && count > 1; i++) {
        uint32_t a = (uint32_t)(model_random(&state) % count);
        uint32_t b = (uint32_t)(model_random(&state) % count);
        uint32_t pattern;

        if (a == b)
            continue;
        pattern = compare_pair(&persons[a], &persons[b]);
        for (int field = 0; field < COMPARE_FIELDS; field++)
            random[field][compare_level(pattern, (enum compare_field)field)] += 1;
    }
}

/* Set one level to a share that is known exactly and the others to the rest. */
static void
model_set(double levels[COMPARE_LEVELS], unsigned count, unsigned known, double share)
{
    double rest = 0;

    share = fmin(fmax(share, 1e-12), .5);
    for (unsigned level = 1; level < count; level++)
        rest += level == known ? 0 : levels[level];
    for (unsigned level = 1; level < count; level++)
        levels[level] = level == known ? share : levels[level] / rest * (1 - share);
}

static void
model_chance(struct model *model, const struct person *persons, uint32_t count)
{
    double(*random)[COMPARE_LEVELS] = model->likelihood[MODEL_RANDOM];
    double name = model_equal(persons, count, model_name_count);
    double pinyin = model_equal(persons, count, model_pinyin_count);
    double all = fmax((double)count * ((double)count - 1) / 2, 1);

    model_sample(model, persons, count);
    for (int field = 0; field < COMPARE_FIELDS; field++)
        model_set(random[field], compare_levels((enum compare_field)field), COMPARE_LEVELS, 0);
    model_set(random[COMPARE_NAME], NAME_NONE + 1, NAME_SOUND, fmax(pinyin - name, 1 / all));
    model_set(random[COMPARE_NAME], NAME_NONE + 1, NAME_EXACT, fmax(name, 1 / all));
    model_set(random[COMPARE_PHONE], PHONE_DIFFERENT + 1, PHONE_EQUAL,
              model_equal(persons, count, model_phone_count));
    model_set(random[COMPARE_PLACE], PLACE_ELSEWHERE + 1, PLACE_EQUAL,
              model_equal(persons, count, model_place_count));
    /* Equal numbers of two people are mistakes; so are near ones. */
    model_set(random[COMPARE_NUMBER], NUMBER_DIFFERENT + 1, NUMBER_NEAR, 1 / all);
    model_set(random[COMPARE_NUMBER], NUMBER_DIFFERENT + 1, NUMBER_EQUAL, 1 / all);
    model->pairs[MODEL_RANDOM] = all;
}

/* ---- EM ---- */

static double
model_pattern(const struct model *model, enum model_class class, uint32_t pattern)
{
    double likelihood = 1;

    for (int field = 0; field < COMPARE_FIELDS; field++) {
        unsigned level = compare_level(pattern, (enum compare_field)field);

        if (level != COMPARE_MISSING)
            likelihood *= model->likelihood[class][field][level];
    }
    return likelihood;
}

/* What one round adds up: pairs by class, field and level. */
struct model_sums {
    double levels[2][COMPARE_FIELDS][COMPARE_LEVELS];
    double pairs[2];
    double kin_names[COMPARE_LEVELS]; /* of kin with two different numbers */
};

static void
model_expect(const struct model *model, const struct model_count *counts, size_t pattern_count,
             struct model_sums *sums)
{
    for (size_t i = 0; i < pattern_count; i++) {
        uint32_t pattern = counts[i].pattern;
        double mass[MODEL_CLASSES], all;

        for (int class = 0; class < MODEL_CLASSES; class ++)
            mass[class] =
                model->pairs[class] * model_pattern(model, (enum model_class) class, pattern);
        if (compare_veto(pattern))
            mass[MODEL_MATCH] = 0;
        all = mass[MODEL_MATCH] + mass[MODEL_KIN] + mass[MODEL_RANDOM];
        for (int class = 0; class < MODEL_RANDOM && all > 0; class ++) {
            double share = mass[class] / all * (double)counts[i].pairs;

            sums->pairs[class] += share;
            for (int field = 0; field < COMPARE_FIELDS; field++)
                sums->levels[class][field][compare_level(pattern, (enum compare_field)field)] +=
                    share;
            if (class == MODEL_KIN && compare_level(pattern, COMPARE_NUMBER) == NUMBER_DIFFERENT)
                sums->kin_names[compare_level(pattern, COMPARE_NAME)] += share;
        }
    }
}

/* Likelihoods from sums, with the first guess as a few pairs of its own. */
static void
model_estimate(const double sums[COMPARE_LEVELS], const double guess[COMPARE_LEVELS],
               unsigned count, double levels[COMPARE_LEVELS])
{
    double all = MODEL_PRIOR_PAIRS;

    for (unsigned level = 1; level < count; level++)
        all += sums[level];
    for (unsigned level = 1; level < count; level++)
        levels[level] = (sums[level] + guess[level] * MODEL_PRIOR_PAIRS) / all;
}

/*
 * Kin have different names by definition, so a pair of one name is never evidence of kin: how often
 * their names are spelled alike is what it is for any two people of one surname. The rest is learnt
 * from pairs with two different numbers, who cannot be one.
 */
static void
model_kin_names(struct model *model, const double sums[COMPARE_LEVELS])
{
    const double *random = model->likelihood[MODEL_RANDOM][COMPARE_NAME];
    double *kin = model->likelihood[MODEL_KIN][COMPARE_NAME];
    double surname = 0, known = 0;

    for (unsigned level = NAME_EXACT; level < NAME_NONE; level++) {
        surname += level == NAME_GIVEN ? 0 : random[level];
        known += sums[level];
    }
    known += sums[NAME_NONE];
    model_estimate(known < MODEL_KIN_MIN ? model_guess[MODEL_KIN][COMPARE_NAME] : sums,
                   model_guess[MODEL_KIN][COMPARE_NAME], NAME_NONE + 1, kin);
    for (unsigned level = NAME_EXACT; level <= NAME_SOUND; level++)
        kin[level] = fmin(random[level] / surname, 1e-3);
}

static void
model_maximise(struct model *model, const struct model_sums *sums)
{
    for (int class = 0; class < MODEL_RANDOM; class ++) {
        model->pairs[class] = fmax(sums->pairs[class], 1);
        for (int field = 0; field < COMPARE_FIELDS; field++)
            model_estimate(sums->levels[class][field], model_guess[class][field],
                           compare_levels((enum compare_field)field),
                           model->likelihood[class][field]);
    }
    model_kin_names(model, sums->kin_names);
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

void
model_fit(struct model *ret_model, const struct person *persons, uint32_t count,
          const struct model_count *counts, size_t pattern_count)
{
    struct model *model = ret_model;
    bool still = false;

    memset(model, 0, sizeof(*model));
    model->records = count;
    model_chance(model, persons, count);
    for (int class = 0; class < MODEL_RANDOM; class ++) {
        model->pairs[class] = fmax(count / 2.0, 1);
        memcpy(model->likelihood[class], model_guess[class], sizeof(model_guess[class]));
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

/* log2 of how much more often than the average value this one turns up. */
static double
model_rarity(double count, uint32_t records, double average)
{
    return log2(fmax(count, 1) / records / average);
}

static double
model_name_rarity(const struct model *model, uint32_t pattern, const struct person *a,
                  const struct person *b)
{
    const double *random = model->likelihood[MODEL_RANDOM][COMPARE_NAME];
    unsigned level = compare_level(pattern, COMPARE_NAME);
    double count;

    if (level == NAME_EXACT && a->name_count > 0)
        return model_rarity(a->name_count, model->records, random[NAME_EXACT]);
    if (level != NAME_SOUND || a->pinyin_count == 0 || b->pinyin_count == 0)
        return 0;
    count = fmax(a->pinyin_count, b->pinyin_count) - fmax(a->name_count, b->name_count);
    return model_rarity(count, model->records, random[NAME_SOUND]);
}

struct model_score
model_score(const struct model *model, uint32_t pattern, const struct person *a,
            const struct person *b)
{
    const double(*random)[COMPARE_LEVELS] = model->likelihood[MODEL_RANDOM];
    struct model_score score = {.prior = model->prior};
    double name = model_name_rarity(model, pattern, a, b), phone = 0, place = 0;
    double kin, chance;

    if (compare_level(pattern, COMPARE_PHONE) == PHONE_EQUAL && a->phone_count > 0)
        phone = model_rarity(a->phone_count, model->records, random[COMPARE_PHONE][PHONE_EQUAL]);
    if (compare_level(pattern, COMPARE_PLACE) == PLACE_EQUAL && a->address_count > 0)
        place = model_rarity(a->address_count, model->records, random[COMPARE_PLACE][PLACE_EQUAL]);
    score.rare_name = model_units(-name);
    score.rare_phone = model_units(-phone);
    score.rare_place = model_units(-place);
    kin = model->pairs[MODEL_KIN] * model_pattern(model, MODEL_KIN, pattern) * exp2(name);
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
