/*
 * rulebook — the rules and the profiles, printed for people (`qianshao rules`, `qianshao profile`).
 *
 * Needs no database.
 */
#ifndef RULEBOOK_H
#define RULEBOOK_H

#include <stdbool.h>
#include <stdio.h>

#include "rules/profile.h"
#include "rules/rules.h"

/* One line a rule: id, version, title, subject, needs, route; broken ones say why. */
void rulebook_list(const struct rules *rules, bool json, FILE *out);

/* Everything about one rule; with a profile, its values there. ERR_MISSING: no such rule. */
NODISCARD int rulebook_explain(const struct rules *rules, const char *id,
                               const struct profile *profile, bool json, FILE *out,
                               struct err *err);

/* Every effective value of a profile, and where it comes from: document and clause, inferred, or
   the rule's default. */
void rulebook_profile(const struct rules *rules, const struct profile *profile, bool json,
                      FILE *out);

#endif
