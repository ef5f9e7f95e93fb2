#include "identity/identity.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "link/model.h"
#include "link/pool.h"
#include "identity/identity_sql.h"
#include "store/list.h"
#include "identity/identity_unmatched.h"
#include "identity/identity_pairs.h"
#include "identity/identity_read.h"
#include "identity/identity_verdict.h"

#define IDENTITY_THREADS_MAX 8

void
identity_digest(struct digest *digest)
{
    for (size_t i = 0; i < identity_sql_count; i++)
        digest_add(digest, identity_sql_all[i]->text, strlen(identity_sql_all[i]->text) + 1);
}

bool
identity_takes(const struct record_type *type)
{
    return !record_is_register(type) && type->id >= 0 && type->person_name >= 0 && type->name_key;
}

void
identity_moved_done(struct identity_moved *moved)
{
    free(moved->persons);
    free(moved->households);
    *moved = (struct identity_moved){0};
}

/* Whether a field is part of the natural key. */
static bool
identity_is_key(const struct record_type *type, int field)
{
    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++)
        if (type->key[i] == field)
            return true;
    return false;
}

/* ---- linking unmatched rows ---- */

static unsigned
identity_threads(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (cores < 1)
        return 1;
    return cores > IDENTITY_THREADS_MAX ? IDENTITY_THREADS_MAX : (unsigned)cores;
}

static int
identity_put(struct store *store, const struct buf *rows, struct err *err)
{
    int64_t count;

    if (store_copy_begin(store, "copy scored from stdin (format binary)", err) < 0 ||
        store_copy_add(store, rows->bytes, rows->len, err) < 0)
        return -1;
    return store_copy_end(store, &count, err);
}

/*
 * Link the rows of `unmatched` with the month's members and write table `scored`; `*ret_cut`: blocks of
 * members too alike to be compared.
 */
static int
identity_score(struct store *store, const struct identity *identity,
               const struct identity_decisions *decisions, uint32_t *ret_cut, struct err *err)
{
    AUTO_IDENTITY_SET struct identity_set rows = {0}, members = {0};
    AUTO_BUF struct buf out = {0};
    struct identity_pairs pairs = {0};
    int32_t today = clock_month_last(identity->month->month);

    if (identity_read_rows(store, today, &rows, err) < 0 ||
        ((rows.unknown > 0 || decisions->count > 0) &&
         identity_read_members(store, identity->affected, today, &members, err) < 0))
        return -1;
    if (rows.unknown > 0)
        identity_pairs_find(rows.persons, rows.unknown, members.persons, members.count,
                            identity_threads(), &pairs);
    const struct identity_input input = {&rows, &members, &pairs, decisions};
    identity_verdict_write(&input, &out);
    *ret_cut = pairs.cut;
    identity_pairs_done(&pairs);
    return identity_put(store, &out, err);
}

/* Leave one row of a member and key in each list that holds a person once: a row under the member's
   own number goes before a linked one. */
static int
identity_take(struct store *store, const struct identity *identity, struct err *err)
{
    AUTO_LIST struct list types = {0};

    for (size_t i = 0; i < identity->month->count; i++) {
        AUTO_BUF struct buf sql = {0}, view = {0}, key = {0};
        const struct record_type *type = identity->month->contents[i].type;

        if (!identity_takes(type) || !identity_is_key(type, type->id) ||
            identity->month->contents[i].part_count == 0)
            continue;
        list_add_text(&types, type->name);
        identity_add_view(identity, type, true, &view);
        identity_add_key(type, "r.", true, &key);
        BUF_ADD_FILLED(&sql, identity_sql_taken_own.text, {"name", type->name},
                       {"view", buf_str(&view)}, {"key", buf_str(&key)});
        if (store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err) < 0)
            return -1;
    }
    return store_run(store, identity_sql_taken.text, &STORE_T(list_str(&types)), 1, NULL, NULL,
                     err);
}

/* SHA-256 over the clerks' decisions that touch the month. */
static void
identity_decided(const struct identity *identity, const struct identity_decisions *decisions,
                 uint8_t ret_digest[DIGEST_BYTES])
{
    struct digest digest;

    digest_init(&digest);
    identity_decisions_digest(decisions, identity->month, &digest);
    digest_finish(&digest, ret_digest);
}

/*
 * Whether an affected set's links may stand although no row has become unmatched: match.linkage has
 * the same decisions, and no member with a linked row has, or had, a row under the member's own
 * number (identity_take).
 */
static int
identity_may_stand(struct store *store, const struct identity *identity,
                   const struct identity_decisions *decisions, bool *ret_stand, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;
    uint8_t digest[DIGEST_BYTES];

    identity_decided(identity, decisions, digest);
    const struct store_param params[] = {STORE_I(identity->month->county),
                                         STORE_T(identity->month->first),
                                         STORE_B(digest, sizeof(digest))};
    if (store_run(store, identity_sql_may_stand.text, params, 3, &row, NULL, err) < 0)
        return err_wrap(err, "cannot ask what the month was linked by");
    *ret_stand = store_bool(row, 0, 0);
    return 0;
}

/* Note in match.linkage the decisions that the month was linked by, how many rows were unmatched,
   how many blocks were cut, and how long that took. */
static int
identity_note(struct store *store, const struct identity *identity,
              const struct identity_decisions *decisions, uint32_t cut, int64_t begun,
              struct err *err)
{
    uint8_t digest[DIGEST_BYTES];

    identity_decided(identity, decisions, digest);
    const struct store_param params[] = {
        STORE_I(identity->month->county), STORE_T(identity->month->first),
        STORE_B(digest, sizeof(digest)), STORE_I(clock_mono_ms() - begun), STORE_I(cut)};
    return store_run(store, identity_sql_linkage.text, params, 5, NULL, NULL, err);
}

/* Link the rows of `unmatched`, all of the month, and bring match.link to their links; makes
   `relinked`. */
static int
identity_link(struct store *store, const struct identity *identity,
              const struct identity_decisions *decisions, uint32_t *ret_cut, struct err *err)
{
    AUTO(store_result_free) struct store_result *any = NULL;

    const struct store_param params[] = {STORE_I(identity->month->county),
                                         STORE_T(identity->month->first), STORE_T(MODEL_VERSION)};
    if (store_run(store, "select exists (select from unmatched)", NULL, 0, &any, NULL, err) < 0)
        return -1;
    if (store_bool(any, 0, 0) &&
        (identity_score(store, identity, decisions, ret_cut, err) < 0 ||
         store_script(store, "analyze scored", err) < 0 || identity_take(store, identity, err) < 0))
        return err_wrap(err, "cannot link the month's rows");
    if (store_run(store, identity_sql_relinked.text, params, 3, NULL, NULL, err) < 0 ||
        store_script(store, "analyze relinked", err) < 0 ||
        store_run(store, identity_sql_link_gone.text, params, 2, NULL, NULL, err) < 0 ||
        store_run(store, identity_sql_link_come.text, params, 3, NULL, NULL, err) < 0 ||
        store_run(store, identity_sql_reweighed.text, params, 2, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot write the links");
    return 0;
}

/* Note which record types have linked rows. */
static int
identity_note_types(struct store *store, struct identity *identity, struct err *err)
{
    AUTO(store_result_free) struct store_result *types = NULL;

    if (store_script(store, "analyze link_row", err) < 0 ||
        store_run(store, identity_sql_linked_types.text, NULL, 0, &types, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < identity->month->count; i++)
        for (size_t j = 0; j < store_rows(types); j++)
            if (strcmp(store_text(types, j, 0), identity->month->contents[i].type->name) == 0)
                identity->linked[i] = true;
    return 0;
}

int
identity_month(struct store *store, struct identity *identity, struct err *err)
{
    AUTO_IDENTITY_DECISIONS struct identity_decisions decisions = {0};
    int64_t begun = clock_mono_ms();
    uint32_t cut = 0;
    bool changed;

    if (identity_unmatched_find(store, identity, err) < 0)
        return err_wrap(err, "cannot find the rows to be linked");
    if (identity_decisions_load(store, identity->month->county, &decisions, err) < 0 ||
        identity_unmatched_keep(store, identity, &changed, err) < 0 ||
        identity_link(store, identity, &decisions, &cut, err) < 0 ||
        identity_note(store, identity, &decisions, cut, begun, err) < 0 ||
        store_script(store, identity_sql_link_row.text, err) < 0 ||
        store_script(store, identity_sql_link_row_scored.text, err) < 0)
        return -1;
    return identity_note_types(store, identity, err);
}

/* ---- a part of a month ---- */

static char *
identity_copy(const struct store_result *row, int column)
{
    return store_null(row, 0, column) ? NULL : mem_strdup(store_text(row, 0, column));
}

static int
identity_find_moved(struct store *store, const struct identity *identity,
                    struct identity_moved *ret_moved, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;

    const struct store_param params[] = {STORE_I(identity->month->county),
                                         STORE_T(identity->month->first)};
    if (store_run(store, identity_sql_moved.text, params, 2, &row, NULL, err) < 0)
        return err_wrap(err, "cannot find whom the links mean anew");
    *ret_moved = (struct identity_moved){identity_copy(row, 0), identity_copy(row, 1)};
    return 0;
}

int
identity_look(struct store *store, const struct identity *identity, bool members, bool *ret_stand,
              struct err *err)
{
    AUTO_IDENTITY_DECISIONS struct identity_decisions decisions = {0};
    bool changed, stand;

    if (identity_unmatched_find(store, identity, err) < 0)
        return err_wrap(err, "cannot find the rows to be linked");
    if (identity_decisions_load(store, identity->month->county, &decisions, err) < 0 ||
        identity_unmatched_keep(store, identity, &changed, err) < 0 ||
        identity_may_stand(store, identity, &decisions, &stand, err) < 0)
        return -1;
    *ret_stand = !changed && !members && stand;
    return 0;
}

int
identity_again(struct store *store, const struct identity *identity,
               struct identity_moved *ret_moved, struct err *err)
{
    AUTO_IDENTITY_DECISIONS struct identity_decisions decisions = {0};
    int64_t begun = clock_mono_ms();
    uint32_t cut = 0;

    if (identity_decisions_load(store, identity->month->county, &decisions, err) < 0 ||
        identity_unmatched_load(store, identity, err) < 0 ||
        identity_link(store, identity, &decisions, &cut, err) < 0 ||
        identity_note(store, identity, &decisions, cut, begun, err) < 0)
        return -1;
    return identity_find_moved(store, identity, ret_moved, err);
}

int
identity_stand(struct store *store, struct identity *identity, struct err *err)
{

    const struct store_param params[] = {STORE_I(identity->month->county),
                                         STORE_T(identity->month->first)};
    if (store_script(store, identity_sql_link_row.text, err) < 0 ||
        store_run(store, identity_sql_link_row_standing.text, params, 2, NULL, NULL, err) < 0)
        return err_wrap(err, "cannot read the links");
    return identity_note_types(store, identity, err);
}

/* ---- how judging reads the links ---- */

void
identity_add_content(const struct identity *identity, size_t index, struct buf *out)
{
    const struct record_type *type = identity->month->contents[index].type;
    AUTO_BUF struct buf view = {0}, fields = {0};

    identity_add_view(identity, type, false, &view);
    if (!identity->linked[index]) {
        buf_add_fmt(out, "select r.*, null::text as linked_how from %s as r", buf_str(&view));
        return;
    }
    for (size_t i = 0; i < type->field_count; i++) {
        const char *name = type->fields[i].name, *comma = i > 0 ? ", " : "";

        if ((int)i == type->id)
            buf_add_fmt(&fields, "%scoalesce(l.id_no, r.%s) as %s", comma, name, name);
        else
            buf_add_fmt(&fields, "%sr.%s", comma, name);
    }
    BUF_ADD_FILLED(out, identity_sql_content_linked.text, {"fields", buf_str(&fields)},
                   {"view", buf_str(&view)}, {"name", type->name});
}
