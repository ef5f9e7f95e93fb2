/*
 * fuzz — what the fuzz targets share.
 *
 * A target is a program's one function LLVMFuzzerTestOneInput, which takes any
 * bytes and asserts what must hold of them. It is linked with libFuzzer by
 * tests/fuzz/run, and with corpus.c, which feeds it the files of its corpus,
 * otherwise. One input at a time, one thread.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/source.h"

#define FUZZ_COUNTY 360799
#define FUZZ_TODAY 19888 /* 2024-06-14 */
#define FUZZ_PERIOD 202405

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* The bytes that choose among variants stand in front of an input; 0 when there are no more. */
struct fuzz_input {
    const uint8_t *bytes;
    size_t len;
};
uint8_t fuzz_take(struct fuzz_input *input);

/* A directory of this process, removed when it ends in order. */
const char *fuzz_dir(void);

/* Write a file below the directory and return its path, which lives until the next call. */
const char *fuzz_write(const char *name, const void *bytes, size_t len);

/* Append the content of a file below the directory; returns whether it is there. */
bool fuzz_read(const char *name, struct buf *out);

/* Remove a file below the directory, if it is there. */
void fuzz_remove(const char *name);

/* A descriptor of a nameless file with this content, at its start; the caller closes it. */
int fuzz_open(const void *bytes, size_t len);

/* Each problem is a line "<file>:line:col: message" of valid UTF-8, and there is one when, and only
   when, the call failed with ERR_CONFIG. */
void fuzz_check_problems(const struct buf *problems, int result, const struct err *err);

/* A workbook's cells are text, its row numbers grow, and each sheet read twice gives the same; unless
   a reading is `timed`, and one of the two was refused for what it took. */
void fuzz_check_book(struct source *source, bool timed);

/* A failure says why, in valid UTF-8 or cut within a character. */
void fuzz_check_err(const struct err *err);

#endif
