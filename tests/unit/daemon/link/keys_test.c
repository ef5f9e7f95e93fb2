#include "link/keys.h"

#include <assert.h>

#include "made.h"

#define PEOPLE 600

static struct person people[PEOPLE];
static uint8_t seen[PEOPLE][PEOPLE];

static void
see(void *context, unsigned thread, uint32_t a, uint32_t b)
{
    (void)context;
    (void)thread;
    assert(a < b);
    seen[a][b]++;
}

/* People who share names, telephones and addresses in every combination. */
static void
make_people(void)
{
    static const char *const names[] = {"王小明", "王晓明", "李芳", "李方", "阿依古丽·买买提"};
    char phone[16], address[32], birth[16], number[24];

    for (int i = 0; i < PEOPLE; i++) {
        snprintf(phone, sizeof(phone), "139%08d", i / 7 % 40 + 1);
        snprintf(address, sizeof(address), "长岗村%d组%d号", i / 11 % 9 + 1, i % 13);
        snprintf(birth, sizeof(birth), "19%02d-01-%02d", i % 50 + 40, i % 28 + 1);
        snprintf(number, sizeof(number), "36079919%02d01%02d%04d", i % 50 + 40, i % 28 + 1, i / 2);
        people[i] = PERSON(names[i % 5], i % 3 == 0 ? NULL : number, i % 4 == 0 ? NULL : birth,
                           i % 5 == 1 ? NULL : phone, i % 6 == 2 ? NULL : address,
                           i % 2 == 0 ? "360722101" : "360722");
    }
}

START_TEST(each_pair_that_shares_a_key_comes_once)
{
    struct keys_report reports[KEYS_COUNT];
    uint64_t pairs = 0, found = 0;
    int bad = 0;

    make_people();
    memset(seen, 0, sizeof(seen));
    keys_pairs(people, PEOPLE, (unsigned)_i, see, NULL, reports);
    for (int a = 0; a < PEOPLE; a++)
        for (int b = a + 1; b < PEOPLE; b++) {
            bad += seen[a][b] != (keys_join(&people[a], &people[b]) != 0);
            found += seen[a][b];
        }
    ck_assert_int_eq(bad, 0);
    for (int key = 0; key < KEYS_COUNT; key++) {
        ck_assert_uint_eq(reports[key].cut_blocks, 0);
        pairs += reports[key].pairs;
    }
    ck_assert_uint_gt(found, 1000);
    ck_assert_uint_eq(pairs, found);
}
END_TEST

static void
see_across(void *context, unsigned thread, uint32_t a, uint32_t b)
{
    (void)context;
    (void)thread;
    seen[a][b]++;
}

START_TEST(between_two_lists_only_pairs_across_come)
{
    struct keys_report reports[KEYS_COUNT];
    const uint32_t left = PEOPLE / 3, right = PEOPLE - left;
    int bad = 0, found = 0;

    make_people();
    memset(seen, 0, sizeof(seen));
    keys_pairs_across(people, left, people + left, right, (unsigned)_i, see_across, NULL, reports);
    for (uint32_t a = 0; a < PEOPLE; a++)
        for (uint32_t b = 0; b < PEOPLE; b++) {
            bool joined = a < left && b < right && keys_join(&people[a], &people[left + b]) != 0;

            bad += seen[a][b] != joined;
            found += seen[a][b];
        }
    ck_assert_int_eq(bad, 0);
    ck_assert_int_gt(found, 1000);
    memset(seen, 0, sizeof(seen));
    keys_pairs_across(people, PEOPLE, NULL, 0, (unsigned)_i, see_across, NULL, reports);
    for (int i = 0; i < PEOPLE * PEOPLE; i++)
        bad += seen[i / PEOPLE][i % PEOPLE];
    ck_assert_int_eq(bad, 0);
}
END_TEST

START_TEST(between_two_lists_only_the_second_makes_a_block_too_large)
{
    struct keys_report reports[KEYS_COUNT];
    const uint32_t few = KEYS_BLOCK_MAX, many = PEOPLE - few;
    long met = 0;

    for (int i = 0; i < PEOPLE; i++)
        people[i] = PERSON("王小明", NULL, "1990-01-01");
    memset(seen, 0, sizeof(seen));
    keys_pairs_across(people + few, many, people, few, 2, see_across, NULL, reports);
    for (int i = 0; i < PEOPLE * PEOPLE; i++)
        met += seen[i / PEOPLE][i % PEOPLE];
    ck_assert_int_eq(met, (long)few * many);
    memset(seen, 0, sizeof(seen));
    keys_pairs_across(people, few, people + few, many, 2, see_across, NULL, reports);
    for (int i = 0; i < PEOPLE * PEOPLE; i++)
        met += seen[i / PEOPLE][i % PEOPLE];
    ck_assert_int_eq(met, (long)few * many);
}
END_TEST

START_TEST(keys_of_two_people_agree_where_they_join)
{
    long same = 0, checked = 0;

    make_people();
    for (int a = 0; a < PEOPLE; a += 9)
        for (int b = a + 1; b < PEOPLE; b++) {
            uint32_t joins = keys_join(&people[a], &people[b]);

            for (unsigned key = 0; key < KEYS_COUNT; key++)
                same += (joins >> key & 1) ==
                        (keys_hash(&people[a], key) != 0 &&
                         keys_hash(&people[a], key) == keys_hash(&people[b], key));
            checked += KEYS_COUNT;
        }
    ck_assert_int_eq(same, checked);
}
END_TEST

START_TEST(a_block_that_is_too_large_is_cut_and_told)
{
    struct keys_report reports[KEYS_COUNT];
    uint32_t cut = 0;
    char phone[16];

    memset(seen, 0, sizeof(seen));
    for (int i = 0; i < PEOPLE; i++) { /* one name and birth date for all; telephones of two */
        snprintf(phone, sizeof(phone), "139%08d", i / 2 + 1);
        people[i] = PERSON("王小明", NULL, "1990-01-01", phone);
    }
    keys_pairs(people, PEOPLE, 2, see, NULL, reports);
    for (int key = 0; key < KEYS_COUNT; key++) {
        cut += reports[key].cut_blocks;
        ck_assert(reports[key].cut_blocks == 0 || reports[key].cut_records == PEOPLE);
    }
    ck_assert_uint_gt(cut, 0);
    for (int a = 0; a + 1 < PEOPLE; a++) /* the telephone still joins */
        ck_assert_int_eq(seen[a][a + 1], a % 2 == 0);
}
END_TEST

START_TEST(a_slip_anywhere_in_a_number_leaves_a_key)
{
    struct person right = PERSON("王小明", "36079919900101001X");
    char text[] = "36079919900101001X";

    for (int i = 0; i < 17; i++) {
        text[i] = text[i] == '9' ? '8' : (char)(text[i] + 1);
        struct person wrong = PERSON("王小明", text);

        ck_assert_uint_ne(keys_join(&right, &wrong), 0);
        text[i] = "36079919900101001X"[i];
        if (i < 16 && text[i] != text[i + 1]) {
            text[i] = text[i + 1];
            text[i + 1] = "36079919900101001X"[i];
            struct person swapped = PERSON("王小明", text);

            ck_assert_uint_ne(keys_join(&right, &swapped), 0);
            text[i] = "36079919900101001X"[i];
            text[i + 1] = "36079919900101001X"[i + 1];
        }
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("keys");
    TCase *tcase = tcase_create("keys");

    tcase_add_checked_fixture(tcase, made_setup, made_teardown);
    tcase_add_loop_test(tcase, each_pair_that_shares_a_key_comes_once, 1, 4);
    tcase_add_loop_test(tcase, between_two_lists_only_pairs_across_come, 1, 4);
    tcase_add_test(tcase, between_two_lists_only_the_second_makes_a_block_too_large);
    tcase_add_test(tcase, keys_of_two_people_agree_where_they_join);
    tcase_add_test(tcase, a_block_that_is_too_large_is_cut_and_told);
    tcase_add_test(tcase, a_slip_anywhere_in_a_number_leaves_a_key);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
