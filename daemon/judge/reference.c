#include "judge/reference.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
reference_county_key(const uint8_t master[DIGEST_BYTES], uint32_t county,
                     uint8_t ret_key[DIGEST_BYTES])
{
    char text[16];

    (void)snprintf(text, sizeof(text), "%06" PRIu32, county);
    digest_hmac(master, DIGEST_BYTES, text, strlen(text), ret_key);
}

void
reference_of(const uint8_t key[DIGEST_BYTES], const char *subject, char ret_reference[DIGEST_HEX])
{
    uint8_t bytes[DIGEST_BYTES];

    digest_hmac(key, DIGEST_BYTES, subject, strlen(subject), bytes);
    digest_hex(bytes, sizeof(bytes), ret_reference);
}

void
reference_pads(const uint8_t key[DIGEST_BYTES], uint8_t ret_inner[REFERENCE_PAD_BYTES],
               uint8_t ret_outer[REFERENCE_PAD_BYTES])
{
    for (size_t i = 0; i < REFERENCE_PAD_BYTES; i++) {
        uint8_t byte = i < DIGEST_BYTES ? key[i] : 0;

        ret_inner[i] = byte ^ 0x36; /* RFC 2104 */
        ret_outer[i] = byte ^ 0x5c;
    }
}
