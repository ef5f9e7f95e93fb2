/* Text: two readers of UTF-8 agree, and normalising, folding and masking keep their promises. */
#include "fuzz.h"

#include "base/text.h"
#include "part.h"

static void
check_name(const char *name, size_t len)
{
    AUTO_BUF struct buf once = {0}, twice = {0}, key = {0}, key_again = {0}, key_normal = {0};
    AUTO_BUF struct buf masked = {0};

    text_normalise_name(name, len, &once);
    assert(text_utf8_length(buf_str(&once), once.len) >= 0);
    assert(once.len <= 3 * len);
    text_normalise_name(buf_str(&once), once.len, &twice);
    assert(once.len == twice.len && (once.len == 0 || !memcmp(once.bytes, twice.bytes, once.len)));

    text_fold_name(name, len, &key);
    assert(text_utf8_length(buf_str(&key), key.len) >= 0);
    text_fold_name(buf_str(&once), once.len, &key_normal);
    assert(key.len == key_normal.len &&
           (key.len == 0 || !memcmp(key.bytes, key_normal.bytes, key.len)));
    text_fold_name(buf_str(&key), key.len, &key_again);
    assert(key.len == key_again.len &&
           (key.len == 0 || !memcmp(key.bytes, key_again.bytes, key.len)));

    text_mask_name(name, len, &masked);
    assert(text_utf8_length(buf_str(&masked), masked.len) >= 0);
}

static void
check_number(const char *number)
{
    char masked[TEXT_ID_LEN + 1];

    if (!text_id_valid(number, FUZZ_TODAY))
        return;
    assert(text_id_check(number) == number[TEXT_ID_LEN - 1]);
    assert(text_id_birth(number) <= FUZZ_TODAY && text_id_birth(number) >= -25567);
    text_mask_id(number, masked);
    assert(strlen(masked) == TEXT_ID_LEN && memcmp(masked + 6, "********", 8) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    long length = text_utf8_length(text, len);

    assert(length >= -1 && length <= (long)len);
    assert(part_utf8_valid(bytes, len) == (length >= 0));
    if (length < 0)
        return 0;
    for (size_t max = 0; max <= len && max < 64; max++) {
        size_t cut = part_cut(text, len, max);

        assert(cut <= max && (cut == len || cut + 4 > max));
        assert(text_utf8_length(text, cut) >= 0);
    }
    if (len >= TEXT_ID_LEN)
        check_number(text);
    if (len <= 4096)
        check_name(text, len);
    return 0;
}
