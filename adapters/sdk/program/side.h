/*
 * side — what a clerk says about a file beside it, where its name does not.
 *
 * `<file>.yaml` has any of: type, period, county, producer, kind, revision, nil, each as the option
 * of that name. A reject report that says nothing by its name is known by the receipt of the file it
 * belongs to, `<file>.receipt.json`, so that it can be sent as it is.
 */
#ifndef SIDE_H
#define SIDE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/refusal.h"

#define SIDE_ENDING ".yaml"

struct side;

/* The options that a side file or receipt gives; NULL or 0: not given. */
struct side_words {
    char *type, *period, *county, *producer, *kind, *revision;
    int nil;
};

/*
 * Read the side file of `path` or, when there is none and `path` is a reject report, the receipt.
 * `*ret_side` is NULL when there is neither, and when the side file is wrong: `refusal` then says
 * where.
 */
void side_read(const char *path, struct side **ret_side, struct refusal *refusal);
void side_free(struct side *side);
AUTO_DEFINE(struct side, side_free)

/* The options of a side, whose texts live as long as it; none when it is NULL. */
struct side_words side_words(const struct side *side);

#endif
