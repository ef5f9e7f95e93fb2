/* The hub's settings: what was read and printed is read as the same. */
#include "fuzz.h"

#include <stdio.h>

#include "settings/config.h"

static void
print(const struct config *config, struct buf *out)
{
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);

    assert(file != NULL);
    config_print(config, file);
    (void)fclose(file);
    buf_add(out, text, len);
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(config_free) struct config *config = NULL, *again = NULL;
    AUTO_BUF struct buf problems = {0}, first = {0}, second = {0};
    struct err err = {0};
    int result =
        config_parse("/etc/input.yaml", (const char *)bytes, len, &config, &problems, &err);

    fuzz_check_problems(&problems, result, &err);
    assert((result == 0) == (config != NULL));
    if (result != 0)
        return 0;
    assert(config->county_count > 0);
    for (size_t i = 0; i < config->county_count; i++)
        assert(config_county(config, config->counties[i].code) == &config->counties[i]);
    print(config, &first);
    assert(config_parse("/etc/input.yaml", (const char *)first.bytes, first.len, &again, &problems,
                        &err) == 0);
    print(again, &second);
    assert(first.len == second.len && memcmp(first.bytes, second.bytes, first.len) == 0);
    return 0;
}
