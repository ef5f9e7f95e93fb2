/*
 * bureau-adapter — takes early-warning events at the bureau and keeps the ledger.
 *
 * One thread: it drives a receiver over CURVE and a signalfd. Exit: 0 done,
 * 1 the hub will not have us or holds other events, 2 usage or settings,
 * 5 this machine failed, 6 fenced by a newer session with the same key.
 */
#include <inttypes.h>
#include <locale.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/args.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "bureau/receiver.h"
#include "bureau/ledger.h"
#include "bureau/setup.h"

#define BURST 1024 /* messages taken before the clock is looked at */

enum { EXIT_DONE, EXIT_STOPPED, EXIT_USAGE, EXIT_MACHINE = 5, EXIT_FENCED };

struct options {
    const char *config;
    int64_t until; /* 0: no end */
    bool json;
};

struct bureau {
    const struct options *options;
    struct setup *setup;
    struct wire *wire;
    struct wire_socket *socket; /* NULL while not connected */
    struct ledger *ledger;
    struct receiver *receiver;
    char channel[LEDGER_CHANNEL_MAX];
    int signals;
    bool stop;
};

static int
complain(const struct err *err, int status)
{
    fprintf(stderr, "bureau-adapter: %s\n", err->text);
    if (err->hint[0] != '\0')
        fprintf(stderr, "bureau-adapter: %s\n", err->hint);
    return status;
}

static int
load(const char *path, struct setup **ret_setup, struct err *err)
{
    AUTO_BUF struct buf problems = {0};

    if (path == NULL) {
        err_set(err, ERR_INPUT, "没有设置文件 which settings?");
        return err_hint(err, "-c FILE / QIANSHAO_CONFIG");
    }
    if (setup_load(path, ret_setup, &problems, err) == 0)
        return 0;
    fputs(buf_str(&problems), stderr);
    return -1;
}

static void
name_channel(const struct setup *setup, char ret_channel[LEDGER_CHANNEL_MAX])
{
    (void)snprintf(ret_channel, LEDGER_CHANNEL_MAX, "%d/%s", setup->county, setup->route);
}

/* ---- status ---- */

static void
print_status(const struct setup *setup, const char *channel, const struct ledger_state *state,
             bool running)
{
    printf("频道 channel        %s\n", channel);
    printf("接收程序 running    %s\n", running ? "运行中 yes" : "未运行 no");
    printf("事件 events         %" PRIu64 "\n", state->next_seq - 1);
    printf("户/对象 cases       %" PRIu64 "\n", state->cases);
    printf("台账 ledger         %s/ledger.jsonl (%" PRIu64 " 字节 bytes)\n", setup->dir,
           state->bytes);
    if (state->torn_bytes > 0 && !running)
        printf("不完整的末行 torn   %" PRIu64
               " 字节, 下次启动时截去 bytes, cut off at the next start\n",
               state->torn_bytes);
}

static void
print_status_json(const char *channel, const struct ledger_state *state, bool running)
{
    char epoch[2 * FRAME_EPOCH_BYTES + 1];
    AUTO_BUF struct buf out = {0};
    struct json json = {.out = &out};

    digest_hex(state->epoch, sizeof(state->epoch), epoch);
    json_open_object(&json, NULL);
    json_add_text(&json, "channel", channel);
    json_add_text(&json, "epoch", epoch);
    json_add_bool(&json, "running", running);
    json_add_int(&json, "events", (int64_t)state->next_seq - 1);
    json_add_int(&json, "cases", (int64_t)state->cases);
    json_add_int(&json, "bytes", (int64_t)state->bytes);
    json_add_int(&json, "torn_bytes", (int64_t)state->torn_bytes);
    json_close_object(&json);
    puts(buf_str(&out));
}

static int
status(const struct options *options, const struct setup *setup)
{
    char channel[LEDGER_CHANNEL_MAX] = "";
    struct ledger_state state = {.next_seq = 1};
    bool running = false;
    struct err err;

    if (ledger_read(setup->dir, channel, &state, &running, &err) != 0 && err.code != ERR_MISSING)
        return complain(&err, EXIT_MACHINE);
    if (channel[0] == '\0')
        name_channel(setup, channel);
    if (options->json)
        print_status_json(channel, &state, running);
    else
        print_status(setup, channel, &state, running);
    return EXIT_DONE;
}

/* ---- run ---- */

static int
link_open(void *context, struct err *err)
{
    struct bureau *bureau = context;
    const struct setup *setup = bureau->setup;

    wire_close(STEAL(bureau->socket));
    return wire_connect(bureau->wire, setup->endpoint, setup->server, &setup->keys, &bureau->socket,
                        err);
}

static void
link_close(void *context)
{
    struct bureau *bureau = context;

    wire_close(STEAL(bureau->socket));
}

static void
link_send(void *context, const struct frame *frame)
{
    struct bureau *bureau = context;
    AUTO_BUF struct buf control = {0};
    struct err err;

    if (bureau->socket == NULL)
        return;
    frame_encode(frame, &control);
    if (wire_send(bureau->socket, NULL, 0, control.bytes, control.len, NULL, 0, &err) != 0)
        log_err(LOG_WARN, "not-sent", &err);
}

static void
start_receiver(struct bureau *bureau)
{
    const struct setup *setup = bureau->setup;
    const struct receiver_options options = {
        .channel = bureau->channel,
        .county = (uint32_t)setup->county,
        .ping_ms = (int64_t)setup->ping_seconds * 1000,
        .dead_ms = (int64_t)setup->dead_seconds * 1000,
        .retry_max_ms = (int64_t)setup->retry_max_seconds * 1000,
        .link = {link_open, link_close, link_send, bureau},
    };

    receiver_free(STEAL(bureau->receiver));
    bureau->receiver = receiver_new(&options, bureau->ledger);
}

/* Read the settings anew; anything wrong keeps the old ones. */
static void
reload(struct bureau *bureau)
{
    AUTO(setup_free) struct setup *fresh = NULL;
    char channel[LEDGER_CHANNEL_MAX];
    struct err err;

    if (load(bureau->options->config, &fresh, &err) != 0) {
        log_err(LOG_ERROR, "reload-failed", &err);
        return;
    }
    name_channel(fresh, channel);
    if (strcmp(channel, bureau->channel) != 0 || strcmp(fresh->dir, bureau->setup->dir) != 0) {
        log_event(LOG_ERROR, "reload-failed",
                  "reason=\"county, route and dir change only with a restart\"");
        return;
    }
    receiver_settle(bureau->receiver);
    receiver_free(STEAL(bureau->receiver));
    setup_free(bureau->setup);
    bureau->setup = STEAL(fresh);
    start_receiver(bureau);
    log_event(LOG_NOTICE, "reloaded", "%s", "");
}

static void
take_signal(struct bureau *bureau)
{
    struct signalfd_siginfo signal;

    if (read(bureau->signals, &signal, sizeof(signal)) != sizeof(signal))
        return;
    if (signal.ssi_signo == SIGHUP)
        reload(bureau);
    else
        bureau->stop = true;
}

static void
take_messages(struct bureau *bureau)
{
    for (int i = 0; i < BURST && bureau->socket != NULL; i++) {
        AUTO_MESSAGE struct wire_message message = {0};
        AUTO_FRAME struct frame frame = {0};
        int64_t now = clock_mono_ms();
        struct err err;
        int result = wire_receive(bureau->socket, &message, &err);

        if (result == 0)
            break;
        if (result > 0)
            result = frame_decode(message.control, message.control_len, &frame, &err);
        if (result < 0)
            receiver_take_garbage(bureau->receiver, &err, now);
        else
            receiver_take_message(bureau->receiver, &frame, message.payload, message.payload_len,
                                  now);
    }
    receiver_settle(bureau->receiver);
}

/* Until a signal, the wanted event, or an end that only a person can mend. */
static int
loop(struct bureau *bureau)
{
    const struct ledger_state *state = ledger_state(bureau->ledger);
    uint64_t until = (uint64_t)bureau->options->until;

    while (!bureau->stop && (until == 0 || state->next_seq <= until)) {
        int timeout = receiver_tick(bureau->receiver, clock_mono_ms());
        bool ready[2];

        switch (receiver_state(bureau->receiver)) {
        case RECEIVER_FENCED:
            return EXIT_FENCED;
        case RECEIVER_STOPPED:
            return EXIT_STOPPED;
        case RECEIVER_BROKEN:
            return EXIT_MACHINE;
        case RECEIVER_WAITING:
        case RECEIVER_ASKED:
        case RECEIVER_TAKING:
            break;
        }
        wire_wait(&bureau->socket, bureau->socket != NULL, &bureau->signals, 1, timeout, ready);
        if (ready[bureau->socket != NULL])
            take_signal(bureau);
        else
            take_messages(bureau);
    }
    return EXIT_DONE;
}

static int
open_signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &set, NULL); /* before libzmq starts threads */
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int
run(const struct options *options, struct setup **setup)
{
    struct bureau bureau = {.options = options, .setup = STEAL(*setup)};
    int result = EXIT_MACHINE;
    struct err err;

    name_channel(bureau.setup, bureau.channel);
    bureau.signals = open_signals();
    if (bureau.signals < 0) {
        log_event(LOG_ERROR, "start-failed", "reason=\"cannot watch signals\"");
    } else if (ledger_open(bureau.setup->dir, bureau.channel, &bureau.ledger, &err) != 0) {
        log_err(LOG_ERROR, "ledger-unusable", &err);
    } else if (wire_start(NULL, NULL, &bureau.wire, &err) != 0) {
        log_err(LOG_ERROR, "start-failed", &err);
    } else {
        const struct ledger_state *state = ledger_state(bureau.ledger);

        log_event(LOG_INFO, "start", "channel=%s events=%" PRIu64 " cut_bytes=%" PRIu64,
                  bureau.channel, state->next_seq - 1, state->torn_bytes);
        start_receiver(&bureau);
        result = loop(&bureau);
        receiver_settle(bureau.receiver);
        receiver_free(bureau.receiver);
        log_event(LOG_INFO, "stop", "events=%" PRIu64, state->next_seq - 1);
    }
    wire_stop(bureau.wire);
    ledger_close(bureau.ledger);
    setup_free(bureau.setup);
    if (bureau.signals >= 0)
        (void)close(bureau.signals);
    return result;
}

/* ---- commands; each returns the exit status ---- */

static int
command_run(void *values)
{
    AUTO(setup_free) struct setup *setup = NULL;
    const struct options *options = values;
    struct err err;

    if (load(options->config, &setup, &err) != 0)
        return complain(&err, EXIT_USAGE);
    return run(options, &setup);
}

static int
command_status(void *values)
{
    AUTO(setup_free) struct setup *setup = NULL;
    const struct options *options = values;
    struct err err;

    if (load(options->config, &setup, &err) != 0)
        return complain(&err, EXIT_USAGE);
    return status(options, setup);
}

static int
command_print(void *values)
{
    AUTO(setup_free) struct setup *setup = NULL;
    AUTO_BUF struct buf text = {0};
    const struct options *options = values;
    struct err err;

    if (load(options->config, &setup, &err) != 0)
        return complain(&err, EXIT_USAGE);
    setup_print(setup, &text);
    fputs(buf_str(&text), stdout);
    return EXIT_DONE;
}

static const struct args_command commands[] = {
    {"run", "", "until", command_run,
     "接收预警事件并写入台账 take events into the ledger, until SIGTERM"},
    {"status", "", "json", command_status, "台账现状 what the ledger holds"},
    {"--print", "", "", command_print, "只检查并显示设置 check and print the settings"},
};

static const struct args_option options[] = {
    {"config", 'c', ARGS_TEXT, true, offsetof(struct options, config), "FILE",
     .help = "设置文件 settings; 默认 by default $QIANSHAO_CONFIG"},
    {"until", 0, ARGS_NUMBER, false, offsetof(struct options, until), "N", 1, INT64_MAX,
     "run: 收到第 N 号事件后退出 exit once event N is in the ledger"},
    {"json", 0, ARGS_FLAG, false, offsetof(struct options, json),
     .help = "status: 供程序读取 for programs"},
    {"print", 'n', ARGS_COMMAND},
};

static const char *const phrases[ARGS_PHRASES] = {
    [ARGS_USAGE] = "用法 usage",
    [ARGS_SYNOPSIS] = "命令 COMMAND",
    [ARGS_SOME_OPTIONS] = "[选项 options]",
    [ARGS_COMMANDS] = "命令 commands:",
    [ARGS_OPTIONS] = "选项 options:",
    [ARGS_COLON] = ": ",
    [ARGS_SEE] = "用法见 see",
    [ARGS_HELP] = "本说明 this text",
    [ARGS_VERSION] = "版本 version",
    [ARGS_UNKNOWN_OPTION] = "没有这个选项 unknown option",
    [ARGS_VALUE_MISSING] = "选项缺少取值 a value is missing",
    [ARGS_VALUE_UNWANTED] = "选项不带取值 the option takes no value",
    [ARGS_NOT_A_NUMBER] = "应为范围内的整数 not a number in its range",
    [ARGS_COMMAND_MISSING] = "缺少命令 which command?",
    [ARGS_UNKNOWN_COMMAND] = "没有这个命令 unknown command",
    [ARGS_TWO_COMMANDS] = "一次只能用一个命令 one command at a time",
    [ARGS_OPTION_UNWANTED] = "命令不用这个选项 the command does not take this option",
    [ARGS_WORD_MISSING] = "命令后缺少内容 a word is missing behind the command",
    [ARGS_WORD_UNWANTED] = "多写了 one word too many",
};

static void
say_settings(FILE *out)
{
    fputs("\n设置 settings:\n", out);
    setup_help(out);
}

static const struct args_program program = {
    .name = "bureau-adapter",
    .phrases = phrases,
    .commands = commands,
    .command_count = sizeof(commands) / sizeof(commands[0]),
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .epilogue = say_settings,
};

int
main(int argc, char **argv)
{
    struct options values = {.config = getenv("QIANSHAO_CONFIG")};
    struct args args;
    int result;

    (void)umask(077);
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    log_init("bureau-adapter", LOG_INFO);
    result = args_take(&program, argc, argv, &values, &args);
    return result >= 0 ? result : args.command->run(&values);
}
