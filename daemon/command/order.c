#include "command/order.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/migrate.h"

/* Set in the run below the script that starts the database. */
#define ORDER_AGAIN "QIANSHAO_WITH_DATABASE"

/* Run the same command line below with-database. Returns only on failure. */
static int
order_again(struct order *order, char *script)
{
    static char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    size_t count = 0;
    char **again;

    if (len < 0)
        return err_set(&order->err, ERR_SYSTEM, "cannot find this program: %s", strerror(errno));
    while (order->argv[count] != NULL)
        count++;
    again = mem_zalloc((count + 2) * sizeof(*again));
    again[0] = script;
    again[1] = self;
    memcpy(again + 2, order->argv + 1, (count - 1) * sizeof(*again));
    (void)execv(script, again);
    free(again);
    return err_set(&order->err, ERR_SYSTEM, "cannot run with-database: %s", strerror(errno));
}

static int
order_with_database(struct order *order)
{
    AUTO_BUF struct buf script = {0};
    AUTO_BUF struct buf config = {0};
    AUTO(free) char *path = NULL;

    if (order->dir == NULL || getenv(ORDER_AGAIN) != NULL)
        return 0;
    buf_add_fmt(&script, "%s/bin/with-database", order->dir);
    if (access(buf_str(&script), X_OK) != 0)
        return err_set(&order->err, ERR_MISSING, "no run directory of deploy/quickstart at --dir");
    buf_add_fmt(&config, "%s/etc/qianshaod.yaml", order->dir);
    (void)setenv(ORDER_AGAIN, "1", 1);
    (void)setenv("QIANSHAO_CONFIG", buf_str(&config), 1);
    path = mem_strdup(buf_str(&script));
    return order_again(order, path);
}

int
order_load(struct order *order, struct config **ret_config)
{
    AUTO_BUF struct buf problems = {0};
    const char *path;

    if (order_with_database(order) != 0)
        return -1;
    path = order->config != NULL ? order->config : getenv("QIANSHAO_CONFIG");
    if (path == NULL) {
        (void)err_set(&order->err, ERR_INPUT, "which settings?");
        return err_hint(&order->err, "give --dir of a quickstart run, or --config FILE");
    }
    if (config_load(path, ret_config, &problems, &order->err) == 0)
        return 0;
    (void)fputs(buf_str(&problems), stderr);
    return -1;
}

static int
order_check_counties(struct store *store, struct err *err)
{
    AUTO(store_result_free) struct store_result *result = NULL;

    if (store_run(store, "select cardinality(ops.counties())", NULL, 0, &result, NULL, err) != 0)
        return -1;
    if (store_int(result, 0, 0) > 0)
        return 0;
    (void)err_set(err, ERR_DENIED, "the access list gives this login no county");
    return err_hint(err, "add it under 'ops' in the hub's access list and reload the hub");
}

int
order_connect(struct order *order, const struct config *config, struct store **ret_store)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    AUTO(store_close) struct store *store = NULL;
    AUTO_BUF struct buf text = {0};
    struct err *err = &order->err;

    buf_add_str(&text, config->store_ops_conninfo);
    if (order->user != NULL) {
        if (strspn(order->user, letters) != strlen(order->user))
            return err_set(err, ERR_INPUT, "--user is a plain name");
        buf_add_fmt(&text, " user=%s", order->user);
    }
    if (store_open(buf_str(&text), "qianshao", &store, err) != 0 ||
        migrate_check(store, err) != 0 || order_check_counties(store, err) != 0)
        return -1;
    *ret_store = STEAL(store);
    return 0;
}

int
order_month(struct order *order, int32_t *ret_month)
{
    *ret_month = 0;
    if (order->month == NULL || clock_parse_month(order->month, ret_month))
        return 0;
    return err_set(&order->err, ERR_INPUT, "--month is YYYY-MM");
}

int
order_county(struct order *order, uint32_t *ret_county)
{
    *ret_county = 0;
    if (order->county == NULL)
        return 0;
    if (strlen(order->county) != 6 || strspn(order->county, "0123456789") != 6)
        return err_set(&order->err, ERR_INPUT, "--county is a code of six digits");
    *ret_county = (uint32_t)strtoul(order->county, NULL, 10);
    return 0;
}
