/*
 * qianshao — the command of ops staff and clerks: its table of commands and options.
 *
 * Reads through roles that see no person's full number, unless a look-up is
 * asked for and put on record (reveal.h). Exit: 0 done, 1 failed, 2 usage.
 */
#include <errno.h>
#include <locale.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/args.h"
#include "base/log.h"
#include "command/act.h"
#include "command/ask.h"
#include "link/pool.h"

/* Options that go together. */
#define SETTINGS "dir config "
#define DATABASE SETTINGS "user county "

static const struct args_command commands[] = {
    {"status", "", DATABASE "json", ask_report, "the hub in one line"},
    {"feeds", "[RECORD_TYPE]", DATABASE "month json", ask_report,
     "what came of each feed: complete, partial, half, stuck, refused, late"},
    {"report", "[RULE]", DATABASE "month json", ask_report,
     "what each rule did for a month, and what was missing"},
    {"report quality", "", SETTINGS "county month sector json", ask_quality,
     "what is wrong with a sector's lists: --sector NAME --month YYYY-MM"},
    {"findings", "[SUBJECT]", DATABASE "month reveal json", ask_report,
     "what the rules found; of a RULE, household number or subject_ref"},
    {"cases", "", DATABASE "month json", ask_report, "the consolidated warnings, one a household"},
    {"case", "ID", DATABASE "reveal json", ask_report,
     "one case with its findings, values and source rows; ID as `cases` shows it"},
    {"channel list", "", DATABASE "json", ask_report, "every adapter's channel"},
    {"channel accept", "NAME", DATABASE, act_accept,
     "take a stopped channel up again, discarding its half submission"},
    {"judge", "", SETTINGS "county month full", act_judge,
     "what has changed; --month YYYY-MM: that month for everybody, with the\n"
     "present rules and profile; --full: every month so, every case anew"},
    {"review list", "", DATABASE "month all json", ask_report,
     "records that may be a member's and wait for a clerk; --all: every link"},
    {"review show", "ID", DATABASE "reveal json", ask_link,
     "both records side by side, and what each field weighs"},
    {"review confirm", "ID", DATABASE "reason json", act_confirm,
     "record and member are one person: --reason TEXT"},
    {"review break", "ID", DATABASE "reason json", act_break,
     "they are two: --reason TEXT; a clerk's word lasts, and goes last"},
    {"rules list", "", SETTINGS "json", ask_rules, "the rules"},
    {"rules check", "", SETTINGS, act_check_rules, "try every rule on an empty month"},
    {"rules explain", "ID", SETTINGS "profile json", ask_rule,
     "everything about a rule; --profile NAME: its values there"},
    {"profile show", "NAME", SETTINGS "json", ask_profile,
     "every effective value, and where it comes from"},
    {"keys make", "FILE", SETTINGS, act_make_key,
     "a new CURVE key; the public half goes to FILE.pub"},
    {"link", "", "in out known explain threads one-per-source verbose", act_link,
     "--in people.csv --out links.csv: whose record is it; no database;\n"
     "--known KNOWN.csv: whose of those that were linked before"},
};

#define PLACE(member) offsetof(struct order, member)
static const struct args_option options[] = {
    {"dir", 0, ARGS_TEXT, false, PLACE(dir), "DIR", .help = "a quickstart's run directory"},
    {"config", 'c', ARGS_TEXT, false, PLACE(config), "FILE",
     .help = "the hub's settings; default $QIANSHAO_CONFIG"},
    {"user", 0, ARGS_TEXT, false, PLACE(user), "NAME",
     .help = "database login instead of the settings' own"},
    {"county", 0, ARGS_TEXT, false, PLACE(county), "CODE", .help = "code of six digits"},
    {"month", 0, ARGS_TEXT, false, PLACE(month), "YYYY-MM", .help = "of this month"},
    {"json", 0, ARGS_FLAG, false, PLACE(json), .help = "one object a line"},
    {"sector", 0, ARGS_TEXT, false, PLACE(sector), "NAME", .help = "a sector, such as insurance"},
    {"profile", 0, ARGS_TEXT, false, PLACE(profile), "NAME", .help = "a jurisdiction's profile"},
    {"reveal", 0, ARGS_TEXT, false, PLACE(reveal), "REASON",
     .help = "full identities; needs the role, audited"},
    {"reason", 0, ARGS_TEXT, false, PLACE(reason), "REASON",
     .help = "of a decision, six characters or more"},
    {"full", 0, ARGS_FLAG, false, PLACE(full), .help = "judge: every month, every case anew"},
    {"all", 0, ARGS_FLAG, false, PLACE(all), .help = "review list: every link"},
    {"in", 0, ARGS_TEXT, false, PLACE(link.in), "FILE",
     .help = "link: CSV with record_id,source,name,id_no,sex,birth_date,phone,\n"
             "address,area,household_no"},
    {"out", 0, ARGS_TEXT, false, PLACE(link.out), "FILE",
     .help = "link: record_id,entity_id,band,pass,weight,probability"},
    {"known", 0, ARGS_TEXT, false, PLACE(link.known), "FILE",
     .help = "link: records linked before, the columns of --in and entity_id;\n"
             "they keep their persons, and each record of --in gets its own"},
    {"explain", 0, ARGS_TEXT, false, PLACE(link.explain), "FILE",
     .help = "link: each pair with the weight of each field"},
    {"threads", 0, ARGS_NUMBER, false, PLACE(link.threads), "N", 1, POOL_THREADS_MAX,
     "link: by default, all processors"},
    {"one-per-source", 0, ARGS_TEXT, false, PLACE(link.once), "A,B",
     .help = "link: sources that hold a person once"},
    {"verbose", 0, ARGS_FLAG, false, PLACE(link.verbose),
     .help = "link: say on stderr how long each step took and what each key joined"},
};

static const struct args_program program = {
    .name = "qianshao",
    .phrases = args_english,
    .commands = commands,
    .command_count = sizeof(commands) / sizeof(commands[0]),
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
};

static int
complain(const struct err *err)
{
    (void)fprintf(stderr, "qianshao: %s\n", err->text);
    if (err->hint[0] != '\0')
        (void)fprintf(stderr, "qianshao: %s\n", err->hint);
    return err->code == ERR_INPUT ? ARGS_USAGE_STATUS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
    struct order order = {.argv = argv};
    int status;

    (void)umask(077);
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    log_init("qianshao", LOG_WARN);
    status = args_take(&program, argc, argv, &order, &order.args);
    if (status >= 0)
        return status;
    if (order.args.command->run(&order) != 0)
        return complain(&order.err);
    if (fflush(stdout) != 0) {
        (void)fprintf(stderr, "qianshao: cannot write: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
