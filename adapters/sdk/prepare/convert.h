/*
 * convert — the text of a cell to a value, as feeds.md says under "Types".
 *
 * Nothing is guessed: what is none of the listed forms is refused with its
 * reason. What every type gets first: blanks around it, Excel's `="…"` and a
 * leading apostrophe are taken away; inside numbers, dates and codes blanks of
 * every kind (no-break, zero-width) go too and full-width characters become
 * ASCII. An optional value of any type but text that says 无, - or / is empty.
 *
 * Values point into the row's own bytes or into the converter's memory and
 * live until convert_begin. One thread; no allocation a row once warm.
 */
#ifndef CONVERT_H
#define CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sdk/prepare/mapping.h"
#include "record.h"
#include "base/source.h"

struct convert;

/* Make a converter for one record type; borrows both for its life. `mapping` may be NULL. */
struct convert *convert_new(const struct record_type *type, const struct mapping *mapping);
void convert_free(struct convert *convert);
AUTO_DEFINE(struct convert, convert_free)

/* Begin a row whose cells have `bytes` bytes together; the last row's values end here. */
void convert_begin(struct convert *convert, size_t bytes);

/*
 * Name the township that the place in the next cell lies in; convert_cell forgets it. A place may be
 * given by name where the mapping has the county's divisions.
 */
void convert_within(struct convert *convert, struct source_cell township);

/* Take no day that is given as a serial number: in a workbook that counts from 1904 it means another. */
void convert_refuse_serials(struct convert *convert);

/* Whether a field has a value where the file has none. */
bool convert_has_preset(const struct convert *convert, int field);

/*
 * Convert one cell of a field. RECORD_OK with `*ret_cell` (not set when the
 * cell is empty), otherwise the reason, and `*ret_cell` is not set. Whether a
 * value may be empty, and what record_check checks, is not decided here.
 */
enum record_reason convert_cell(struct convert *convert, int field, struct source_cell cell,
                                struct record_cell *ret_cell);

/*
 * What can be read of a number, name, phone or household number that could not
 * be converted, for a refused row: cleaned, not checked; may be empty.
 */
struct record_item convert_read(struct convert *convert, int field, struct source_cell cell);

/* How many 15-digit citizen numbers were upgraded since convert_new. */
uint64_t convert_upgraded(const struct convert *convert);

/* A cell without the blanks around it, `="…"` and the leading apostrophe. */
struct source_cell convert_unwrap(struct source_cell cell);

#endif
