/*
 * watch — the command `watch`: a drop folder and the long-lived owner of the spool.
 *
 * One thread. SIGTERM and SIGINT end it cleanly, SIGHUP reads the settings anew
 * (a file that is wrong keeps the old ones). A file is either in incoming/, in
 * hand, in sent/ or in refused/, and is handed in once however often the
 * program dies. While another process owns the spool, files still go into it.
 */
#ifndef WATCH_H
#define WATCH_H

#include "sdk/program/settings.h"

struct watch_options {
    const char *config; /* path of the settings file */
    const char *sector, *program;
};

/* Run until a signal ends it; logs to stderr. Returns the exit code (sender.h). */
int watch_run(const struct watch_options *options);

#endif
