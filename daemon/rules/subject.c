#include "rules/subject.h"

#include <string.h>

static const struct {
    const char *name, *column;
} subjects[SUBJECTS] = {
    [SUBJECT_PERSON] = {"person", "id_no"},    [SUBJECT_HOUSEHOLD] = {"household", "household_no"},
    [SUBJECT_HOUSE] = {"house", "house_no"},   [SUBJECT_WORKS] = {"works", NULL},
    [SUBJECT_COMPLAINT] = {"complaint", NULL},
};

const char *
subject_name(enum subject subject)
{
    return subjects[subject].name;
}

bool
subject_parse(const char *name, enum subject *ret_subject)
{
    for (int i = 0; i < SUBJECTS; i++)
        if (strcmp(subjects[i].name, name) == 0) {
            *ret_subject = (enum subject)i;
            return true;
        }
    return false;
}

const char *
subject_column(enum subject subject)
{
    return subjects[subject].column;
}

void
subject_add_names(struct buf *out)
{
    for (int i = 0; i < SUBJECTS; i++)
        buf_add_fmt(out, "%s%s", i == 0 ? "" : i + 1 < SUBJECTS ? ", " : " or ", subjects[i].name);
}
