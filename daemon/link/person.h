/*
 * person — one record of a person, normalised, as linkage compares it.
 *
 * Text has become hashes (0: the record has none); the name's characters stay,
 * because near names are compared character by character. Plain data, copied
 * freely; `far` borrows from the normaliser that made it.
 */
#ifndef PERSON_H
#define PERSON_H

#include <stdbool.h>
#include <stdint.h>

#include "link/number.h"

#define PERSON_NEAR 4      /* characters of a name that are kept in place */
#define PERSON_NAME_MAX 64 /* characters of a name that are compared */
#define PERSON_NO_DATE INT32_MIN

struct person {
    uint64_t name; /* normalised, without dots */
    uint64_t fold; /* with variants folded */
    uint64_t pinyin;
    uint64_t phone;
    uint64_t address; /* what stands behind township or town */
    uint64_t village; /* its part before house and group */
    uint64_t household;
    struct number number;
    uint64_t area;    /* digits as a number, filled up with zeros to twelve */
    int32_t birth;    /* the column's, PERSON_NO_DATE: empty */
    int32_t born;     /* a good number's */
    uint8_t sex;      /* the column's: 1 male, 2 female, 0 not known */
    uint8_t area_len; /* digits of `area` that are known: 12, 9, 6, 4, 2 or 0 */
    uint8_t name_len, surname_len;
    uint8_t segment; /* characters before the first dot; 0: there is no dot */
    uint16_t source;
    union {
        struct {
            uint16_t chars[PERSON_NEAR]; /* folded */
            uint16_t sounds[PERSON_NEAR];
        } near;
        const uint16_t *far; /* of a longer name: name_len characters, then as many sounds */
    };
    /* How many other people have the same, about; 0: not counted. */
    float name_others, sound_others, phone_others, address_others;
};

static inline const uint16_t *
person_chars(const struct person *person)
{
    return person->name_len <= PERSON_NEAR ? person->near.chars : person->far;
}

static inline const uint16_t *
person_sounds(const struct person *person)
{
    return person->name_len <= PERSON_NEAR ? person->near.sounds : person->far + person->name_len;
}

/* The birth date that the record gives: its column's, or else its number's. */
static inline int32_t
person_birth(const struct person *person)
{
    return person->birth != PERSON_NO_DATE ? person->birth : person->born;
}

#endif
