#include "county/basis.h"

#include <string.h>

#include "judge/reference.h"
#include "base/secret.h"

void
basis_free(struct basis *setup)
{
    if (setup == NULL)
        return;
    for (size_t i = 0; setup->profiles != NULL && i < setup->config->county_count; i++)
        profile_free(setup->profiles[i]);
    free(setup->profiles);
    rules_free(setup->rules);
    free(setup);
}

int
basis_key(const struct config *config, uint8_t ret_key[DIGEST_BYTES], struct err *err)
{
    char secret[SECRET_MAX];
    bool bad;

    if (secret_read(config->store_subject_key_file, secret, err) < 0)
        return err_wrap(err, "cannot read the subject key");
    bad = digest_unhex(secret, ret_key, DIGEST_BYTES) < 0;
    explicit_bzero(secret, sizeof(secret));
    if (bad) {
        (void)err_set(err, ERR_CONFIG, "the subject key is not 64 hexadecimal digits");
        return err_hint(err, "openssl rand -hex 32 makes one");
    }
    return 0;
}

static int
basis_read_all(const struct config *config, bool strict, struct basis **ret_setup,
               struct buf *problems, struct err *err)
{
    AUTO(basis_free) struct basis *setup = mem_zalloc(sizeof(*setup));
    size_t wrong = 0;

    setup->config = config;
    setup->profiles = mem_zalloc(config->county_count * sizeof(struct profile *));
    if (basis_key(config, setup->key, err) < 0) {
        buf_add_fmt(problems, "%s: %s\n", config->store_subject_key_file, err->text);
        wrong++;
    }
    if ((strict ? rules_load : rules_load_sound)(config->rules_dir, &setup->rules, problems, err) <
        0)
        return -1;
    for (size_t i = 0; i < config->county_count; i++) {
        const struct config_county *county = &config->counties[i];

        if (profile_load(config->profiles_dir, county->profile, setup->rules, &setup->profiles[i],
                         problems, err) < 0)
            wrong++;
    }
    if (wrong > 0)
        return err_set(err, ERR_CONFIG, "rules, profiles or the subject key cannot be used");
    *ret_setup = STEAL(setup);
    return 0;
}

int
basis_read(const struct config *config, struct basis **ret_setup, struct buf *problems,
           struct err *err)
{
    return basis_read_all(config, true, ret_setup, problems, err);
}

int
basis_load(const struct config *config, bool strict, struct basis **ret_setup, struct err *err)
{
    AUTO_BUF struct buf problems = {0};

    if (basis_read_all(config, strict, ret_setup, &problems, err) == 0)
        return 0;
    if (problems.len > 0)
        (void)err_set(err, err->code, "%.*s", (int)strcspn(buf_str(&problems), "\n"),
                      buf_str(&problems));
    return err_hint(err, "--check names every problem");
}

void
basis_judge(const struct basis *setup, size_t index, const atomic_bool *stopping,
            struct judge *ret_judge)
{
    *ret_judge = (struct judge){
        .county = setup->config->counties[index].code,
        .rules = setup->rules,
        .profile = setup->profiles[index],
        .stopping = stopping,
    };
    reference_county_key(setup->key, ret_judge->county, ret_judge->key);
}
