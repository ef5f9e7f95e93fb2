/*
 * names — invented names, and the forms in which sectors write them.
 *
 * A name is four small numbers; the text is put together where it is written.
 * Given names are drawn character by character, so no list of people exists.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "rng.h"
#include "text.h"

#define NAMES_NONE 255

struct name {
    uint8_t family; /* surname; NAMES_NONE: a minority name of given·father */
    uint8_t first;
    uint8_t second; /* NAMES_NONE: a given name of one character */
    bool female;
};

enum name_form {
    NAME_PLAIN,
    NAME_SPACED, /* 陈　芳, with an ideographic space */
    NAME_LOOSE,  /* 陈 芳 */
    NAME_BULLET, /* 阿依古丽•买买提; other names plain */
    NAME_KATA,   /* 阿依古丽・买买提; other names plain */
    NAME_SLIP,   /* the same surname, the last character another; not for minority names */
    NAME_OTHER,  /* entirely another name */
};

/* Draw a family: a surname, or the mark of minority names for two in a hundred. */
uint8_t names_family(struct rng *rng);

/* Draw a surname that is not a minority's. */
uint8_t names_surname(struct rng *rng);

/* Draw a given name for `family`. */
struct name names_draw(struct rng *rng, uint8_t family, bool woman);

/* Return whether two names are written alike. */
bool names_equal(struct name a, struct name b);

/* Append one field. */
void names_put(struct text *text, struct name name, enum name_form form);

#endif
