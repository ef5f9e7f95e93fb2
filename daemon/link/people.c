#include "link/people.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/buf.h"
#include "base/reader.h"
#include "link/hash.h"

#define PEOPLE_CHUNK 32768 /* rows that are normalised together */
#define PEOPLE_COLUMNS (sizeof(people_columns) / sizeof(people_columns[0]))
#define PEOPLE_NEEDED 2 /* columns that must be there, the first ones */

enum { PEOPLE_RECORD_ID, PEOPLE_SOURCE };

/* Columns, and where the linked ones stand in struct normalise_cells. */
static const struct {
    const char *name;
    size_t place;
} people_columns[] = {
    [PEOPLE_RECORD_ID] = {"record_id", 0},
    [PEOPLE_SOURCE] = {"source", 0},
    {"name", offsetof(struct normalise_cells, name)},
    {"id_no", offsetof(struct normalise_cells, id_no)},
    {"sex", offsetof(struct normalise_cells, sex)},
    {"birth_date", offsetof(struct normalise_cells, birth_date)},
    {"phone", offsetof(struct normalise_cells, phone)},
    {"address", offsetof(struct normalise_cells, address)},
    {"area", offsetof(struct normalise_cells, area)},
    {"household_no", offsetof(struct normalise_cells, household_no)},
};

struct people {
    struct buf ids;   /* all record_ids, one behind the other */
    uint64_t *starts; /* of each record_id; one more than records */
    uint32_t count, size;
    uint32_t *slots; /* record + 1 by the hash of its record_id; 0: empty */
    unsigned slot_bits;
    char *sources[LINK_SOURCES_MAX];
    uint32_t source_lens[LINK_SOURCES_MAX];
    unsigned source_count;
};

/* While a file is read. */
struct people_load {
    struct people *people;
    struct link *link;
    int at[PEOPLE_COLUMNS]; /* cell of each column; -1: not there */
    struct buf text;        /* of the chunk's cells */
    struct link_record *records;
    size_t count;
};

void
people_free(struct people *people)
{
    if (people == NULL)
        return;
    for (unsigned i = 0; i < people->source_count; i++)
        free(people->sources[i]);
    buf_done(&people->ids);
    free(people->starts);
    free(people->slots);
    free(people);
}

struct source_cell
people_id(const struct people *people, uint32_t record)
{
    return (struct source_cell){(const char *)people->ids.bytes + people->starts[record],
                                (uint32_t)(people->starts[record + 1] - people->starts[record])};
}

int
people_source(const struct people *people, const char *name, size_t len)
{
    for (unsigned i = 0; i < people->source_count; i++)
        if (people->source_lens[i] == len && memcmp(people->sources[i], name, len) == 0)
            return (int)i;
    return -1;
}

/* ---- record_ids and sources ---- */

static bool
people_same(struct source_cell a, struct source_cell b)
{
    return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

static uint32_t *
people_slot(const struct people *people, struct source_cell id)
{
    size_t mask = ((size_t)1 << people->slot_bits) - 1;
    size_t at = hash_bytes(id.bytes, id.len) & mask;

    while (people->slots[at] != 0 && !people_same(people_id(people, people->slots[at] - 1), id))
        at = (at + 1) & mask;
    return &people->slots[at];
}

static void
people_widen(struct people *people)
{
    if (people->slots != NULL && (uint64_t)people->count * 2 < (uint64_t)1 << people->slot_bits)
        return;
    people->slot_bits = people->slots == NULL ? 17 : people->slot_bits + 1;
    free(people->slots);
    people->slots = mem_zalloc(sizeof(*people->slots) << people->slot_bits);
    for (uint32_t i = 0; i < people->count; i++)
        *people_slot(people, people_id(people, i)) = i + 1;
}

/* Keep a record_id; returns false when it is there already. */
static bool
people_add_id(struct people *people, struct source_cell id)
{
    uint32_t *slot;

    people_widen(people);
    slot = people_slot(people, id);
    if (*slot != 0)
        return false;
    if (people->count + 1 >= people->size) {
        people->size = people->size == 0 ? PEOPLE_CHUNK : people->size + people->size / 2;
        people->starts = mem_grow(people->starts, people->size, sizeof(*people->starts));
    }
    people->starts[people->count] = people->ids.len;
    buf_add(&people->ids, id.bytes, id.len);
    *slot = ++people->count;
    people->starts[people->count] = people->ids.len;
    return true;
}

/* The number of a source, a new one if need be; -1: there are too many. */
static int
people_add_source(struct people *people, struct source_cell name)
{
    int found = people_source(people, name.bytes, name.len);

    if (found >= 0 || people->source_count == LINK_SOURCES_MAX)
        return found;
    people->sources[people->source_count] = mem_zalloc((size_t)name.len + 1);
    memcpy(people->sources[people->source_count], name.bytes, name.len);
    people->source_lens[people->source_count] = name.len;
    return (int)people->source_count++;
}

/* ---- rows ---- */

static int
people_header(struct people_load *load, const struct source_row *row, struct err *err)
{
    for (size_t i = 0; i < PEOPLE_COLUMNS; i++) {
        size_t len = strlen(people_columns[i].name);

        load->at[i] = -1;
        for (uint32_t cell = 0; cell < row->count; cell++) {
            if (row->cells[cell].len != len ||
                memcmp(row->cells[cell].bytes, people_columns[i].name, len) != 0)
                continue;
            if (load->at[i] >= 0)
                return err_set(err, ERR_INPUT, "column %s stands twice", people_columns[i].name);
            load->at[i] = (int)cell;
        }
        if (load->at[i] < 0 && i < PEOPLE_NEEDED) {
            err_set(err, ERR_INPUT, "column %s is missing", people_columns[i].name);
            return err_hint(err, "the first row names the columns: record_id,source,name,id_no,"
                                 "sex,birth_date,phone,address,area,household_no");
        }
    }
    return 0;
}

static struct source_cell
people_cell(const struct people_load *load, const struct source_row *row, size_t column)
{
    int at = load->at[column];

    return at < 0 || (uint32_t)at >= row->count ? (struct source_cell){"", 0} : row->cells[at];
}

/* Copy the cells behind those of the chunk; their bytes are found later, as the chunk may move. */
static void
people_keep(struct people_load *load, const struct source_row *row, struct link_record *record)
{
    for (size_t i = PEOPLE_NEEDED; i < PEOPLE_COLUMNS; i++) {
        struct source_cell cell = people_cell(load, row, i);
        struct source_cell *to =
            (struct source_cell *)(void *)((char *)&record->cells + people_columns[i].place);

        buf_add(&load->text, cell.bytes, cell.len);
        to->len = cell.len;
    }
}

static void
people_flush(struct people_load *load)
{
    const char *at = (const char *)load->text.bytes;

    for (size_t i = 0; i < load->count; i++)
        for (size_t column = PEOPLE_NEEDED; column < PEOPLE_COLUMNS; column++) {
            struct source_cell *cell =
                (struct source_cell *)(void *)((char *)&load->records[i].cells +
                                               people_columns[column].place);

            cell->bytes = at;
            at += cell->len;
        }
    if (load->count > 0)
        link_add(load->link, load->records, load->count);
    buf_clear(&load->text);
    load->count = 0;
}

static int
people_row(struct people_load *load, const struct source_row *row, struct err *err)
{
    struct source_cell id = people_cell(load, row, PEOPLE_RECORD_ID);
    struct link_record *record = &load->records[load->count];
    int source;

    if (row->count == 1 && row->cells[0].len == 0) /* an empty line */
        return 0;
    if (id.len == 0 || id.len > PEOPLE_ID_MAX)
        return err_set(err, ERR_INPUT, "row %u: record_id is %s", row->row_no,
                       id.len == 0 ? "empty" : "too long");
    if (link_count(load->link) + load->count >= LINK_RECORDS_MAX)
        return err_set(err, ERR_INPUT, "more than %d records", LINK_RECORDS_MAX);
    if (!people_add_id(load->people, id)) {
        err_set(err, ERR_INPUT, "row %u: its record_id stands in an earlier row", row->row_no);
        return err_hint(err, "a record_id names one record; give every row its own");
    }
    source = people_add_source(load->people, people_cell(load, row, PEOPLE_SOURCE));
    if (source < 0)
        return err_set(err, ERR_INPUT, "row %u: more than %d sources", row->row_no,
                       LINK_SOURCES_MAX);
    record->source = (uint16_t)source;
    people_keep(load, row, record);
    if (++load->count == PEOPLE_CHUNK)
        people_flush(load);
    return 0;
}

static int
people_read(struct people_load *load, struct source *source, struct err *err)
{
    struct refusal refusal = {0};
    struct source_row row;
    enum source_read read = source_next(source, &row, &refusal, err);

    if (read == SOURCE_END)
        return err_set(err, ERR_INPUT, "the file is empty");
    if (read == SOURCE_ROW && people_header(load, &row, err) != 0)
        return -1;
    while (read == SOURCE_ROW) {
        read = source_next(source, &row, &refusal, err);
        if (read == SOURCE_ROW && people_row(load, &row, err) != 0)
            return -1;
    }
    if (read == SOURCE_REFUSED)
        return err_set(err, ERR_INPUT, "%s", refusal.en);
    if (read == SOURCE_ERROR)
        return -1;
    people_flush(load);
    return 0;
}

int
people_load(const char *path, struct link *link, struct people **ret_people, struct err *err)
{
    AUTO(people_free) struct people *people = NULL;
    AUTO(source_close) struct source *source = NULL;
    struct people_load load = {.link = link};
    int fd = open(path, O_RDONLY | O_CLOEXEC), result;

    if (fd < 0)
        return err_set(err, ERR_INPUT, "cannot open %s: %s", path, strerror(errno));
    source = reader_new(fd);
    load.people = people = mem_zalloc(sizeof(*people));
    load.records = mem_grow(NULL, PEOPLE_CHUNK, sizeof(*load.records));
    result = people_read(&load, source, err);
    buf_done(&load.text);
    free(load.records);
    if (result != 0)
        return err_wrap(err, "%s", path);
    *ret_people = STEAL(people);
    return 0;
}
