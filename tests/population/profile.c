#include "profile.h"

#include <stddef.h>
#include <string.h>

const char *const profile_areas[PROFILE_AREAS] = {"360799", "350899", "411399", "350599"};

/* xinfeng stands before ganzhou, whose prefix it shares. */
static const struct profile profiles[] = {
    {.name = "xinfeng",
     .prefix = "360722",
     .person_area = "360799",
     .standard = 55500,
     .multiple = 12},
    {.name = "ganzhou",
     .prefix = "3607",
     .person_area = "360799",
     .standard = 59500,
     .multiple = 12},
    {.name = "longyan",
     .prefix = "3508",
     .person_area = "350899",
     .standard = 79500,
     .multiple = 20,
     .pension_excluded = true,
     .job_cost_excluded = true},
    {.name = "tanghe",
     .prefix = "411328",
     .person_area = "411399",
     .standard = 42000,
     .absolute = 600000,
     .job_cost_excluded = true},
    {.name = "jinjiang",
     .prefix = "350582",
     .person_area = "350599",
     .standard = 108000,
     .multiple = 20},
};

const struct profile *
profile_find(const char *name)
{
    for (size_t i = 0; i < sizeof(profiles) / sizeof(*profiles); i++)
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}

const struct profile *
profile_of(const char *county)
{
    for (size_t i = 0; i < sizeof(profiles) / sizeof(*profiles); i++)
        if (strncmp(profiles[i].prefix, county, strlen(profiles[i].prefix)) == 0)
            return &profiles[i];
    return NULL;
}

int64_t
profile_dibao(const struct profile *profile)
{
    return 12 * profile->standard;
}

int64_t
profile_line(const struct profile *profile)
{
    if (profile->multiple == 0)
        return profile->absolute;
    return profile_dibao(profile) * profile->multiple / 10;
}
