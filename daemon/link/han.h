/*
 * han — how a Han character is read and what it looks like.
 *
 * The table is made at build time by han.py from the Unihan database and
 * surname.txt. Readings are toneless pinyin, a number each; 0 is none. Callers
 * pass characters whose variants are folded (text_fold_name). Pure.
 */
#ifndef HAN_H
#define HAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HAN_FIRST 0x3400
#define HAN_LAST 0x9FFF
#define HAN_READINGS 4

struct han {
    uint16_t readings[HAN_READINGS]; /* the customary one first */
    uint16_t corners;                /* four-corner code + 1; 0: not known */
    uint32_t letters;                /* Cangjie, five bits a letter, the first one lowest */
};

/* A surname read otherwise than its characters usually are, or one of two characters. */
struct han_surname {
    uint16_t name[2], readings[2]; /* the second ones 0 for a surname of one character */
};

extern const struct han han_table[HAN_LAST - HAN_FIRST + 1];
extern const struct han_surname han_surnames[]; /* ascending by name */
extern const size_t han_surname_count;

/* Return the customary reading of a character, or 0. */
uint16_t han_reading(uint16_t c);

/*
 * Return how many of the first characters are the surname, 1 or 2, and write their readings as a
 * surname has them. `len` is at least 1.
 */
size_t han_surname(const uint16_t *name, size_t len, uint16_t ret_readings[2]);

/* Return whether two characters have a reading in common. */
bool han_share_reading(uint16_t a, uint16_t b);

/*
 * Return whether two characters look alike: three of their four corners agree, or their Cangjie
 * letters but for one.
 */
bool han_alike(uint16_t a, uint16_t b);

#endif
