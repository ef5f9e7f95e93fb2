/*
 * args — a program's command line by one table of commands and options.
 *
 * The table gives the parsing, --help and --version, so that all programs are called alike: options
 * stand before or behind the command, as `--name value` or `--name=value`; a command takes the
 * options and the number of words that the table says; anything else is refused with exit status 2.
 * Abbreviated options are refused, since a new option could change what they mean. Not thread-safe
 * (getopt_long): main calls it, once.
 */
#ifndef ARGS_H
#define ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define ARGS_WORDS_MAX 4 /* words of one command line, the command's own among them */
#define ARGS_OPTIONS_MAX 48
#define ARGS_USAGE_STATUS 2 /* exit status of a command line that is wrong */

enum args_kind {
    ARGS_FLAG,   /* bool */
    ARGS_TEXT,   /* const char *, borrowed from argv; never empty */
    ARGS_NUMBER, /* int64_t, from min to max */
    ARGS_COMMAND /* it stands for the command of its name, "--check" */
};

/* An option. --help (-h) and --version are there without being in the table. */
struct args_option {
    const char *name; /* "month": --month */
    char letter;      /* 'c': -c; 0: none */
    enum args_kind kind;
    bool always;       /* every command takes it */
    size_t place;      /* of the value, in the struct of values */
    const char *value; /* what --help calls the value: "FILE" */
    int64_t min, max;
    const char *help; /* may hold line breaks */
};

struct args_command {
    const char *name;    /* "review show"; "--check": by an option; "": when there is none */
    const char *words;   /* the words behind its name: "ID", "[RULE]" when it may be left out; "" */
    const char *options; /* names of the options it takes, "month county"; "" */
    int (*run)(void *values);
    const char *help; /* may hold line breaks */
};

/* The phrases of messages and of --help, in the reader's language. */
enum args_phrase {
    ARGS_USAGE,          /* "usage" */
    ARGS_SYNOPSIS,       /* "COMMAND" */
    ARGS_SOME_OPTIONS,   /* "[options]" */
    ARGS_COMMANDS,       /* "commands:" */
    ARGS_OPTIONS,        /* "options:" */
    ARGS_COLON,          /* ": " */
    ARGS_SEE,            /* "see" (NAME --help) */
    ARGS_HELP,           /* what --help does */
    ARGS_VERSION,        /* what --version does */
    ARGS_UNKNOWN_OPTION, /* the problems, each followed by the option or word that it is about */
    ARGS_VALUE_MISSING,
    ARGS_VALUE_UNWANTED,
    ARGS_NOT_A_NUMBER,
    ARGS_COMMAND_MISSING,
    ARGS_UNKNOWN_COMMAND,
    ARGS_TWO_COMMANDS,
    ARGS_OPTION_UNWANTED, /* the command does not take this option */
    ARGS_WORD_MISSING,
    ARGS_WORD_UNWANTED,
    ARGS_PHRASES
};

extern const char *const args_english[ARGS_PHRASES];

struct args_program {
    const char *name;
    const char *const *phrases; /* args_english or another language's */
    const struct args_command *commands;
    size_t command_count;
    const struct args_option *options;
    size_t option_count;
    void (*epilogue)(FILE *out); /* the last paragraph of --help; NULL: none */
};

/*
 * The command and words of a command line, besides the values of options. Borrowed from argv and
 * the tables.
 */
struct args {
    const struct args_command *command;    /* NULL with `help` or `version`: none was named */
    const char *words[ARGS_WORDS_MAX + 1]; /* behind the command; NULL behind the last one */
    bool help, version;
};

/* The version that all programs share. */
const char *args_version(void);

/*
 * Read a command line into `values`, which is zeroed or holds presets. ERR_INPUT with a hint;
 * `values` may then be partly filled.
 */
NODISCARD int args_parse(const struct args_program *program, int argc, char **argv, void *values,
                         struct args *ret_args, struct err *err);

/* Print the help of the program, or of one command. */
void args_help(const struct args_program *program, const struct args_command *command, FILE *out);

/*
 * Read a command line as args_parse does, and answer --help, --version and mistakes. Returns -1
 * when the program is to go on, otherwise its exit status.
 */
int args_take(const struct args_program *program, int argc, char **argv, void *values,
              struct args *ret_args);

#endif
