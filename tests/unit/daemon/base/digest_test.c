#include "base/digest.h"

#include <signal.h>
#include <string.h>

#include "unit.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void
expect(const uint8_t digest[DIGEST_BYTES], const char *hex)
{
    char text[DIGEST_HEX];

    digest_hex(digest, DIGEST_BYTES, text);
    ck_assert_str_eq(text, hex);
}

START_TEST(known_texts_have_their_known_digests)
{
    uint8_t digest[DIGEST_BYTES];

    digest_bytes("", 0, digest);
    expect(digest, EMPTY);
    digest_bytes("abc", 3, digest);
    expect(digest, ABC);
}
END_TEST

START_TEST(feeding_in_pieces_is_feeding_at_once)
{
    uint8_t bytes[1000], whole[DIGEST_BYTES], pieces[DIGEST_BYTES];

    memset(bytes, 7, sizeof(bytes));
    digest_bytes(bytes, sizeof(bytes), whole);
    for (size_t step = 1; step < 200; step++) {
        struct digest digest;

        digest_init(&digest);
        for (size_t at = 0; at < sizeof(bytes); at += step)
            digest_add(&digest, bytes + at, sizeof(bytes) - at < step ? sizeof(bytes) - at : step);
        digest_finish(&digest, pieces);
        ck_assert_mem_eq(pieces, whole, DIGEST_BYTES);
    }
}
END_TEST

START_TEST(a_saved_digest_goes_on_where_it_stood)
{
    uint8_t saved[DIGEST_STATE_BYTES], result[DIGEST_BYTES];
    struct digest first, second;

    digest_init(&first);
    digest_add(&first, "a", 1);
    memcpy(saved, first.state, sizeof(saved));
    ck_assert_int_eq(digest_load(&second, saved, sizeof(saved)), 0);
    digest_add(&second, "bc", 2);
    digest_finish(&second, result);
    expect(result, ABC);
}
END_TEST

START_TEST(a_saved_digest_that_cannot_be_one_is_refused)
{
    uint8_t saved[DIGEST_STATE_BYTES];
    struct digest digest;

    digest_init(&digest);
    memcpy(saved, digest.state, sizeof(saved));
    for (size_t at = DIGEST_STATE_BYTES - 8; at < DIGEST_STATE_BYTES; at += 4) {
        saved[at] ^= 0x40; /* how much of a block waits; the digest's length */
        ck_assert_int_eq(digest_load(&digest, saved, sizeof(saved)), -1);
        saved[at] ^= 0x40;
    }
    ck_assert_int_eq(digest_load(&digest, saved, sizeof(saved) - 1), -1);
    ck_assert_int_eq(digest_load(&digest, saved, sizeof(saved)), 0);
}
END_TEST

START_TEST(a_finished_digest_cannot_be_fed)
{
    uint8_t result[DIGEST_BYTES];
    struct digest digest;

    digest_init(&digest);
    digest_finish(&digest, result);
    digest_add(&digest, "a", 1);
}
END_TEST

/* RFC 4231, test cases 1, 2, 3, 6 and 7. */
static const struct {
    const char *key;
    int key_fill;
    size_t key_len;
    const char *text;
    int text_fill;
    size_t text_len;
    const char *hex;
} hmacs[] = {
    {NULL, 0x0B, 20, "Hi There", 0, 8,
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", 0, 4, "what do ya want for nothing?", 0, 28,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {NULL, 0xAA, 20, NULL, 0xDD, 50,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {NULL, 0xAA, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 0, 54,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {NULL, 0xAA, 131,
     "This is a test using a larger than block-size key and a larger than block-size data. The "
     "key needs to be hashed before being used by the HMAC algorithm.",
     0, 152, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

START_TEST(hmac_gives_the_values_of_rfc_4231)
{
    uint8_t key[200], text[200], digest[DIGEST_BYTES];

    memset(key, hmacs[_i].key_fill, sizeof(key));
    memset(text, hmacs[_i].text_fill, sizeof(text));
    digest_hmac(hmacs[_i].key == NULL ? (const void *)key : hmacs[_i].key, hmacs[_i].key_len,
                hmacs[_i].text == NULL ? (const void *)text : hmacs[_i].text, hmacs[_i].text_len,
                digest);
    expect(digest, hmacs[_i].hex);
}
END_TEST

START_TEST(hexadecimal_is_read_in_either_case)
{
    uint8_t bytes[3];

    ck_assert_int_eq(digest_unhex("00aBfF", bytes, 3), 0);
    ck_assert_mem_eq(bytes, "\x00\xAB\xFF", 3);
}
END_TEST

static const char *const no_hex[] = {"", "00aB", "00aBf", "00aBfF00", "00aBfg", "00 aBf", "0x00aB"};

START_TEST(what_is_no_hexadecimal_of_that_length_is_refused)
{
    uint8_t bytes[3] = {1, 2, 3};

    ck_assert_int_eq(digest_unhex(no_hex[_i], bytes, 3), -1);
    ck_assert_mem_eq(bytes, "\1\2\3", 3);
}
END_TEST

START_TEST(random_bytes_differ_from_call_to_call)
{
    uint8_t a[300] = {0}, b[300] = {0};

    digest_random(a, sizeof(a));
    digest_random(b, sizeof(b));
    ck_assert_mem_ne(a, b, sizeof(a));
    ck_assert_mem_ne(a + 268, b + 268, 32);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("digest");
    TCase *tcase = tcase_create("digest");

    tcase_add_test(tcase, known_texts_have_their_known_digests);
    tcase_add_test(tcase, feeding_in_pieces_is_feeding_at_once);
    tcase_add_test(tcase, a_saved_digest_goes_on_where_it_stood);
    tcase_add_test(tcase, a_saved_digest_that_cannot_be_one_is_refused);
    tcase_add_test_raise_signal(tcase, a_finished_digest_cannot_be_fed, SIGABRT);
    tcase_add_loop_test(tcase, hmac_gives_the_values_of_rfc_4231, 0, UNIT_COUNT(hmacs));
    tcase_add_test(tcase, hexadecimal_is_read_in_either_case);
    tcase_add_loop_test(tcase, what_is_no_hexadecimal_of_that_length_is_refused, 0,
                        UNIT_COUNT(no_hex));
    tcase_add_test(tcase, random_bytes_differ_from_call_to_call);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
