#include "sdk/spool/durable.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DURABLE_SUFFIX ".tmp"
#define DURABLE_STALE_SECONDS (24 * 3600)

/* Close on leaving scope. */
static void
durable_fd_done(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}
#define AUTO_FD __attribute__((cleanup(durable_fd_done)))

int
durable_write(int fd, const void *bytes, size_t len, struct err *err)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t written = write(fd, at, len);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;

            err_set(err, full ? ERR_LIMIT : ERR_SYSTEM, "cannot write: %s", strerror(errno));
            return full ? err_hint(err, "free disk space and try again") : -1;
        }
        at += written;
        len -= (size_t)written;
    }
    return 0;
}

int
durable_walk(int dir, durable_walk_fn *fn, void *context, struct err *err)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;

    if (list == NULL) {
        err_set(err, ERR_SYSTEM, "cannot read a directory: %s", strerror(errno));
        if (copy >= 0)
            (void)close(copy);
        return -1;
    }
    while ((entry = readdir(list)) != NULL && fn(context, dir, entry->d_name))
        continue;
    (void)closedir(list);
    return 0;
}

int
durable_sync(int dir, struct err *err)
{
    if (fsync(dir) != 0)
        return err_set(err, ERR_SYSTEM, "cannot sync a directory: %s", strerror(errno));
    return 0;
}

void
durable_temporary(const char *name, char ret_name[DURABLE_NAME_MAX])
{
    int len = snprintf(ret_name, DURABLE_NAME_MAX, ".%s.%ld" DURABLE_SUFFIX, name, (long)getpid());

    assert(len > 0 && len < DURABLE_NAME_MAX);
}

static int
durable_fill(int dir, const char *name, const void *bytes, size_t len, struct err *err)
{
    AUTO_FD int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return err_set(err, ERR_SYSTEM, "cannot create a file: %s", strerror(errno));
    if (durable_write(fd, bytes, len, err) != 0)
        return -1;
    if (fdatasync(fd) != 0)
        return err_set(err, ERR_SYSTEM, "cannot sync a file: %s", strerror(errno));
    return 0;
}

int
durable_replace(int dir, const char *name, const void *bytes, size_t len, struct err *err)
{
    char temporary[DURABLE_NAME_MAX];

    durable_temporary(name, temporary);
    if (durable_fill(dir, temporary, bytes, len, err) != 0) {
        (void)unlinkat(dir, temporary, 0);
        return -1;
    }
    if (renameat(dir, temporary, dir, name) != 0) {
        err_set(err, ERR_SYSTEM, "cannot rename a file: %s", strerror(errno));
        (void)unlinkat(dir, temporary, 0);
        return -1;
    }
    return durable_sync(dir, err);
}

/* A temporary name ends with ".<pid>.tmp". */
static bool
durable_stale(int dir, const char *name)
{
    const char *end = strrchr(name, '.');
    const char *pid_at;
    struct stat stat;

    if (name[0] != '.' || end == NULL || end == name || strcmp(end, DURABLE_SUFFIX) != 0)
        return false;
    pid_at = memrchr(name, '.', (size_t)(end - name));
    if (pid_at == NULL || pid_at == name)
        return false;

    long pid = strtol(pid_at + 1, NULL, 10);
    if (pid <= 0 || (kill((pid_t)pid, 0) != 0 && errno == ESRCH))
        return true;
    return fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) == 0 &&
           time(NULL) - stat.st_mtime > DURABLE_STALE_SECONDS;
}

static bool
durable_sweep_named(void *context, int dir, const char *name)
{
    const char *wanted = context;
    size_t len = strlen(wanted);

    if (name[0] == '.' && strncmp(name + 1, wanted, len) == 0 && name[1 + len] == '.' &&
        durable_stale(dir, name))
        (void)unlinkat(dir, name, 0);
    return true;
}

int
durable_replace_path(const char *path, const void *bytes, size_t len, struct err *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    char directory[4096] = ".";

    if (slash != NULL && snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path + 1),
                                  path) >= (int)sizeof(directory))
        return err_set(err, ERR_INPUT, "the path is too long");
    if (name[0] == '\0' || strlen(name) > DURABLE_NAME_MAX - 32)
        return err_set(err, ERR_INPUT, "the file name is empty or too long");

    AUTO_FD int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return err_set(err, ERR_SYSTEM, "cannot open the directory: %s", strerror(errno));
    (void)!durable_walk(dir, durable_sweep_named, (void *)(uintptr_t)name, err);
    return durable_replace(dir, name, bytes, len, err);
}

static bool
durable_sweep_one(void *context, int dir, const char *name)
{
    (void)context;
    if (durable_stale(dir, name))
        (void)unlinkat(dir, name, 0);
    return true;
}

void
durable_sweep(int dir)
{
    struct err err;

    if (durable_walk(dir, durable_sweep_one, NULL, &err) != 0)
        return; /* what stays does no harm */
}
