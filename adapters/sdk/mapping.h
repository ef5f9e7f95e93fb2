/*
 * mapping — an agency's own column names and spellings of values.
 *
 * Two parts of the adapter's YAML:
 *
 *     columns:
 *       insurance.enrolment:
 *         id_no: [身份证号码, 证件号]     # besides the template's 证件号码
 *     values:
 *       insurance.enrolment:
 *         scheme: {居民: 390}            # cell text: what to read instead
 *         tilted: {"√": 是, "": 否}      # "" stands for the empty cell
 *
 * A mapping is built once and then only read. It owns its texts.
 */
#ifndef MAPPING_H
#define MAPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/yaml.h"
#include "record.h"

#define MAPPING_ENTRIES_MAX 4096 /* aliases and values together */

struct mapping;

/*
 * Build a mapping from the root of an adapter's YAML; keys other than
 * `columns` and `values` are the caller's. ERR_CONFIG with "file:line:col: …"
 * when a record type or field is unknown, an alias stands for two fields or is
 * another field's own column, or a value leads to no code of the list.
 */
NODISCARD int mapping_parse(const struct yaml_node *root, struct mapping **ret_mapping,
                            struct err *err);
void mapping_free(struct mapping *mapping);
AUTO_DEFINE(struct mapping, mapping_free)

/* Return the field that a header cell stands for by alias, or -1. `mapping` may be NULL. */
int mapping_field(const struct mapping *mapping, const struct record_type *type, const char *column,
                  size_t len);

/* Return what to read instead of a cell's text, or NULL. `mapping` may be NULL. */
const char *mapping_value(const struct mapping *mapping, const struct record_type *type, int field,
                          const char *text, size_t len);

/* Return whether a field has any value map at all. `mapping` may be NULL. */
bool mapping_has_values(const struct mapping *mapping, const struct record_type *type, int field);

#endif
