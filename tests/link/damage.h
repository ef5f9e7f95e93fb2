/*
 * damage — the kinds of damage and how often each happens to a record.
 */
#ifndef LINK_DAMAGE_H
#define LINK_DAMAGE_H

#include <stdbool.h>
#include <stdint.h>

#define DAMAGE_SECTORS 5

enum damage {
    DAMAGE_NUMBER_MISSING, /* by sector */
    DAMAGE_NUMBER_DIGIT,
    DAMAGE_NUMBER_SWAP,
    DAMAGE_NUMBER_SHORT,
    DAMAGE_NUMBER_PARENT,
    DAMAGE_NAME_HOMOPHONE,
    DAMAGE_NAME_SHAPE,
    DAMAGE_NAME_VARIANT,
    DAMAGE_NAME_DROP,
    DAMAGE_NAME_DOT,
    DAMAGE_NAME_SPACE,
    DAMAGE_WIDE,
    DAMAGE_BIRTH_MISSING,
    DAMAGE_BIRTH_WRONG,
    DAMAGE_MOVED,
    DAMAGE_PHONE,
    DAMAGE_KINDS,
};

/* Of a thousand records that can have it. */
struct damage_mix {
    unsigned rates[DAMAGE_KINDS];
    unsigned number_missing[DAMAGE_SECTORS];
};

/* Name of a kind, as options and tables write it: "number_digit". */
const char *damage_name(enum damage damage);

/* The mix "tune" or "held"; returns false for another name. */
bool damage_find(const char *name, struct damage_mix *ret_mix);

/* Apply "number_digit=20" or "number_missing.4=450" to a mix; returns false when it is no such. */
bool damage_set(struct damage_mix *mix, const char *option);

#endif
