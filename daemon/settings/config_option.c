#include "settings/config_option.h"

#include <assert.h>
#include <string.h>

#include "settings/config.h"

static const struct config_choice config_levels[] = {
    {"error", LOG_ERROR}, {"warn", LOG_WARN},   {"notice", LOG_NOTICE},
    {"info", LOG_INFO},   {"debug", LOG_DEBUG}, {NULL, 0},
};

static const char *
config_check_endpoint(const char *text)
{
    const char *port = strrchr(text, ':');

    if ((strncmp(text, "tcp://", 6) == 0 && port > text + 6 && port[1] != '\0') ||
        (strncmp(text, "ipc://", 6) == 0 && strlen(text) > 6))
        return NULL;
    return "tcp://ADDRESS:PORT or ipc://PATH is expected";
}

static const char *
config_check_word(const char *text)
{
    if (*text != '\0' && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0')
        return NULL;
    return "only a-z, 0-9, _ and - are allowed";
}

/* A connection string shows up in process lists and in what --print writes. */
static const char *
config_check_conninfo(const char *text)
{
    static const char reason[] = "a password does not belong here: name a file with passfile=";
    const char *authority = strstr(text, "://"), *at = text;

    if (*text == '\0')
        return "a connection string is expected";
    while ((at = strstr(at, "password")) != NULL) {
        at += strlen("password");
        if (at[strspn(at, " \t")] == '=')
            return reason;
    }
    if (authority != NULL && strncmp(text, "postgres", 8) == 0) {
        const char *user = authority + 3, *end = user + strcspn(user, "@/?");

        if (*end == '@' && memchr(user, ':', (size_t)(end - user)) != NULL)
            return reason;
    }
    return NULL;
}

#define REQUIRED NULL, .required = true
#define OPTIONAL NULL

const struct config_option config_options[] = {
#define TEXT(group, key, test, value, text)                                                        \
    {.section = #group,                                                                            \
     .name = #key,                                                                                 \
     .kind = CONFIG_TEXT,                                                                          \
     .offset = offsetof(struct config, group##_##key),                                             \
     .check = config_check_##test,                                                                 \
     .help = text,                                                                                 \
     .preset = value},
#define PATH(group, key, value, text)                                                              \
    {.section = #group,                                                                            \
     .name = #key,                                                                                 \
     .kind = CONFIG_PATH,                                                                          \
     .offset = offsetof(struct config, group##_##key),                                             \
     .help = text,                                                                                 \
     .preset = value},
#define INT(group, key, value, low, high, text)                                                    \
    {.section = #group,                                                                            \
     .name = #key,                                                                                 \
     .kind = CONFIG_INT,                                                                           \
     .offset = offsetof(struct config, group##_##key),                                             \
     .preset_int = value,                                                                          \
     .min = low,                                                                                   \
     .max = high,                                                                                  \
     .help = text},
#define CHOICE(group, key, type, list, value, text)                                                \
    {.section = #group,                                                                            \
     .name = #key,                                                                                 \
     .kind = CONFIG_CHOICE,                                                                        \
     .offset = offsetof(struct config, group##_##key),                                             \
     .choices = list,                                                                              \
     .preset = value,                                                                              \
     .help = text},
#include "settings/config.def"
    {.name = NULL},
};

const struct config_option config_county_options[] = {
#define COUNTY_CODE(key, text)                                                                     \
    {.section = "counties",                                                                        \
     .name = #key,                                                                                 \
     .kind = CONFIG_CODE,                                                                          \
     .offset = offsetof(struct config_county, key),                                                \
     .required = true,                                                                             \
     .help = text},
#define COUNTY_TEXT(key, test, text)                                                               \
    {.section = "counties",                                                                        \
     .name = #key,                                                                                 \
     .kind = CONFIG_TEXT,                                                                          \
     .offset = offsetof(struct config_county, key),                                                \
     .required = true,                                                                             \
     .check = config_check_##test,                                                                 \
     .help = text},
#include "settings/config.def"
    {.name = NULL},
};

const char *
config_choice_name(const struct config_option *option, int value)
{
    const struct config_choice *choice = option->choices;

    while (choice->name != NULL && choice->value != value)
        choice++;
    assert(choice->name != NULL);
    return choice->name;
}
