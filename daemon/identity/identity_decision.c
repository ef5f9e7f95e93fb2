#include "identity/identity_decision.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "identity/identity_sql.h"
#include "month/rows.h"

void
identity_decisions_done(struct identity_decisions *decisions)
{
    free(decisions->list);
    store_result_free(decisions->rows);
    *decisions = (struct identity_decisions){0};
}

/* Append the statement that notes the submissions which hold a decision's record. */
static void
decision_add_statement(const struct record_type *type, struct buf *sql)
{
    AUTO_BUF struct buf key = {0};

    rows_add_keys(type, "r.", &key);
    BUF_ADD_FILLED(sql, identity_sql_decision_found.text, {"table", type->table},
                   {"key", buf_str(&key)});
}

/* Look up the submissions of decisions that are new. */
static int
decision_look_up(struct store *store, uint32_t county, struct err *err)
{
    AUTO(store_result_free) struct store_result *fresh = NULL;

    if (store_run(store, identity_sql_decision_new.text, &STORE_I(county), 1, &fresh, NULL, err) <
        0)
        return -1;
    for (size_t i = 0; i < store_rows(fresh); i++) {
        AUTO_BUF struct buf sql = {0};
        const struct record_type *type = record_find(store_text(fresh, i, 0));

        if (type == NULL)
            continue; /* of a newer program */
        decision_add_statement(type, &sql);
        const struct store_param params[] = {STORE_I(county), STORE_T(store_text(fresh, i, 1)),
                                             STORE_T(store_text(fresh, i, 0)),
                                             STORE_T(store_text(fresh, i, 2))};
        if (store_run(store, buf_str(&sql), params, 4, NULL, NULL, err) < 0)
            return -1;
    }
    if (store_rows(fresh) == 0)
        return 0;
    /* Until the new decisions are judged, the county is not idle. */
    return store_run(store, "update match.county set due = true where county = $1 and not due",
                     &STORE_I(county), 1, NULL, NULL, err);
}

int
identity_decisions_load(struct store *store, uint32_t county,
                        struct identity_decisions *ret_decisions, struct err *err)
{
    struct identity_decisions decisions = {0};

    if (decision_look_up(store, county, err) < 0 ||
        store_run(store, identity_sql_decisions.text, &STORE_I(county), 1, &decisions.rows, NULL,
                  err) < 0)
        return err_wrap(err, "cannot read the clerks' decisions");
    decisions.count = store_rows(decisions.rows);
    decisions.list = mem_grow(NULL, decisions.count + 1, sizeof(*decisions.list));
    for (size_t i = 0; i < decisions.count; i++)
        decisions.list[i] = (struct identity_decision){
            .record_type = store_text(decisions.rows, i, 0),
            .record_key = store_text(decisions.rows, i, 1),
            .id_no = store_text(decisions.rows, i, 2),
            .same = store_bool(decisions.rows, i, 3),
            .submissions =
                store_null(decisions.rows, i, 4) ? "{}" : store_text(decisions.rows, i, 4)};
    *ret_decisions = decisions;
    return 0;
}

/* Whether a content reads one of the submissions that hold the decision's record. */
static bool
decision_touches(const struct identity_decision *decision, const struct content *content)
{
    const char *at = decision->submissions;

    while (*at != '\0') {
        char *end;
        long submission;

        at += strcspn(at, "0123456789");
        if (*at == '\0')
            return false;
        submission = strtol(at, &end, 10);
        for (size_t i = 0; i < content->part_count; i++)
            if (content->parts[i].submission == submission)
                return true;
        at = end;
    }
    return false;
}

void
identity_decisions_digest(const struct identity_decisions *decisions, const struct month *month,
                          struct digest *digest)
{
    for (size_t i = 0; decisions != NULL && i < decisions->count; i++) {
        const struct identity_decision *one = &decisions->list[i];
        const struct record_type *type = record_find(one->record_type);

        if (type == NULL || !decision_touches(one, month_content(month, type)))
            continue;
        digest_add(digest, one->record_type, strlen(one->record_type) + 1);
        digest_add(digest, one->record_key, strlen(one->record_key) + 1);
        digest_add(digest, one->id_no, strlen(one->id_no) + 1);
        digest_add(digest, one->same ? "1" : "0", 1);
    }
}
