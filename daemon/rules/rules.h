/*
 * rules — the warning rules, one YAML file each.
 *
 * A rule is data: what it needs, its parameters and one query over the views
 * that daemon/README.md lists ("What a rule can read"). Loading checks
 * everything that can be checked without a database and reports all of it. A
 * set of rules never changes; a reload builds another.
 *
 * Running them is `judge`; which parameters a jurisdiction overrides is `profile`.
 */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "record.h"
#include "rules/subject.h"

#define RULES_TYPES_MAX 16      /* record types in one list of a rule */
#define RULES_PARAMETERS_MAX 16 /* of one rule */
#define RULES_SLOTS_MAX 30      /* different :names in one query */
#define RULES_ID_MAX 15         /* bytes */
#define RULES_WORD_MAX 40       /* bytes of a route or family */
#define RULES_TITLE_MAX 240     /* bytes of a title */
#define RULES_HISTORY_MONTHS 11 /* earlier months of a twelve-month sum */

enum rules_value {
    RULES_INT,
    RULES_MONEY, /* yuan in the file, fen in the query */
    RULES_DEC,
    RULES_DATE,
    RULES_MONTHDAY, /* "02-28": that day of the judged month's year */
    RULES_TEXT,
    RULES_BOOL
};

/* A parameter and its value, as PostgreSQL reads it (a month-day as written). */
struct rules_parameter {
    char *name;
    enum rules_value type;
    char *text;
};

/* Where a rule's query uses a value: $1, $2, … in order. */
struct rules_slot {
    char *name;
    int parameter; /* index, or -1: built in */
};

struct rule {
    char id[RULES_ID_MAX + 1];
    int version;
    char *title, *title_en, *route;
    char *family; /* the trouble it speaks of, "medical": two families within three months make X01;
                     NULL: it counts for none */
    enum subject subject;
    char **requirements;
    size_t requirement_count;
    const struct record_type *needs[RULES_TYPES_MAX], *helps[RULES_TYPES_MAX],
        *absence[RULES_TYPES_MAX], *doubt[RULES_TYPES_MAX],
        *history[RULES_TYPES_MAX]; /* NULL-terminated when shorter */
    size_t need_count, help_count, absence_count, doubt_count, history_count;
    int history_months; /* how many earlier months the sums over `history` read */
    bool before;        /* needs an earlier register.household (X02) */
    bool findings;      /* reads the view `finding` of the other rules, so runs after them (C07) */
    struct rules_parameter parameters[RULES_PARAMETERS_MAX];
    size_t parameter_count;
    struct rules_slot slots[RULES_SLOTS_MAX];
    size_t slot_count;
    char *query; /* as the file writes it */
    char *sql;   /* with $n::type for every :name */
    char *file;
    int line, column;             /* of the query in the file */
    uint8_t digest[DIGEST_BYTES]; /* of the file */
    char *broken; /* why the file cannot be used, "line:column: message"; then only id and file say
                     anything else */
};

struct rules {
    struct rule *list; /* ascending by id */
    size_t count;
};

/*
 * Read every *.yaml of a folder. The caller owns `*ret_rules`.
 *
 * Everything that is wrong is appended to `problems`, a line "file:line:col:
 * message" each; then it fails with ERR_CONFIG and their number. ERR_MISSING
 * when there is no such folder.
 */
NODISCARD int rules_load(const char *dir, struct rules **ret_rules, struct buf *problems,
                         struct err *err);

/*
 * The same for judging: a file that cannot be used stands in the set as a broken rule, under the id
 * that its name begins with, so that the others run and the month report says why it did not.
 * `problems` lists them. Fails only when there is no such folder or no rule at all.
 */
NODISCARD int rules_load_sound(const char *dir, struct rules **ret_rules, struct buf *problems,
                               struct err *err);

/* Parse one rule as if it came from `file`; problems as above. */
NODISCARD int rules_parse(const char *file, const char *text, size_t len, struct rule *ret_rule,
                          struct buf *problems, struct err *err);

void rules_free(struct rules *rules);
AUTO_DEFINE(struct rules, rules_free)

/* Free the texts and lists of a parsed rule. */
void rules_done(struct rule *rule);

const struct rule *rules_find(const struct rules *rules, const char *id);

/* Return the index of a rule's parameter, or -1. */
int rules_parameter_find(const struct rule *rule, const char *name);

/* Bring a value of a file to how PostgreSQL reads it; returns NULL when it is no such value. The
   caller frees it. */
char *rules_value_read(enum rules_value type, const char *text);

/* "money", "int", … as the files write it, and PostgreSQL's type for it. */
const char *rules_value_name(enum rules_value type);
const char *rules_sql_type(enum rules_value type);

/* The built-in value of this name: its PostgreSQL type, or NULL when there is none. */
const char *rules_builtin_type(const char *name);

/* The line of the rule's file on which a character of its query, from 1, stands. */
int rules_line(const struct rule *rule, int character);

/* The name of the rule's file without its folder. */
const char *rules_file(const struct rule *rule);

/* Whether the rule warns about an area, not about people: its query has a column `area` too. */
bool rules_of_area(const struct rule *rule);

/* Whether the rule's record types hold `type` in needs or helps. */
bool rules_reads(const struct rule *rule, const struct record_type *type);

#endif
