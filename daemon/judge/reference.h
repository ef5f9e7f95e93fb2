/*
 * reference_of — the handle of a subject that says nothing about the subject.
 *
 * A reference is the HMAC-SHA-256 of the subject's text (number, household number, …) under its
 * county's key, in 64 hexadecimal digits; a county's key is the HMAC of its six digits under the
 * key of the hub. Pure.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdint.h>

#include "base/digest.h"

#define REFERENCE_PAD_BYTES 64 /* the block of SHA-256 */

void reference_county_key(const uint8_t master[DIGEST_BYTES], uint32_t county,
                          uint8_t ret_key[DIGEST_BYTES]);

void reference_of(const uint8_t key[DIGEST_BYTES], const char *subject,
                  char ret_reference[DIGEST_HEX]);

/* The pads for match.reference, since SQL has SHA-256 but no HMAC: the blocks before the inner and
   the outer message. */
void reference_pads(const uint8_t key[DIGEST_BYTES], uint8_t ret_inner[REFERENCE_PAD_BYTES],
                    uint8_t ret_outer[REFERENCE_PAD_BYTES]);

#endif
