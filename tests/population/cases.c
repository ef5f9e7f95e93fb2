#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many months x01 looks at. */
#define WINDOW 3U

/* All findings of one household, of one person of no household, of works or of a village. */
struct subject_months {
    uint32_t red;
    uint32_t yellow;
    uint8_t families[WORLD_MONTHS_MAX]; /* a bit for each of M, E, H, W, C */
};

static uint64_t
key_of(const struct finding *finding)
{
    if (finding->household != WORLD_NONE)
        return finding->household;
    switch (finding->subject) {
    case SUBJECT_WORKS:
        return (uint64_t)2 << 32 | finding->index;
    case SUBJECT_COMPLAINT:
        return (uint64_t)3 << 32 | finding->village;
    case SUBJECT_PERSON:
    case SUBJECT_HOUSEHOLD:
    case SUBJECT_HOUSE:
        break;
    }
    return (uint64_t)1 << 32 | finding->index;
}

static int
compare_keys(const void *a, const void *b)
{
    uint64_t left = key_of(*(const struct finding *const *)a);
    uint64_t right = key_of(*(const struct finding *const *)b);

    return left < right ? -1 : left > right;
}

static void
gather(struct subject_months *of, const struct finding *finding)
{
    static const char families[] = "MEHWC";
    const char *at = strchr(families, finding->rule[0]); /* NULL: X02 */
    uint8_t family = at == NULL ? 0 : (uint8_t)(1U << (at - families));

    if (finding->severity == SEVERITY_GREEN)
        return;
    if (strcmp(finding->rule, "C07") == 0)
        family = 0;
    if (finding->severity == SEVERITY_RED)
        of->red |= finding->months;
    else
        of->yellow |= finding->months;
    for (unsigned m = 0; m < WORLD_MONTHS_MAX; m++)
        if ((finding->months >> m & 1) != 0)
            of->families[m] |= family;
}

static bool
manifold(const struct subject_months *of, unsigned as_of)
{
    unsigned families = 0;

    for (unsigned back = 0; back < WINDOW && back <= as_of; back++)
        families |= of->families[as_of - back];
    return __builtin_popcount(families) >= 2;
}

static void
put_key(const struct world *world, struct text *text, const struct finding *finding)
{
    if (finding->household != WORLD_NONE) {
        world_put_household_no(world, text, finding->household);
        world_put_household_no(world, text, finding->household);
        return;
    }
    if (finding->subject == SUBJECT_WORKS) {
        text_append(text, "works:");
        world_put_number(world, text, "GC", finding->index);
        text_blank(text);
        return;
    }
    if (finding->subject == SUBJECT_COMPLAINT) {
        text_append(text, "village:");
        text_field(text, world->areas.villages[finding->village].code);
        text_blank(text);
        return;
    }
    text_append(text, "person:");
    text_field(text, world->people[finding->index].id);
    text_blank(text);
}

static void
put_episode(const struct world *world, struct text *text, const struct finding *finding,
            const struct subject_months *of, unsigned episode, unsigned opened, unsigned last)
{
    bool open = last + 1 == world->months;
    bool x01 = finding->household != WORLD_NONE && manifold(of, last);
    bool red = (of->red >> last & 1) != 0 || x01;

    put_key(world, text, finding);
    text_int(text, episode);
    text_month(text, world->month[opened].first);
    if (open)
        text_blank(text);
    else
        text_month(text, world->month[last + 1].first);
    text_field(text, red ? "red" : "yellow");
    text_int(text, x01);
    text_end(text);
}

static void
put_cases(const struct world *world, struct text *text, const struct finding *finding,
          const struct subject_months *of)
{
    uint32_t open = of->red | of->yellow;
    unsigned episode = 0;

    for (unsigned m = 0; m < world->months; m++) {
        unsigned opened = m;

        if ((open >> m & 1) == 0)
            continue;
        while (m + 1 < world->months && (open >> (m + 1) & 1) != 0)
            m++;
        put_episode(world, text, finding, of, ++episode, opened, m);
    }
}

static const struct finding **
sort_findings(const struct truth *truth)
{
    const struct finding **sorted = calloc(truth->count + 1, sizeof(*sorted));

    if (sorted == NULL)
        abort();
    for (size_t i = 0; i < truth->count; i++)
        sorted[i] = &truth->findings[i];
    qsort(sorted, truth->count, sizeof(*sorted), compare_keys);
    return sorted;
}

size_t
cases_write(const struct truth *truth, const struct world *world)
{
    const struct finding **sorted = sort_findings(truth);
    char path[1024];
    struct text text;
    size_t i = 0;

    (void)snprintf(path, sizeof(path), "%s/truth/cases.csv", world->out);
    text_open(&text, path);
    text_append(&text, "subject,household_no,episode,opened,cleared,severity,x01\n");
    while (i < truth->count) {
        const struct finding *first = sorted[i];
        struct subject_months of = {0};

        for (; i < truth->count && key_of(sorted[i]) == key_of(first); i++)
            gather(&of, sorted[i]);
        put_cases(world, &text, first, &of);
    }
    text_close(&text);
    free(sorted);
    return text.rows;
}
