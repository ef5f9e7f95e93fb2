/*
 * tally — how many records have the same name, pinyin, telephone and address.
 *
 * What is shared by few says more than what is shared by many (term frequency).
 */
#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>

#include "link/person.h"

/* Set the counts of all persons. */
void tally_persons(struct person *persons, uint32_t count, unsigned threads);

#endif
