/*
 * cases — the cases that follow from the planted findings.
 *
 * A finding is open in the months that it names. Green findings open nothing.
 * An episode is a run of months in which a household, or a person of no
 * household, has an open finding; x01 is two families of rules among the
 * findings of the as-of month and the two months before it, and raises yellow.
 */
#ifndef CASES_H
#define CASES_H

#include "truth.h"

/* Write DIR/truth/cases.csv as of the last month; returns how many cases it holds. */
size_t cases_write(const struct truth *truth, const struct world *world);

#endif
