#include "sdk/sheet/xls_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <freexl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/source.h"
#include "sdk/sheet/excel.h"

#define XLS_DATE_BYTES 10        /* of YYYY-MM-DD; the time of day goes */
#define XLS_OUT_BYTES (64 << 10) /* written at once */
#define XLS_MEMORY (1u << 30)
#define XLS_DESCRIPTOR 10 /* the child's descriptors are moved above this */
#define XLS_CPU_SECONDS 3 /* and one for each MiB of the file */

#if defined(__SANITIZE_ADDRESS__)
#define XLS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define XLS_SANITIZED 1
#endif
#endif

struct xls_rows {
    const void *book;
    unsigned rows;
    unsigned short columns;
    int out;
    struct buf bytes; /* to be written */
    struct buf text;  /* of one row */
    uint32_t ends[SOURCE_CELLS_MAX];
};

/* ---- confining the process ---- */

static void
xls_rows_limit(unsigned resource, rlim_t most)
{
    const struct rlimit limit = {most, most};

    (void)setrlimit(resource, &limit);
}

/*
 * Keep the workbook and the pipe to the parent and no other descriptor, but the three that every
 * program has.
 */
static bool
xls_rows_keep(int *file, int *out)
{
    *file = fcntl(*file, F_DUPFD, XLS_DESCRIPTOR);
    *out = fcntl(*out, F_DUPFD, XLS_DESCRIPTOR);
    if (*file < 0 || *out < *file)
        return false;
    (void)close_range(STDERR_FILENO + 1, (unsigned)*file - 1, 0);
    (void)close_range((unsigned)*file + 1, (unsigned)*out - 1, 0);
    (void)close_range((unsigned)*out + 1, ~0u, 0);
    return true;
}

static void
xls_rows_bound(off_t size)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    xls_rows_limit(RLIMIT_CORE, 0);
    xls_rows_limit(RLIMIT_FSIZE, 0);
    xls_rows_limit(RLIMIT_CPU, XLS_CPU_SECONDS + (rlim_t)(size >> 20));
#ifndef XLS_SANITIZED /* which takes addresses by the tebibyte */
    xls_rows_limit(RLIMIT_AS, XLS_MEMORY);
#endif
}

/* Leave the system calls that a reader of files needs; any other fails. */
static bool
xls_rows_confine(void)
{
    static const int calls[] = {
        SCMP_SYS(access),       SCMP_SYS(brk),          SCMP_SYS(clock_gettime),
        SCMP_SYS(close),        SCMP_SYS(exit),         SCMP_SYS(exit_group),
        SCMP_SYS(fstat),        SCMP_SYS(futex),        SCMP_SYS(getpid),
        SCMP_SYS(getrandom),    SCMP_SYS(gettid),       SCMP_SYS(lseek),
        SCMP_SYS(madvise),      SCMP_SYS(mmap),         SCMP_SYS(mprotect),
        SCMP_SYS(mremap),       SCMP_SYS(munmap),       SCMP_SYS(newfstatat),
        SCMP_SYS(pread64),      SCMP_SYS(read),         SCMP_SYS(readlink),
        SCMP_SYS(readv),        SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),  SCMP_SYS(stat),
        SCMP_SYS(tgkill),       SCMP_SYS(write),
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool done = filter != NULL;

    for (size_t i = 0; done && i < sizeof(calls) / sizeof(calls[0]); i++)
        done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) == 0;
    done = done &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_RDONLY)) == 0 &&
           seccomp_load(filter) == 0;
    seccomp_release(filter);
    return done;
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

static void
xls_rows_add_number(struct xls_rows *rows, uint32_t number)
{
    buf_add(&rows->bytes, &number, sizeof(number));
}

static void
xls_rows_add(struct xls_rows *rows, const FreeXL_CellValue *cell)
{
    char shown[EXCEL_TEXT_BYTES];
    size_t len;

    switch (cell->type) {
    case FREEXL_CELL_INT:
        buf_add_fmt(&rows->text, "%d", cell->value.int_value);
        break;
    case FREEXL_CELL_DOUBLE:
        excel_number(cell->value.double_value, shown);
        buf_add_str(&rows->text, shown);
        break;
    case FREEXL_CELL_TEXT:
    case FREEXL_CELL_SST_TEXT:
    case FREEXL_CELL_DATE:
    case FREEXL_CELL_DATETIME:
    case FREEXL_CELL_TIME:
        if (cell->value.text_value == NULL)
            break;
        len = strlen(cell->value.text_value);
        if (cell->type == FREEXL_CELL_DATETIME && len > XLS_DATE_BYTES)
            len = XLS_DATE_BYTES;
        buf_add(&rows->text, cell->value.text_value, len);
        break;
    default: /* empty */
        break;
    }
}

static bool
xls_rows_write(struct xls_rows *rows, unsigned row)
{
    uint32_t count = 0;

    buf_clear(&rows->text);
    for (unsigned i = 0; i < rows->columns; i++) {
        FreeXL_CellValue cell;
        size_t before = rows->text.len;

        if (freexl_get_cell_value(rows->book, row, (unsigned short)i, &cell) != FREEXL_OK)
            return false;
        xls_rows_add(rows, &cell);
        if (rows->text.len > SOURCE_LINE_MAX)
            return false;
        rows->ends[i] = (uint32_t)rows->text.len;
        count = rows->text.len > before ? i + 1 : count;
    }
    xls_rows_add_number(rows, count);
    buf_add(&rows->bytes, rows->ends, count * sizeof(rows->ends[0]));
    buf_add(&rows->bytes, rows->text.bytes, count > 0 ? rows->ends[count - 1] : 0);
    return rows->bytes.len < XLS_OUT_BYTES || xls_rows_flush(rows);
}

/* libfreexl wants a path; the descriptor's own cannot lead to another file. */
static bool
xls_rows_open(struct xls_rows *rows, int file, unsigned sheet)
{
    char path[64];
    unsigned password = 0, sheets = 0;

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    if (freexl_open(path, &rows->book) != FREEXL_OK ||
        freexl_get_info(rows->book, FREEXL_BIFF_PASSWORD, &password) != FREEXL_OK ||
        password == FREEXL_BIFF_OBFUSCATED ||
        freexl_get_info(rows->book, FREEXL_BIFF_SHEET_COUNT, &sheets) != FREEXL_OK ||
        sheets <= sheet ||
        freexl_select_active_worksheet(rows->book, (unsigned short)sheet) != FREEXL_OK ||
        freexl_worksheet_dimensions(rows->book, &rows->rows, &rows->columns) != FREEXL_OK)
        return false;
    /* one wider than a table may be is cut off */
    rows->columns = rows->columns < SOURCE_CELLS_MAX ? rows->columns : SOURCE_CELLS_MAX;
    xls_rows_add_number(rows, sheets);
    return true;
}

void
xls_rows_run(int file, int out, unsigned sheet)
{
    struct xls_rows rows = {.out = out};
    struct stat stat;
    bool done;

    (void)buf_reserve(&rows.text, 1);
    done = xls_rows_keep(&file, &rows.out) && fstat(file, &stat) == 0;
    if (done) {
        xls_rows_bound(stat.st_size);
        done = xls_rows_confine() && xls_rows_open(&rows, file, sheet);
    }
    for (unsigned i = 0; done && i < rows.rows; i++)
        done = xls_rows_write(&rows, i);
    if (done) {
        xls_rows_add_number(&rows, XLS_ROWS_END);
        done = xls_rows_flush(&rows);
    }
    _exit(done ? 0 : 1); /* what is to be freed belongs to the process that we were */
}
