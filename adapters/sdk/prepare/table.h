/*
 * table — which column of a file is which field of a record type.
 *
 * The header is looked for by its names among the first rows, of one sheet after
 * the other where a file has several, so a title above it does no harm; blanks
 * and line breaks within a name, and a unit （元） behind it, do not count. It may
 * stand in two lines: a name is then the lower cell's, the upper one's where the
 * lower is merged with it, or both together (医疗费 over 总额). A title or a name that says
 * 万元 refuses the file unless the mapping says so too: the template's unit is the yuan. Columns
 * may come in any order; those that the record type does not have are named
 * and ignored. The column 操作 of a delta, and the four leading columns of a
 * reject report (行号, 列名, 原因, 处理办法), are known to every record type, and so is the template's
 * 填写说明.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"
#include "sdk/prepare/mapping.h"
#include "base/refusal.h"
#include "base/source.h"

#define TABLE_HEADER_ROWS 10   /* rows that are looked at for the header */
#define TABLE_UNKNOWN_MAX 32   /* unknown columns named */
#define TABLE_COLUMN_BYTES 64  /* of one name */
#define TABLE_REPORT_COLUMNS 4 /* leading columns of a reject report */
#define TABLE_NOTE "填写说明"  /* the template's last column, which marks its example row */

struct table {
    const struct record_type *type;
    uint32_t header_row;               /* its row number; of two lines the lower one's */
    bool two_lines;                    /* the names stand in two rows, some of them merged cells */
    uint32_t width;                    /* columns, without empty ones at the end */
    int column[RECORD_FIELDS_MAX];     /* index of the field's column, or -1 */
    int township[RECORD_FIELDS_MAX];   /* of the column that names an area's township, or -1 */
    char key_name[TABLE_COLUMN_BYTES]; /* how the file calls the column of the first key field */
    int operation;                     /* index of the column 操作, or -1 */
    int note;                          /* of the template's column 填写说明, or -1 */
    int split;                         /* of the column that tells a row's county, or -1 */
    int unit;            /* a field whose header has another unit than the mapping, or -1 */
    int32_t title_month; /* that a row above the header names, YYYYMM; 0: none */
    bool report;         /* the file is a reject report */
    int found;           /* fields that have a column */
    int missing;         /* required fields without one, and without a default */
    int twice;           /* a field that two columns claim by its own name, or -1 */
    uint32_t unknown_count;
    char unknown[TABLE_UNKNOWN_MAX][TABLE_COLUMN_BYTES];
};

/*
 * Read rows until the header of `type` is found; the source then stands behind
 * it. Returns SOURCE_ROW; SOURCE_REFUSED with the reason (no header, a required
 * column missing or there twice) — also for a file without any row; SOURCE_ERROR.
 */
enum source_read table_find(struct source *source, const struct record_type *type,
                            const struct mapping *mapping, struct table *ret_table,
                            struct refusal *refusal, struct err *err);

/* The same in the present sheet alone, for the type that `best` names. SOURCE_END: not there, `best` is
   what came closest. */
enum source_read table_find_here(struct source *source, const struct mapping *mapping,
                                 struct table *best, struct refusal *refusal, struct err *err);

/*
 * Find the record type of a sector whose header the file has. `*ret_type` is
 * NULL and `refusal` set when none or two match equally well. Returns SOURCE_ROW,
 * SOURCE_REFUSED or SOURCE_ERROR.
 */
enum source_read table_guess(struct source *source, const char *sector,
                             const struct mapping *mapping, const struct record_type **ret_type,
                             struct refusal *refusal, struct err *err);

/* A field of money that counts yuan by the mapping although the file's title or foot says otherwise
   (`more`), or by its own header; -1: none. */
int table_wrong_unit(const struct table *table, const struct mapping *mapping, bool more);

/* Refuse a file whose sums are in another unit. */
enum source_read table_refuse_unit(const struct table *table, const struct mapping *mapping,
                                   int field, struct refusal *refusal);

/* The report's leading columns: 行号, 列名, 原因, 处理办法. */
extern const char *const table_report_columns[TABLE_REPORT_COLUMNS];

#endif
