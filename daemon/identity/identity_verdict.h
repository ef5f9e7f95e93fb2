/*
 * identity_verdict — from scored pairs to links: the member of a row, by which pass, how surely.
 *
 * One answer a row: a clerk's decision; the same number under a name that sounds the same (pass 1);
 * one member alone who has the name and the household number, telephone, or village and address
 * (pass 2); the strongest pair, weakened by its rivals, since a row is one person's (pass 3). Two
 * good numbers that differ are never linked by the program, and with different given names not even
 * shown.
 */
#ifndef IDENTITY_VERDICT_H
#define IDENTITY_VERDICT_H

#include "identity/identity_decision.h"
#include "identity/identity_pairs.h"
#include "identity/identity_read.h"

struct identity_input {
    const struct identity_set *rows, *members;
    const struct identity_pairs *pairs;
    const struct identity_decisions *decisions;
};

/* Append a COPY BINARY of table `scored`, header and end included. */
void identity_verdict_write(const struct identity_input *input, struct buf *out);

#endif
