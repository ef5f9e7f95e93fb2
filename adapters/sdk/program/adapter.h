/*
 * adapter — the program of one sector: check, send, watch, status.
 *
 * A sector's own program is one line: main returns adapter_main with the
 * sector's name, which is the part of its record types before the dot.
 */
#ifndef ADAPTER_H
#define ADAPTER_H

/* Run the adapter of `sector`. Returns the exit code (sender.h). */
int adapter_main(int argc, char **argv, const char *sector);

#endif
