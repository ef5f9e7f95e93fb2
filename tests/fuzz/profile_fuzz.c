/* A jurisdiction's profile, over one rule whose parameters it may override. */
#include "fuzz.h"

#include "rules/profile.h"
#include "rules/profile_origin.h"

static const char rule_text[] = "id: A01\n"
                                "version: 1\n"
                                "title: 样例\n"
                                "title_en: sample\n"
                                "requirements: [XF-13]\n"
                                "subject: person\n"
                                "needs: [insurance.enrolment]\n"
                                "route: bureau\n"
                                "parameters:\n"
                                "  days: {type: int, default: 90}\n"
                                "  line: {type: money, default: 1000}\n"
                                "  end: {type: monthday, default: 02-28}\n"
                                "sql: |\n"
                                "  select 1 where :days > 0 and :line > 0 and :end > :month_last\n";

/* The one rule; without it when the language of rules has moved on. */
static struct rules *
rules_of(void)
{
    static struct rule rule;
    static struct rules rules = {&rule, 0};
    AUTO_BUF struct buf problems = {0};
    struct err err = {0};

    if (rule.sql == NULL &&
        rules_parse("A01_sample.yaml", rule_text, strlen(rule_text), &rule, &problems, &err) == 0)
        rules.count = 1;
    return &rules;
}

static void
check_profile(const struct profile *profile, const struct rules *rules)
{
    char text[DECIMAL_TEXT];

    assert(strcmp(profile->name, "input") == 0);
    assert(profile->due_day >= 0 && profile->due_day <= 28);
    if (profile_amount(&profile->line, 64000, text))
        assert(profile->line.set && text[0] != '\0' && strlen(text) < DECIMAL_TEXT);
    if (profile_amount(&profile->floor, 64000, text))
        assert(profile->floor.set && text[0] != '\0' && strlen(text) < DECIMAL_TEXT);
    for (size_t i = 0; i < profile->origin_count; i++)
        assert(profile_origin_find(profile, profile->origins[i].key) != NULL);
    for (size_t i = 0; i < profile->off_count; i++)
        assert(!profile_runs(profile, profile->off[i]));
    for (size_t i = 0; i < rules->count; i++)
        for (size_t j = 0; j < rules->list[i].parameter_count; j++)
            assert(profile_value(profile, &rules->list[i], j) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(profile_free) struct profile *profile = NULL;
    AUTO_BUF struct buf problems = {0};
    const struct rules *rules = rules_of();
    struct err err = {0};
    int result;

    (void)fuzz_write("input.yaml", bytes, len);
    result = profile_load(fuzz_dir(), "input", rules, &profile, &problems, &err);
    if (strstr(buf_str(&problems), "there is no readable profile") == NULL) /* it says why, too */
        fuzz_check_problems(&problems, result, &err);
    assert((result == 0) == (profile != NULL));
    if (result == 0)
        check_profile(profile, rules);
    return 0;
}
