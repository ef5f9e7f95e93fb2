/* A warning rule: its query holds no name that is not one of its slots, its values can be read. */
#include "fuzz.h"

#include "rules/rules.h"

static void
check_parameters(const struct rule *rule)
{
    assert(rule->parameter_count <= RULES_PARAMETERS_MAX);
    for (size_t i = 0; i < rule->parameter_count; i++) {
        assert(rules_parameter_find(rule, rule->parameters[i].name) == (int)i);
        assert(rule->parameters[i].text != NULL);
        assert(rules_value_name(rule->parameters[i].type)[0] != '\0');
    }
}

static void
check_rule(const struct rule *rule)
{
    assert(rule->id[0] != '\0' && strlen(rule->id) <= RULES_ID_MAX);
    assert(rule->need_count <= RULES_TYPES_MAX && rule->help_count <= RULES_TYPES_MAX);
    assert(rule->slot_count <= RULES_SLOTS_MAX && rule->sql != NULL);
    check_parameters(rule);
    for (size_t i = 0; i < rule->slot_count; i++) {
        assert(rule->slots[i].parameter < (int)rule->parameter_count);
        assert(rule->slots[i].parameter >= 0 || rules_builtin_type(rule->slots[i].name) != NULL);
    }
    for (size_t i = 0; i < rule->need_count; i++)
        assert(rules_reads(rule, rule->needs[i]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO_BUF struct buf problems = {0};
    struct rule rule = {0};
    struct err err = {0};
    int result = rules_parse("A01_input.yaml", (const char *)bytes, len, &rule, &problems, &err);

    fuzz_check_problems(&problems, result, &err);
    if (result != 0)
        return 0;
    check_rule(&rule);
    rules_done(&rule);
    return 0;
}
