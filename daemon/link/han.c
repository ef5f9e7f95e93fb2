#include "link/han.h"

#define HAN_LETTER_BITS 5
#define HAN_LETTERS_MAX 5
#define HAN_CORNERS 4
#define HAN_CORNERS_ALIKE 3

static const struct han *
han_find(uint16_t c)
{
    return c >= HAN_FIRST && c <= HAN_LAST ? &han_table[c - HAN_FIRST] : NULL;
}

uint16_t
han_reading(uint16_t c)
{
    const struct han *han = han_find(c);

    return han == NULL ? 0 : han->readings[0];
}

/* Return the surname of one character, or of two when `second` is not 0; NULL: not in the list. */
static const struct han_surname *
han_find_surname(uint16_t first, uint16_t second)
{
    size_t low = 0, high = han_surname_count;
    uint32_t wanted = (uint32_t)first << 16 | second;

    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct han_surname *at = &han_surnames[middle];
        uint32_t name = (uint32_t)at->name[0] << 16 | at->name[1];

        if (name == wanted)
            return at;
        if (name < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

size_t
han_surname(const uint16_t *name, size_t len, uint16_t ret_readings[2])
{
    const struct han_surname *found = len > 2 ? han_find_surname(name[0], name[1]) : NULL;
    size_t count = found != NULL ? 2 : 1;

    if (found == NULL)
        found = han_find_surname(name[0], 0);
    ret_readings[0] = found != NULL ? found->readings[0] : han_reading(name[0]);
    ret_readings[1] = count == 2 ? found->readings[1] : 0;
    return count;
}

bool
han_share_reading(uint16_t a, uint16_t b)
{
    const struct han *one = han_find(a), *other = han_find(b);

    if (one == NULL || other == NULL)
        return false;
    for (size_t i = 0; i < HAN_READINGS && one->readings[i] != 0; i++)
        for (size_t j = 0; j < HAN_READINGS && other->readings[j] != 0; j++)
            if (one->readings[i] == other->readings[j])
                return true;
    return false;
}

static bool
han_corners_alike(unsigned a, unsigned b)
{
    int same = 0;

    if (a == 0 || b == 0)
        return false;
    a--;
    b--;
    for (int i = 0; i < HAN_CORNERS; i++, a /= 10, b /= 10)
        same += a % 10 == b % 10;
    return same >= HAN_CORNERS_ALIKE;
}

static int
han_letter_count(uint32_t letters)
{
    int count = 0;

    for (; letters != 0; letters >>= HAN_LETTER_BITS)
        count++;
    return count;
}

/* Whether one letter exchanged, or one left out, makes them equal; both have at least two. */
static bool
han_letters_alike(uint32_t a, uint32_t b)
{
    int a_count = han_letter_count(a), b_count = han_letter_count(b), at = 0;

    if (a_count > b_count)
        return han_letters_alike(b, a);
    if (a_count < 2 || b_count - a_count > 1)
        return false;
    for (uint32_t differ = a ^ b; at < a_count && (differ & 0x1F) == 0; at++)
        differ >>= HAN_LETTER_BITS;
    if (at == HAN_LETTERS_MAX)
        return true;
    a >>= at * HAN_LETTER_BITS;
    b >>= at * HAN_LETTER_BITS;
    return (a_count == b_count ? a >> HAN_LETTER_BITS : a) == b >> HAN_LETTER_BITS;
}

bool
han_alike(uint16_t a, uint16_t b)
{
    const struct han *one = han_find(a), *other = han_find(b);

    return one != NULL && other != NULL &&
           (han_corners_alike(one->corners, other->corners) ||
            han_letters_alike(one->letters, other->letters));
}
