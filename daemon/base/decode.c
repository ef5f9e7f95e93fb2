#include "base/decode.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unicode/ucnv.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include "base/text.h"

#define DECODE_IN (64 * 1024) /* bytes read at once */
#define DECODE_UNITS 16384    /* UTF-16 units converted at once */
#define DECODE_LOOK 65536     /* bytes, from the first outside ASCII, that tell the encoding */

struct decode {
    int fd;
    enum decode_encoding encoding;
    UConverter *converter; /* NULL for UTF-8 */
    bool eof, done, broken;
    UChar lead; /* half a pair that the next units complete; 0: none */
    char *in;
    size_t in_at, in_end;
    UChar *units;
    char *out; /* text that was decoded and not yet taken */
    size_t out_at, out_end;
};

struct decode *
decode_new(int fd)
{
    struct decode *decode = mem_zalloc(sizeof(*decode));

    decode->fd = fd;
    decode->in = mem_grow(NULL, DECODE_IN, 1);
    return decode;
}

void
decode_free(struct decode *decode)
{
    if (decode == NULL)
        return;
    ucnv_close(decode->converter);
    free(decode->in);
    free(decode->units);
    free(decode->out);
    free(decode);
}

enum decode_encoding
decode_encoding(const struct decode *decode)
{
    return decode->encoding;
}

bool
decode_broken(const struct decode *decode)
{
    return decode->broken;
}

static int
decode_pread(struct decode *decode, char *to, size_t size, off_t at, size_t *ret_len,
             struct err *err)
{
    ssize_t got;

    do {
        got = pread(decode->fd, to, size, at);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_set(err, ERR_SYSTEM, "cannot read the file: %s", strerror(errno));
    *ret_len = (size_t)got;
    return 0;
}

/* Bytes at the beginning that are ASCII and no NUL. */
static size_t
decode_ascii(const char *bytes, size_t len)
{
    size_t i = 0;

    while (i < len && (signed char)bytes[i] > 0)
        i++;
    return i;
}

/* Whether bytes may be UTF-8 up to a NUL; a character that the end cuts does not count. */
static bool
decode_is_utf8(const char *bytes, size_t len)
{
    const char *nul = memchr(bytes, '\0', len);
    size_t back = 0;

    if (nul != NULL)
        len = (size_t)(nul - bytes);
    while (nul == NULL && len == DECODE_LOOK && back < 3 &&
           ((unsigned char)bytes[len - 1 - back] & 0xc0) == 0x80)
        back++;
    if (nul == NULL && len == DECODE_LOOK && (unsigned char)bytes[len - 1 - back] >= 0xc0)
        len -= back + 1;
    return text_utf8_length(bytes, len) >= 0;
}

/* Tell UTF-8 from GB18030 by what follows the first byte outside ASCII. */
static int
decode_look(struct decode *decode, struct err *err)
{
    size_t got = 0, ascii = 0;
    off_t at = 0;

    do {
        if (decode_pread(decode, decode->in, DECODE_IN, at, &got, err) != 0)
            return -1;
        ascii = decode_ascii(decode->in, got);
        at += (off_t)ascii;
    } while (got > 0 && ascii == got);
    if (decode_pread(decode, decode->in, DECODE_LOOK, at, &got, err) != 0)
        return -1;
    decode->encoding = decode_is_utf8(decode->in, got) ? DECODE_UTF8 : DECODE_GB18030;
    return 0;
}

/* Open ICU's converter and its buffers. Every name here is one that ICU always has. */
static void
decode_convert(struct decode *decode)
{
    static const char *const names[] = {
        [DECODE_UTF8] = NULL,
        [DECODE_GB18030] = "gb18030",
        [DECODE_UTF16LE] = "UTF-16LE",
        [DECODE_UTF16BE] = "UTF-16BE",
    };
    UErrorCode status = U_ZERO_ERROR;

    ucnv_close(decode->converter);
    decode->converter = NULL;
    if (names[decode->encoding] == NULL)
        return;
    decode->converter = ucnv_open(names[decode->encoding], &status);
    ucnv_setToUCallBack(decode->converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    assert(U_SUCCESS(status));
    if (decode->units == NULL) {
        decode->units = mem_grow(NULL, DECODE_UNITS, sizeof(UChar));
        decode->out = mem_grow(NULL, (DECODE_UNITS + 1) * U8_MAX_LENGTH, 1);
    }
}

int
decode_begin(struct decode *decode, struct err *err)
{
    unsigned char mark[3] = {0};
    size_t got = 0;
    off_t skip = 0;

    decode->eof = decode->done = decode->broken = false;
    decode->in_at = decode->in_end = decode->out_at = decode->out_end = 0;
    decode->lead = 0;
    if (decode_pread(decode, (char *)mark, sizeof(mark), 0, &got, err) != 0)
        return -1;
    if (got >= 2 && mark[0] == 0xff && mark[1] == 0xfe) {
        decode->encoding = DECODE_UTF16LE;
        skip = 2;
    } else if (got >= 2 && mark[0] == 0xfe && mark[1] == 0xff) {
        decode->encoding = DECODE_UTF16BE;
        skip = 2;
    } else if (got == 3 && memcmp(mark, "\xef\xbb\xbf", 3) == 0) {
        decode->encoding = DECODE_UTF8;
    } else if (decode_look(decode, err) != 0) {
        return -1;
    }
    decode_convert(decode);
    if (lseek(decode->fd, skip, SEEK_SET) != skip)
        return err_set(err, ERR_SYSTEM, "cannot read the file again: %s", strerror(errno));
    return 0;
}

static int
decode_fill(struct decode *decode, char *to, size_t size, size_t *ret_len, struct err *err)
{
    ssize_t got;

    do {
        got = read(decode->fd, to, size);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_set(err, ERR_SYSTEM, "cannot read the file: %s", strerror(errno));
    *ret_len = (size_t)got;
    return 0;
}

/* Write units as UTF-8; the converter has checked them, only a pair may be cut. */
static void
decode_write(struct decode *decode, const UChar *end)
{
    uint8_t *out = (uint8_t *)decode->out;
    size_t len = 0;

    for (const UChar *at = decode->units; at < end; at++) {
        uint32_t c = *at;

        if (c < 0x80) {
            out[len++] = (uint8_t)c;
            continue;
        }
        if (U16_IS_LEAD(c)) {
            decode->lead = *at;
            continue;
        }
        if (U16_IS_TRAIL(c))
            c = (uint32_t)U16_GET_SUPPLEMENTARY(decode->lead, c);
        decode->lead = 0;
        U8_APPEND_UNSAFE(out, len, c);
    }
    decode->out_at = 0;
    decode->out_end = len;
}

/* Convert the bytes read; sets `done` behind the last character or the first broken one. */
static void
decode_step(struct decode *decode)
{
    const char *from = decode->in + decode->in_at;
    UErrorCode status = U_ZERO_ERROR;
    UChar *to = decode->units;

    ucnv_toUnicode(decode->converter, &to, decode->units + DECODE_UNITS, &from,
                   decode->in + decode->in_end, NULL, decode->eof, &status);
    decode->in_at = (size_t)(from - decode->in);
    decode->broken = U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR;
    decode->done = decode->broken || (decode->eof && status != U_BUFFER_OVERFLOW_ERROR);
    decode_write(decode, to);
}

int
decode_read(struct decode *decode, char *to, size_t size, size_t *ret_len, struct err *err)
{
    size_t len;

    if (decode->converter == NULL)
        return decode_fill(decode, to, size, ret_len, err);
    while (decode->out_at == decode->out_end && !decode->done) {
        if (decode->in_at == decode->in_end && !decode->eof) {
            if (decode_fill(decode, decode->in, DECODE_IN, &decode->in_end, err) != 0)
                return -1;
            decode->in_at = 0;
            decode->eof = decode->in_end == 0;
        }
        decode_step(decode);
    }
    len = decode->out_end - decode->out_at;
    len = len < size ? len : size;
    if (len > 0)
        memcpy(to, decode->out + decode->out_at, len);
    decode->out_at += len;
    *ret_len = len;
    return 0;
}
