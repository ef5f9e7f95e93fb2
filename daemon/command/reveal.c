#include "command/reveal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/command_sql.h"
#include "rules/subject.h"
#include "store/list.h"

int
reveal_reason(const char *reason, struct err *err)
{
    long length = text_utf8_length(reason, strlen(reason));

    if (length < REVEAL_REASON_MIN || length > REVEAL_REASON_MAX) {
        err_set(err, ERR_INPUT, "the reason for a look-up has %d to %d characters",
                REVEAL_REASON_MIN, REVEAL_REASON_MAX);
        return err_hint(err, "say why the full numbers are needed: --reveal \"入户核实2026-03\"");
    }
    return 0;
}

int
reveal_enter(struct store *store, const char *role, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    /* The settings allow a plain word only; a name cannot be a parameter. */
    buf_add_fmt(&sql, "set role %s", role);
    if (store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err) == 0)
        return 0;
    if (store_lost(store))
        return -1;
    err_set(err, ERR_DENIED, "this login may not see full identities");
    return err_hint(err, "connect as a login that was granted the role %s: --user NAME", role);
}

int
reveal_record(struct store *store, const char *command, const char *const *refs, size_t count,
              const char *reason, struct err *err)
{
    AUTO_LIST struct list subjects = {0};

    for (size_t i = 0; i < count; i++) {
        AUTO_BUF struct buf bytes = {0};

        buf_add_fmt(&bytes, "\\x%s", refs[i]); /* as bytea is written */
        list_add_text(&subjects, buf_str(&bytes));
    }

    const struct store_param params[] = {STORE_T(reason), STORE_T(command), STORE_I(count),
                                         STORE_T(list_str(&subjects))};

    /* Outside a transaction block the statement is committed when it returns. */
    if (store_run(store, command_sql_look_up_record.text, params, 4, NULL, NULL, err) == 0)
        return 0;
    err_wrap(err, "the look-up cannot be put on record, so nothing is shown");
    return -1;
}

int
reveal_record_report(struct store *store, const struct report *report,
                     const struct store_result *result, const char *reason, struct err *err)
{
    const char **refs = mem_grow(NULL, store_rows(result) + 1, sizeof(*refs));
    size_t count = 0;
    int status;

    for (size_t row = 0; row < store_rows(result); row++) {
        const char *type = store_text(result, row, report->subject_type);
        const char *ref = store_text(result, row, report->subject_ref);
        enum subject subject;

        if (type != NULL && ref != NULL && subject_parse(type, &subject) &&
            subject == SUBJECT_PERSON)
            refs[count++] = ref;
    }
    status = reveal_record(store, report->name, refs, count, reason, err);
    free(refs);
    return status;
}
