#include "fuzz.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

static char directory[512];
static char path[1024];

static int
remove_one(const char *name, const struct stat *stat, int flag, struct FTW *walk)
{
    (void)stat;
    (void)flag;
    (void)walk;
    return remove(name);
}

static void
remove_directory(void)
{
    (void)nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *
path_of(const char *name)
{
    (void)snprintf(path, sizeof(path), "%s/%s", fuzz_dir(), name);
    return path;
}

uint8_t
fuzz_take(struct fuzz_input *input)
{
    if (input->len == 0)
        return 0;
    input->len--;
    return *input->bytes++;
}

const char *
fuzz_dir(void)
{
    const char *parent = getenv("TMPDIR");

    if (directory[0] != '\0')
        return directory;
    (void)snprintf(directory, sizeof(directory), "%s/fuzz-XXXXXX",
                   parent == NULL ? "/tmp" : parent);
    if (mkdtemp(directory) == NULL)
        abort();
    (void)atexit(remove_directory);
    return directory;
}

const char *
fuzz_write(const char *name, const void *bytes, size_t len)
{
    FILE *file = fopen(path_of(name), "w");

    if (file == NULL || (len > 0 && fwrite(bytes, 1, len, file) != len) || fclose(file) != 0)
        abort();
    return path;
}

bool
fuzz_read(const char *name, struct buf *out)
{
    FILE *file = fopen(path_of(name), "r");
    size_t got;

    if (file == NULL)
        return false;
    do {
        got = fread(buf_reserve(out, 4096), 1, 4096, file);
        out->len += got;
    } while (got > 0);
    (void)fclose(file);
    return true;
}

void
fuzz_remove(const char *name)
{
    (void)remove(path_of(name));
}

int
fuzz_open(const void *bytes, size_t len)
{
    int fd = memfd_create("input", MFD_CLOEXEC);

    if (fd < 0 || (len > 0 && write(fd, bytes, len) != (ssize_t)len) || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}

void
fuzz_check_err(const struct err *err)
{
    assert(err->code != ERR_NONE);
    assert(err->text[0] != '\0');
    assert(memchr(err->text, '\0', sizeof(err->text)) != NULL);
}

void
fuzz_check_problems(const struct buf *problems, int result, const struct err *err)
{
    const char *at = (const char *)problems->bytes, *end;

    assert(result == 0 || result == -1);
    assert((result == 0) == (problems->len == 0));
    if (result == 0)
        return;
    fuzz_check_err(err);
    assert(err->code == ERR_CONFIG);
    for (end = at + problems->len; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *colon = memchr(at, ':', (size_t)(end - at));
        char *rest;

        assert(stop != NULL && colon != NULL && colon < stop);
        assert(strtol(colon + 1, &rest, 10) > 0 && *rest == ':');
        assert(strtol(rest + 1, &rest, 10) > 0 && rest[0] == ':' && rest[1] == ' ');
        assert(rest + 2 < stop);
        for (const char *c = at; c < stop; c++)
            assert((unsigned char)*c >= ' ' && *c != 0x7f);
        at = stop + 1;
    }
}

/* Read the present sheet and return a sum over their cells. */
static uint64_t
fuzz_read_sheet(struct source *source, struct refusal *refusal)
{
    struct source_row row;
    struct err err = {0};
    enum source_read read;
    uint64_t sum = 0;
    uint32_t last = 0;

    while ((read = source_next(source, &row, refusal, &err)) == SOURCE_ROW) {
        assert(row.row_no > last && row.count <= SOURCE_CELLS_MAX);
        last = row.row_no;
        for (uint32_t i = 0; i < row.count; i++) {
            assert(text_utf8_length(row.cells[i].bytes, row.cells[i].len) >= 0);
            for (uint32_t j = 0; j < row.cells[i].len; j++)
                sum = sum * 31 + (unsigned char)row.cells[i].bytes[j];
        }
        sum = sum * 31 + row.count;
    }
    assert(read != SOURCE_ERROR);
    assert((read == SOURCE_REFUSED) == (refusal->code != REFUSAL_NONE));
    return sum;
}

void
fuzz_check_book(struct source *source, bool timed)
{
    struct refusal refusal = {0};
    struct err err = {0};

    do {
        struct refusal again = {0};
        uint64_t sum = fuzz_read_sheet(source, &refusal);
        bool same;

        assert(source_rewind(source, &err) == 0);
        same = fuzz_read_sheet(source, &again) == sum && again.code == refusal.code;
        assert(same || (timed && (again.code != REFUSAL_NONE || refusal.code != REFUSAL_NONE)));
    } while (refusal.code == REFUSAL_NONE &&
             source_next_sheet(source, &refusal, &err) == SOURCE_ROW);
}
