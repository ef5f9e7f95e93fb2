/*
 * record — the record types of the feeds, and how their rows travel.
 *
 * The sector .proto files, with the options of options.proto, are the only
 * place where a record type is described; a generator makes this module's
 * tables from them at build time. Rows are written and read straight between
 * protobuf's wire format and cells, without an object per row: a submission
 * has millions. The tables are constant; everything here may be used by any
 * thread.
 *
 * The payload of a batch is a message `Rows` of the record type:
 * `repeated <Type> rows = 1; repeated Unresolved unresolved = 2;`, so payloads
 * put one behind the other are the payload of the whole submission, and its
 * digest does not depend on where the batches were cut.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define RECORD_FIELDS_MAX 40   /* fields of one record type */
#define RECORD_KEY_MAX 3       /* fields of a natural key */
#define RECORD_ROW_BYTES 65536 /* one encoded row */
#define RECORD_LIST_MAX 64     /* items of a list */
#define RECORD_READ_BYTES 256  /* one text of an unresolved row */
#define RECORD_ROW_NO_MAX INT32_MAX

enum record_kind { RECORD_ROSTER, RECORD_EVENTS };
enum record_cadence {
    RECORD_MONTHLY,
    RECORD_QUARTERLY,
    RECORD_TERM,
    RECORD_SCHOOL_YEAR,
    RECORD_YEARLY,
    RECORD_ON_CHANGE
};

/* The part that a record type plays in judging a county. */
enum record_role {
    RECORD_NONE,
    RECORD_HOUSEHOLDS, /* the register's households */
    RECORD_MEMBERS,    /* and who belongs to them */
    RECORD_HOUSES,     /* houses with their owners */
    RECORD_STANDARD    /* the minimum living standard in force */
};

/* On the wire and in PostgreSQL: */
enum record_field_type {
    RECORD_ID,    /* string · text, 18 characters */
    RECORD_NAME,  /* string · text, normalised */
    RECORD_AREA,  /* string · text, 6, 9 or 12 digits */
    RECORD_PHONE, /* string · text, digits */
    RECORD_TEXT,  /* string · text */
    RECORD_CODE,  /* string · text, a code of the list */
    RECORD_DATE,  /* sint32 days since 1970-01-01 · date */
    RECORD_MONTH, /* sint32 YYYYMM · date, its first day */
    RECORD_MONEY, /* sint64 fen · bigint */
    RECORD_INT,   /* sint32 · integer */
    RECORD_DEC,   /* string, decimal number without exponent · numeric */
    RECORD_BOOL,  /* bool · boolean */
    RECORD_CODES, /* repeated string · text[] */
    RECORD_AREAS, /* repeated string · text[] */
    RECORD_TEXTS  /* repeated string · text[] */
};

/* One value of a code list: its code, label and further spellings ("C", "C级", {"丙", NULL}). */
struct record_code {
    const char *code, *label;
    const char *const *aliases; /* NULL-terminated; may be NULL */
};

/* A condition on a row: the field is one of these codes (NULL ends them). */
struct record_value {
    const char *field;
    const char *const *is;
};

/* Which of several rows of one number is the person's; any part may be NULL. */
struct record_best {
    const char *year; /* field that must be the judged month's year */
    const struct record_value *prefer, *avoid;
};

/* Amounts that add up to another; NULL ends the parts. */
struct record_sum {
    const char *total;
    const char *const *parts;
};

struct record_field {
    const char *name;   /* "id_no": in the .proto and in PostgreSQL */
    const char *column; /* "证件号码": in the file */
    uint32_t number;    /* in the .proto; data fields begin at 3 */
    enum record_field_type type;
    bool optional;
    uint32_t limit;                  /* characters, for text; 0: none but the code list */
    const struct record_code *codes; /* ends with code NULL; NULL when there is no list */
    int32_t min, max;                /* of a RECORD_INT */
    bool reference;                  /* a RECORD_TEXT by which rows are found or joined */
    const struct record_value
        *required_when; /* an optional field that must be filled then, or NULL */
};

struct record_type {
    const char *name;   /* "insurance.enrolment" */
    const char *sector; /* "insurance" */
    const char *title;  /* "参保名册" */
    const char *table;  /* "feed.insurance_enrolment" */
    enum record_kind kind;
    enum record_cadence cadence;
    bool nil; /* a full submission may be nil */
    const struct record_field *fields;
    size_t field_count;
    int key[RECORD_KEY_MAX]; /* field indexes, ended by -1 when fewer */
    int county_area;         /* field whose area decides the county (reason "county"), or -1 */
    int event_date;          /* field by which an event belongs to a month, or -1 */
    int id, person_name, phone, household_no; /* fields that an unresolved row keeps, or -1 */
    bool name_key; /* the table has a column name_key behind the fields */
    enum record_role role;
    bool joins;  /* its rows join persons and households to each other */
    int cancels; /* field that names the key of a row which this one cancels, or -1 */
    const struct record_best *best; /* the wide rows have one row a person of this list; or NULL */
    const struct record_sum *sum;   /* or NULL */
};

/* One value. Text and list items point into the payload or the caller's memory. */
struct record_cell {
    bool set; /* false: empty, which differs from 0 */
    union {
        int64_t number; /* date, month, money, int, bool */
        struct {
            const char *bytes;
            uint32_t len;
        } text;
        struct {
            const struct record_item *items;
            uint32_t count;
        } list;
    };
};

struct record_item {
    const char *bytes;
    uint32_t len;
};

struct record_row {
    uint32_t row_no; /* in the file, from 1 for the first data row's line as the clerk sees it */
    bool removed;    /* a deletion of a delta: only the key is encoded, read, checked and hashed */
    struct record_cell cells[RECORD_FIELDS_MAX]; /* by index of the field */
};

/* Why a row is quarantined: the closed list of feeds.md. Wire numbers never change. */
enum record_reason {
    RECORD_OK = 0,
    RECORD_BAD_ID = 1,
    RECORD_BAD_NAME = 2,
    RECORD_BAD_CODE = 3,
    RECORD_BAD_DATE = 4,
    RECORD_BAD_MONTH = 5,
    RECORD_BAD_MONEY = 6,
    RECORD_BAD_NUMBER = 7,
    RECORD_REQUIRED = 8,
    RECORD_KEY = 9,
    RECORD_COUNTY = 10,
    RECORD_STORAGE = 11,
    RECORD_BAD_UNIT = 12, /* a sum that does not count yuan */
    RECORD_FORMULA = 13,  /* a formula without a result */
    RECORD_BAD_TEXT = 14  /* a reference that a spreadsheet damaged, or an error text */
};
#define RECORD_REASON_LAST RECORD_BAD_TEXT

/*
 * A refused row: where, why, and the texts of number, name, phone and household that could be read.
 */
struct record_unresolved {
    uint32_t row_no;
    enum record_reason reason;
    struct record_item column;                           /* field name, may be empty */
    struct record_item id_no, name, phone, household_no; /* as read; may be empty */
};

/* Return the record type of this name ("insurance.enrolment"), or NULL. */
const struct record_type *record_find(const char *name);

/* Return the one record type of a role. */
const struct record_type *record_of_role(enum record_role role);

/*
 * Whether a record type is of the register: it says who the county's people are, and where they
 * live.
 */
bool record_is_register(const struct record_type *type);

/* The name that tables and views of a record type are made of, "insurance_enrolment". */
const char *record_ident(const struct record_type *type);

/* Return the record type at `index`, or NULL past the last one. */
const struct record_type *record_at(size_t index);

/* Return the index of a field by its name, or -1. */
int record_field_find(const struct record_type *type, const char *name);

/* Return the code that a label, code or alias stands for (bytes compared), or NULL. */
const struct record_code *record_code_find(const struct record_field *field, const char *text,
                                           size_t len);

/*
 * What a text says that is no value: an error of a spreadsheet ("#N/A", "#REF!"), or a number as a
 * spreadsheet shows a long one ("3.60722E+13").
 */
bool record_is_error(const char *text, size_t len);
bool record_is_scientific(const char *text, size_t len);

/* "id", "name", … as in feeds.md, and the Chinese sentence for the clerk. */
const char *record_reason_name(enum record_reason reason);
const char *record_reason_text(enum record_reason reason);

/*
 * Append a row, or an unresolved row, to a batch payload. Texts are valid UTF-8
 * without NUL and within the limits, else record_read will refuse the payload;
 * the texts of an unresolved row are cut to RECORD_READ_BYTES.
 */
void record_encode(const struct record_type *type, const struct record_row *row, struct buf *out);
void record_encode_unresolved(const struct record_unresolved *row, struct buf *out);

enum record_read { RECORD_END = 0, RECORD_ROW = 1, RECORD_UNRESOLVED = 2, RECORD_ERROR = -1 };

/* Reads a payload; the payload must outlive the reader and every row read. {0} plus open. */
struct record_reader {
    const struct record_type *type;
    const uint8_t *start, *at, *end;
    struct record_item
        *items; /* of the present row: RECORD_LIST_MAX a field; NULL until a list comes */
};

void record_reader_open(struct record_reader *reader, const struct record_type *type,
                        const uint8_t *payload, size_t len);
void record_reader_done(struct record_reader *reader);

/*
 * Read the next row into `ret_row` or `ret_unresolved`. Fields that this build
 * does not know are skipped. ERR_PROTOCOL when the bytes are no valid message,
 * a row has no row number, a text is no valid UTF-8 or holds a NUL, a number is
 * out of its type's range or a row or list is over its limit; nothing more can
 * be read then. Either row may be overwritten in part after any answer. The
 * items of a row's lists live until the next read.
 */
enum record_read record_read(struct record_reader *reader, struct record_row *ret_row,
                             struct record_unresolved *ret_unresolved, struct err *err);

/*
 * Check a row's values against feeds.md: required values, citizen number, name,
 * codes, dates between 1900-01-01 and 2199-12-31, ranges, areas, and that the county that the area
 * decides is `county`. Adapter and hub both call it. Returns RECORD_OK or the first
 * reason by order of fields, with the field's index. A missing name is
 * RECORD_BAD_NAME, an area of another form RECORD_BAD_CODE, a phone that is not
 * digits RECORD_BAD_NUMBER, a text over its limit RECORD_STORAGE.
 */
enum record_reason record_check(const struct record_type *type, const struct record_row *row,
                                uint32_t county, int32_t today, int *ret_field);

/* A 64-bit hash of the natural key, and of the whole content but the row number. */
uint64_t record_key_hash(const struct record_type *type, const struct record_row *row);
uint64_t record_content_hash(const struct record_type *type, const struct record_row *row);

#endif
