#include "store/store.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#define STORE_NUMBER_TEXT 24
#define STORE_COMPLAINT_MAX 200

AUTO_DEFINE(PGresult, PQclear)

struct store {
    PGconn *pg;
    PGcancel *cancel;
    char sqlstate[6], complaint[STORE_COMPLAINT_MAX];
    int position;
    bool lost, copying;
    char *chunk; /* of a COPY … TO STDOUT, until the next one */
};

struct store_result {
    PGresult *pg;
    struct store_decoded {
        size_t row;
        int column;
        unsigned char *bytes;
        size_t len;
    } * decoded;
    size_t decoded_count;
};

/* What PostgreSQL says about rows must not reach a log, so notices go nowhere. */
static void
store_ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

/* Class 08 and the shutdown codes of class 57 arrive before the socket closes. */
static bool
store_state_is_loss(const char *sqlstate)
{
    return strncmp(sqlstate, "08", 2) == 0 || strncmp(sqlstate, "57P0", 4) == 0;
}

static const char *
store_field(const PGresult *result, int field)
{
    const char *value = PQresultErrorField(result, field);

    return value != NULL ? value : "";
}

/* Whether a failure is about the statement's text and privileges: its message quotes no row. */
static bool
store_about_text(const char *sqlstate)
{
    return strncmp(sqlstate, "42", 2) == 0 || strcmp(sqlstate, "0A000") == 0;
}

/* Record why a statement failed, without a word that may quote a row. */
static int
store_fail(struct store *store, const PGresult *result, struct err *err)
{
    const char *sqlstate = store_field(result, PG_DIAG_SQLSTATE);
    const char *table = store_field(result, PG_DIAG_TABLE_NAME);
    const char *constraint = store_field(result, PG_DIAG_CONSTRAINT_NAME);
    const char *position = store_field(result, PG_DIAG_STATEMENT_POSITION);

    (void)snprintf(store->sqlstate, sizeof(store->sqlstate), "%s", sqlstate);
    store->position = (int)strtol(position, NULL, 10);
    (void)snprintf(store->complaint, sizeof(store->complaint), "%s",
                   store_about_text(sqlstate) ? store_field(result, PG_DIAG_MESSAGE_PRIMARY) : "");
    store->lost = PQstatus(store->pg) != CONNECTION_OK || store_state_is_loss(sqlstate);
    if (store->lost && sqlstate[0] == '\0')
        return err_set(err, ERR_STORE, "the connection to PostgreSQL was lost");
    return err_set(err, ERR_STORE, "PostgreSQL answered SQLSTATE %s%s%s%s%s%s%s%s%s",
                   sqlstate[0] != '\0' ? sqlstate : "unknown", table[0] != '\0' ? ", table " : "",
                   store_field(result, PG_DIAG_SCHEMA_NAME), table[0] != '\0' ? "." : "", table,
                   constraint[0] != '\0' ? ", constraint " : "", constraint,
                   position[0] != '\0' ? ", at character " : "", position);
}

/* Run text without parameters; `want` is the status that success has. */
static int
store_exec(struct store *store, const char *sql, ExecStatusType want, PGresult **ret_result,
           struct err *err)
{
    AUTO(PQclear) PGresult *result = PQexec(store->pg, sql);

    if (PQresultStatus(result) != want)
        return store_fail(store, result, err);
    if (ret_result != NULL)
        *ret_result = STEAL(result);
    return 0;
}

/* PQerrorMessage is never shown, so ask libpq which kind of failure it was. */
static int
store_fail_open(const char *conninfo, struct err *err)
{
    switch (PQping(conninfo)) {
    case PQPING_OK:
        (void)err_set(err, ERR_STORE, "PostgreSQL is up but refused the login or the database");
        return err_hint(err, "try the same connection with psql");
    case PQPING_REJECT:
        return err_set(err, ERR_STORE, "PostgreSQL is starting or stopping");
    case PQPING_NO_RESPONSE:
        (void)err_set(err, ERR_STORE, "PostgreSQL does not answer");
        return err_hint(err, "check that it runs and that host and port are right");
    case PQPING_NO_ATTEMPT:
        return err_set(err, ERR_STORE, "the connection text cannot be used");
    }
    return err_set(err, ERR_STORE, "cannot connect to PostgreSQL");
}

int
store_open(const char *conninfo, const char *application, struct store **ret_store, struct err *err)
{
    /* Later ones win, so those before "dbname" (expanded) are defaults. */
    const char *const keys[] = {"connect_timeout",
                                "keepalives_idle",
                                "tcp_user_timeout",
                                "dbname",
                                "application_name",
                                "client_encoding",
                                NULL};
    const char *const values[] = {"5", "30", "30000", conninfo, application, "UTF8", NULL};
    AUTO(store_close) struct store *store = mem_zalloc(sizeof(*store));

    store->pg = PQconnectdbParams(keys, values, 1);
    if (PQstatus(store->pg) != CONNECTION_OK)
        return store_fail_open(conninfo, err);
    (void)PQsetNoticeReceiver(store->pg, store_ignore_notice, NULL);
    store->cancel = PQgetCancel(store->pg);
    *ret_store = STEAL(store);
    return 0;
}

void
store_close(struct store *store)
{
    if (store == NULL)
        return;
    PQfreemem(store->chunk);
    PQfreeCancel(store->cancel);
    PQfinish(store->pg);
    free(store);
}

bool
store_lost(const struct store *store)
{
    return store->lost || PQstatus(store->pg) != CONNECTION_OK;
}

bool
store_refused_data(const struct store *store)
{
    return !store_lost(store) &&
           (strncmp(store->sqlstate, "22", 2) == 0 || strncmp(store->sqlstate, "23", 2) == 0);
}

const char *
store_sqlstate(const struct store *store)
{
    return store->sqlstate;
}

const char *
store_complaint(const struct store *store)
{
    return store->complaint;
}

int
store_position(const struct store *store)
{
    return store->position;
}

/* Read one setting; `ret_value` is of `size` bytes. */
static int
store_setting(struct store *store, const char *name, char *ret_value, size_t size, struct err *err)
{
    AUTO(store_result_free) struct store_result *result = NULL;

    if (store_run(store, "select current_setting($1)", &STORE_T(name), 1, &result, NULL, err) < 0)
        return err_wrap(err, "cannot read setting %s", name);
    (void)snprintf(ret_value, size, "%s", store_text(result, 0, 0));
    return 0;
}

int
store_check_durable(struct store *store, struct err *err)
{
    static const char *const settings[] = {"fsync", "synchronous_commit", "full_page_writes"};

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        char value[32];

        if (store_setting(store, settings[i], value, sizeof(value), err) < 0)
            return -1;
        if (strcmp(value, "off") == 0) {
            (void)err_set(err, ERR_CONFIG,
                          "PostgreSQL runs with %s off: what is acknowledged could be lost",
                          settings[i]);
            return err_hint(err, "set %s = on for this database and role", settings[i]);
        }
    }
    return 0;
}

int
store_check_quiet(struct store *store, struct err *err)
{
    static const struct {
        const char *name, *allowed[3];
    } settings[] = {
        {"log_min_messages", {"fatal", "panic", NULL}},
        {"log_min_error_statement", {"fatal", "panic", NULL}},
        {"log_statement", {"none", "ddl", NULL}},
        {"log_min_duration_statement", {"-1", NULL, NULL}},
    };

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        char value[32];
        bool fits = false;

        if (store_setting(store, settings[i].name, value, sizeof(value), err) < 0)
            return -1;
        for (size_t j = 0; settings[i].allowed[j] != NULL; j++)
            fits = fits || strcmp(value, settings[i].allowed[j]) == 0;
        if (!fits) {
            (void)err_set(err, ERR_CONFIG, "PostgreSQL's log could quote rows: %s is not %s",
                          settings[i].name, settings[i].allowed[0]);
            return err_hint(err, "run deploy/postgres/roles.sql as superuser");
        }
    }
    return 0;
}

int
store_begin(struct store *store, struct err *err)
{
    store->sqlstate[0] = '\0';
    return store_exec(store, "begin", PGRES_COMMAND_OK, NULL, err);
}

int
store_commit(struct store *store, struct err *err)
{
    AUTO(PQclear) PGresult *result = NULL;

    if (store_exec(store, "commit", PGRES_COMMAND_OK, &result, err) < 0)
        return -1;
    /* COMMIT of a failed transaction succeeds as ROLLBACK. */
    if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
        return err_set(err, ERR_STORE, "the transaction had failed before its COMMIT");
    return 0;
}

/* Bring an unfinished COPY to its end, and take whatever else the server still has to say. */
static void
store_settle(struct store *store)
{
    PGresult *result;

    if (store->copying)
        (void)PQputCopyEnd(store->pg, "given up");
    store->copying = false;
    while ((result = PQgetResult(store->pg)) != NULL) {
        ExecStatusType status = PQresultStatus(result);

        PQclear(result);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
            PQstatus(store->pg) != CONNECTION_OK)
            break;
    }
}

void
store_rollback(struct store *store)
{
    if (store_lost(store))
        return;
    store_settle(store);
    if (PQtransactionStatus(store->pg) == PQTRANS_IDLE)
        return;
    PQclear(PQexec(store->pg, "rollback"));
}

int
store_run(struct store *store, const char *sql, const struct store_param *params,
          size_t param_count, struct store_result **ret_result, int64_t *ret_count, struct err *err)
{
    const char *values[STORE_PARAMS_MAX] = {NULL};
    int lengths[STORE_PARAMS_MAX] = {0}, formats[STORE_PARAMS_MAX] = {0};
    char numbers[STORE_PARAMS_MAX][STORE_NUMBER_TEXT];

    assert(param_count <= STORE_PARAMS_MAX);
    for (size_t i = 0; i < param_count; i++)
        switch (params[i].type) {
        case STORE_NULL:
            break;
        case STORE_TEXT:
            values[i] = params[i].text;
            break;
        case STORE_INT:
            (void)snprintf(numbers[i], sizeof(numbers[i]), "%" PRId64, params[i].number);
            values[i] = numbers[i];
            break;
        case STORE_BYTES:
            assert(params[i].len <= INT_MAX);
            values[i] = params[i].len > 0 ? params[i].bytes : "";
            lengths[i] = (int)params[i].len;
            formats[i] = 1;
            break;
        }

    AUTO(PQclear)
    PGresult *result =
        PQexecParams(store->pg, sql, (int)param_count, NULL, values, lengths, formats, 0);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        return store_fail(store, result, err);
    if (ret_count != NULL)
        *ret_count = strtoll(PQcmdTuples(result), NULL, 10);
    if (ret_result != NULL) {
        *ret_result = mem_zalloc(sizeof(**ret_result));
        (*ret_result)->pg = STEAL(result);
    }
    return 0;
}

int
store_script(struct store *store, const char *sql, struct err *err)
{
    AUTO(PQclear) PGresult *result = PQexec(store->pg, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        return store_fail(store, result, err);
    return 0;
}

void
store_cancel(struct store *store)
{
    char ignored[256];

    if (store->cancel != NULL)
        (void)PQcancel(store->cancel, ignored, sizeof(ignored));
}

size_t
store_rows(const struct store_result *result)
{
    return (size_t)PQntuples(result->pg);
}

bool
store_null(const struct store_result *result, size_t row, int column)
{
    assert(row < store_rows(result) && column >= 0 && column < PQnfields(result->pg));
    return PQgetisnull(result->pg, (int)row, column) != 0;
}

const char *
store_text(const struct store_result *result, size_t row, int column)
{
    return store_null(result, row, column) ? NULL : PQgetvalue(result->pg, (int)row, column);
}

int64_t
store_int(const struct store_result *result, size_t row, int column)
{
    const char *text = store_text(result, row, column);

    return text != NULL ? strtoll(text, NULL, 10) : 0;
}

bool
store_bool(const struct store_result *result, size_t row, int column)
{
    const char *text = store_text(result, row, column);

    return text != NULL && text[0] == 't';
}

const uint8_t *
store_bytes(struct store_result *result, size_t row, int column, size_t *ret_len)
{
    const char *text = store_text(result, row, column);
    struct store_decoded *cell;

    *ret_len = 0;
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < result->decoded_count; i++) {
        cell = &result->decoded[i];
        if (cell->row == row && cell->column == column) {
            *ret_len = cell->len;
            return cell->bytes;
        }
    }
    result->decoded =
        mem_grow(result->decoded, result->decoded_count + 1, sizeof(*result->decoded));
    cell = &result->decoded[result->decoded_count];
    *cell = (struct store_decoded){.row = row, .column = column};
    cell->bytes = PQunescapeBytea((const unsigned char *)text, &cell->len);
    if (cell->bytes == NULL)
        abort();
    result->decoded_count++;
    *ret_len = cell->len;
    return cell->bytes;
}

int
store_column(const struct store_result *result, const char *name)
{
    return PQfnumber(result->pg, name);
}

void
store_result_free(struct store_result *result)
{
    if (result == NULL)
        return;
    for (size_t i = 0; i < result->decoded_count; i++)
        PQfreemem(result->decoded[i].bytes);
    free(result->decoded);
    PQclear(result->pg);
    free(result);
}

/* Collect the results that ended a COPY; all of them must be successes. */
static int
store_copy_result(struct store *store, int64_t *ret_rows, struct err *err)
{
    PGresult *result;
    int outcome = 0;

    store->copying = false;
    while ((result = PQgetResult(store->pg)) != NULL) {
        if (PQresultStatus(result) == PGRES_COMMAND_OK) {
            if (ret_rows != NULL)
                *ret_rows = strtoll(PQcmdTuples(result), NULL, 10);
        } else if (outcome == 0) {
            outcome = store_fail(store, result, err);
        }
        PQclear(result);
    }
    if (outcome == 0 && PQstatus(store->pg) != CONNECTION_OK)
        outcome = store_fail(store, NULL, err);
    return outcome;
}

int
store_copy_begin(struct store *store, const char *sql, struct err *err)
{
    if (store_exec(store, sql, PGRES_COPY_IN, NULL, err) < 0)
        return -1;
    store->copying = true;
    return 0;
}

int
store_copy_add(struct store *store, const void *bytes, size_t len, struct err *err)
{
    assert(store->copying && len <= INT_MAX);
    if (PQputCopyData(store->pg, bytes, (int)len) == 1)
        return 0;
    if (store_copy_result(store, NULL, err) == 0)
        return store_fail(store, NULL, err);
    return -1;
}

int
store_copy_end(struct store *store, int64_t *ret_rows, struct err *err)
{
    assert(store->copying);
    if (PQputCopyEnd(store->pg, NULL) != 1 && PQstatus(store->pg) != CONNECTION_OK) {
        store->copying = false;
        return store_fail(store, NULL, err);
    }
    return store_copy_result(store, ret_rows, err);
}

int
store_copy_out(struct store *store, const char *sql, struct err *err)
{
    return store_exec(store, sql, PGRES_COPY_OUT, NULL, err);
}

int
store_copy_next(struct store *store, const uint8_t **ret_bytes, size_t *ret_len, struct err *err)
{
    int len;

    PQfreemem(store->chunk);
    store->chunk = NULL;
    len = PQgetCopyData(store->pg, &store->chunk, 0);
    if (len > 0) {
        *ret_bytes = (const uint8_t *)store->chunk;
        *ret_len = (size_t)len;
        return 1;
    }
    return store_copy_result(store, NULL, err);
}
