/*
 * compare — two persons, field by field, as one small integer.
 *
 * Every field has a few levels; a pattern holds one level a field. Pairs with
 * the same pattern are evidence of the same strength, rare values apart, so a
 * model is fitted on the patterns' counts and not on the pairs. Pure.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "link/person.h"

enum compare_field {
    COMPARE_NUMBER,
    COMPARE_NAME,
    COMPARE_BIRTH,
    COMPARE_SEX,
    COMPARE_PHONE,
    COMPARE_PLACE,
    COMPARE_HOUSEHOLD,
    COMPARE_FIELDS,
};

#define COMPARE_LEVELS 12 /* of a field, at most */
#define COMPARE_MISSING 0 /* in each field: one of the two has no value */
#define COMPARE_PATTERNS (1 << 19)

/* enum number_level is the number's. */
enum compare_name {
    NAME_MISSING,
    NAME_EXACT,
    NAME_VARIANT, /* 昇 升 */
    NAME_SOUND,   /* the same pinyin by any shared reading */
    NAME_SHAPE,   /* one character of the given name, which looks alike */
    NAME_PART,    /* characters left out or added; minority names: one segment of two */
    NAME_ONE,     /* one character of a given name of two, or two swapped */
    NAME_GIVEN,   /* the given name, not the surname */
    NAME_SURNAME, /* the surname alone */
    NAME_NONE,
};
enum compare_birth {
    BIRTH_MISSING,
    BIRTH_EQUAL,
    BIRTH_NEAR, /* one digit, two neighbours swapped, or day and month changed about */
    BIRTH_PART, /* two of year, month and day */
    BIRTH_DIFFERENT,
};
enum compare_sex { SEX_MISSING, SEX_EQUAL, SEX_DIFFERENT };
enum compare_phone { PHONE_MISSING, PHONE_EQUAL, PHONE_NEAR, PHONE_DIFFERENT };
enum compare_place {
    PLACE_MISSING,
    /* both have an address: */
    PLACE_EQUAL,
    PLACE_VILLAGE, /* another house or group of the village */
    PLACE_TOWN,    /* another village of the township, by code */
    PLACE_ELSEWHERE,
    /* one has none, and codes of areas are all there is: */
    PLACE_AREA_VILLAGE,
    PLACE_AREA_TOWN, /* as far as the shorter code tells */
    PLACE_AREA_OTHER,
};
enum compare_household { HOUSEHOLD_MISSING, HOUSEHOLD_EQUAL, HOUSEHOLD_DIFFERENT };

/* Name of a field, as files show it, and how many levels it has. */
const char *compare_name(enum compare_field field);
unsigned compare_levels(enum compare_field field);

/* Levels of a field that exclude one another: 0, or 1 for places known by codes alone. */
unsigned compare_group(enum compare_field field, unsigned level);

/* Name of a level, "equal"; "" when the field is missing. */
const char *compare_level_name(enum compare_field field, unsigned level);

/* The level of a field in a pattern, and the pattern of levels. */
unsigned compare_level(uint32_t pattern, enum compare_field field);
uint32_t compare_pattern(const uint8_t levels[COMPARE_FIELDS]);

/* Compare two persons. */
uint32_t compare_pair(const struct person *a, const struct person *b);

/*
 * Whether two persons must never be one: both numbers are good, they differ, and so do the given
 * names, spelling apart.
 */
bool compare_veto(uint32_t pattern);

/* Whether the deterministic pass links them: 1 by number, 2 by a combination; 0: it does not. */
int compare_certain(uint32_t pattern);

#endif
