/*
 * tally — how many others have the same name, sound, telephone or address.
 *
 * What few share says more than what many share (term frequency). Counted are
 * people, not records: whose records are together in a table often has several,
 * and they must not make his own name look common. Distinct numbers tell people
 * apart; where there are none, the table's mean of records a person does.
 */
#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>

#include "link/person.h"

/* Means over all records that have a value: the chance that another one has the same. */
struct tally {
    double people; /* how many people the records are of, about */
    double name, sound, phone, address;
};

/* Set the `others` of all persons. */
void tally_persons(struct person *persons, uint32_t count, unsigned threads,
                   struct tally *ret_tally);

#endif
