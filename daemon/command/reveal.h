/*
 * reveal — full identities, only after the look-up is on record.
 *
 * The role `reveal` is taken on purpose, with a reason; an audit row (who, why,
 * which command, how many, an HMAC of each person) is committed before the
 * caller may print anything (design.md, PostgreSQL).
 */
#ifndef REVEAL_H
#define REVEAL_H

#include "command/report.h"

#define REVEAL_REASON_MIN 6 /* characters */
#define REVEAL_REASON_MAX 200

/* Refuse a reason that says nothing, before anything is read. ERR_INPUT. */
NODISCARD int reveal_reason(const char *reason, struct err *err);

/* Take the role. ERR_DENIED when it was not granted to this login. */
NODISCARD int reveal_enter(struct store *store, const char *role, struct err *err);

/*
 * Put a look-up on record: the command and the HMAC of each person, in hexadecimal. Returns 0 only
 * once that is committed; after a failure the caller prints nothing.
 */
NODISCARD int reveal_record(struct store *store, const char *command, const char *const *refs,
                            size_t count, const char *reason, struct err *err);

/* The same for the persons whose numbers `result` of `report` holds. */
NODISCARD int reveal_record_report(struct store *store, const struct report *report,
                                   const struct store_result *result, const char *reason,
                                   struct err *err);

#endif
