#include "identity/identity_read.h"

#include <string.h>

#include "base/mem.h"
#include "identity/identity_sql.h"
#include "link/compare.h"

#define READ_HEADER 19 /* bytes of COPY BINARY before the first row */
#define READ_FIELDS_MAX 16
#define READ_END UINT16_MAX /* a count of fields that ends the data */

/* One row of COPY BINARY. */
struct read_row {
    struct source_cell fields[READ_FIELDS_MAX]; /* NULL: bytes is NULL */
    bool end;
};

/* What is done with each row. */
typedef void read_take(struct identity_set *set, const struct read_row *row);

void
identity_set_done(struct identity_set *set)
{
    normalise_free(set->normalise);
    free(set->persons);
    free(set->rows);
    free(set->members);
    buf_done(&set->texts);
    *set = (struct identity_set){0};
}

const char *
identity_text(const struct identity_set *set, uint32_t text)
{
    return (const char *)set->texts.bytes + text;
}

/* ---- COPY BINARY ---- */

static uint32_t
read_be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Take one message apart: the server sends one row in each message, and the header before the first
   row. */
static int
read_parse(const uint8_t *bytes, size_t len, unsigned field_count, struct read_row *ret_row,
           struct err *err)
{
    const uint8_t *at = bytes, *end = bytes + len;
    unsigned count;

    if (len >= 2 && (count = (unsigned)at[0] << 8 | at[1]) == READ_END) {
        ret_row->end = true;
        return 0;
    }
    if (len < 2 || count != field_count)
        return err_set(err, ERR_STORE, "the database sent rows of another form");
    at += 2;
    for (unsigned i = 0; i < count; i++) {
        uint32_t size;

        if (end - at < 4)
            return err_set(err, ERR_STORE, "the database sent a row that is cut off");
        size = read_be32(at);
        at += 4;
        ret_row->fields[i] = (struct source_cell){0};
        if (size == UINT32_MAX)
            continue;
        if ((size_t)(end - at) < size)
            return err_set(err, ERR_STORE, "the database sent a row that is cut off");
        ret_row->fields[i] = (struct source_cell){(const char *)at, size};
        at += size;
    }
    return 0;
}

static int
read_all(struct store *store, const char *sql, unsigned field_count, struct identity_set *set,
         read_take *take, struct err *err)
{
    const uint8_t *bytes;
    size_t len;
    bool first = true;
    int more;

    if (store_copy_out(store, sql, err) < 0)
        return -1;
    while ((more = store_copy_next(store, &bytes, &len, err)) > 0) {
        struct read_row row = {0};

        if (first && len >= READ_HEADER) {
            bytes += READ_HEADER;
            len -= READ_HEADER;
        }
        first = false;
        if (len == 0)
            continue;
        if (read_parse(bytes, len, field_count, &row, err) < 0)
            return -1;
        if (!row.end)
            take(set, &row);
    }
    return more;
}

/* ---- persons ---- */

static uint32_t
read_keep(struct identity_set *set, struct source_cell cell)
{
    uint32_t at = (uint32_t)set->texts.len;

    if (cell.len > 0)
        buf_add(&set->texts, cell.bytes, cell.len);
    buf_add_u8(&set->texts, 0);
    return at;
}

/* Normalise one more person; `of_rows` tells whether set->rows or set->members grows with
   set->persons. */
static struct person *
read_person(struct identity_set *set, const struct normalise_cells *cells, bool of_rows)
{
    if (set->count == set->size) {
        set->size = set->size == 0 ? 1024 : set->size + set->size / 2;
        set->persons = mem_grow(set->persons, set->size, sizeof(*set->persons));
        if (of_rows)
            set->rows = mem_grow(set->rows, set->size, sizeof(*set->rows));
        else
            set->members = mem_grow(set->members, set->size, sizeof(*set->members));
    }
    normalise_person(set->normalise, cells, &set->persons[set->count]);
    return &set->persons[set->count];
}

static int32_t
read_int(struct source_cell cell)
{
    return cell.len == 4 ? (int32_t)read_be32((const uint8_t *)cell.bytes) : 0;
}

enum {
    ROW_TYPE,
    ROW_KEY,
    ROW_REST,
    ROW_SUBMISSION,
    ROW_NO,
    ROW_QUARANTINED,
    ROW_KNOWN_ID,
    ROW_KNOWN_NAME,
    ROW_KNOWN_FOLD,
    ROW_KNOWN_HOUSEHOLD,
    ROW_ID,
    ROW_NAME,
    ROW_PHONE,
    ROW_ADDRESS,
    ROW_AREA,
    ROW_HOUSEHOLD,
    ROW_FIELDS
};

/* Whether two names sound the same. */
static bool
read_sounds(struct identity_set *set, const struct person *person, struct source_cell name)
{
    struct person other;
    const struct normalise_cells cells = {.name = name};

    normalise_person(set->normalise, &cells, &other);
    switch (compare_level(compare_pair(person, &other), COMPARE_NAME)) {
    case NAME_EXACT:
    case NAME_VARIANT:
    case NAME_SOUND:
        return true;
    default:
        return false;
    }
}

static void
read_take_row(struct identity_set *set, const struct read_row *row)
{
    const struct source_cell *fields = row->fields;
    const struct normalise_cells cells = {.name = fields[ROW_NAME],
                                          .id_no = fields[ROW_ID],
                                          .phone = fields[ROW_PHONE],
                                          .address = fields[ROW_ADDRESS],
                                          .area = fields[ROW_AREA],
                                          .household_no = fields[ROW_HOUSEHOLD]};
    const struct person *person = read_person(set, &cells, true);
    struct identity_row kept = {.submission = read_int(fields[ROW_SUBMISSION]),
                                .row_no = read_int(fields[ROW_NO]),
                                .quarantined = fields[ROW_QUARANTINED].len == 1 &&
                                               fields[ROW_QUARANTINED].bytes[0] != 0,
                                .known = fields[ROW_KNOWN_ID].len > 0};

    kept.record_type = read_keep(set, fields[ROW_TYPE]);
    kept.record_key = read_keep(set, fields[ROW_KEY]);
    kept.key_rest = read_keep(set, fields[ROW_REST]);
    kept.known_id = read_keep(set, fields[ROW_KNOWN_ID]);
    kept.known_fold = read_keep(set, fields[ROW_KNOWN_FOLD]);
    kept.known_household = read_keep(set, fields[ROW_KNOWN_HOUSEHOLD]);
    kept.sounds = kept.known && read_sounds(set, person, fields[ROW_KNOWN_NAME]);
    set->rows[set->count++] = kept;
}

int
identity_read_rows(struct store *store, int32_t today, struct identity_set *ret_set,
                   struct err *err)
{
    AUTO_BUF struct buf unknown = {0}, known = {0};

    BUF_ADD_FILLED(&unknown, identity_sql_unmatched_read.text, {"known", "null"});
    BUF_ADD_FILLED(&known, identity_sql_unmatched_read.text, {"known", "not null"});
    *ret_set = (struct identity_set){.normalise = normalise_new(today)};
    if (read_all(store, buf_str(&unknown), ROW_FIELDS, ret_set, read_take_row, err) < 0)
        return -1;
    ret_set->unknown = ret_set->count;
    return read_all(store, buf_str(&known), ROW_FIELDS, ret_set, read_take_row, err);
}

enum {
    MEMBER_ID,
    MEMBER_NAME,
    MEMBER_FOLD,
    MEMBER_HOUSEHOLD,
    MEMBER_PHONE,
    MEMBER_ADDRESS,
    MEMBER_AREA,
    MEMBER_FIELDS
};

static void
read_take_member(struct identity_set *set, const struct read_row *row)
{
    const struct source_cell *fields = row->fields;
    const struct normalise_cells cells = {.name = fields[MEMBER_NAME],
                                          .id_no = fields[MEMBER_ID],
                                          .phone = fields[MEMBER_PHONE],
                                          .address = fields[MEMBER_ADDRESS],
                                          .area = fields[MEMBER_AREA],
                                          .household_no = fields[MEMBER_HOUSEHOLD]};

    (void)read_person(set, &cells, false);
    set->members[set->count].id_no = read_keep(set, fields[MEMBER_ID]);
    set->members[set->count].fold = read_keep(set, fields[MEMBER_FOLD]);
    set->members[set->count].household_no = read_keep(set, fields[MEMBER_HOUSEHOLD]);
    set->count++;
}

int
identity_read_members(struct store *store, bool affected, int32_t today,
                      struct identity_set *ret_set, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    BUF_ADD_FILLED(
        &sql, identity_sql_members_read.text,
        {"members", affected ? identity_sql_members_every.text : "named"},
        {"households", affected ? "every_register_household" : "content_register_household"});
    *ret_set = (struct identity_set){.normalise = normalise_new(today)};
    return read_all(store, buf_str(&sql), MEMBER_FIELDS, ret_set, read_take_member, err);
}

int64_t
identity_find_member(const struct identity_set *members, const char *id_no)
{
    uint32_t from = 0, to = members->count;

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        int order = strcmp(identity_text(members, members->members[middle].id_no), id_no);

        if (order == 0)
            return middle;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return -1;
}
