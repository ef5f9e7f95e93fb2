/*
 * model — how much each agreement and disagreement weighs (Fellegi and Sunter).
 *
 * Fitted to the data themselves by EM over the counts of patterns. A candidate
 * pair is one person (match), two people who live together or near (kin), two
 * people of whom one was given the other's number (borrowed), or two people who
 * share something by chance (random). What random pairs agree in
 * is counted over the table's values and a sample of pairs and stays fixed; so
 * does their number, all pairs there are. The prior is what the fit finds.
 *
 * A table of a few dozen records says little of itself: what is known of a
 * county's lists counts as fifty pairs of each class besides, and as up to two
 * thousand random pairs and two hundred people, which fade as the table grows;
 * beside some ten thousand records they weigh nothing.
 *
 * A score is in thousandths of a bit (log2 of the odds) and is the exact sum of
 * its terms: prior, one a field, what a rare or common value adds, and what the
 * likelihood of kin takes off.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdint.h>

#include "link/compare.h"
#include "link/tally.h"

#define MODEL_BIT 1000 /* units of a score in one bit */
#define MODEL_VERSION "2"

enum model_class { MODEL_MATCH, MODEL_KIN, MODEL_BORROWED, MODEL_RANDOM, MODEL_CLASSES };

struct model {
    /* Likelihood of a level where the field is there in both. */
    double likelihood[MODEL_CLASSES][COMPARE_FIELDS][COMPARE_LEVELS];
    double pairs[MODEL_CLASSES]; /* how many of all pairs are of the class */
    struct tally tally;
    unsigned rounds;                                        /* of EM until it stood still */
    int32_t prior, weights[COMPARE_FIELDS][COMPARE_LEVELS]; /* log2, thousandths */
};

/* How many pairs have a pattern. */
struct model_count {
    uint32_t pattern;
    uint64_t pairs;
};

/* Add up what `lists` threads have counted by pattern (COMPARE_PATTERNS each): the patterns that
   occur, ascending, `*ret_count` of them; the caller frees them. */
struct model_count *model_gather(const uint32_t *const *lists, unsigned list_count,
                                 size_t *ret_count);

/* The terms of a pair's score; `total` is their sum. */
struct model_score {
    int32_t prior, fields[COMPARE_FIELDS];
    int32_t rare_name, rare_phone, rare_place; /* what a rare (+) or common (−) value adds */
    int32_t kin; /* what the likelihood of kin or a borrowed number takes off, ≤ 0 */
    int32_t total;
};

/*
 * Fit to the patterns of candidate pairs of `persons`, whose `others` are set (tally_persons);
 * `all_pairs` is how many pairs of records could be one person at all.
 * The same input gives the same model.
 */
void model_fit(struct model *ret_model, const struct person *persons, uint32_t count,
               double all_pairs, const struct tally *tally, const struct model_count *counts,
               size_t pattern_count);

/* How many others have the value that two persons have in common, about; 0: it is not counted. */
struct model_others {
    float name, phone, place;
};

struct model_others model_others(uint32_t pattern, const struct person *a, const struct person *b);

/* Score two persons whose pattern is known, and then, what they have in common. */
struct model_score model_score(const struct model *model, uint32_t pattern, const struct person *a,
                               const struct person *b);
struct model_score model_score_others(const struct model *model, uint32_t pattern,
                                      struct model_others others);

/* The probability of a score. */
double model_probability(int32_t total);

/* The score of a probability. */
int32_t model_total(double probability);

#endif
