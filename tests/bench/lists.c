/*
 * lists — records of tests/link/people.c as the rows of a county's lists, for COPY into the feeds.
 *
 *   bench-lists people.csv truth.csv FOLDER
 *
 * Writes a CSV file a table, without names of columns: household, member, enrolment, student, house,
 * account, and quarantine for rows whose list cannot do without the number that they lack. A row has
 * its record's number (r17: 17); values are as the wire has them.
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

static FILE *files[LISTS], *quarantine;
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

static void
put_row(const struct row *row, enum list list)
{
    FILE *file = files[list];

    if (list == MEMBER)
        put_household(row);
    if (!row->good && (lists[list].number || row->number[0] != '\0')) {
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

static void
put(const struct source_row *cells, const struct source_row *truth)
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
    put_row(&row, list);
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

int
main(int argc, char **argv)
{
    struct source_row cells, truth;

    if (argc != 4)
        return fprintf(stderr, "usage: bench-lists people.csv truth.csv FOLDER\n"), 2;
    AUTO(source_close) struct source *people = reader_new(open(argv[1], O_RDONLY | O_CLOEXEC));
    AUTO(source_close) struct source *truths = reader_new(open(argv[2], O_RDONLY | O_CLOEXEC));

    for (int list = 0; list < LISTS; list++)
        files[list] = create(argv[3], lists[list].file);
    quarantine = create(argv[3], "quarantine");
    if (!next(people, &cells, COLUMNS) || !next(truths, &truth, 4))
        fail("a file is empty");
    while (next(people, &cells, COLUMNS) && next(truths, &truth, 4))
        put(&cells, &truth);
    for (int list = 0; list < LISTS; list++)
        if (fclose(files[list]) != 0)
            fail("a file cannot be written");
    free(written);
    return fclose(quarantine) != 0;
}
