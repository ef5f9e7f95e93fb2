#include "command/act.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "command/review.h"
#include "county/scheduler.h"
#include "intake/channel.h"
#include "wire.h"

int
act_accept(void *values)
{
    struct order *order = values;
    const char *name = order->args.words[0];
    AUTO(config_free) struct config *config = NULL;
    AUTO(store_close) struct store *store = NULL;

    if (order_load(order, &config) != 0 || order_connect(order, config, &store) != 0 ||
        channel_accept(store, name, &order->err) != 0)
        return -1;
    (void)printf(
        "通道 %s 已恢复；未收完的文件请重新发送 (channel accepted; send the half file again)\n",
        name);
    return 0;
}

int
act_judge(void *values)
{
    struct order *order = values;
    AUTO(config_free) struct config *config = NULL;
    uint32_t county;
    int32_t month;

    if (order_month(order, &month) != 0 || order_county(order, &county) != 0 ||
        order_load(order, &config) != 0)
        return -1;
    return scheduler_judge(config, county, month, order->full, &order->err);
}

static int
act_decide(struct order *order, bool same)
{
    AUTO(config_free) struct config *config = NULL;
    AUTO(store_close) struct store *store = NULL;
    const struct review_order review = {
        .county = order->county, .reason = order->reason, .json = order->json};
    struct review_id id;
    uint32_t county;

    if (order_load(order, &config) != 0 ||
        review_parse(order->args.words[0], &id, &order->err) != 0 ||
        order_county(order, &county) != 0 || order_connect(order, config, &store) != 0)
        return -1;
    return review_decide(store, config, &id, same, &review, stdout, &order->err);
}

int
act_confirm(void *values)
{
    return act_decide(values, true);
}

int
act_break(void *values)
{
    return act_decide(values, false);
}

int
act_check_rules(void *values)
{
    struct order *order = values;
    AUTO(config_free) struct config *config = NULL;
    AUTO_BUF struct buf problems = {0};
    size_t refused = 0;

    if (order_load(order, &config) != 0 ||
        scheduler_try(config, &problems, &refused, &order->err) != 0)
        return -1;
    (void)fputs(buf_str(&problems), stderr);
    if (refused > 0)
        return err_set(&order->err, ERR_CONFIG, "%zu of the rules are refused", refused);
    (void)printf("规则全部可用 (every rule can be used)\n");
    return 0;
}

static int
act_write_new(const char *path, mode_t mode, const char *text, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (fd < 0)
        return err_set(err, ERR_INPUT, "cannot make %s: %s", path, strerror(errno));
    if (dprintf(fd, "%s\n", text) < 0 || fsync(fd) != 0) {
        (void)close(fd);
        return err_set(err, ERR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
    }
    (void)close(fd);
    return 0;
}

int
act_make_key(void *values)
{
    struct order *order = values;
    const char *path = order->args.words[0];
    AUTO_BUF struct buf public_path = {0};
    struct wire_keys keys;
    int result;

    wire_keys_make(&keys);
    buf_add_fmt(&public_path, "%s.pub", path);
    result = act_write_new(path, 0600, keys.secret_key, &order->err);
    explicit_bzero(keys.secret_key, sizeof(keys.secret_key));
    if (result != 0)
        return -1;
    return act_write_new(buf_str(&public_path), 0644, keys.public_key, &order->err);
}

int
act_link(void *values)
{
    struct order *order = values;

    return command_link(&order->link, &order->err);
}
