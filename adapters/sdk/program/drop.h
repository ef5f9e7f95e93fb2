/*
 * drop — the drop folder of `watch`: which files are whole, and where they go.
 *
 * `incoming/` is where the agency puts files. A file is taken once nobody
 * writes to it any more: its writer has closed it or it was moved in, or its
 * size and time have not changed for DROP_QUIET_MS. A hand-in is a folder of its own,
 * named by the time it was taken: `.working/<stamp>/<file>` while it is
 * prepared, then `sent/<stamp>/` with reject report and receipt, or
 * `refused/<stamp>/` with `<file>.reason.txt`. The folder moves as a whole, so
 * a stop at any moment leaves a file in exactly one place.
 *
 * A side file, `<file>.yaml`, says what the name of a file does not (side.h). It is put there
 * first, waits for its file and goes with it.
 *
 * Names that begin with "." or "~" or end with .tmp, .part, .partial,
 * .filepart or .crdownload are copies under way and never looked at.
 */
#ifndef DROP_H
#define DROP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define DROP_QUIET_MS 2000
#define DROP_FILES_MAX 10000 /* files looked at at once */
#define DROP_STAMP_MAX 32

struct drop;

/* Open or create the folders below `dir`. ERR_SYSTEM. */
NODISCARD int drop_open(const char *dir, struct drop **ret_drop, struct err *err);
void drop_close(struct drop *drop);
AUTO_DEFINE(struct drop, drop_close)

/* A descriptor that becomes readable when incoming/ changes, or -1. drop_next drains it. */
int drop_doorbell(const struct drop *drop);

/* A file taken in hand. */
struct drop_file {
    char stamp[DROP_STAMP_MAX];
    char name[256];
    char *path; /* absolute, in .working/; owned */
};
void drop_file_done(struct drop_file *file);

/*
 * Take the next whole file, oldest first: moves it to .working/. Returns 1, 0 when there is none
 * now, -1 with ERR_SYSTEM.
 */
NODISCARD int drop_next(struct drop *drop, int64_t now_ms, struct drop_file *ret_file,
                        struct err *err);

/* Where a hand-in ends up. */
enum drop_place { DROP_WORKING, DROP_SENT, DROP_REFUSED };

/* Move a hand-in; one that is not there any more is no failure. */
NODISCARD int drop_move(struct drop *drop, const char *stamp, enum drop_place from,
                        enum drop_place to, struct err *err);

/*
 * Write `<path>.reason.txt`, in both languages, with a byte order mark for the clerk's editor.
 * ERR_SYSTEM.
 */
NODISCARD int drop_write_reason(const char *path, const char *zh, const char *en, struct err *err);

/* Put a file back into incoming/, to be taken again later. */
NODISCARD int drop_put_back(struct drop *drop, const struct drop_file *file, struct err *err);

/* Append the path of a hand-in's file. */
void drop_path(const struct drop *drop, enum drop_place place, const char *stamp, const char *name,
               struct buf *out);

/* Split a path in .working/ into stamp and name; false when it is none of this folder's. */
bool drop_split(const struct drop *drop, const char *path, char ret_stamp[DROP_STAMP_MAX],
                const char **ret_name);

/* Called for each hand-in in .working/; `name` is its file. */
typedef void drop_left_fn(void *context, const struct drop_file *file);

/* Walk over the hand-ins that an earlier process left in .working/. */
NODISCARD int drop_left(struct drop *drop, drop_left_fn *fn, void *context, struct err *err);

#endif
