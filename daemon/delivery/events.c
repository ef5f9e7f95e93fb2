#include "delivery/events.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "delivery/eventlog.h"
#include "delivery/publisher.h"
#include "store/store.h"

#define EVENTS_POLL_MS 1000
#define EVENTS_BACKOFF_MS 250 /* first wait before PostgreSQL is tried again; doubles */
#define EVENTS_BACKOFF_MAX_MS 10000
#define EVENTS_DRAIN_MS 1000

struct events {
    pthread_t thread;
    struct wire_socket *socket;
    int wake; /* eventfd */
    atomic_bool stopping, reloaded;
    pthread_mutex_t lock; /* of access, times and counts */
    const struct access *access;
    struct publisher_counts counts;
    int ping_seconds, dead_seconds;
    char *conninfo;

    /* The thread's own. */
    struct publisher *publisher;
    struct store *store; /* NULL while PostgreSQL is away */
    int64_t opened_ms, retry_ms, backoff_ms, polled_ms;
};

static char *
events_allow(void *context, const char *user, const struct subscription_channel *channel)
{
    struct events *events = context;
    const char *name;
    char *copy;

    (void)pthread_mutex_lock(&events->lock);
    name = access_subscriber(events->access, user, channel->county, channel->route);
    copy = name == NULL ? NULL : mem_strdup(name);
    (void)pthread_mutex_unlock(&events->lock);
    return copy;
}

/* Give up a connection that failed, or never came. The waits grow until one has lasted. */
static void
events_disconnect(struct events *events)
{
    int64_t now = clock_mono_ms();

    if (events->store != NULL && now - events->opened_ms > EVENTS_BACKOFF_MAX_MS)
        events->backoff_ms = EVENTS_BACKOFF_MS;
    store_close(STEAL(events->store));
    events->retry_ms = now + events->backoff_ms;
    if (events->backoff_ms < EVENTS_BACKOFF_MAX_MS)
        events->backoff_ms *= 2;
}

/* Bring the publisher a connection when it has none and the wait is over. */
static void
events_connect(struct events *events)
{
    uint8_t epoch[FRAME_EPOCH_BYTES];
    struct err err;

    if (events->store != NULL && !publisher_has_store(events->publisher))
        events_disconnect(events);
    if (events->store != NULL || clock_mono_ms() < events->retry_ms)
        return;
    events->opened_ms = clock_mono_ms();
    if (store_open(events->conninfo, "qianshaod-events", &events->store, &err) == 0 &&
        eventlog_epoch(events->store, epoch, &err) == 0) {
        publisher_use_store(events->publisher, events->store, epoch);
        log_event(LOG_INFO, "event-store-open", "%s", "");
        return;
    }
    log_err(LOG_WARN, "event-store-away", &err);
    events_disconnect(events);
}

/* Look for deadlines that passed, another access list, new events in the outbox. */
static void
events_look(struct events *events, bool woken)
{
    int64_t now = clock_mono_ms();

    if (atomic_exchange(&events->reloaded, false)) {
        (void)pthread_mutex_lock(&events->lock);
        publisher_set_times(events->publisher, events->ping_seconds, events->dead_seconds);
        (void)pthread_mutex_unlock(&events->lock);
        publisher_check_access(events->publisher);
    }
    if (woken || now - events->polled_ms >= EVENTS_POLL_MS) {
        events->polled_ms = now;
        publisher_look(events->publisher);
    }
}

static void
events_step(struct events *events, int timeout_ms)
{
    bool ready[2];
    uint64_t count;

    wire_wait(&events->socket, 1, &events->wake, 1, timeout_ms, ready);
    if (ready[1] && read(events->wake, &count, sizeof(count)) < 0)
        assert(errno == EAGAIN || errno == EINTR);
    events_connect(events);
    publisher_receive(events->publisher);
    events_look(events, ready[1]);
    publisher_ping(events->publisher);
    publisher_work(events->publisher, !atomic_load(&events->stopping));
    (void)pthread_mutex_lock(&events->lock);
    events->counts = *publisher_counts(events->publisher);
    (void)pthread_mutex_unlock(&events->lock);
}

/* Say goodbye and take the acknowledgements that are on their way. */
static void
events_drain(struct events *events)
{
    int64_t end = clock_mono_ms() + EVENTS_DRAIN_MS;

    publisher_drain(events->publisher);
    while (publisher_counts(events->publisher)->subscribers > 0 && clock_mono_ms() < end)
        events_step(events, 20);
}

static void *
events_main(void *context)
{
    struct events *events = context;

    while (!atomic_load(&events->stopping))
        events_step(events, publisher_timeout_ms(events->publisher));
    events_drain(events);
    return NULL;
}

/* Signals are for the main thread. */
static int
events_spawn(struct events *events)
{
    sigset_t all, before;
    int result;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    result = pthread_create(&events->thread, NULL, events_main, events);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

static void
events_free(struct events *events)
{
    if (events == NULL)
        return;
    publisher_free(events->publisher);
    store_close(events->store);
    wire_close(events->socket);
    if (events->wake >= 0)
        (void)close(events->wake);
    (void)pthread_mutex_destroy(&events->lock);
    free(events->conninfo);
    free(events);
}
AUTO_DEFINE(struct events, events_free)

int
events_start(struct wire *wire, const struct events_settings *settings, const struct access *access,
             struct events **ret_events, struct err *err)
{
    AUTO(events_free) struct events *events = mem_zalloc(sizeof(*events));
    struct publisher_options options = {
        .ping_seconds = settings->ping_seconds,
        .dead_seconds = settings->dead_seconds,
        .allow = events_allow,
        .context = events,
    };
    int result;

    events->access = access;
    events->conninfo = mem_strdup(settings->conninfo);
    events->backoff_ms = EVENTS_BACKOFF_MS;
    (void)pthread_mutex_init(&events->lock, NULL);
    events->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (events->wake < 0)
        return err_set(err, ERR_SYSTEM, "cannot make an eventfd: %s", strerror(errno));
    if (wire_bind(wire, settings->endpoint, "events", settings->secret_key, &events->socket, err) !=
        0)
        return -1;
    options.socket = events->socket;
    events->publisher = publisher_new(&options);
    result = events_spawn(events);
    if (result != 0)
        return err_set(err, ERR_SYSTEM, "cannot start a thread: %s", strerror(result));
    *ret_events = STEAL(events);
    return 0;
}

const char *
events_endpoint(const struct events *events)
{
    return wire_endpoint(events->socket);
}

void
events_notify(struct events *events)
{
    const uint64_t one = 1;

    if (write(events->wake, &one, sizeof(one)) < 0)
        assert(errno == EAGAIN || errno == EINTR);
}

void
events_reload(struct events *events, const struct access *access, int ping_seconds,
              int dead_seconds)
{
    (void)pthread_mutex_lock(&events->lock);
    events->access = access;
    events->ping_seconds = ping_seconds;
    events->dead_seconds = dead_seconds;
    (void)pthread_mutex_unlock(&events->lock);
    atomic_store(&events->reloaded, true);
    events_notify(events);
}

void
events_stop(struct events *events)
{
    if (events == NULL)
        return;
    atomic_store(&events->stopping, true);
    events_notify(events);
    (void)pthread_join(events->thread, NULL);
    events_free(events);
}

void
events_counts(struct events *events, struct publisher_counts *ret_counts)
{
    (void)pthread_mutex_lock(&events->lock);
    *ret_counts = events->counts;
    (void)pthread_mutex_unlock(&events->lock);
}
