#include "identity/identity_verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "link/link.h"

#define VERDICT_FIELDS 14
#define VERDICT_ROUND .5

/* Where a row ended. */
struct verdict {
    const char *id_no, *fold, *household_no;
    int pass; /* 4: a clerk's word */
    const char *how, *band;
    const struct identity_pair *pair; /* NULL: not scored */
    int32_t rivals;                   /* the weight that other candidates take off, ≤ 0 */
};

/* ---- decisions ---- */

/* Compare a decision with a record and, when given, a member. */
static int
verdict_order(const struct identity_decision *decision, const char *record_type,
              const char *record_key, const char *id_no)
{
    int order = strcmp(decision->record_type, record_type);

    if (order == 0)
        order = strcmp(decision->record_key, record_key);
    return order != 0 || id_no == NULL ? order : strcmp(decision->id_no, id_no);
}

/* The first decision that does not lie before a record and member. */
static size_t
verdict_first(const struct identity_decisions *decisions, const char *record_type,
              const char *record_key, const char *id_no)
{
    size_t from = 0, to = decisions->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (verdict_order(&decisions->list[middle], record_type, record_key, id_no) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Whether a clerk said that a row is not this member's. */
static bool
verdict_broken(const struct identity_input *input, const struct identity_row *row,
               const char *id_no)
{
    const char *type = identity_text(input->rows, row->record_type);
    const char *key = identity_text(input->rows, row->record_key);
    size_t at = verdict_first(input->decisions, type, key, id_no);

    return at < input->decisions->count &&
           verdict_order(&input->decisions->list[at], type, key, id_no) == 0 &&
           !input->decisions->list[at].same;
}

static void
verdict_member(const struct identity_input *input, uint32_t member, struct verdict *verdict)
{
    const struct identity_member *one = &input->members->members[member];

    verdict->id_no = identity_text(input->members, one->id_no);
    verdict->fold = identity_text(input->members, one->fold);
    verdict->household_no = identity_text(input->members, one->household_no);
}

/* Whether a clerk confirmed the row for a member, and the register has that member. */
static bool
verdict_confirmed(const struct identity_input *input, const struct identity_row *row,
                  struct verdict *verdict)
{
    const char *type = identity_text(input->rows, row->record_type);
    const char *key = identity_text(input->rows, row->record_key);
    const struct identity_decisions *decisions = input->decisions;

    for (size_t at = verdict_first(decisions, type, key, NULL);
         at < decisions->count && verdict_order(&decisions->list[at], type, key, NULL) == 0; at++) {
        int64_t member = decisions->list[at].same
                             ? identity_find_member(input->members, decisions->list[at].id_no)
                             : -1;

        if (member < 0)
            continue;
        verdict_member(input, (uint32_t)member, verdict);
        verdict->pass = 4;
        verdict->how = "clerk";
        verdict->band = "linked";
        return true;
    }
    return false;
}

/* ---- passes ---- */

static const struct person *
verdict_person(const struct identity_input *input, const struct identity_pair *pair)
{
    return &input->members->persons[pair->member];
}

/* Whether village and address are the same: a house's number alone stands in every village. */
static bool
verdict_same_place(const struct person *row, const struct person *member, uint32_t pattern)
{
    if (compare_level(pattern, COMPARE_PLACE) != PLACE_EQUAL)
        return false;
    return row->village != 0 ||
           (row->area_len == 12 && member->area_len == 12 && row->area == member->area);
}

/* The combination by which pass 2 would link a pair, or NULL. */
static const char *
verdict_combination(const struct identity_input *input, const struct identity_pair *pair)
{
    unsigned name = compare_level(pair->pattern, COMPARE_NAME);

    if ((name != NAME_EXACT && name != NAME_VARIANT) ||
        compare_level(pair->pattern, COMPARE_NUMBER) == NUMBER_DIFFERENT)
        return NULL;
    if (compare_level(pair->pattern, COMPARE_HOUSEHOLD) == HOUSEHOLD_EQUAL)
        return "name_household";
    if (compare_level(pair->pattern, COMPARE_PHONE) == PHONE_EQUAL)
        return "name_phone";
    return verdict_same_place(&input->rows->persons[pair->row], verdict_person(input, pair),
                              pair->pattern)
               ? "name_address"
               : NULL;
}

/* Pass 2: exactly one member fits by a combination. */
static bool
verdict_certain(const struct identity_input *input, const struct identity_row *row,
                const struct identity_pair *pairs, size_t count, struct verdict *verdict)
{
    unsigned found = 0;

    for (size_t i = 0; i < count; i++) {
        const char *how = verdict_combination(input, &pairs[i]);
        struct verdict one = {.pass = 2, .how = how, .band = "linked", .pair = &pairs[i]};

        if (how == NULL)
            continue;
        found++;
        verdict_member(input, pairs[i].member, &one);
        if (!verdict_broken(input, row, one.id_no))
            *verdict = one;
    }
    /* A second member still counts when a clerk has ruled out the first. */
    return found == 1 && verdict->id_no != NULL;
}

/* Pass 3: the strongest pair, with the row's other pairs against it. */
static bool
verdict_likely(const struct identity_input *input, const struct identity_row *row,
               const struct identity_pair *pairs, size_t count, struct verdict *verdict)
{
    struct verdict best = {.pass = 3, .how = "score"};
    double others = 0, probability;
    int32_t total;

    for (size_t i = 0; i < count; i++) {
        struct verdict one = best;

        verdict_member(input, pairs[i].member, &one);
        if (verdict_broken(input, row, one.id_no))
            continue;
        if (best.pair == NULL) {
            best = one;
            best.pair = &pairs[i];
        } else {
            others += exp2((double)pairs[i].total / MODEL_BIT);
        }
    }
    if (best.pair == NULL)
        return false;
    best.rivals = -(int32_t)(log2(1 + others) * MODEL_BIT + VERDICT_ROUND);
    total = best.pair->total + best.rivals;
    probability = model_probability(total);
    if (probability < LINK_REVIEW)
        return false;
    /* Whether two good numbers are one person is for a clerk to say. */
    best.band = probability >= LINK_ACCEPT &&
                        compare_level(best.pair->pattern, COMPARE_NUMBER) != NUMBER_DIFFERENT
                    ? "linked"
                    : "review";
    *verdict = best;
    return true;
}

static bool
verdict_of(const struct identity_input *input, uint32_t row, const struct identity_pair *pairs,
           size_t count, struct verdict *verdict)
{
    const struct identity_row *one = &input->rows->rows[row];

    *verdict = (struct verdict){0};
    if (verdict_confirmed(input, one, verdict))
        return true;
    if (one->known) {
        const char *id_no = identity_text(input->rows, one->known_id);

        *verdict =
            (struct verdict){.id_no = id_no,
                             .fold = identity_text(input->rows, one->known_fold),
                             .household_no = identity_text(input->rows, one->known_household),
                             .pass = 1,
                             .how = "name_sound",
                             .band = "linked"};
        return one->sounds && !verdict_broken(input, one, id_no);
    }
    return verdict_certain(input, one, pairs, count, verdict) ||
           verdict_likely(input, one, pairs, count, verdict);
}

/* ---- the weight of each field ---- */

static void
verdict_term(struct buf *json, const char *field, const char *level, int32_t weight)
{
    buf_add_fmt(json, "%s{\"field\":\"%s\"", json->len > 1 ? "," : "", field);
    if (level != NULL)
        buf_add_fmt(json, ",\"level\":\"%s\"", level);
    buf_add_fmt(json, ",\"weight\":%d}", weight);
}

/* The waterfall: terms that add up to the weight. */
static int32_t
verdict_terms(const struct identity_input *input, const struct verdict *verdict, struct buf *json)
{
    const struct identity_pair *pair = verdict->pair;
    struct model_score score;

    buf_clear(json);
    buf_add_str(json, "[");
    if (pair == NULL) {
        buf_add_str(json, "]");
        return 0;
    }
    score = model_score(&input->pairs->model, pair->pattern, &input->rows->persons[pair->row],
                        verdict_person(input, pair));
    verdict_term(json, "prior", NULL, score.prior);
    for (int field = 0; field < COMPARE_FIELDS; field++) {
        unsigned level = compare_level(pair->pattern, (enum compare_field)field);

        if (level != COMPARE_MISSING)
            verdict_term(json, compare_name((enum compare_field)field),
                         compare_level_name((enum compare_field)field, level), score.fields[field]);
    }
    const struct {
        const char *name;
        int32_t weight;
    } rest[] = {{"rare_name", score.rare_name},
                {"rare_phone", score.rare_phone},
                {"rare_place", score.rare_place},
                {"kin", score.kin},
                {"rivals", verdict->rivals}};

    for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
        if (rest[i].weight != 0)
            verdict_term(json, rest[i].name, NULL, rest[i].weight);
    buf_add_str(json, "]");
    return score.total + verdict->rivals;
}

/* ---- COPY BINARY ---- */

static void
verdict_add_text(struct buf *out, const char *text)
{
    size_t len = strlen(text);

    buf_add_be32(out, (uint32_t)len);
    buf_add(out, text, len);
}

static void
verdict_add_int(struct buf *out, int32_t value)
{
    buf_add_be32(out, sizeof(value));
    buf_add_be32(out, (uint32_t)value);
}

static void
verdict_add(const struct identity_input *input, const struct identity_row *row,
            const struct verdict *verdict, struct buf *json, struct buf *out)
{
    int32_t weight = verdict_terms(input, verdict, json);

    buf_add_be16(out, VERDICT_FIELDS);
    verdict_add_text(out, identity_text(input->rows, row->record_type));
    verdict_add_text(out, identity_text(input->rows, row->record_key));
    verdict_add_text(out, identity_text(input->rows, row->key_rest));
    verdict_add_int(out, row->submission);
    verdict_add_int(out, row->row_no);
    buf_add_be32(out, 1);
    buf_add_u8(out, row->quarantined);
    verdict_add_text(out, verdict->id_no);
    verdict_add_text(out, verdict->fold);
    verdict_add_text(out, verdict->household_no);
    buf_add_be32(out, 2);
    buf_add_be16(out, (uint16_t)verdict->pass);
    verdict_add_text(out, verdict->how);
    verdict_add_text(out, verdict->band);
    if (verdict->pair == NULL)
        buf_add_be32(out, UINT32_MAX);
    else
        verdict_add_int(out, weight);
    buf_add_be32(out, (uint32_t)json->len + 1);
    buf_add_u8(out, 1); /* jsonb's version on the wire */
    buf_add(out, json->bytes, json->len);
}

void
identity_verdict_write(const struct identity_input *input, struct buf *out)
{
    static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* and the literal's own NUL */
    AUTO_BUF struct buf json = {0};
    size_t from = 0;

    buf_add(out, header, sizeof(header));
    for (uint32_t row = 0; row < input->rows->count; row++) {
        struct verdict verdict;
        size_t to = from;

        while (to < input->pairs->count && input->pairs->list[to].row == row)
            to++;
        if (verdict_of(input, row, input->pairs->list + from, to - from, &verdict))
            verdict_add(input, &input->rows->rows[row], &verdict, &json, out);
        from = to;
    }
    buf_add_be16(out, UINT16_MAX);
}
