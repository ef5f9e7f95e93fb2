#include "link/number.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define NUMBER_TAIL 16 /* characters in `tail` */
#define NUMBER_CARD 20 /* a card's number: the citizen number and its own two or four characters */
#define NUMBER_CARD_LONG 22
#define NUMBER_LEN_MIN 14
#define NUMBER_LEN_MAX 22
#define NUMBER_CLOSE_MAX 3
#define NUMBER_X 10

static bool
number_is_card_tail(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((text[i] < '0' || text[i] > '9') && text[i] != 'B' && text[i] != 'b')
            return false;
    return true;
}

/* Pack 18 characters, digits but for an X at the end. */
static void
number_pack(struct number *number, const char id[TEXT_ID_LEN])
{
    uint64_t tail = 0;

    number->head = (uint16_t)((id[0] - '0') << 4 | (id[1] - '0'));
    for (size_t i = 2; i < TEXT_ID_LEN; i++)
        tail = tail << 4 | (id[i] == 'X' ? NUMBER_X : (unsigned)(id[i] - '0'));
    number->tail = tail;
    number->len = TEXT_ID_LEN;
}

static void
number_unpack(const struct number *number, char ret_id[TEXT_ID_LEN])
{
    ret_id[0] = (char)('0' + (number->head >> 4));
    ret_id[1] = (char)('0' + (number->head & 0xF));
    for (size_t i = 0; i < NUMBER_TAIL; i++) {
        unsigned digit = (unsigned)(number->tail >> (4 * (NUMBER_TAIL - 1 - i))) & 0xF;

        ret_id[i + 2] = digit == NUMBER_X ? 'X' : (char)('0' + digit);
    }
}

/* Whether all characters are the same, as in 000000: typed to fill the column. */
static bool
number_is_filler(const char *text, size_t len)
{
    return len > 1 && memcmp(text, text + 1, len - 1) == 0;
}

struct number
number_read(const char *text, size_t len, int32_t today)
{
    char id[TEXT_ID_LEN];
    struct number number = {0};

    if ((len == NUMBER_CARD || len == NUMBER_CARD_LONG) &&
        number_is_card_tail(text + TEXT_ID_LEN, len - TEXT_ID_LEN))
        len = TEXT_ID_LEN;
    if (len < NUMBER_LEN_MIN || len > NUMBER_LEN_MAX || !text_is_digits(text, len - 1) ||
        number_is_filler(text, len))
        return number;
    if (len == TEXT_ID_SHORT && text_id_upgrade(text, id) && text_id_valid(id, today)) {
        number_pack(&number, id);
        number.state = NUMBER_UPGRADED;
        return number;
    }
    if (!text_is_digits(text + len - 1, 1) && text[len - 1] != 'X' && text[len - 1] != 'x')
        return number;
    memset(id, '0', sizeof(id));
    memcpy(id, text, len < TEXT_ID_LEN ? len : TEXT_ID_LEN);
    for (size_t i = 0; i < TEXT_ID_LEN; i++)
        if (id[i] == 'x')
            id[i] = 'X';
    number_pack(&number, id);
    number.state = NUMBER_BROKEN;
    if (len == TEXT_ID_LEN)
        number.state = text_id_valid(id, today) ? NUMBER_VALID : NUMBER_SLIPPED;
    else
        number.len = (uint8_t)(len < TEXT_ID_LEN ? len : TEXT_ID_LEN + 1);
    return number;
}

/* One bit a character that differs. */
static uint64_t
number_differ(uint64_t a, uint64_t b)
{
    uint64_t x = a ^ b;

    x |= x >> 1;
    x |= x >> 2;
    return x & 0x1111111111111111;
}

/* Whether two neighbours are swapped; exactly two characters differ, `bits` says which. */
static bool
number_swapped(uint64_t a, uint64_t b, uint64_t bits)
{
    int at = __builtin_ctzll(bits);

    if (bits >> at != 0x11)
        return false;
    a = a >> at & 0xFF;
    b = b >> at & 0xFF;
    return a == ((b & 0xF) << 4 | b >> 4);
}

/* Whether one character left out of `longer` makes the beginnings equal; `count` are kept. */
static bool
number_lacks_one(const char *longer, const char *shorter, size_t count)
{
    size_t at = 0;

    while (at < count && longer[at] == shorter[at])
        at++;
    return memcmp(longer + at + 1, shorter + at, count - at) == 0;
}

static bool
number_near_broken(const struct number *a, const struct number *b)
{
    char one[TEXT_ID_LEN], other[TEXT_ID_LEN];

    number_unpack(a, one);
    number_unpack(b, other);
    if (a->len == TEXT_ID_LEN && b->len == TEXT_ID_LEN - 1)
        return number_lacks_one(one, other, TEXT_ID_LEN - 1);
    if (b->len == TEXT_ID_LEN && a->len == TEXT_ID_LEN - 1)
        return number_lacks_one(other, one, TEXT_ID_LEN - 1);
    if (a->len == TEXT_ID_LEN && b->len == TEXT_ID_LEN + 1)
        return number_lacks_one(other, one, TEXT_ID_LEN - 1);
    if (b->len == TEXT_ID_LEN && a->len == TEXT_ID_LEN + 1)
        return number_lacks_one(one, other, TEXT_ID_LEN - 1);
    return false;
}

enum number_level
number_compare(const struct number *a, const struct number *b)
{
    bool upgraded = a->state == NUMBER_UPGRADED || b->state == NUMBER_UPGRADED;
    uint64_t tails, heads;
    int count;

    if (a->state == NUMBER_NONE || b->state == NUMBER_NONE)
        return NUMBER_MISSING;
    if (a->tail == b->tail && a->head == b->head && a->len == b->len)
        return NUMBER_EQUAL;
    if (a->state == NUMBER_VALID && b->state == NUMBER_VALID)
        return NUMBER_DIFFERENT;
    /* The check character of an upgraded number follows from its digits and says nothing. */
    tails = number_differ(a->tail, b->tail) & (upgraded ? ~UINT64_C(0xF) : ~UINT64_C(0));
    heads = number_differ(a->head, b->head);
    count = __builtin_popcountll(tails) + __builtin_popcountll(heads);
    if (count <= 1 || (count == 2 && heads == 0 && number_swapped(a->tail, b->tail, tails)) ||
        (count == 2 && tails == 0 && number_swapped(a->head, b->head, heads)) ||
        number_near_broken(a, b))
        return NUMBER_NEAR;
    if (number_good(a) && number_good(b))
        return NUMBER_DIFFERENT;
    return count <= NUMBER_CLOSE_MAX ? NUMBER_CLOSE : NUMBER_FAR;
}

uint64_t
number_digits(const struct number *number)
{
    /* Five bits a digit; they hold the eighteen there can be of one. */
    uint64_t counts = UINT64_C(1) << 5 * (number->head >> 4);

    counts += UINT64_C(1) << 5 * (number->head & 0xF);
    for (uint64_t tail = number->tail, i = 0; i < NUMBER_TAIL; tail >>= 4, i++)
        counts += UINT64_C(1) << 5 * (tail & 0xF);
    return counts;
}

int32_t
number_birth(const struct number *number)
{
    char id[TEXT_ID_LEN];

    assert(number_good(number));
    number_unpack(number, id);
    return text_id_birth(id);
}

int
number_sex(const struct number *number)
{
    return (int)(number->tail >> 4 & 1);
}
