#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_FORBIDDEN_MODE 037

static int
secret_check(int fd, const char *path, bool is_public, struct err *err)
{
    struct stat stat;

    if (fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode))
        return err_set(err, ERR_CONFIG, "%s: not a regular file", path);
    if (!is_public && (stat.st_mode & SECRET_FORBIDDEN_MODE) != 0) {
        (void)err_set(err, ERR_CONFIG, "%s: others may read or change this secret", path);
        return err_hint(err, "chmod 0600 the file, and make a new secret if it may have been read");
    }
    return 0;
}

static int
secret_read_fd(int fd, const char *path, bool is_public, char ret_secret[SECRET_MAX],
               struct err *err)
{
    char text[SECRET_MAX];
    ssize_t got;
    size_t len;
    bool one_line;

    if (secret_check(fd, path, is_public, err) < 0)
        return -1;
    got = read(fd, text, sizeof(text));
    if (got < 0)
        return err_set(err, ERR_CONFIG, "%s: cannot read: %s", path, strerror(errno));
    len = (size_t)got;
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
        len--;
    one_line = len > 0 && len < sizeof(text) && memchr(text, '\n', len) == NULL &&
               memchr(text, '\0', len) == NULL;
    if (one_line) {
        memcpy(ret_secret, text, len);
        ret_secret[len] = '\0';
    }
    explicit_bzero(text, sizeof(text));
    return one_line ? 0 : err_set(err, ERR_CONFIG, "%s: not one line", path);
}

static int
secret_read_file(const char *path, bool is_public, char ret_secret[SECRET_MAX], struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), result;

    if (fd < 0)
        return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_CONFIG, "%s: cannot open: %s", path,
                       strerror(errno));
    result = secret_read_fd(fd, path, is_public, ret_secret, err);
    (void)close(fd);
    return result;
}

int
secret_read(const char *path, char ret_secret[SECRET_MAX], struct err *err)
{
    return secret_read_file(path, false, ret_secret, err);
}

int
secret_read_public(const char *path, char ret_text[SECRET_MAX], struct err *err)
{
    return secret_read_file(path, true, ret_text, err);
}
