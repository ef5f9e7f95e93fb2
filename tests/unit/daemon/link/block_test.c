#include "link/block.h"

#include <stdatomic.h>

#include "link/hash.h"
#include "unit.h"

#define RECORDS 100000
#define ROUNDS 3

static uint32_t values[RECORDS]; /* of the present case; 0: none */
static atomic_uint seen[ROUNDS][RECORDS];
static atomic_uint groups[ROUNDS], wrong;

static void
hash_values(void *context, unsigned round, uint32_t from, uint32_t to, uint64_t *ret_hashes)
{
    (void)context;
    for (uint32_t i = from; i < to; i++)
        ret_hashes[i - from] = values[i] == 0 ? 0 : hash_mix(values[i], round) | 1;
}

static void
take_values(void *context, unsigned thread, unsigned round, const uint64_t *items, size_t count)
{
    (void)context;
    (void)thread;
    for (size_t at = 0, end; at < count; at = end) {
        end = block_end(items, at, count);
        atomic_fetch_add(&groups[round], 1);
        for (size_t i = at; i < end; i++) {
            uint32_t record = block_record(items[i]);

            atomic_fetch_add(&seen[round][record], 1);
            wrong += values[record] != values[block_record(items[at])];
            wrong += i > at && record <= block_record(items[i - 1]);
            wrong += i + 1 < count && block_together(items, i) != (i + 1 < end);
        }
    }
}

static void
run(uint32_t count, unsigned threads)
{
    struct block_task task = {NULL, count, threads, ROUNDS, hash_values, take_values};

    memset(seen, 0, sizeof(seen));
    memset(groups, 0, sizeof(groups));
    wrong = 0;
    block_run(&task);
    for (int round = 0; round < ROUNDS; round++)
        for (uint32_t i = 0; i < count; i++)
            wrong += seen[round][i] != (values[i] != 0);
    ck_assert_uint_eq(wrong, 0);
}

START_TEST(records_of_one_value_stand_together_in_each_round)
{
    for (uint32_t i = 0; i < RECORDS; i++)
        values[i] = i % 7 == 3 ? 0 : i * 2654435761U % 30011 + 1;
    run(RECORDS, (unsigned)_i);
    for (int round = 0; round < ROUNDS; round++)
        ck_assert_uint_eq(groups[round], 30011);
}
END_TEST

START_TEST(a_value_that_fills_the_table_is_one_block)
{
    for (uint32_t i = 0; i < RECORDS; i++)
        values[i] = 5;
    run(RECORDS, 2);
    ck_assert_uint_eq(groups[0], 1);
}
END_TEST

START_TEST(no_record_and_one_record_are_fine)
{
    values[0] = 5;
    run(0, 2);
    ck_assert_uint_eq(groups[0], 0);
    run(1, 2);
    ck_assert_uint_eq(groups[0], 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("block");
    TCase *tcase = tcase_create("block");

    tcase_add_loop_test(tcase, records_of_one_value_stand_together_in_each_round, 1, 5);
    tcase_add_test(tcase, a_value_that_fills_the_table_is_one_block);
    tcase_add_test(tcase, no_record_and_one_record_are_fine);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
