#include "store/list.h"

#include <inttypes.h>

void
list_done(struct list *list)
{
    buf_done(&list->text);
    list->count = 0;
}

void
list_clear(struct list *list)
{
    buf_clear(&list->text);
    list->count = 0;
}

/* Make room for one more element: what list_str has put behind the last one goes. */
static void
list_begin(struct list *list)
{
    buf_add_str(&list->text, list->count++ > 0 ? "," : "{");
}

void
list_add_int(struct list *list, int64_t number)
{
    list_begin(list);
    buf_add_fmt(&list->text, "%" PRId64, number);
}

void
list_add_text(struct list *list, const char *text)
{
    list_begin(list);
    if (text == NULL) {
        buf_add_str(&list->text, "null");
        return;
    }
    buf_add_u8(&list->text, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_add_u8(&list->text, '\\');
        buf_add_u8(&list->text, (uint8_t)*text);
    }
    buf_add_u8(&list->text, '"');
}

const char *
list_str(struct list *list)
{
    const char *text;

    if (list->count == 0)
        return "{}";
    buf_add_u8(&list->text, '}');
    text = buf_str(&list->text);
    list->text.len--; /* the brace stays behind the content until the next element */
    return text;
}

void
list_add_literal(struct list *list, const char *type, struct buf *sql)
{
    buf_add_u8(sql, '\'');
    for (const char *at = list_str(list); *at != '\0'; at++) {
        if (*at == '\'')
            buf_add_u8(sql, '\'');
        buf_add_u8(sql, (uint8_t)*at);
    }
    buf_add_fmt(sql, "'::%s[]", type);
}
