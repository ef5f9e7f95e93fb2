#include "link/people.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/reader.h"
#include "link/block.h"
#include "link/hash.h"

#define PEOPLE_CHUNK 8192 /* rows that are normalised together */
#define PEOPLE_COLUMNS (sizeof(people_columns) / sizeof(people_columns[0]))
#define PEOPLE_NEEDED 2 /* columns that must be there, the first ones */
#define PEOPLE_CELLS 3  /* first column that is a cell to compare */

enum { PEOPLE_RECORD_ID, PEOPLE_SOURCE, PEOPLE_ENTITY_ID };

/* Columns, and where the linked ones stand in struct normalise_cells. */
static const struct {
    const char *name;
    size_t place;
} people_columns[] = {
    [PEOPLE_RECORD_ID] = {"record_id", 0},
    [PEOPLE_SOURCE] = {"source", 0},
    [PEOPLE_ENTITY_ID] = {"entity_id", 0},
    {"name", offsetof(struct normalise_cells, name)},
    {"id_no", offsetof(struct normalise_cells, id_no)},
    {"sex", offsetof(struct normalise_cells, sex)},
    {"birth_date", offsetof(struct normalise_cells, birth_date)},
    {"phone", offsetof(struct normalise_cells, phone)},
    {"address", offsetof(struct normalise_cells, address)},
    {"area", offsetof(struct normalise_cells, area)},
    {"household_no", offsetof(struct normalise_cells, household_no)},
};

/* Texts of records, one behind the other. */
struct people_texts {
    struct buf text;
    uint64_t *starts; /* of each text; one more than records */
};

struct people {
    struct people_texts ids, entity_ids; /* entity_ids: of known records alone */
    uint32_t *entities;                  /* of known records: the first with the same entity_id */
    uint32_t count, size;
    char *sources[LINK_SOURCES_MAX];
    uint32_t source_lens[LINK_SOURCES_MAX];
    unsigned source_count;
};

/* Rows on their way to the linkage, and the text of their cells. */
struct people_chunk {
    struct buf text;
    struct link_record *records;
    size_t count;
};

/* While a file is read. */
struct people_load {
    struct people *people;
    struct link *link;
    bool known;                    /* each row has an entity_id */
    int at[PEOPLE_COLUMNS];        /* cell of each column; -1: not there */
    struct people_chunk chunks[2]; /* one is read, the other is normalised */
    unsigned chunk;                /* that is read */
    uint32_t *rows;                /* row of each record */
    uint32_t twice;        /* first record whose record_id is there already, or UINT32_MAX */
    pthread_mutex_t mutex; /* of `twice` */
};

void
people_free(struct people *people)
{
    if (people == NULL)
        return;
    for (unsigned i = 0; i < people->source_count; i++)
        free(people->sources[i]);
    buf_done(&people->ids.text);
    buf_done(&people->entity_ids.text);
    free(people->ids.starts);
    free(people->entity_ids.starts);
    free(people->entities);
    free(people);
}

static struct source_cell
people_text(const struct people_texts *texts, uint32_t record)
{
    return (struct source_cell){(const char *)texts->text.bytes + texts->starts[record],
                                (uint32_t)(texts->starts[record + 1] - texts->starts[record])};
}

struct source_cell
people_id(const struct people *people, uint32_t record)
{
    return people_text(&people->ids, record);
}

struct source_cell
people_entity(const struct people *people, uint32_t record)
{
    return people_text(&people->entity_ids, record);
}

const uint32_t *
people_entities(const struct people *people)
{
    return people->entities;
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

static struct source_cell
people_cell(const struct people_load *load, const struct source_row *row, size_t column)
{
    int at = load->at[column];

    return at < 0 || (uint32_t)at >= row->count ? (struct source_cell){"", 0} : row->cells[at];
}

static void
people_add_text(struct people_texts *texts, uint32_t record, struct source_cell cell)
{
    texts->starts[record] = texts->text.len;
    buf_add(&texts->text, cell.bytes, cell.len);
    texts->starts[record + 1] = texts->text.len;
}

/* Add a record by its record_id, and its entity_id where records are known. */
static void
people_add_id(struct people_load *load, const struct source_row *row)
{
    struct people *people = load->people;

    if (people->count + 1 >= people->size) {
        size_t size = people->size == 0 ? PEOPLE_CHUNK : people->size + people->size / 2;

        people->size = (uint32_t)size;
        people->ids.starts = mem_grow(people->ids.starts, size, sizeof(*people->ids.starts));
        if (load->known)
            people->entity_ids.starts =
                mem_grow(people->entity_ids.starts, size, sizeof(*people->entity_ids.starts));
        load->rows = mem_grow(load->rows, size, sizeof(*load->rows));
    }
    load->rows[people->count] = row->row_no;
    people_add_text(&people->ids, people->count, people_cell(load, row, PEOPLE_RECORD_ID));
    if (load->known)
        people_add_text(&people->entity_ids, people->count,
                        people_cell(load, row, PEOPLE_ENTITY_ID));
    people->count++;
}

static void
people_hash_ids(void *load_, unsigned round, uint32_t from, uint32_t to, uint64_t *ret_hashes)
{
    const struct people_load *load = load_;

    (void)round;
    for (uint32_t i = from; i < to; i++) {
        struct source_cell id = people_id(load->people, i);

        ret_hashes[i - from] = hash_bytes(id.bytes, id.len);
    }
}

/* Note the first record of a bucket that has the record_id of an earlier one. */
static void
people_take_ids(void *load_, unsigned thread, unsigned round, const uint64_t *items, size_t count)
{
    struct people_load *load = load_;
    uint32_t twice = UINT32_MAX;

    (void)thread;
    (void)round;
    for (size_t at = 0, end; at < count; at = end) {
        end = block_end(items, at, count);
        for (size_t i = at + 1; i < end; i++)
            for (size_t j = at; j < i && block_record(items[i]) < twice; j++)
                if (people_same(people_id(load->people, block_record(items[j])),
                                people_id(load->people, block_record(items[i]))))
                    twice = block_record(items[i]);
    }
    if (twice == UINT32_MAX)
        return;
    pthread_mutex_lock(&load->mutex);
    load->twice = twice < load->twice ? twice : load->twice;
    pthread_mutex_unlock(&load->mutex);
}

/* Refuse a record_id that stands twice. */
static int
people_check_ids(struct people_load *load, unsigned threads, struct err *err)
{
    struct block_task task = {load, load->people->count, threads,
                              1,    people_hash_ids,     people_take_ids};

    load->twice = UINT32_MAX;
    block_run(&task);
    if (load->twice == UINT32_MAX)
        return 0;
    err_set(err, ERR_INPUT, "row %u: its record_id stands in an earlier row",
            load->rows[load->twice]);
    return err_hint(err, "a record_id names one record; give every row its own");
}

static void
people_hash_entities(void *load_, unsigned round, uint32_t from, uint32_t to, uint64_t *ret_hashes)
{
    const struct people_load *load = load_;

    (void)round;
    for (uint32_t i = from; i < to; i++) {
        struct source_cell id = people_entity(load->people, i);

        ret_hashes[i - from] = hash_bytes(id.bytes, id.len);
    }
}

/* Give each record of a bucket the first record that has its entity_id. */
static void
people_take_entities(void *load_, unsigned thread, unsigned round, const uint64_t *items,
                     size_t count)
{
    const struct people_load *load = load_;
    const struct people *people = load->people;

    (void)thread;
    (void)round;
    for (size_t at = 0, end; at < count; at = end) {
        end = block_end(items, at, count);
        for (size_t i = at; i < end; i++) {
            uint32_t record = block_record(items[i]);
            size_t first = at;

            while (!people_same(people_entity(people, block_record(items[first])),
                                people_entity(people, record)))
                first++;
            people->entities[record] = block_record(items[first]);
        }
    }
}

/* Find out which of the known records are one person's. */
static void
people_find_entities(struct people_load *load, unsigned threads)
{
    struct people *people = load->people;
    struct block_task task = {load, people->count,        threads,
                              1,    people_hash_entities, people_take_entities};

    people->entities = mem_grow(NULL, (size_t)people->count + 1, sizeof(*people->entities));
    block_run(&task);
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
        if (load->at[i] < 0 && (i < PEOPLE_NEEDED || (load->known && i == PEOPLE_ENTITY_ID))) {
            err_set(err, ERR_INPUT, "column %s is missing", people_columns[i].name);
            if (i == PEOPLE_ENTITY_ID)
                return err_hint(err, "known records have the entity_id that links.csv gives");
            return err_hint(err, "the first row names the columns: record_id,source,name,id_no,"
                                 "sex,birth_date,phone,address,area,household_no");
        }
    }
    return 0;
}

static struct source_cell *
people_place(struct link_record *record, size_t column)
{
    return (struct source_cell *)(void *)((char *)&record->cells + people_columns[column].place);
}

/* Copy the cells behind those of the chunk; their bytes are found later, as the chunk may move. */
static void
people_keep(struct people_load *load, const struct source_row *row, struct link_record *record)
{
    struct buf *text = &load->chunks[load->chunk].text;
    size_t len = 0;
    uint8_t *to;

    for (size_t i = PEOPLE_CELLS; i < PEOPLE_COLUMNS; i++) {
        struct source_cell cell = people_cell(load, row, i);

        *people_place(record, i) = cell;
        len += cell.len;
    }
    to = buf_reserve(text, len);
    text->len += len;
    for (size_t i = PEOPLE_CELLS; i < PEOPLE_COLUMNS; i++) {
        const struct source_cell *cell = people_place(record, i);

        memcpy(to, cell->bytes, cell->len);
        to += cell->len;
    }
}

/* Let the chunk be normalised while the next one is read. */
static void
people_flush(struct people_load *load)
{
    struct people_chunk *chunk = &load->chunks[load->chunk];
    const char *at = (const char *)chunk->text.bytes;

    for (size_t i = 0; i < chunk->count; i++)
        for (size_t column = PEOPLE_CELLS; column < PEOPLE_COLUMNS; column++) {
            struct source_cell *cell = people_place(&chunk->records[i], column);

            cell->bytes = at;
            at += cell->len;
        }
    link_add_finish(load->link);
    if (chunk->count > 0)
        link_add_start(load->link, chunk->records, chunk->count);
    load->chunk = 1 - load->chunk;
    buf_clear(&load->chunks[load->chunk].text);
    load->chunks[load->chunk].count = 0;
}

static int
people_check_id(const struct source_row *row, const char *column, struct source_cell id,
                struct err *err)
{
    if (id.len > 0 && id.len <= PEOPLE_ID_MAX)
        return 0;
    return err_set(err, ERR_INPUT, "row %u: %s is %s", row->row_no, column,
                   id.len == 0 ? "empty" : "too long");
}

static int
people_row(struct people_load *load, const struct source_row *row, struct err *err)
{
    struct people_chunk *chunk = &load->chunks[load->chunk];
    struct link_record *record = &chunk->records[chunk->count];
    int source;

    if (row->count == 1 && row->cells[0].len == 0) /* an empty line */
        return 0;
    if (people_check_id(row, "record_id", people_cell(load, row, PEOPLE_RECORD_ID), err) != 0 ||
        (load->known &&
         people_check_id(row, "entity_id", people_cell(load, row, PEOPLE_ENTITY_ID), err) != 0))
        return -1;
    if (load->people->count == LINK_RECORDS_MAX)
        return err_set(err, ERR_INPUT, "more than %d records", LINK_RECORDS_MAX);
    source = people_add_source(load->people, people_cell(load, row, PEOPLE_SOURCE));
    if (source < 0)
        return err_set(err, ERR_INPUT, "row %u: more than %d sources", row->row_no,
                       LINK_SOURCES_MAX);
    people_add_id(load, row);
    record->source = (uint16_t)source;
    people_keep(load, row, record);
    if (++chunk->count == PEOPLE_CHUNK)
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
    if (people_check_ids(load, link_threads(load->link), err) != 0)
        return -1;
    if (load->known)
        people_find_entities(load, link_threads(load->link));
    return 0;
}

/* Begin to read; the sources of `before` come first, if it is not NULL. */
static void
people_begin(struct people_load *load, const struct people *before)
{
    load->people = mem_zalloc(sizeof(*load->people));
    load->mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    for (int i = 0; i < 2; i++)
        load->chunks[i].records = mem_grow(NULL, PEOPLE_CHUNK, sizeof(*load->chunks[i].records));
    for (unsigned i = 0; before != NULL && i < before->source_count; i++)
        (void)people_add_source(load->people,
                                (struct source_cell){before->sources[i], before->source_lens[i]});
}

static void
people_end(struct people_load *load)
{
    link_add_finish(load->link);
    for (int i = 0; i < 2; i++) {
        buf_done(&load->chunks[i].text);
        free(load->chunks[i].records);
    }
    free(load->rows);
    pthread_mutex_destroy(&load->mutex);
}

static int
people_load_file(const char *path, struct people_load *load, const struct people *before,
                 struct people **ret_people, struct err *err)
{
    AUTO(people_free) struct people *people = NULL;
    AUTO(source_close) struct source *source = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC), result;

    if (fd < 0)
        return err_set(err, ERR_INPUT, "cannot open %s: %s", path, strerror(errno));
    source = reader_new(fd);
    people_begin(load, before);
    people = load->people;
    result = people_read(load, source, err);
    people_end(load);
    if (result != 0)
        return err_wrap(err, "%s", path);
    *ret_people = STEAL(people);
    return 0;
}

int
people_load(const char *path, struct link *link, struct people **ret_people, struct err *err)
{
    struct people_load load = {.link = link};

    return people_load_file(path, &load, NULL, ret_people, err);
}

int
people_load_known(const char *path, struct link *link, struct people **ret_people, struct err *err)
{
    struct people_load load = {.link = link, .known = true};

    return people_load_file(path, &load, NULL, ret_people, err);
}

int
people_load_beside(const char *path, struct link *link, const struct people *known,
                   struct people **ret_people, struct err *err)
{
    struct people_load load = {.link = link};

    return people_load_file(path, &load, known, ret_people, err);
}
