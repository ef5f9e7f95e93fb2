#include "match.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "cases.h"
#include "content.h"
#include "judge.h"
#include "profile.h"
#include "rules.h"
#include "secret.h"
#include "store.h"
#include "wide.h"

#define MATCH_LOCK 0x5153    /* advisory locks of the database: this, and the county */
#define MATCH_CHECK_MS 60000 /* every county is looked at this often */
#define MATCH_OPEN_MS 200    /* a submission that is half in is asked for this often */
#define MATCH_RETRY_MS 500   /* after a failure, doubled up to the most */
#define MATCH_RETRY_MAX_MS 30000
#define MATCH_TEMP_BUFFERS 64 /* MiB for the wide rows of one connection */

/* Rules and profiles as one configuration gives them. Never changes. */
struct match_setup {
    const struct config *config;
    struct rules *rules;
    struct profile **profiles; /* by county */
    uint8_t key[DIGEST_BYTES];
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
    bool reloading; /* nobody begins another county */
    struct match_setup *setup;
    struct match_county *counties;
    size_t county_count;
    struct match_worker *workers;
    size_t worker_count;
    void (*published)(void *context);
    void *published_context;
    struct match_counts counts;
};

/* --- setup --- */

static void
match_setup_free(struct match_setup *setup)
{
    if (setup == NULL)
        return;
    for (size_t i = 0; setup->profiles != NULL && i < setup->config->county_count; i++)
        profile_free(setup->profiles[i]);
    free(setup->profiles);
    rules_free(setup->rules);
    free(setup);
}
AUTO_DEFINE(struct match_setup, match_setup_free)

static int
match_read_key(const char *path, uint8_t ret_key[DIGEST_BYTES], struct err *err)
{
    char secret[SECRET_MAX];

    if (secret_read(path, secret, err) < 0)
        return err_wrap(err, "cannot read the subject key");
    if (digest_unhex(secret, ret_key, DIGEST_BYTES) < 0) {
        (void)err_set(err, ERR_CONFIG, "the subject key is not 64 hexadecimal digits");
        return err_hint(err, "openssl rand -hex 32 makes one");
    }
    return 0;
}

/* Read everything; problems of all files are gathered before it fails. */
static int
match_setup_read(const struct config *config, struct match_setup **ret_setup, struct buf *problems,
                 struct err *err)
{
    AUTO(match_setup_free) struct match_setup *setup = mem_zalloc(sizeof(*setup));
    size_t wrong = 0;

    setup->config = config;
    setup->profiles = mem_zalloc(config->county_count * sizeof(struct profile *));
    if (match_read_key(config->store_subject_key_file, setup->key, err) < 0) {
        buf_add_fmt(problems, "%s: %s\n", config->store_subject_key_file, err->text);
        wrong++;
    }
    if (rules_load(config->rules_dir, &setup->rules, problems, err) < 0)
        return -1;
    for (size_t i = 0; i < config->county_count; i++) {
        const struct config_county *county = &config->counties[i];

        if (profile_load(config->profiles_dir, county->profile, setup->rules, &setup->profiles[i],
                         problems, err) < 0)
            wrong++;
    }
    if (wrong > 0)
        return err_set(err, ERR_CONFIG, "rules, profiles or the subject key cannot be used");
    *ret_setup = STEAL(setup);
    return 0;
}

/* As match_setup_read, but the first problem goes into the error. */
static int
match_setup_load(const struct config *config, struct match_setup **ret_setup, struct err *err)
{
    AUTO_BUF struct buf problems = {0};

    if (match_setup_read(config, ret_setup, &problems, err) == 0)
        return 0;
    if (problems.len > 0)
        (void)err_set(err, err->code, "%.*s", (int)strcspn(buf_str(&problems), "\n"),
                      buf_str(&problems));
    return err_hint(err, "--check names every problem");
}

int
match_check(const struct config *config, struct buf *problems, struct err *err)
{
    AUTO(match_setup_free) struct match_setup *setup = NULL;

    return match_setup_read(config, &setup, problems, err);
}

static void
match_fill_judge(const struct match_setup *setup, size_t index, const atomic_bool *stopping,
                 struct judge *ret_judge)
{
    *ret_judge = (struct judge){
        .county = setup->config->counties[index].code,
        .rules = setup->rules,
        .profile = setup->profiles[index],
        .stopping = stopping,
    };
    judge_set_key(ret_judge, setup->key);
}

/* --- one county --- */

static int
match_connect(const struct config *config, struct store **ret_store, struct err *err)
{
    AUTO(store_close) struct store *store = NULL;
    char sql[400];

    if (store_open(config->store_match_conninfo, "qianshao-match", &store, err) < 0)
        return -1;
    /* Plans here are long but simple; compiling them costs more than it gains. */
    (void)snprintf(sql, sizeof(sql),
                   "set jit = off; set work_mem = '%dMB'; set temp_buffers = '%dMB';"
                   " set statement_timeout = %d",
                   config->judge_work_mem_mib, MATCH_TEMP_BUFFERS,
                   config->judge_statement_timeout_ms);
    if (store_check_schema(store, err) < 0 || store_script(store, sql, err) < 0)
        return -1;
    *ret_store = STEAL(store);
    return 0;
}

/* What match.month keeps of a month. */
struct match_month {
    int32_t month;
    bool judged, settled;
    uint8_t input[DIGEST_BYTES], rows[DIGEST_BYTES];
};

static bool
match_copy_digest(struct store_result *rows, size_t row, int column,
                  uint8_t ret_digest[DIGEST_BYTES])
{
    size_t len;
    const uint8_t *bytes = store_bytes(rows, row, column, &len);

    if (len != DIGEST_BYTES)
        return false;
    memcpy(ret_digest, bytes, DIGEST_BYTES);
    return true;
}

static int
match_find_month(struct store *store, uint32_t county, int32_t month, struct match_month *ret_month,
                 struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;
    char first[11];

    *ret_month = (struct match_month){.month = month};
    clock_format_date(clock_month_first(month), first);
    const struct store_param params[] = {STORE_I(county), STORE_T(first)};
    if (store_run(store,
                  "select settled, input, rows from match.month where county = $1 and month = $2",
                  params, 2, &row, NULL, err) < 0)
        return err_wrap(err, "cannot read a judged month");
    if (store_rows(row) == 0)
        return 0;
    ret_month->settled = store_bool(row, 0, 0);
    ret_month->judged = match_copy_digest(row, 0, 1, ret_month->input) &&
                        match_copy_digest(row, 0, 2, ret_month->rows);
    return 0;
}

/*
 * Whether a month must be judged. Rules, profile and grants of today do not
 * reach back into settled months; and a month whose rows may have been dropped
 * meanwhile is never judged again by itself.
 */
static int
match_wants(struct store *store, const struct judge *judge, const struct config *config,
            const struct content_book *book, int32_t month, int32_t newest, bool *ret_wants,
            struct err *err)
{
    uint8_t input[DIGEST_BYTES], rows[DIGEST_BYTES];
    struct match_month known;

    if (match_find_month(store, judge->county, month, &known, err) < 0)
        return -1;
    judge_input(judge, book, month, input, rows);
    if (!known.judged)
        *ret_wants = true;
    else if (clock_month_between(month, newest) > config->store_retain_months - CONTENT_HISTORY - 2)
        *ret_wants = false;
    else if (known.settled)
        *ret_wants = memcmp(rows, known.rows, sizeof(rows)) != 0;
    else
        *ret_wants = memcmp(input, known.input, sizeof(input)) != 0;
    return 0;
}

/* Keep of the `*count` months those that must be judged. */
static int
match_choose(struct store *store, const struct judge *judge, const struct config *config,
             const struct content_book *book, int32_t forced, int32_t *months, size_t *count,
             struct err *err)
{
    size_t kept = 0;
    int32_t newest = *count > 0 ? months[*count - 1] : 0;

    for (size_t i = 0; i < *count; i++) {
        bool wants = months[i] == forced;

        if (!wants && match_wants(store, judge, config, book, months[i], newest, &wants, err) < 0)
            return -1;
        if (wants)
            months[kept++] = months[i];
    }
    *count = kept;
    return 0;
}

/* What one look at a county did. */
struct match_done {
    uint64_t months;
    int64_t events;
};

/* Note how many submissions this judging knew: one who waits sees by it that all are judged. */
static int
match_note_seen(struct store *store, uint32_t county, const struct content_book *book,
                struct err *err)
{
    const struct store_param params[] = {STORE_I(county), STORE_I(content_count(book))};

    return store_run(store,
                     "insert into match.county (county, due, seen) values ($1, false, $2)"
                     " on conflict (county) do update set seen = excluded.seen",
                     params, 2, NULL, NULL, err);
}

/* Settle, publish when something is due, and commit. */
static int
match_finish(struct store *store, const struct judge *judge, const struct content_book *book,
             struct match_done *done, struct err *err)
{
    int64_t events = 0;
    bool due;

    if (cases_settle(store, judge, book, clock_today(), err) < 0 ||
        cases_due(store, judge->county, &due, err) < 0 ||
        (due && cases_publish(store, judge, book, &events, err) < 0) ||
        match_note_seen(store, judge->county, book, err) < 0 || wide_drop(store, err) < 0)
        return -1;
    crash_here("match-before-commit");
    if (store_commit(store, err) < 0)
        return -1;
    crash_here("match-after-commit");
    done->events += events;
    return 0;
}

/* Judge the months, a transaction each; the last one also brings cases and events. */
static int
match_judge_months(struct store *store, const struct judge *judge, const struct content_book *book,
                   const int32_t *months, size_t count, struct match_done *done, struct err *err)
{
    if (count == 0)
        return store_begin(store, err) < 0 ? -1 : match_finish(store, judge, book, done, err);
    for (size_t i = 0; i < count; i++) {
        if (store_begin(store, err) < 0 || judge_month(store, judge, book, months[i], err) < 0)
            return -1;
        done->months++;
        if (i + 1 == count)
            return match_finish(store, judge, book, done, err);
        if (wide_drop(store, err) < 0 || store_commit(store, err) < 0)
            return -1;
    }
    return 0;
}

static bool
match_holds(const int32_t *months, size_t count, int32_t month)
{
    for (size_t i = 0; i < count; i++)
        if (months[i] == month)
            return true;
    return false;
}

/* Judge what a county needs, and `forced` when it is not 0; the caller holds the lock. */
static int
match_run_locked(struct store *store, const struct match_setup *setup, size_t index,
                 const atomic_bool *stopping, int32_t forced, struct match_done *done,
                 struct err *err)
{
    AUTO(content_book_free) struct content_book *book = NULL;
    int32_t *months;
    struct judge judge;
    size_t count;
    int result = 0;

    match_fill_judge(setup, index, stopping, &judge);
    if (judge_load(store, judge.county, &book, err) < 0)
        return -1;
    count = content_months(book, &months);
    if (forced != 0 && !match_holds(months, count, forced))
        result = err_set(err, ERR_MISSING,
                         "county %" PRIu32 " has no complete monthly submission of %" PRId32,
                         judge.county, forced);
    else if (count == 0)
        result = match_note_seen(store, judge.county, book, err);
    else
        result = match_choose(store, &judge, setup->config, book, forced, months, &count, err) < 0
                     ? -1
                     : match_judge_months(store, &judge, book, months, count, done, err);
    free(months);
    return result;
}

/* The same under the county's lock, which a lost connection frees by itself. */
static int
match_run(struct store *store, const struct match_setup *setup, size_t index,
          const atomic_bool *stopping, int32_t forced, struct match_done *done, struct err *err)
{
    const struct store_param params[] = {STORE_I(MATCH_LOCK),
                                         STORE_I(setup->config->counties[index].code)};
    struct err ignored;
    int result;

    if (store_run(store, "select pg_advisory_lock($1::integer, $2::integer)", params, 2, NULL, NULL,
                  err) < 0)
        return err_wrap(err, "cannot lock the county");
    result = match_run_locked(store, setup, index, stopping, forced, done, err);
    if (result < 0)
        store_rollback(store);
    if (!store_lost(store))
        (void)!store_run(store, "select pg_advisory_unlock($1::integer, $2::integer)", params, 2,
                         NULL, NULL, &ignored);
    return result;
}

/* Whether a submission of the county is half in. */
static int
match_half_in(struct store *store, uint32_t county, bool *ret_half, struct err *err)
{
    AUTO(store_result_free) struct store_result *row = NULL;

    if (store_run(store,
                  "select exists (select from ops.submission where county = $1"
                  " and state = 'open')",
                  &STORE_I(county), 1, &row, NULL, err) < 0)
        return err_wrap(err, "cannot ask for open submissions");
    *ret_half = store_bool(row, 0, 0);
    return 0;
}

/* --- threads --- */

static int64_t
match_due_ms(const struct match *match, const struct match_county *county)
{
    const struct config *config = match->setup->config;
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
    if (match->reloading)
        return NULL;
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
    return match_run(worker->store, setup, index, &worker->match->stopping, 0, done, err) < 0
               ? MATCH_FAILED
               : MATCH_JUDGED;
}

/* Note the outcome; the lock is held. */
static void
match_note(struct match *match, struct match_county *county, enum match_outcome outcome,
           int64_t notified_ms, const struct match_done *done, int64_t began_ms)
{
    int64_t now = clock_mono_ms();

    county->running = false;
    match->counts.months += done->months;
    match->counts.events += (uint64_t)done->events;
    if (done->months > 0)
        match->counts.milliseconds += (uint64_t)(now - began_ms);
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
        match->counts.failures++;
        county->pending = true;
        county->not_before_ms =
            now + (county->failures < 6 ? MATCH_RETRY_MS << county->failures : MATCH_RETRY_MAX_MS);
        county->failures++;
        break;
    }
}

static void
match_log(const struct match_county *county, enum match_outcome outcome,
          const struct match_done *done, int64_t ms, const struct err *err)
{
    if (outcome == MATCH_FAILED)
        log_err(LOG_ERROR, "judge-failed", err);
    else if (done->months > 0 || done->events > 0)
        log_event(LOG_INFO, "judged",
                  "county=%" PRIu32 " months=%" PRIu64 " events=%" PRId64 " ms=%" PRId64,
                  county->code, done->months, done->events, ms);
}

/* One turn for one county; called and left with the lock held. */
static void
match_turn(struct match_worker *worker, struct match_county *county, int64_t now)
{
    struct match *match = worker->match;
    const struct match_setup *setup = match->setup; /* a reload waits for us */
    bool waited_enough = now - county->first_ms >= setup->config->judge_max_wait_ms;
    int64_t notified_ms = county->last_ms;
    struct match_done done = {0};
    struct err err;
    enum match_outcome outcome;

    county->running = true;
    if (!county->pending)
        county->first_ms = now; /* the check of every minute */
    pthread_mutex_unlock(&match->lock);
    outcome = match_work(worker, setup, county->index, waited_enough, &done, &err);
    if (outcome == MATCH_FAILED && worker->store != NULL && store_lost(worker->store)) {
        match_set_store(worker, NULL);
        pthread_mutex_lock(&match->lock);
        match->counts.store_losses++;
        pthread_mutex_unlock(&match->lock);
    }
    if (!atomic_load(&match->stopping))
        match_log(county, outcome, &done, clock_mono_ms() - now, &err);
    pthread_mutex_lock(&match->lock);
    match_note(match, county, outcome, notified_ms, &done, now);
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

/* List the counties of a setup; those known before keep what they wait for. */
static void
match_set_counties(struct match *match, const struct match_setup *setup)
{
    const struct config *config = setup->config;
    struct match_county *counties = mem_zalloc(config->county_count * sizeof(*counties));
    int64_t now = clock_mono_ms();

    for (size_t i = 0; i < config->county_count; i++)
        counties[i] = (struct match_county){
            .code = config->counties[i].code,
            .index = i,
            .pending = true,
            .first_ms = now,
            .last_ms = now,
        };
    free(match->counties);
    match->counties = counties;
    match->county_count = config->county_count;
}

int
match_start(const struct config *config, struct match **ret_match, struct err *err)
{
    AUTO(match_setup_free) struct match_setup *setup = NULL;
    pthread_condattr_t clock;
    struct match *match;

    if (match_setup_load(config, &setup, err) < 0)
        return -1;
    match = mem_zalloc(sizeof(*match));
    pthread_mutex_init(&match->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&match->wake, &clock);
    pthread_condattr_destroy(&clock);
    match->setup = STEAL(setup);
    match_set_counties(match, match->setup);
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
    int64_t now = clock_mono_ms();

    pthread_mutex_lock(&match->lock);
    for (size_t i = 0; i < match->county_count; i++) {
        struct match_county *one = &match->counties[i];

        if (one->code != county)
            continue;
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

/* Whether nobody works on anything; the lock is held. */
static bool
match_idle(const struct match *match)
{
    for (size_t i = 0; i < match->county_count; i++)
        if (match->counties[i].running)
            return false;
    return true;
}

int
match_reload(struct match *match, const struct config *config, struct err *err)
{
    struct match_setup *setup = NULL, *old;

    if (match_setup_load(config, &setup, err) < 0)
        return -1;
    pthread_mutex_lock(&match->lock);
    /* The old configuration is the caller's to free once this returns. */
    match->reloading = true;
    while (!match_idle(match))
        match_wait(match, MATCH_OPEN_MS);
    match->reloading = false;
    old = match->setup;
    match->setup = setup;
    match_set_counties(match, setup);
    pthread_cond_broadcast(&match->wake);
    pthread_mutex_unlock(&match->lock);
    match_setup_free(old);
    return 0;
}

void
match_stop(struct match *match)
{
    if (match == NULL)
        return;
    pthread_mutex_lock(&match->lock);
    atomic_store(&match->stopping, true);
    for (size_t i = 0; i < match->worker_count; i++)
        if (match->workers[i].store != NULL)
            store_cancel(match->workers[i].store);
    pthread_cond_broadcast(&match->wake);
    pthread_mutex_unlock(&match->lock);
    for (size_t i = 0; i < match->worker_count; i++)
        (void)pthread_join(match->workers[i].thread, NULL);
    free(match->workers);
    free(match->counties);
    match_setup_free(match->setup);
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
match_judge(const struct config *config, uint32_t county, int32_t month, struct err *err)
{
    AUTO(match_setup_free) struct match_setup *setup = NULL;
    AUTO(store_close) struct store *store = NULL;
    size_t judged = 0;

    if (match_setup_load(config, &setup, err) < 0 || match_connect(config, &store, err) < 0)
        return -1;
    for (size_t i = 0; i < config->county_count; i++) {
        struct match_done done = {0};

        if (county != 0 && config->counties[i].code != county)
            continue;
        if (match_run(store, setup, i, NULL, month, &done, err) < 0) {
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
