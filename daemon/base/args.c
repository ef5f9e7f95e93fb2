#include "base/args.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define ARGS_CODE 256 /* of the first option for getopt_long, behind every letter */
#define ARGS_LEFT_MAX 26

static const struct args_option args_builtin[] = {
    {.name = "help", .letter = 'h', .kind = ARGS_FLAG, .always = true},
    {.name = "version", .kind = ARGS_FLAG, .always = true},
};
#define ARGS_BUILTIN (sizeof(args_builtin) / sizeof(args_builtin[0]))

const char *const args_english[ARGS_PHRASES] = {
    [ARGS_USAGE] = "usage",
    [ARGS_SYNOPSIS] = "COMMAND",
    [ARGS_SOME_OPTIONS] = "[options]",
    [ARGS_COMMANDS] = "commands:",
    [ARGS_OPTIONS] = "options:",
    [ARGS_COLON] = ": ",
    [ARGS_SEE] = "see",
    [ARGS_HELP] = "this text; behind a command, the command's",
    [ARGS_VERSION] = "the version",
    [ARGS_UNKNOWN_OPTION] = "unknown option",
    [ARGS_VALUE_MISSING] = "a value is missing",
    [ARGS_VALUE_UNWANTED] = "the option takes no value",
    [ARGS_NOT_A_NUMBER] = "not a number in its range",
    [ARGS_COMMAND_MISSING] = "which command?",
    [ARGS_UNKNOWN_COMMAND] = "unknown command",
    [ARGS_TWO_COMMANDS] = "one command at a time",
    [ARGS_OPTION_UNWANTED] = "the command does not take this option",
    [ARGS_WORD_MISSING] = "a word is missing behind the command",
    [ARGS_WORD_UNWANTED] = "one word too many",
};

/* One reading of a command line. */
struct args_reader {
    const struct args_program *program;
    char **argv;
    void *values;
    struct option longs[ARGS_OPTIONS_MAX + ARGS_BUILTIN + 1]; /* getopt's */
    char letters[2 * (ARGS_OPTIONS_MAX + ARGS_BUILTIN) + 3];
    bool given[ARGS_OPTIONS_MAX];
    const struct args_option *command_option; /* the one that stands for a command */
    const char *words[ARGS_WORDS_MAX];
    size_t word_count;
    struct args args;
};

const char *
args_version(void)
{
    return QIANSHAO_VERSION;
}

static const char *
args_say(const struct args_program *program, enum args_phrase phrase)
{
    return program->phrases[phrase];
}

/* Fail: the phrase, the option or word that it is about, and where help is. */
static int
args_fail(const struct args_program *program, enum args_phrase phrase, const char *what,
          struct err *err)
{
    (void)err_set(err, ERR_INPUT, "%s%s%s", args_say(program, phrase),
                  *what == '\0' ? "" : args_say(program, ARGS_COLON), what);
    return err_hint(err, "%s %s --help", args_say(program, ARGS_SEE), program->name);
}

/* The option at an index: the program's, and behind them the built-in ones. */
static const struct args_option *
args_option_at(const struct args_program *program, size_t index)
{
    return index < program->option_count ? &program->options[index]
                                         : &args_builtin[index - program->option_count];
}

static bool
args_has_value(const struct args_option *option)
{
    return option->kind == ARGS_TEXT || option->kind == ARGS_NUMBER;
}

/* ---- options ---- */

/*
 * Tell getopt_long the table. Words come in their place ("-") and a missing value is told apart
 * (":").
 */
static void
args_prepare(struct args_reader *reader)
{
    const struct args_program *program = reader->program;
    size_t count = program->option_count + ARGS_BUILTIN, letters = 0;

    assert(program->option_count <= ARGS_OPTIONS_MAX);
    reader->letters[letters++] = '-';
    reader->letters[letters++] = ':';
    for (size_t i = 0; i < count; i++) {
        const struct args_option *option = args_option_at(program, i);
        int wants = args_has_value(option) ? required_argument : no_argument;

        reader->longs[i] = (struct option){option->name, wants, NULL, ARGS_CODE + (int)i};
        if (option->letter == 0)
            continue;
        reader->letters[letters++] = option->letter;
        if (wants == required_argument)
            reader->letters[letters++] = ':';
    }
}

/* The index of the option that getopt_long means. */
static size_t
args_index(const struct args_program *program, int code)
{
    size_t i = 0;

    if (code >= ARGS_CODE)
        return (size_t)(code - ARGS_CODE);
    while (args_option_at(program, i)->letter != code)
        i++;
    return i;
}

/* How an option is called in messages; of a word like "--name=value" only the name. */
static void
args_add_option_name(const char *word, struct buf *out)
{
    buf_add(out, word, strcspn(word, "="));
}

/* Refuse a word that is no option, and name those that it may be short for. */
static int
args_unknown(const struct args_reader *reader, const char *word, struct err *err)
{
    const struct args_program *program = reader->program;
    AUTO_BUF struct buf text = {0};
    int alike = 0;

    args_add_option_name(word, &text);
    if (strncmp(word, "--", 2) != 0) {
        buf_clear(&text);
        buf_add_fmt(&text, "-%c", optopt);
    }
    for (size_t i = 0; text.len > 2 && i < program->option_count + ARGS_BUILTIN; i++) {
        const char *name = args_option_at(program, i)->name;

        if (strncmp(name, word + 2, strcspn(word + 2, "=")) == 0)
            buf_add_fmt(&text, "%s--%s", alike++ == 0 ? " (" : ", ", name);
    }
    buf_add_str(&text, alike > 0 ? ")" : "");
    return args_fail(program, ARGS_UNKNOWN_OPTION, buf_str(&text), err);
}

static int
args_fail_option(const struct args_reader *reader, enum args_phrase phrase,
                 const struct args_option *option, struct err *err)
{
    AUTO_BUF struct buf text = {0};

    buf_add_fmt(&text, "--%s", option->name);
    if (phrase == ARGS_NOT_A_NUMBER)
        buf_add_fmt(&text, " %lld…%lld", (long long)option->min, (long long)option->max);
    return args_fail(reader->program, phrase, buf_str(&text), err);
}

/* Read digits, after a minus perhaps. */
static bool
args_number(const char *text, const struct args_option *option, int64_t *ret_number)
{
    long long number;
    char *end;

    errno = 0;
    number = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0' || (!isdigit((unsigned char)*text) && *text != '-') ||
        number < option->min || number > option->max)
        return false;
    *ret_number = number;
    return true;
}

static int
args_take_option(struct args_reader *reader, size_t index, const char *value, struct err *err)
{
    const struct args_program *program = reader->program;
    const struct args_option *option = args_option_at(program, index);
    char *place = (char *)reader->values + option->place;

    if (index >= program->option_count) {
        *(index == program->option_count ? &reader->args.help : &reader->args.version) = true;
        return 0;
    }
    reader->given[index] = true;
    switch (option->kind) {
    case ARGS_FLAG:
        *(bool *)(void *)place = true;
        return 0;
    case ARGS_TEXT:
        if (*value == '\0')
            return args_fail_option(reader, ARGS_VALUE_MISSING, option, err);
        *(const char **)(void *)place = value;
        return 0;
    case ARGS_NUMBER:
        if (!args_number(value, option, (int64_t *)(void *)place))
            return args_fail_option(reader, ARGS_NOT_A_NUMBER, option, err);
        return 0;
    case ARGS_COMMAND:
        if (reader->command_option != NULL && reader->command_option != option)
            return args_fail_option(reader, ARGS_TWO_COMMANDS, option, err);
        reader->command_option = option;
        return 0;
    }
    return 0;
}

static int
args_take_word(struct args_reader *reader, const char *word, struct err *err)
{
    if (reader->word_count == ARGS_WORDS_MAX)
        return args_fail(reader->program, ARGS_WORD_UNWANTED, word, err);
    reader->words[reader->word_count++] = word;
    return 0;
}

/* Take the option that getopt_long found in `word`. */
static int
args_take_code(struct args_reader *reader, int code, const char *word, struct err *err)
{
    const struct args_option *option;
    bool is_long = strncmp(word, "--", 2) == 0;
    size_t index;

    if (code == 1)
        return args_take_word(reader, optarg, err);
    if (code == '?' && optopt >= ARGS_CODE)
        return args_fail_option(
            reader, ARGS_VALUE_UNWANTED,
            args_option_at(reader->program, args_index(reader->program, optopt)), err);
    if (code == '?')
        return args_unknown(reader, word, err);
    index = args_index(reader->program, code == ':' ? optopt : code);
    option = args_option_at(reader->program, index);
    if (is_long && strcspn(word + 2, "=") != strlen(option->name))
        return args_unknown(reader, word, err);
    if (code == ':' || (args_has_value(option) && strncmp(optarg, "--", 2) == 0 &&
                        optarg == reader->argv[optind - 1]))
        return args_fail_option(reader, ARGS_VALUE_MISSING, option, err);
    return args_take_option(reader, index, optarg, err);
}

/* Read every argument in its order. */
static int
args_read(struct args_reader *reader, int argc, struct err *err)
{
    const char *word = NULL;
    int code;

    opterr = 0;
    optind = 0; /* begin anew, also after another command line */
    do {
        int at = optind == 0 ? 1 : optind;

        word = at < argc ? reader->argv[at] : NULL;
        code = getopt_long(argc, reader->argv, reader->letters, reader->longs, NULL);
        if (code != -1 && args_take_code(reader, code, word, err) != 0)
            return -1;
    } while (code != -1);
    for (int i = optind; i < argc; i++) /* behind "--" */
        if (args_take_word(reader, reader->argv[i], err) != 0)
            return -1;
    return 0;
}

/* ---- commands ---- */

/* How many of the words a command's name is, or 0 when it is not theirs. */
static size_t
args_match(const struct args_reader *reader, const struct args_command *command)
{
    const char *name = command->name;
    size_t count = 0;

    for (; *name != '\0'; count++) {
        size_t len = strcspn(name, " ");
        const char *word = count < reader->word_count ? reader->words[count] : "";

        if (strlen(word) != len || strncmp(word, name, len) != 0)
            return 0;
        name += len + (name[len] == ' ');
    }
    return count;
}

/* Whether a command is reached by words, and neither by an option nor by none. */
static bool
args_by_words(const struct args_command *command)
{
    return *command->name != '\0' && *command->name != '-';
}

/* The command of a name that is no words: "" or "--check"; NULL when there is none. */
static const struct args_command *
args_named(const struct args_program *program, const char *prefix, const char *name)
{
    for (size_t i = 0; i < program->command_count; i++) {
        const char *own = program->commands[i].name;

        if (strncmp(own, prefix, strlen(prefix)) == 0 && strcmp(own + strlen(prefix), name) == 0)
            return &program->commands[i];
    }
    return NULL;
}

static int
args_unknown_command(const struct args_reader *reader, struct err *err)
{
    const struct args_program *program = reader->program;
    AUTO_BUF struct buf text = {0};
    size_t len = strlen(reader->words[0]);
    int alike = 0;

    buf_add_str(&text, reader->words[0]);
    if (reader->word_count > 1)
        buf_add_fmt(&text, " %s", reader->words[1]);
    for (size_t i = 0; i < program->command_count; i++) {
        const char *name = program->commands[i].name;

        if (strncmp(name, reader->words[0], len) == 0 && name[len] == ' ')
            buf_add_fmt(&text, "%s%s", alike++ == 0 ? " (" : ", ", name);
    }
    buf_add_str(&text, alike > 0 ? ")" : "");
    return args_fail(program, ARGS_UNKNOWN_COMMAND, buf_str(&text), err);
}

/* Find the command, and the words behind it. */
static int
args_find_command(struct args_reader *reader, struct err *err)
{
    const struct args_program *program = reader->program;
    size_t best = 0;

    if (reader->command_option != NULL)
        reader->args.command = args_named(program, "--", reader->command_option->name);
    for (size_t i = 0; reader->command_option == NULL && i < program->command_count; i++) {
        size_t matched = args_match(reader, &program->commands[i]);

        if (matched > best) {
            best = matched;
            reader->args.command = &program->commands[i];
        }
    }
    if (reader->args.command == NULL && reader->word_count == 0)
        reader->args.command = args_named(program, "", "");
    for (size_t i = best; i < reader->word_count; i++)
        reader->args.words[i - best] = reader->words[i];
    if (reader->args.command != NULL || reader->args.help || reader->args.version)
        return 0;
    return reader->word_count == 0 ? args_fail(program, ARGS_COMMAND_MISSING, "", err)
                                   : args_unknown_command(reader, err);
}

/* Whether a name stands in a list of names with blanks between. */
static bool
args_lists(const char *names, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = names; *at != '\0'; at += strspn(at, " ")) {
        size_t one = strcspn(at, " ");

        if (one == len && strncmp(at, name, len) == 0)
            return true;
        at += one;
    }
    return false;
}

static bool
args_takes(const struct args_command *command, const struct args_option *option)
{
    return option->always || option->kind == ARGS_COMMAND ||
           args_lists(command->options, option->name);
}

/*
 * Check that the command takes the options and words that were given, and has those that it needs.
 */
static int
args_check(const struct args_reader *reader, struct err *err)
{
    const struct args_program *program = reader->program;
    const struct args_command *command = reader->args.command;
    const char *wanted = command->words, *const *word = reader->args.words;

    for (size_t i = 0; i < program->option_count; i++)
        if (reader->given[i] && !args_takes(command, &program->options[i]))
            return args_fail_option(reader, ARGS_OPTION_UNWANTED, &program->options[i], err);
    for (; *wanted != '\0'; word += *word != NULL) {
        size_t len = strcspn(wanted, " ");

        if (*word == NULL && *wanted != '[') {
            AUTO_BUF struct buf text = {0};

            buf_add_fmt(&text, "%s %.*s", command->name, (int)len, wanted);
            return args_fail(program, ARGS_WORD_MISSING, buf_str(&text), err);
        }
        wanted += len + (wanted[len] == ' ');
    }
    return *word == NULL ? 0 : args_fail(program, ARGS_WORD_UNWANTED, *word, err);
}

int
args_parse(const struct args_program *program, int argc, char **argv, void *values,
           struct args *ret_args, struct err *err)
{
    struct args_reader reader = {.program = program, .argv = argv, .values = values};

    args_prepare(&reader);
    if (args_read(&reader, argc, err) != 0 || args_find_command(&reader, err) != 0)
        return -1;
    if (!reader.args.help && !reader.args.version && args_check(&reader, err) != 0)
        return -1;
    *ret_args = reader.args;
    return 0;
}

/* ---- help ---- */

/* Columns that a text takes: Chinese characters take two. */
static int
args_width(const char *text)
{
    int width = 0;

    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        width += *at >= 0xE0 ? 2 : *at < 0x80 || *at >= 0xC0;
    return width;
}

/* Write a line of two columns; the right one may be of several lines. */
static void
args_help_line(const char *left, const char *right, int width, FILE *out)
{
    int used = args_width(left);

    (void)fprintf(out, "  %s", left);
    if (used > width) {
        (void)fputc('\n', out);
        used = -2;
    }
    for (; *right != '\0';) {
        size_t len = strcspn(right, "\n");

        (void)fprintf(out, "%*s  %.*s\n", width - used, "", (int)len, right);
        right += len + (right[len] == '\n');
        used = -2;
    }
}

/* The left column of an option, "-c, --config FILE". */
static void
args_add_left(const struct args_option *option, struct buf *out)
{
    if (option->letter != 0)
        buf_add_fmt(out, "-%c, ", option->letter);
    else
        buf_add_str(out, "    ");
    buf_add_fmt(out, "--%s", option->name);
    if (args_has_value(option))
        buf_add_fmt(out, " %s", option->value);
}

static void
args_help_option(const struct args_program *program, size_t index, FILE *out)
{
    const struct args_option *option = args_option_at(program, index);
    AUTO_BUF struct buf left = {0};

    args_add_left(option, &left);
    args_help_line(buf_str(&left),
                   index < program->option_count    ? option->help
                   : index == program->option_count ? args_say(program, ARGS_HELP)
                                                    : args_say(program, ARGS_VERSION),
                   ARGS_LEFT_MAX, out);
}

/* The left column of a command: its name and words; of one by an option, the option. */
static void
args_help_command(const struct args_program *program, const struct args_command *command, FILE *out)
{
    AUTO_BUF struct buf left = {0};

    for (size_t i = 0; *command->name == '-' && i < program->option_count; i++)
        if (strcmp(program->options[i].name, command->name + 2) == 0)
            args_add_left(&program->options[i], &left);
    if (args_by_words(command))
        buf_add_str(&left, command->name);
    if (*command->words != '\0')
        buf_add_fmt(&left, "%s%s", left.len > 0 ? " " : "", command->words);
    args_help_line(buf_str(&left), command->help, ARGS_LEFT_MAX, out);
}

/* The line of usage, and the table of commands. */
static void
args_help_commands(const struct args_program *program, FILE *out)
{
    bool by_words = false;

    for (size_t i = 0; i < program->command_count; i++)
        by_words |= args_by_words(&program->commands[i]);
    (void)fprintf(out, "%s%s%s\n\n%s\n", args_say(program, ARGS_SOME_OPTIONS), by_words ? " " : "",
                  by_words ? args_say(program, ARGS_SYNOPSIS) : "",
                  args_say(program, ARGS_COMMANDS));
    for (size_t i = 0; i < program->command_count; i++)
        args_help_command(program, &program->commands[i], out);
}

void
args_help(const struct args_program *program, const struct args_command *command, FILE *out)
{
    (void)fprintf(out, "%s%s%s ", args_say(program, ARGS_USAGE), args_say(program, ARGS_COLON),
                  program->name);
    if (command != NULL && args_by_words(command)) {
        (void)fprintf(out, "%s%s%s %s\n\n", command->name, *command->words == '\0' ? "" : " ",
                      command->words, args_say(program, ARGS_SOME_OPTIONS));
        args_help_command(program, command, out);
    } else {
        command = NULL;
        args_help_commands(program, out);
    }
    (void)fprintf(out, "\n%s\n", args_say(program, ARGS_OPTIONS));
    for (size_t i = 0; i < program->option_count + ARGS_BUILTIN; i++)
        if (args_option_at(program, i)->kind != ARGS_COMMAND &&
            (command == NULL || args_takes(command, args_option_at(program, i))))
            args_help_option(program, i, out);
    if (program->epilogue != NULL && command == NULL)
        program->epilogue(out);
}

int
args_take(const struct args_program *program, int argc, char **argv, void *values,
          struct args *ret_args)
{
    struct err err;

    if (args_parse(program, argc, argv, values, ret_args, &err) != 0) {
        (void)fprintf(stderr, "%s: %s\n%s: %s\n", program->name, err.text, program->name, err.hint);
        return ARGS_USAGE_STATUS;
    }
    if (ret_args->help)
        args_help(program, ret_args->command, stdout);
    else if (ret_args->version)
        (void)printf("%s %s\n", program->name, args_version());
    else
        return -1;
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
