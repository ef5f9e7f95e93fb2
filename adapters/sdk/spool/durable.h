/*
 * durable — small files that are whole at whatever byte the machine stops.
 */
#ifndef DURABLE_H
#define DURABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Put `bytes` at `name` below the directory `dir`: written beside it, fsynced,
 * renamed over it, the directory fsynced. Readers see the old content or the
 * new one. Fails with ERR_SYSTEM; the old content stands then.
 */
NODISCARD int durable_replace(int dir, const char *name, const void *bytes, size_t len,
                              struct err *err);

/* The same for a path; first removes what writers of the same name left that died meanwhile. */
NODISCARD int durable_replace_path(const char *path, const void *bytes, size_t len,
                                   struct err *err);

/* Called with each name in a directory; returns false to stop. */
typedef bool durable_walk_fn(void *context, int dir, const char *name);

/* Walk over the names in a directory, in no order. ERR_SYSTEM when it cannot be read. */
NODISCARD int durable_walk(int dir, durable_walk_fn *fn, void *context, struct err *err);

/* Make renames and new names in a directory durable. */
NODISCARD int durable_sync(int dir, struct err *err);

/* Write all bytes to a descriptor, whatever interrupts it. ERR_SYSTEM, or ERR_LIMIT when the disk is full. */
NODISCARD int durable_write(int fd, const void *bytes, size_t len, struct err *err);

/* Name of the temporary file in which this process writes `name`; durable_stale knows it again. */
#define DURABLE_NAME_MAX 256
void durable_temporary(const char *name, char ret_name[DURABLE_NAME_MAX]);

/* Remove temporary files whose writer is gone, or that are older than a day. */
void durable_sweep(int dir);

#endif
