/*
 * made — records for the tests of linkage; nobody in them exists.
 */
#ifndef MADE_H
#define MADE_H

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "link/normalise.h"
#include "unit.h"

#define MADE_TODAY 20453 /* 2025-12-31 */

static struct normalise *made_normalise;

static inline void
made_setup(void)
{
    made_normalise = normalise_new(MADE_TODAY);
}

static inline void
made_teardown(void)
{
    normalise_free(made_normalise);
}

static inline struct source_cell
made_cell(const char *text)
{
    return (struct source_cell){text, text == NULL ? 0 : (uint32_t)strlen(text)};
}

/* A record as a row of a file has it; NULL is an empty cell. */
struct made {
    const char *name, *id_no, *birth, *phone, *address, *area, *sex, *household;
};

static inline struct normalise_cells
made_cells(const struct made *made)
{
    return (struct normalise_cells){
        .name = made_cell(made->name),
        .id_no = made_cell(made->id_no),
        .birth_date = made_cell(made->birth),
        .phone = made_cell(made->phone),
        .address = made_cell(made->address),
        .area = made_cell(made->area),
        .sex = made_cell(made->sex),
        .household_no = made_cell(made->household),
    };
}

static inline struct person
made_person(struct made made)
{
    struct normalise_cells cells = made_cells(&made);
    struct person person;

    normalise_person(made_normalise, &cells, &person);
    return person;
}
/* Write a valid number of somebody born `days` after 1980-01-01. */
static inline const char *
made_number(char ret_number[TEXT_ID_LEN + 1], int days, int sequence)
{
    char text[64];
    int year, month, day;

    clock_civil(3652 + days, &year, &month, &day);
    (void)snprintf(text, sizeof(text), "360799%04d%02d%02d%03d0", year, month, day, sequence);
    memcpy(ret_number, text, TEXT_ID_LEN);
    ret_number[TEXT_ID_LEN] = '\0';
    ret_number[TEXT_ID_LEN - 1] = text_id_check(ret_number);
    return ret_number;
}

#define PERSON(...) made_person((struct made){__VA_ARGS__})

#endif
