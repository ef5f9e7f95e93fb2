/*
 * civil — the files of civil affairs: who is supported, relief, disability, and
 * the dibao standard.
 */
#ifndef CIVIL_H
#define CIVIL_H

#include "world.h"

/* Write civil affairs' files of month `m`. */
void civil_write(const struct world *world, unsigned m);

#endif
