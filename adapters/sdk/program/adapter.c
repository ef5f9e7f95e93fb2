#include "sdk/program/adapter.h"

#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/args.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "frame.h"
#include "sdk/spool/receipt.h"
#include "sdk/program/sender.h"
#include "sdk/program/settings.h"
#include "sdk/spool/spool.h"
#include "sdk/clerk/template.h"
#include "sdk/program/watch.h"

#define ADAPTER_TIMEOUT_SECONDS 600
#define ADAPTER_TIMEOUT_MAX (7 * 24 * 3600)

struct adapter {
    const char *sector, *config;
    char name[64], program[80]; /* "insurance-adapter", "insurance-adapter/0.1.0" */
    struct args args;
    struct job_words words;
    bool no_wait, json;
    int64_t timeout_seconds;
    struct settings *settings; /* NULL: none were given */
};

/* Check options of the command line against each other, as args cannot. */
static int
adapter_usage(const struct adapter *adapter, const char *zh, const char *what)
{
    (void)fprintf(stderr, "%s：%s。用法见 %s --help\n", zh, what, adapter->name);
    return SENDER_USAGE;
}

/* Read the settings when there are any. Returns SENDER_OK or the exit code. */
static int
adapter_load(struct adapter *adapter, bool needed)
{
    AUTO_BUF struct buf problems = {0};
    struct err err;

    if (adapter->config == NULL)
        adapter->config = getenv("QIANSHAO_CONFIG");
    if (adapter->config == NULL || adapter->config[0] == '\0')
        return needed ? adapter_usage(adapter, "没有设置文件", "--config FILE / QIANSHAO_CONFIG")
                      : SENDER_OK; /* no settings file */
    if (settings_load(adapter->config, &adapter->settings, &problems, &err) == 0)
        return SENDER_OK;
    (void)fprintf(stderr, "设置文件有误：\n%s", buf_str(&problems)); /* the settings are wrong */
    return SENDER_USAGE;
}

/*
 * The file that a command is about; a nil report may have none. Returns SENDER_OK or the exit code.
 */
static int
adapter_take_file(struct adapter *adapter)
{
    adapter->words.path = adapter->args.words[0];
    if (adapter->words.path != NULL || adapter->words.nil)
        return SENDER_OK;
    return adapter_usage(adapter, "文件个数不对",
                         adapter->args.command->name); /* number of files */
}

/* ---- commands ---- */

static int
adapter_print_check(const struct adapter *adapter, const struct job *job,
                    const struct prepare_result *result)
{
    struct prepare_options options = job_options(job);
    AUTO_BUF struct buf text = {0};
    struct json json = {.out = &text};

    if (!adapter->json) {
        prepare_print(stdout, &options, result);
    } else {
        json_open_object(&json, NULL);
        prepare_json(&json, &options, result);
        json_close_object(&json);
        (void)puts(buf_str(&text));
    }
    return result->refusal.code != REFUSAL_NONE ? SENDER_REFUSED
           : result->refused > 0                ? SENDER_PARTLY
                                                : SENDER_OK;
}

static int
adapter_print_refusal(const struct adapter *adapter, const struct refusal *refusal)
{
    AUTO_BUF struct buf text = {0};

    if (adapter->json) {
        receipt_format_refusal(refusal, "", &text);
        (void)fputs(buf_str(&text), stdout);
    } else {
        (void)fprintf(stderr, "%s\n%s（%s）\n", refusal->zh, refusal->en,
                      refusal_word(refusal->code));
    }
    return job_is_usage(refusal) ? SENDER_USAGE : SENDER_REFUSED;
}

/* Check a file of many counties, one after the other: an object with a list of theirs. */
static int
adapter_check_parts(struct adapter *adapter, struct job *job)
{
    struct sink_report report = {0};
    struct err err;
    int status = job->split.lost_count > 0 ? SENDER_PARTLY : SENDER_OK;

    if (job_report_lost(job, &report, &err) != 0)
        (void)fprintf(stderr, "退回清单没有写成：%s\n", err.text); /* the report is not written */
    if (adapter->json)
        (void)printf("{\"lost\":%zu,\"counties\":[", job->split.lost_count);
    else
        job_print_lost(job, &report, stdout);
    sink_report_done(&report);
    for (size_t i = 0; i < job_parts(job); i++) {
        struct prepare_result result = {0};
        int part;

        job_take_part(job, i);
        if (adapter->json)
            (void)fputs(i == 0 ? "" : ",", stdout);
        else
            (void)printf("—— %06u ——\n", job->options.county);
        if (job_run(job, NULL, &result, &err) != 0) {
            (void)fprintf(stderr, "文件无法读取：%s\n", err.text); /* the file cannot be read */
            prepare_result_done(&result);
            return SENDER_FAILED;
        }
        part = adapter_print_check(adapter, job, &result);
        status = part == SENDER_REFUSED || status == SENDER_OK ? part : status;
        prepare_result_done(&result);
    }
    if (adapter->json)
        (void)puts("]}");
    return status;
}

static int
adapter_check(void *values)
{
    struct adapter *adapter = values;
    AUTO_JOB struct job job = {0};
    struct prepare_result result = {0};
    struct refusal refusal = {0};
    struct err err;
    int status = adapter_take_file(adapter);

    if (status == SENDER_OK)
        status = adapter_load(adapter, false);
    if (status != SENDER_OK)
        return status;
    if (adapter->settings == NULL)
        adapter->settings = settings_preset();
    if (adapter->settings->producer == NULL && adapter->words.producer == NULL)
        adapter->words.producer = "-"; /* a dry run needs none */
    if (job_make(&adapter->words, adapter->settings, adapter->sector, &job, &refusal, &err) != 0)
        status = -1;
    else if (refusal.code != REFUSAL_NONE)
        return adapter_print_refusal(adapter, &refusal);
    else if (job.is_split)
        return adapter_check_parts(adapter, &job);
    else
        status = job_run(&job, NULL, &result, &err);
    if (status != 0) {
        (void)fprintf(stderr, "文件无法读取：%s\n", err.text); /* the file cannot be read */
        return err.code == ERR_MISSING ? SENDER_USAGE : SENDER_FAILED;
    }
    status = adapter_print_check(adapter, &job, &result);
    prepare_result_done(&result);
    return status;
}

static int
adapter_send(void *values)
{
    struct adapter *adapter = values;
    int status = adapter_take_file(adapter);

    if (status == SENDER_OK)
        status = adapter_load(adapter, true);
    if (status != SENDER_OK)
        return status;

    const struct sender_options options = {.settings = adapter->settings,
                                           .sector = adapter->sector,
                                           .program = adapter->program,
                                           .words = adapter->words,
                                           .no_wait = adapter->no_wait,
                                           .timeout_seconds = (int)adapter->timeout_seconds};

    return sender_run(&options);
}

static int
adapter_watch(void *values)
{
    struct adapter *adapter = values;
    int status = adapter_load(adapter, true);

    if (status != SENDER_OK)
        return status;

    const struct watch_options options = {
        .config = adapter->config, .sector = adapter->sector, .program = adapter->program};

    log_init(adapter->name, LOG_INFO);
    return watch_run(&options);
}

/* The numbers that `status` counts and shows. */
struct adapter_status {
    bool json;
    uint64_t states[SPOOL_DAMAGED + 1];
    struct json list;
};

static const struct {
    const char *name, *zh;
} adapter_states[] = {
    [SPOOL_INCOMING] = {"incoming", "待编号"}, /* durable, not numbered yet */
    [SPOOL_QUEUED] = {"queued", "待报送"},     /* waits to be sent */
    [SPOOL_ACKED] = {"acked", "已入库待回执"}, /* committed, receipt on its way */
    [SPOOL_ANSWERED] = {"answered", "已回执"}, /* receipt here */
    [SPOOL_DAMAGED] = {"damaged", "已损坏"},   /* cannot be read */
};

static bool
adapter_status_row(void *context, const struct spool_row *row)
{
    struct adapter_status *status = context;
    char period[8], time[32];

    status->states[row->state]++;
    if (row->state == SPOOL_ANSWERED || row->state == SPOOL_DAMAGED)
        return true;
    clock_format_month((int32_t)row->head.period, period);
    clock_format_time(row->head.created_us, time);
    if (!status->json) {
        (void)printf("  %s  %s %s %" PRIu64 " 行（%s）\n", time, row->head.record_type, period,
                     row->head.rows, adapter_states[row->state].zh);
        return true;
    }
    json_open_object(&status->list, NULL);
    json_add_text(&status->list, "state", adapter_states[row->state].name);
    json_add_text(&status->list, "record_type", row->head.record_type);
    json_add_text(&status->list, "period", period);
    json_add_int(&status->list, "rows", (int64_t)row->head.rows);
    json_add_text(&status->list, "created", time);
    json_add_int(&status->list, "first_seq", (int64_t)row->first_seq);
    json_add_int(&status->list, "last_seq", (int64_t)row->last_seq);
    json_close_object(&status->list);
    return true;
}

static void
adapter_status_print(const struct adapter *adapter, const struct spool *spool,
                     struct adapter_status *status, uint64_t acked)
{
    struct json *json = &status->list;

    if (!status->json) {
        for (int i = SPOOL_INCOMING; i <= SPOOL_DAMAGED; i++)
            (void)printf("%s %" PRIu64 " 份%s", adapter_states[i].zh, status->states[i],
                         i == SPOOL_DAMAGED ? "" : "，");
        (void)printf("；占用 %" PRIu64 " / %d MiB；中心已收到 %" PRIu64 " 号之前\n",
                     spool_bytes(spool) >> 20, adapter->settings->spool_max_mib, acked);
        return;
    }
    json_close_array(json);
    for (int i = SPOOL_INCOMING; i <= SPOOL_DAMAGED; i++)
        json_add_int(json, adapter_states[i].name, (int64_t)status->states[i]);
    json_add_int(json, "bytes", (int64_t)spool_bytes(spool));
    json_add_int(json, "bytes_max", (int64_t)adapter->settings->spool_max_mib << 20);
    json_add_int(json, "acked", (int64_t)acked);
    json_close_object(json);
    (void)puts(buf_str(json->out));
}

static int
adapter_status(void *values)
{
    struct adapter *adapter = values;
    AUTO(spool_close) struct spool *spool = NULL;
    AUTO_BUF struct buf text = {0};
    struct adapter_status status = {.json = adapter->json, .list = {.out = &text}};
    struct spool_limits limits;
    uint64_t acked = 0;
    struct err err;
    int loaded = adapter_load(adapter, true);

    if (loaded != SENDER_OK)
        return loaded;
    limits = (struct spool_limits){(uint64_t)adapter->settings->spool_max_mib << 20,
                                   adapter->settings->spool_retain_days};

    if (status.json) {
        json_open_object(&status.list, NULL);
        json_open_array(&status.list, "waiting");
    }
    if (spool_open(adapter->settings->spool_dir, &limits, &spool, &err) != 0 ||
        spool_list(spool, SPOOL_QUEUE_DIR, adapter_status_row, &status, &err) != 0 ||
        spool_list(spool, SPOOL_INCOMING_DIR, adapter_status_row, &status, &err) != 0) {
        (void)fprintf(stderr, "暂存区无法读取：%s\n", err.text); /* the spool cannot be read */
        return SENDER_FAILED;
    }
    (void)spool_acked(spool, &acked);
    adapter_status_print(adapter, spool, &status, acked);
    return SENDER_OK;
}

static int
adapter_check_settings(void *values)
{
    struct adapter *adapter = values;
    AUTO_KEYS struct settings_keys keys = {0};
    struct err err;
    int status = adapter_load(adapter, true);

    if (status != SENDER_OK)
        return status;
    if (settings_read_keys(adapter->settings, &keys, &err) != 0) {
        (void)fprintf(stderr, "设置文件有误：\n%s: %s\n", adapter->config, err.text);
        if (err.hint[0] != '\0')
            (void)fprintf(stderr, "  → %s\n", err.hint);
        return SENDER_USAGE;
    }
    (void)puts("设置无误。"); /* the settings are right */
    return SENDER_OK;
}

/* Write one template; returns the exit code. */
static int
adapter_write_template(const struct adapter *adapter, const struct record_type *type,
                       const char *folder)
{
    uint32_t county = adapter->settings == NULL ? 0 : (uint32_t)adapter->settings->county;
    AUTO_BUF struct buf path = {0};
    struct err err;

    buf_add_fmt(&path, "%s/%s.xlsx", folder, type->name);
    if (template_write(type, county, buf_str(&path), &err) == 0) {
        (void)printf("%s：%s\n", type->title, buf_str(&path));
        return SENDER_OK;
    }
    if (err.code == ERR_CONFLICT) /* there already, and not replaced: it may be filled in */
        (void)fprintf(stderr, "%s 已存在，没有覆盖；请先移走或改名。\n", buf_str(&path));
    else
        (void)fprintf(stderr, "模板没有写成：%s\n", err.text); /* not written */
    return err.code == ERR_CONFLICT ? SENDER_REFUSED : SENDER_FAILED;
}

static int
adapter_print_templates(void *values)
{
    struct adapter *adapter = values;
    const char *folder = adapter->args.words[0] == NULL ? "." : adapter->args.words[0];
    const char *wanted = adapter->words.type;
    const struct record_type *type;
    int status = adapter_load(adapter, false), found = 0;

    if (status != SENDER_OK)
        return status;
    for (size_t i = 0; (type = record_at(i)) != NULL; i++) {
        int result;

        if (strcmp(type->sector, adapter->sector) != 0 ||
            (wanted != NULL && strcmp(type->name, wanted) != 0))
            continue;
        found++;
        result = adapter_write_template(adapter, type, folder);
        status = result > status ? result : status;
    }
    if (found == 0) /* no such record type here */
        return adapter_usage(adapter, "本部门没有这种表", wanted);
    if (status == SENDER_OK) /* fill it in, call it <type>.<month>.xlsx, check, then send */
        (void)puts("填好后改名为“<记录类型>.<YYYY-MM>.xlsx”，先 check 再 send。");
    return status;
}

/* ---- the command line ---- */

#define ADAPTER_FILE_OPTIONS "period county producer kind revision type nil xlsx"

/* The help is the clerk's; adapters/README.md has it in English. */
static const struct args_command adapter_commands[] = {
    {"check", "[文件]", ADAPTER_FILE_OPTIONS " json", adapter_check, "只检查，不报送"},
    {"send", "[文件]", ADAPTER_FILE_OPTIONS " no-wait timeout", adapter_send, "报送并等待回执"},
    {"watch", "", "", adapter_watch, "看守投递文件夹，长期运行"},
    {"status", "", "json", adapter_status, "本机暂存区里有什么"},
    {"--check-settings", "", "", adapter_check_settings, "只检查设置"},
    {"--print-template", "[文件夹]", "type", adapter_print_templates,
     "写出空白模板 .xlsx：本部门每种表一份，或 --type 指定的一种"},
};

#define WORD(member) offsetof(struct adapter, words.member)
#define PLACE(member) offsetof(struct adapter, member)
static const struct args_option adapter_options[] = {
    {"period", 0, ARGS_TEXT, false, WORD(period), "YYYY-MM",
     .help = "数据所属月份（或写在文件名里）"},
    {"county", 0, ARGS_TEXT, false, WORD(county), "代码", .help = "六位县级代码（默认取设置）"},
    {"producer", 0, ARGS_TEXT, false, WORD(producer), "代码",
     .help = "报送单位代码（默认取文件名、设置）"},
    {"kind", 0, ARGS_TEXT, false, WORD(kind), "种类",
     .help = "full 全量（默认）、delta 增量、correction 更正"},
    {"revision", 0, ARGS_TEXT, false, WORD(revision), "N",
     .help = "版次，从 1 起（默认由中心接着编）"},
    {"type", 0, ARGS_TEXT, false, WORD(type), "记录类型",
     .help = "如 insurance.enrolment（默认看文件名、表头）"},
    {"nil", 0, ARGS_FLAG, false, WORD(nil), .help = "零报告：本月没有数据"},
    {"xlsx", 0, ARGS_FLAG, false, WORD(book),
     .help = "退回清单另存一份 .xlsx（原文件是 Excel 时总有）"},
    {"json", 0, ARGS_FLAG, false, PLACE(json), .help = "以 JSON 输出（check、status）"},
    {"no-wait", 0, ARGS_FLAG, false, PLACE(no_wait),
     .help = "存入本机暂存区即返回，不等回执（send）"},
    {"timeout", 0, ARGS_NUMBER, false, PLACE(timeout_seconds), "秒", 0, ADAPTER_TIMEOUT_MAX,
     "等回执的秒数，默认 600（send）"},
    {"config", 'c', ARGS_TEXT, true, PLACE(config), "文件",
     .help = "设置文件（默认取环境变量 QIANSHAO_CONFIG）"},
    {"check-settings", 'n', ARGS_COMMAND},
    {"print-template", 0, ARGS_COMMAND},
};

/* As args_english, which says each in English. */
static const char *const adapter_phrases[ARGS_PHRASES] = {
    [ARGS_USAGE] = "用法",
    [ARGS_SYNOPSIS] = "命令 [文件]",
    [ARGS_SOME_OPTIONS] = "[选项]",
    [ARGS_COMMANDS] = "命令：",
    [ARGS_OPTIONS] = "选项：",
    [ARGS_COLON] = "：",
    [ARGS_SEE] = "用法见",
    [ARGS_HELP] = "显示本说明；写在命令后则只说明该命令",
    [ARGS_VERSION] = "显示版本",
    [ARGS_UNKNOWN_OPTION] = "参数有误，没有这个选项",
    [ARGS_VALUE_MISSING] = "参数有误，选项后面缺少内容",
    [ARGS_VALUE_UNWANTED] = "参数有误，选项后面不带内容",
    [ARGS_NOT_A_NUMBER] = "参数有误，应为范围内的整数",
    [ARGS_COMMAND_MISSING] = "缺少命令",
    [ARGS_UNKNOWN_COMMAND] = "没有这个命令",
    [ARGS_TWO_COMMANDS] = "一次只能用一个命令",
    [ARGS_OPTION_UNWANTED] = "参数有误，这个命令不用这个选项",
    [ARGS_WORD_MISSING] = "文件个数不对，命令后面缺少",
    [ARGS_WORD_UNWANTED] = "文件个数不对，多写了",
};

/* File names; exit codes; settings. */
static void
adapter_epilogue(FILE *out)
{
    (void)fputs(
        "\n文件名可写作 <记录类型>.<YYYY-MM>[.<报送单位>][.delta|.correction][.rN].csv，"
        "零报告以 .nil 结尾。\n"
        "返回值：0 已入库或此前已收到，1 未接收，2 用法或设置有误，3 已存入暂存区但还没有回执，\n"
        "        4 已入库但有退回行，5 本机故障，6 密钥被另一个程序占用。\n\n"
        "设置文件的选项：\n",
        out);
    settings_help(out);
}

int
adapter_main(int argc, char **argv, const char *sector)
{
    struct adapter adapter = {.sector = sector, .timeout_seconds = ADAPTER_TIMEOUT_SECONDS};
    const struct args_program program = {
        .name = adapter.name,
        .phrases = adapter_phrases,
        .commands = adapter_commands,
        .command_count = sizeof(adapter_commands) / sizeof(adapter_commands[0]),
        .options = adapter_options,
        .option_count = sizeof(adapter_options) / sizeof(adapter_options[0]),
        .epilogue = adapter_epilogue,
    };
    int status;

    (void)umask(077);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)snprintf(adapter.name, sizeof(adapter.name), "%s-adapter", sector);
    (void)snprintf(adapter.program, sizeof(adapter.program), "%s/%s", adapter.name, args_version());
    log_init(adapter.name, LOG_WARN);
    status = args_take(&program, argc, argv, &adapter, &adapter.args);
    if (status < 0)
        status = adapter.args.command->run(&adapter);
    settings_free(adapter.settings);
    return status;
}
