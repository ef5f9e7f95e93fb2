/*
 * xlsx_part — one XML file inside a workbook, read as a stream.
 *
 * A part of xlsx: libzip unpacks, expat takes it apart, and nothing is kept.
 * Names come without their namespace prefix. A handler may pause the reading,
 * which then goes on where it stopped, or end it with a refusal.
 *
 * What a file can ask of the machine is bounded: an archive of more than
 * XLSX_ENTRIES_MAX files, a part that unpacks to more than XLSX_BYTES_MAX or to
 * more than XLSX_RATIO_MAX times its size, and any document type declaration
 * are refused.
 */
#ifndef XLSX_PART_H
#define XLSX_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/refusal.h"

#define XLSX_ENTRIES_MAX 4096
#define XLSX_BYTES_MAX (4LL << 30) /* unpacked; a sheet of a million rows has half a GiB */
#define XLSX_RATIO_MAX 250         /* of a part over XLSX_RATIO_FROM; sheets have 5 to 40 */
#define XLSX_RATIO_FROM (16LL << 20)

struct xlsx_archive;
struct xlsx_part;

struct xlsx_handlers {
    void (*start)(void *context, const char *name, const char **attributes);
    void (*end)(void *context, const char *name);
    void (*text)(void *context, const char *bytes, int len); /* may be NULL */
};

enum xlsx_read { XLSX_END, XLSX_PAUSED, XLSX_REFUSED };

/*
 * Open an archive; it owns `fd` from here on, whatever comes of it. Returns NULL
 * with `refusal` set when it is none, or one that asks too much.
 */
struct xlsx_archive *xlsx_archive_open(int fd, struct refusal *refusal);
void xlsx_archive_close(struct xlsx_archive *archive);
AUTO_DEFINE(struct xlsx_archive, xlsx_archive_close)

/* Return how many bytes the file itself has. */
int64_t xlsx_archive_bytes(const struct xlsx_archive *archive);

/* Return how many bytes a file of the archive unpacks to; 0 when it is not there. */
int64_t xlsx_archive_size(const struct xlsx_archive *archive, const char *name);

/* Open a part; `handlers` and `context` are borrowed. NULL with `refusal` set when it cannot be. */
struct xlsx_part *xlsx_part_open(struct xlsx_archive *archive, const char *name,
                                 const struct xlsx_handlers *handlers, void *context,
                                 struct refusal *refusal);
void xlsx_part_close(struct xlsx_part *part);
AUTO_DEFINE(struct xlsx_part, xlsx_part_close)

/* Read on until the end, a pause or a refusal. */
enum xlsx_read xlsx_part_read(struct xlsx_part *part, struct refusal *refusal);

/* For handlers: stop behind the present element; or for good, when the caller sets a refusal. */
void xlsx_part_pause(struct xlsx_part *part);
void xlsx_part_stop(struct xlsx_part *part);

/* Refuse a workbook that is damaged. */
void xlsx_part_damaged(struct refusal *refusal);

/* Return an attribute's value, or NULL. */
const char *xlsx_part_attribute(const char **attributes, const char *name);

/* Say of a file that it is an archive and no workbook. */
void xlsx_refuse_archive(struct refusal *refusal);

/* Refuse a workbook whose texts are absurdly many for its size. */
void xlsx_refuse_size(struct refusal *refusal);

#endif
