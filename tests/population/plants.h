/*
 * plants — the table of everything that is planted.
 */
#ifndef PLANTS_H
#define PLANTS_H

#include "plan.h"

/* Plant the whole table, at `factor` times its rates. */
void plants_plant(struct plan *plan, double factor);

/* Print the table to standard output: rules, rate, span. */
void plants_print(void);

#endif
