#include "identity/identity_unmatched.h"

#include <string.h>

#include "base/buf.h"
#include "identity/identity_sql.h"
#include "store/list.h"

/* ---- pieces of queries ---- */

void
identity_add_view(const struct identity *identity, const struct record_type *type, bool everybody,
                  struct buf *out)
{
    buf_add_fmt(out, "%s_%s", everybody && identity->affected ? "every" : "raw",
                record_ident(type));
}

void
identity_add_key(const struct record_type *type, const char *prefix, bool rest, struct buf *out)
{
    buf_add_str(out, "concat_ws('/', null::text"); /* a key may be the number alone */
    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++)
        if (!rest || type->key[i] != type->id)
            buf_add_fmt(out, ", %s%s", prefix, type->fields[type->key[i]].name);
    buf_add_str(out, ")");
}

/* `column`, "r.phone", or null where the record type has no such field. */
static const char *
unmatched_column(const struct record_type *type, const char *column)
{
    return record_field_find(type, column + strlen("r.")) >= 0 ? column : "null::text";
}

/* ---- lists of persons ---- */

/* Append the parts of the natural key as key_1, key_2 and key_3, and as rest_1 to rest_3 without
   the number: put together only for rows that are unmatched. */
static void
unmatched_add_parts_of_key(const struct record_type *type, struct buf *out)
{
    bool ended = false;

    for (int i = 0; i < RECORD_KEY_MAX; i++) {
        ended = ended || type->key[i] < 0;
        if (ended)
            buf_add_fmt(out, "null::text as key_%d, null::text as rest_%d, ", i + 1, i + 1);
        else if (type->key[i] == type->id)
            buf_add_fmt(out, "r.id_no as key_%d, null::text as rest_%d, ", i + 1, i + 1);
        else
            buf_add_fmt(out, "r.%s::text as key_%d, r.%s::text as rest_%d, ",
                        type->fields[type->key[i]].name, i + 1, type->fields[type->key[i]].name,
                        i + 1);
    }
}

/* Append the rows of a list of persons, as a part of one query over all such lists. */
static void
unmatched_add_persons(const struct identity *identity, const struct record_type *type,
                      struct buf *out)
{
    AUTO_BUF struct buf key_parts = {0}, view = {0};

    unmatched_add_parts_of_key(type, &key_parts);
    identity_add_view(identity, type, false, &view);
    BUF_ADD_FILLED(out, identity_sql_unmatched_list.text, {"name", type->name},
                   {"key_parts", buf_str(&key_parts)}, {"view", buf_str(&view)},
                   {"phone", unmatched_column(type, "r.phone")},
                   {"address", unmatched_column(type, "r.address")},
                   {"area", unmatched_column(type, "r.area")});
}

static bool
unmatched_is_of_persons(const struct content *content)
{
    return identity_takes(content->type) && content->type->household_no < 0 &&
           content->part_count > 0;
}

/* Find the rows of persons whose number no member has, or a member of another name. */
static int
unmatched_find_persons(struct store *store, const struct identity *identity, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, lists = {0};

    for (size_t i = 0; i < identity->month->count; i++) {
        if (!unmatched_is_of_persons(&identity->month->contents[i]))
            continue;
        buf_add_str(&lists, lists.len > 0 ? " union all " : "");
        unmatched_add_persons(identity, identity->month->contents[i].type, &lists);
    }
    if (lists.len == 0)
        return 0;
    /* Rows outside an affected set are there for their keys; whether they are unmatched is not known. */
    BUF_ADD_FILLED(&sql, identity_sql_unmatched_persons.text,
                   {"into", identity_sql_unmatched_into.text}, {"lists", buf_str(&lists)},
                   {"affected", identity->affected
                                    ? " and k.id_no in (select id_no from affected_person)"
                                    : ""});
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* ---- lists of households ---- */

/* Find the rows of a list of households that neither the household's head nor the number assigns to
   a household. */
static int
unmatched_find_households(struct store *store, const struct identity *identity,
                          const struct record_type *type, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, key = {0}, key_rest = {0}, view = {0};

    identity_add_key(type, "r.", false, &key);
    identity_add_key(type, "r.", true, &key_rest);
    identity_add_view(identity, type, false, &view);
    BUF_ADD_FILLED(&sql, identity_sql_unmatched_households.text,
                   {"into", identity_sql_unmatched_into.text}, {"name", type->name},
                   {"key", buf_str(&key)}, {"key_rest", buf_str(&key_rest)},
                   {"view", buf_str(&view)}, {"phone", unmatched_column(type, "r.phone")},
                   {"address", unmatched_column(type, "r.address")},
                   {"area", unmatched_column(type, "r.area")});
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* ---- rows that could not be used ---- */

/* Append the submissions of the content's newest period, all of them or the corrections. */
static void
unmatched_add_parts(const struct content *content, bool corrections, struct buf *out)
{
    AUTO_LIST struct list list = {0};

    for (size_t i = 0; i < content->part_count; i++) {
        const struct content_part *part = &content->parts[i];

        if (part->period == content->period && (!corrections || part->kind == CONTENT_CORRECTION))
            list_add_int(&list, part->submission);
    }
    list_add_literal(&list, "integer", out);
}

/* Find the quarantined rows that no correction mends: linked, they count as presence only. */
static int
unmatched_find_quarantined(struct store *store, const struct identity *identity,
                           const struct content *content, struct err *err)
{
    AUTO_BUF struct buf sql = {0}, submissions = {0}, corrections = {0};

    unmatched_add_parts(content, false, &submissions);
    unmatched_add_parts(content, true, &corrections);
    BUF_ADD_FILLED(&sql, identity_sql_unmatched_quarantined.text,
                   {"into", identity_sql_unmatched_into.text}, {"name", content->type->name},
                   {"submissions", buf_str(&submissions)}, {"corrections", buf_str(&corrections)},
                   {"members", identity->affected ? "every_register_member" : "named"},
                   {"table", content->type->table});
    return store_run(store, buf_str(&sql), &STORE_I(identity->month->county), 1, NULL, NULL, err);
}

/* ---- the rows that are looked at again ---- */

/* Make `looked`, the rows of an affected set that are looked at again; see unmatched_add_persons.
   */
static int
unmatched_create_looked(struct store *store, const struct identity *identity, struct err *err)
{
    AUTO_BUF struct buf lists = {0}, sql = {0};

    for (size_t i = 0; identity->affected && i < identity->month->count; i++) {
        const struct content *content = &identity->month->contents[i];

        if (!identity_takes(content->type) || content->part_count == 0)
            continue;
        buf_add_str(&lists, lists.len > 0 ? " union all " : "");
        BUF_ADD_FILLED(&lists, identity_sql_looked_list.text, {"name", content->type->name},
                       {"type", record_ident(content->type)},
                       {"every_row", content->type->household_no < 0 ? "false" : "true"});
    }
    BUF_ADD_FILLED(&sql, identity_sql_looked.text,
                   {"lists", lists.len > 0 ? buf_str(&lists) : identity_sql_looked_none.text});
    return store_run(store, buf_str(&sql), NULL, 0, NULL, NULL, err);
}

/* Without a register no row can be linked: then no row is unmatched, however many rows there are.
   */
static bool
unmatched_has_members(const struct identity *identity)
{
    for (size_t i = 0; i < identity->month->count; i++)
        if (identity->month->contents[i].type->role == RECORD_MEMBERS)
            return identity->month->contents[i].part_count > 0;
    return false;
}

static int
unmatched_create_named(struct store *store, const struct identity *identity, struct err *err)
{
    AUTO_BUF struct buf sql = {0};
    bool affected = identity->affected;

    BUF_ADD_FILLED(&sql, identity_sql_named.text,
                   {"form", affected ? "or replace temp view" : "temp table"},
                   {"keep", affected ? "" : "on commit drop"});
    if (store_script(store, buf_str(&sql), err) < 0)
        return -1;
    return affected ? 0 : store_script(store, "analyze named", err);
}

int
identity_unmatched_find(struct store *store, const struct identity *identity, struct err *err)
{
    if (store_script(store, identity_sql_unmatched.text, err) < 0)
        return -1;
    if (unmatched_create_looked(store, identity, err) < 0)
        return -1;
    if (!unmatched_has_members(identity))
        return 0;
    if (unmatched_create_named(store, identity, err) < 0 ||
        unmatched_find_persons(store, identity, err) < 0)
        return -1;
    for (size_t i = 0; i < identity->month->count; i++) {
        const struct content *one = &identity->month->contents[i];

        if (!identity_takes(one->type) || one->part_count == 0)
            continue;
        if (one->type->household_no >= 0 &&
            unmatched_find_households(store, identity, one->type, err) < 0)
            return -1;
        if (one->quarantined > 0 && unmatched_find_quarantined(store, identity, one, err) < 0)
            return -1;
    }
    return store_script(store, "analyze unmatched", err);
}

int
identity_unmatched_keep(struct store *store, const struct identity *identity, bool *ret_changed,
                        struct err *err)
{
    int64_t gone, come;

    const struct store_param params[] = {STORE_I(identity->month->county),
                                         STORE_T(identity->month->first),
                                         STORE_T(identity->affected ? "true" : "false")};
    if (store_run(store, identity_sql_unmatched_gone.text, params, 3, NULL, &gone, err) < 0 ||
        store_run(store, identity_sql_unmatched_come.text, params, 2, NULL, &come, err) < 0)
        return err_wrap(err, "cannot keep the unmatched rows");
    *ret_changed = gone + come > 0;
    return 0;
}

int
identity_unmatched_load(struct store *store, const struct identity *identity, struct err *err)
{
    AUTO_BUF struct buf sql = {0};

    BUF_ADD_FILLED(&sql, identity_sql_unmatched_load.text,
                   {"into", identity_sql_unmatched_into.text});
    const struct store_param params[] = {STORE_I(identity->month->county),
                                         STORE_T(identity->month->first)};
    if (store_script(store, "truncate unmatched", err) < 0 ||
        store_run(store, buf_str(&sql), params, 2, NULL, NULL, err) < 0)
        return -1;
    return store_script(store, "analyze unmatched", err);
}
