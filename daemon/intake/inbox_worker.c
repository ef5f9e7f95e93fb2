#include "intake/inbox_worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000

static void
worker_put_store(struct worker *worker, struct store *store)
{
    pthread_mutex_lock(&worker->inbox->lock);
    struct store *old = worker->store;
    worker->store = store;
    pthread_mutex_unlock(&worker->inbox->lock);
    store_close(old);
}

struct timespec
worker_deadline(clockid_t clock, int ms)
{
    struct timespec at;

    clock_gettime(clock, &at);
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    at.tv_sec += ms / 1000 + at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

/* Wait before the next try, or until the inbox stops. */
static void
worker_back_off(struct worker *worker)
{
    struct inbox *inbox = worker->inbox;

    worker->backoff_ms = worker->backoff_ms == 0 ? BACKOFF_MIN_MS : worker->backoff_ms * 2;
    if (worker->backoff_ms > BACKOFF_MAX_MS)
        worker->backoff_ms = BACKOFF_MAX_MS;
    const struct timespec until = worker_deadline(CLOCK_MONOTONIC, worker->backoff_ms);
    pthread_mutex_lock(&inbox->lock);
    while (!inbox->stopping &&
           pthread_cond_timedwait(&inbox->changed, &inbox->lock, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&inbox->lock);
}

/* Note a lost connection. The first one in a row may be an old one's end: it is tried again at once. */
static bool
worker_lost(struct worker *worker)
{
    if (worker->store == NULL || !store_lost(worker->store))
        return false;
    worker_put_store(worker, NULL);
    pthread_mutex_lock(&worker->inbox->lock);
    worker->inbox->counts.store_losses++;
    pthread_mutex_unlock(&worker->inbox->lock);
    return worker->losses++ == 0;
}

void
worker_trouble(struct worker *worker, const struct err *err)
{
    char state[sizeof(worker->told)] = "";

    if (worker->store != NULL)
        (void)snprintf(state, sizeof(state), "%s", store_sqlstate(worker->store));
    if (worker_lost(worker))
        return;
    if (!worker->down ? worker->inbox->down++ == 0 : strcmp(state, worker->told) != 0)
        log_err(LOG_ERROR, "store-away", err);
    worker->down = true;
    memcpy(worker->told, state, sizeof(state));
    worker_back_off(worker);
}

void
worker_fine(struct worker *worker)
{
    worker->backoff_ms = 0;
    if (!worker->down)
        return;
    worker->down = false;
    if (--worker->inbox->down == 0)
        log_event(LOG_NOTICE, "store-back", "");
}

int
worker_connect(struct worker *worker, struct err *err)
{
    struct store *store;

    if (worker->store != NULL && !store_lost(worker->store))
        return 0;
    worker_put_store(worker, NULL);
    if (store_open(worker->inbox->conninfo, "qianshaod inbox", &store, err) < 0)
        return -1;
    /* A server that came back may have come back with other settings. */
    if (store_check_durable(store, err) < 0) {
        store_close(store);
        return -1;
    }
    worker_put_store(worker, store);
    return 0;
}
