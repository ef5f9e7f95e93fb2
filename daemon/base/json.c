#include "base/json.h"

#include <inttypes.h>
#include <string.h>

/*
 * Bytes of the character that `text` begins with when it is escaped, else 0: besides
 * what RFC 8259 asks for, what YAML refuses or folds, as receipts are read as YAML.
 */
static size_t
json_special(const char *text, unsigned *ret_code)
{
    const unsigned char *u = (const unsigned char *)text;
    unsigned code;

    if (u[0] < 0x80) {
        *ret_code = u[0];
        return u[0] < 0x20 || u[0] == 0x7f || u[0] == '"' || u[0] == '\\';
    }
    if (u[0] == 0xc2) { /* U+0080 to U+009F: controls */
        *ret_code = u[1];
        return u[1] >= 0x80 && u[1] < 0xa0 ? 2 : 0;
    }
    if ((u[0] != 0xe2 && u[0] != 0xef) || u[1] == '\0')
        return 0;
    *ret_code = code = (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
    return code == 0x2028 || code == 0x2029 || code == 0xfeff || code >= 0xfffe ? 3 : 0;
}

static void
json_text(struct buf *out, const char *text)
{
    buf_add_u8(out, '"');
    for (;;) {
        size_t plain = 0, special = 0;
        unsigned code = 0;

        while (text[plain] != '\0' && (special = json_special(text + plain, &code)) == 0)
            plain++;
        buf_add(out, text, plain);
        text += plain;
        if (*text == '\0')
            break;
        if (code == '"' || code == '\\')
            buf_add_fmt(out, "\\%c", (char)code);
        else if (code == '\n')
            buf_add_str(out, "\\n");
        else
            buf_add_fmt(out, "\\u%04x", code);
        text += special;
    }
    buf_add_u8(out, '"');
}

/* Write the comma and the key that stand before a value. */
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
