/*
 * qianshao — the command of ops staff and clerks.
 *
 * Reads through roles that see no person's full number, unless a look-up is
 * asked for and put on record (reveal.h). Exit: 0 done, 1 failed, 2 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "intake/channel.h"
#include "settings/config.h"
#include "link/command.h"
#include "county/scheduler.h"
#include "judge/quality.h"
#include "record.h"
#include "command/report.h"
#include "command/reveal.h"
#include "command/review.h"
#include "command/rulebook.h"
#include "wire.h"
#include "store/migrate.h"

#define WORDS_MAX 3

struct options {
    const char *dir, *config, *month, *county, *reveal, *reason, *user, *profile, *sector;
    bool json, full, all;
    const char *words[WORDS_MAX + 1]; /* command and what stands behind it */
    int word_count;
};

static const struct {
    const char *name;
    size_t place; /* of the value in struct options */
    const char *help;
} values[] = {
    {"--dir", offsetof(struct options, dir), "a quickstart's run directory"},
    {"--config", offsetof(struct options, config), "the hub's settings (or QIANSHAO_CONFIG)"},
    {"--month", offsetof(struct options, month), "YYYY-MM"},
    {"--county", offsetof(struct options, county), "code of six digits"},
    {"--reveal", offsetof(struct options, reveal),
     "REASON: full identities; needs the role, audited"},
    {"--reason", offsetof(struct options, reason), "REASON of a decision, six characters or more"},
    {"--sector", offsetof(struct options, sector), "education, insurance, housing, water, civil"},
    {"--profile", offsetof(struct options, profile), "a jurisdiction's profile"},
    {"--user", offsetof(struct options, user), "database login instead of the settings' own"},
};

static int
usage(FILE *out)
{
    fputs("usage: qianshao [options] COMMAND\n\ncommands:\n", out);
    for (size_t i = 0; report_at(i) != NULL; i++)
        if (report_at(i)->help != NULL)
            fprintf(out, "  %-16s %s\n", report_at(i)->name, report_at(i)->help);
    fputs(
        "  channel accept   NAME: take a stopped channel up again, discarding its half submission\n"
        "  judge            what has changed; --month YYYY-MM: that month for everybody, with the\n"
        "                   present rules and profile; --full: every month so, every case anew\n"
        "  report quality   --sector NAME --month YYYY-MM: what is wrong with a sector's lists\n"
        "  review show      ID: both records side by side, and what each field weighs\n"
        "  review confirm   ID --reason TEXT: record and member are one person\n"
        "  review break     ID --reason TEXT: they are two; a clerk's word lasts, and goes last\n"
        "  rules list       the rules\n"
        "  rules check      try every rule on an empty month\n"
        "  rules explain    ID: everything about a rule; --profile NAME: its values there\n"
        "  profile show     NAME: every effective value, and where it comes from\n"
        "  keys make        FILE: a new CURVE key; the public half goes to FILE.pub\n"
        "  link             --in people.csv --out links.csv: whose record is it; no database\n"
        "\noptions:\n"
        "  --json           one object a line\n"
        "  --full           see judge\n"
        "  --all            see review list\n",
        out);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        fprintf(out, "  %-16s %s\n", values[i].name, values[i].help);
    return out == stdout ? 0 : 2;
}

static int
complain(const struct err *err)
{
    fprintf(stderr, "qianshao: %s\n", err->text);
    if (err->hint[0] != '\0')
        fprintf(stderr, "qianshao: %s\n", err->hint);
    return err->code == ERR_INPUT ? 2 : 1;
}

/* Read the arguments. Returns -1 on success, otherwise the exit status. */
static int
parse(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        size_t at = 0, count = sizeof(values) / sizeof(values[0]);

        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return usage(stdout);
        if (strcmp(argv[i], "--json") == 0) {
            options->json = true;
            continue;
        }
        if (strcmp(argv[i], "--full") == 0) {
            options->full = true;
            continue;
        }
        if (strcmp(argv[i], "--all") == 0) {
            options->all = true;
            continue;
        }
        while (at < count && strcmp(argv[i], values[at].name) != 0)
            at++;
        if (at < count && i + 1 < argc)
            *(const char **)((char *)options + values[at].place) = argv[++i];
        else if (at < count || argv[i][0] == '-' || options->word_count == WORDS_MAX)
            return fprintf(stderr, "qianshao: unexpected '%s'\n", argv[i]), usage(stderr);
        else
            options->words[options->word_count++] = argv[i];
    }
    return options->word_count == 0 ? usage(stderr) : -1;
}

/*
 * A run directory's database is up while something uses it: run this command
 * again below the script that starts it. Returns only on failure or when it is up.
 */
static int
with_database(const struct options *options, char **argv, struct err *err)
{
    static char config[PATH_MAX], script[PATH_MAX], self[PATH_MAX];
    size_t count = 0;

    if (options->dir == NULL || getenv("QIANSHAO_WITH_DATABASE") != NULL)
        return 0;
    snprintf(config, sizeof(config), "%s/etc/qianshaod.yaml", options->dir);
    snprintf(script, sizeof(script), "%s/bin/with-database", options->dir);
    if (access(script, X_OK) != 0)
        return err_set(err, ERR_MISSING, "no run directory of deploy/quickstart at --dir");
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (len < 0)
        return err_set(err, ERR_SYSTEM, "cannot find this program: %s", strerror(errno));
    setenv("QIANSHAO_WITH_DATABASE", "1", 1);
    setenv("QIANSHAO_CONFIG", config, 1);
    while (argv[count] != NULL)
        count++;
    char **again = mem_zalloc((count + 2) * sizeof(*again));

    again[0] = script;
    again[1] = self;
    memcpy(again + 2, argv + 1, (count - 1) * sizeof(*again));
    execv(script, again);
    free(again);
    return err_set(err, ERR_SYSTEM, "cannot run with-database: %s", strerror(errno));
}

static int
load(const struct options *options, struct config **ret_config, struct err *err)
{
    AUTO_BUF struct buf problems = {0};
    const char *path = options->config != NULL ? options->config : getenv("QIANSHAO_CONFIG");

    if (path == NULL) {
        err_set(err, ERR_INPUT, "which settings?");
        return err_hint(err, "give --dir of a quickstart run, or --config FILE");
    }
    if (config_load(path, ret_config, &problems, err) == 0)
        return 0;
    fputs(buf_str(&problems), stderr);
    return -1;
}

/* A login that the access list does not name sees nothing, which must not look like "nothing there". */
static int
check_counties(struct store *store, struct err *err)
{
    AUTO(store_result_free) struct store_result *result = NULL;

    if (store_run(store, "select cardinality(ops.counties())", NULL, 0, &result, NULL, err) != 0)
        return -1;
    if (store_int(result, 0, 0) > 0)
        return 0;
    err_set(err, ERR_DENIED, "the access list gives this login no county");
    return err_hint(err, "add it under 'ops' in the hub's access list and reload the hub");
}

static int
connect_as(const struct options *options, const char *conninfo, struct store **ret_store,
           struct err *err)
{
    AUTO_BUF struct buf text = {0};

    buf_add_str(&text, conninfo);
    if (options->user != NULL) {
        if (strspn(options->user, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(options->user))
            return err_set(err, ERR_INPUT, "--user is a plain name");
        buf_add_fmt(&text, " user=%s", options->user);
    }
    if (store_open(buf_str(&text), "qianshao", ret_store, err) != 0)
        return -1;
    if (migrate_check(*ret_store, err) != 0)
        return -1;
    return check_counties(*ret_store, err);
}

/* The record types that come every month, as PostgreSQL's array text. */
static void
monthly_types(struct buf *out)
{
    buf_add_str(out, "{");
    for (size_t i = 0; record_at(i) != NULL; i++)
        if (record_at(i)->cadence == RECORD_MONTHLY)
            buf_add_fmt(out, "%s%s", out->len > 1 ? "," : "", record_at(i)->name);
    buf_add_str(out, "}");
}

static int
check_county(const struct options *options, struct err *err)
{
    if (options->county == NULL ||
        (strlen(options->county) == 6 && strspn(options->county, "0123456789") == 6))
        return 0;
    return err_set(err, ERR_INPUT, "--county is a code of six digits");
}

static int
query(struct store *store, const struct report *report, const struct options *options,
      const char *word, struct store_result **ret_result, struct err *err)
{
    AUTO_BUF struct buf month = {0}, types = {0}, sql = {0};
    int32_t value;

    if (options->month != NULL) {
        if (!clock_parse_month(options->month, &value))
            return err_set(err, ERR_INPUT, "--month is YYYY-MM");
        buf_add_fmt(&month, "%s-01", options->month);
    }
    if (check_county(options, err) != 0)
        return -1;
    monthly_types(&types);

    const struct store_param params[] = {
        STORE_T(options->county),
        STORE_T(options->month != NULL ? buf_str(&month) : NULL),
        STORE_T(word),
        STORE_T(buf_str(&types)),
    };

    report_add_sql(report, options->reveal != NULL, &sql);
    return store_run(store, buf_str(&sql), params, report->monthly ? 4 : 3, ret_result, NULL, err);
}

/* Run a report, put a look-up on record, and only then print. */
static int
show(const struct options *options, const struct config *config, const struct report *report,
     const char *word, struct err *err)
{
    const struct report *detail = report->detail != NULL ? report_find(report->detail) : NULL;
    const struct report *audited = detail != NULL ? detail : report;
    AUTO(store_close) struct store *store = NULL;
    AUTO(store_result_free) struct store_result *result = NULL, *below = NULL;

    if (options->reveal != NULL && !report_can_reveal(report))
        return err_set(err, ERR_INPUT, "'%s' holds nobody's number: no --reveal", report->name);
    if (options->reveal != NULL && reveal_reason(options->reveal, err) != 0)
        return -1;
    if (connect_as(options, config->store_ops_conninfo, &store, err) != 0)
        return -1;
    if (options->reveal != NULL && reveal_enter(store, config->store_reveal_role, err) != 0)
        return -1;
    if (query(store, report, options, word, &result, err) != 0 ||
        (detail != NULL && query(store, detail, options, word, &below, err) != 0))
        return -1;
    if (detail != NULL && store_rows(result) == 0)
        return err_set(err, ERR_MISSING, "no case of that number");
    if (options->reveal != NULL &&
        reveal_record_report(store, audited, detail != NULL ? below : result, options->reveal,
                             err) != 0)
        return -1;
    if (options->json) {
        view_json(result, report->columns, report->column_count, stdout);
        return 0;
    }
    view_table(result, report->columns, report->column_count, stdout);
    if (detail != NULL) {
        fputc('\n', stdout);
        view_table(below, detail->columns, detail->column_count, stdout);
    }
    return 0;
}

static int
accept_channel(const struct options *options, const struct config *config, const char *name,
               struct err *err)
{
    AUTO(store_close) struct store *store = NULL;

    if (connect_as(options, config->store_ops_conninfo, &store, err) != 0 ||
        channel_accept(store, name, err) != 0)
        return -1;
    printf("通道 %s 已恢复；未收完的文件请重新发送 (channel accepted; send the half file again)\n",
           name);
    return 0;
}

static int
judge(const struct options *options, const struct config *config, struct err *err)
{
    int32_t month = 0;

    if (options->month != NULL && !clock_parse_month(options->month, &month))
        return err_set(err, ERR_INPUT, "judge takes --month YYYY-MM");
    return scheduler_judge(
        config, options->county != NULL ? (uint32_t)strtoul(options->county, NULL, 10) : 0, month,
        options->full, err);
}

/* For the sector: rows of its own files, without names and numbers. */
static int
show_quality(const struct options *options, const struct config *config, struct err *err)
{
    static const struct view_column columns[QUALITY_COLUMNS] = {
        {"check", "检查", VIEW_TEXT},       {"meaning", "问题", VIEW_TEXT},
        {"record_type", "数据", VIEW_TEXT}, {"producer", "单位", VIEW_TEXT},
        {"period", "月份", VIEW_TEXT},      {"revision", "版次", VIEW_INT},
        {"row", "行号", VIEW_INT},          {"column", "列名", VIEW_TEXT},
    };
    AUTO(store_result_free) struct store_result *result = NULL;
    uint32_t county = config->counties[0].code;
    int32_t month;

    if (options->sector == NULL || options->month == NULL ||
        !clock_parse_month(options->month, &month))
        return err_set(err, ERR_INPUT, "report quality needs --sector NAME and --month YYYY-MM");
    if (options->county == NULL && config->county_count > 1)
        return err_set(err, ERR_INPUT, "report quality needs --county: the hub serves several");
    if (options->county != NULL)
        county = (uint32_t)strtoul(options->county, NULL, 10);
    if (scheduler_quality(config, county, month, options->sector, &result, err) != 0)
        return -1;
    if (options->json)
        view_json(result, columns, QUALITY_COLUMNS, stdout);
    else
        view_table(result, columns, QUALITY_COLUMNS, stdout);
    return 0;
}

/* One link: shown, confirmed or broken. */
static int
review(const struct options *options, const struct config *config, const char *verb,
       struct err *err)
{
    AUTO(store_close) struct store *store = NULL;
    bool shows = strcmp(verb, "show") == 0, confirms = strcmp(verb, "confirm") == 0;
    const struct review_order order = {.county = options->county,
                                       .reason = shows ? options->reveal : options->reason,
                                       .json = options->json};
    struct review_id id;

    if ((!shows && !confirms && strcmp(verb, "break") != 0) || options->words[2] == NULL)
        return err_set(err, ERR_INPUT, "review list, or review show, confirm or break ID");
    if (review_parse(options->words[2], &id, err) != 0 || check_county(options, err) != 0 ||
        connect_as(options, config->store_ops_conninfo, &store, err) != 0)
        return -1;
    return shows ? review_show(store, config, &id, &order, stdout, err)
                 : review_decide(store, config, &id, confirms, &order, stdout, err);
}

static int
write_new(const char *path, mode_t mode, const char *text, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (fd < 0)
        return err_set(err, ERR_INPUT, "cannot make %s: %s", path, strerror(errno));
    if (dprintf(fd, "%s\n", text) < 0 || fsync(fd) != 0) {
        close(fd);
        return err_set(err, ERR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
    }
    close(fd);
    return 0;
}

static int
make_key(const char *path, struct err *err)
{
    struct wire_keys keys;
    char public_path[PATH_MAX];

    wire_keys_make(&keys);
    snprintf(public_path, sizeof(public_path), "%s.pub", path);
    if (write_new(path, 0600, keys.secret_key, err) != 0)
        return -1;
    return write_new(public_path, 0644, keys.public_key, err);
}

/* Read the rules, and a profile when one is named. Files that cannot be used are complained of. */
static int
load_rules(const struct config *config, const char *profile, struct rules **ret_rules,
           struct profile **ret_profile, struct err *err)
{
    AUTO_BUF struct buf problems = {0};

    if (rules_load_sound(config->rules_dir, ret_rules, &problems, err) != 0)
        return -1;
    if (profile == NULL ||
        profile_load(config->profiles_dir, profile, *ret_rules, ret_profile, &problems, err) == 0)
        return 0;
    fputs(buf_str(&problems), stderr);
    return -1;
}

static int
check_rules(const struct config *config, struct err *err)
{
    AUTO_BUF struct buf problems = {0};
    size_t refused = 0;

    if (scheduler_try(config, &problems, &refused, err) != 0)
        return -1;
    fputs(buf_str(&problems), stderr);
    if (refused > 0)
        return err_set(err, ERR_CONFIG, "%zu of the rules are refused", refused);
    printf("规则全部可用 (every rule can be used)\n");
    return 0;
}

static int
rules_command(const struct options *options, const struct config *config, const char *verb,
              struct err *err)
{
    AUTO(rules_free) struct rules *rules = NULL;
    AUTO(profile_free) struct profile *profile = NULL;

    if (strcmp(verb, "check") == 0)
        return check_rules(config, err);
    if (load_rules(config, options->profile, &rules, &profile, err) != 0)
        return -1;
    if (strcmp(verb, "explain") == 0 && options->words[2] != NULL)
        return rulebook_explain(rules, options->words[2], profile, options->json, stdout, err);
    if (strcmp(verb, "list") != 0)
        return err_set(err, ERR_INPUT, "rules list, rules check, or rules explain ID");
    rulebook_list(rules, options->json, stdout);
    return 0;
}

static int
show_profile(const struct options *options, const struct config *config, struct err *err)
{
    AUTO(rules_free) struct rules *rules = NULL;
    AUTO(profile_free) struct profile *profile = NULL;

    if (load_rules(config, options->words[2], &rules, &profile, err) != 0)
        return -1;
    rulebook_profile(rules, profile, options->json, stdout);
    return 0;
}

static int
run(const struct options *options, char **argv, struct err *err)
{
    AUTO(config_free) struct config *config = NULL;
    const char *command = options->words[0], *verb = options->words[1];
    const struct report *report = report_find(command);
    bool channel = strcmp(command, "channel") == 0, reviews = strcmp(command, "review") == 0;
    bool lists = verb != NULL && strcmp(verb, "list") == 0;

    if (strcmp(command, "keys") == 0 && verb != NULL && strcmp(verb, "make") == 0 &&
        options->words[2] != NULL)
        return make_key(options->words[2], err);
    if (with_database(options, argv, err) != 0 || load(options, &config, err) != 0)
        return -1;
    if (strcmp(command, "report") == 0 && verb != NULL && strcmp(verb, "quality") == 0)
        return show_quality(options, config, err);
    if (strcmp(command, "rules") == 0 && verb != NULL)
        return rules_command(options, config, verb, err);
    if (strcmp(command, "profile") == 0 && verb != NULL && strcmp(verb, "show") == 0 &&
        options->words[2] != NULL)
        return show_profile(options, config, err);
    if (strcmp(command, "judge") == 0)
        return judge(options, config, err);
    if (channel && verb != NULL && strcmp(verb, "accept") == 0 && options->words[2] != NULL)
        return accept_channel(options, config, options->words[2], err);
    if (reviews && !lists)
        return review(options, config, verb != NULL ? verb : "", err);
    if (report == NULL || report->help == NULL || (report->detail != NULL && verb == NULL) ||
        (channel && !lists))
        return err_set(err, ERR_INPUT, "unknown command '%s'; see --help", command);
    if (reviews)
        verb = options->all ? "all" : NULL;
    return show(options, config, report, channel ? NULL : verb, err);
}

/* Linkage on files; returns the exit status. */
static int
link_files(int argc, char **argv)
{
    struct err err = {0};

    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return command_usage(stdout), 0;
    return command_link(argc, argv, &err) == 0 ? 0 : complain(&err);
}

int
main(int argc, char **argv)
{
    struct options options = {0};
    struct err err = {0};
    int status;

    umask(077);
    setlocale(LC_CTYPE, "C.UTF-8");
    log_init("qianshao", LOG_WARN);
    if (argc > 1 && strcmp(argv[1], "link") == 0) /* its options are its own: link/command.h */
        return link_files(argc - 1, argv + 1);
    status = parse(argc, argv, &options);
    if (status >= 0)
        return status;
    if (run(&options, argv, &err) != 0)
        return complain(&err);
    if (fflush(stdout) != 0)
        return fprintf(stderr, "qianshao: cannot write: %s\n", strerror(errno)), 1;
    return 0;
}
