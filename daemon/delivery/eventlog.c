#include "delivery/eventlog.h"

#include <string.h>

#include "base/digest.h"
#include "delivery/delivery_sql.h"

int
eventlog_epoch(struct store *store, uint8_t ret_epoch[FRAME_EPOCH_BYTES], struct err *err)
{
    uint8_t random[FRAME_EPOCH_BYTES];
    const struct store_param params[] = {STORE_B(random, sizeof(random))};
    AUTO(store_result_free) struct store_result *result = NULL;
    const uint8_t *epoch;
    size_t len;

    digest_random(random, sizeof(random));
    if (store_run(store, "insert into cases.log (epoch) values ($1) on conflict do nothing", params,
                  1, NULL, NULL, err) != 0 ||
        store_run(store, "select epoch from cases.log", NULL, 0, &result, NULL, err) != 0)
        return -1;
    if (store_rows(result) != 1)
        return err_set(err, ERR_STORE, "cases.log has no epoch");
    epoch = store_bytes(result, 0, 0, &len);
    if (epoch == NULL || len != FRAME_EPOCH_BYTES)
        return err_set(err, ERR_STORE, "the epoch in cases.log has a wrong length");
    memcpy(ret_epoch, epoch, FRAME_EPOCH_BYTES);
    return 0;
}

int
eventlog_range(struct store *store, uint32_t county, const char *route,
               struct eventlog_range *ret_range, struct err *err)
{
    const struct store_param params[] = {STORE_I(county), STORE_T(route)};
    AUTO(store_result_free) struct store_result *result = NULL;

    if (store_run(store, delivery_sql_log_range.text, params, 2, &result, NULL, err) != 0)
        return -1;
    ret_range->first_seq = (uint64_t)store_int(result, 0, 0);
    ret_range->next_seq = (uint64_t)store_int(result, 0, 1);
    return 0;
}

int
eventlog_read(struct store *store, uint32_t county, const char *route, uint64_t from_seq,
              uint64_t bytes, struct store_result **ret_events, struct err *err)
{
    const struct store_param params[] = {STORE_I(county), STORE_T(route), STORE_I(from_seq),
                                         STORE_I(bytes), STORE_I(EVENTLOG_READ_MAX)};

    return store_run(store, delivery_sql_log_read.text, params, sizeof(params) / sizeof(params[0]),
                     ret_events, NULL, err);
}

int
eventlog_acked(struct store *store, uint32_t county, const char *route, const char *name,
               uint64_t next_seq, struct err *err)
{
    const struct store_param params[] = {STORE_I(county), STORE_T(route), STORE_T(name),
                                         STORE_I(next_seq - 1)};

    return store_run(store, delivery_sql_acked.text, params, 4, NULL, NULL, err);
}
