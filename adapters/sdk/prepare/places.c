#include "sdk/prepare/places.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define PLACES_COUNTY 6
#define PLACES_TOWNSHIP 9
#define PLACES_VILLAGE 12

/* One name of a division, present or former. */
struct places_entry {
    char code[PLACES_VILLAGE + 1];
    uint8_t level; /* digits of the code */
    struct places_text name, stem;
    int class; /* what follows the stem; 0: nothing */
};

struct places {
    char *text;                   /* the file; names point into it */
    struct places_entry *entries; /* in the order of their codes */
    size_t count;
};

/* What may stand behind a name, the longest first; one class says the same. */
static const struct {
    const char *text;
    uint8_t level;
    int class;
} places_endings[] = {
    {"社区居民委员会", PLACES_VILLAGE, 1}, {"社区居委会", PLACES_VILLAGE, 1},
    {"居民委员会", PLACES_VILLAGE, 1},     {"居委会", PLACES_VILLAGE, 1},
    {"社区", PLACES_VILLAGE, 1},           {"村民委员会", PLACES_VILLAGE, 2},
    {"村委会", PLACES_VILLAGE, 2},         {"村", PLACES_VILLAGE, 2},
    {"街道办事处", PLACES_TOWNSHIP, 3},    {"街道", PLACES_TOWNSHIP, 3},
    {"镇人民政府", PLACES_TOWNSHIP, 4},    {"镇", PLACES_TOWNSHIP, 4},
    {"乡人民政府", PLACES_TOWNSHIP, 5},    {"乡", PLACES_TOWNSHIP, 5},
};

static bool
places_is(struct places_text a, struct places_text b)
{
    return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

/* Part a name from what kind of division it says it is. */
static struct places_text
places_stem(struct places_text name, uint8_t level, int *ret_class)
{
    *ret_class = 0;
    for (size_t i = 0; i < sizeof(places_endings) / sizeof(places_endings[0]); i++) {
        size_t len = strlen(places_endings[i].text);

        if (places_endings[i].level == level && name.len > len &&
            memcmp(name.bytes + name.len - len, places_endings[i].text, len) == 0) {
            *ret_class = places_endings[i].class;
            return (struct places_text){name.bytes, name.len - len};
        }
    }
    return name;
}

/* ---- reading ---- */

/* Take blanks out of a name, in place. */
static struct places_text
places_squeeze(char *bytes, size_t len)
{
    size_t kept = 0;

    for (size_t i = 0; i < len; i++) {
        if (len - i >= 3 && memcmp(bytes + i, "　", 3) == 0)
            i += 2;
        else if (len - i >= 2 && memcmp(bytes + i, "\xc2\xa0", 2) == 0)
            i += 1;
        else if ((unsigned char)bytes[i] > ' ')
            bytes[kept++] = bytes[i];
    }
    return (struct places_text){bytes, kept};
}

/* The part up to `end`, which is a byte or the first of 、; moves `rest` behind it. */
static struct places_text
places_cut(char **rest, bool names)
{
    char *start = *rest, *at = start;

    while (*at != '\0' && *at != '\t' && !(names && (*at == ',' || strncmp(at, "、", 3) == 0)))
        at++;
    *rest = *at == '\0' ? at : at + (*at == '\t' || *at == ',' ? 1 : 3);
    return places_squeeze(start, (size_t)(at - start));
}

static void
places_add(struct places *places, const char *code, size_t level, struct places_text name)
{
    struct places_entry *entry;

    if ((places->count & (places->count + 1)) == 0) /* 0, 1, 3, 7 … are full */
        places->entries =
            mem_grow(places->entries, 2 * places->count + 1, sizeof(*places->entries));
    entry = &places->entries[places->count++];
    *entry = (struct places_entry){.level = (uint8_t)level, .name = name};
    memcpy(entry->code, code, level);
    entry->stem = places_stem(name, entry->level, &entry->class);
}

static int
places_fail(const char *path, int line, struct err *err, const char *what)
{
    return err_set(err, ERR_CONFIG, "%s:%d: %s", path, line, what);
}

static int
places_take_line(struct places *places, char *line, const char *path, int number, struct err *err)
{
    struct places_text code = places_cut(&line, false), name = places_cut(&line, false);

    if (code.len == 0 || code.bytes[0] == '#')
        return 0;
    if (code.len != PLACES_COUNTY && code.len != PLACES_TOWNSHIP && code.len != PLACES_VILLAGE)
        return places_fail(path, number, err, "a code has 6, 9 or 12 digits");
    for (size_t i = 0; i < code.len; i++)
        if (!isdigit((unsigned char)code.bytes[i]))
            return places_fail(path, number, err, "a code has 6, 9 or 12 digits");
    if (name.len == 0)
        return places_fail(path, number, err, "the division has no name");
    for (; name.len > 0 || *line != '\0'; name = places_cut(&line, true)) {
        if (name.len > PLACES_NAME_BYTES)
            return places_fail(path, number, err, "a name is too long");
        if (places->count == PLACES_MAX)
            return places_fail(path, number, err, "too many divisions");
        if (name.len > 0)
            places_add(places, code.bytes, code.len, name);
    }
    return 0;
}

static int
places_compare(const void *a, const void *b)
{
    const struct places_entry *left = a, *right = b;

    return strcmp(left->code, right->code);
}

static int
places_read(const char *path, char **ret_text, size_t *ret_len, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    AUTO(free) char *text = NULL;
    struct stat stat;
    ssize_t got = -1;
    size_t len = 0;

    if (fd < 0)
        return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_CONFIG, "cannot open %s: %s", path,
                       strerror(errno));
    if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size <= PLACES_FILE_MIB << 20) {
        text = mem_zalloc((size_t)stat.st_size + 1);
        while (len < (size_t)stat.st_size &&
               (got = read(fd, text + len, (size_t)stat.st_size - len)) > 0)
            len += (size_t)got;
        got = stat.st_size == 0 ? 0 : got;
    }
    (void)close(fd);
    if (got < 0)
        return err_set(err, ERR_CONFIG, "cannot read %s: not a file of at most %d MiB", path,
                       PLACES_FILE_MIB);
    *ret_text = STEAL(text);
    *ret_len = len;
    return 0;
}

int
places_load(const char *path, struct places **ret_places, struct err *err)
{
    AUTO(places_free) struct places *places = mem_zalloc(sizeof(*places));
    char *line, *end;
    size_t len = 0;
    int number = 0;

    if (places_read(path, &places->text, &len, err) != 0)
        return -1;
    if (strlen(places->text) != len || text_utf8_length(places->text, len) < 0)
        return places_fail(path, 1, err, "the table is no UTF-8 text");
    line = places->text + (strncmp(places->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
    for (; line != NULL; line = end) {
        end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        if (places_take_line(places, line, path, ++number, err) != 0)
            return -1;
    }
    if (places->count == 0)
        return places_fail(path, 1, err, "the table has no division");
    qsort(places->entries, places->count, sizeof(*places->entries), places_compare);
    *ret_places = STEAL(places);
    return 0;
}

void
places_free(struct places *places)
{
    if (places == NULL)
        return;
    free(places->entries);
    free(places->text);
    free(places);
}

/* ---- looking up ---- */

/* The first entry at or behind a code. */
static const struct places_entry *
places_from(const struct places *places, const char *code)
{
    size_t low = 0, high = places->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(places->entries[middle].code, code) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return places->entries + low;
}

static const struct places_entry *
places_end(const struct places *places)
{
    return places->entries + places->count;
}

static bool
places_is_within(const struct places_entry *entry, const char *code)
{
    return strncmp(entry->code, code, strlen(code)) == 0;
}

/* The code of the one division of a level inside `code` that has this name, or NULL. */
static const char *
places_match(const struct places *places, const char *code, uint8_t level, struct places_text name)
{
    const struct places_entry *found = NULL;
    bool twice = false;
    int class;
    struct places_text stem = places_stem(name, level, &class);

    for (const struct places_entry *entry = places_from(places, code);
         entry < places_end(places) && places_is_within(entry, code); entry++) {
        if (entry->level != level)
            continue;
        if (!places_is(entry->stem, stem) ||
            (entry->class != class && entry->class != 0 && class != 0))
            continue;
        twice = twice || (found != NULL && strcmp(found->code, entry->code) != 0);
        found = entry;
    }
    return found == NULL || twice ? NULL : found->code;
}

/* Drop what stands before and of the county's name; "" as code when no county is named. */
static const char *
places_take_county(const struct places *places, struct places_text *name)
{
    const char *code = "";
    size_t behind = 0;

    for (const struct places_entry *entry = places->entries; entry < places_end(places); entry++) {
        const char *at = entry->level != PLACES_COUNTY
                             ? NULL
                             : memmem(name->bytes, name->len, entry->name.bytes, entry->name.len);
        size_t end = at == NULL ? 0 : (size_t)(at - name->bytes) + entry->name.len;

        if (end > behind) {
            behind = end;
            code = entry->code;
        }
    }
    *name = (struct places_text){name->bytes + behind, name->len - behind};
    return code;
}

/* Drop a township's name in front; its code, or NULL when there is none or two have it. */
static const char *
places_take_township(const struct places *places, const char *county, struct places_text *name)
{
    const struct places_entry *found = NULL;
    bool twice = false;

    for (const struct places_entry *entry = places_from(places, county);
         entry < places_end(places) && places_is_within(entry, county); entry++) {
        size_t len = entry->name.len;

        if (entry->level != PLACES_TOWNSHIP || entry->class == 0 || len > name->len ||
            memcmp(entry->name.bytes, name->bytes, len) != 0 ||
            (found != NULL && len < found->name.len))
            continue;
        twice = found != NULL && len == found->name.len && strcmp(found->code, entry->code) != 0;
        found = entry;
    }
    if (found == NULL || twice)
        return NULL;
    *name = (struct places_text){name->bytes + found->name.len, name->len - found->name.len};
    return found->code;
}

/* The township that a cell of its own names or codes, or NULL. */
static const char *
places_township(const struct places *places, struct places_text text)
{
    const char *county = places_take_county(places, &text);
    const struct places_entry *entry;
    char code[PLACES_VILLAGE + 1] = "";

    if (text.len == 0)
        return NULL;
    if (text.len == PLACES_TOWNSHIP || text.len == PLACES_VILLAGE) {
        memcpy(code, text.bytes, PLACES_TOWNSHIP);
        entry = places_from(places, code);
        if (entry < places_end(places) && strcmp(entry->code, code) == 0)
            return entry->code;
    }
    return places_match(places, county, PLACES_TOWNSHIP, text);
}

const char *
places_find(const struct places *places, struct places_text name, struct places_text township)
{
    char bytes[PLACES_NAME_BYTES], within[PLACES_NAME_BYTES];
    const char *county, *code;

    if (name.len > sizeof(bytes) || township.len > sizeof(within))
        return NULL;
    memcpy(bytes, name.bytes, name.len);
    name = places_squeeze(bytes, name.len);
    memcpy(within, township.bytes, township.len);
    township = places_squeeze(within, township.len);
    county = places_take_county(places, &name);
    if (name.len == 0)
        return *county == '\0' ? NULL : county;
    code = places_take_township(places, county, &name);
    if (code != NULL && name.len == 0)
        return code;
    if (code == NULL && township.len > 0)
        code = places_township(places, township);
    return code == NULL ? NULL : places_match(places, code, PLACES_VILLAGE, name);
}
