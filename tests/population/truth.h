/*
 * truth — what must be found, as the plans said it.
 *
 * Nothing here looks at the feeds or evaluates a rule: a finding is in the
 * truth because a plan planted it for those months. The cases follow from the
 * findings by the definition of a case alone.
 */
#ifndef TRUTH_H
#define TRUTH_H

#include "world.h"

enum severity {
    SEVERITY_GREEN,
    SEVERITY_YELLOW,
    SEVERITY_RED,
};

enum subject {
    SUBJECT_PERSON,
    SUBJECT_HOUSEHOLD,
    SUBJECT_HOUSE, /* told by its owner */
    SUBJECT_WORKS,
    SUBJECT_COMPLAINT, /* told by its number; the case is the village's */
};

struct finding {
    const char *rule;
    uint32_t months;
    uint32_t index;     /* of the person, household or owner */
    uint32_t household; /* WORLD_NONE: the case is the person's, works' or village's */
    uint32_t village;   /* of a complaint */
    enum subject subject;
    enum severity severity;
};

struct truth {
    struct finding *findings;
    size_t count;
    struct finding *withheld;
    size_t withheld_count;
};

/* Say that `rule` finds in `months`; an empty set says nothing. */
void truth_find(struct truth *truth, const char *rule, uint32_t months, enum severity severity,
                enum subject subject, uint32_t index, uint32_t household);

/* Say that `rule` finds in `months` a complaint of a village. */
void truth_find_complaint(struct truth *truth, const char *rule, uint32_t months,
                          enum severity severity, uint32_t complaint, uint32_t village);

/* Return the months in which `rule` was said to find a subject. */
uint32_t truth_months(const struct truth *truth, const char *rule, uint32_t index);

/* Say that `rule` cannot judge a person in `months`, because of the identity. */
void truth_withhold(struct truth *truth, const char *rule, uint32_t months, uint32_t person);

/* Write DIR/truth/findings.csv and DIR/truth/withheld.csv. */
void truth_write(const struct truth *truth, const struct world *world);

/* Print one line a rule to standard output: findings by severity. */
void truth_print(const struct truth *truth);

void truth_done(struct truth *truth);

#endif
