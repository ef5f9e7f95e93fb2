/*
 * names — invented names, and how a clerk gets one wrong.
 *
 * Names are put together from characters, so no list of people exists. The confusions come from
 * lists of their own, not from the tables that the linkage uses.
 */
#ifndef LINK_NAMES_H
#define LINK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rng.h"

#define NAME_BYTES 96

struct name {
    char text[NAME_BYTES]; /* 王小明; 阿依古丽·买买提 */
    bool minority;
};

/* Number of a surname; the low ones are those of most people. */
unsigned names_surname(struct rng *rng);

/* A given character that the brothers or sisters of a family share. */
unsigned names_generation(struct rng *rng);

/* Draw a name; `generation` is a shared character or -1, `old` prefers names of two characters. */
void names_draw(struct rng *rng, unsigned surname, int generation, bool woman, bool old,
                struct name *ret_name);

/* Draw a minority name of a given name and the father's. */
void names_minority(struct rng *rng, bool woman, struct name *ret_name);

enum name_slip { SLIP_HOMOPHONE, SLIP_SHAPE, SLIP_VARIANT, SLIP_DROP };

/* Exchange or drop one character; returns false, the name unchanged, when it has none to. */
bool names_slip(struct rng *rng, enum name_slip slip, char text[NAME_BYTES]);

/* Write the dot another way: another sign, a blank, or nothing. */
void names_dot(struct rng *rng, char text[NAME_BYTES]);

/* Put blanks into the name, or make its sign full width. */
void names_space(struct rng *rng, char text[NAME_BYTES]);

#endif
