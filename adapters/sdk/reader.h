/*
 * reader — CSV in UTF-8, one row at a time, in bounded memory.
 *
 * RFC 4180 with what real programs write: a byte order mark, LF, CR or CRLF,
 * line breaks and doubled quotes within quotes, blanks behind a closing quote,
 * a quote in the middle of a bare cell (`="3607"`) taken as it stands, and tabs
 * instead of commas when the first row that has either has only tabs. What it
 * refuses, always with the line number: text that is not UTF-8, NUL bytes,
 * quotes that do not pair, text behind a closing quote, a row over
 * SOURCE_LINE_MAX bytes or SOURCE_CELLS_MAX cells.
 *
 * Why not libcsv: it hands over every byte through its own buffer and a
 * callback a cell, knows neither the line of an open quote nor a limit for a
 * row, and takes NUL bytes as text; checking what it lets through needs a
 * second scan of everything. Measured: see the figures at reader_next.
 */
#ifndef READER_H
#define READER_H

#include "sdk/source.h"

/* Read CSV from a file descriptor at its start; the source owns the descriptor. */
struct source *reader_new(int fd);

#endif
