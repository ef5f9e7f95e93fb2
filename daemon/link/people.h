/*
 * people — the file that `qianshao link` reads: one record a row.
 *
 * CSV as base/reader takes it, with a first row of column names in any order:
 * record_id, source, name, id_no, sex, birth_date, phone, address, area,
 * household_no. record_id and source must be there; record_id is given and
 * unique in each row, every other value may be empty. Other columns are
 * ignored. One thread.
 */
#ifndef PEOPLE_H
#define PEOPLE_H

#include "base/err.h"
#include "base/mem.h"
#include "link/link.h"

#define PEOPLE_ID_MAX 256 /* bytes of a record_id */

struct people;

/*
 * Read all of a file and add its records to `link`. ERR_INPUT: the file cannot be used, the text
 * names line and column; ERR_SYSTEM: it cannot be read. `link` then holds a part and is to be freed.
 */
NODISCARD int people_load(const char *path, struct link *link, struct people **ret_people,
                          struct err *err);
void people_free(struct people *people);
AUTO_DEFINE(struct people, people_free)

/* The record_id of a record; not ended by a NUL. */
struct source_cell people_id(const struct people *people, uint32_t record);

/* The number of a source, or -1 when no row names it. */
int people_source(const struct people *people, const char *name, size_t len);

#endif
