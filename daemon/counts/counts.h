/*
 * counts — what the parts of the hub have counted, as log lines.
 *
 * One line a part, "counts part=feeds …": at the end, and when SIGUSR1 asks for it.
 * Counts begin at zero with the process.
 */
#ifndef COUNTS_H
#define COUNTS_H

#include "intake/broker.h"
#include "delivery/events.h"
#include "county/scheduler.h"

/* Log them. On the broker's thread. */
void counts_log(struct broker *broker, struct events *events, struct scheduler *match);

#endif
