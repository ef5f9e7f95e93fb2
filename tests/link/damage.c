#include "damage.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[DAMAGE_KINDS] = {
    "number_missing", "number_digit", "number_swap", "number_short", "number_parent", "homophone",
    "shape",          "variant",      "drop",        "dot",          "space",         "wide",
    "birth_missing",  "birth_wrong",  "moved",       "phone",
};

/* Tuning was done on the first; the second was written down before and never tuned on. */
static const struct {
    const char *name;
    struct damage_mix mix;
} mixes[] = {
    {"tune",
     {{0, 10, 6, 15, 8, 12, 8, 10, 5, 500, 10, 15, 40, 12, 60, 60}, {10, 40, 100, 200, 450}}},
    {"held",
     {{0, 16, 9, 25, 12, 9, 12, 14, 8, 650, 15, 25, 80, 20, 90, 90}, {20, 70, 150, 250, 450}}},
};

const char *
damage_name(enum damage damage)
{
    return names[damage];
}

bool
damage_find(const char *name, struct damage_mix *ret_mix)
{
    for (size_t i = 0; i < sizeof(mixes) / sizeof(mixes[0]); i++)
        if (strcmp(mixes[i].name, name) == 0) {
            *ret_mix = mixes[i].mix;
            return true;
        }
    return false;
}

bool
damage_set(struct damage_mix *mix, const char *option)
{
    const char *equals = strchr(option, '=');
    size_t len = equals == NULL ? 0 : (size_t)(equals - option);
    unsigned rate = equals == NULL ? 0 : (unsigned)strtoul(equals + 1, NULL, 10);

    if (equals == NULL || rate > 1000)
        return false;
    if (strncmp(option, "number_missing.", 15) == 0 && len == 16 && option[15] >= '0' &&
        option[15] < '0' + DAMAGE_SECTORS) {
        mix->number_missing[option[15] - '0'] = rate;
        return true;
    }
    for (int i = 1; i < DAMAGE_KINDS; i++)
        if (strlen(names[i]) == len && memcmp(names[i], option, len) == 0) {
            mix->rates[i] = rate;
            return true;
        }
    return false;
}
