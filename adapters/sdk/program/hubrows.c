#include "sdk/program/hubrows.h"

#include <string.h>

#include "base/clock.h"

struct prepare_options
hubrows_options(const struct subfile_head *head, const struct settings *settings, const char *path)
{
    return (struct prepare_options){.path = path,
                                    .type = record_find(head->record_type),
                                    .mapping = settings->mapping,
                                    .producer = head->producer,
                                    .county = head->county,
                                    .period = (int32_t)head->period,
                                    .kind = head->kind,
                                    .nil = head->nil,
                                    .book = settings->reject_xlsx != 0,
                                    .reject_above_percent = settings->reject_above_percent,
                                    .today = clock_today()};
}

static uint8_t
hubrows_reason(const char *name)
{
    for (int i = RECORD_BAD_ID; i <= RECORD_REASON_LAST; i++)
        if (strcmp(record_reason_name((enum record_reason)i), name) == 0)
            return (uint8_t)i;
    return RECORD_STORAGE;
}

/* Read one entry of the receipt; returns false when it is none. */
static bool
hubrows_read(const struct yaml_node *node, const struct record_type *type, struct sink_row *ret_row)
{
    const struct yaml_node *row = yaml_find(node, "row");
    const struct yaml_node *column = yaml_find(node, "column");
    const struct yaml_node *reason = yaml_find(node, "reason");
    struct err err;
    int64_t number;

    if (row == NULL || yaml_int(row, 1, INT32_MAX, &number, &err) != 0)
        return false;
    *ret_row = (struct sink_row){
        .row_no = (uint32_t)number,
        .reason = hubrows_reason(reason == NULL || reason->text == NULL ? "" : reason->text),
        .field = (int8_t)(column == NULL || column->text == NULL
                              ? -1
                              : record_field_find(type, column->text))};
    return true;
}

static int
hubrows_compare(const void *a, const void *b)
{
    const struct sink_row *left = a, *right = b;

    return left->row_no < right->row_no ? -1 : left->row_no > right->row_no;
}

/* Sort, and keep one entry a row. */
static size_t
hubrows_sort(struct sink_row *rows, size_t count)
{
    size_t kept = 0;

    qsort(rows, count, sizeof(*rows), hubrows_compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || rows[kept - 1].row_no != rows[i].row_no)
            rows[kept++] = rows[i];
    return kept;
}

int
hubrows_report(const struct prepare_options *options, const struct receipt *receipt,
               struct err *err)
{
    struct prepare_options again = *options;
    const struct sink_file file = {options->path, options->base, options->type, options->mapping,
                                   options->book};
    struct prepare_result result = {0};
    size_t count;
    int done;

    if (receipt->refused == NULL || receipt->refused->count == 0 || options->type == NULL ||
        options->path == NULL || options->path[0] == '\0')
        return 0;
    again.rejects = false;
    if (outlet_run(&again, NULL, &result, err) != 0) {
        prepare_result_done(&result);
        return -1;
    }
    count = result.reject_count;
    result.rejects =
        mem_grow(result.rejects, count + receipt->refused->count, sizeof(*result.rejects));
    for (const struct yaml_node *node = receipt->refused->first; node != NULL; node = node->next)
        if (hubrows_read(node, options->type, &result.rejects[count]))
            count++;
    count = hubrows_sort(result.rejects, count);
    done = outlet_report(&file, result.rejects, count, &result.report, err);
    prepare_result_done(&result);
    return done;
}
