#define OPENSSL_API_COMPAT 10100 /* only the low-level SHA-256 of 1.1 shows its state */

#include "base/digest.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#define DIGEST_BLOCK 64

_Static_assert(sizeof(SHA256_CTX) == DIGEST_STATE_BYTES, "saved digests would not fit");

void
digest_init(struct digest *digest)
{
    SHA256_CTX ctx = {0};

    SHA256_Init(&ctx);
    memcpy(digest->state, &ctx, sizeof(ctx));
}

void
digest_add(struct digest *digest, const void *bytes, size_t len)
{
    SHA256_CTX ctx;

    memcpy(&ctx, digest->state, sizeof(ctx));
    assert(ctx.num < DIGEST_BLOCK);
    SHA256_Update(&ctx, bytes, len);
    memcpy(digest->state, &ctx, sizeof(ctx));
}

void
digest_finish(struct digest *digest, uint8_t ret_digest[DIGEST_BYTES])
{
    SHA256_CTX ctx;

    memcpy(&ctx, digest->state, sizeof(ctx));
    assert(ctx.num < DIGEST_BLOCK);
    SHA256_Final(ret_digest, &ctx);
    OPENSSL_cleanse(&ctx, sizeof(ctx));
    memset(digest->state, 0xFF, sizeof(digest->state)); /* so that the next use is caught */
}

int
digest_load(struct digest *digest, const void *bytes, size_t len)
{
    SHA256_CTX ctx;

    if (len != sizeof(ctx))
        return -1;
    memcpy(&ctx, bytes, sizeof(ctx));
    if (ctx.num >= DIGEST_BLOCK || ctx.md_len != DIGEST_BYTES)
        return -1;
    memcpy(digest->state, &ctx, sizeof(ctx));
    return 0;
}

void
digest_bytes(const void *bytes, size_t len, uint8_t ret_digest[DIGEST_BYTES])
{
    SHA256_CTX ctx;

    SHA256_Init(&ctx);
    SHA256_Update(&ctx, bytes, len);
    SHA256_Final(ret_digest, &ctx);
}

/* RFC 2104. libcrypto's HMAC() looks its algorithm up at each call, which costs more than the
   digest of the short texts we key. */
void
digest_hmac(const void *key, size_t key_len, const void *bytes, size_t len,
            uint8_t ret_digest[DIGEST_BYTES])
{
    uint8_t block[DIGEST_BLOCK] = {0}, inner[DIGEST_BYTES];
    SHA256_CTX ctx;

    if (key_len > sizeof(block))
        digest_bytes(key, key_len, block);
    else if (key_len > 0)
        memcpy(block, key, key_len);

    for (size_t i = 0; i < sizeof(block); i++)
        block[i] ^= 0x36;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, block, sizeof(block));
    SHA256_Update(&ctx, bytes, len);
    SHA256_Final(inner, &ctx);

    for (size_t i = 0; i < sizeof(block); i++)
        block[i] ^= 0x36 ^ 0x5C;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, block, sizeof(block));
    SHA256_Update(&ctx, inner, sizeof(inner));
    SHA256_Final(ret_digest, &ctx);
    OPENSSL_cleanse(block, sizeof(block));
    OPENSSL_cleanse(&ctx, sizeof(ctx));
}

void
digest_hex(const uint8_t *bytes, size_t len, char *ret_text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        ret_text[2 * i] = digits[bytes[i] >> 4];
        ret_text[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_text[2 * len] = '\0';
}

static int
digest_nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int
digest_unhex(const char *text, uint8_t *ret_bytes, size_t len)
{
    if (strlen(text) != 2 * len)
        return -1;
    for (size_t i = 0; i < 2 * len; i++)
        if (digest_nibble(text[i]) < 0)
            return -1;
    for (size_t i = 0; i < len; i++)
        ret_bytes[i] = (uint8_t)(digest_nibble(text[2 * i]) << 4 | digest_nibble(text[2 * i + 1]));
    return 0;
}

void
digest_random(void *ret_bytes, size_t len)
{
    uint8_t *at = ret_bytes;

    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        at += got;
        len -= (size_t)got;
    }
}
