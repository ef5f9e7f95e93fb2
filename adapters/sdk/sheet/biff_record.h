/*
 * biff_record — the records of an old workbook's stream, and the texts in them.
 *
 * A part of biff. A cursor over bytes that the caller keeps: record by record, and within one
 * number by number; what is too long for a record goes on in those of type CONTINUE behind it, and
 * so does the cursor. What is read beyond a record's end is 0 and leaves the cursor `broken` until
 * it goes elsewhere.
 */
#ifndef BIFF_RECORD_H
#define BIFF_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct biff_record {
    const uint8_t *bytes; /* the whole stream */
    size_t len;
    size_t at, end; /* what is left of the present record */
    size_t next;    /* where the one behind it begins */
    unsigned type;
    bool broken;
    bool narrow;       /* texts are bytes of a code page: Excel 5 and 95 */
    unsigned codepage; /* of these; 0: the file does not say */
    void *converter;   /* from it, once a text was read */
};

/* Free what the cursor made, and nothing of the stream. */
void biff_record_done(struct biff_record *record);

/* Go to the next record; false at the end of the stream, or where it is cut off. */
bool biff_record_next(struct biff_record *record);

/* Go to where another record begins; false when that is outside. */
bool biff_record_seek(struct biff_record *record, size_t at);

/* How much is left of the present record, those that continue it apart. */
size_t biff_record_left(const struct biff_record *record);

/* Whether there is more to read of it, in those that continue it too. */
bool biff_record_more(const struct biff_record *record);

uint8_t biff_record_u8(struct biff_record *record);
uint16_t biff_record_u16(struct biff_record *record);
uint32_t biff_record_u32(struct biff_record *record);
uint64_t biff_record_u64(struct biff_record *record);
void biff_record_skip(struct biff_record *record, size_t len);

/*
 * Append a text as UTF-8; its length stands before it in so many bytes (1 or 2). How it looks and
 * how it is read aloud is passed over. Controls but tab and line feed, and halves of pairs, become
 * blanks. Bytes that mean nothing in their code page break the cursor.
 */
void biff_record_text(struct biff_record *record, unsigned length_bytes, struct buf *out);

#endif
