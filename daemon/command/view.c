#include "command/view.h"

#include <limits.h>
#include <string.h>
#include <wchar.h>

#include "base/json.h"

#define VIEW_CELL_MAX 60 /* columns of a table's cell; longer ones are cut */

int
view_width(const char *text)
{
    mbstate_t state = {0};
    int width = 0;

    while (*text != '\0') {
        wchar_t c;
        size_t len = mbrtowc(&c, text, MB_LEN_MAX, &state);

        if (len == (size_t)-1 || len == (size_t)-2)
            return width + (int)strlen(text);
        width += wcwidth(c) > 0 ? wcwidth(c) : 0;
        text += len;
    }
    return width;
}

/* Bytes of the longest beginning of `text` that takes at most `most` columns. */
static int
view_cut(const char *text, int most)
{
    mbstate_t state = {0};
    const char *at = text;
    int width = 0;

    while (*at != '\0') {
        wchar_t c;
        size_t len = mbrtowc(&c, at, MB_LEN_MAX, &state);

        if (len == (size_t)-1 || len == (size_t)-2)
            break;
        width += wcwidth(c) > 0 ? wcwidth(c) : 0;
        if (width > most)
            break;
        at += len;
    }
    return (int)(at - text);
}

static void
view_json_cell(struct json *json, struct store_result *result, size_t row, int column,
               const struct view_column *spec)
{
    bool null = store_null(result, row, column);

    switch (spec->kind) {
    case VIEW_TEXT:
        json_add_text(json, spec->key, store_text(result, row, column));
        break;
    case VIEW_INT:
        if (null)
            json_add_raw(json, spec->key, NULL);
        else
            json_add_int(json, spec->key, store_int(result, row, column));
        break;
    case VIEW_BOOL:
        if (null)
            json_add_raw(json, spec->key, NULL);
        else
            json_add_bool(json, spec->key, store_bool(result, row, column));
        break;
    case VIEW_JSON:
        json_add_raw(json, spec->key, store_text(result, row, column));
        break;
    case VIEW_LIST:
        break;
    }
}

void
view_json(struct store_result *result, const struct view_column *columns, size_t count, FILE *out)
{
    AUTO_BUF struct buf line = {0};

    for (size_t row = 0; row < store_rows(result); row++) {
        struct json json = {.out = &line};

        buf_clear(&line);
        json_open_object(&json, NULL);
        for (size_t i = 0; i < count; i++)
            view_json_cell(&json, result, row, (int)i, &columns[i]);
        json_close_object(&json);
        fprintf(out, "%s\n", buf_str(&line));
    }
}

static const char *
view_cell(const struct store_result *result, size_t row, int column, enum view_kind kind)
{
    const char *text = store_text(result, row, column);

    if (text == NULL)
        return "";
    if (kind == VIEW_BOOL)
        return store_bool(result, row, column) ? "是" : "";
    return text;
}

static void
view_put(const char *text, int width, bool right, FILE *out)
{
    int len = view_cut(text, VIEW_CELL_MAX);
    int pad = width;

    if (text[len] == '\0')
        pad -= view_width(text);
    else
        pad -= VIEW_CELL_MAX;
    if (right)
        fprintf(out, "%*s", pad, "");
    fprintf(out, "%.*s", len, text);
    if (!right)
        fprintf(out, "%*s", pad > 0 ? pad : 0, "");
}

void
view_table(struct store_result *result, const struct view_column *columns, size_t count, FILE *out)
{
    int widths[STORE_PARAMS_MAX] = {0};
    bool shown[STORE_PARAMS_MAX] = {false};

    for (size_t i = 0; i < count; i++) {
        shown[i] = columns[i].kind != VIEW_JSON && columns[i].title != NULL;
        widths[i] = columns[i].title != NULL ? view_width(columns[i].title) : 0;
        for (size_t row = 0; shown[i] && row < store_rows(result); row++) {
            int width = view_width(view_cell(result, row, (int)i, columns[i].kind));

            if (width > widths[i])
                widths[i] = width < VIEW_CELL_MAX ? width : VIEW_CELL_MAX;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (shown[i]) {
            view_put(columns[i].title, widths[i], columns[i].kind == VIEW_INT, out);
            fputs("  ", out);
        }
    fputc('\n', out);
    for (size_t row = 0; row < store_rows(result); row++) {
        for (size_t i = 0; i < count; i++)
            if (shown[i]) {
                view_put(view_cell(result, row, (int)i, columns[i].kind), widths[i],
                         columns[i].kind == VIEW_INT, out);
                fputs("  ", out);
            }
        fputc('\n', out);
    }
    if (store_rows(result) == 0)
        fputs("（无 nothing）\n", out);
}
