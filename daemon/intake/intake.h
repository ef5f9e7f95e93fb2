/*
 * intake — what OPEN and CLOSE decide: taken, repeated or refused.
 *
 * Both run in one transaction that also moves the channel. A refused or
 * repeated submission jumps the position behind its last entry, so that it
 * holds up nothing behind it, and is kept with its reason.
 *
 * A natural key must be given once in a submission; adapters see to that. It is
 * checked again at CLOSE up to INTAKE_KEYS_MAX rows. Above that it would cost as
 * much as the rows themselves, and what is read of a submission takes the
 * same one of several rows at any time.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "intake/channel.h"
#include "frame.h"
#include "store/store.h"
#include "intake/submission.h"

#define INTAKE_KEYS_MAX 200000
#define INTAKE_PARTIAL_PERCENT 80 /* of the median of the periods before */
#define INTAKE_MEDIAN_MONTHS 3
#define INTAKE_HISTORY_MAX 1000000 /* largest revision */

/* A visible revision of a feed and period. */
struct intake_revision {
    uint32_t revision, kind; /* enum frame_submission */
    bool nil;
    uint8_t digest[DIGEST_BYTES], uuid[FRAME_UUID_BYTES];
};

/* How a digest stands to the revisions that are there. */
enum intake_verdict { INTAKE_NEW, INTAKE_DUPLICATE, INTAKE_REFUSED };
struct intake_content {
    enum frame_submission kind;
    bool nil;
    const uint8_t *digest, *uuid; /* uuid may be NULL */
    uint32_t wanted;              /* 0: the next revision */
};

/*
 * Judge by feeds.md, Submissions. `history` is sorted, newest first. NEW gives the revision to use,
 * DUPLICATE the one that it repeats; both but NEW fill `refusal`.
 */
enum intake_verdict intake_judge(const struct intake_revision *history, size_t count,
                                 const struct intake_content *content, uint32_t *ret_revision,
                                 struct submission_refusal *refusal);

/* Whether the fields of an OPEN can be taken at all, without a look at the database. */
bool intake_plausible(const struct frame_open *open, int32_t today,
                      struct submission_refusal *refusal);

/* Whether rows fall short of the rows of earlier periods, newest first, so far as there are two. */
bool intake_partial(uint64_t rows, const uint64_t *earlier, size_t count);

/*
 * Take an OPEN at the channel's position. `denied` is the access list's answer,
 * code ERR_NONE when it allows. Returns 1 when committed: the channel has moved
 * in memory, too; 0 when the database's position is another one. ERR_PROTOCOL
 * when the frame makes no sense at all. *ret_state: OPEN, DUPLICATE or REFUSED.
 */
NODISCARD int intake_open(struct store *store, struct channel *channel,
                          const struct frame_open *open, const struct submission_refusal *denied,
                          int32_t today, enum submission_state *ret_state, struct err *err);

/* Take a CLOSE likewise. *ret_state: VISIBLE, DUPLICATE or REFUSED. */
NODISCARD int intake_close(struct store *store, struct channel *channel,
                           const struct frame_close *close, enum submission_state *ret_state,
                           struct err *err);

/*
 * Refuse the submission that is half in, whatever entries of it are still to come. Returns as
 * intake_open.
 */
NODISCARD int intake_refuse(struct store *store, struct channel *channel,
                            const struct submission_refusal *refusal, struct err *err);

#endif
