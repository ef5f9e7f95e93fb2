#include "link/compare.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "link/han.h"

#define COMPARE_SLIPS_MAX 2 /* characters by which long names may differ and still be near */
#define COMPARE_LONG 5      /* characters of a name that counts as long */

static const struct {
    const char *name;
    uint8_t shift, bits, levels;
} compare_fields[COMPARE_FIELDS] = {
    [COMPARE_NUMBER] = {"number", 0, 3, NUMBER_DIFFERENT + 1},
    [COMPARE_NAME] = {"name", 3, 4, NAME_NONE + 1},
    [COMPARE_BIRTH] = {"birth", 7, 3, BIRTH_DIFFERENT + 1},
    [COMPARE_SEX] = {"sex", 10, 2, SEX_DIFFERENT + 1},
    [COMPARE_PHONE] = {"phone", 12, 2, PHONE_DIFFERENT + 1},
    [COMPARE_PLACE] = {"place", 14, 3, PLACE_AREA_OTHER + 1},
    [COMPARE_HOUSEHOLD] = {"household", 17, 2, HOUSEHOLD_DIFFERENT + 1},
};

const char *
compare_name(enum compare_field field)
{
    return compare_fields[field].name;
}

unsigned
compare_levels(enum compare_field field)
{
    return compare_fields[field].levels;
}

unsigned
compare_group(enum compare_field field, unsigned level)
{
    return field == COMPARE_PLACE && level >= PLACE_AREA_VILLAGE;
}

const char *
compare_level_name(enum compare_field field, unsigned level)
{
    static const char *const names[COMPARE_FIELDS][COMPARE_LEVELS] = {
        [COMPARE_NUMBER] = {"", "equal", "near", "close", "far", "different"},
        [COMPARE_NAME] = {"", "exact", "variant", "sound", "shape", "part", "one", "given",
                          "surname", "none"},
        [COMPARE_BIRTH] = {"", "equal", "near", "part", "different"},
        [COMPARE_SEX] = {"", "equal", "different"},
        [COMPARE_PHONE] = {"", "equal", "near", "different"},
        [COMPARE_PLACE] = {"", "equal", "village", "town", "elsewhere", "area_village", "area_town",
                           "area_other"},
        [COMPARE_HOUSEHOLD] = {"", "equal", "different"},
    };

    return names[field][level];
}

unsigned
compare_level(uint32_t pattern, enum compare_field field)
{
    return pattern >> compare_fields[field].shift & ((1U << compare_fields[field].bits) - 1);
}

uint32_t
compare_pattern(const uint8_t levels[COMPARE_FIELDS])
{
    uint32_t pattern = 0;

    for (int i = 0; i < COMPARE_FIELDS; i++)
        pattern |= (uint32_t)levels[i] << compare_fields[i].shift;
    return pattern;
}

/* ---- names ---- */

/* Two names while they are compared, the shorter one first. */
struct compare_names {
    const uint16_t *a, *b; /* characters */
    const uint16_t *a_sounds, *b_sounds;
    size_t a_len, b_len, surname; /* characters of the surname; 0: a minority name */
};

static bool
compare_sounds_alike(const struct compare_names *names, size_t i, size_t j)
{
    return names->a[i] == names->b[j] || names->a_sounds[i] == names->b_sounds[j] ||
           han_share_reading(names->a[i], names->b[j]);
}

/* Names of one length: how many characters differ, and how many of those also sound different. */
static enum compare_name
compare_same_length(const struct compare_names *names)
{
    size_t differ = 0, sound = 0, at = 0, len = names->a_len, given = len - names->surname;

    for (size_t i = 0; i < len; i++) {
        if (names->a[i] == names->b[i])
            continue;
        differ++;
        if (!compare_sounds_alike(names, i, i)) {
            sound++;
            at = i;
        }
    }
    if (sound == 0)
        return NAME_SOUND;
    if (sound == 1 && at < names->surname)
        return differ == 1 ? NAME_GIVEN : NAME_NONE;
    if (sound == 1 && differ == 1 && han_alike(names->a[at], names->b[at]))
        return NAME_SHAPE;
    if (sound == 1 && given > 1)
        return NAME_ONE;
    if (sound == 2 && given == 2 && names->a[len - 1] == names->b[len - 2] &&
        names->a[len - 2] == names->b[len - 1])
        return NAME_ONE;
    return len >= COMPARE_LONG && sound <= COMPARE_SLIPS_MAX ? NAME_ONE : NAME_SURNAME;
}

/* Whether the shorter name is the longer one with characters left out; the surname stays. */
static bool
compare_is_part(const struct compare_names *names)
{
    size_t at = 0;

    for (size_t i = 0; i < names->b_len && at < names->a_len; i++)
        if (compare_sounds_alike(names, at, i))
            at++;
        else if (i < names->surname)
            return false;
    return at == names->a_len;
}

static bool
compare_given_alike(const struct person *a, const struct person *b)
{
    size_t a_given = a->name_len - a->surname_len, b_given = b->name_len - b->surname_len;

    return a_given == b_given && a_given > 0 &&
           memcmp(person_chars(a) + a->surname_len, person_chars(b) + b->surname_len,
                  a_given * sizeof(uint16_t)) == 0;
}

/* Whether the first segment of one name is that of the other, or all of it. */
static bool
compare_segments_alike(const struct person *a, const struct person *b)
{
    size_t a_len = a->segment != 0 ? a->segment : a->name_len;
    size_t b_len = b->segment != 0 ? b->segment : b->name_len;

    return a_len == b_len && a_len > 1 &&
           memcmp(person_chars(a), person_chars(b), a_len * sizeof(uint16_t)) == 0;
}

static enum compare_name
compare_near_names(const struct person *a, const struct person *b)
{
    bool segmented = a->segment != 0 || b->segment != 0;
    const struct person *one = a->name_len <= b->name_len ? a : b, *other = one == a ? b : a;
    struct compare_names names = {person_chars(one),
                                  person_chars(other),
                                  person_sounds(one),
                                  person_sounds(other),
                                  one->name_len,
                                  other->name_len,
                                  0};
    bool surname;

    names.surname = segmented ? 0 : other->surname_len;
    if (names.surname > names.a_len)
        names.surname = names.a_len;
    surname = !segmented;
    for (size_t i = 0; i < names.surname && surname; i++)
        surname = compare_sounds_alike(&names, i, i);
    if (names.a_len == names.b_len && (surname || segmented)) {
        enum compare_name level = compare_same_length(&names);

        if (level != NAME_SURNAME || !segmented)
            return level;
    } else if ((surname || segmented) && names.a_len > 1 &&
               names.b_len - names.a_len <= (names.b_len >= COMPARE_LONG ? 2 : 1) &&
               compare_is_part(&names)) {
        return NAME_PART;
    }
    if (segmented)
        return compare_segments_alike(a, b) ? NAME_PART : NAME_NONE;
    if (!surname && compare_given_alike(a, b))
        return NAME_GIVEN;
    return surname ? NAME_SURNAME : NAME_NONE;
}

static enum compare_name
compare_names(const struct person *a, const struct person *b)
{
    if (a->name == 0 || b->name == 0)
        return NAME_MISSING;
    if (a->name == b->name)
        return NAME_EXACT;
    if (a->fold == b->fold)
        return NAME_VARIANT;
    if (a->pinyin == b->pinyin)
        return NAME_SOUND;
    return compare_near_names(a, b);
}

/* ---- dates ---- */

/* How many of eight digits differ; two neighbours swapped count as one. */
static int
compare_digits(int a, int b)
{
    int differ = 0, last_a = -1, last_b = -1;

    for (int i = 0; i < 8; i++, a /= 10, b /= 10) {
        int one = a % 10, other = b % 10;

        if (one == other) {
            last_a = -1;
            continue;
        }
        if (last_a == other && last_b == one) {
            last_a = -1;
            continue;
        }
        differ++;
        last_a = one;
        last_b = other;
    }
    return differ;
}

static enum compare_birth
compare_dates(int32_t a, int32_t b)
{
    int a_year, a_month, a_day, b_year, b_month, b_day;

    if (a == PERSON_NO_DATE || b == PERSON_NO_DATE)
        return BIRTH_MISSING;
    if (a == b)
        return BIRTH_EQUAL;
    clock_civil(a, &a_year, &a_month, &a_day);
    clock_civil(b, &b_year, &b_month, &b_day);
    if ((a_year == b_year && a_month == b_day && a_day == b_month) ||
        compare_digits(a_year * 10000 + a_month * 100 + a_day,
                       b_year * 10000 + b_month * 100 + b_day) == 1)
        return BIRTH_NEAR;
    return (a_year == b_year) + (a_month == b_month) + (a_day == b_day) == 2 ? BIRTH_PART
                                                                             : BIRTH_DIFFERENT;
}

/*
 * A number that both have says the same birth date for both, so only columns beside it say anything
 * new: both columns, or one that contradicts the number. It is how a parent's number on a child is
 * told.
 */
static enum compare_birth
compare_births_of_number(const struct person *a, const struct person *b)
{
    if (a->birth != PERSON_NO_DATE && b->birth != PERSON_NO_DATE)
        return compare_dates(a->birth, b->birth);
    if (a->birth == b->birth || person_birth(a) == person_birth(b))
        return BIRTH_MISSING;
    return compare_dates(person_birth(a), person_birth(b));
}

/* Of columns and good numbers, the best agreement: one of the two may be wrong beside the other. */
static enum compare_birth
compare_births(const struct person *a, const struct person *b)
{
    enum compare_birth best = compare_dates(person_birth(a), person_birth(b)), level;

    if (best <= BIRTH_EQUAL)
        return best;
    for (int i = 0; i < 2; i++) {
        level =
            compare_dates(i == 0 ? a->born : person_birth(a), i == 0 ? person_birth(b) : b->born);
        if (level != BIRTH_MISSING && level < best)
            best = level;
    }
    return best;
}

static unsigned
compare_sex_of(const struct person *person)
{
    return person->sex != 0 || !number_good(&person->number)
               ? person->sex
               : (unsigned)(2 - number_sex(&person->number));
}

static enum compare_sex
compare_sexes(const struct person *a, const struct person *b, bool same_number)
{
    unsigned one = same_number ? a->sex : compare_sex_of(a);
    unsigned other = same_number ? b->sex : compare_sex_of(b);

    if (one == 0 || other == 0)
        return SEX_MISSING;
    return one == other ? SEX_EQUAL : SEX_DIFFERENT;
}

/* ---- the rest ---- */

static enum compare_phone
compare_phones(uint64_t a, uint64_t b)
{
    int differ = 0;
    unsigned last_a = 10, last_b = 10;

    if (a == 0 || b == 0)
        return PHONE_MISSING;
    if (a == b)
        return PHONE_EQUAL;
    for (; a != 0 && b != 0; a /= 10, b /= 10) {
        unsigned one = (unsigned)(a % 10), other = (unsigned)(b % 10);

        if (one != other && !(last_a == other && last_b == one)) {
            if (++differ > 1)
                return PHONE_DIFFERENT;
            last_a = one;
            last_b = other;
        } else {
            last_a = last_b = 10;
        }
    }
    return a == b ? PHONE_NEAR : PHONE_DIFFERENT;
}

/* Whether the area codes agree in their first `len` digits, 12 or 9, or cannot disagree there. */
static bool
compare_areas(const struct person *a, const struct person *b, unsigned len)
{
    uint64_t unit = len == 12 ? 1 : 1000;

    return a->area_len < len || b->area_len < len || a->area / unit == b->area / unit;
}

static enum compare_place
compare_addresses(const struct person *a, const struct person *b)
{
    if (!compare_areas(a, b, 9))
        return PLACE_ELSEWHERE;
    if (a->address == b->address)
        return PLACE_EQUAL;
    if (a->village == b->village && a->village != 0)
        return PLACE_VILLAGE;
    return a->area_len >= 9 && b->area_len >= 9 ? PLACE_TOWN : PLACE_ELSEWHERE;
}

static enum compare_place
compare_places(const struct person *a, const struct person *b)
{
    if (a->address != 0 && b->address != 0)
        return compare_addresses(a, b);
    if (a->area_len < 9 || b->area_len < 9)
        return PLACE_MISSING;
    if (!compare_areas(a, b, 9) || !compare_areas(a, b, 12))
        return PLACE_AREA_OTHER;
    return a->area_len == 12 && b->area_len == 12 ? PLACE_AREA_VILLAGE : PLACE_AREA_TOWN;
}

static enum compare_household
compare_households(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0)
        return HOUSEHOLD_MISSING;
    return a == b ? HOUSEHOLD_EQUAL : HOUSEHOLD_DIFFERENT;
}

uint32_t
compare_pair(const struct person *a, const struct person *b)
{
    enum number_level number = number_compare(&a->number, &b->number);
    bool same = number == NUMBER_EQUAL && number_good(&a->number);
    const uint8_t levels[COMPARE_FIELDS] = {
        [COMPARE_NUMBER] = (uint8_t)number,
        [COMPARE_NAME] = (uint8_t)compare_names(a, b),
        [COMPARE_BIRTH] = (uint8_t)(same ? compare_births_of_number(a, b) : compare_births(a, b)),
        [COMPARE_SEX] = (uint8_t)compare_sexes(a, b, same),
        [COMPARE_PHONE] = (uint8_t)compare_phones(a->phone, b->phone),
        [COMPARE_PLACE] = (uint8_t)compare_places(a, b),
        [COMPARE_HOUSEHOLD] = (uint8_t)compare_households(a->household, b->household),
    };

    return compare_pattern(levels);
}

bool
compare_veto(uint32_t pattern)
{
    unsigned name = compare_level(pattern, COMPARE_NAME);

    return compare_level(pattern, COMPARE_NUMBER) == NUMBER_DIFFERENT && name != NAME_MISSING &&
           name != NAME_EXACT && name != NAME_GIVEN;
}

int
compare_certain(uint32_t pattern)
{
    unsigned number = compare_level(pattern, COMPARE_NUMBER);
    unsigned name = compare_level(pattern, COMPARE_NAME);
    unsigned birth = compare_level(pattern, COMPARE_BIRTH);
    bool same_name = name == NAME_EXACT || name == NAME_VARIANT;

    if (number == NUMBER_EQUAL)
        return (name >= NAME_EXACT && name <= NAME_ONE) || birth == BIRTH_EQUAL ? 1 : 0;
    if (number == NUMBER_DIFFERENT || !same_name || birth != BIRTH_EQUAL)
        return 0;
    return compare_level(pattern, COMPARE_PHONE) == PHONE_EQUAL ||
                   compare_level(pattern, COMPARE_PLACE) == PLACE_EQUAL ||
                   compare_level(pattern, COMPARE_HOUSEHOLD) == HOUSEHOLD_EQUAL
               ? 2
               : 0;
}
