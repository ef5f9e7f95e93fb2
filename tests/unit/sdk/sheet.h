/*
 * sheet — an agency's file in a directory of its own, for the tests of the file side.
 */
#ifndef SHEET_H
#define SHEET_H

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#define SHEET_TODAY 19888 /* 2024-06-14 */

static char sheet_dir[64];
static char sheet_path[512];

static inline void
sheet_setup(void)
{
    unit_folder(sheet_dir, sizeof(sheet_dir));
}

static inline int
sheet_remove(const char *path, const struct stat *stat, int flag, struct FTW *walk)
{
    (void)stat;
    (void)flag;
    (void)walk;
    return remove(path);
}

static inline void
sheet_teardown(void)
{
    ck_assert_int_eq(nftw(sheet_dir, sheet_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* Write a file and return its path, which lives until the next call. */
static inline const char *
sheet_write(const char *name, const char *text, size_t len)
{
    FILE *file;

    (void)snprintf(sheet_path, sizeof(sheet_path), "%s/%s", sheet_dir, name);
    file = fopen(sheet_path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
    return sheet_path;
}

/* The content of a file as text the caller frees, or NULL when there is none. */
static inline char *
sheet_read(const char *path)
{
    AUTO_BUF struct buf text = {0};
    FILE *file = fopen(path, "r");
    size_t got;

    if (file == NULL)
        return NULL;
    do {
        got = fread(buf_reserve(&text, 4096), 1, 4096, file);
        text.len += got;
    } while (got > 0);
    (void)fclose(file);
    return mem_strdup(buf_str(&text));
}

/* A citizen number with its check character, from 17 digits. */
static inline const char *
sheet_id(const char *digits)
{
    static char id[TEXT_ID_LEN + 1];

    memcpy(id, digits, TEXT_ID_LEN - 1);
    id[TEXT_ID_LEN - 1] = '0';
    id[TEXT_ID_LEN - 1] = text_id_check(id);
    return id;
}

#endif
