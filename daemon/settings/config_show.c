#include "settings/config.h"

#include <string.h>

#include "settings/config_option.h"

/* Write a text as YAML in double quotes; it holds no control characters. */
static void
config_print_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void
config_print_option(FILE *out, const struct config_option *option, const void *base)
{
    const char *at = (const char *)base + option->offset;

    fprintf(out, "%s: ", option->name);
    switch (option->kind) {
    case CONFIG_TEXT:
    case CONFIG_PATH:
        config_print_text(out, *(char *const *)(const void *)at);
        break;
    case CONFIG_INT:
        fprintf(out, "%d", *(const int *)(const void *)at);
        break;
    case CONFIG_CHOICE:
        fputs(config_choice_name(option, *(const int *)(const void *)at), out);
        break;
    case CONFIG_CODE:
        fprintf(out, "%u", *(const uint32_t *)(const void *)at);
        break;
    }
}

/* Return whether an option stands in the configuration: optional texts may not. */
static bool
config_has(const struct config_option *option, const struct config *config)
{
    const char *at = (const char *)config + option->offset;

    return (option->kind != CONFIG_TEXT && option->kind != CONFIG_PATH) ||
           *(char *const *)(const void *)at != NULL;
}

void
config_print(const struct config *config, FILE *out)
{
    const char *section = "";

    for (const struct config_option *option = config_options; option->name != NULL; option++) {
        if (!config_has(option, config))
            continue;
        if (strcmp(option->section, section) != 0)
            fprintf(out, "%s:\n", option->section);
        section = option->section;
        fputs("  ", out);
        config_print_option(out, option, config);
        fputc('\n', out);
    }
    fputs("counties:\n", out);
    for (size_t i = 0; i < config->county_count; i++) {
        for (const struct config_option *option = config_county_options; option->name != NULL;
             option++) {
            fputs(option == config_county_options ? "  - " : "    ", out);
            config_print_option(out, option, &config->counties[i]);
            fputc('\n', out);
        }
    }
}

static void
config_describe_kind(FILE *out, const struct config_option *option)
{
    switch (option->kind) {
    case CONFIG_TEXT:
        fputs("text", out);
        return;
    case CONFIG_PATH:
        fputs("path", out);
        return;
    case CONFIG_INT:
        fprintf(out, "%d to %d", option->min, option->max);
        return;
    case CONFIG_CODE:
        fputs("six digits", out);
        return;
    case CONFIG_CHOICE:
        for (const struct config_choice *choice = option->choices; choice->name != NULL; choice++)
            fprintf(out, "%s%s", choice == option->choices ? "" : ", ", choice->name);
        return;
    }
}

static void
config_describe_preset(FILE *out, const struct config_option *option)
{
    if (option->required)
        fputs("**required**", out);
    else if (option->kind == CONFIG_INT)
        fprintf(out, "%d", option->preset_int);
    else if (option->preset != NULL)
        fprintf(out, "`%s`", option->preset);
    else
        fputs("none", out);
}

static void
config_describe_option(FILE *out, const struct config_option *option)
{
    fprintf(out, "| `%s.%s` | ", option->section, option->name);
    config_describe_kind(out, option);
    fputs(" | ", out);
    config_describe_preset(out, option);
    fprintf(out, " | %s |\n", option->help);
}

void
config_describe(FILE *out)
{
    fputs("| option | value | default | meaning |\n|---|---|---|---|\n", out);
    for (const struct config_option *option = config_options; option->name != NULL; option++)
        config_describe_option(out, option);
    for (const struct config_option *option = config_county_options; option->name != NULL; option++)
        config_describe_option(out, option);
}
