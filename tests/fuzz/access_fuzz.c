/* The access list: every entry is found by what names it, and allows what its file grants. */
#include "fuzz.h"

#include "settings/access.h"

static void
check_adapter(const struct access_entry *entry)
{
    for (size_t i = 0; i < entry->grant_count; i++) {
        const struct access_grant *grant = &entry->grants[i];

        for (size_t j = 0; j < grant->record_count; j++)
            for (size_t k = 0; k < grant->county_count; k++) {
                assert(access_allows(entry, grant->producer, grant->records[j].type,
                                     grant->counties[k]));
                assert(!access_allows(entry, "", grant->records[j].type, grant->counties[k]));
                assert(!access_allows(entry, grant->producer, "", grant->counties[k]));
                assert(!access_allows(entry, grant->producer, grant->records[j].type, 0));
            }
    }
}

static void
check_subscriber(const struct access *access, const struct access_entry *entry)
{
    const char *name = access_subscriber(access, entry->key, entry->county, entry->route);

    assert(name != NULL && strcmp(name, entry->name) == 0);
    assert(access_subscriber(access, entry->key, 0, entry->route) == NULL);
    assert(access_subscriber(access, entry->key, entry->county, "") == NULL);
}

static void
check_entry(const struct access *access, const struct access_entry *entry)
{
    assert(strlen(entry->name) >= 1 && strlen(entry->name) <= ACCESS_NAME_MAX);
    assert((entry->key == NULL) == (entry->kind == ACCESS_OPS));
    if (entry->key == NULL)
        return; /* a login: the database knows it, not a key */
    assert(strlen(entry->key) == ACCESS_KEY_LEN);
    assert(access_find_key(access, entry->key) == entry);
    if (entry->kind == ACCESS_ADAPTER)
        check_adapter(entry);
    else if (entry->kind == ACCESS_SUBSCRIBER)
        check_subscriber(access, entry);
    if (entry->kind != ACCESS_SUBSCRIBER)
        assert(access_subscriber(access, entry->key, FUZZ_COUNTY, "bureau") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO(access_free) struct access *access = NULL;
    AUTO_BUF struct buf problems = {0};
    const struct access_entry *entry;
    struct err err = {0};
    int result = access_parse("input", (const char *)bytes, len, &access, &problems, &err);

    fuzz_check_problems(&problems, result, &err);
    assert((result == 0) == (access != NULL));
    for (size_t i = 0; result == 0 && (entry = access_at(access, i)) != NULL; i++)
        check_entry(access, entry);
    return 0;
}
