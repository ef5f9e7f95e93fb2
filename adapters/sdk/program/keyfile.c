#include "sdk/program/keyfile.h"

#include <string.h>

#include "base/secret.h"

int
keyfile_own(const char *path, struct wire_keys *ret_keys, struct err *err)
{
    char secret[SECRET_MAX];
    int result;

    if (secret_read(path, secret, err) != 0)
        return -1;
    result = wire_keys_derive(secret, ret_keys, err);
    explicit_bzero(secret, sizeof(secret));
    return result == 0 ? 0 : err_wrap(err, "%s", path);
}

int
keyfile_public(const char *path, char ret_key[WIRE_KEY_LEN + 1], struct err *err)
{
    char text[SECRET_MAX];

    if (secret_read_public(path, text, err) != 0)
        return -1;
    if (strlen(text) != WIRE_KEY_LEN)
        return err_set(err, ERR_CONFIG, "%s: not one key of %d characters", path, WIRE_KEY_LEN);
    memcpy(ret_key, text, WIRE_KEY_LEN + 1);
    return 0;
}
