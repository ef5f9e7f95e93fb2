#include "areas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 256
/* Codes of a township's villages begin here; below are urban neighbourhoods. */
#define VILLAGE_FIRST 200

/* Cut the office off a village's name: 东山村委会 is the office of 东山村. */
static void
shorten(char *name)
{
    static const struct {
        const char *office;
        const char *rest;
    } offices[] = {{"村民委员会", "村"}, {"村村委会", "村"}, {"村委会", "村"}};

    for (size_t i = 0; i < sizeof(offices) / sizeof(*offices); i++) {
        size_t length = strlen(name);
        size_t office = strlen(offices[i].office);

        if (length > office && strcmp(name + length - office, offices[i].office) == 0) {
            memcpy(name + length - office, offices[i].rest, strlen(offices[i].rest) + 1);
            return;
        }
    }
}

static void *
grow(void *items, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0)
        return items;
    items = realloc(items, (count == 0 ? 1 : 2 * count) * size);
    if (items == NULL)
        abort();
    return items;
}

static void
add_township(struct areas *areas, const char *code, const char *name)
{
    struct township *township;

    areas->townships = grow(areas->townships, areas->township_count, sizeof(*township));
    township = &areas->townships[areas->township_count++];
    (void)snprintf(township->code, sizeof(township->code), "%.9s", code);
    (void)snprintf(township->name, sizeof(township->name), "%.63s", name);
}

static void
add_village(struct areas *areas, const char *code, const char *name)
{
    struct village *village;

    if (strtol(code + 9, NULL, 10) < VILLAGE_FIRST || areas->township_count == 0 ||
        strstr(name, "虚拟") != NULL) /* statistical areas where nobody is registered */
        return;
    areas->villages = grow(areas->villages, areas->village_count, sizeof(*village));
    village = &areas->villages[areas->village_count++];
    (void)snprintf(village->code, sizeof(village->code), "%.12s", code);
    (void)snprintf(village->name, sizeof(village->name), "%.63s", name);
    shorten(village->name);
    village->township = (uint32_t)(areas->township_count - 1);
}

static void
take(struct areas *areas, const char *code, const char *name)
{
    switch (strlen(code)) {
    case 6:
        (void)snprintf(areas->county, sizeof(areas->county), "%.63s", name);
        break;
    case 9:
        add_township(areas, code, name);
        break;
    case 12:
        add_village(areas, code, name);
        break;
    }
}

int
areas_load(struct areas *areas, const char *path, const char *code)
{
    char line[LINE_MAX_BYTES];
    FILE *file = fopen(path, "r");

    *areas = (struct areas){0};
    if (file == NULL)
        return -1;
    while (fgets(line, sizeof(line), file) != NULL) {
        char *name = strchr(line, '\t');

        if (name == NULL || strncmp(line, code, 6) != 0)
            continue;
        *name++ = '\0';
        name[strcspn(name, "\r\n")] = '\0';
        take(areas, line, name);
    }
    (void)fclose(file);
    return areas->village_count == 0 ? -2 : 0;
}

void
areas_done(struct areas *areas)
{
    free(areas->townships);
    free(areas->villages);
    *areas = (struct areas){0};
}
