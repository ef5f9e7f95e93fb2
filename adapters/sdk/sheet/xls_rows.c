#include "sdk/sheet/xls_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <gsf/gsf.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sdk/sheet/biff.h"

#define XLS_OUT_BYTES (64 << 10) /* written at once */
#define XLS_MEMORY (64u << 20) /* beyond what the process has when it begins; and for each byte: */
#define XLS_MEMORY_FACTOR 10   /* the file, its stream, and 16 bytes for a cell of 6 */
#define XLS_CPU_SECONDS 3      /* and one for each MiB of the file */

#if defined(__SANITIZE_ADDRESS__)
#define XLS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define XLS_SANITIZED 1
#endif
#endif

struct xls_rows {
    int out;
    struct buf bytes; /* to be written */
};

/* ---- confining the process ---- */

static void
xls_rows_limit(unsigned resource, rlim_t most)
{
    const struct rlimit limit = {most, most};

    (void)setrlimit(resource, &limit);
}

/* Bytes of addresses that the process has, those of its libraries included; 0: not known. */
static rlim_t
xls_rows_memory(void)
{
    char text[64] = "";
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

    if (file < 0)
        return 0;
    if (read(file, text, sizeof(text) - 1) < 0)
        text[0] = '\0';
    (void)close(file);
    return (rlim_t)strtoul(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE);
}

static bool
xls_rows_bound(off_t size)
{
    rlim_t has = xls_rows_memory();

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    xls_rows_limit(RLIMIT_CORE, 0);
    xls_rows_limit(RLIMIT_FSIZE, 0);
    xls_rows_limit(RLIMIT_CPU, XLS_CPU_SECONDS + (rlim_t)(size >> 20));
#ifndef XLS_SANITIZED /* which takes addresses by the tebibyte */
    xls_rows_limit(RLIMIT_AS, has + XLS_MEMORY + XLS_MEMORY_FACTOR * (rlim_t)size);
#endif
    return has > 0;
}

/* Leave the system calls that memory, writing and the end need; any other fails. */
static bool
xls_rows_confine(void)
{
    static const int calls[] = {
        SCMP_SYS(brk),          SCMP_SYS(clock_gettime), SCMP_SYS(exit),
        SCMP_SYS(exit_group),   SCMP_SYS(futex),         SCMP_SYS(getpid),
        SCMP_SYS(getrandom),    SCMP_SYS(gettid),        SCMP_SYS(madvise),
        SCMP_SYS(mmap),         SCMP_SYS(mprotect),      SCMP_SYS(mremap),
        SCMP_SYS(munmap),       SCMP_SYS(rt_sigaction),  SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),   SCMP_SYS(tgkill),
        SCMP_SYS(write),
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool done = filter != NULL;

    for (size_t i = 0; done && i < sizeof(calls) / sizeof(calls[0]); i++)
        done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) == 0;
    done = done && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return done;
}

static void
xls_rows_silent(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer unused)
{
    (void)domain;
    (void)level;
    (void)message;
    (void)unused;
}

/* ---- the container ---- */

/* Open the stream of the cells; a file for Excel 95 and 97 has both. */
static GsfInput *
xls_rows_stream(GsfInfile *container)
{
    static const char *const names[] = {"Workbook", "WORKBOOK", "workbook", "Book", "BOOK", "book"};
    GsfInput *stream = NULL;

    for (size_t i = 0; stream == NULL && i < sizeof(names) / sizeof(names[0]); i++)
        stream = gsf_infile_child_by_name(container, names[i]);
    return stream;
}

/* Take the stream out of the file; false when there is none or it is longer than the file. */
static bool
xls_rows_unpack(const void *file, size_t len, struct buf *out)
{
    GsfInput *input = gsf_input_memory_new(file, (gsf_off_t)len, FALSE);
    GsfInfile *container = gsf_infile_msole_new(input, NULL);
    GsfInput *stream = container == NULL ? NULL : xls_rows_stream(container);
    gsf_off_t size = stream == NULL ? 0 : gsf_input_size(stream);

    if (size <= 0 || (size_t)size > len)
        return false;
    if (gsf_input_read(stream, (size_t)size, buf_reserve(out, (size_t)size)) == NULL)
        return false;
    out->len = (size_t)size;
    return true;
}

/* ---- rows ---- */

static bool
xls_rows_flush(struct xls_rows *rows)
{
    size_t done = 0;

    while (done < rows->bytes.len) {
        ssize_t put = write(rows->out, rows->bytes.bytes + done, rows->bytes.len - done);

        if (put < 0 && errno != EINTR)
            return false;
        done += put > 0 ? (size_t)put : 0;
    }
    buf_clear(&rows->bytes);
    return true;
}

static bool
xls_rows_write(struct xls_rows *rows, const struct biff_row *row)
{
    const uint32_t head[XLS_ROWS_ROW] = {[XLS_ROWS_NUMBER] = row->row_no,
                                         [XLS_ROWS_HIDDEN] = row->hidden,
                                         [XLS_ROWS_CELLS] = row->count};

    buf_add(&rows->bytes, head, sizeof(head));
    buf_add(&rows->bytes, row->ends, row->count * sizeof(row->ends[0]));
    buf_add(&rows->bytes, row->text, row->ends[row->count - 1]);
    return rows->bytes.len < XLS_OUT_BYTES || xls_rows_flush(rows);
}

static bool
xls_rows_write_head(struct xls_rows *rows, const struct biff *biff, unsigned sheet)
{
    const char *name = biff_name(biff, sheet);
    const uint32_t head[XLS_ROWS_HEAD] = {[XLS_ROWS_SHEETS] = (uint32_t)biff_sheets(biff),
                                          [XLS_ROWS_1904] = biff_from_1904(biff),
                                          [XLS_ROWS_STALE] = biff_is_stale(biff),
                                          [XLS_ROWS_NAME] = (uint32_t)strlen(name)};

    buf_add(&rows->bytes, head, sizeof(head));
    buf_add_str(&rows->bytes, name);
    return xls_rows_flush(rows);
}

/* Read the workbook and write what is asked for. */
static bool
xls_rows_give(struct xls_rows *rows, const void *file, size_t len, unsigned sheet)
{
    static const uint32_t end = XLS_ROWS_END;
    struct buf stream = {0};
    enum biff_read read = BIFF_ROW_READ;
    struct biff_row row;
    struct biff *biff;

    if (!xls_rows_unpack(file, len, &stream) ||
        (biff = biff_open(stream.bytes, stream.len)) == NULL || !biff_choose(biff, sheet) ||
        !xls_rows_write_head(rows, biff, sheet))
        return false;
    while (read == BIFF_ROW_READ) {
        read = biff_next(biff, &row);
        if (read == BIFF_ROW_READ && !xls_rows_write(rows, &row))
            return false;
    }
    buf_add(&rows->bytes, &end, sizeof(end));
    return read == BIFF_END && xls_rows_flush(rows);
}

int
main(int argc, char **argv)
{
    struct xls_rows rows = {.out = XLS_ROWS_OUT};
    const void *bytes = MAP_FAILED;
    struct stat stat;
    bool done;

    (void)close_range(XLS_ROWS_OUT + 1, ~0u, 0);
    if (argc != 2 || fstat(XLS_ROWS_FILE, &stat) != 0 || stat.st_size <= 0)
        return EXIT_FAILURE;
    bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, XLS_ROWS_FILE, 0);
    (void)g_log_set_default_handler(xls_rows_silent, NULL);
    gsf_init();
    done = bytes != MAP_FAILED && xls_rows_bound(stat.st_size) && xls_rows_confine() &&
           xls_rows_give(&rows, bytes, (size_t)stat.st_size, (unsigned)strtoul(argv[1], NULL, 10));
    _exit(done ? EXIT_SUCCESS : EXIT_FAILURE); /* the memory goes with the process */
}
