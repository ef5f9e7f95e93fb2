#include "county/scheduler.h"

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
#include "county/county.h"
#include "county/basis.h"
#include "judge/quality.h"
#include "month/book.h"
#include "month/month.h"
#include "judge/trial.h"

#define SCHEDULER_CHECK_MS 60000 /* every county is looked at this often */
#define SCHEDULER_OPEN_MS 200    /* a submission that is half in is asked for this often */
#define SCHEDULER_CANCEL_MS 100  /* while the module stops, whatever runs is cancelled this often */
#define SCHEDULER_RETRY_MS 500   /* after a failure, doubled up to the most */
#define SCHEDULER_RETRY_MAX_MS 30000

/*
 * The basis that counties are judged by; a thread that judges holds it, and a reload puts another
 * in its place.
 */
struct scheduler_basis {
    struct config *config; /* held */
    struct basis *setup;
    int users; /* guarded by the lock */
};

/* A county and what is known of the need to judge it. */
struct scheduler_county {
    uint32_t code;
    size_t index; /* in the configuration */
    bool pending, running;
    int64_t first_ms, last_ms; /* of the notifications since it was judged */
    int64_t not_before_ms;     /* after a failure, or while a submission is half in */
    int failures;
};

struct scheduler_worker {
    struct scheduler *scheduler;
    pthread_t thread;
    struct store *store; /* of this thread; the lock guards the pointer for scheduler_stop */
};

struct scheduler {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool stopping;
    struct scheduler_basis *basis;
    struct scheduler_county *counties;
    size_t county_count;
    struct scheduler_worker *workers;
    size_t worker_count;
    void (*published)(void *context);
    void *published_context;
    struct scheduler_counts counts;
};

/* --- the basis --- */

static struct scheduler_basis *
scheduler_basis_new(struct config *config, struct basis *setup)
{
    struct scheduler_basis *basis = mem_zalloc(sizeof(*basis));

    *basis = (struct scheduler_basis){config_hold(config), setup, 1};
    return basis;
}

/* One user less; the lock is held. */
static void
scheduler_basis_leave(struct scheduler_basis *basis)
{
    if (--basis->users > 0)
        return;
    basis_free(basis->setup);
    config_free(basis->config);
    free(basis);
}

/* --- threads --- */

static int64_t
scheduler_due_ms(const struct scheduler *scheduler, const struct scheduler_county *county)
{
    const struct config *config = scheduler->basis->config;
    int64_t quiet = county->last_ms + config->judge_quiet_ms;
    int64_t most = county->first_ms + config->judge_max_wait_ms;
    int64_t due = quiet < most ? quiet : most;

    return due > county->not_before_ms ? due : county->not_before_ms;
}

/* The county whose turn it is; NULL, and when to look again, when there is none. */
static struct scheduler_county *
scheduler_pick(struct scheduler *scheduler, int64_t now, int64_t *ret_next)
{
    struct scheduler_county *best = NULL;

    *ret_next = now + SCHEDULER_CHECK_MS;
    for (size_t i = 0; i < scheduler->county_count; i++) {
        struct scheduler_county *county = &scheduler->counties[i];
        int64_t due;

        if (county->running)
            continue;
        due = county->pending ? scheduler_due_ms(scheduler, county)
                              : county->last_ms + SCHEDULER_CHECK_MS;
        if (due > now)
            *ret_next = due < *ret_next ? due : *ret_next;
        else if (best == NULL || county->last_ms < best->last_ms)
            best = county;
    }
    return best;
}

static void
scheduler_wait(struct scheduler *scheduler, int64_t ms)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_cond_timedwait(&scheduler->wake, &scheduler->lock, &until);
}

static void
scheduler_set_store(struct scheduler_worker *worker, struct store *store)
{
    struct store *old;

    pthread_mutex_lock(&worker->scheduler->lock);
    old = worker->store;
    worker->store = store;
    pthread_mutex_unlock(&worker->scheduler->lock);
    store_close(old);
}

/* The outcome of one turn. */
enum scheduler_outcome { SCHEDULER_JUDGED, SCHEDULER_HALF_IN, SCHEDULER_FAILED };

static enum scheduler_outcome
scheduler_work(struct scheduler_worker *worker, const struct basis *setup, size_t index,
               bool waited_enough, struct county_done *done, struct err *err)
{
    uint32_t code = setup->config->counties[index].code;
    bool half = false;

    if (worker->store == NULL) {
        struct store *store;

        if (county_connect(setup->config, &store, err) < 0)
            return SCHEDULER_FAILED;
        scheduler_set_store(worker, store);
    }
    if (!waited_enough && county_half_in(worker->store, code, &half, err) < 0)
        return SCHEDULER_FAILED;
    if (half)
        return SCHEDULER_HALF_IN;
    return county_run(worker->store, setup, index, &worker->scheduler->stopping,
                      (struct county_order){0}, done, err) < 0
               ? SCHEDULER_FAILED
               : SCHEDULER_JUDGED;
}

/* A county of the present configuration, or NULL; the lock is held. */
static struct scheduler_county *
scheduler_find(struct scheduler *scheduler, uint32_t code)
{
    for (size_t i = 0; i < scheduler->county_count; i++)
        if (scheduler->counties[i].code == code)
            return &scheduler->counties[i];
    return NULL;
}

/* Note the outcome; `county` is NULL when it was taken out meanwhile. The lock is held. */
static void
scheduler_note(struct scheduler *scheduler, struct scheduler_county *county,
               enum scheduler_outcome outcome, int64_t notified_ms, const struct county_done *done,
               int64_t began_ms)
{
    int64_t now = clock_mono_ms();

    scheduler->counts.failures += outcome == SCHEDULER_FAILED;
    scheduler->counts.months += done->months;
    scheduler->counts.touched += done->touched;
    scheduler->counts.events += (uint64_t)done->events;
    scheduler->counts.dropped_submissions += done->dropped.submissions;
    scheduler->counts.dropped_rows += done->dropped.rows;
    if (done->months > 0)
        scheduler->counts.milliseconds += (uint64_t)(now - began_ms);
    if (county == NULL)
        return;
    county->running = false;
    switch (outcome) {
    case SCHEDULER_JUDGED:
        county->failures = 0;
        county->not_before_ms = 0;
        /* Submissions that were notified meanwhile need another look. */
        county->pending = county->last_ms > notified_ms;
        county->first_ms = county->pending ? county->last_ms : now;
        county->last_ms = county->pending ? county->last_ms : now;
        break;
    case SCHEDULER_HALF_IN:
        county->pending = true;
        county->not_before_ms = now + SCHEDULER_OPEN_MS;
        break;
    case SCHEDULER_FAILED:
        county->pending = true;
        county->not_before_ms = now + (county->failures < 6 ? SCHEDULER_RETRY_MS << county->failures
                                                            : SCHEDULER_RETRY_MAX_MS);
        county->failures++;
        break;
    }
}

static void
scheduler_log(uint32_t county, enum scheduler_outcome outcome, const struct county_done *done,
              int64_t ms, const struct err *err)
{
    if (done->dropped.submissions > 0)
        log_event(LOG_NOTICE, "rows-dropped",
                  "county=%" PRIu32 " submissions=%" PRIu64 " rows=%" PRIu64, county,
                  done->dropped.submissions, done->dropped.rows);
    if (outcome == SCHEDULER_FAILED)
        log_err(LOG_ERROR, "judge-failed", err);
    else if (done->months > 0 || done->events > 0)
        log_event(LOG_INFO, "judged",
                  "county=%" PRIu32 " months=%" PRIu64 " touched=%" PRIu64
                  " full=%s events=%" PRId64 " ms=%" PRId64,
                  county, done->months, done->touched, done->why != NULL ? done->why : "-",
                  done->events, ms);
}

/* One turn for one county; called and left with the lock held. */
static void
scheduler_turn(struct scheduler_worker *worker, struct scheduler_county *county, int64_t now)
{
    struct scheduler *scheduler = worker->scheduler;
    struct scheduler_basis *basis = scheduler->basis;
    bool waited_enough = now - county->first_ms >= basis->config->judge_max_wait_ms;
    int64_t notified_ms = county->last_ms;
    uint32_t code = county->code;
    size_t index = county->index;
    struct county_done done = {0};
    struct err err;
    enum scheduler_outcome outcome;

    basis->users++;
    county->running = true;
    if (!county->pending)
        county->first_ms = now; /* the check of every minute */
    pthread_mutex_unlock(&scheduler->lock);
    outcome = scheduler_work(worker, basis->setup, index, waited_enough, &done, &err);
    if (outcome == SCHEDULER_FAILED && worker->store != NULL && store_lost(worker->store)) {
        scheduler_set_store(worker, NULL);
        pthread_mutex_lock(&scheduler->lock);
        scheduler->counts.store_losses++;
        pthread_mutex_unlock(&scheduler->lock);
    }
    if (!atomic_load(&scheduler->stopping))
        scheduler_log(code, outcome, &done, clock_mono_ms() - now, &err);
    pthread_mutex_lock(&scheduler->lock);
    scheduler_basis_leave(basis);
    scheduler_note(scheduler, scheduler_find(scheduler, code), outcome, notified_ms, &done, now);
    pthread_cond_broadcast(&scheduler->wake);
    /* Under the lock, so that no listener is called after scheduler_listen(NULL) has returned. */
    if (done.events > 0 && scheduler->published != NULL)
        scheduler->published(scheduler->published_context);
}

static void *
scheduler_thread(void *argument)
{
    struct scheduler_worker *worker = argument;
    struct scheduler *scheduler = worker->scheduler;

    pthread_mutex_lock(&scheduler->lock);
    while (!atomic_load(&scheduler->stopping)) {
        int64_t now = clock_mono_ms(), next;
        struct scheduler_county *county = scheduler_pick(scheduler, now, &next);

        if (county != NULL)
            scheduler_turn(worker, county, now);
        else
            scheduler_wait(scheduler, next - now);
    }
    pthread_mutex_unlock(&scheduler->lock);
    scheduler_set_store(worker, NULL);
    return NULL;
}

/* --- the module --- */

/* List the counties of the configuration, to be judged all. One that is being judged was notified
   behind its beginning. */
static void
scheduler_set_counties(struct scheduler *scheduler)
{
    const struct config *config = scheduler->basis->config;
    struct scheduler_county *counties = mem_zalloc(config->county_count * sizeof(*counties));

    for (size_t i = 0; i < config->county_count; i++) {
        const struct scheduler_county *known = scheduler_find(scheduler, config->counties[i].code);
        int64_t now = clock_mono_ms();

        if (known != NULL && now <= known->last_ms)
            now = known->last_ms + 1;
        counties[i] = (struct scheduler_county){
            .code = config->counties[i].code,
            .index = i,
            .pending = true,
            .running = known != NULL && known->running,
            .first_ms = now,
            .last_ms = now,
        };
    }
    free(scheduler->counties);
    scheduler->counties = counties;
    scheduler->county_count = config->county_count;
}

/* The hub runs without a rule whose file cannot be used; the month report says so, too. */
static void
scheduler_tell_broken(const struct basis *setup)
{
    for (size_t i = 0; i < setup->rules->count; i++) {
        const struct rule *rule = &setup->rules->list[i];

        if (rule->broken != NULL)
            log_event(LOG_ERROR, "rule-refused", "rule=%s file=%s:%s hint=mend the file and reload",
                      rule->id, rule->file, rule->broken);
    }
}

int
scheduler_start(struct config *config, struct scheduler **ret_match, struct err *err)
{
    AUTO(basis_free) struct basis *setup = NULL;
    pthread_condattr_t clock;
    struct scheduler *scheduler;

    if (basis_load(config, false, &setup, err) < 0)
        return -1;
    scheduler_tell_broken(setup);
    scheduler = mem_zalloc(sizeof(*scheduler));
    pthread_mutex_init(&scheduler->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&scheduler->wake, &clock);
    pthread_condattr_destroy(&clock);
    scheduler->basis = scheduler_basis_new(config, STEAL(setup));
    scheduler_set_counties(scheduler);
    scheduler->worker_count = (size_t)config->judge_workers;
    scheduler->workers = mem_zalloc(scheduler->worker_count * sizeof(*scheduler->workers));
    for (size_t i = 0; i < scheduler->worker_count; i++) {
        scheduler->workers[i].scheduler = scheduler;
        if (pthread_create(&scheduler->workers[i].thread, NULL, scheduler_thread,
                           &scheduler->workers[i]) != 0) {
            scheduler->worker_count = i;
            scheduler_stop(scheduler);
            return err_set(err, ERR_SYSTEM, "cannot start a thread for judging");
        }
    }
    *ret_match = scheduler;
    return 0;
}

void
scheduler_notify(struct scheduler *scheduler, uint32_t county)
{
    struct scheduler_county *one;
    int64_t now = clock_mono_ms();

    pthread_mutex_lock(&scheduler->lock);
    one = scheduler_find(scheduler, county);
    if (one != NULL) {
        if (!one->pending)
            one->first_ms = now;
        one->pending = true;
        /* A turn that is running must see that this came after it began. */
        one->last_ms = now > one->last_ms ? now : one->last_ms + 1;
    }
    pthread_cond_broadcast(&scheduler->wake);
    pthread_mutex_unlock(&scheduler->lock);
}

void
scheduler_listen(struct scheduler *scheduler, void (*published)(void *context), void *context)
{
    pthread_mutex_lock(&scheduler->lock);
    scheduler->published = published;
    scheduler->published_context = context;
    pthread_mutex_unlock(&scheduler->lock);
}

int
scheduler_reload(struct scheduler *scheduler, struct config *config, struct err *err)
{
    AUTO(basis_free) struct basis *setup = NULL;

    if (basis_load(config, true, &setup, err) < 0)
        return -1;
    pthread_mutex_lock(&scheduler->lock);
    scheduler_basis_leave(scheduler->basis);
    scheduler->basis = scheduler_basis_new(config, STEAL(setup));
    scheduler_set_counties(scheduler);
    pthread_cond_broadcast(&scheduler->wake);
    pthread_mutex_unlock(&scheduler->lock);
    return 0;
}

/* Wait for a worker to end. A cancel that comes between two statements ends neither, so it is
   repeated. */
static void
scheduler_end(struct scheduler *scheduler, struct scheduler_worker *worker)
{
    struct timespec until;

    do {
        pthread_mutex_lock(&scheduler->lock);
        if (worker->store != NULL)
            store_cancel(worker->store);
        pthread_mutex_unlock(&scheduler->lock);
        (void)clock_gettime(CLOCK_REALTIME, &until); /* pthread_timedjoin_np knows no other clock */
        until.tv_nsec += SCHEDULER_CANCEL_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
    } while (pthread_timedjoin_np(worker->thread, NULL, &until) == ETIMEDOUT);
}

void
scheduler_stop(struct scheduler *scheduler)
{
    if (scheduler == NULL)
        return;
    pthread_mutex_lock(&scheduler->lock);
    atomic_store(&scheduler->stopping, true);
    pthread_cond_broadcast(&scheduler->wake);
    pthread_mutex_unlock(&scheduler->lock);
    for (size_t i = 0; i < scheduler->worker_count; i++)
        scheduler_end(scheduler, &scheduler->workers[i]);
    free(scheduler->workers);
    free(scheduler->counties);
    scheduler_basis_leave(scheduler->basis);
    pthread_cond_destroy(&scheduler->wake);
    pthread_mutex_destroy(&scheduler->lock);
    free(scheduler);
}

void
scheduler_counts(struct scheduler *scheduler, struct scheduler_counts *ret_counts)
{
    pthread_mutex_lock(&scheduler->lock);
    *ret_counts = scheduler->counts;
    pthread_mutex_unlock(&scheduler->lock);
}

int
scheduler_check(const struct config *config, struct buf *problems, struct err *err)
{
    AUTO(basis_free) struct basis *setup = NULL;

    return basis_read(config, &setup, problems, err);
}

int
scheduler_quality(const struct config *config, uint32_t county, int32_t month, const char *sector,
                  struct store_result **ret_result, struct err *err)
{
    AUTO(basis_free) struct basis *setup = NULL;
    AUTO(store_close) struct store *store = NULL;
    AUTO(content_book_free) struct content_book *book = NULL;
    struct judge judge;
    size_t index = 0;
    int result;

    while (index < config->county_count && config->counties[index].code != county)
        index++;
    if (index == config->county_count)
        return err_set(err, ERR_INPUT, "county %" PRIu32 " is none of this hub's", county);
    if (basis_load(config, false, &setup, err) < 0 || county_connect(config, &store, err) < 0)
        return -1;
    basis_judge(setup, index, NULL, &judge);
    if (store_begin(store, err) < 0)
        return -1;
    result = book_load(store, county, &book, err);
    if (result == 0) {
        AUTO_MONTH struct month reads = {0};

        month_open(book, county, month, &reads);
        result = quality_report(store, &judge, &reads, sector, ret_result, err);
    }
    store_rollback(store);
    return result;
}

int
scheduler_try(const struct config *config, struct buf *problems, size_t *ret_refused,
              struct err *err)
{
    AUTO(basis_free) struct basis *setup = NULL;
    AUTO(store_close) struct store *store = NULL;
    struct judge judge;
    size_t refused = 0;

    if (basis_load(config, false, &setup, err) < 0)
        return -1;
    for (size_t i = 0; i < setup->rules->count; i++) {
        const struct rule *rule = &setup->rules->list[i];

        if (rule->broken == NULL)
            continue;
        buf_add_fmt(problems, "%s:%s\n", rule->file, rule->broken);
        refused++;
    }
    basis_judge(setup, 0, NULL, &judge);
    if (county_connect(config, &store, err) < 0 ||
        trial_run(store, &judge, config->judge_statement_timeout_ms, problems, ret_refused, err) <
            0)
        return -1;
    *ret_refused += refused;
    return 0;
}

int
scheduler_judge(const struct config *config, uint32_t county, int32_t month, bool full,
                struct err *err)
{
    AUTO(basis_free) struct basis *setup = NULL;
    AUTO(store_close) struct store *store = NULL;
    size_t judged = 0;

    if (basis_load(config, false, &setup, err) < 0 || county_connect(config, &store, err) < 0)
        return -1;
    for (size_t i = 0; i < config->county_count; i++) {
        struct county_done done = {0};

        if (county != 0 && config->counties[i].code != county)
            continue;
        if (county_run(store, setup, i, NULL, (struct county_order){month, full}, &done, err) < 0) {
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
