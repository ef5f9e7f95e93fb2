/*
 * subject — what a finding can be about; the only list of it.
 *
 * The words are those of the rules' files and of match.finding.subject_type. People, households and
 * houses are found by a column that lists have; works and complaints are an area's.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <stdbool.h>

#include "base/buf.h"

enum subject { SUBJECT_PERSON, SUBJECT_HOUSEHOLD, SUBJECT_HOUSE, SUBJECT_WORKS, SUBJECT_COMPLAINT };
#define SUBJECTS 5

/* "person", "household", …; and back: false when a word is none. */
const char *subject_name(enum subject subject);
bool subject_parse(const char *name, enum subject *ret_subject);

/* The column by which a list names such a subject, "id_no"; NULL: it is about an area, and each
   subject stands in one small list alone. */
const char *subject_column(enum subject subject);

/* Append all names, "person, household or house", for people. */
void subject_add_names(struct buf *out);

#endif
