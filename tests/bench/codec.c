/*
 * How many enrolment rows a core encodes, and reads and checks, in a second.
 * Usage: codec [rows]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "frame.h"
#include "record.h"

#define PEOPLE 1000
#define ROUNDS 3
#define TODAY 20000 /* 2024-10-04 */

struct person {
    char id[TEXT_ID_LEN + 1];
    const char *name;
};

static const char *const names[] = {"李明",   "王秀英",   "张伟",
                                    "刘洋洋", "欧阳修远", "阿依古丽·买买提"};
static struct person people[PEOPLE];

static void
people_make(void)
{
    for (int i = 0; i < PEOPLE; i++) {
        (void)snprintf(people[i].id, sizeof(people[i].id), "360799%04d%02d%02d%03d?", 1940 + i % 80,
                       1 + i % 12, 1 + i % 28, i % 1000);
        people[i].id[TEXT_ID_LEN - 1] = text_id_check(people[i].id);
        people[i].name = names[(size_t)i % (sizeof(names) / sizeof(names[0]))];
    }
}

static void
text(struct record_row *row, int field, const char *value)
{
    row->cells[field].set = true;
    row->cells[field].text.bytes = value;
    row->cells[field].text.len = (uint32_t)strlen(value);
}

static void
number(struct record_row *row, int field, int64_t value)
{
    row->cells[field].set = true;
    row->cells[field].number = value;
}

/* A row as it stands in most files: one in four has a mark. */
static void
row_make(struct record_row *row, uint32_t row_no)
{
    static const struct record_item marks[] = {{"低保", 6}, {"脱贫人口", 12}};
    const struct person *person = &people[row_no % PEOPLE];

    row->row_no = row_no;
    text(row, 0, person->id);
    text(row, 1, person->name);
    number(row, 2, 2024);
    text(row, 3, "390");
    text(row, 4, "1");
    number(row, 5, TODAY - 300);
    text(row, 6, row_no % 4 == 0 ? "2" : "0");
    number(row, 7, row_no % 4 == 0 ? 19000 : 0);
    text(row, 8, "360799");
    row->cells[9].set = row_no % 4 == 0;
    row->cells[9].list.items = marks;
    row->cells[9].list.count = 2;
}

/* Microseconds that this thread has computed: others may use the machine, too. */
static int64_t
cpu_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void
report(const char *what, uint32_t rows, int64_t us, size_t bytes)
{
    printf("%-16s %8.2f million rows/s %8.0f MB/s\n", what, (double)rows / (double)us,
           (double)bytes / (double)us);
}

static void
bench_encode(const struct record_type *type, uint32_t rows, struct buf *out)
{
    struct record_row row = {0};
    int64_t start = cpu_us();
    size_t bytes = 0;

    for (uint32_t i = 1; i <= rows; i++) {
        if (out->len > FRAME_PAYLOAD_BYTES - 1000) {
            bytes += out->len;
            buf_clear(out);
        }
        row_make(&row, i);
        record_encode(type, &row, out);
    }
    report("encode", rows, cpu_us() - start, bytes + out->len);
}

/* One payload of about a mebibyte, read over and over. */
static void
bench_read(const struct record_type *type, uint32_t rows, const struct buf *payload, bool check)
{
    struct record_reader reader = {0};
    struct record_unresolved unresolved;
    struct record_row row;
    struct err err;
    uint32_t count = 0, bad = 0;
    size_t bytes = 0;
    int64_t start = cpu_us();

    while (count < rows) {
        int field;

        record_reader_open(&reader, type, payload->bytes, payload->len);
        bytes += payload->len;
        for (; record_read(&reader, &row, &unresolved, &err) == RECORD_ROW; count++)
            if (check && record_check(type, &row, 360799, TODAY, &field) != RECORD_OK)
                bad++;
    }
    report(check ? "read and check" : "read", count, cpu_us() - start, bytes);
    if (bad > 0)
        printf("%u rows were bad\n", bad);
    record_reader_done(&reader);
}

int
main(int argc, char **argv)
{
    const struct record_type *type = record_find("insurance.enrolment");
    uint32_t rows = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 5000000;
    AUTO_BUF struct buf payload = {0};

    people_make();
    for (int i = 0; i < ROUNDS; i++) {
        buf_clear(&payload);
        bench_encode(type, rows, &payload);
        bench_read(type, rows, &payload, false);
        bench_read(type, rows, &payload, true);
    }
    return 0;
}
