#include "match.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "match_county.h"
#include "match_setup.h"
#include "quality.h"
#include "trial.h"

#define MATCH_CHECK_MS 60000 /* every county is looked at this often */
#define MATCH_OPEN_MS 200    /* a submission that is half in is asked for this often */
#define MATCH_CANCEL_MS 100  /* while the module stops, whatever runs is cancelled this often */
#define MATCH_RETRY_MS 500   /* after a failure, doubled up to the most */
#define MATCH_RETRY_MAX_MS 30000

/* What counties are judged by; whoever judges holds it, and a reload puts another in its place. */
struct match_basis {
    struct config *config; /* held */
    struct match_setup *setup;
    int users; /* guarded by the lock */
};

/* A county and what is known of the need to judge it. */
struct match_county {
    uint32_t code;
    size_t index; /* in the configuration */
    bool pending, running;
    int64_t first_ms, last_ms; /* of the notifications since it was judged */
    int64_t not_before_ms;     /* after a failure, or while a submission is half in */
    int failures;
};

struct match_worker {
    struct match *match;
    pthread_t thread;
    struct store *store; /* of this thread; the lock guards the pointer for match_stop */
};

struct match {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool stopping;
    struct match_basis *basis;
    struct match_county *counties;
    size_t county_count;
    struct match_worker *workers;
    size_t worker_count;
    void (*published)(void *context);
    void *published_context;
    struct match_counts counts;
};

/* --- what is judged by --- */

static struct match_basis *
match_basis_new(struct config *config, struct match_setup *setup)
{
    struct match_basis *basis = mem_zalloc(sizeof(*basis));

    *basis = (struct match_basis){config_hold(config), setup, 1};
    return basis;
}

/* One user less; the lock is held. */
static void
match_basis_leave(struct match_basis *basis)
{
    if (--basis->users > 0)
        return;
    match_setup_free(basis->setup);
    config_free(basis->config);
    free(basis);
}

/* --- threads --- */

static int64_t
match_due_ms(const struct match *match, const struct match_county *county)
{
    const struct config *config = match->basis->config;
    int64_t quiet = county->last_ms + config->judge_quiet_ms;
    int64_t most = county->first_ms + config->judge_max_wait_ms;
    int64_t due = quiet < most ? quiet : most;

    return due > county->not_before_ms ? due : county->not_before_ms;
}

/* The county whose turn it is; NULL, and when to look again, when there is none. */
static struct match_county *
match_pick(struct match *match, int64_t now, int64_t *ret_next)
{
    struct match_county *best = NULL;

    *ret_next = now + MATCH_CHECK_MS;
    for (size_t i = 0; i < match->county_count; i++) {
        struct match_county *county = &match->counties[i];
        int64_t due;

        if (county->running)
            continue;
        due = county->pending ? match_due_ms(match, county) : county->last_ms + MATCH_CHECK_MS;
        if (due > now)
            *ret_next = due < *ret_next ? due : *ret_next;
        else if (best == NULL || county->last_ms < best->last_ms)
            best = county;
    }
    return best;
}

static void
match_wait(struct match *match, int64_t ms)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_cond_timedwait(&match->wake, &match->lock, &until);
}

static void
match_set_store(struct match_worker *worker, struct store *store)
{
    struct store *old;

    pthread_mutex_lock(&worker->match->lock);
    old = worker->store;
    worker->store = store;
    pthread_mutex_unlock(&worker->match->lock);
    store_close(old);
}

/* What came of one turn. */
enum match_outcome { MATCH_JUDGED, MATCH_HALF_IN, MATCH_FAILED };

static enum match_outcome
match_work(struct match_worker *worker, const struct match_setup *setup, size_t index,
           bool waited_enough, struct match_done *done, struct err *err)
{
    uint32_t code = setup->config->counties[index].code;
    bool half = false;

    if (worker->store == NULL) {
        struct store *store;

        if (match_connect(setup->config, &store, err) < 0)
            return MATCH_FAILED;
        match_set_store(worker, store);
    }
    if (!waited_enough && match_half_in(worker->store, code, &half, err) < 0)
        return MATCH_FAILED;
    if (half)
        return MATCH_HALF_IN;
    return match_run(worker->store, setup, index, &worker->match->stopping, (struct match_order){0},
                     done, err) < 0
               ? MATCH_FAILED
               : MATCH_JUDGED;
}

/* A county of the present configuration, or NULL; the lock is held. */
static struct match_county *
match_find(struct match *match, uint32_t code)
{
    for (size_t i = 0; i < match->county_count; i++)
        if (match->counties[i].code == code)
            return &match->counties[i];
    return NULL;
}

/* Note the outcome; `county` is NULL when it was taken out meanwhile. The lock is held. */
static void
match_note(struct match *match, struct match_county *county, enum match_outcome outcome,
           int64_t notified_ms, const struct match_done *done, int64_t began_ms)
{
    int64_t now = clock_mono_ms();

    match->counts.failures += outcome == MATCH_FAILED;
    match->counts.months += done->months;
    match->counts.touched += done->touched;
    match->counts.events += (uint64_t)done->events;
    match->counts.dropped_submissions += done->dropped.submissions;
    match->counts.dropped_rows += done->dropped.rows;
    if (done->months > 0)
        match->counts.milliseconds += (uint64_t)(now - began_ms);
    if (county == NULL)
        return;
    county->running = false;
    switch (outcome) {
    case MATCH_JUDGED:
        county->failures = 0;
        county->not_before_ms = 0;
        /* What was notified meanwhile needs another look. */
        county->pending = county->last_ms > notified_ms;
        county->first_ms = county->pending ? county->last_ms : now;
        county->last_ms = county->pending ? county->last_ms : now;
        break;
    case MATCH_HALF_IN:
        county->pending = true;
        county->not_before_ms = now + MATCH_OPEN_MS;
        break;
    case MATCH_FAILED:
        county->pending = true;
        county->not_before_ms =
            now + (county->failures < 6 ? MATCH_RETRY_MS << county->failures : MATCH_RETRY_MAX_MS);
        county->failures++;
        break;
    }
}

static void
match_log(uint32_t county, enum match_outcome outcome, const struct match_done *done, int64_t ms,
          const struct err *err)
{
    if (done->dropped.submissions > 0)
        log_event(LOG_NOTICE, "rows-dropped",
                  "county=%" PRIu32 " submissions=%" PRIu64 " rows=%" PRIu64, county,
                  done->dropped.submissions, done->dropped.rows);
    if (outcome == MATCH_FAILED)
        log_err(LOG_ERROR, "judge-failed", err);
    else if (done->months > 0 || done->events > 0)
        log_event(LOG_INFO, "judged",
                  "county=%" PRIu32 " months=%" PRIu64 " touched=%" PRIu64
                  " whole=%s events=%" PRId64 " ms=%" PRId64,
                  county, done->months, done->touched, done->why != NULL ? done->why : "-",
                  done->events, ms);
}

/* One turn for one county; called and left with the lock held. */
static void
match_turn(struct match_worker *worker, struct match_county *county, int64_t now)
{
    struct match *match = worker->match;
    struct match_basis *basis = match->basis;
    bool waited_enough = now - county->first_ms >= basis->config->judge_max_wait_ms;
    int64_t notified_ms = county->last_ms;
    uint32_t code = county->code;
    size_t index = county->index;
    struct match_done done = {0};
    struct err err;
    enum match_outcome outcome;

    basis->users++;
    county->running = true;
    if (!county->pending)
        county->first_ms = now; /* the check of every minute */
    pthread_mutex_unlock(&match->lock);
    outcome = match_work(worker, basis->setup, index, waited_enough, &done, &err);
    if (outcome == MATCH_FAILED && worker->store != NULL && store_lost(worker->store)) {
        match_set_store(worker, NULL);
        pthread_mutex_lock(&match->lock);
        match->counts.store_losses++;
        pthread_mutex_unlock(&match->lock);
    }
    if (!atomic_load(&match->stopping))
        match_log(code, outcome, &done, clock_mono_ms() - now, &err);
    pthread_mutex_lock(&match->lock);
    match_basis_leave(basis);
    match_note(match, match_find(match, code), outcome, notified_ms, &done, now);
    pthread_cond_broadcast(&match->wake);
    /* Under the lock, so that nobody is called who has just said match_listen(NULL). */
    if (done.events > 0 && match->published != NULL)
        match->published(match->published_context);
}

static void *
match_thread(void *argument)
{
    struct match_worker *worker = argument;
    struct match *match = worker->match;

    pthread_mutex_lock(&match->lock);
    while (!atomic_load(&match->stopping)) {
        int64_t now = clock_mono_ms(), next;
        struct match_county *county = match_pick(match, now, &next);

        if (county != NULL)
            match_turn(worker, county, now);
        else
            match_wait(match, next - now);
    }
    pthread_mutex_unlock(&match->lock);
    match_set_store(worker, NULL);
    return NULL;
}

/* --- the module --- */

/* List the counties of the configuration, to be judged all. One that is being judged was notified
   behind its beginning. */
static void
match_set_counties(struct match *match)
{
    const struct config *config = match->basis->config;
    struct match_county *counties = mem_zalloc(config->county_count * sizeof(*counties));

    for (size_t i = 0; i < config->county_count; i++) {
        const struct match_county *known = match_find(match, config->counties[i].code);
        int64_t now = clock_mono_ms();

        if (known != NULL && now <= known->last_ms)
            now = known->last_ms + 1;
        counties[i] = (struct match_county){
            .code = config->counties[i].code,
            .index = i,
            .pending = true,
            .running = known != NULL && known->running,
            .first_ms = now,
            .last_ms = now,
        };
    }
    free(match->counties);
    match->counties = counties;
    match->county_count = config->county_count;
}

/* The hub runs without a rule whose file cannot be used; the month report says so, too. */
static void
match_tell_broken(const struct match_setup *setup)
{
    for (size_t i = 0; i < setup->rules->count; i++) {
        const struct rule *rule = &setup->rules->list[i];

        if (rule->broken != NULL)
            log_event(LOG_ERROR, "rule-refused", "rule=%s file=%s:%s hint=mend the file and reload",
                      rule->id, rule->file, rule->broken);
    }
}

int
match_start(struct config *config, struct match **ret_match, struct err *err)
{
    AUTO(match_setup_free) struct match_setup *setup = NULL;
    pthread_condattr_t clock;
    struct match *match;

    if (match_setup_load(config, false, &setup, err) < 0)
        return -1;
    match_tell_broken(setup);
    match = mem_zalloc(sizeof(*match));
    pthread_mutex_init(&match->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&match->wake, &clock);
    pthread_condattr_destroy(&clock);
    match->basis = match_basis_new(config, STEAL(setup));
    match_set_counties(match);
    match->worker_count = (size_t)config->judge_workers;
    match->workers = mem_zalloc(match->worker_count * sizeof(*match->workers));
    for (size_t i = 0; i < match->worker_count; i++) {
        match->workers[i].match = match;
        if (pthread_create(&match->workers[i].thread, NULL, match_thread, &match->workers[i]) !=
            0) {
            match->worker_count = i;
            match_stop(match);
            return err_set(err, ERR_SYSTEM, "cannot start a thread for judging");
        }
    }
    *ret_match = match;
    return 0;
}

void
match_notify(struct match *match, uint32_t county)
{
    struct match_county *one;
    int64_t now = clock_mono_ms();

    pthread_mutex_lock(&match->lock);
    one = match_find(match, county);
    if (one != NULL) {
        if (!one->pending)
            one->first_ms = now;
        one->pending = true;
        /* A turn that is running must see that this came after it began. */
        one->last_ms = now > one->last_ms ? now : one->last_ms + 1;
    }
    pthread_cond_broadcast(&match->wake);
    pthread_mutex_unlock(&match->lock);
}

void
match_listen(struct match *match, void (*published)(void *context), void *context)
{
    pthread_mutex_lock(&match->lock);
    match->published = published;
    match->published_context = context;
    pthread_mutex_unlock(&match->lock);
}

int
match_reload(struct match *match, struct config *config, struct err *err)
{
    AUTO(match_setup_free) struct match_setup *setup = NULL;

    if (match_setup_load(config, true, &setup, err) < 0)
        return -1;
    pthread_mutex_lock(&match->lock);
    match_basis_leave(match->basis);
    match->basis = match_basis_new(config, STEAL(setup));
    match_set_counties(match);
    pthread_cond_broadcast(&match->wake);
    pthread_mutex_unlock(&match->lock);
    return 0;
}

/* Wait for a worker to end. A cancel that comes between two statements ends neither, so it is
   repeated. */
static void
match_end(struct match *match, struct match_worker *worker)
{
    struct timespec until;

    do {
        pthread_mutex_lock(&match->lock);
        if (worker->store != NULL)
            store_cancel(worker->store);
        pthread_mutex_unlock(&match->lock);
        (void)clock_gettime(CLOCK_REALTIME, &until); /* pthread_timedjoin_np knows no other clock */
        until.tv_nsec += MATCH_CANCEL_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
    } while (pthread_timedjoin_np(worker->thread, NULL, &until) == ETIMEDOUT);
}

void
match_stop(struct match *match)
{
    if (match == NULL)
        return;
    pthread_mutex_lock(&match->lock);
    atomic_store(&match->stopping, true);
    pthread_cond_broadcast(&match->wake);
    pthread_mutex_unlock(&match->lock);
    for (size_t i = 0; i < match->worker_count; i++)
        match_end(match, &match->workers[i]);
    free(match->workers);
    free(match->counties);
    match_basis_leave(match->basis);
    pthread_cond_destroy(&match->wake);
    pthread_mutex_destroy(&match->lock);
    free(match);
}

void
match_counts(struct match *match, struct match_counts *ret_counts)
{
    pthread_mutex_lock(&match->lock);
    *ret_counts = match->counts;
    pthread_mutex_unlock(&match->lock);
}

int
match_check(const struct config *config, struct buf *problems, struct err *err)
{
    AUTO(match_setup_free) struct match_setup *setup = NULL;

    return match_setup_read(config, &setup, problems, err);
}

int
match_quality(const struct config *config, uint32_t county, int32_t month, const char *sector,
              struct store_result **ret_result, struct err *err)
{
    AUTO(match_setup_free) struct match_setup *setup = NULL;
    AUTO(store_close) struct store *store = NULL;
    AUTO(content_book_free) struct content_book *book = NULL;
    struct judge judge;
    size_t index = 0;
    int result;

    while (index < config->county_count && config->counties[index].code != county)
        index++;
    if (index == config->county_count)
        return err_set(err, ERR_INPUT, "county %" PRIu32 " is none of this hub's", county);
    if (match_setup_load(config, false, &setup, err) < 0 || match_connect(config, &store, err) < 0)
        return -1;
    match_setup_judge(setup, index, NULL, &judge);
    if (store_begin(store, err) < 0)
        return -1;
    result = judge_load(store, county, &book, err) < 0
                 ? -1
                 : quality_report(store, &judge, book, month, sector, ret_result, err);
    store_rollback(store);
    return result;
}

int
match_try(const struct config *config, struct buf *problems, size_t *ret_refused, struct err *err)
{
    AUTO(match_setup_free) struct match_setup *setup = NULL;
    AUTO(store_close) struct store *store = NULL;
    struct judge judge;
    size_t refused = 0;

    if (match_setup_load(config, false, &setup, err) < 0)
        return -1;
    for (size_t i = 0; i < setup->rules->count; i++) {
        const struct rule *rule = &setup->rules->list[i];

        if (rule->broken == NULL)
            continue;
        buf_add_fmt(problems, "%s:%s\n", rule->file, rule->broken);
        refused++;
    }
    match_setup_judge(setup, 0, NULL, &judge);
    if (match_connect(config, &store, err) < 0 ||
        trial_run(store, &judge, config->judge_statement_timeout_ms, problems, ret_refused, err) <
            0)
        return -1;
    *ret_refused += refused;
    return 0;
}

int
match_judge(const struct config *config, uint32_t county, int32_t month, bool full, struct err *err)
{
    AUTO(match_setup_free) struct match_setup *setup = NULL;
    AUTO(store_close) struct store *store = NULL;
    size_t judged = 0;

    if (match_setup_load(config, false, &setup, err) < 0 || match_connect(config, &store, err) < 0)
        return -1;
    for (size_t i = 0; i < config->county_count; i++) {
        struct match_done done = {0};

        if (county != 0 && config->counties[i].code != county)
            continue;
        if (match_run(store, setup, i, NULL, (struct match_order){month, full}, &done, err) < 0) {
            if (county == 0 && err->code == ERR_MISSING)
                continue;
            return -1;
        }
        judged++;
    }
    if (judged == 0)
        return err_set(err, ERR_MISSING, "there is nothing to judge in that month");
    return 0;
}
