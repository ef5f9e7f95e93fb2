/*
 * people — the file that `qianshao link` reads: one record a row.
 *
 * CSV as base/reader takes it, with a first row of column names in any order:
 * record_id, source, name, id_no, sex, birth_date, phone, address, area,
 * household_no. record_id and source must be there; record_id is given and
 * unique in each row, every other value may be empty. A file of known records
 * has entity_id besides: records with the same one are one person's. Other
 * columns are ignored. One thread.
 */
#ifndef PEOPLE_H
#define PEOPLE_H

#include "base/err.h"
#include "base/mem.h"
#include "link/link.h"

#define PEOPLE_ID_MAX 256 /* bytes of a record_id, of an entity_id */

struct people;

/*
 * Read all of a file and add its records to `link`. ERR_INPUT: the file cannot be used, the text
 * names line and column; ERR_SYSTEM: it cannot be read. `link` then holds a part and is to be freed.
 */
NODISCARD int people_load(const char *path, struct link *link, struct people **ret_people,
                          struct err *err);

/* The same of records that were linked before: each row has an entity_id. */
NODISCARD int people_load_known(const char *path, struct link *link, struct people **ret_people,
                                struct err *err);

/* As people_load; the sources that `known` has keep its numbers. */
NODISCARD int people_load_beside(const char *path, struct link *link, const struct people *known,
                                 struct people **ret_people, struct err *err);
void people_free(struct people *people);
AUTO_DEFINE(struct people, people_free)

/* The record_id of a record; not ended by a NUL. */
struct source_cell people_id(const struct people *people, uint32_t record);

/* Of known records: the entity_id of one, and for each the first record of its person. */
struct source_cell people_entity(const struct people *people, uint32_t record);
const uint32_t *people_entities(const struct people *people);

/* The number of a source, or -1 when no row names it. */
int people_source(const struct people *people, const char *name, size_t len);

#endif
