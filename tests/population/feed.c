#include "feed.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static void
make_folder(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        err(EXIT_FAILURE, "cannot create %s", path);
}

static void
open_file(struct feed *feed, const struct world *world, const char *type, unsigned m,
          const char *kind)
{
    char path[1024];
    int sector = (int)strcspn(type, ".");
    const char *period = date_text(world->month[m].first);

    (void)snprintf(path, sizeof(path), "%s/%.*s", world->out, sector, type);
    make_folder(path);
    (void)snprintf(feed->nil, sizeof(feed->nil), "%s/%.*s/%s.%.7s%s.nil", world->out, sector, type,
                   type, period, kind);
    (void)snprintf(path, sizeof(path), "%s/%.*s/%s.%.7s%s.csv", world->out, sector, type, type,
                   period, kind);
    text_open(&feed->text, path);
    text_append(&feed->text, BYTE_ORDER_MARK);
}

void
feed_open(struct feed *feed, const struct world *world, const char *type, unsigned m,
          const char *columns)
{
    open_file(feed, world, type, m, "");
    text_append(&feed->text, columns);
    text_char(&feed->text, '\n');
}

void
feed_open_delta(struct feed *feed, const struct world *world, const char *type, unsigned m,
                const char *columns)
{
    open_file(feed, world, type, m, ".delta");
    text_append(&feed->text, "操作,");
    text_append(&feed->text, columns);
    text_char(&feed->text, '\n');
}

void
feed_close(struct feed *feed)
{
    struct text nil;
    size_t rows = feed->text.rows;

    text_close(&feed->text);
    if (rows > 0)
        return;
    if (unlink(feed->text.path) != 0)
        err(EXIT_FAILURE, "cannot remove %s", feed->text.path);
    text_open(&nil, feed->nil);
    text_close(&nil);
}
