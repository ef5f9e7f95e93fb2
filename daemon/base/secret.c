#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORBIDDEN_MODE 037 /* a systemd credential may be readable to the group */

static int
secret_check(int fd, const char *path, struct err *err)
{
    struct stat stat;

    if (fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode))
        return err_set(err, ERR_CONFIG, "%s: not a regular file", path);
    if ((stat.st_mode & FORBIDDEN_MODE) != 0) {
        (void)err_set(err, ERR_CONFIG, "%s: others may read or change this secret", path);
        return err_hint(err, "chmod 0600 the file and make a new secret");
    }
    return 0;
}

static int
secret_read_fd(int fd, const char *path, char ret_secret[SECRET_MAX], struct err *err)
{
    char text[SECRET_MAX];
    ssize_t got;
    size_t len;

    if (secret_check(fd, path, err) < 0)
        return -1;
    got = read(fd, text, sizeof(text));
    if (got < 0)
        return err_set(err, ERR_CONFIG, "%s: cannot read: %s", path, strerror(errno));
    len = (size_t)got;
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
        len--;
    if (len == 0 || len == sizeof(text) || memchr(text, '\n', len) != NULL ||
        memchr(text, '\0', len) != NULL)
        return err_set(err, ERR_CONFIG, "%s: not one line", path);
    memcpy(ret_secret, text, len);
    ret_secret[len] = '\0';
    explicit_bzero(text, sizeof(text));
    return 0;
}

int
secret_read(const char *path, char ret_secret[SECRET_MAX], struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), result;

    if (fd < 0)
        return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_CONFIG, "%s: cannot open: %s", path,
                       strerror(errno));
    result = secret_read_fd(fd, path, ret_secret, err);
    (void)close(fd);
    return result;
}
