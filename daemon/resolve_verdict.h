/*
 * resolve_verdict — from scored pairs to links: which member a row is, by which pass, how surely.
 *
 * One answer a row: what a clerk decided; the same number under a name that sounds the same (pass
 * 1); one member alone who has the name and the household number, telephone, or village and address
 * (pass 2); the strongest pair, weakened by its rivals, since a row is one person's (pass 3). Two good
 * numbers that differ are never linked by the program, and with different given names not even shown.
 */
#ifndef RESOLVE_VERDICT_H
#define RESOLVE_VERDICT_H

#include "resolve_decision.h"
#include "resolve_pairs.h"
#include "resolve_read.h"

struct resolve_input {
    const struct resolve_set *rows, *members;
    const struct resolve_pairs *pairs;
    const struct resolve_decisions *decisions;
};

/* Append a COPY BINARY of table `scored`, header and end included. */
void resolve_verdict_write(const struct resolve_input *input, struct buf *out);

#endif
