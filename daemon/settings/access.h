/*
 * access — who may connect, and who may send or take what.
 *
 * A list is built whole from one YAML file and never changes; a reload builds
 * another and swaps it in. It may be read from any thread. Identity is the
 * CURVE public key, never what a peer says of itself. Record types are checked
 * here by their form only; whether they exist is the caller's to ask.
 */
#ifndef ACCESS_H
#define ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define ACCESS_NAME_MAX 63     /* characters of a channel's or subscriber's name */
#define ACCESS_PRODUCER_MAX 31 /* characters of a producer or route */
#define ACCESS_KEY_LEN 40      /* of a public key in Z85 */

enum access_kind { ACCESS_ADAPTER, ACCESS_SUBSCRIBER, ACCESS_OPS };

/* One record type of a grant. */
struct access_record {
    char *type;    /* "education.student" */
    bool expected; /* false: accepted, but its absence is not a gap */
};

/* What one producer may send. */
struct access_grant {
    char *producer;
    char *title; /* the name that people call the producer by, or NULL */
    struct access_record *records;
    size_t record_count;
    uint32_t *counties;
    size_t county_count;
    int32_t since,
        until; /* YYYYMM: the first and last period expected of the grant's feeds; 0: no bound */
};

/* One key, or one login of the database. */
struct access_entry {
    enum access_kind kind;
    char *name;                  /* of an adapter: its channel; of ops: the login */
    char *key;                   /* public, Z85; NULL for ops */
    struct access_grant *grants; /* of adapters */
    size_t grant_count;
    uint32_t county; /* of subscribers, as is `route` */
    char *route;
    uint32_t *counties; /* of ops: whose rows the login sees */
    size_t county_count;
};

struct access;

/*
 * Read a file. The caller owns `*ret_access`.
 *
 * Everything that is wrong is appended to `problems`, a line "file:line:col:
 * message" each; then it fails with ERR_CONFIG and their number. ERR_MISSING
 * when there is no such file.
 */
NODISCARD int access_load(const char *path, struct access **ret_access, struct buf *problems,
                          struct err *err);

/* Parse text as if it came from `file`. */
NODISCARD int access_parse(const char *file, const char *text, size_t len,
                           struct access **ret_access, struct buf *problems, struct err *err);

void access_free(struct access *access);
AUTO_DEFINE(struct access, access_free)

/* Return the entry of a public key, or NULL; it belongs to the list. */
const struct access_entry *access_find_key(const struct access *access, const char *key);

/* Return whether an entry may send such a submission. */
bool access_allows(const struct access_entry *entry, const char *producer, const char *record_type,
                   uint32_t county);

/* Return the name of the subscriber whose key it is when it may take the route of the county, else
   NULL. */
const char *access_subscriber(const struct access *access, const char *key, uint32_t county,
                              const char *route);

/* Return the entry at `index`, in the order of the file, or NULL past the last one. */
const struct access_entry *access_at(const struct access *access, size_t index);

#endif
