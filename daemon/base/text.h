/*
 * text — UTF-8, names and citizen numbers.
 *
 * Everything here is pure and works on bounded text that came from outside.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define TEXT_ID_LEN 18
#define TEXT_ID_SHORT 15 /* digits of a first-generation number */

/* Return the number of code points, or -1 when it is no valid UTF-8 or holds a NUL. */
long text_utf8_length(const char *text, size_t len);

/* Whether there is text and all of it are ASCII digits. */
static inline bool
text_is_digits(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return len > 0;
}

/* Whether a byte begins a character of U+4000 to U+9FFF in UTF-8: of the Han characters' main block, and
   of no blank or mark. */
static inline bool
text_is_han_lead(char c)
{
    return (unsigned char)c >= 0xe4 && (unsigned char)c <= 0xe9;
}

/* Bytes of the blank that `at` begins with, or 0: ASCII, and what shows no ink in Unicode. */
size_t text_blank(const char *at, size_t left);

/*
 * Copy a number, date or code without blanks of any kind, its full-width ASCII narrowed. `to` takes
 * `len` bytes at most and may be `text`; returns how many it took.
 */
size_t text_narrow(const char *text, size_t len, char *to);

/*
 * Append the name as the wire and the database keep it: NFC, every kind of
 * space and what shows nothing dropped, middle dots (• ・ ． ‧ ∙ ⋅ ·) and their
 * kin, a full stop between two Han characters among them, unified to U+00B7.
 * Doing it twice changes nothing. Plain Han text, the common case, is copied
 * without going through ICU. `name` must be valid UTF-8.
 */
void text_normalise_name(const char *name, size_t len, struct buf *out);

/*
 * Append the key under which two spellings of one name compare equal: the
 * normalised name with Han variants folded (峯→峰, see variant.h), full-width
 * Latin narrowed, letters upper-cased, and without its dots, because sectors
 * write a blank or nothing for them. For keys only, never shown.
 */
void text_fold_name(const char *name, size_t len, struct buf *out);

/*
 * Check an 18-character citizen number (GB 11643): 17 digits and a digit or
 * upper-case X, the MOD 11-2 check character, and a real birth date from
 * 1900-01-01 to `today`. The area part is never a reason to refuse.
 */
bool text_id_valid(const char id[TEXT_ID_LEN], int32_t today);

/* The check character for the first 17 digits. */
char text_id_check(const char id[TEXT_ID_LEN]);

/*
 * Write the 18 characters for a first-generation number of TEXT_ID_SHORT characters. Returns false
 * when one is no digit, or when the last three are 996 to 999: people born before 1900.
 */
bool text_id_upgrade(const char *id, char ret_id[TEXT_ID_LEN]);

/* Birth date (days since 1970) of a valid number. */
int32_t text_id_birth(const char id[TEXT_ID_LEN]);

/* Mask a number for people who may not see it: 360799********1234. */
void text_mask_id(const char id[TEXT_ID_LEN], char ret_text[TEXT_ID_LEN + 1]);

/* Mask a name: first character and last, the middle as *; two characters: first and *. */
void text_mask_name(const char *name, size_t len, struct buf *out);

#endif
