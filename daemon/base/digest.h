/*
 * digest — SHA-256 and HMAC over libcrypto.
 *
 * A running SHA-256 can be saved and loaded, so that the digest of a
 * submission goes on across a restart of the hub.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DIGEST_BYTES 32
#define DIGEST_HEX 65          /* with the final NUL */
#define DIGEST_STATE_BYTES 112 /* of a saved running digest */

struct digest {
    _Alignas(8) uint8_t state[DIGEST_STATE_BYTES];
};

/* Start, feed, finish. Finish leaves the state unusable; work on a copy to go on. */
void digest_init(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t len);
void digest_finish(struct digest *digest, uint8_t ret_digest[DIGEST_BYTES]);

/*
 * Load a saved state (the bytes of `state`, in this machine's byte order) to go
 * on; returns -1, the digest unchanged, when the bytes cannot be such a state.
 */
NODISCARD int digest_load(struct digest *digest, const void *bytes, size_t len);

/* SHA-256 of one run of bytes. */
void digest_bytes(const void *bytes, size_t len, uint8_t ret_digest[DIGEST_BYTES]);

/* HMAC-SHA-256. */
void digest_hmac(const void *key, size_t key_len, const void *bytes, size_t len,
                 uint8_t ret_digest[DIGEST_BYTES]);

/* Lower-case hexadecimal of `len` bytes; ret_text needs 2 * len + 1. */
void digest_hex(const uint8_t *bytes, size_t len, char *ret_text);

/* Read `len` bytes from hexadecimal; returns -1 when the text has another length or character. */
NODISCARD int digest_unhex(const char *text, uint8_t *ret_bytes, size_t len);

/* Fill with random bytes from the kernel; ends the process when the kernel has none. */
void digest_random(void *ret_bytes, size_t len);

#endif
