/*
 * json — write JSON text into a buffer.
 *
 * The caller opens and closes objects and arrays in pairs; commas come by
 * themselves. Text must be valid UTF-8 and is escaped as RFC 8259 asks, and so
 * that a reader of YAML 1.1 gets the same text.
 * `key` is NULL inside arrays and for the outermost value.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct json {
    struct buf *out; /* borrowed */
    bool comma;
};

void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key);
void json_close_array(struct json *json);
/* NULL text writes null. */
void json_add_text(struct json *json, const char *key, const char *text);
void json_add_int(struct json *json, const char *key, int64_t value);
void json_add_bool(struct json *json, const char *key, bool value);
/* A value that is JSON already (from PostgreSQL's jsonb); NULL or empty writes null. */
void json_add_raw(struct json *json, const char *key, const char *value);

#endif
