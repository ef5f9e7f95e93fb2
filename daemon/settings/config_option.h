/*
 * config_option — config.def as a table. Private to config*.c.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>

enum config_kind { CONFIG_TEXT, CONFIG_PATH, CONFIG_INT, CONFIG_CHOICE, CONFIG_CODE };

struct config_choice {
    const char *name; /* NULL ends a list */
    int value;
};

/* Return why a text is no value of an option, or NULL. */
typedef const char *config_check_fn(const char *text);

struct config_option {
    const char *section, *name; /* section "counties" for entries of that list */
    enum config_kind kind;
    size_t offset;      /* in struct config or struct config_county */
    bool required;      /* it has no preset */
    const char *preset; /* of texts, paths and choices; NULL when optional */
    int preset_int, min, max;
    const struct config_choice *choices;
    config_check_fn *check;
    const char *help;
};

/* Both end with a NULL name. */
extern const struct config_option config_options[];
extern const struct config_option config_county_options[];

/* Return the choice's name for a value. */
const char *config_choice_name(const struct config_option *option, int value);

#endif
