#include "sdk/sheet/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/reader.h"
#include "sdk/sheet/xls.h"
#include "sdk/sheet/xlsx.h"
#include "sdk/sheet/xlsx_part.h"

#define INPUT_MAGIC_BYTES 8
#define INPUT_LOOK 64 /* first bytes by which a file is known to be no table at all */

/* The first bytes of kinds of file that are not text, and the module that reads them. */
static const struct {
    const char *bytes;
    size_t len;
    struct source *(*make)(int fd, struct refusal *refusal);
} input_magics[] = {
    {"PK\x03\x04", 4, xlsx_new},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, xls_new},
};

/*
 * What is called .xls or .csv and is no table, by what it begins with behind blanks, in any case. No
 * header of a table begins with <.
 */
static const struct {
    const char *begins, *kind;
} input_strangers[] = {
    {"%PDF", "PDF"},
    {"<?xml", "XML"},
    {"<", "HTML"},
    {"MIME-Version:", "HTML"},
    {"From: <Saved by", "HTML"},
    {"{\\rtf", "RTF"},
};

/* Archives, and workbooks older than Excel 5: what they begin with, and what to do instead. */
static const struct {
    const char *bytes;
    size_t len;
    bool old; /* a workbook of Excel 2 to 4; else an archive */
} input_unread[] = {
    {"Rar!\x1a\x07", 6, false},
    {"7z\xbc\xaf\x27\x1c", 6, false},
    {"\x1f\x8b", 2, false},
    {"BZh", 3, false},
    {"\xfd"
     "7zXZ",
     5, false},
    {"\x09\x00\x04\x00", 4, true},
    {"\x09\x02\x06\x00", 4, true},
    {"\x09\x04\x06\x00", 4, true},
};

static int
input_open_file(const char *path, int *ret_fd, struct err *err)
{
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_SYSTEM, "cannot open %s: %s", path,
                       strerror(errno));
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        (void)close(fd);
        return err_set(err, ERR_INPUT, "cannot read %s: it is not a regular file", path);
    }
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    *ret_fd = fd;
    return 0;
}

/* Whether the file is of a kind that only looks like a table where it is shown. */
static bool
input_is_strange(int fd, struct refusal *refusal)
{
    char bytes[INPUT_LOOK + 1] = "";
    ssize_t len = pread(fd, bytes, INPUT_LOOK, 0);
    const char *at = bytes;

    if (len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    at += strspn(at, " \t\r\n");
    for (size_t i = 0; i < sizeof(input_strangers) / sizeof(input_strangers[0]); i++) {
        if (strncasecmp(at, input_strangers[i].begins, strlen(input_strangers[i].begins)) != 0)
            continue;
        refusal_set(
            refusal, REFUSAL_SPREADSHEET,
            "这个文件其实是 %s 格式的网页或文档，不是表格。请在 Excel 中打开并另存为“Excel "
            "工作簿（.xlsx）”或“CSV UTF-8”，打不开的请从业务系统重新导出后发送。",
            "this file is %s, a page or document and no table; open it in Excel and save it "
            "as .xlsx or 'CSV UTF-8', or export it again as a table",
            input_strangers[i].kind);
        return true;
    }
    return false;
}

/* Whether the file is an archive or too old a workbook; then `refusal` says what to do. */
static bool
input_is_unread(const char *magic, size_t len, struct refusal *refusal)
{
    for (size_t i = 0; i < sizeof(input_unread) / sizeof(input_unread[0]); i++) {
        if (len < input_unread[i].len ||
            memcmp(magic, input_unread[i].bytes, input_unread[i].len) != 0)
            continue;
        if (input_unread[i].old)
            refusal_set(
                refusal, REFUSAL_SPREADSHEET,
                "这是 Excel 4.0 以前的旧版 .xls，无法读取。请用 Excel 或 WPS 打开，另存为“Excel "
                "工作簿（.xlsx）”后重新发送。",
                "this is an .xls of Excel 4 or older; open it with Excel, save it as .xlsx and "
                "send it again");
        else
            xlsx_refuse_archive(refusal);
        return true;
    }
    return false;
}

int
input_open(const char *path, struct source **ret_source, struct refusal *refusal, struct err *err)
{
    char magic[INPUT_MAGIC_BYTES];
    ssize_t len;
    int fd = -1;

    if (input_open_file(path, &fd, err) != 0)
        return -1;
    len = pread(fd, magic, sizeof(magic), 0);
    if (len < 0) {
        (void)err_set(err, ERR_SYSTEM, "cannot read %s: %s", path, strerror(errno));
        (void)close(fd);
        return -1;
    }
    for (size_t i = 0; i < sizeof(input_magics) / sizeof(input_magics[0]); i++) {
        if ((size_t)len < input_magics[i].len ||
            memcmp(magic, input_magics[i].bytes, input_magics[i].len) != 0)
            continue;
        *ret_source = input_magics[i].make(fd, refusal);
        return 0;
    }
    if (input_is_unread(magic, (size_t)len, refusal) || input_is_strange(fd, refusal)) {
        (void)close(fd);
        *ret_source = NULL;
        return 0;
    }
    *ret_source = reader_new(fd);
    return 0;
}

bool
input_is_book(const char *path)
{
    char magic[INPUT_MAGIC_BYTES];
    struct err err;
    ssize_t len;
    int fd = -1;

    if (input_open_file(path, &fd, &err) != 0)
        return false;
    len = pread(fd, magic, sizeof(magic), 0);
    (void)close(fd);
    for (size_t i = 0; i < sizeof(input_magics) / sizeof(input_magics[0]); i++)
        if (len >= (ssize_t)input_magics[i].len &&
            memcmp(magic, input_magics[i].bytes, input_magics[i].len) == 0)
            return true;
    return false;
}
