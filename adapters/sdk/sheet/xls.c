#include "sdk/sheet/xls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "sdk/sheet/biff.h"
#include "sdk/sheet/xls_rows.h"

#define XLS_ROW_MAX 65536       /* of a sheet */
#define XLS_IN_BYTES (64 << 10) /* read at once */
#define XLS_WAIT_SECONDS 10     /* for the child's next bytes, and one for each MiB of the file */

struct xls {
    struct source source;
    int file, in; /* the workbook; what the child writes, -1 when there is none */
    int wait_ms;
    pid_t child;
    uint32_t sheet_count, sheet, row;
    char program[PATH_MAX];   /* xls-rows */
    char name[BIFF_NAME_MAX]; /* of the present sheet */
    char *bytes;              /* bytes that were read from the child and not yet taken */
    size_t at, end;
    char *text; /* of the present row */
    uint32_t ends[SOURCE_CELLS_MAX];
    struct source_cell cells[SOURCE_CELLS_MAX];
};

static enum source_read
xls_refuse(struct refusal *refusal)
{
    refusal_set(
        refusal, REFUSAL_SPREADSHEET,
        "这个 Excel 工作簿打不开：文件设有密码、已损坏，或不是 .xls。请在 Excel 中打开，取消密码，"
        "另存为“Excel 工作簿（.xlsx）”或“CSV UTF-8”后重新发送。",
        "this workbook cannot be read: it has a password, is damaged or no .xls; open it in Excel, "
        "take the password off, save it as .xlsx or 'CSV UTF-8' and send it again");
    return SOURCE_REFUSED;
}

/* The program is incomplete here, and the file may be sound. */
static void
xls_refuse_missing(struct refusal *refusal)
{
    refusal_set(
        refusal, REFUSAL_SPREADSHEET,
        "本机缺少读取 .xls 的程序（xls-rows）：请重新安装本程序，或把文件另存为“Excel 工作簿"
        "（.xlsx）”后发送。",
        "xls-rows, which reads .xls, is not installed here: install this program again, or "
        "save the file as .xlsx and send that");
}

/* ---- the child ---- */

static void
xls_stop(struct xls *xls)
{
    if (xls->in >= 0)
        (void)close(xls->in);
    xls->in = -1;
    if (xls->child > 0) {
        (void)kill(xls->child, SIGKILL);
        while (waitpid(xls->child, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    xls->child = 0;
}

/* Read the child's next bytes; false when none come. A child that hangs uses no processor time,
   which is bounded: it is not waited for longer than its time. */
static bool
xls_read(struct xls *xls)
{
    struct pollfd in = {xls->in, POLLIN, 0};
    ssize_t got = 0;
    int ready;

    do {
        ready = poll(&in, 1, xls->wait_ms);
        if (ready > 0)
            got = read(xls->in, xls->bytes, XLS_IN_BYTES);
    } while ((ready < 0 || got < 0) && errno == EINTR);
    if (ready <= 0 || got <= 0)
        return false;
    xls->at = 0;
    xls->end = (size_t)got;
    return true;
}

static bool
xls_take(struct xls *xls, void *to, size_t len)
{
    while (len > 0) {
        size_t piece = xls->end - xls->at;

        if (piece == 0) {
            if (!xls_read(xls))
                return false;
            continue;
        }
        piece = piece < len ? piece : len;
        memcpy(to, xls->bytes + xls->at, piece);
        xls->at += piece;
        to = (char *)to + piece;
        len -= piece;
    }
    return true;
}

/* Where xls-rows lies, seen from the folder of a program that is installed or was built. */
static const char *const xls_programs[] = {"../libexec/qianshao/xls-rows",
                                           "../../adapters/sdk/xls-rows"};

/* Find xls-rows; false when it lies at neither place. */
static bool
xls_find(char path[PATH_MAX])
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;

    if (len <= 0)
        return false;
    self[len] = '\0';
    slash = strrchr(self, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    for (size_t i = 0; i < sizeof(xls_programs) / sizeof(xls_programs[0]); i++)
        if (snprintf(path, PATH_MAX, "%s/%s", self, xls_programs[i]) < PATH_MAX &&
            access(path, X_OK) == 0)
            return true;
    return false;
}

/* In the child: give the program its two descriptors, and nothing else of this process. */
static _Noreturn void
xls_run(const char *path, int file, int out, char *sheet)
{
    static char name[] = "xls-rows";
    char *const words[] = {name, sheet, NULL}, *const environment[] = {NULL};

    /* first above the numbers that they are to get */
    file = fcntl(file, F_DUPFD_CLOEXEC, XLS_ROWS_OUT + 1);
    out = fcntl(out, F_DUPFD_CLOEXEC, XLS_ROWS_OUT + 1);
    if (file >= 0 && out >= 0 && dup2(file, XLS_ROWS_FILE) >= 0 && dup2(out, XLS_ROWS_OUT) >= 0)
        (void)execve(path, words, environment);
    _exit(EXIT_FAILURE);
}

/* Let a child read the sheet from its first row. ERR_SYSTEM. */
static int
xls_start(struct xls *xls, struct err *err)
{
    char sheet[12];
    int ends[2];

    xls_stop(xls);
    xls->row = 0;
    xls->at = xls->end = 0;
    (void)snprintf(sheet, sizeof(sheet), "%u", xls->sheet);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_set(err, ERR_SYSTEM, "cannot make a pipe: %s", strerror(errno));
    xls->child = fork();
    if (xls->child == 0)
        xls_run(xls->program, xls->file, ends[1], sheet);
    (void)close(ends[1]);
    xls->in = ends[0];
    if (xls->child < 0)
        return err_set(err, ERR_SYSTEM, "cannot start a process: %s", strerror(errno));
    return 0;
}

/* Read the head of the stream, which comes before the rows; false when it is none that may be. */
static bool
xls_begin(struct xls *xls)
{
    uint32_t head[XLS_ROWS_HEAD], len;

    if (!xls_take(xls, head, sizeof(head)))
        return false;
    len = head[XLS_ROWS_NAME];
    if (head[XLS_ROWS_SHEETS] <= xls->sheet || head[XLS_ROWS_SHEETS] > BIFF_SHEETS_MAX ||
        len >= sizeof(xls->name) || !xls_take(xls, xls->name, len))
        return false;
    xls->name[len] = '\0';
    if (text_utf8_length(xls->name, len) < 0)
        return false;
    xls->sheet_count = head[XLS_ROWS_SHEETS];
    xls->source.from_1904 = head[XLS_ROWS_1904] != 0;
    xls->source.stale = xls->source.stale || head[XLS_ROWS_STALE] != 0;
    return true;
}

/* ---- the source ---- */

/* Take a row of `count` cells; false when it is none that may be. */
static bool
xls_row(struct xls *xls, uint32_t count)
{
    uint32_t from = 0, len;

    if (count > SOURCE_CELLS_MAX || !xls_take(xls, xls->ends, count * sizeof(xls->ends[0])))
        return false;
    len = count == 0 ? 0 : xls->ends[count - 1];
    for (uint32_t i = 0; i < count; i++) {
        if (xls->ends[i] < from || xls->ends[i] > len)
            return false;
        xls->cells[i] = (struct source_cell){xls->text + from, xls->ends[i] - from};
        from = xls->ends[i];
    }
    if (len > SOURCE_LINE_MAX || !xls_take(xls, xls->text, len))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (text_utf8_length(xls->cells[i].bytes, xls->cells[i].len) < 0)
            return false;
    return true;
}

static enum source_read
xls_next(struct source *source, struct source_row *ret_row, struct refusal *refusal,
         struct err *err)
{
    struct xls *xls = (struct xls *)source;
    uint32_t head[XLS_ROWS_ROW];

    (void)err;
    if (xls->in < 0)
        return SOURCE_END;
    if (!xls_take(xls, head, sizeof(head[0])))
        return xls_refuse(refusal);
    if (head[XLS_ROWS_NUMBER] == XLS_ROWS_END) {
        xls_stop(xls);
        return SOURCE_END;
    }
    if (!xls_take(xls, head + 1, sizeof(head) - sizeof(head[0])) ||
        head[XLS_ROWS_NUMBER] <= xls->row || head[XLS_ROWS_NUMBER] > XLS_ROW_MAX ||
        !xls_row(xls, head[XLS_ROWS_CELLS]))
        return xls_refuse(refusal);
    xls->row = head[XLS_ROWS_NUMBER];
    *ret_row =
        (struct source_row){xls->row, head[XLS_ROWS_CELLS], xls->cells, head[XLS_ROWS_HIDDEN] != 0};
    return SOURCE_ROW;
}

/* When the file cannot be read again, the next row is refused. */
static int
xls_rewind(struct source *source, struct err *err)
{
    struct xls *xls = (struct xls *)source;

    if (xls_start(xls, err) != 0)
        return -1;
    (void)xls_begin(xls);
    return 0;
}

static enum source_read
xls_next_sheet(struct source *source, struct refusal *refusal, struct err *err)
{
    struct xls *xls = (struct xls *)source;

    if (xls->sheet + 1 >= xls->sheet_count)
        return SOURCE_END;
    xls->sheet++;
    if (xls_start(xls, err) != 0)
        return SOURCE_ERROR;
    return xls_begin(xls) ? SOURCE_ROW : xls_refuse(refusal);
}

static void
xls_close(struct source *source)
{
    struct xls *xls = (struct xls *)source;

    xls_stop(xls);
    (void)close(xls->file);
    free(xls->bytes);
    free(xls->text);
    free(xls);
}

static const char *
xls_sheet(const struct source *source)
{
    return ((const struct xls *)source)->name;
}

struct source *
xls_new(int fd, struct refusal *refusal)
{
    struct xls *xls = mem_zalloc(sizeof(*xls));
    struct stat stat;
    struct err err;

    xls->source = (struct source){.next = xls_next,
                                  .rewind = xls_rewind,
                                  .next_sheet = xls_next_sheet,
                                  .close = xls_close,
                                  .sheet = xls_sheet};
    xls->file = fd;
    xls->in = -1;
    xls->bytes = mem_grow(NULL, XLS_IN_BYTES, 1);
    xls->text = mem_grow(NULL, SOURCE_LINE_MAX, 1);
    if (!xls_find(xls->program)) {
        xls_refuse_missing(refusal);
        xls_close(&xls->source);
        return NULL;
    }
    if (fstat(fd, &stat) == 0 && stat.st_size <= XLS_BYTES_MAX) {
        xls->wait_ms = (XLS_WAIT_SECONDS + (int)(stat.st_size >> 20)) * 1000;
        if (xls_start(xls, &err) == 0 && xls_begin(xls))
            return &xls->source;
    }
    (void)xls_refuse(refusal);
    xls_close(&xls->source);
    return NULL;
}
