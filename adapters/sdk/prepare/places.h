/*
 * places — a county's divisions, so that a file may name a village instead of its code.
 *
 * The table is the county's own: text in UTF-8, one division a line, code, name and former names
 * separated by tabs, the former ones by 、 among themselves; lines that begin with # are notes:
 *
 *     360799	前山县
 *     360799101	前山镇	前山乡、老前山乡
 *     360799101201	后山村委会	坡头村
 *
 * A village is looked for inside its township only, because villages of one name are many, and only
 * by a name that the table has: 村, 村委会 and 村民委员会 say the same, so do 社区, 社区居委会 and
 * 居委会, and a bare 后山 is either; but 后山村 is no 后山社区. Read once, then only read.
 */
#ifndef PLACES_H
#define PLACES_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

#define PLACES_MAX 200000     /* divisions of a table */
#define PLACES_FILE_MIB 32    /* of its file */
#define PLACES_NAME_BYTES 128 /* of one name, and of a text that is looked up */

struct places;

/* Read a table. ERR_CONFIG with "file:line: …", ERR_MISSING when there is no such file. */
NODISCARD int places_load(const char *path, struct places **ret_places, struct err *err);
void places_free(struct places *places);
AUTO_DEFINE(struct places, places_free)

/* A text of somebody else's memory. */
struct places_text {
    const char *bytes;
    size_t len;
};

/*
 * Return the code of 6, 9 or 12 digits that a name stands for, or NULL when it is unknown or stands
 * for two. `name` may begin with the county and what lies above it (江西省某市前山县前山镇后山村);
 * without a township in it, `township` names or codes the one it lies in; empty: there is none.
 * Blanks in either do not count.
 */
const char *places_find(const struct places *places, struct places_text name,
                        struct places_text township);

#endif
