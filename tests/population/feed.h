/*
 * feed — one file of one record type and month.
 *
 * The files lie in DIR/<sector>/<record type>.<period>[.delta].csv. A file that
 * would hold no row becomes an empty one named .nil, the nil report.
 */
#ifndef FEED_H
#define FEED_H

#include "world.h"

struct feed {
    struct text text;
    char nil[1024];
};

/* Begin a file with its header row `columns`; the sector is the type's first word. */
void feed_open(struct feed *feed, const struct world *world, const char *type, unsigned m,
               const char *columns);

/* The same for a delta: its first column is 操作. */
void feed_open_delta(struct feed *feed, const struct world *world, const char *type, unsigned m,
                     const char *columns);

/* End the file. */
void feed_close(struct feed *feed);

#endif
