/*
 * qianshaod — the hub. This file only wires: it reads the settings, checks the
 * database, starts the parts and hands signals to them.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/args.h"
#include "settings/access.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "intake/broker.h"
#include "settings/config.h"
#include "counts/counts.h"
#include "delivery/events.h"
#include "county/scheduler.h"
#include "record.h"
#include "roster/roster.h"
#include "base/secret.h"
#include "store/migrate.h"
#include "store/store.h"
#include "wire.h"

#define WAIT_SECONDS 1 /* between two looks for PostgreSQL at the start */

/* What the command line says. */
struct options {
    const char *config;
};

/* The access list of the moment; the ZAP thread reads it, too. */
struct gate {
    pthread_rwlock_t lock;
    struct access *access;
};

struct hub {
    const char *path; /* of the configuration */
    struct config *config;
    struct gate gate;
    struct wire *wire;
    struct broker *broker;
    struct events *events;
    struct scheduler *match;
    int signals;
};

/* ---- settings ---- */

static int
fail(const struct err *err, const struct buf *problems)
{
    if (problems->len > 0)
        (void)fwrite(problems->bytes, 1, problems->len, stderr);
    log_err(LOG_ERROR, "failed", err);
    return -1;
}

/* Whether this program knows the record types that are granted. */
static int
check_records(const struct access *access, struct buf *problems, struct err *err)
{
    const struct access_entry *entry;
    int unknown = 0;

    for (size_t i = 0; (entry = access_at(access, i)) != NULL; i++)
        for (size_t g = 0; g < entry->grant_count; g++)
            for (size_t r = 0; r < entry->grants[g].record_count; r++) {
                const char *type = entry->grants[g].records[r].type;

                if (record_find(type) != NULL)
                    continue;
                buf_add_fmt(problems, "access list, %s: record type %s is unknown\n", entry->name,
                            type);
                unknown++;
            }
    if (unknown > 0)
        return err_set(err, ERR_CONFIG, "%d record types of the access list are unknown", unknown);
    return 0;
}

static int
load_access(const struct config *config, struct access **ret_access, struct buf *problems,
            struct err *err)
{
    AUTO(access_free) struct access *access = NULL;

    if (access_load(config->access_file, &access, problems, err) < 0 ||
        check_records(access, problems, err) < 0)
        return -1;
    *ret_access = STEAL(access);
    return 0;
}

/* ---- the database ---- */

/* Check the database and bring the access list into it, so that whoever is told "ready" is known there.
   Returns 1 when it is as it must be, 0 when it cannot be reached, -1 when it must not be used. */
static int
open_store(const struct hub *hub, struct err *err)
{
    AUTO(store_close) struct store *store = NULL;
    AUTO(roster_free) struct roster *roster = roster_new(hub->gate.access);
    struct roster_changes changes;

    if (store_open(hub->config->store_conninfo, "qianshaod start", &store, err) < 0)
        return 0;
    if (store_check_durable(store, err) < 0 || store_check_quiet(store, err) < 0 ||
        migrate_check(store, err) < 0 ||
        roster_write(store, roster, clock_today(), &changes, err) < 0)
        return store_lost(store) ? 0 : -1;
    log_event(LOG_INFO, "roster-written", "begun=%" PRId64 " ended=%" PRId64, changes.begun,
              changes.ended);
    return 1;
}

static int
migrate(const struct config *config)
{
    const char *conninfo = config->store_admin_conninfo != NULL ? config->store_admin_conninfo
                                                                : config->store_conninfo;
    AUTO(store_close) struct store *store = NULL;
    struct err err;
    int applied;

    if (store_open(conninfo, "qianshaod migrate", &store, &err) < 0 ||
        migrate_run(store, &applied, &err) < 0)
        return fail(&err, &(struct buf){0});
    log_event(LOG_NOTICE, "migrated", "applied=%d", applied);
    return 0;
}

/* ---- signals ---- */

static int
open_signals(void)
{
    sigset_t wanted;

    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGHUP);
    sigaddset(&wanted, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &wanted, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The signal that came, or 0. */
static int
take_signal(int signals)
{
    struct signalfd_siginfo info;

    return read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info) ? (int)info.ssi_signo : 0;
}

/* ---- parts ---- */

static bool
gate_admit(void *context, const char *domain, const char *public_key)
{
    struct gate *gate = context;
    const struct access_entry *entry;
    bool admitted;

    pthread_rwlock_rdlock(&gate->lock);
    entry = access_find_key(gate->access, public_key);
    admitted =
        entry != NULL && ((entry->kind == ACCESS_ADAPTER && strcmp(domain, "feeds") == 0) ||
                          (entry->kind == ACCESS_SUBSCRIBER && strcmp(domain, "events") == 0));
    pthread_rwlock_unlock(&gate->lock);
    return admitted;
}

static void
on_ended(void *context, uint32_t county)
{
    const struct hub *hub = context;

    scheduler_notify(hub->match, county);
}

static void
on_published(void *context)
{
    events_notify(context);
}

static int
start_sessions(struct hub *hub, struct err *err)
{
    const struct config *config = hub->config;
    char secret[SECRET_MAX];
    const struct events_settings events = {
        .endpoint = config->events_endpoint,
        .secret_key = secret,
        .conninfo = config->store_conninfo,
        .ping_seconds = config->session_ping_seconds,
        .dead_seconds = config->session_dead_seconds,
    };
    const struct broker_settings feeds = {
        .endpoint = config->feeds_endpoint,
        .secret_key = secret,
        .inbox = {.conninfo = config->store_conninfo, .ended = on_ended, .context = hub},
        .ping_seconds = config->session_ping_seconds,
        .dead_seconds = config->session_dead_seconds,
        .batch_bytes = (uint32_t)config->limits_batch_bytes,
        .credit_bytes = (uint64_t)config->limits_credit_bytes,
    };
    int result = -1;

    if (secret_read(config->curve_secret_file, secret, err) == 0 &&
        events_start(hub->wire, &events, hub->gate.access, &hub->events, err) == 0)
        result = broker_start(hub->wire, &feeds, hub->gate.access, &hub->broker, err);
    explicit_bzero(secret, sizeof(secret));
    return result;
}

static int
start_parts(struct hub *hub, struct err *err)
{
    if (wire_start(gate_admit, &hub->gate, &hub->wire, err) < 0 ||
        scheduler_start(hub->config, &hub->match, err) < 0 || start_sessions(hub, err) < 0)
        return -1;
    scheduler_listen(hub->match, on_published, hub->events);
    log_event(LOG_NOTICE, "ready", "feeds=%s events=%s", broker_endpoint(hub->broker),
              events_endpoint(hub->events));
    return 0;
}

static void
stop_parts(struct hub *hub)
{
    broker_stop(hub->broker);
    if (hub->match != NULL)
        scheduler_listen(hub->match, NULL, NULL);
    scheduler_stop(hub->match);
    events_stop(hub->events);
    wire_stop(hub->wire);
}

/* ---- reload ---- */

static void
use_access(struct hub *hub, struct access *access)
{
    struct access *old = hub->gate.access;

    pthread_rwlock_wrlock(&hub->gate.lock);
    hub->gate.access = access;
    pthread_rwlock_unlock(&hub->gate.lock);
    broker_reload(hub->broker, access, hub->config->session_ping_seconds,
                  hub->config->session_dead_seconds);
    events_reload(hub->events, access, hub->config->session_ping_seconds,
                  hub->config->session_dead_seconds);
    access_free(old);
}

/* Whether a new configuration changes what is only read at the start. */
static bool
needs_restart(const struct config *old, const struct config *new)
{
    return strcmp(old->feeds_endpoint, new->feeds_endpoint) != 0 ||
           strcmp(old->events_endpoint, new->events_endpoint) != 0 ||
           strcmp(old->curve_secret_file, new->curve_secret_file) != 0 ||
           strcmp(old->store_conninfo, new->store_conninfo) != 0 ||
           old->limits_batch_bytes != new->limits_batch_bytes ||
           old->limits_credit_bytes != new->limits_credit_bytes;
}

/* Use new files, or keep everything as it was when one of them is wrong. */
static void
reload(struct hub *hub)
{
    AUTO(config_free) struct config *config = NULL;
    AUTO(access_free) struct access *access = NULL;
    AUTO_BUF struct buf problems = {0};
    struct err err;

    if (config_load(hub->path, &config, &problems, &err) < 0 ||
        load_access(config, &access, &problems, &err) < 0 ||
        scheduler_reload(hub->match, config, &err) < 0) {
        (void)fail(&err, &problems);
        log_event(LOG_ERROR, "reload-refused", "hint=\"the settings of before stay in force\"");
        return;
    }
    struct config *old = hub->config;
    hub->config = STEAL(config);
    if (needs_restart(old, hub->config))
        log_event(LOG_WARN, "restart-needed",
                  "hint=\"endpoints, key, conninfo and limits are read at the start only\"");
    config_free(old);
    use_access(hub, STEAL(access));
    log_init("qianshaod", hub->config->log_level);
    log_event(LOG_NOTICE, "reloaded", "");
}

/* ---- the program ---- */

/* Wait until the database can be used; returns 0, 1 when told to stop meanwhile, -1. */
static int
await_store(struct hub *hub)
{
    struct err err = {0};
    char told[sizeof(err.text)] = "";
    int usable;

    while ((usable = open_store(hub, &err)) == 0) {
        int signal;

        if (strcmp(told, err.text) != 0)
            log_err(LOG_WARN, "store-away", &err);
        (void)snprintf(told, sizeof(told), "%s", err.text);
        (void)sleep(WAIT_SECONDS);
        signal = take_signal(hub->signals);
        if (signal == SIGTERM || signal == SIGINT)
            return 1;
    }
    return usable == 1 ? 0 : fail(&err, &(struct buf){0});
}

static int
serve(struct hub *hub)
{
    struct err err;
    int waited, signal;

    hub->signals = open_signals();
    if (hub->signals < 0) {
        (void)err_set(&err, ERR_SYSTEM, "cannot watch signals: %s", strerror(errno));
        return fail(&err, &(struct buf){0});
    }
    waited = await_store(hub);
    if (waited != 0)
        return waited > 0 ? 0 : -1;
    if (start_parts(hub, &err) < 0) {
        stop_parts(hub);
        return fail(&err, &(struct buf){0});
    }
    for (;;) {
        broker_run(hub->broker, hub->signals);
        signal = take_signal(hub->signals);
        if (signal == SIGTERM || signal == SIGINT)
            break;
        if (signal == SIGHUP)
            reload(hub);
        if (signal == SIGUSR1)
            counts_log(hub->broker, hub->events, hub->match);
    }
    log_event(LOG_NOTICE, "stopping", "");
    counts_log(hub->broker, hub->events, hub->match);
    stop_parts(hub);
    log_event(LOG_NOTICE, "stopped", "");
    return 0;
}

/* Read everything that the daemon reads at its start. */
static int
check_all(const struct config *config)
{
    AUTO(access_free) struct access *access = NULL;
    AUTO_BUF struct buf problems = {0};
    char secret[SECRET_MAX];
    struct wire_keys keys;
    struct err err;
    int result = 0;

    if (load_access(config, &access, &problems, &err) < 0)
        result = fail(&err, &problems);
    buf_clear(&problems);
    if (scheduler_check(config, &problems, &err) < 0)
        result = fail(&err, &problems);
    buf_clear(&problems);
    if (secret_read(config->curve_secret_file, secret, &err) < 0 ||
        wire_keys_derive(secret, &keys, &err) < 0)
        result = fail(&err, &problems);
    explicit_bzero(secret, sizeof(secret));
    explicit_bzero(&keys, sizeof(keys));
    return result;
}

/* Read the settings. */
static int
load(const struct options *options, struct config **ret_config)
{
    AUTO_BUF struct buf problems = {0};
    struct err err;

    if (options->config == NULL) {
        (void)fputs("qianshaod: which settings?\n"
                    "qianshaod: give --config FILE, or set QIANSHAO_CONFIG\n",
                    stderr);
        return ARGS_USAGE_STATUS;
    }
    if (config_load(options->config, ret_config, &problems, &err) < 0) {
        (void)fail(&err, &problems);
        return EXIT_FAILURE;
    }
    log_init("qianshaod", (*ret_config)->log_level);
    return EXIT_SUCCESS;
}

/* ---- commands; each returns the exit status ---- */

static int
run(void *values)
{
    const struct options *options = values;
    struct hub hub = {
        .path = options->config, .gate = {.lock = PTHREAD_RWLOCK_INITIALIZER}, .signals = -1};
    AUTO_BUF struct buf problems = {0};
    struct err err;
    int status = load(options, &hub.config);

    if (status != EXIT_SUCCESS)
        return status;
    if (load_access(hub.config, &hub.gate.access, &problems, &err) < 0)
        status = fail(&err, &problems);
    else
        status = serve(&hub);
    if (hub.signals >= 0)
        (void)close(hub.signals);
    access_free(hub.gate.access);
    config_free(hub.config);
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run_check(void *values)
{
    AUTO(config_free) struct config *config = NULL;
    int status = load(values, &config);

    return status != EXIT_SUCCESS ? status : check_all(config) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run_print(void *values)
{
    AUTO(config_free) struct config *config = NULL;
    int status = load(values, &config);

    if (status == EXIT_SUCCESS)
        config_print(config, stdout);
    return status;
}

static int
run_migrate(void *values)
{
    AUTO(config_free) struct config *config = NULL;
    int status = load(values, &config);

    return status != EXIT_SUCCESS ? status : migrate(config) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run_describe(void *values)
{
    (void)values;
    config_describe(stdout);
    return EXIT_SUCCESS;
}

static const struct args_command commands[] = {
    {"", "", "", run, "without any of these: the hub, until TERM"},
    {"--check", "", "", run_check,
     "read settings, access list, rules, profiles and key, then exit"},
    {"--print", "", "", run_print, "print the settings with defaults and exit"},
    {"--migrate", "", "", run_migrate, "bring the database's schema up to date and exit"},
    {"--help-config", "", "", run_describe, "describe every setting"},
};

static const struct args_option options[] = {
    {"config", 'c', ARGS_TEXT, true, offsetof(struct options, config), "FILE",
     .help = "the settings; default $QIANSHAO_CONFIG"},
    {"check", 'n', ARGS_COMMAND},
    {"print", .kind = ARGS_COMMAND},
    {"migrate", .kind = ARGS_COMMAND},
    {"help-config", .kind = ARGS_COMMAND},
};

static void
say_signals(FILE *out)
{
    (void)fputs(
        "\nsignals: HUP reads the files again, USR1 logs what was counted, TERM ends cleanly\n",
        out);
}

static const struct args_program program = {
    .name = "qianshaod",
    .phrases = args_english,
    .commands = commands,
    .command_count = sizeof(commands) / sizeof(commands[0]),
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .epilogue = say_signals,
};

int
main(int argc, char **argv)
{
    struct options values = {.config = getenv("QIANSHAO_CONFIG")};
    struct args args;
    int status;

    (void)umask(077);
    log_init("qianshaod", LOG_INFO);
    status = args_take(&program, argc, argv, &values, &args);
    return status >= 0 ? status : args.command->run(&values);
}
