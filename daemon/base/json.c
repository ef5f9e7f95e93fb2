#include "base/json.h"

#include <inttypes.h>
#include <string.h>

static void
json_text(struct buf *out, const char *text)
{
    buf_add_u8(out, '"');
    while (*text != '\0') {
        size_t plain = 0;

        while ((unsigned char)text[plain] >= 0x20 && text[plain] != '"' && text[plain] != '\\')
            plain++;
        buf_add(out, text, plain);
        text += plain;
        if (*text == '\0')
            break;

        unsigned char c = (unsigned char)*text++;
        if (c == '"' || c == '\\')
            buf_add_fmt(out, "\\%c", c);
        else if (c == '\n')
            buf_add_str(out, "\\n");
        else
            buf_add_fmt(out, "\\u%04x", c);
    }
    buf_add_u8(out, '"');
}

/* Write what stands before a value: the comma and the key. */
static void
json_start(struct json *json, const char *key)
{
    if (json->comma)
        buf_add_u8(json->out, ',');
    json->comma = true;
    if (key != NULL) {
        json_text(json->out, key);
        buf_add_u8(json->out, ':');
    }
}

void
json_open_object(struct json *json, const char *key)
{
    json_start(json, key);
    buf_add_u8(json->out, '{');
    json->comma = false;
}

void
json_close_object(struct json *json)
{
    buf_add_u8(json->out, '}');
    json->comma = true;
}

void
json_open_array(struct json *json, const char *key)
{
    json_start(json, key);
    buf_add_u8(json->out, '[');
    json->comma = false;
}

void
json_close_array(struct json *json)
{
    buf_add_u8(json->out, ']');
    json->comma = true;
}

void
json_add_text(struct json *json, const char *key, const char *text)
{
    json_start(json, key);
    if (text == NULL)
        buf_add_str(json->out, "null");
    else
        json_text(json->out, text);
}

void
json_add_int(struct json *json, const char *key, int64_t value)
{
    json_start(json, key);
    buf_add_fmt(json->out, "%" PRId64, value);
}

void
json_add_bool(struct json *json, const char *key, bool value)
{
    json_start(json, key);
    buf_add_str(json->out, value ? "true" : "false");
}

void
json_add_raw(struct json *json, const char *key, const char *value)
{
    json_start(json, key);
    buf_add_str(json->out, value == NULL || *value == '\0' ? "null" : value);
}
