/*
 * config_option — config.def as tables of options. Private to config*.c.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include "base/option.h"

extern const struct option_table config_table;        /* of struct config */
extern const struct option_table config_county_table; /* of struct config_county */

#endif
