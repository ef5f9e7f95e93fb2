#include "truth.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RULES_MAX 64

static const char *const severities[] = {"green", "yellow", "red"};
static const char *const subjects[] = {"person", "household", "house", "works", "complaint"};

/* One month of a finding. */
struct row {
    const struct finding *finding;
    unsigned month;
};

static void
append(struct finding **items, size_t *count, struct finding finding)
{
    if ((*count & (*count - 1)) == 0) {
        *items = realloc(*items, (*count == 0 ? 1 : 2 * *count) * sizeof(**items));
        if (*items == NULL)
            abort();
    }
    (*items)[(*count)++] = finding;
}

void
truth_find(struct truth *truth, const char *rule, uint32_t months, enum severity severity,
           enum subject subject, uint32_t index, uint32_t household)
{
    if (months != 0)
        append(&truth->findings, &truth->count,
               (struct finding){.rule = rule,
                                .months = months,
                                .index = index,
                                .household = household,
                                .subject = subject,
                                .severity = severity});
}

void
truth_find_complaint(struct truth *truth, const char *rule, uint32_t months, enum severity severity,
                     uint32_t complaint, uint32_t village)
{
    if (months != 0)
        append(&truth->findings, &truth->count,
               (struct finding){.rule = rule,
                                .months = months,
                                .index = complaint,
                                .household = WORLD_NONE,
                                .village = village,
                                .subject = SUBJECT_COMPLAINT,
                                .severity = severity});
}

uint32_t
truth_months(const struct truth *truth, const char *rule, uint32_t index)
{
    uint32_t months = 0;

    for (size_t i = 0; i < truth->count; i++)
        if (truth->findings[i].index == index && strcmp(truth->findings[i].rule, rule) == 0)
            months |= truth->findings[i].months;
    return months;
}

void
truth_withhold(struct truth *truth, const char *rule, uint32_t months, uint32_t person)
{
    if (months != 0)
        append(&truth->withheld, &truth->withheld_count,
               (struct finding){.rule = rule, .months = months, .index = person});
}

static int
compare_rows(const void *a, const void *b)
{
    const struct row *left = a;
    const struct row *right = b;
    int rule;

    if (left->month != right->month)
        return left->month < right->month ? -1 : 1;
    rule = strcmp(left->finding->rule, right->finding->rule);
    if (rule != 0)
        return rule;
    if (left->finding->index != right->finding->index)
        return left->finding->index < right->finding->index ? -1 : 1;
    return 0;
}

/* Return the months of all findings, sorted; the caller frees it. */
static struct row *
expand(const struct finding *findings, size_t count, size_t *ret_rows)
{
    struct row *rows = calloc(count * WORLD_MONTHS_MAX + 1, sizeof(*rows));
    size_t n = 0;

    if (rows == NULL)
        abort();
    for (size_t i = 0; i < count; i++)
        for (unsigned m = 0; m < WORLD_MONTHS_MAX; m++)
            if ((findings[i].months >> m & 1) != 0)
                rows[n++] = (struct row){.finding = &findings[i], .month = m};
    qsort(rows, n, sizeof(*rows), compare_rows);
    *ret_rows = n;
    return rows;
}

static void
open_truth(const struct world *world, struct text *text, const char *name)
{
    char path[1024];

    (void)snprintf(path, sizeof(path), "%s/truth", world->out);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        err(EXIT_FAILURE, "cannot create %s", path);
    (void)snprintf(path, sizeof(path), "%s/truth/%s", world->out, name);
    text_open(text, path);
}

static void
put_subject(const struct world *world, struct text *text, const struct finding *finding)
{
    switch (finding->subject) {
    case SUBJECT_PERSON:
        text_field(text, world->people[finding->index].id);
        break;
    case SUBJECT_HOUSEHOLD:
        world_put_household_no(world, text, finding->index);
        break;
    case SUBJECT_HOUSE:
        world_put_number(world, text, "F", finding->index);
        break;
    case SUBJECT_WORKS:
        world_put_number(world, text, "GC", finding->index);
        break;
    case SUBJECT_COMPLAINT:
        world_put_number(world, text, "TP", finding->index);
        break;
    }
}

static void
write_findings(const struct truth *truth, const struct world *world)
{
    size_t count;
    struct row *rows = expand(truth->findings, truth->count, &count);
    struct text text;

    open_truth(world, &text, "findings.csv");
    text_append(&text, "rule,month,subject_type,subject,severity,household_no\n");
    for (size_t i = 0; i < count; i++) {
        const struct finding *finding = rows[i].finding;

        text_field(&text, finding->rule);
        text_month(&text, world->month[rows[i].month].first);
        text_field(&text, subjects[finding->subject]);
        put_subject(world, &text, finding);
        text_field(&text, severities[finding->severity]);
        if (finding->household == WORLD_NONE)
            text_blank(&text);
        else
            world_put_household_no(world, &text, finding->household);
        text_end(&text);
    }
    text_close(&text);
    free(rows);
}

static void
write_withheld(const struct truth *truth, const struct world *world)
{
    size_t count;
    struct row *rows = expand(truth->withheld, truth->withheld_count, &count);
    struct text text;

    open_truth(world, &text, "withheld.csv");
    text_append(&text, "rule,month,subject\n");
    for (size_t i = 0; i < count; i++) {
        text_field(&text, rows[i].finding->rule);
        text_month(&text, world->month[rows[i].month].first);
        text_field(&text, world->people[rows[i].finding->index].id);
        text_end(&text);
    }
    text_close(&text);
    free(rows);
}

void
truth_write(const struct truth *truth, const struct world *world)
{
    write_findings(truth, world);
    write_withheld(truth, world);
}

static void
print_rule(const struct truth *truth, const char *rule)
{
    int counts[3] = {0};

    for (size_t i = 0; i < truth->count; i++)
        if (strcmp(truth->findings[i].rule, rule) == 0)
            counts[truth->findings[i].severity] += __builtin_popcount(truth->findings[i].months);
    (void)printf("%s red %d yellow %d green %d\n", rule, counts[SEVERITY_RED],
                 counts[SEVERITY_YELLOW], counts[SEVERITY_GREEN]);
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
truth_print(const struct truth *truth)
{
    const char *rules[RULES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < truth->count; i++) {
        size_t at = 0;

        while (at < count && strcmp(rules[at], truth->findings[i].rule) != 0)
            at++;
        if (at == count && count < RULES_MAX)
            rules[count++] = truth->findings[i].rule;
    }
    qsort(rules, count, sizeof(*rules), compare_names);
    for (size_t i = 0; i < count; i++)
        print_rule(truth, rules[i]);
}

void
truth_done(struct truth *truth)
{
    free(truth->findings);
    free(truth->withheld);
    *truth = (struct truth){0};
}
