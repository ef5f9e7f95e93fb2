#include "sdk/program/drop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "sdk/spool/durable.h"
#include "sdk/program/side.h"

/* A file seen in incoming/. */
struct drop_seen {
    char name[256];
    int64_t size, mtime_ns;
    int64_t since_ms; /* unchanged since */
    bool closed;      /* its writer closed it, or it was moved in */
    bool present;     /* in the scan that runs */
};

struct drop {
    char *dir; /* absolute */
    int incoming, doorbell;
    struct drop_seen *seen;
    size_t count;
    int64_t now_ms; /* of the scan that runs */
};

static const char *const drop_places[] = {
    [DROP_WORKING] = ".working", [DROP_SENT] = "sent", [DROP_REFUSED] = "refused"};

void
drop_path(const struct drop *drop, enum drop_place place, const char *stamp, const char *name,
          struct buf *out)
{
    buf_add_fmt(out, "%s/%s/%s", drop->dir, drop_places[place], stamp);
    if (name != NULL)
        buf_add_fmt(out, "/%s", name);
}

static int
drop_make_dir(const char *path, struct err *err)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return err_set(err, ERR_SYSTEM, "cannot create the drop folder: %s", strerror(errno));
    return 0;
}

static int
drop_make_dirs(struct drop *drop, const char *dir, struct err *err)
{
    static const char *const names[] = {"incoming", ".working", "sent", "refused"};
    char resolved[PATH_MAX];

    if (drop_make_dir(dir, err) != 0)
        return -1;
    if (realpath(dir, resolved) == NULL)
        return err_set(err, ERR_SYSTEM, "cannot open the drop folder: %s", strerror(errno));
    drop->dir = mem_strdup(resolved);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        AUTO_BUF struct buf path = {0};

        buf_add_fmt(&path, "%s/%s", drop->dir, names[i]);
        if (drop_make_dir(buf_str(&path), err) != 0)
            return -1;
    }
    return 0;
}

int
drop_open(const char *dir, struct drop **ret_drop, struct err *err)
{
    AUTO(drop_close) struct drop *drop = mem_zalloc(sizeof(*drop));
    AUTO_BUF struct buf path = {0};

    drop->incoming = drop->doorbell = -1;
    if (drop_make_dirs(drop, dir, err) != 0)
        return err_hint(err, "check watch.dir in the settings and who may write there");
    buf_add_fmt(&path, "%s/incoming", drop->dir);
    drop->incoming = open(buf_str(&path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (drop->incoming < 0)
        return err_set(err, ERR_SYSTEM, "cannot open the drop folder: %s", strerror(errno));
    drop->doorbell = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (drop->doorbell >= 0)
        (void)inotify_add_watch(drop->doorbell, buf_str(&path),
                                IN_CLOSE_WRITE | IN_MOVED_TO | IN_MODIFY);
    *ret_drop = STEAL(drop);
    return 0;
}

void
drop_close(struct drop *drop)
{
    if (drop == NULL)
        return;
    if (drop->incoming >= 0)
        (void)close(drop->incoming);
    if (drop->doorbell >= 0)
        (void)close(drop->doorbell);
    free(drop->seen);
    free(drop->dir);
    free(drop);
}

int
drop_doorbell(const struct drop *drop)
{
    return drop->doorbell;
}

void
drop_file_done(struct drop_file *file)
{
    free(file->path);
    file->path = NULL;
}

static struct drop_seen *
drop_find(struct drop *drop, const char *name)
{
    for (size_t i = 0; i < drop->count; i++)
        if (strcmp(drop->seen[i].name, name) == 0)
            return &drop->seen[i];
    return NULL;
}

/* A name under which programs copy before they rename. */
static bool
drop_is_partial(const char *name)
{
    static const char *const endings[] = {".tmp", ".part", ".partial", ".filepart", ".crdownload"};
    size_t len = strlen(name);

    if (name[0] == '.' || name[0] == '~' || len > 255)
        return true;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t end = strlen(endings[i]);

        if (len > end && strcasecmp(name + len - end, endings[i]) == 0)
            return true;
    }
    return false;
}

/* The entry of a file, made when it is new; NULL when there are too many. */
static struct drop_seen *
drop_entry(struct drop *drop, const char *name)
{
    struct drop_seen *seen = drop_find(drop, name);

    if (seen != NULL || drop->count == DROP_FILES_MAX)
        return seen;
    drop->seen = mem_grow(drop->seen, drop->count + 1, sizeof(*drop->seen));
    seen = &drop->seen[drop->count++];
    *seen = (struct drop_seen){.size = -1};
    memcpy(seen->name, name, strlen(name) + 1);
    return seen;
}

static bool
drop_see(void *context, int dir, const char *name)
{
    struct drop *drop = context;
    struct drop_seen *seen;
    struct stat stat;
    int64_t mtime_ns;

    if (drop_is_partial(name) || fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(stat.st_mode))
        return true;
    seen = drop_entry(drop, name);
    if (seen == NULL)
        return false;
    mtime_ns = (int64_t)stat.st_mtim.tv_sec * 1000000000 + stat.st_mtim.tv_nsec;
    if (seen->size != stat.st_size || seen->mtime_ns != mtime_ns)
        seen->since_ms = drop->now_ms;
    seen->size = stat.st_size;
    seen->mtime_ns = mtime_ns;
    seen->present = true;
    return true;
}

/* Take the kernel's events: files that were closed or changed. */
static void
drop_drain(struct drop *drop)
{
    _Alignas(struct inotify_event) char bytes[16384];
    ssize_t len;

    while (drop->doorbell >= 0 && (len = read(drop->doorbell, bytes, sizeof(bytes))) > 0)
        for (ssize_t at = 0; at < len;) {
            const struct inotify_event *event = (const void *)(bytes + at);
            struct drop_seen *seen = event->len == 0 || drop_is_partial(event->name)
                                         ? NULL
                                         : drop_entry(drop, event->name);

            if (seen != NULL)
                seen->closed = (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0;
            at += (ssize_t)(sizeof(*event) + event->len);
        }
}

static int
drop_scan(struct drop *drop, int64_t now_ms, struct err *err)
{
    size_t kept = 0;

    drop->now_ms = now_ms;
    for (size_t i = 0; i < drop->count; i++)
        drop->seen[i].present = false;
    drop_drain(drop);
    if (durable_walk(drop->incoming, drop_see, drop, err) != 0)
        return err_wrap(err, "the drop folder");
    for (size_t i = 0; i < drop->count; i++)
        if (drop->seen[i].present)
            drop->seen[kept++] = drop->seen[i];
    drop->count = kept;
    return 0;
}

/*
 * Whether a process has the file open for writing: a read lease is given only
 * when none has. Where leases do not work, time has to do.
 */
static bool
drop_has_writer(const struct drop *drop, const char *name)
{
    int fd = openat(drop->incoming, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    bool writer;

    if (fd < 0)
        return false;
    writer = fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
    (void)fcntl(fd, F_SETLEASE, F_UNLCK);
    (void)close(fd);
    return writer;
}

static bool
drop_is_quiet(const struct drop_seen *seen, int64_t now_ms)
{
    return seen->closed || now_ms - seen->since_ms >= DROP_QUIET_MS;
}

/* Whether the name is a side file's, which is taken with its file and never by itself. */
static bool
drop_is_side(const char *name)
{
    size_t len = strlen(name), end = strlen(SIDE_ENDING);

    return len > end && strcmp(name + len - end, SIDE_ENDING) == 0;
}

/* Whether a file's side file is still on its way. */
static bool
drop_waits(struct drop *drop, const char *name, int64_t now_ms)
{
    AUTO_BUF struct buf side = {0};
    const struct drop_seen *seen;

    buf_add_fmt(&side, "%s%s", name, SIDE_ENDING);
    seen = drop_find(drop, buf_str(&side));
    return seen != NULL && (!drop_is_quiet(seen, now_ms) || drop_has_writer(drop, seen->name));
}

/* The oldest file that is whole, or NULL. */
static struct drop_seen *
drop_choose(struct drop *drop, int64_t now_ms)
{
    struct drop_seen *chosen = NULL;

    for (size_t i = 0; i < drop->count; i++) {
        struct drop_seen *seen = &drop->seen[i];

        if (!drop_is_quiet(seen, now_ms) || drop_is_side(seen->name))
            continue;
        if (chosen != NULL &&
            (chosen->mtime_ns < seen->mtime_ns ||
             (chosen->mtime_ns == seen->mtime_ns && strcmp(chosen->name, seen->name) < 0)))
            continue;
        if (!drop_has_writer(drop, seen->name) && !drop_waits(drop, seen->name, now_ms))
            chosen = seen;
    }
    return chosen;
}

/* Make the hand-in's folder; the time in its name sorts and is unique. */
static int
drop_make_stamp(const struct drop *drop, char ret_stamp[DROP_STAMP_MAX], struct err *err)
{
    for (;;) {
        AUTO_BUF struct buf path = {0};
        int64_t us = clock_now_us();
        char time[32];

        clock_format_time(us, time);
        (void)snprintf(ret_stamp, DROP_STAMP_MAX, "%.10s_%.2s%.2s%.2s.%06" PRId64, time, time + 11,
                       time + 14, time + 17, us % 1000000);
        drop_path(drop, DROP_WORKING, ret_stamp, NULL, &path);
        if (mkdir(buf_str(&path), 0700) == 0)
            return 0;
        if (errno != EEXIST)
            return err_set(err, ERR_SYSTEM, "cannot create a hand-in's folder: %s",
                           strerror(errno));
    }
}

/* Move a file's side file, if there is one, between incoming/ and the hand-in's folder. */
static void
drop_move_side(const struct drop *drop, const struct drop_file *file, bool back)
{
    AUTO_BUF struct buf name = {0};
    AUTO_BUF struct buf path = {0};

    buf_add_fmt(&name, "%s%s", file->name, SIDE_ENDING);
    drop_path(drop, DROP_WORKING, file->stamp, buf_str(&name), &path);
    if (back)
        (void)renameat(AT_FDCWD, buf_str(&path), drop->incoming, buf_str(&name));
    else
        (void)renameat(drop->incoming, buf_str(&name), AT_FDCWD, buf_str(&path));
}

int
drop_next(struct drop *drop, int64_t now_ms, struct drop_file *ret_file, struct err *err)
{
    struct drop_file file = {.path = NULL};
    AUTO_BUF struct buf path = {0};
    const struct drop_seen *chosen;

    if (drop_scan(drop, now_ms, err) != 0)
        return -1;
    chosen = drop_choose(drop, now_ms);
    if (chosen == NULL)
        return 0;
    if (drop_make_stamp(drop, file.stamp, err) != 0)
        return -1;
    memcpy(file.name, chosen->name, sizeof(file.name));
    drop_move_side(drop, &file, false);
    drop_path(drop, DROP_WORKING, file.stamp, file.name, &path);
    if (renameat(drop->incoming, file.name, AT_FDCWD, buf_str(&path)) != 0) {
        int why = errno;

        drop_move_side(drop, &file, true);
        buf_clear(&path);
        drop_path(drop, DROP_WORKING, file.stamp, NULL, &path);
        (void)rmdir(buf_str(&path));
        if (why == ENOENT)
            return 0; /* taken back */
        return err_set(err, ERR_SYSTEM, "cannot take a file from the drop folder: %s",
                       strerror(why));
    }
    file.path = mem_strdup(buf_str(&path));
    *ret_file = file;
    return 1;
}

int
drop_move(struct drop *drop, const char *stamp, enum drop_place from, enum drop_place to,
          struct err *err)
{
    AUTO_BUF struct buf source = {0};
    AUTO_BUF struct buf target = {0};

    drop_path(drop, from, stamp, NULL, &source);
    drop_path(drop, to, stamp, NULL, &target);
    if (rename(buf_str(&source), buf_str(&target)) != 0 && errno != ENOENT)
        return err_set(err, ERR_SYSTEM, "cannot move a hand-in: %s", strerror(errno));
    return 0;
}

int
drop_write_reason(const char *path, const char *zh, const char *en, struct err *err)
{
    AUTO_BUF struct buf name = {0};
    AUTO_BUF struct buf text = {0};

    buf_add_fmt(&name, "%s.reason.txt", path);
    buf_add_fmt(&text, "\xEF\xBB\xBF%s\r\n%s\r\n", zh, en);
    return durable_replace_path(buf_str(&name), text.bytes, text.len, err);
}

/* Remove receipt, report and reason that we wrote beside a file. */
static bool
drop_remove_made(void *context, int dir, const char *name)
{
    const struct drop_file *file = context;

    if (strcmp(name, file->name) != 0)
        (void)unlinkat(dir, name, 0);
    return true;
}

int
drop_put_back(struct drop *drop, const struct drop_file *file, struct err *err)
{
    AUTO_BUF struct buf path = {0};
    int dir;

    drop_move_side(drop, file, true);
    drop_path(drop, DROP_WORKING, file->stamp, NULL, &path);
    dir = open(buf_str(&path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir >= 0) {
        struct drop_file copy = *file;

        if (durable_walk(dir, drop_remove_made, &copy, err) != 0)
            buf_clear(&path); /* then the folder stays, which does no harm */
        (void)close(dir);
    }
    if (renameat(AT_FDCWD, file->path, drop->incoming, file->name) != 0 && errno != ENOENT)
        return err_set(err, ERR_SYSTEM, "cannot put a file back: %s", strerror(errno));
    buf_clear(&path);
    drop_path(drop, DROP_WORKING, file->stamp, NULL, &path);
    (void)rmdir(buf_str(&path));
    return 0;
}

bool
drop_split(const struct drop *drop, const char *path, char ret_stamp[DROP_STAMP_MAX],
           const char **ret_name)
{
    AUTO_BUF struct buf prefix = {0};
    const char *slash;

    drop_path(drop, DROP_WORKING, "", NULL, &prefix);
    if (strncmp(path, buf_str(&prefix), prefix.len) != 0)
        return false;
    path += prefix.len;
    slash = strchr(path, '/');
    if (slash == NULL || slash - path >= DROP_STAMP_MAX)
        return false;
    memcpy(ret_stamp, path, (size_t)(slash - path));
    ret_stamp[slash - path] = '\0';
    *ret_name = slash + 1;
    return true;
}

struct drop_leftovers {
    struct drop *drop;
    drop_left_fn *fn;
    void *context;
};

/* The file of a hand-in is the one that no other name in it continues. */
static bool
drop_left_name(void *context, int dir, const char *name)
{
    struct drop_file *file = context;
    struct stat stat;

    if (name[0] == '.' || fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(stat.st_mode) || strlen(name) > 255 || drop_is_side(name))
        return true;
    if (file->name[0] == '\0' || strlen(name) < strlen(file->name))
        memcpy(file->name, name, strlen(name) + 1);
    return true;
}

/* A side file that was taken when its file was not yet. */
static bool
drop_return_side(void *context, int dir, const char *name)
{
    const struct drop *drop = context;

    if (drop_is_side(name))
        (void)renameat(dir, name, drop->incoming, name);
    return true;
}

static bool
drop_left_one(void *context, int dir, const char *name)
{
    const struct drop_leftovers *left = context;
    struct drop_file file = {.path = NULL};
    AUTO_BUF struct buf path = {0};
    struct err err;
    int fd;

    if (name[0] == '.' || strlen(name) >= DROP_STAMP_MAX)
        return true;
    memcpy(file.stamp, name, strlen(name) + 1);
    fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return true;
    if (durable_walk(fd, drop_left_name, &file, &err) == 0 && file.name[0] != '\0') {
        drop_path(left->drop, DROP_WORKING, file.stamp, file.name, &path);
        file.path = mem_strdup(buf_str(&path));
        left->fn(left->context, &file);
        drop_file_done(&file);
    } else {
        if (durable_walk(fd, drop_return_side, left->drop, &err) == 0)
            (void)unlinkat(dir, name, AT_REMOVEDIR);
    }
    (void)close(fd);
    return true;
}

int
drop_left(struct drop *drop, drop_left_fn *fn, void *context, struct err *err)
{
    struct drop_leftovers left = {drop, fn, context};
    AUTO_BUF struct buf path = {0};
    int dir, result;

    buf_add_fmt(&path, "%s/%s", drop->dir, drop_places[DROP_WORKING]);
    dir = open(buf_str(&path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return err_set(err, ERR_SYSTEM, "cannot open the drop folder: %s", strerror(errno));
    result = durable_walk(dir, drop_left_one, &left, err);
    (void)close(dir);
    return result;
}
