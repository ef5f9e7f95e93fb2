#include "settings/config_option.h"

#include <string.h>

#include "settings/config.h"

static const struct option_choice config_levels[] = {
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
#define PLACE(field) .place = offsetof(struct config, field)

static const struct option config_options[] = {
#define TEXT(group, key, test, value, text)                                                        \
    {.name = #group "." #key,                                                                      \
     .kind = OPTION_TEXT,                                                                          \
     PLACE(group##_##key),                                                                         \
     .check = config_check_##test,                                                                 \
     .help = text,                                                                                 \
     .preset = value},
#define PATH(group, key, value, text)                                                              \
    {.name = #group "." #key,                                                                      \
     .kind = OPTION_PATH,                                                                          \
     PLACE(group##_##key),                                                                         \
     .help = text,                                                                                 \
     .preset = value},
#define INT(group, key, value, low, high, text)                                                    \
    {.name = #group "." #key,                                                                      \
     .kind = OPTION_INT,                                                                           \
     PLACE(group##_##key),                                                                         \
     .preset = #value,                                                                             \
     .min = low,                                                                                   \
     .max = high,                                                                                  \
     .help = text},
#define CHOICE(group, key, type, list, value, text)                                                \
    {.name = #group "." #key,                                                                      \
     .kind = OPTION_CHOICE,                                                                        \
     PLACE(group##_##key),                                                                         \
     .choices = list,                                                                              \
     .preset = value,                                                                              \
     .help = text},
#include "settings/config.def"
    {.name = "counties", .kind = OPTION_TREE, .required = true},
};

#undef PLACE
#define PLACE(field) .place = offsetof(struct config_county, field)

static const struct option config_county_options[] = {
#define COUNTY_CODE(key, text)                                                                     \
    {.name = "counties." #key, .kind = OPTION_CODE, PLACE(key), .required = true, .help = text},
#define COUNTY_TEXT(key, test, text)                                                               \
    {.name = "counties." #key,                                                                     \
     .kind = OPTION_TEXT,                                                                          \
     PLACE(key),                                                                                   \
     .required = true,                                                                             \
     .check = config_check_##test,                                                                 \
     .help = text},
#include "settings/config.def"
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct option_table config_table = {
    .options = config_options,
    .count = COUNT(config_options),
};

const struct option_table config_county_table = {
    .options = config_county_options,
    .count = COUNT(config_county_options),
    .section = "counties",
};
