#include "link/normalise.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "link/han.h"
#include "link/hash.h"
#include "link/place.h"

#define NORMALISE_CELL_MAX 128     /* bytes of a number, date, telephone or code */
#define NORMALISE_NAME_BYTES 512   /* of a name; what is longer is no name */
#define NORMALISE_ADDRESS_MAX 1024 /* bytes of an address that are read */
#define NORMALISE_PHONE_MIN 7
#define NORMALISE_PHONE_MAX 18
#define NORMALISE_BLOCK 65536 /* characters of long names that are kept together */

/* Long names, kept until the normaliser ends. */
struct normalise_block {
    struct normalise_block *next;
    size_t used;
    uint16_t chars[NORMALISE_BLOCK];
};

struct normalise {
    int32_t today;
    struct buf name, fold;
    struct normalise_block *blocks;
};

struct normalise *
normalise_new(int32_t today)
{
    struct normalise *normalise = mem_zalloc(sizeof(*normalise));

    normalise->today = today;
    return normalise;
}

void
normalise_free(struct normalise *normalise)
{
    if (normalise == NULL)
        return;
    while (normalise->blocks != NULL) {
        struct normalise_block *next = normalise->blocks->next;

        free(normalise->blocks);
        normalise->blocks = next;
    }
    buf_done(&normalise->name);
    buf_done(&normalise->fold);
    free(normalise);
}

static uint16_t *
normalise_take(struct normalise *normalise, size_t count)
{
    struct normalise_block *block = normalise->blocks;

    assert(count <= NORMALISE_BLOCK);
    if (block == NULL || NORMALISE_BLOCK - block->used < count) {
        block = mem_grow(NULL, 1, sizeof(*block));
        block->next = normalise->blocks;
        block->used = 0;
        normalise->blocks = block;
    }
    block->used += count;
    return block->chars + block->used - count;
}

/* Copy a number, date or code as plain characters; returns its length, 0 when it is too long. */
static size_t
normalise_plain(struct source_cell cell, char to[NORMALISE_CELL_MAX])
{
    return cell.len > NORMALISE_CELL_MAX ? 0 : text_narrow(cell.bytes, cell.len, to);
}

/* ---- names ---- */

/* Decode at most PERSON_NAME_MAX characters; those of other planes by their lower half. */
static size_t
normalise_decode(const uint8_t *at, size_t len, uint16_t *ret_chars)
{
    const uint8_t *end = at + len;
    size_t count = 0;

    while (at < end && count < PERSON_NAME_MAX) {
        uint32_t c = *at;
        int tail = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;

        c &= tail == 0 ? 0x7FU : 0x3FU >> tail;
        for (at++; tail > 0; tail--)
            c = c << 6 | (*at++ & 0x3FU);
        ret_chars[count++] = (uint16_t)c;
    }
    return count;
}

/* Count the characters before the first dot; 0: there is none. */
static size_t
normalise_segment(const uint8_t *name, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i + 1 < len; i++) {
        if (name[i] == 0xC2 && name[i + 1] == 0xB7)
            return count;
        count += (name[i] & 0xC0) != 0x80;
    }
    return 0;
}

/* Hash the normalised name without its dots, as the sectors write them or do not. */
static uint64_t
normalise_hash(const uint8_t *name, size_t len)
{
    uint8_t plain[NORMALISE_NAME_BYTES];
    size_t kept = 0;

    for (size_t i = 0; i < len; i++) {
        if (i + 1 < len && name[i] == 0xC2 && name[i + 1] == 0xB7)
            i++;
        else if (name[i] != '.')
            plain[kept++] = name[i];
    }
    return hash_bytes(plain, kept);
}

/* What stands for a reading where a character has none. */
static uint16_t
normalise_sound(uint16_t c)
{
    uint16_t reading = han_reading(c);

    return reading != 0 ? reading : (uint16_t)(c | 0x4000);
}

static void
normalise_spell(struct normalise *normalise, struct person *person)
{
    uint16_t chars[PERSON_NAME_MAX] = {0}, sounds[PERSON_NAME_MAX], surname[2];
    size_t len = normalise_decode(normalise->fold.bytes, normalise->fold.len, chars);

    person->name_len = (uint8_t)len;
    person->surname_len = (uint8_t)han_surname(chars, len, surname);
    for (size_t i = 0; i < len; i++)
        sounds[i] = normalise_sound(chars[i]);
    if (person->segment == 0) {
        for (size_t i = 0; i < person->surname_len; i++)
            sounds[i] = surname[i] != 0 ? surname[i] : sounds[i];
    } else {
        person->surname_len = 0;
    }
    person->pinyin = hash_bytes(sounds, len * sizeof(*sounds));
    if (len <= PERSON_NEAR) {
        memcpy(person->near.chars, chars, len * sizeof(*chars));
        memcpy(person->near.sounds, sounds, len * sizeof(*sounds));
    } else {
        uint16_t *far = normalise_take(normalise, 2 * len);

        memcpy(far, chars, len * sizeof(*chars));
        memcpy(far + len, sounds, len * sizeof(*sounds));
        person->far = far;
    }
}

/* Words that stand where a name is not known. */
static bool
normalise_is_nobody(const struct buf *name)
{
#define NOBODY(word)                                                                               \
    {                                                                                              \
        word, sizeof(word) - 1                                                                     \
    }
    static const struct {
        const char *word;
        size_t len;
    } words[] = {NOBODY("无"), NOBODY("不详"), NOBODY("未知"),   NOBODY("空"),
                 NOBODY("-"),  NOBODY("/"),    NOBODY("无名氏"), NOBODY("NULL")};
#undef NOBODY

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (name->len == words[i].len && memcmp(name->bytes, words[i].word, name->len) == 0)
            return true;
    return false;
}

static void
normalise_name(struct normalise *normalise, struct source_cell cell, struct person *person)
{
    if (cell.len == 0 || cell.len > NORMALISE_NAME_BYTES / 4)
        return;
    buf_clear(&normalise->name);
    buf_clear(&normalise->fold);
    text_normalise_name(cell.bytes, cell.len, &normalise->name);
    text_fold_name(cell.bytes, cell.len, &normalise->fold);
    if (normalise->fold.len == 0 || normalise->name.len > NORMALISE_NAME_BYTES ||
        normalise_is_nobody(&normalise->name))
        return;
    person->name = normalise_hash(normalise->name.bytes, normalise->name.len);
    person->fold = hash_bytes(normalise->fold.bytes, normalise->fold.len);
    person->segment = (uint8_t)normalise_segment(normalise->name.bytes, normalise->name.len);
    normalise_spell(normalise, person);
}

/* ---- the rest ---- */

static uint8_t
normalise_sex(struct source_cell cell)
{
    char text[NORMALISE_CELL_MAX];
    size_t len = normalise_plain(cell, text);

    if (len == 1 && text[0] == '1')
        return 1;
    if (len == 1 && (text[0] == '0' || text[0] == '2'))
        return 2;
    if (len >= 3 && memcmp(text, "男", 3) == 0)
        return 1;
    return len >= 3 && memcmp(text, "女", 3) == 0 ? 2 : 0;
}

static int32_t
normalise_date(struct source_cell cell, int32_t today)
{
    char text[NORMALISE_CELL_MAX];
    size_t len = normalise_plain(cell, text);
    int32_t date;

    if (!clock_parse_date(text, len, &date) || date < CLOCK_DATE_MIN || date > today)
        return PERSON_NO_DATE;
    return date;
}

/* Digits without the country's code; what has fewer than a telephone, or but one digit, is none. */
static uint64_t
normalise_phone(struct source_cell cell)
{
    char text[NORMALISE_CELL_MAX];
    size_t len = normalise_plain(cell, text), digits = 0, same = 1;
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++)
        if (text[i] >= '0' && text[i] <= '9')
            text[digits++] = text[i];
    if (digits == 13 && memcmp(text, "861", 3) == 0) {
        memmove(text, text + 2, digits - 2);
        digits -= 2;
    }
    if (digits < NORMALISE_PHONE_MIN || digits > NORMALISE_PHONE_MAX)
        return 0;
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (uint64_t)(text[i] - '0');
        same += i > 0 && text[i] == text[i - 1];
    }
    return same == digits ? 0 : value;
}

/* A code of at most 12 digits; zeros at its end say that the rest is not known. */
static void
normalise_area(struct source_cell cell, struct person *person)
{
    static const uint8_t lens[] = {2, 4, 6, 9, 12}; /* GB/T 2260 and the statistical villages */
    char text[NORMALISE_CELL_MAX];
    size_t len = normalise_plain(cell, text), known = 0, at = 0;
    uint64_t value = 0;

    if (len > 12)
        return;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return;
        if (text[i] != '0')
            known = i + 1;
    }
    for (size_t i = 0; i < 12; i++)
        value = value * 10 + (i < len ? (uint64_t)(text[i] - '0') : 0);
    while (known > 0 && lens[at] < known)
        at++;
    person->area = value;
    person->area_len = known > 0 && lens[at] <= len ? lens[at] : 0;
}

static uint64_t
normalise_code(struct source_cell cell)
{
    char text[NORMALISE_CELL_MAX];
    size_t len = normalise_plain(cell, text);

    return len == 0 ? 0 : hash_bytes(text, len);
}

static void
normalise_address(struct source_cell cell, struct person *person)
{
    char text[NORMALISE_ADDRESS_MAX];
    struct place place;

    if (cell.len == 0 || cell.len > NORMALISE_ADDRESS_MAX)
        return;
    place = place_read(cell.bytes, cell.len, text);
    person->address = place.len == 0 ? 0 : hash_bytes(text + place.at, place.len);
    person->village = place.village == 0 ? 0 : hash_bytes(text + place.at, place.village);
}

static void
normalise_number(struct source_cell cell, int32_t today, struct person *person)
{
    char text[NORMALISE_CELL_MAX];
    size_t len = normalise_plain(cell, text);

    person->born = PERSON_NO_DATE;
    person->number = number_read(text, len, today);
    if (number_good(&person->number))
        person->born = number_birth(&person->number);
}

void
normalise_person(struct normalise *normalise, const struct normalise_cells *cells,
                 struct person *ret_person)
{
    *ret_person = (struct person){0};
    normalise_name(normalise, cells->name, ret_person);
    normalise_number(cells->id_no, normalise->today, ret_person);
    ret_person->sex = normalise_sex(cells->sex);
    ret_person->birth = normalise_date(cells->birth_date, normalise->today);
    ret_person->phone = normalise_phone(cells->phone);
    normalise_address(cells->address, ret_person);
    normalise_area(cells->area, ret_person);
    ret_person->household = normalise_code(cells->household_no);
}
