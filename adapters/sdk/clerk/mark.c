#include "sdk/clerk/mark.h"

#include <string.h>

#include "base/mem.h"
#include "sdk/prepare/convert.h"
#include "sdk/sheet/input.h"
#include "sdk/prepare/table.h"

#define MARK_WORD "校验" /* stands before the check word */
#define MARK_HEX 16      /* characters of it */
#define MARK_CELL '\x1f'
#define MARK_ROW '\x1e'

void
mark_begin(struct mark *mark)
{
    digest_init(&mark->digest);
    mark->column = 0;
}

void
mark_add(struct mark *mark, struct source_cell cell)
{
    static const uint8_t end = MARK_CELL;

    cell = convert_unwrap(cell);
    if (cell.len > 0) {
        digest_add(&mark->digest, &mark->column, sizeof(mark->column));
        digest_add(&mark->digest, cell.bytes, cell.len);
        digest_add(&mark->digest, &end, 1);
    }
    mark->column++;
}

void
mark_end_row(struct mark *mark)
{
    static const uint8_t end = MARK_ROW;

    digest_add(&mark->digest, &end, 1);
    mark->column = 0;
}

static void
mark_word(const struct mark *mark, char word[DIGEST_HEX])
{
    struct digest so_far = mark->digest;
    uint8_t bytes[DIGEST_BYTES];

    digest_finish(&so_far, bytes);
    digest_hex(bytes, sizeof(bytes), word);
    word[MARK_HEX] = '\0';
}

void
mark_format(const struct mark *mark, struct buf *out)
{
    char word[DIGEST_HEX];

    mark_word(mark, word);
    buf_add_fmt(out, "%s %s", MARK_WORD, word);
}

/* The check word within a note; NULL: there is none. */
static const char *
mark_find(struct source_cell cell)
{
    const char *at = memmem(cell.bytes, cell.len, MARK_WORD, strlen(MARK_WORD));
    size_t behind = strlen(MARK_WORD " ");

    if (at == NULL || (size_t)(cell.bytes + cell.len - at) < behind + MARK_HEX)
        return NULL;
    return at + behind;
}

/* Read the rows; `note` is the column that the notes stand in. */
static bool
mark_read(struct source *source, uint32_t note, struct mark *mark)
{
    struct refusal refusal = {0};
    struct source_row row;
    struct err err;
    char word[DIGEST_HEX] = "", found[DIGEST_HEX] = "";

    while (source_next(source, &row, &refusal, &err) == SOURCE_ROW) {
        const char *at;

        for (uint32_t i = 0; i < row.count && i < note; i++)
            mark_add(mark, row.cells[i]);
        mark_end_row(mark);
        at = note < row.count ? mark_find(row.cells[note]) : NULL;
        if (found[0] != '\0') /* something stands behind the last row */
            return false;
        if (at != NULL)
            memcpy(found, at, MARK_HEX);
    }
    mark_word(mark, word);
    return refusal.code == REFUSAL_NONE && strcmp(word, found) == 0;
}

bool
mark_holds(const char *path)
{
    AUTO(source_close) struct source *source = NULL;
    struct refusal refusal = {0};
    struct source_row row;
    struct mark mark;
    struct err err;
    uint32_t note;

    if (input_open(path, &source, &refusal, &err) != 0 || source == NULL ||
        source_next(source, &row, &refusal, &err) != SOURCE_ROW)
        return false;
    mark_begin(&mark);
    for (note = 0; note < row.count; note++) {
        struct source_cell cell = convert_unwrap(row.cells[note]);

        if (note >= TABLE_REPORT_COLUMNS && cell.len == strlen(TABLE_NOTE) &&
            memcmp(cell.bytes, TABLE_NOTE, cell.len) == 0)
            break;
        mark_add(&mark, row.cells[note]);
    }
    mark_end_row(&mark);
    return note < row.count && mark_read(source, note, &mark);
}
