#include "base/reader.h"

#include <string.h>
#include <unistd.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/text.h"
#include "base/decode.h"

#define READER_FILL (256 * 1024) /* bytes of the buffer; stays in the processor's second cache */
#define READER_PAD 64            /* readable bytes behind the content, for whole-block loads */
#define READER_LOOK 4096         /* bytes that decide between commas, tabs and semicolons */

struct reader {
    struct source source;
    int fd;
    struct decode *decode;
    char *bytes; /* the row being read begins at `at`; content ends at `end` */
    size_t size, at, end;
    bool eof;
    char delimiter;
    uint32_t row_no; /* of the last row given out */
    uint64_t line;   /* of the next row, as an editor counts */
    struct source_cell cells[SOURCE_CELLS_MAX];
    uint8_t marks[SOURCE_CELLS_MAX]; /* of each cell: */
#define READER_HIGH 1                /* has bytes outside ASCII, or was not looked at */
#define READER_DOUBLED 2             /* has doubled quotes */
};

enum reader_scan { READER_WHOLE, READER_PART, READER_REFUSED };

/* One row while it is scanned. */
struct reader_row {
    const char *at; /* bytes that are scanned next */
    uint32_t count;
    uint64_t lines;     /* line breaks within quotes */
    uint8_t marks;      /* bytes of all cells together */
    uint64_t open_line; /* where the quote that is open began; 0: none is */
};

static int
reader_fill(struct reader *reader, struct err *err)
{
    size_t got = 0;

    if (reader->at > 0) {
        memmove(reader->bytes, reader->bytes + reader->at, reader->end - reader->at);
        reader->end -= reader->at;
        reader->at = 0;
    } else if (reader->end == reader->size) {
        reader->size *= 2;
        reader->bytes = mem_grow(reader->bytes, reader->size + READER_PAD, 1);
    }
    if (decode_read(reader->decode, reader->bytes + reader->end, reader->size - reader->end, &got,
                    err) != 0)
        return -1;
    reader->end += got;
    reader->eof = got == 0;
    memset(reader->bytes + reader->end, 0, READER_PAD);
    return 0;
}

/* The end of a bare cell: a delimiter, a line break or a NUL, at most `end`. */
#ifdef __SSE2__
static inline const char *
reader_find(const char *at, const char *end, char delimiter, unsigned *high)
{
    const __m128i comma = _mm_set1_epi8(delimiter), lf = _mm_set1_epi8('\n');
    const __m128i cr = _mm_set1_epi8('\r'), nul = _mm_setzero_si128();

    for (; at < end; at += sizeof(__m128i)) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i hits =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, comma), _mm_cmpeq_epi8(block, lf)),
                         _mm_or_si128(_mm_cmpeq_epi8(block, cr), _mm_cmpeq_epi8(block, nul)));
        unsigned found = (unsigned)_mm_movemask_epi8(hits);
        unsigned top = (unsigned)_mm_movemask_epi8(block);

        if (found != 0) {
            *high |= top & (found - 1);
            at += __builtin_ctz(found);
            return at < end ? at : end;
        }
        *high |= top;
    }
    return end;
}
#else
static inline const char *
reader_find(const char *at, const char *end, char delimiter, unsigned *high)
{
    for (; at < end; at++) {
        if (*at == delimiter || *at == '\n' || *at == '\r' || *at == '\0')
            return at;
        *high |= (unsigned char)*at & 0x80u;
    }
    return end;
}
#endif

static uint64_t
reader_count_lines(const char *bytes, size_t len)
{
    const char *end = bytes + len;
    uint64_t lines = 0;

    while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
        lines++;
        bytes++;
    }
    return lines;
}

static enum reader_scan
reader_refuse_stray(const struct reader *reader, uint64_t line, struct refusal *refusal)
{
    (void)reader;
    refusal_set(refusal, REFUSAL_QUOTE,
                "第 %llu 行引号有误：引号后面还有文字。请在该行改正引号后重新发送。",
                "line %llu: text follows a closing quote; mend the quotes in that line and send "
                "the file again",
                (unsigned long long)line);
    return READER_REFUSED;
}

/* A quoted cell; `row->at` stands on its opening quote and ends on what follows the closing one. */
static enum reader_scan
reader_scan_quoted(struct reader *reader, struct reader_row *row, const char *end,
                   struct refusal *refusal)
{
    const char *start = row->at + 1, *at = start;
    uint32_t cell = row->count;

    reader->marks[cell] = READER_HIGH;
    row->open_line = reader->line + row->lines;
    for (;;) {
        at = memchr(at, '"', (size_t)(end - at));
        if (at == NULL || (at + 1 == end && !reader->eof))
            return READER_PART;
        if (at + 1 == end || at[1] != '"')
            break;
        reader->marks[cell] |= READER_DOUBLED;
        at += 2;
    }
    reader->cells[cell] = (struct source_cell){start, (uint32_t)(at - start)};
    row->lines += reader_count_lines(start, (size_t)(at - start));
    row->marks |= reader->marks[cell];
    row->open_line = 0;
    for (at++; at < end && (*at == ' ' || (*at == '\t' && reader->delimiter != '\t'));)
        at++;
    row->at = at;
    if (at < end && *at != reader->delimiter && *at != '\n' && *at != '\r' && *at != '\0')
        return reader_refuse_stray(reader, reader->line + row->lines, refusal);
    return READER_WHOLE;
}

static enum reader_scan
reader_refuse_nul(const struct reader *reader, struct refusal *refusal)
{
    refusal_set(refusal, REFUSAL_NUL_BYTE,
                "第 %llu 行有空字节（NUL），文件可能已损坏或不是文本文件。请重新导出，另存为“CSV "
                "UTF-8”后再发送。",
                "line %llu holds a NUL byte: the file is damaged or no text; export it again as "
                "'CSV UTF-8'",
                (unsigned long long)reader->line);
    return READER_REFUSED;
}

static enum reader_scan
reader_refuse_columns(const struct reader *reader, struct refusal *refusal)
{
    refusal_set(refusal, REFUSAL_COLUMNS_LIMIT, "第 %llu 行超过 %d 列。请删去多余的列后重新发送。",
                "line %llu has more than %d columns; remove the surplus columns and send the file "
                "again",
                (unsigned long long)reader->line, SOURCE_CELLS_MAX);
    return READER_REFUSED;
}

/* Find the cells of the row at `reader->at`; on READER_WHOLE `row->at` stands on its line break. */
static enum reader_scan
reader_scan(struct reader *reader, struct reader_row *row, struct refusal *refusal)
{
    const char *end = reader->bytes + reader->end;

    *row = (struct reader_row){.at = reader->bytes + reader->at};
    for (;;) {
        if (row->count == SOURCE_CELLS_MAX)
            return reader_refuse_columns(reader, refusal);
        if (row->at < end && *row->at == '"') {
            enum reader_scan scan = reader_scan_quoted(reader, row, end, refusal);

            if (scan != READER_WHOLE)
                return scan;
        } else {
            const char *start = row->at;
            unsigned high = 0;

            row->at = reader_find(start, end, reader->delimiter, &high);
            reader->cells[row->count] = (struct source_cell){start, (uint32_t)(row->at - start)};
            reader->marks[row->count] = high != 0 ? READER_HIGH : 0;
            row->marks |= reader->marks[row->count];
        }
        row->count++;
        if (row->at == end)
            return reader->eof ? READER_WHOLE : READER_PART;
        if (*row->at == '\0')
            return reader_refuse_nul(reader, refusal);
        if (*row->at != reader->delimiter)
            break;
        row->at++;
    }
    /* A CR at the end of the buffer may be half a CRLF. */
    return *row->at == '\r' && row->at + 1 == end && !reader->eof ? READER_PART : READER_WHOLE;
}

static enum source_read
reader_refuse_length(const struct reader *reader, const struct reader_row *row,
                     struct refusal *refusal)
{
    if (row->open_line != 0)
        refusal_set(refusal, REFUSAL_QUOTE,
                    "第 %llu 行的引号没有配对，后面的内容无法分辨。请改正该行的引号后重新发送。",
                    "line %llu opens a quote that is never closed; mend it and send the file again",
                    (unsigned long long)row->open_line);
    else
        refusal_set(refusal, REFUSAL_LINE_LENGTH,
                    "第 %llu 行超过 %d 字节，不像表格文件。请检查导出的文件后重新发送。",
                    "line %llu is longer than %d bytes; this does not look like a table, export it "
                    "again",
                    (unsigned long long)reader->line, SOURCE_LINE_MAX);
    return SOURCE_REFUSED;
}

static enum source_read
reader_refuse_encoding(const struct reader *reader, struct refusal *refusal)
{
    static const char *const expected[][2] = {
        [DECODE_UTF8] = {"不是 UTF-8 文字", "not UTF-8"},
        [DECODE_GB18030] = {"既不是 UTF-8 也不是 GB18030 文字", "neither UTF-8 nor GB18030"},
        [DECODE_UTF16LE] = {"不是 UTF-16 文字", "not UTF-16"},
        [DECODE_UTF16BE] = {"不是 UTF-16 文字", "not UTF-16"},
    };
    const char *const *what = expected[decode_encoding(reader->decode)];

    refusal_set(refusal, REFUSAL_ENCODING,
                "第 %llu 行%s%.0s。请用 Excel 打开原文件，选择“另存为”，类型选“CSV "
                "UTF-8（逗号分隔）”，然后重新发送。",
                "line %llu is %.0s%s; open the file in Excel, save it as 'CSV UTF-8' and "
                "send it again",
                (unsigned long long)reader->line, what[0], what[1]);
    return SOURCE_REFUSED;
}

static enum source_read
reader_refuse_text(const struct reader *reader, struct source_cell cell, struct refusal *refusal)
{
    if (memchr(cell.bytes, '\0', cell.len) == NULL)
        return reader_refuse_encoding(reader, refusal);
    (void)reader_refuse_nul(reader, refusal);
    return SOURCE_REFUSED;
}

/* Undo doubled quotes in place. */
static void
reader_unquote(struct reader *reader, struct source_cell *cell)
{
    char *to = reader->bytes + (cell->bytes - reader->bytes);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < cell->len; i++) {
        to[kept++] = cell->bytes[i];
        i += cell->bytes[i] == '"';
    }
    cell->len = kept;
}

/* The row is whole: check the text of its cells. */
static enum source_read
reader_finish(struct reader *reader, const struct reader_row *row, struct source_row *ret_row,
              struct refusal *refusal)
{
    if (row->at - (reader->bytes + reader->at) > SOURCE_LINE_MAX)
        return reader_refuse_length(reader, row, refusal);
    for (uint32_t i = 0; row->marks != 0 && i < row->count; i++) {
        struct source_cell *cell = &reader->cells[i];

        if (reader->marks[i] == 0)
            continue;
        if (text_utf8_length(cell->bytes, cell->len) < 0)
            return reader_refuse_text(reader, *cell, refusal);
        if ((reader->marks[i] & READER_DOUBLED) != 0)
            reader_unquote(reader, cell);
    }
    *ret_row = (struct source_row){++reader->row_no, row->count, reader->cells};
    return SOURCE_ROW;
}

static void
reader_step(struct reader *reader, const struct reader_row *row)
{
    size_t at = (size_t)(row->at - reader->bytes);

    if (at < reader->end)
        at += reader->bytes[at] == '\r' && at + 1 < reader->end && reader->bytes[at + 1] == '\n'
                  ? 2
                  : 1;
    reader->at = at;
    reader->line += row->lines + 1;
}

static enum source_read
reader_next(struct source *source, struct source_row *ret_row, struct refusal *refusal,
            struct err *err)
{
    struct reader *reader = (struct reader *)source;
    struct reader_row row;

    for (;;) {
        enum reader_scan scan = READER_PART;
        enum source_read result;

        row = (struct reader_row){0};
        if (reader->at < reader->end)
            scan = reader_scan(reader, &row, refusal);
        else if (reader->eof)
            return decode_broken(reader->decode) ? reader_refuse_encoding(reader, refusal)
                                                 : SOURCE_END;
        if (scan == READER_REFUSED)
            return SOURCE_REFUSED;
        if (reader->eof && decode_broken(reader->decode) &&
            (scan == READER_PART || row.at == reader->bytes + reader->end))
            return reader_refuse_encoding(reader, refusal);
        if (scan == READER_WHOLE) {
            result = reader_finish(reader, &row, ret_row, refusal);
            reader_step(reader, &row);
            return result;
        }
        if (reader->eof || reader->end - reader->at > SOURCE_LINE_MAX)
            return reader_refuse_length(reader, &row, refusal);
        if (reader_fill(reader, err) != 0)
            return SOURCE_ERROR;
    }
}

/* Tabs when the first row that holds any holds only tabs; semicolons, as LibreOffice writes them, or
   bars, as databases do, when it holds some and no other: one alone may stand in a title. */
static char
reader_delimiter(const char *bytes, size_t len)
{
    size_t tabs = 0, semicolons = 0, bars = 0;

    for (size_t i = 0; i < len && bytes[i] != ','; i++) {
        tabs += bytes[i] == '\t';
        semicolons += bytes[i] == ';';
        bars += bytes[i] == '|';
        if (bytes[i] != '\n' && bytes[i] != '\r')
            continue;
        if (tabs > 0)
            return '\t';
        if (semicolons > 1 || bars > 1)
            return semicolons > bars ? ';' : '|';
        semicolons = bars = 0;
    }
    return ',';
}

static int
reader_rewind(struct source *source, struct err *err)
{
    struct reader *reader = (struct reader *)source;
    size_t look;

    if (decode_begin(reader->decode, err) != 0)
        return -1;
    reader->at = reader->end = 0;
    reader->eof = false;
    reader->row_no = 0;
    reader->line = 1;
    while (!reader->eof && reader->end < READER_LOOK)
        if (reader_fill(reader, err) != 0)
            return -1;
    if (reader->end >= 3 && memcmp(reader->bytes, "\xef\xbb\xbf", 3) == 0)
        reader->at = 3;
    look = reader->end < READER_LOOK ? reader->end : READER_LOOK;
    reader->delimiter = reader_delimiter(reader->bytes + reader->at, look - reader->at);
    return 0;
}

static void
reader_close(struct source *source)
{
    struct reader *reader = (struct reader *)source;

    decode_free(reader->decode);
    (void)close(reader->fd);
    free(reader->bytes);
    free(reader);
}

/* The first call rewinds, so that the byte order mark and the delimiter are looked for. */
static enum source_read
reader_first(struct source *source, struct source_row *ret_row, struct refusal *refusal,
             struct err *err)
{
    if (reader_rewind(source, err) != 0)
        return SOURCE_ERROR;
    source->next = reader_next;
    return reader_next(source, ret_row, refusal, err);
}

struct source *
reader_new(int fd)
{
    struct reader *reader = mem_zalloc(sizeof(*reader));

    reader->source =
        (struct source){.next = reader_first, .rewind = reader_rewind, .close = reader_close};
    reader->fd = fd;
    reader->decode = decode_new(fd);
    reader->size = READER_FILL;
    reader->bytes = mem_grow(NULL, READER_FILL + READER_PAD, 1);
    reader->line = 1;
    return &reader->source;
}
