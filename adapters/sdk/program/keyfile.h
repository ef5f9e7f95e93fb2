/*
 * keyfile — the CURVE keys that settings name: our own, and the hub's public one.
 *
 * base/secret says who may read a key file.
 */
#ifndef KEYFILE_H
#define KEYFILE_H

#include "base/err.h"
#include "wire.h"

/* Read our secret key and derive the public one. ERR_MISSING, ERR_CONFIG; the text names the file. */
NODISCARD int keyfile_own(const char *path, struct wire_keys *ret_keys, struct err *err);

/* Read a public key; whoever else may read its file does not matter. As above. */
NODISCARD int keyfile_public(const char *path, char ret_key[WIRE_KEY_LEN + 1], struct err *err);

#endif
