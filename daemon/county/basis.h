/*
 * basis — rules, profiles and the subject key as one configuration gives them.
 *
 * Read whole and never changed; the scheduler reads another on a reload. Any thread.
 */
#ifndef BASIS_H
#define BASIS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "settings/config.h"
#include "judge/judge.h"
#include "rules/profile.h"
#include "rules/rules.h"

struct basis {
    const struct config *config; /* borrowed */
    struct rules *rules;
    struct profile **profiles; /* by county */
    uint8_t key[DIGEST_BYTES]; /* of subject references */
};

/*
 * Read rules, profiles and key; every problem of a file is appended to `problems` before it fails.
 */
NODISCARD int basis_read(const struct config *config, struct basis **ret_setup,
                         struct buf *problems, struct err *err);

/* As basis_read, but the first problem goes into the error. Not strict: a rule's file that cannot
   be used stands in the set as broken (rules_load_sound), so that the others run. */
NODISCARD int basis_load(const struct config *config, bool strict, struct basis **ret_setup,
                         struct err *err);

/* Read the key of subject references alone. ERR_MISSING, ERR_CONFIG. */
NODISCARD int basis_key(const struct config *config, uint8_t ret_key[DIGEST_BYTES],
                        struct err *err);

void basis_free(struct basis *setup);
AUTO_DEFINE(struct basis, basis_free)

/* The rules, profile and key that the county of this index is judged with. */
void basis_judge(const struct basis *setup, size_t index, const atomic_bool *stopping,
                 struct judge *ret_judge);

#endif
