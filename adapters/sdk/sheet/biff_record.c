#include "sdk/sheet/biff_record.h"

#include <stdio.h>
#include <string.h>
#include <unicode/ucnv.h>

#include "base/mem.h"

#define BIFF_CONTINUE 0x003c
#define BIFF_HEAD 4 /* bytes of a record before its content: type, length */

/* What stands before a text's characters. */
#define BIFF_WIDE 0x01     /* two bytes a character */
#define BIFF_READINGS 0x04 /* with how it is read aloud behind it */
#define BIFF_RICH 0x08     /* with its fonts behind it */
#define BIFF_RUN 4         /* bytes of one change of font */

#define BIFF_CHINESE 936 /* code page of GBK, which GB18030 holds */
#define BIFF_APPLE 32768
#define BIFF_LATIN 32769

/* ---- the cursor ---- */

void
biff_record_done(struct biff_record *record)
{
    ucnv_close(record->converter);
    record->converter = NULL;
}

static unsigned
biff_le16(const uint8_t *at)
{
    return (unsigned)at[0] | (unsigned)at[1] << 8;
}

bool
biff_record_next(struct biff_record *record)
{
    size_t len;

    if (record->broken || record->len - record->next < BIFF_HEAD)
        return false;
    len = biff_le16(record->bytes + record->next + 2);
    if (record->len - record->next - BIFF_HEAD < len)
        return false;
    record->type = biff_le16(record->bytes + record->next);
    record->at = record->next + BIFF_HEAD;
    record->end = record->next = record->at + len;
    return true;
}

bool
biff_record_seek(struct biff_record *record, size_t at)
{
    if (at > record->len)
        return false;
    record->at = record->end = record->next = at;
    record->broken = false;
    return true;
}

size_t
biff_record_left(const struct biff_record *record)
{
    return record->end - record->at;
}

bool
biff_record_more(const struct biff_record *record)
{
    size_t at = record->at, next = record->next;

    while (at == next && record->len - next > BIFF_HEAD &&
           biff_le16(record->bytes + next) == BIFF_CONTINUE) {
        at = next + BIFF_HEAD;
        next = at + biff_le16(record->bytes + next + 2);
    }
    return at < next && next <= record->len;
}

/* Whether a byte can be read; the record may have ended, and go on in another one. */
static bool
biff_is_left(struct biff_record *record)
{
    unsigned type = record->type;

    if (record->at < record->end)
        return !record->broken;
    if (!biff_record_more(record))
        record->broken = true;
    while (!record->broken && record->at == record->end)
        (void)biff_record_next(record);
    record->type = type;
    return !record->broken;
}

uint8_t
biff_record_u8(struct biff_record *record)
{
    return biff_is_left(record) ? record->bytes[record->at++] : 0;
}

uint16_t
biff_record_u16(struct biff_record *record)
{
    unsigned low = biff_record_u8(record);

    return (uint16_t)(low | (unsigned)biff_record_u8(record) << 8);
}

uint32_t
biff_record_u32(struct biff_record *record)
{
    uint32_t low = biff_record_u16(record);

    return low | (uint32_t)biff_record_u16(record) << 16;
}

uint64_t
biff_record_u64(struct biff_record *record)
{
    uint64_t low = biff_record_u32(record);

    return low | (uint64_t)biff_record_u32(record) << 32;
}

void
biff_record_skip(struct biff_record *record, size_t len)
{
    while (len > 0 && biff_is_left(record)) {
        size_t piece = record->end - record->at < len ? record->end - record->at : len;

        record->at += piece;
        len -= piece;
    }
}

/* ---- texts ---- */

/* Append a character; what no text can hold becomes a blank. */
static void
biff_put(struct buf *out, uint32_t c)
{
    uint8_t utf8[4];
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if ((c < ' ' && c != '\t' && c != '\n') || c == 0x7f || (c >= 0xd800 && c <= 0xdfff) ||
        (c & 0xfffe) == 0xfffe) {
        c = ' ';
        len = 1;
    }
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        utf8[i] = (uint8_t)(0x80 | (c & 0x3f));
    utf8[0] = (uint8_t)(len == 1 ? c : (0xf00u >> len & 0xf0u) | c);
    buf_add(out, utf8, len);
}

/* Append a unit of UTF-16; `lead` is a first half that waits for its second, 0 when none does. */
static void
biff_put_unit(struct buf *out, uint16_t unit, uint16_t *lead)
{
    bool second = unit >= 0xdc00 && unit <= 0xdfff;

    if (*lead != 0 && second) {
        biff_put(out, 0x10000u + (((uint32_t)*lead - 0xd800u) << 10) + (unit - 0xdc00u));
        *lead = 0;
        return;
    }
    if (*lead != 0)
        biff_put(out, *lead);
    *lead = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
    if (*lead == 0)
        biff_put(out, unit);
}

/* Characters of one or two bytes; a record that continues them says anew which. */
static void
biff_wide_text(struct biff_record *record, size_t count, bool wide, struct buf *out)
{
    uint16_t lead = 0;

    for (; count > 0; count--) {
        while (record->at == record->end && !record->broken)
            wide = biff_record_u8(record) & BIFF_WIDE;
        if (record->broken)
            return;
        biff_put_unit(out, wide ? biff_record_u16(record) : biff_record_u8(record), &lead);
    }
    if (lead != 0)
        biff_put(out, lead);
}

static void
biff_open_converter(struct biff_record *record)
{
    UErrorCode status = U_ZERO_ERROR;
    char name[16];

    if (record->codepage == 0 || record->codepage == BIFF_CHINESE)
        (void)snprintf(name, sizeof(name), "gb18030");
    else if (record->codepage == BIFF_APPLE)
        (void)snprintf(name, sizeof(name), "macintosh");
    else
        (void)snprintf(name, sizeof(name), "cp%u",
                       record->codepage == BIFF_LATIN ? 1252 : record->codepage);
    record->converter = ucnv_open(name, &status);
    if (U_FAILURE(status))
        record->converter = NULL;
    else
        ucnv_setToUCallBack(record->converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    record->broken = record->broken || U_FAILURE(status);
}

static void
biff_narrow_text(struct biff_record *record, size_t count, struct buf *out)
{
    UErrorCode status = U_ZERO_ERROR;
    uint16_t lead = 0;
    UChar *units;
    int32_t unit_count;
    char *bytes;

    if (record->converter == NULL)
        biff_open_converter(record);
    if (record->broken || count == 0)
        return;
    bytes = mem_grow(NULL, count, 1);
    units = mem_grow(NULL, count + 1, sizeof(*units));
    for (size_t i = 0; i < count; i++)
        bytes[i] = (char)biff_record_u8(record);
    unit_count =
        ucnv_toUChars(record->converter, units, (int32_t)count + 1, bytes, (int32_t)count, &status);
    if (U_FAILURE(status))
        record->broken = true;
    for (int32_t i = 0; i < unit_count && !record->broken; i++)
        biff_put_unit(out, units[i], &lead);
    if (lead != 0)
        biff_put(out, lead);
    free(units);
    free(bytes);
}

void
biff_record_text(struct biff_record *record, unsigned length_bytes, struct buf *out)
{
    size_t count = length_bytes == 1 ? biff_record_u8(record) : biff_record_u16(record);
    size_t behind = 0;
    unsigned form;

    if (record->narrow) {
        biff_narrow_text(record, count, out);
        return;
    }
    form = biff_record_u8(record);
    if (form & BIFF_RICH)
        behind += BIFF_RUN * (size_t)biff_record_u16(record);
    if (form & BIFF_READINGS)
        behind += biff_record_u32(record);
    biff_wide_text(record, count, form & BIFF_WIDE, out);
    biff_record_skip(record, behind);
}
