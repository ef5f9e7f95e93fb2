/*
 * lists — records of tests/link/people.c as the rows of a county's lists, for COPY into the feeds.
 *
 *   bench-lists people.csv truth.csv FOLDER
 *
 * Writes a CSV file a table, without names of columns: household, member, enrolment, student, house,
 * account, and quarantine for rows that an adapter would refuse: without a good number where the list
 * cannot do without, or under a number that stands in such a list twice (by its people's mistake: a
 * child under a parent's). A row has its record's number (r17: 17); values are as the wire has them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/reader.h"
#include "base/text.h"

#define CELL 512

/* The lists, in the order in which the bench numbers their submissions. */
enum list { HOUSEHOLD, MEMBER, ENROLMENT, STUDENT, HOUSE, ACCOUNT, LISTS };

static const struct {
    const char *file, *source; /* of people.csv */
    bool number;               /* must be there */
} lists[LISTS] = {
    [HOUSEHOLD] = {"household", "", false},         [MEMBER] = {"member", "register", true},
    [ENROLMENT] = {"enrolment", "insurance", true}, [STUDENT] = {"student", "education", true},
    [HOUSE] = {"house", "housing", false},          [ACCOUNT] = {"account", "water", false},
};

/* Columns of people.csv. */
enum { RECORD, SOURCE, NAME, NUMBER, SEX, BIRTH, PHONE, ADDRESS, AREA, HOUSEHOLD_NO, COLUMNS };

/* A record as the wire has it. */
struct row {
    unsigned no;
    char name[CELL], fold[CELL], number[CELL], phone[CELL], address[CELL], area[CELL],
        household[CELL];
    bool good, head; /* a valid number; the household's first member */
};

/* The good numbers of a list that has each once. */
struct numbers {
    char (*list)[TEXT_ID_LEN];
    size_t count, size;
};

static FILE *files[LISTS], *quarantine;
static struct numbers numbers[LISTS];
static bool *written; /* households, by number */
static size_t written_size;

static void
fail(const char *what)
{
    fprintf(stderr, "lists: %s\n", what);
    exit(1);
}

static FILE *
create(const char *folder, const char *name)
{
    char path[4096];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s.csv", folder, name);
    file = fopen(path, "w");
    if (file == NULL)
        fail(path);
    return file;
}

static void
take(struct source_cell cell, char to[CELL])
{
    if (cell.len >= CELL)
        fail("a cell is too long");
    memcpy(to, cell.bytes, cell.len);
    to[cell.len] = '\0';
}

static void
take_narrow(struct source_cell cell, char to[CELL])
{
    take(cell, to);
    to[text_narrow(to, strlen(to), to)] = '\0';
}

static void
take_name(struct source_cell cell, struct row *row)
{
    AUTO_BUF struct buf name = {0}, fold = {0};

    text_normalise_name(cell.bytes, cell.len, &name);
    text_fold_name(cell.bytes, cell.len, &fold);
    (void)snprintf(row->name, sizeof(row->name), "%s", buf_str(&name));
    (void)snprintf(row->fold, sizeof(row->fold), "%s", buf_str(&fold));
    if (strcmp(row->fold, row->name) == 0)
        row->fold[0] = '\0';
}

static void
take_number(struct source_cell cell, struct row *row)
{
    char upgraded[TEXT_ID_LEN];
    size_t len;

    take_narrow(cell, row->number);
    len = strlen(row->number);
    if (len == TEXT_ID_SHORT && text_id_upgrade(row->number, upgraded)) {
        memcpy(row->number, upgraded, TEXT_ID_LEN);
        row->number[len = TEXT_ID_LEN] = '\0';
    }
    row->good = len == TEXT_ID_LEN && text_id_valid(row->number, clock_today());
}

/* The household's row is made of the first member's that has an address, or else of none. */
static void
put_household(const struct row *row)
{
    size_t no = strtoul(row->household + 1, NULL, 10);

    if (no >= written_size) {
        size_t size = no * 2 + 1024;

        written = mem_grow(written, size, sizeof(*written));
        memset(written + written_size, 0, size - written_size);
        written_size = size;
    }
    if (written[no] || row->address[0] == '\0')
        return;
    written[no] = true;
    fprintf(files[HOUSEHOLD], "%u,%s,%s,%s,%s\n", row->no, row->household, row->area, row->address,
            row->phone);
}

static int
order_numbers(const void *a, const void *b)
{
    return memcmp(a, b, TEXT_ID_LEN);
}

static void
note_number(const struct row *row, enum list list)
{
    struct numbers *one = &numbers[list];

    if (!row->good || !lists[list].number)
        return;
    if (one->count == one->size) {
        one->size = one->size * 2 + 1024;
        one->list = mem_grow(one->list, one->size, sizeof(*one->list));
    }
    memcpy(one->list[one->count++], row->number, TEXT_ID_LEN);
}

static bool
is_double(const struct row *row, enum list list)
{
    const struct numbers *one = &numbers[list];
    const char(*at)[TEXT_ID_LEN];

    if (!row->good || !lists[list].number)
        return false;
    at = bsearch(row->number, one->list, one->count, TEXT_ID_LEN, order_numbers);
    return (at > one->list && order_numbers(at - 1, at) == 0) ||
           (at + 1 < one->list + one->count && order_numbers(at, at + 1) == 0);
}

static void
put_row(const struct row *row, enum list list)
{
    FILE *file = files[list];

    if (list == MEMBER)
        put_household(row);
    if (is_double(row, list) || (!row->good && (lists[list].number || row->number[0] != '\0'))) {
        fprintf(quarantine, "%d,%u,%s,%s,%s,%s,%s\n", (int)list + 1, row->no, row->number,
                row->name, row->fold, row->phone, row->household);
        return;
    }
    fprintf(file, "%u,%s,%s,%s", row->no, row->number, row->name, row->fold);
    if (list == MEMBER)
        fprintf(file, ",%s,%s\n", row->household, row->head ? "户主" : "其他");
    else if (list == ENROLMENT)
        fprintf(file, "\n");
    else if (list == STUDENT)
        fprintf(file, ",%s\n", row->phone);
    else if (list == HOUSE)
        fprintf(file, ",%s,%s,%s\n", row->household, row->area, row->address);
    else
        fprintf(file, ",%s,%s,%s,%s\n", row->household, row->area, row->address, row->phone);
}

/* Read a record and do something with it. */
static void
take_record(const struct source_row *cells, const struct source_row *truth,
            void (*use)(const struct row *row, enum list list))
{
    struct row row = {.no = (unsigned)strtoul(cells->cells[RECORD].bytes + 1, NULL, 10)};
    struct source_cell source = cells->cells[SOURCE], person = truth->cells[1];
    enum list list = MEMBER;

    take_name(cells->cells[NAME], &row);
    take_number(cells->cells[NUMBER], &row);
    take_narrow(cells->cells[PHONE], row.phone);
    take(cells->cells[ADDRESS], row.address);
    take(cells->cells[AREA], row.area);
    take(cells->cells[HOUSEHOLD_NO], row.household);
    row.head = person.len > 2 && memcmp(person.bytes + person.len - 2, ".0", 2) == 0;
    while (list < LISTS && (strlen(lists[list].source) != source.len ||
                            memcmp(lists[list].source, source.bytes, source.len) != 0))
        list++;
    if (list == LISTS)
        fail("a source that is no list");
    use(&row, list);
}

static bool
next(struct source *source, struct source_row *row, uint32_t columns)
{
    struct refusal refusal = {0};
    struct err err = {0};
    enum source_read read = source_next(source, row, &refusal, &err);

    if (read != SOURCE_ROW && read != SOURCE_END)
        fail("a file cannot be read");
    if (read == SOURCE_ROW && row->count != columns)
        fail("a row has not the columns of people.csv and truth.csv");
    return read == SOURCE_ROW;
}

static void
take_all(const char *people_csv, const char *truth_csv,
         void (*use)(const struct row *row, enum list list))
{
    AUTO(source_close) struct source *people = reader_new(open(people_csv, O_RDONLY | O_CLOEXEC));
    AUTO(source_close) struct source *truths = reader_new(open(truth_csv, O_RDONLY | O_CLOEXEC));
    struct source_row cells, truth;

    if (!next(people, &cells, COLUMNS) || !next(truths, &truth, 4))
        fail("a file is empty");
    while (next(people, &cells, COLUMNS) && next(truths, &truth, 4))
        take_record(&cells, &truth, use);
}

int
main(int argc, char **argv)
{
    if (argc != 4)
        return fprintf(stderr, "usage: bench-lists people.csv truth.csv FOLDER\n"), 2;
    for (int list = 0; list < LISTS; list++)
        files[list] = create(argv[3], lists[list].file);
    quarantine = create(argv[3], "quarantine");
    take_all(argv[1], argv[2], note_number);
    for (int list = 0; list < LISTS; list++)
        qsort(numbers[list].list, numbers[list].count, TEXT_ID_LEN, order_numbers);
    take_all(argv[1], argv[2], put_row);
    for (int list = 0; list < LISTS; list++) {
        free(numbers[list].list);
        if (fclose(files[list]) != 0)
            fail("a file cannot be written");
    }
    free(written);
    return fclose(quarantine) != 0;
}
