/*
 * What the adapters' own parsers say of a file and of numbers, for run to compare.
 * Usage: public-probe csv FILE     the rows as a JSON array of arrays, or why it is refused
 *        public-probe ids          a number a line on stdin: the number as it would be sent, or -
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "sdk/prepare/convert.h"
#include "sdk/sheet/input.h"

#define LINE_MAX_BYTES 256

static void
add_row(struct json *json, const struct source_row *row)
{
    json_open_array(json, NULL);
    for (uint32_t i = 0; i < row->count; i++) {
        AUTO(free) char *cell = mem_zalloc(row->cells[i].len + 1);

        memcpy(cell, row->cells[i].bytes, row->cells[i].len);
        json_add_text(json, NULL, cell);
    }
    json_close_array(json);
}

static int
print_rows(const char *path)
{
    AUTO(source_close) struct source *source = NULL;
    AUTO_BUF struct buf text = {0};
    struct json json = {.out = &text};
    struct refusal refusal = {0};
    struct source_row row;
    struct err err;

    if (input_open(path, &source, &refusal, &err) != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    json_open_array(&json, NULL);
    while (source != NULL && source_next(source, &row, &refusal, &err) == SOURCE_ROW)
        add_row(&json, &row);
    json_close_array(&json);
    (void)puts(refusal.code == REFUSAL_NONE ? buf_str(&text) : refusal_word(refusal.code));
    return EXIT_SUCCESS;
}

/* As a row of the file and then the hub's check do. */
static void
print_id(struct convert *convert, int field, const char *line, size_t len, int32_t today)
{
    struct record_cell cell = {0};

    convert_begin(convert, len);
    if (convert_cell(convert, field, (struct source_cell){line, (uint32_t)len}, &cell) ==
            RECORD_OK &&
        cell.set && cell.text.len == TEXT_ID_LEN && text_id_valid(cell.text.bytes, today))
        (void)printf("%.*s\n", (int)cell.text.len, cell.text.bytes);
    else
        (void)puts("-");
}

static int
print_ids(void)
{
    const struct record_type *type = record_find("insurance.enrolment");
    AUTO(convert_free) struct convert *convert = convert_new(type, NULL);
    char line[LINE_MAX_BYTES];
    int32_t today = clock_today();

    while (fgets(line, sizeof(line), stdin) != NULL)
        print_id(convert, type->id, line, strcspn(line, "\n"), today);
    return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "csv") == 0)
        return print_rows(argv[2]);
    if (argc == 2 && strcmp(argv[1], "ids") == 0)
        return print_ids();
    (void)fputs("usage: public-probe csv FILE | ids\n", stderr);
    return EXIT_FAILURE;
}
