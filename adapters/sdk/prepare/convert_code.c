/* Yes and no, codes, and lists. */
#include "sdk/prepare/convert_parts.h"

enum record_reason
convert_bool(struct convert *convert, struct source_cell cell, struct record_cell *ret_cell)
{
    static const char *const words[][2] = {
        {"否", "是"}, {"0", "1"}, {"无", "有"}, {"N", "Y"}, {"n", "y"}};

    if (!convert_narrow(convert, &cell))
        return RECORD_BAD_CODE;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (int value = 0; value < 2; value++)
            if (convert_is(cell, words[i][value])) {
                convert_set_number(ret_cell, value);
                return RECORD_OK;
            }
    return RECORD_BAD_CODE;
}

static struct convert_memo *
convert_memo(struct convert *convert, int field, struct source_cell cell)
{
    unsigned slot = cell.len;

    if (cell.len == 0 || cell.len > CONVERT_MEMO_BYTES)
        return NULL;
    slot += (unsigned char)cell.bytes[cell.len - 1] + (unsigned char)cell.bytes[cell.len / 2] * 5u;
    return &convert->memos[field][slot % CONVERT_MEMO_SLOTS];
}

/* Digits that lost their leading zeros: the one code with the same value, or NULL. */
static const struct record_code *
convert_padded(const struct record_field *field, struct source_cell cell)
{
    const struct record_code *found = NULL;

    if (!text_is_digits(cell.bytes, cell.len))
        return NULL;
    for (const struct record_code *code = field->codes; code->code != NULL; code++) {
        size_t len = strlen(code->code), zeros = len > cell.len ? len - cell.len : 0;

        if (zeros == 0 || !convert_all_zeros(code->code, (uint32_t)zeros) ||
            memcmp(code->code + zeros, cell.bytes, cell.len) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = code;
    }
    return found;
}

static const struct record_code *
convert_find_code(struct convert *convert, int field, struct source_cell cell)
{
    const struct record_field *of = &convert->type->fields[field];
    const struct record_code *code = record_code_find(of, cell.bytes, cell.len);
    struct source_cell narrow = cell;
    const char *value;

    if (code == NULL && convert_narrow(convert, &narrow))
        code = record_code_find(of, narrow.bytes, narrow.len);
    if (code != NULL || !convert->mapped[field])
        return code != NULL ? code : convert_padded(of, narrow);
    value = mapping_value(convert->mapping, convert->type, field, cell.bytes, cell.len);
    if (value == NULL)
        value = mapping_value(convert->mapping, convert->type, field, narrow.bytes, narrow.len);
    return value != NULL ? record_code_find(of, value, strlen(value)) : convert_padded(of, narrow);
}

/* The code that a spelling stands for; NULL text when there is none. */
static struct record_item
convert_code_text(struct convert *convert, int field, struct source_cell cell)
{
    struct convert_memo *memo = convert_memo(convert, field, cell);
    const struct record_code *code;
    struct record_item item;

    if (memo != NULL && memo->len == cell.len && memcmp(memo->text, cell.bytes, cell.len) == 0)
        return (struct record_item){memo->code, memo->code_len};
    code = convert_find_code(convert, field, convert_unwrap(cell));
    if (code == NULL)
        return (struct record_item){0};
    item = (struct record_item){code->code, (uint32_t)strlen(code->code)};
    if (memo != NULL) {
        *memo = (struct convert_memo){item.bytes, item.len, (uint8_t)cell.len, {0}};
        memcpy(memo->text, cell.bytes, cell.len);
    }
    return item;
}

enum record_reason
convert_code(struct convert *convert, int field, struct source_cell cell,
             struct record_cell *ret_cell)
{
    struct record_item code = convert_code_text(convert, field, cell);

    if (code.bytes == NULL)
        return RECORD_BAD_CODE;
    convert_set_text(ret_cell, code.bytes, code.len);
    return RECORD_OK;
}

/* Bytes of the separator that `at` begins with, or 0: , ; ， ； 、 */
static uint32_t
convert_separator(const char *at, uint32_t left)
{
    const unsigned char *u = (const unsigned char *)at;

    if (*u == ',' || *u == ';')
        return 1;
    if ((*u != 0xef && *u != 0xe3) || left < 3)
        return 0;
    return memcmp(at, "，", 3) == 0 || memcmp(at, "；", 3) == 0 || memcmp(at, "、", 3) == 0 ? 3 : 0;
}

/* Take the next item off a list. */
static struct source_cell
convert_item(struct source_cell *rest)
{
    struct source_cell item = {rest->bytes, 0};
    uint32_t mark = 0;

    while (item.len < rest->len) {
        mark = convert_separator(item.bytes + item.len, rest->len - item.len);
        if (mark > 0)
            break;
        item.len++;
    }
    *rest = (struct source_cell){rest->bytes + item.len + mark, rest->len - item.len - mark};
    return convert_trim(item);
}

/* Codes in the order of their list, each once: two spellings of one list are one content. */
static void
convert_insert_code(const struct record_field *field, struct record_item *items, uint32_t *count,
                    struct record_item code)
{
    const struct record_code *at = field->codes;
    uint32_t place = 0;

    while (at->code != code.bytes) {
        place += place < *count && items[place].bytes == at->code;
        at++;
    }
    if (place < *count && items[place].bytes == code.bytes)
        return;
    memmove(items + place + 1, items + place, (*count - place) * sizeof(*items));
    items[place] = code;
    ++*count;
}

enum record_reason
convert_list(struct convert *convert, int field, struct source_cell cell,
             struct record_cell *ret_cell)
{
    const struct record_field *of = &convert->type->fields[field];
    struct record_item *items = convert->items[field];
    uint32_t count = 0;

    while (cell.len > 0) {
        struct source_cell item = convert_item(&cell);

        if (item.len == 0)
            continue;
        if (count == RECORD_LIST_MAX)
            return of->type == RECORD_TEXTS ? RECORD_STORAGE : RECORD_BAD_CODE;
        if (of->type == RECORD_CODES) {
            struct record_item code = convert_code_text(convert, field, item);

            if (code.bytes == NULL)
                return RECORD_BAD_CODE;
            convert_insert_code(of, items, &count, code);
            continue;
        }
        if (of->type == RECORD_AREAS) {
            if (!convert_narrow(convert, &item))
                return RECORD_BAD_CODE;
            item = convert_place(convert, item);
        }
        items[count++] = (struct record_item){item.bytes, item.len};
    }
    ret_cell->set = count > 0;
    ret_cell->list.items = items;
    ret_cell->list.count = count;
    return RECORD_OK;
}
