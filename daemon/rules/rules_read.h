/*
 * rules_read — the keys of a rule's file. Private to rules*.c.
 */
#ifndef RULES_READ_H
#define RULES_READ_H

#include "base/problem.h"
#include "base/yaml.h"
#include "rules/rules.h"

/* The rule that is being read, and what is wrong with its file. */
struct rules_reader {
    struct rule *rule;
    struct problem_list problems;
};

/* Read every key of a rule's map into the rule; notes unknown keys and those that are missing. */
void rules_read_keys(struct rules_reader *reader, const struct yaml_node *root);

#endif
