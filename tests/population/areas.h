/*
 * areas — the villages of one county, read from the table of division codes.
 *
 * Names and codes are facts of the national statistics bureau; see README.md
 * for the dataset. Everything else in a population is invented.
 */
#ifndef AREAS_H
#define AREAS_H

#include <stddef.h>
#include <stdint.h>

struct village {
    char code[13];
    char name[64];     /* 东山村 */
    uint32_t township; /* index into the county's townships */
};

struct township {
    char code[10];
    char name[64];
};

struct areas {
    char county[64];
    struct township *townships;
    size_t township_count;
    struct village *villages; /* villages of peasants only, without urban neighbourhoods */
    size_t village_count;
};

/*
 * Read the county `code` from the file at `path`; areas_done frees it.
 *
 * Returns 0, -1 when the file cannot be read (errno tells why), or -2 when it
 * holds no village of that county.
 */
int areas_load(struct areas *areas, const char *path, const char *code);

void areas_done(struct areas *areas);

#endif
