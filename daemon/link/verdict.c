#include "link/verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#define VERDICT_FLUSH (1 << 20) /* bytes that are written together */
#define VERDICT_MILLIONTHS 1000000

/* A file while it is written, under another name until it is whole. */
struct verdict {
    const char *path;
    char partial[PATH_MAX];
    int fd;
    struct buf buf;
};

static int
verdict_fail(struct verdict *verdict, struct err *err)
{
    err_set(err, ERR_SYSTEM, "cannot write %s: %s", verdict->path, strerror(errno));
    if (verdict->fd >= 0) {
        close(verdict->fd);
        unlink(verdict->partial);
    }
    buf_done(&verdict->buf);
    return -1;
}

static int
verdict_open(struct verdict *verdict, const char *path, struct err *err)
{
    *verdict = (struct verdict){.path = path, .fd = -1};
    if (snprintf(verdict->partial, sizeof(verdict->partial), "%s.partial", path) >=
        (int)sizeof(verdict->partial)) {
        errno = ENAMETOOLONG;
        return verdict_fail(verdict, err);
    }
    verdict->fd = open(verdict->partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return verdict->fd < 0 ? verdict_fail(verdict, err) : 0;
}

static int
verdict_flush(struct verdict *verdict, size_t above)
{
    const uint8_t *at = verdict->buf.bytes;
    size_t left = verdict->buf.len;

    if (left <= above)
        return 0;
    while (left > 0) {
        ssize_t written = write(verdict->fd, at, left);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        at += written;
        left -= (size_t)written;
    }
    buf_clear(&verdict->buf);
    return 0;
}

static int
verdict_close(struct verdict *verdict, struct err *err)
{
    int closed;

    if (verdict_flush(verdict, 0) != 0)
        return verdict_fail(verdict, err);
    closed = close(verdict->fd);
    verdict->fd = -1;
    if (closed != 0 || rename(verdict->partial, verdict->path) != 0) {
        int reason = errno;

        unlink(verdict->partial);
        errno = reason;
        return verdict_fail(verdict, err);
    }
    buf_done(&verdict->buf);
    return 0;
}

/* ---- values ---- */

/* A record_id or entity_id, quoted where CSV needs it. */
static void
verdict_id(struct buf *buf, struct source_cell id)
{
    bool quote = false;

    for (uint32_t i = 0; i < id.len && !quote; i++)
        quote = id.bytes[i] == '"' || id.bytes[i] == ',' || id.bytes[i] == '\n' ||
                id.bytes[i] == '\r' || id.bytes[i] == '\t';
    if (!quote) {
        buf_add(buf, id.bytes, id.len);
        return;
    }
    buf_add_u8(buf, '"');
    for (uint32_t i = 0; i < id.len; i++) {
        if (id.bytes[i] == '"')
            buf_add_u8(buf, '"');
        buf_add_u8(buf, (uint8_t)id.bytes[i]);
    }
    buf_add_u8(buf, '"');
}

/* A decimal number of `digits` behind the point; `unit` is 10 to their power. */
static void
verdict_decimal(struct buf *buf, int64_t value, int64_t unit)
{
    char text[32], *at = text + sizeof(text);
    int64_t rest = value < 0 ? -value : value;

    for (int64_t place = 1; place < unit; place *= 10, rest /= 10)
        *--at = (char)('0' + rest % 10);
    *--at = '.';
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--at = '-';
    buf_add(buf, at, (size_t)(text + sizeof(text) - at));
}

static void
verdict_total(struct buf *buf, int32_t total)
{
    verdict_decimal(buf, total, MODEL_BIT);
    buf_add_u8(buf, ',');
    verdict_decimal(buf, (int64_t)(model_probability(total) * VERDICT_MILLIONTHS + .5),
                    VERDICT_MILLIONTHS);
}

/* ---- links ---- */

static const char verdict_columns[] = "record_id,entity_id,band,pass,weight,probability\n";

/* Band, pass, weight and probability of a record; pass 0: it stands alone. */
static void
verdict_band(struct buf *buf, uint8_t pass, bool review, int32_t total,
             struct verdict_counts *counts)
{
    if (pass == 0) {
        counts->single++;
        buf_add_str(buf, ",single,,,\n");
        return;
    }
    counts->review += review;
    counts->automatic += !review;
    buf_add_str(buf, review ? ",review," : ",auto,");
    buf_add_u8(buf, (uint8_t)('0' + pass));
    buf_add_u8(buf, ',');
    verdict_total(buf, total);
    buf_add_u8(buf, '\n');
}

static void
verdict_row(struct buf *buf, const struct link *link, const struct people *people, uint32_t record,
            struct verdict_counts *counts)
{
    const struct cluster_place *place = &link_places(link)[record];

    verdict_id(buf, people_id(people, record));
    buf_add_u8(buf, ',');
    verdict_id(buf, people_id(people, place->entity));
    counts->persons += place->entity == record;
    verdict_band(buf, place->pass, place->review, place->total, counts);
}

int
verdict_links(const char *path, const struct link *link, const struct people *people,
              struct verdict_counts *ret_counts, struct err *err)
{
    struct verdict_counts counts = {.records = link_count(link)};
    struct verdict verdict;

    if (verdict_open(&verdict, path, err) != 0)
        return -1;
    buf_add_str(&verdict.buf, verdict_columns);
    for (uint32_t i = 0; i < link_count(link); i++) {
        verdict_row(&verdict.buf, link, people, i, &counts);
        if (verdict_flush(&verdict, VERDICT_FLUSH) != 0)
            return verdict_fail(&verdict, err);
    }
    if (verdict_close(&verdict, err) != 0)
        return -1;
    *ret_counts = counts;
    return 0;
}

static void
verdict_placed_row(struct buf *buf, const struct verdict_placing *placing, uint32_t record,
                   struct verdict_counts *counts)
{
    const struct verdict_placed *placed = &placing->placed[record];
    const struct lookup_match *match = &placed->place.match;
    uint8_t pass = match->record == LOOKUP_NOBODY ? 0 : match->pass;

    verdict_id(buf, people_id(placing->people, record));
    buf_add_u8(buf, ',');
    verdict_id(buf, placed->entity < placing->known_count
                        ? people_entity(placing->known, placed->entity)
                        : people_id(placing->people, placed->entity - placing->known_count));
    counts->persons += pass == 0;
    verdict_band(buf, pass, placed->place.review, match->total, counts);
}

int
verdict_places(const char *path, const struct verdict_placing *placing,
               struct verdict_counts *ret_counts, struct err *err)
{
    struct verdict_counts counts = {.records = placing->count};
    struct verdict verdict;

    if (verdict_open(&verdict, path, err) != 0)
        return -1;
    buf_add_str(&verdict.buf, verdict_columns);
    for (uint32_t i = 0; i < placing->count; i++) {
        verdict_placed_row(&verdict.buf, placing, i, &counts);
        if (verdict_flush(&verdict, VERDICT_FLUSH) != 0)
            return verdict_fail(&verdict, err);
    }
    if (verdict_close(&verdict, err) != 0)
        return -1;
    *ret_counts = counts;
    return 0;
}

/* ---- pairs ---- */

static void
verdict_pair(struct buf *buf, const struct link *link, const struct people *people,
             const struct cluster_link *pair)
{
    const struct cluster_place *places = link_places(link);
    struct model_score score = link_explain(link, pair);
    const int32_t rest[] = {score.rare_name, score.rare_phone, score.rare_place, score.kin};

    verdict_id(buf, people_id(people, pair->a));
    buf_add_u8(buf, ',');
    verdict_id(buf, people_id(people, pair->b));
    buf_add_str(buf, places[pair->a].entity == places[pair->b].entity ? ",1," : ",0,");
    buf_add_u8(buf, (uint8_t)('0' + pair->pass));
    buf_add_u8(buf, ',');
    verdict_decimal(buf, score.prior, MODEL_BIT);
    for (int field = 0; field < COMPARE_FIELDS; field++) {
        buf_add_u8(buf, ',');
        buf_add_str(buf,
                    compare_level_name((enum compare_field)field,
                                       compare_level(pair->pattern, (enum compare_field)field)));
        buf_add_u8(buf, ',');
        verdict_decimal(buf, score.fields[field], MODEL_BIT);
    }
    for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
        buf_add_u8(buf, ',');
        verdict_decimal(buf, rest[i], MODEL_BIT);
    }
    buf_add_u8(buf, ',');
    verdict_total(buf, score.total);
    buf_add_u8(buf, '\n');
}

int
verdict_pairs(const char *path, const struct link *link, const struct people *people,
              struct err *err)
{
    struct verdict verdict;

    if (verdict_open(&verdict, path, err) != 0)
        return -1;
    buf_add_str(&verdict.buf, "record_a,record_b,one_person,pass,prior");
    for (int field = 0; field < COMPARE_FIELDS; field++)
        buf_add_fmt(&verdict.buf, ",%s,%s_weight", compare_name((enum compare_field)field),
                    compare_name((enum compare_field)field));
    buf_add_str(&verdict.buf, ",rare_name,rare_phone,rare_place,kin,weight,probability\n");
    for (size_t i = 0; i < link_pair_count(link); i++) {
        verdict_pair(&verdict.buf, link, people, &link_pairs(link)[i]);
        if (verdict_flush(&verdict, VERDICT_FLUSH) != 0)
            return verdict_fail(&verdict, err);
    }
    return verdict_close(&verdict, err);
}
