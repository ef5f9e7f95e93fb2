/*
 * store — one connection to PostgreSQL. The only user of libpq.
 *
 * A store belongs to one thread. SQL takes parameters, always. An error names
 * SQLSTATE, table and constraint and never what PostgreSQL said, which may
 * quote a row. A lost connection shows as ERR_STORE with store_lost() true; the
 * owner opens a new one and settles an unknown COMMIT by reading the database.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define STORE_PARAMS_MAX 32

struct store;
struct store_result;

/* One parameter of a statement. Texts and bytes are borrowed for the call. */
enum store_param_type { STORE_NULL, STORE_TEXT, STORE_INT, STORE_BYTES };
struct store_param {
    enum store_param_type type;
    const char *text;
    int64_t number;
    const void *bytes;
    size_t len;
};
#define STORE_T(value)                                                                             \
    ((struct store_param){.type = (value) == NULL ? STORE_NULL : STORE_TEXT, .text = (value)})
#define STORE_I(value) ((struct store_param){.type = STORE_INT, .number = (int64_t)(value)})
#define STORE_B(ptr, length)                                                                       \
    ((struct store_param){.type = STORE_BYTES, .bytes = (ptr), .len = (length)})

/* Connect. ERR_STORE when the server cannot be reached or refuses. */
NODISCARD int store_open(const char *conninfo, const char *application, struct store **ret_store,
                         struct err *err);
void store_close(struct store *store);
AUTO_DEFINE(struct store, store_close)

/* Whether the connection is gone; whether the last failure was PostgreSQL refusing data (SQLSTATE
   class 22 or 23), which a repeat cannot mend; the last SQLSTATE ("" when none). */
bool store_lost(const struct store *store);
bool store_refused_data(const struct store *store);
const char *store_sqlstate(const struct store *store);

/*
 * What PostgreSQL said of the last statement that failed, when that was about its text or its
 * privileges (SQLSTATE class 42, 0A000): such a message quotes the statement and no row; otherwise
 * "". And at which character of it, from 1; 0 when that is not known.
 */
const char *store_complaint(const struct store *store);
int store_position(const struct store *store);

/* Refuse settings that would make an ACK untrue: fsync, synchronous_commit, full_page_writes off.
   ERR_CONFIG with a hint. */
NODISCARD int store_check_durable(struct store *store, struct err *err);

/* Refuse a role whose statements PostgreSQL's log would quote, rows included. ERR_CONFIG with a hint. */
NODISCARD int store_check_quiet(struct store *store, struct err *err);

NODISCARD int store_begin(struct store *store, struct err *err);
/* A failed COMMIT with store_lost() true has an unknown outcome. */
NODISCARD int store_commit(struct store *store, struct err *err);
/* Roll back, giving up a COPY that is under way; does nothing outside a transaction or on a lost
   connection. */
void store_rollback(struct store *store);

/*
 * Run one statement. `ret_result` may be NULL when its rows are not wanted;
 * `ret_count` may be NULL and gets the number of rows changed or returned.
 */
NODISCARD int store_run(struct store *store, const char *sql, const struct store_param *params,
                        size_t param_count, struct store_result **ret_result, int64_t *ret_count,
                        struct err *err);

/* Run statements without parameters or rows, separated by semicolons (our own SQL files). */
NODISCARD int store_script(struct store *store, const char *sql, struct err *err);

/* Interrupt the statement that another thread runs on this store. Thread-safe. */
void store_cancel(struct store *store);

/* Results: owned by the caller. Text of a NULL is NULL; numbers of a NULL are 0. */
size_t store_rows(const struct store_result *result);
bool store_null(const struct store_result *result, size_t row, int column);
const char *store_text(const struct store_result *result, size_t row, int column);
int64_t store_int(const struct store_result *result, size_t row, int column);
bool store_bool(const struct store_result *result, size_t row, int column);
/* bytea, decoded on first use; belongs to the result. */
const uint8_t *store_bytes(struct store_result *result, size_t row, int column, size_t *ret_len);
int store_column(const struct store_result *result, const char *name);
void store_result_free(struct store_result *result);
AUTO_DEFINE(struct store_result, store_result_free)

/* COPY … FROM STDIN: begin, any number of chunks, end (or fail, which the server then reports). */
NODISCARD int store_copy_begin(struct store *store, const char *sql, struct err *err);
NODISCARD int store_copy_add(struct store *store, const void *bytes, size_t len, struct err *err);
NODISCARD int store_copy_end(struct store *store, int64_t *ret_rows, struct err *err);

/* COPY … TO STDOUT: begin, then chunks until 0 (1: one chunk, borrowed until the next call). */
NODISCARD int store_copy_out(struct store *store, const char *sql, struct err *err);
NODISCARD int store_copy_next(struct store *store, const uint8_t **ret_bytes, size_t *ret_len,
                              struct err *err);

#endif
