/*
 * mapping — how an agency's own files differ from the template.
 *
 * Parts of the adapter's YAML, each by record type and field:
 *
 *     columns:                           # headers, besides the template's 证件号码
 *       insurance.enrolment: {id_no: [身份证号码, 证件号]}
 *     values:                            # cell text: what to read instead; "" is the empty cell
 *       insurance.enrolment: {scheme: {居民: 390}}
 *     dates:                             # forms of a date or month, besides those of feeds
 *       insurance.enrolment: {paid_on: [DD/MM/YYYY, YYYY-MM-DD*]}
 *     units:                             # 元, 万元, or 元或万元 where each cell says which
 *       insurance.settlement: {total: 万元}
 *     defaults:                          # what an empty cell or a missing column stands for
 *       insurance.enrolment: {insured_year: 2026}
 *     townships:                         # the header of the township that an area's name lies in
 *       housing.house: {area: [乡镇]}
 *     split:                             # the column that tells the county of a row
 *       insurance.enrolment: 参保地代码
 *
 * A mapping is built once and then only read. It owns its texts.
 */
#ifndef MAPPING_H
#define MAPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/problem.h"
#include "base/yaml.h"
#include "record.h"
#include "sdk/prepare/places.h"

#define MAPPING_ENTRIES_MAX 4096 /* of all parts together */

/* The unit that the numbers of a money field count. */
enum mapping_unit {
    MAPPING_YUAN,         /* yuan, and nothing stands behind a number */
    MAPPING_TEN_THOUSAND, /* 10,000 yuan; 万 or 万元 may stand behind a number */
    MAPPING_EITHER        /* yuan, unless 万 or 万元 stands behind it */
};

struct mapping;

/*
 * Build a mapping from the root of an adapter's YAML; other keys than the parts above are the
 * caller's. Returns -1 with every problem named: a record type or field that is unknown, an alias
 * that stands for two fields or is another field's own column, a value that leads to no code of the
 * list, a form that is none, a unit of no money, a default for what tells a person. Whether a
 * default can be read is the caller's to check.
 */
NODISCARD int mapping_parse(const struct yaml_node *root, struct mapping **ret_mapping,
                            struct problem_list *problems);
void mapping_free(struct mapping *mapping);
AUTO_DEFINE(struct mapping, mapping_free)

/* Give the mapping the divisions of the county; it owns them. */
void mapping_set_places(struct mapping *mapping, struct places *places);

/* All below take `mapping` NULL for an agency that keeps to the template. */

/* Return the field that a header cell stands for by alias, or -1. */
int mapping_field(const struct mapping *mapping, const struct record_type *type, const char *column,
                  size_t len);

/* Return the area field whose township a header cell names, or -1. */
int mapping_township(const struct mapping *mapping, const struct record_type *type,
                     const char *column, size_t len);

/* Return what to read instead of a cell's text, or NULL. */
const char *mapping_value(const struct mapping *mapping, const struct record_type *type, int field,
                          const char *text, size_t len);

/* Return whether a field has any value map at all. */
bool mapping_has_values(const struct mapping *mapping, const struct record_type *type, int field);

/* Return the form of a field's dates at `index`, or NULL past the last one. */
const char *mapping_form(const struct mapping *mapping, const struct record_type *type, int field,
                         size_t index);

enum mapping_unit mapping_unit(const struct mapping *mapping, const struct record_type *type,
                               int field);

/* Return the text to read where there is none, or NULL. */
const char *mapping_default(const struct mapping *mapping, const struct record_type *type,
                            int field);

/* Return the divisions that names of places are looked up in, or NULL. */
const struct places *mapping_places(const struct mapping *mapping);

/* Return the header of the column that tells a row's county, or NULL: a file is one county's. */
const char *mapping_split(const struct mapping *mapping, const struct record_type *type);

#endif
