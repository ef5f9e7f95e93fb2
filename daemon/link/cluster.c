#include "link/cluster.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CLUSTER_MAX 256 /* records of one person; a larger cluster is a value that fills a column */
#define CLUSTER_AHEAD 16                  /* links ahead whose records are fetched from memory */
#define CLUSTER_AGAINST (-10 * MODEL_BIT) /* a comparison that keeps two clusters apart */

/* Clusters as rings: each record knows its cluster's smallest record and the next in the ring. */
struct cluster {
    const struct person *persons;
    const struct model *model;
    const struct cluster_rules *rules;
    struct cluster_place *places;
    uint32_t *next, *sizes;
};

/* Whether two records are of one source that holds a person once. */
static bool
cluster_once(const struct cluster_rules *rules, const struct person *a, const struct person *b)
{
    return rules->once != NULL && a->source == b->source && rules->once[a->source];
}

bool
cluster_apart(const struct cluster_rules *rules, const struct model *model, const struct person *a,
              const struct person *b)
{
    uint32_t pattern;

    if (cluster_once(rules, a, b))
        return true;
    pattern = compare_pair(a, b);
    return compare_veto(pattern) || model_score(model, pattern, a, b).total < CLUSTER_AGAINST;
}

/* Whether two members keep a link's clusters apart; what the link itself says is known. */
static bool
cluster_part(const struct cluster *cluster, const struct cluster_link *link, uint32_t i, uint32_t j)
{
    const struct person *a = &cluster->persons[i], *b = &cluster->persons[j];

    if (i == link->a && j == link->b)
        return cluster_once(cluster->rules, a, b) || compare_veto(link->pattern);
    return cluster_apart(cluster->rules, cluster->model, a, b);
}

static bool
cluster_conflict(const struct cluster *cluster, const struct cluster_link *link)
{
    uint32_t a = cluster->places[link->a].entity, b = cluster->places[link->b].entity;
    uint32_t i = a, j = b;

    if (cluster->sizes[a] + cluster->sizes[b] > CLUSTER_MAX)
        return true;
    do {
        do {
            if (cluster_part(cluster, link, i, j))
                return true;
            j = cluster->next[j];
        } while (j != b);
        i = cluster->next[i];
    } while (i != a);
    return false;
}

/* Mark the members that a link brings in. */
static void
cluster_mark(struct cluster *cluster, uint32_t entity, const struct cluster_link *link)
{
    bool review = link->total < cluster->rules->accept;
    uint32_t i = entity;

    do {
        struct cluster_place *place = &cluster->places[i];

        if (place->pass == 0 || (review && !place->review)) {
            place->total = link->total;
            place->pass = link->pass;
            place->review = review;
        }
        i = cluster->next[i];
    } while (i != entity);
}

static void
cluster_join(struct cluster *cluster, const struct cluster_link *link)
{
    uint32_t a = cluster->places[link->a].entity, b = cluster->places[link->b].entity;
    uint32_t keep = a < b ? a : b, give = a < b ? b : a, i = give, next;

    if (cluster->sizes[a] <= cluster->sizes[b] || cluster->sizes[a] == 1)
        cluster_mark(cluster, a, link);
    if (cluster->sizes[b] < cluster->sizes[a] || cluster->sizes[b] == 1)
        cluster_mark(cluster, b, link);
    do {
        cluster->places[i].entity = keep;
        i = cluster->next[i];
    } while (i != give);
    next = cluster->next[keep];
    cluster->next[keep] = cluster->next[give];
    cluster->next[give] = next;
    cluster->sizes[keep] += cluster->sizes[give];
}

static void
cluster_fetch(const struct cluster *cluster, const struct cluster_link *link)
{
    const uint32_t records[] = {link->a, link->b};

    for (int i = 0; i < 2; i++) {
        __builtin_prefetch(&cluster->places[records[i]], 1);
        __builtin_prefetch(&cluster->sizes[records[i]]);
        __builtin_prefetch(&cluster->next[records[i]]);
        __builtin_prefetch(&cluster->persons[records[i]].source);
    }
}

void
cluster_build(const struct person *persons, uint32_t count, const struct model *model,
              const struct cluster_rules *rules, const struct cluster_link *links,
              size_t link_count, struct cluster_place *ret_places)
{
    struct cluster cluster = {persons, model, rules, ret_places, NULL, NULL};

    cluster.next = mem_grow(NULL, (size_t)count + 1, sizeof(*cluster.next));
    cluster.sizes = mem_grow(NULL, (size_t)count + 1, sizeof(*cluster.sizes));
    for (uint32_t i = 0; i < count; i++) {
        ret_places[i] = (struct cluster_place){.entity = i};
        cluster.next[i] = i;
        cluster.sizes[i] = 1;
    }
    for (size_t i = 0; i < link_count && links[i].total >= rules->review; i++) {
        if (i + CLUSTER_AHEAD < link_count)
            cluster_fetch(&cluster, &links[i + CLUSTER_AHEAD]);
        if (ret_places[links[i].a].entity != ret_places[links[i].b].entity &&
            !cluster_conflict(&cluster, &links[i]))
            cluster_join(&cluster, &links[i]);
    }
    free(cluster.next);
    free(cluster.sizes);
}
