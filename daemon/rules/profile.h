/*
 * profile — what a jurisdiction sets: its line, its floor, its exceptions.
 *
 * One YAML file a jurisdiction; `extends` names another profile whose values
 * hold where this one says nothing. A value says where it comes from: {value: …, from: requirement
 * and clause}, or {value: …, inferred: true} when no document gives it. Profiles never change; a
 * reload builds others.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/decimal.h"
#include "rules/rules.h"

/* An amount a year and person: a multiple of dibao, or yuan. */
struct profile_line {
    bool set, absolute, inferred;
    struct decimal multiple;
    int64_t fen;
};

/* Where a value comes from, for people. */
struct profile_origin {
    char *key, *value;        /* as the file writes them */
    char *from;               /* requirement and clause; NULL: the file does not say */
    char *profile, *document; /* the profile that set it, and the document it follows */
    bool inferred;
};

/* A rule's parameter with another value than the rule's default. */
struct profile_override {
    char *rule, *name, *text; /* text as PostgreSQL reads it */
};

struct profile {
    char *name;
    char *area; /* division code, or its first digits */
    struct profile_line line, floor;
    bool exclude_pension, exclude_job_cost; /* from income */
    int due_day;                            /* of the next month */
    struct decimal absence_max;             /* share of rows quarantined */
    struct profile_override *overrides;
    size_t override_count;
    char **off; /* rules that do not run */
    size_t off_count;
    struct profile_origin *origins; /* of every key that a file sets, in the order of the files */
    size_t origin_count;
    uint8_t digest[DIGEST_BYTES]; /* of everything above */
};

/*
 * Read `<name>.yaml` of a folder, and the profiles that it extends. The caller owns
 * `*ret_profile`. Overrides are checked against `rules`.
 *
 * Everything that is wrong is appended to `problems`, a line "file:line:col:
 * message" each; then it fails with ERR_CONFIG.
 */
NODISCARD int profile_load(const char *dir, const char *name, const struct rules *rules,
                           struct profile **ret_profile, struct buf *problems, struct err *err);

void profile_free(struct profile *profile);
AUTO_DEFINE(struct profile, profile_free)

/* The value of a rule's parameter in this jurisdiction; belongs to the profile or the rule. */
const char *profile_value(const struct profile *profile, const struct rule *rule, size_t parameter);

/* Whether the rule runs in this jurisdiction. */
bool profile_runs(const struct profile *profile, const char *rule);

/*
 * Write the amount in fen a year and person, exactly, where `monthly` is the
 * dibao standard in fen. Returns false when the line is not set or the product
 * is out of range.
 */
bool profile_amount(const struct profile_line *line, int64_t monthly, char ret_text[DECIMAL_TEXT]);

#endif
