/*
 * recorded — a row of any record type, and its bytes, for tests.
 */
#ifndef RECORDED_H
#define RECORDED_H

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "record.h"
#include "unit.h"

#define COUNTY 360799
#define TODAY 20000 /* 2024-10-04 */

static struct buf payload;
static struct record_reader reader;
static struct record_row row;
static struct record_unresolved unresolved;
static struct err err;
static char id[TEXT_ID_LEN + 1];

static inline void
setup(void)
{
    payload = (struct buf){0};
    reader = (struct record_reader){0};
    row = (struct record_row){.row_no = 1};
    err = (struct err){0};
    memcpy(id, "36079919900307123?", sizeof(id));
    id[17] = text_id_check(id);
}

static inline void
teardown(void)
{
    record_reader_done(&reader);
    buf_done(&payload);
}

static inline int
field(const struct record_type *type, const char *name)
{
    int at = record_field_find(type, name);

    ck_assert_msg(at >= 0, "%s has no field %s", type->name, name);
    return at;
}

static inline void
put_text(const struct record_type *type, const char *name, const char *text)
{
    struct record_cell *cell = &row.cells[field(type, name)];

    cell->set = true;
    cell->text.bytes = text;
    cell->text.len = (uint32_t)strlen(text);
}

static inline void
put_number(const struct record_type *type, const char *name, int64_t number)
{
    struct record_cell *cell = &row.cells[field(type, name)];

    cell->set = true;
    cell->number = number;
}

static inline void
put_list(const struct record_type *type, const char *name, const struct record_item *items,
         uint32_t count)
{
    struct record_cell *cell = &row.cells[field(type, name)];

    cell->set = true;
    cell->list.items = items;
    cell->list.count = count;
}

static inline void
unset(const struct record_type *type, const char *name)
{
    row.cells[field(type, name)].set = false;
}

/* A valid row of any type; the fields at issue are then put by the test. */
static inline void
fill(const struct record_type *type)
{
    static const struct record_item area = {"360799001002", 12};

    row = (struct record_row){.row_no = 1};
    for (size_t i = 0; i < type->field_count; i++) {
        const struct record_field *f = &type->fields[i];
        static struct record_item code;

        if (f->optional)
            continue;
        switch (f->type) {
        case RECORD_ID:
            put_text(type, f->name, id);
            break;
        case RECORD_NAME:
            put_text(type, f->name, "李明");
            break;
        case RECORD_AREA:
            put_text(type, f->name, f->limit == 6 ? "360799" : "360799001002");
            break;
        case RECORD_PHONE:
        case RECORD_TEXT:
        case RECORD_DEC:
            put_text(type, f->name, "12");
            break;
        case RECORD_CODE:
            put_text(type, f->name, f->codes[0].code);
            break;
        case RECORD_DATE:
            put_number(type, f->name, TODAY);
            break;
        case RECORD_MONTH:
            put_number(type, f->name, 202409);
            break;
        case RECORD_MONEY:
        case RECORD_INT:
        case RECORD_BOOL:
            put_number(type, f->name, 1);
            break;
        case RECORD_CODES:
            code = (struct record_item){f->codes[0].code, (uint32_t)strlen(f->codes[0].code)};
            put_list(type, f->name, &code, 1);
            break;
        case RECORD_AREAS:
        case RECORD_TEXTS:
            put_list(type, f->name, &area, 1);
            break;
        }
    }
}

static inline enum record_read
read_again(const struct record_type *type, struct record_row *ret_row)
{
    record_reader_open(&reader, type, payload.bytes, payload.len);
    return record_read(&reader, ret_row, &unresolved, &err);
}

/* Run every case of a table in one process; a failure tells the case by its texts. */
static inline void
each(void (*run)(int at_case), int count)
{
    for (int i = 0; i < count; i++) {
        buf_clear(&payload);
        run(i);
    }
}

#endif
