/*
 * people — a population of records from five sectors with known damage and known truth.
 *
 *   people --out people.csv --truth truth.csv [--records N] [--seed N] [--again N]
 *          [--mix tune|held] [--set KIND=PERMILLE]...
 *
 * Nobody in it exists. The same arguments give the same bytes; --again N lists the same people another
 * time, with other damage. truth.csv: record_id, person, the
 * kinds of damage, which of number, birth date, phone and address are there and undamaged (n, b, p,
 * a), m for a minority name, t for a twin.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "damage.h"
#include "date.h"
#include "household.h"

#define TODAY HOUSEHOLD_TODAY
#define LINE 640
#define SHORT_BEFORE                                                                               \
    (719468 + 10866) /* 1999-10-01: from then on only numbers of 18 digits were given */

enum sector { REGISTER, INSURANCE, EDUCATION, HOUSING, WATER };

static const struct {
    const char *name;
    unsigned phone, address; /* of a hundred records */
    bool sex, birth;
    unsigned area_len, household; /* household number, of a hundred */
} sectors[DAMAGE_SECTORS] = {
    [REGISTER] = {"register", 65, 96, true, true, 12, 100},
    [INSURANCE] = {"insurance", 70, 70, true, true, 9, 0},
    [EDUCATION] = {"education", 90, 85, true, true, 9, 0},
    [HOUSING] = {"housing", 70, 95, false, false, 12, 50},
    [WATER] = {"water", 85, 95, false, false, 12, 0},
};

/* A record while it is written. */
struct record {
    char name[NAME_BYTES], number[80], birth[24], phone[48], address[256];
    unsigned kinds;
    bool good[4]; /* number, birth, phone, address: there and undamaged */
};

struct options {
    const char *out, *truth, *mix;
    uint64_t records, seed, again;
    struct damage_mix rates;
};

/* Lines wait here to be written in another order. */
struct lines {
    char **people, **truths;
    uint64_t count;
};

static bool
chance(struct rng *rng, unsigned permille)
{
    return rng_below(rng, 1000) < permille;
}

static void
hit(struct record *record, enum damage damage)
{
    record->kinds |= 1U << damage;
}

static void
widen(char *text, size_t size)
{
    char wide[256] = "";

    for (const char *c = text; *c != '\0' && strlen(wide) + 4 < sizeof(wide); c++) {
        char one[4] = {*c, 0, 0, 0};

        if (*c >= '!' && *c <= '~') { /* U+FF01 and on */
            unsigned point = 0xFF01 + (unsigned)(*c - '!');

            one[0] = (char)(0xE0 | point >> 12);
            one[1] = (char)(0x80 | (point >> 6 & 0x3F));
            one[2] = (char)(0x80 | (point & 0x3F));
        }
        strcat(wide, one);
    }
    snprintf(text, size, "%s", wide);
}

/* ---- fields ---- */

static void
put_number(struct rng *rng, const struct options *options, enum sector sector,
           const struct household *household, const struct one *one, struct record *record)
{
    const unsigned *rates = options->rates.rates;

    if (chance(rng, options->rates.number_missing[sector])) {
        hit(record, DAMAGE_NUMBER_MISSING);
        return;
    }
    snprintf(record->number, sizeof(record->number), "%s", one->number);
    if (one->parent >= 0 && one->birth > TODAY - 18 * 365 &&
        chance(rng, rates[DAMAGE_NUMBER_PARENT] * 2)) {
        snprintf(record->number, sizeof(record->number), "%s",
                 household->people[one->parent].number);
        hit(record, DAMAGE_NUMBER_PARENT);
    } else if (chance(rng, rates[DAMAGE_NUMBER_DIGIT])) {
        unsigned at = rng_below(rng, 17);

        record->number[at] =
            (char)('0' + (record->number[at] - '0' + 1 + (int)rng_below(rng, 9)) % 10);
        hit(record, DAMAGE_NUMBER_DIGIT);
    } else if (chance(rng, rates[DAMAGE_NUMBER_SWAP])) {
        unsigned at = rng_below(rng, 16);
        char c = record->number[at];

        if (c != record->number[at + 1]) {
            record->number[at] = record->number[at + 1];
            record->number[at + 1] = c;
            hit(record, DAMAGE_NUMBER_SWAP);
        }
    } else if (one->birth < SHORT_BEFORE && chance(rng, rates[DAMAGE_NUMBER_SHORT])) {
        memmove(record->number + 6, record->number + 8, 9);
        record->number[15] = '\0';
        hit(record, DAMAGE_NUMBER_SHORT);
    }
    record->good[0] = record->kinds == 0;
}

static void
put_birth(struct rng *rng, const struct options *options, const struct one *one,
          struct record *record)
{
    int32_t birth = one->birth;
    const char *date = date_text(birth);
    unsigned roll = rng_below(rng, 3);

    if (chance(rng, options->rates.rates[DAMAGE_BIRTH_MISSING])) {
        hit(record, DAMAGE_BIRTH_MISSING);
        return;
    }
    snprintf(record->birth, sizeof(record->birth), "%.10s", date);
    record->good[1] = true;
    if (!chance(rng, options->rates.rates[DAMAGE_BIRTH_WRONG]))
        return;
    hit(record, DAMAGE_BIRTH_WRONG);
    record->good[1] = false;
    if (roll == 0 && memcmp(date + 5, "12", 2) <= 0 && memcmp(date + 8, "12", 2) <= 0 &&
        memcmp(date + 5, date + 8, 2) != 0) {
        memcpy(record->birth + 5, date + 8, 2);
        memcpy(record->birth + 8, date + 5, 2);
    } else if (roll == 1) {
        snprintf(record->birth, sizeof(record->birth), "%.10s",
                 date_text(birth - 365 * rng_range(rng, 1, 2)));
    } else {
        record->birth[9] = (char)('0' + (record->birth[9] - '0' + 1 + (int)rng_below(rng, 8)) % 9);
    }
}

static void
put_phone(struct rng *rng, const struct options *options, enum sector sector,
          const struct household *household, const struct one *one, struct record *record)
{
    uint32_t phone = one->phone;

    if (rng_below(rng, 100) >= sectors[sector].phone)
        return;
    record->good[2] = true;
    if (chance(rng, options->rates.rates[DAMAGE_PHONE])) {
        phone = rng_below(rng, 10) == 0 /* the village's cadre's */
                    ? (household->village + household->town * 100 + household->county * 10000) * 7
                    : rng_below(rng, 100000000);
        record->good[2] = false;
        hit(record, DAMAGE_PHONE);
    }
    snprintf(record->phone, sizeof(record->phone),
             rng_below(rng, 50) == 0 ? "+86 199%08u" : "199%08u", phone);
}

static const char *
village_name(const struct household *household)
{
    static const char *const first[] = {"长", "新", "上", "下", "大", "小", "东", "西",
                                        "南", "北", "石", "龙", "金", "白", "黄"};
    static const char *const second[] = {"岗", "塘", "坑", "田", "山", "溪", "湖",
                                         "坪", "桥", "口", "背", "头", "江", "岭",
                                         "庄", "埠", "沙", "坝", "陂", "源"};
    static char name[32];

    snprintf(name, sizeof(name), "%s%s村", first[household->village % 15],
             second[(household->town + household->village * 7) % 20]);
    return name;
}

static void
han_number(char *to, size_t size, uint32_t value)
{
    static const char *const digits[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};

    snprintf(to, size, "%s%s%s", value < 20 ? "" : digits[value / 10 % 10], value < 10 ? "" : "十",
             digits[value % 10]);
}

static void
put_address(struct rng *rng, const struct options *options, enum sector sector,
            const struct household *household, struct record *record)
{
    struct household place = *household;
    char group[32], house[32] = "";
    unsigned form = rng_below(rng, 10);

    if (rng_below(rng, 100) >= sectors[sector].address)
        return;
    record->good[3] = true;
    if (chance(rng, options->rates.rates[DAMAGE_MOVED])) {
        record->good[3] = false;
        hit(record, DAMAGE_MOVED);
        place.group = rng_below(rng, 15) + 1;
        place.house = rng_below(rng, 30) + 1;
        if (rng_below(rng, 2) == 0)
            place.village = rng_below(rng, HOUSEHOLD_TOWN);
        if (rng_below(rng, 3) == 0)
            place.town = rng_below(rng, HOUSEHOLD_COUNTY);
    }
    if (form == 0)
        han_number(group, sizeof(group), place.group);
    else
        snprintf(group, sizeof(group), "%u", place.group);
    if (place.house > 0)
        snprintf(house, sizeof(house), "%u号", place.house);
    snprintf(record->address, sizeof(record->address), "%s%s%s%s%s",
             form < 5 ? "某省某市前哨县第" : "", form < 5 ? "一镇" : "", village_name(&place),
             group, form == 1 ? "村民小组" : "组");
    strncat(record->address, house, sizeof(record->address) - strlen(record->address) - 1);
}

static void
put_name(struct rng *rng, const struct options *options, const struct one *one,
         struct record *record)
{
    static const struct {
        enum damage damage;
        enum name_slip slip;
    } slips[] = {
        {DAMAGE_NAME_HOMOPHONE, SLIP_HOMOPHONE},
        {DAMAGE_NAME_SHAPE, SLIP_SHAPE},
        {DAMAGE_NAME_VARIANT, SLIP_VARIANT},
        {DAMAGE_NAME_DROP, SLIP_DROP},
    };
    const unsigned *rates = options->rates.rates;

    snprintf(record->name, sizeof(record->name), "%s", one->name.text);
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++)
        if (chance(rng, rates[slips[i].damage]) && names_slip(rng, slips[i].slip, record->name))
            hit(record, slips[i].damage);
    if (one->name.minority && chance(rng, rates[DAMAGE_NAME_DOT])) {
        names_dot(rng, record->name);
        hit(record, DAMAGE_NAME_DOT);
    }
    if (chance(rng, rates[DAMAGE_NAME_SPACE])) {
        names_space(rng, record->name);
        hit(record, DAMAGE_NAME_SPACE);
    }
}

/* ---- records ---- */

static char *
copy(const char *text)
{
    char *line = strdup(text);

    if (line == NULL)
        abort();
    return line;
}

static void
put_lines(struct lines *lines, enum sector sector, const struct household *household, int member,
          const struct record *record, const char *household_no)
{
    const struct one *one = &household->people[member];
    char line[LINE], kinds[256] = "-";
    char area[16];

    snprintf(area, sizeof(area), "%06u%03u%03u", 360799 - household->county % 50,
             household->town + 1, household->village + 1);
    area[sectors[sector].area_len] = '\0';
    snprintf(line, sizeof(line), "%s,%s,%s,%s,%s,%s,%s,%s,%s\n", sectors[sector].name, record->name,
             record->number, sectors[sector].sex ? one->woman ? "0" : "1" : "", record->birth,
             record->phone, record->address, area, household_no);
    lines->people[lines->count] = copy(line);
    for (int i = 0; i < DAMAGE_KINDS; i++)
        if ((record->kinds >> i & 1) != 0) {
            size_t len = strcmp(kinds, "-") == 0 ? 0 : strlen(kinds);

            snprintf(kinds + len, sizeof(kinds) - len, "%s%s", len == 0 ? "" : "|",
                     damage_name((enum damage)i));
        }
    snprintf(line, sizeof(line), "%llu.%d,%s,%s%s%s%s%s%s\n", (unsigned long long)household->no,
             member, kinds, record->good[0] ? "n" : "", record->good[1] ? "b" : "",
             record->good[2] ? "p" : "", record->good[3] ? "a" : "", one->name.minority ? "m" : "",
             one->twin ? "t" : "");
    lines->truths[lines->count++] = copy(line);
}

static void
put_record(struct rng *rng, const struct options *options, struct lines *lines, enum sector sector,
           const struct household *household, int member)
{
    const struct one *one = &household->people[member];
    struct record record = {0};
    char household_no[24] = "";

    if (lines->count == options->records)
        return;
    put_number(rng, options, sector, household, one, &record);
    put_name(rng, options, one, &record);
    if (sectors[sector].birth)
        put_birth(rng, options, one, &record);
    put_phone(rng, options, sector, household, one, &record);
    put_address(rng, options, sector, household, &record);
    if (rng_below(rng, 100) < sectors[sector].household)
        snprintf(household_no, sizeof(household_no), "H%09llu", (unsigned long long)household->no);
    if (chance(rng, options->rates.rates[DAMAGE_WIDE])) {
        widen(record.number, sizeof(record.number));
        widen(record.phone, sizeof(record.phone));
        hit(&record, DAMAGE_WIDE);
    }
    put_lines(lines, sector, household, member, &record, household_no);
}

static void
put_household(struct rng *rng, const struct options *options, struct lines *lines,
              const struct household *household)
{
    bool listed = rng_below(rng, 100) < 60;

    for (int i = 0; i < household->count; i++) {
        int age = (TODAY - household->people[i].birth) / 365;

        if (listed)
            put_record(rng, options, lines, REGISTER, household, i);
        if (rng_below(rng, 100) < 85)
            put_record(rng, options, lines, INSURANCE, household, i);
        if (age >= 6 && age < 19 && rng_below(rng, 100) < 95)
            put_record(rng, options, lines, EDUCATION, household, i);
    }
    if (rng_below(rng, 100) < 70)
        put_record(rng, options, lines, HOUSING, household, 0);
    if (rng_below(rng, 100) < 75)
        put_record(rng, options, lines, WATER, household,
                   household->count > 1 && rng_below(rng, 100) < 15 ? 1 : 0);
}

static void
shuffle(struct rng *rng, struct lines *lines)
{
    for (uint64_t i = lines->count; i > 1; i--) {
        uint64_t at = ((uint64_t)rng_below(rng, 1U << 31) << 20 ^ rng_below(rng, 1U << 31)) % i;
        char *person = lines->people[i - 1], *truth = lines->truths[i - 1];

        lines->people[i - 1] = lines->people[at];
        lines->truths[i - 1] = lines->truths[at];
        lines->people[at] = person;
        lines->truths[at] = truth;
    }
}

static int
write_lines(const char *path, const char *header, char *const *lines, uint64_t count)
{
    FILE *file = fopen(path, "w");

    if (file == NULL) {
        perror(path);
        return 1;
    }
    fputs(header, file);
    for (uint64_t i = 0; i < count; i++)
        fprintf(file, "r%llu,%s", (unsigned long long)i + 1, lines[i]);
    if (fclose(file) != 0) {
        perror(path);
        return 1;
    }
    return 0;
}

static int
usage(void)
{
    fputs("usage: people --out FILE --truth FILE [--records N] [--seed N] [--again N]"
          " [--mix tune|held] [--set KIND=PERMILLE]...\n",
          stderr);
    return 2;
}

static int
parse(int argc, char **argv, struct options *options)
{
    if (argc % 2 == 0)
        return usage();
    for (int i = 1; i < argc; i += 2) {
        if (strcmp(argv[i], "--out") == 0)
            options->out = argv[i + 1];
        else if (strcmp(argv[i], "--truth") == 0)
            options->truth = argv[i + 1];
        else if (strcmp(argv[i], "--records") == 0)
            options->records = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            options->seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--again") == 0)
            options->again = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--mix") == 0   ? !damage_find(argv[i + 1], &options->rates)
                 : strcmp(argv[i], "--set") == 0 ? !damage_set(&options->rates, argv[i + 1])
                                                 : true)
            return usage();
    }
    return options->out == NULL || options->truth == NULL || options->records == 0 ? usage() : 0;
}

int
main(int argc, char **argv)
{
    struct options options = {.records = 100000, .seed = 1};
    struct lines lines = {0};
    struct household household;
    struct rng rng;
    int status;

    damage_find("tune", &options.rates);
    status = parse(argc, argv, &options);
    if (status != 0)
        return status;
    lines.people = calloc(options.records, sizeof(*lines.people));
    lines.truths = calloc(options.records, sizeof(*lines.truths));
    if (lines.people == NULL || lines.truths == NULL)
        abort();
    household_begin(options.seed);
    rng.state = rng_mix(options.seed ^ 0x5851f42d4c957f2dU) + options.again;
    for (uint64_t no = 0; lines.count < options.records; no++) {
        household_make(no, &household);
        put_household(&rng, &options, &lines, &household);
    }
    household_end();
    shuffle(&rng, &lines);
    status =
        write_lines(options.out,
                    "record_id,source,name,id_no,sex,birth_date,phone,address,area,"
                    "household_no\n",
                    lines.people, lines.count) |
        write_lines(options.truth, "record_id,person,kinds,marks\n", lines.truths, lines.count);
    for (uint64_t i = 0; i < lines.count; i++) {
        free(lines.people[i]);
        free(lines.truths[i]);
    }
    free(lines.people);
    free(lines.truths);
    return status;
}
