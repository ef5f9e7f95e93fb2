/*
 * match_setup — rules, profiles and the subject key as one configuration gives them.
 *
 * Read whole and never changed; `match` reads another on a reload. Any thread.
 */
#ifndef MATCH_SETUP_H
#define MATCH_SETUP_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "config.h"
#include "judge.h"
#include "profile.h"
#include "rules.h"

struct match_setup {
    const struct config *config; /* borrowed */
    struct rules *rules;
    struct profile **profiles; /* by county */
    uint8_t key[DIGEST_BYTES]; /* of subject references */
};

/* Read everything; what is wrong with any file is appended to `problems` before it fails. */
NODISCARD int match_setup_read(const struct config *config, struct match_setup **ret_setup,
                               struct buf *problems, struct err *err);

/* The same, but the first problem goes into the error. Not strict: a rule's file that cannot be used
   stands in the set as broken (rules_load_sound), so that the others run. */
NODISCARD int match_setup_load(const struct config *config, bool strict,
                               struct match_setup **ret_setup, struct err *err);

/* Read the key of subject references alone. ERR_MISSING, ERR_CONFIG. */
NODISCARD int match_setup_key(const struct config *config, uint8_t ret_key[DIGEST_BYTES],
                              struct err *err);

void match_setup_free(struct match_setup *setup);
AUTO_DEFINE(struct match_setup, match_setup_free)

/* What the county of this index is judged with. */
void match_setup_judge(const struct match_setup *setup, size_t index, const atomic_bool *stopping,
                       struct judge *ret_judge);

#endif
