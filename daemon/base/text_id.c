#include "base/text.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/clock.h"

/*
 * Citizen numbers, GB 11643-1999. The weights of the first 17 digits are 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2. Digits are taken
 * eight at a time, since every row of every feed brings a number.
 */

/* Load eight characters, the first one lowest. */
static uint64_t
text_load8(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return le64toh(word);
}

static bool
text_is_digits8(uint64_t word)
{
    const uint64_t high = 0xF0F0F0F0F0F0F0F0, zeros = 0x3030303030303030;

    return (word & high) == zeros && ((word + 0x0606060606060606) & high) == zeros;
}

/*
 * Add eight digits by their weights. Every second digit makes a lane of 16 bits; the product's
 * highest lane then is the sum over the lanes, and no lane can overflow into the next.
 */
static unsigned
text_weigh8(uint64_t word, uint64_t even_weights, uint64_t odd_weights)
{
    const uint64_t lanes = 0x000F000F000F000F;

    return (unsigned)(((word & lanes) * even_weights) >> 48) +
           (unsigned)(((word >> 8 & lanes) * odd_weights) >> 48);
}

/* The weights a, b, c, d of four lanes, turned round as the product needs them. */
#define TEXT_LANES(a, b, c, d)                                                                     \
    ((uint64_t)(a) << 48 | (uint64_t)(b) << 32 | (uint64_t)(c) << 16 | (uint64_t)(d))

/* Add the weighted digits; returns -1 when one is no digit. */
static int
text_id_sum(const char *id)
{
    uint64_t first = text_load8(id), second = text_load8(id + 8);
    unsigned last = (unsigned)(uint8_t)id[16] - '0';

    if (!text_is_digits8(first) || !text_is_digits8(second) || last > 9)
        return -1;
    return (int)(text_weigh8(first, TEXT_LANES(7, 10, 8, 2), TEXT_LANES(9, 5, 4, 1)) +
                 text_weigh8(second, TEXT_LANES(6, 7, 10, 8), TEXT_LANES(3, 9, 5, 4)) + last * 2);
}

static bool
text_id_date(const char *id, int32_t *ret_date)
{
    uint64_t pairs = text_load8(id + 6) & 0x0F0F0F0F0F0F0F0F;

    /* Each lane of 16 bits: two digits of YY YY MM DD. */
    pairs = (pairs * 10 + (pairs >> 8)) & 0x00FF00FF00FF00FF;
    return clock_date((int)(pairs & 0xFF) * 100 + (int)(pairs >> 16 & 0xFF),
                      (int)(pairs >> 32 & 0xFF), (int)(pairs >> 48), ret_date);
}

/* The check character for a weighted sum: (12 − sum mod 11) mod 11, ten written X. */
static char
text_id_check_of(int sum)
{
    return "10X98765432"[sum % 11];
}

bool
text_id_valid(const char id[TEXT_ID_LEN], int32_t today)
{
    int sum = text_id_sum(id);
    int32_t birth;

    return sum >= 0 && id[TEXT_ID_LEN - 1] == text_id_check_of(sum) && text_id_date(id, &birth) &&
           birth >= CLOCK_DATE_MIN && birth <= today;
}

char
text_id_check(const char id[TEXT_ID_LEN])
{
    int sum = text_id_sum(id);

    assert(sum >= 0);
    return text_id_check_of(sum);
}

/*
 * GB 11643-1989: no century, which is 19. The last three digits 996 to 999 were kept for people of a
 * hundred years and more, born in the 18th hundred, and nobody on the register is that old.
 */
bool
text_id_upgrade(const char *id, char ret_id[TEXT_ID_LEN])
{
    char whole[TEXT_ID_LEN];

    memcpy(whole, id, 6);
    memcpy(whole + 6, "19", 2);
    memcpy(whole + 8, id + 6, TEXT_ID_SHORT - 6);
    whole[TEXT_ID_LEN - 1] = '0';
    if (text_id_sum(whole) < 0 || memcmp(id + TEXT_ID_SHORT - 3, "996", 3) >= 0)
        return false;
    whole[TEXT_ID_LEN - 1] = text_id_check(whole);
    memcpy(ret_id, whole, TEXT_ID_LEN);
    return true;
}

int32_t
text_id_birth(const char id[TEXT_ID_LEN])
{
    int32_t birth;
    bool exists = text_id_date(id, &birth);

    assert(exists);
    return birth;
}

void
text_mask_id(const char id[TEXT_ID_LEN], char ret_text[TEXT_ID_LEN + 1])
{
    memcpy(ret_text, id, 6);
    memset(ret_text + 6, '*', 8);
    memcpy(ret_text + 14, id + 14, 4);
    ret_text[TEXT_ID_LEN] = '\0';
}
