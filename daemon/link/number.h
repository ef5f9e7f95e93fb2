/*
 * number — a citizen number as linkage keeps and compares it.
 *
 * Eighteen characters, four bits each: two in `head`, sixteen in `tail`, X as
 * 10. What cannot be a number at all is none; what is nearly one is kept, since
 * a slip tells where it is. Nothing is repaired. Pure.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum number_state {
    NUMBER_NONE,
    NUMBER_BROKEN,   /* another length: characters are missing or too many */
    NUMBER_SLIPPED,  /* eighteen characters, but the check character or the date is wrong */
    NUMBER_UPGRADED, /* from fifteen digits, which have no check character */
    NUMBER_VALID,    /* GB 11643 */
};

/* How two numbers compare. */
enum number_level {
    NUMBER_MISSING,
    NUMBER_EQUAL,
    NUMBER_NEAR,      /* one character exchanged, left out or added, or two neighbours swapped */
    NUMBER_CLOSE,     /* at most three characters differ; not both can be right */
    NUMBER_FAR,       /* more; not both can be right */
    NUMBER_DIFFERENT, /* two different numbers, each of which can be right */
};

struct number {
    uint64_t tail;
    uint16_t head;
    uint8_t state; /* enum number_state */
    uint8_t len;   /* characters of a broken number, at most 18 are kept */
};

/*
 * Read a number without blanks and full-width characters (text_narrow): 18 characters, 15 digits,
 * or a card's 20 or 22. `today` bounds the birth date.
 */
struct number number_read(const char *text, size_t len, int32_t today);

/* Whether it can be right: valid or upgraded. */
static inline bool
number_good(const struct number *number)
{
    return number->state >= NUMBER_UPGRADED;
}

enum number_level number_compare(const struct number *a, const struct number *b);

/* Birth date (days since 1970) and sex (1 male, 0 female) of a good number. */
int32_t number_birth(const struct number *number);
int number_sex(const struct number *number);

/*
 * Parts of a number of eighteen characters, for blocking: first 16, last 11, all but the two behind
 * the birth date, all but month and day, all but the year.
 */
static inline uint64_t
number_first16(const struct number *number)
{
    return (uint64_t)number->head << 56 | number->tail >> 8;
}

static inline uint64_t
number_last11(const struct number *number)
{
    return number->tail & 0xFFFFFFFFFFF;
}

static inline uint64_t
number_no_place(const struct number *number)
{
    return (uint64_t)number->head << 56 | number->tail >> 16 << 8 | (number->tail & 0xFF);
}

static inline uint64_t
number_no_day(const struct number *number)
{
    return (uint64_t)number->head << 48 | number->tail >> 32 << 16 | (number->tail & 0xFFFF);
}

static inline uint64_t
number_no_year(const struct number *number)
{
    return (uint64_t)number->head << 48 | number->tail >> 48 << 32 | (number->tail & 0xFFFFFFFF);
}

/* How often each digit and X stands in it, which swapped characters do not change. */
uint64_t number_digits(const struct number *number);

#endif
