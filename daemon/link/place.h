/*
 * place — an address as sectors write it, in one form.
 *
 * 江西省赣州市信丰县大塘埠镇长岗村第三村民小组12号 and 长岗村3组12号 are one
 * place: what stands up to the township is dropped (the area code says it
 * better), numbers become digits, the words for group and committee become
 * short. Pure.
 */
#ifndef PLACE_H
#define PLACE_H

#include <stddef.h>

/* Where in the text the place stands. */
struct place {
    size_t at, len; /* nothing: len is 0 */
    size_t village; /* bytes from `at` on that name the village, without group and house */
};

/* Write the short form; `to` takes `len` bytes at most. `text` is valid UTF-8. */
struct place place_read(const char *text, size_t len, char *to);

#endif
