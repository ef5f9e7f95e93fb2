#include "judge/reference.h"

#include <string.h>

#include "cases/outbox.h"
#include "unit.h"

static const uint8_t master[DIGEST_BYTES] = {1, 2, 3};

START_TEST(a_subject_has_another_reference_in_another_county)
{
    uint8_t first[DIGEST_BYTES], second[DIGEST_BYTES];
    char here[DIGEST_HEX], there[DIGEST_HEX], again[DIGEST_HEX];

    reference_county_key(master, 360722, first);
    reference_county_key(master, 350582, second);
    reference_of(first, "H1", here);
    reference_of(second, "H1", there);
    reference_of(first, "H1", again);
    ck_assert_str_ne(here, there);
    ck_assert_str_eq(here, again);
}
END_TEST

START_TEST(the_pads_make_the_same_hmac_out_of_two_digests)
{
    uint8_t key[DIGEST_BYTES], inner[REFERENCE_PAD_BYTES], outer[REFERENCE_PAD_BYTES],
        bytes[DIGEST_BYTES];
    char want[DIGEST_HEX], got[DIGEST_HEX];
    struct digest digest;

    reference_county_key(master, 360722, key);
    reference_pads(key, inner, outer);
    digest_init(&digest);
    digest_add(&digest, inner, sizeof(inner));
    digest_add(&digest, "H1", 2);
    digest_finish(&digest, bytes);
    digest_init(&digest);
    digest_add(&digest, outer, sizeof(outer));
    digest_add(&digest, bytes, sizeof(bytes));
    digest_finish(&digest, bytes);
    digest_hex(bytes, sizeof(bytes), got);
    reference_of(key, "H1", want);
    ck_assert_str_eq(got, want);
}
END_TEST

START_TEST(age_bands_part_at_school_age_and_majority)
{
    static const struct {
        int age;
        const char *band;
    } known[] = {
        {0, "0-5"},    {5, "0-5"},    {6, "6-14"},   {14, "6-14"},  {15, "15-17"},
        {17, "15-17"}, {18, "18-59"}, {59, "18-59"}, {60, "60-79"}, {80, "80+"},
    };

    for (int i = 0; i < UNIT_COUNT(known); i++)
        ck_assert_str_eq(outbox_age_band(known[i].age), known[i].band);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("judge");
    TCase *tcase = tcase_create("judge");

    tcase_add_test(tcase, a_subject_has_another_reference_in_another_county);
    tcase_add_test(tcase, the_pads_make_the_same_hmac_out_of_two_digests);
    tcase_add_test(tcase, age_bands_part_at_school_age_and_majority);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
