/*
 * decode — the bytes of a text file as UTF-8, whatever encoding it has.
 *
 * UTF-8 with or without a byte order mark is passed on as it stands; UTF-16
 * with a byte order mark ("Unicode text" of a spreadsheet) and GB18030 go
 * through ICU, strictly: a byte that means nothing ends the text. GB18030 and
 * never GBK, or 䶮, 㙍 and 𠮷 would be lost.
 *
 * One encoding holds for the whole file. The bytes from the first one outside
 * ASCII decide: what is valid UTF-8 there is UTF-8, anything else can only be
 * GB18030. That UTF-8 stays valid further on is the reader's to check.
 */
#ifndef DECODE_H
#define DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

enum decode_encoding { DECODE_UTF8, DECODE_GB18030, DECODE_UTF16LE, DECODE_UTF16BE };

struct decode;

/* Make a decoder of a file descriptor, which stays the caller's. Call decode_begin first. */
struct decode *decode_new(int fd);
void decode_free(struct decode *decode);
AUTO_DEFINE(struct decode, decode_free)

/* Go to the file's first byte and find out its encoding. ERR_SYSTEM. */
NODISCARD int decode_begin(struct decode *decode, struct err *err);

/* Read at most `size` bytes; 0 in `*ret_len` at the end or where the text is broken. ERR_SYSTEM. */
NODISCARD int decode_read(struct decode *decode, char *to, size_t size, size_t *ret_len,
                          struct err *err);

enum decode_encoding decode_encoding(const struct decode *decode);

/* Return whether the text ended because its bytes are none of the encoding. */
bool decode_broken(const struct decode *decode);

#endif
