/*
 * order — the options and words of one call of `qianshao`, and the settings and connection that
 * commands need.
 *
 * One per process; main makes it from the command line. The settings and the connection that a
 * command gets are the command's own.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/args.h"
#include "base/err.h"
#include "link/command.h"
#include "settings/config.h"
#include "store/store.h"

/* Texts are borrowed from the command line; NULL: not given. */
struct order {
    const char *dir, *config, *month, *county, *reveal, *reason, *user, *profile, *sector;
    bool json, full, all;
    struct command_options link;
    struct args args;
    char **argv;    /* the whole command line */
    struct err err; /* why a command failed */
};

/*
 * Read the settings. With --dir of a quickstart run, whose database is up only while something uses
 * it, the command is run again below the script that starts the database: then this call returns
 * only on failure or in that second run.
 */
NODISCARD int order_load(struct order *order, struct config **ret_config);

/*
 * Connect as ops, with --user as that login. ERR_DENIED when the access list gives the login no
 * county: it would see nothing, which must not look like "nothing there".
 */
NODISCARD int order_connect(struct order *order, const struct config *config,
                            struct store **ret_store);

/* Read --month and --county; 0 when they are not given. ERR_INPUT. */
NODISCARD int order_month(struct order *order, int32_t *ret_month);
NODISCARD int order_county(struct order *order, uint32_t *ret_county);

#endif
