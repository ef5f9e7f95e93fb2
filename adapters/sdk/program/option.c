#include "sdk/program/option.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/problem.h"

#define OPTION_NAME_MAX 64

const struct yaml_node *
option_find(const struct yaml_node *root, const char *name)
{
    const char *dot = strchr(name, '.');
    char group[OPTION_NAME_MAX];

    if (dot == NULL)
        return yaml_find(root, name);
    (void)snprintf(group, sizeof(group), "%.*s", (int)(dot - name), name);
    root = yaml_find(root, group);
    return root == NULL || root->kind != YAML_MAP ? NULL : yaml_find(root, dot + 1);
}

void
option_problem(const struct yaml_node *node, struct buf *problems, const char *fmt, ...)
{
    char text[256];
    struct err err;
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    (void)yaml_fail(node, &err, "%s", text);
    buf_add_fmt(problems, "%s\n", err.text);
}

/* Whether `name` is an option, or the map that options are in. */
static bool
option_known(const struct option *options, size_t count, const char *name, bool *ret_group)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < count; i++) {
        *ret_group = strncmp(options[i].name, name, len) == 0 && options[i].name[len] == '.';
        if (*ret_group || strcmp(options[i].name, name) == 0)
            return true;
    }
    return false;
}

static void
option_check_keys(const struct option *options, size_t count, const struct yaml_node *map,
                  const char *prefix, struct buf *problems)
{
    for (const struct yaml_node *node = map->first; node != NULL; node = node->next) {
        AUTO_BUF struct buf name = {0};
        bool group = false;

        buf_add_fmt(&name, "%s%s", prefix, node->key);
        if (!option_known(options, count, buf_str(&name), &group)) {
            problem_at_key(&(struct problem_list){.lines = problems}, node, "unknown option %s",
                           buf_str(&name));
        } else if (group && node->kind != YAML_MAP) {
            option_problem(node, problems, "%s must be a map", buf_str(&name));
        } else if (group) {
            buf_add_str(&name, ".");
            option_check_keys(options, count, node, buf_str(&name), problems);
        }
    }
}

static void *
option_place(const struct option *option, void *settings)
{
    return (char *)settings + option->place;
}

/* Take a path relative to the file it stands in. */
static char *
option_path(const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    AUTO_BUF struct buf joined = {0};

    if (path[0] != '/' && slash != NULL)
        buf_add(&joined, file, (size_t)(slash - file) + 1);
    buf_add_str(&joined, path);
    return mem_strdup(buf_str(&joined));
}

static int
option_take(const struct option *option, const struct yaml_node *node, void *settings,
            struct err *err)
{
    const char *text;

    if (option->kind == OPTION_TREE)
        return 0;
    if (option->kind == OPTION_INT)
        return yaml_int(node, option->min, option->max, option_place(option, settings), err);
    if (yaml_text(node, &text, err) != 0)
        return -1;
    if (text[0] == '\0')
        return yaml_fail(node, err, "%s is empty", option->name);
    *(char **)option_place(option, settings) =
        option->kind == OPTION_PATH ? option_path(node->file, text) : mem_strdup(text);
    return 0;
}

static void
option_preset(const struct option *option, const struct yaml_node *root, void *settings,
              struct buf *problems)
{
    if (option->preset == NULL) {
        option_problem(root, problems, "%s is not given", option->name);
        return;
    }
    if (option->preset[0] == '\0')
        return;
    if (option->kind == OPTION_INT)
        *(int64_t *)option_place(option, settings) = strtoll(option->preset, NULL, 10);
    else
        *(char **)option_place(option, settings) = mem_strdup(option->preset);
}

bool
option_read(const struct option *options, size_t count, const struct yaml_node *root,
            void *settings, struct buf *problems)
{
    size_t before = problems->len;
    struct err err;

    if (root->kind != YAML_MAP) {
        option_problem(root, problems, "not a map of options");
        return false;
    }
    option_check_keys(options, count, root, "", problems);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *node = option_find(root, options[i].name);

        if (node == NULL)
            option_preset(&options[i], root, settings, problems);
        else if (option_take(&options[i], node, settings, &err) != 0)
            buf_add_fmt(problems, "%s\n", err.text);
    }
    return problems->len == before;
}

void
option_done(const struct option *options, size_t count, void *settings)
{
    for (size_t i = 0; i < count; i++) {
        char **text = option_place(&options[i], settings);

        if (options[i].kind == OPTION_TEXT || options[i].kind == OPTION_PATH) {
            free(*text);
            *text = NULL;
        }
    }
}

void
option_print(const struct option *options, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct option *option = &options[i];

        (void)fprintf(out, "  %-22s %s", option->name, option->help);
        if (option->preset == NULL)
            (void)fputs("（必填）" /* required */, out);
        else if (option->preset[0] != '\0')
            (void)fprintf(out, "（默认 %s）", option->preset);
        (void)fputs("\n", out);
    }
}

int
option_read_key(const char *path, bool secret, char ret_key[WIRE_KEY_LEN + 1], struct err *err)
{
    char text[WIRE_KEY_LEN + 3] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    ssize_t len;
    bool open_to_others;

    if (fd < 0)
        return err_set(err, ERR_CONFIG, "cannot open the key file: %s", strerror(errno));
    open_to_others = fstat(fd, &stat) != 0 || (stat.st_mode & 077) != 0;
    len = pread(fd, text, sizeof(text) - 1, 0);
    (void)close(fd);
    if (secret && open_to_others) {
        explicit_bzero(text, sizeof(text));
        err_set(err, ERR_CONFIG, "the secret key file is open to others");
        return err_hint(err, "chmod 600 the file, and make a new key if it may have been read");
    }
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        text[--len] = '\0';
    if (len == WIRE_KEY_LEN)
        memcpy(ret_key, text, WIRE_KEY_LEN + 1);
    explicit_bzero(text, sizeof(text));
    if (len != WIRE_KEY_LEN)
        return err_set(err, ERR_CONFIG, "the key file does not hold one key of %d characters",
                       WIRE_KEY_LEN);
    return 0;
}
