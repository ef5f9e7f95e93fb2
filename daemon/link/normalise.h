/*
 * normalise — the cells of a record as a person that can be compared.
 *
 * What a cell may look like is feeds.md's and linkage.md's: numbers of 15 to 22
 * characters, dots of every kind, full width, telephones with a country's code,
 * dates in any usual form. A cell that makes no sense is as good as empty: its
 * record is linked by the rest. One thread a normaliser.
 */
#ifndef NORMALISE_H
#define NORMALISE_H

#include "base/mem.h"
#include "base/source.h"
#include "link/person.h"

/* The columns of a record that linkage reads, as they stand in a file; valid UTF-8. */
struct normalise_cells {
    struct source_cell name, id_no, sex, birth_date, phone, address, area, household_no;
};

struct normalise;

/* Make a normaliser; no birth date lies behind `today`. */
struct normalise *normalise_new(int32_t today);

/* Free it and the long names of every person that it made. */
void normalise_free(struct normalise *normalise);
AUTO_DEFINE(struct normalise, normalise_free)

/* Normalise one record. The counts and the source are left 0. */
void normalise_person(struct normalise *normalise, const struct normalise_cells *cells,
                      struct person *ret_person);

#endif
