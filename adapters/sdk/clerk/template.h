/*
 * template — the blank workbook that an agency fills in, one a record type.
 *
 * Its first sheet has the Chinese headers, required ones in another colour, code lists as drop-downs,
 * every column of numbers and codes as text, and one example row; each header has a note. The
 * sheet 填表说明 explains every column. The adapter reads it back as it is; the example is known by
 * its last cell and dropped.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stdint.h>

#include "base/err.h"
#include "record.h"

#define TEMPLATE_EXAMPLE "示例" /* begins the example row's last cell and its free texts */

/*
 * Write the template of a record type; `county` (six digits, 0: any) begins the example's codes of
 * places. ERR_CONFLICT when something lies at `path` already: it may have been filled in. ERR_SYSTEM.
 */
NODISCARD int template_write(const struct record_type *type, uint32_t county, const char *path,
                             struct err *err);

#endif
