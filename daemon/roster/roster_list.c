#include "roster/roster_list.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"

#define SECTOR "sector" /* the kind of an office that sends feeds */

/* One office of one county; texts are the list's. */
struct roster_office {
    const char *kind, *code, *title;
    uint32_t county;
};

struct roster_offices {
    struct roster_office *list;
    size_t count;
};

/* Note an office once, by the first title that the list gives it. */
static void
roster_list_office(struct roster_offices *offices, const struct roster_office *office)
{
    for (size_t i = 0; i < offices->count; i++) {
        struct roster_office *known = &offices->list[i];

        if (known->county != office->county || strcmp(known->kind, office->kind) != 0 ||
            strcmp(known->code, office->code) != 0)
            continue;
        if (known->title == NULL)
            known->title = office->title;
        return;
    }
    offices->list = mem_grow(offices->list, offices->count + 1, sizeof(*offices->list));
    offices->list[offices->count++] = *office;
}

static void
roster_list_entry_offices(const struct access_entry *entry, struct roster_offices *offices)
{
    if (entry->kind == ACCESS_SUBSCRIBER)
        roster_list_office(offices,
                           &(struct roster_office){entry->route, entry->name, NULL, entry->county});
    for (size_t i = 0; i < entry->grant_count; i++) {
        const struct access_grant *grant = &entry->grants[i];

        for (size_t j = 0; j < grant->county_count; j++)
            roster_list_office(offices, &(struct roster_office){SECTOR, grant->producer,
                                                                grant->title, grant->counties[j]});
    }
}

void
roster_list_offices(const struct access *access, struct buf *out)
{
    struct json json = {.out = out};
    struct roster_offices offices = {0};
    const struct access_entry *entry;

    for (size_t i = 0; (entry = access_at(access, i)) != NULL; i++)
        roster_list_entry_offices(entry, &offices);
    json_open_array(&json, NULL);
    for (size_t i = 0; i < offices.count; i++) {
        json_open_object(&json, NULL);
        json_add_text(&json, "kind", offices.list[i].kind);
        json_add_text(&json, "code", offices.list[i].code);
        json_add_text(&json, "title", offices.list[i].title);
        json_add_int(&json, "county", offices.list[i].county);
        json_close_object(&json);
    }
    json_close_array(&json);
    free(offices.list);
}

/* The first day of a month, null for none. */
static void
roster_list_month(struct json *json, const char *key, int32_t month)
{
    char day[CLOCK_DATE_TEXT];

    if (month == 0) {
        json_add_text(json, key, NULL);
        return;
    }
    clock_format_first(month, day);
    json_add_text(json, key, day);
}

static void
roster_list_feed(struct json *json, const char *channel, const struct access_grant *grant,
                 const struct access_record *record, uint32_t county)
{
    json_open_object(json, NULL);
    json_add_text(json, "channel", channel);
    json_add_text(json, "producer", grant->producer);
    json_add_text(json, "record_type", record->type);
    json_add_int(json, "county", county);
    json_add_bool(json, "expected", record->expected);
    roster_list_month(json, "first_period", grant->since);
    roster_list_month(json, "last_period", grant->until);
    json_close_object(json);
}

static void
roster_list_grant(struct json *json, const char *channel, const struct access_grant *grant)
{
    for (size_t i = 0; i < grant->record_count; i++)
        for (size_t j = 0; j < grant->county_count; j++)
            roster_list_feed(json, channel, grant, &grant->records[i], grant->counties[j]);
}

void
roster_list_grants(const struct access *access, struct buf *out)
{
    struct json json = {.out = out};
    const struct access_entry *entry;

    json_open_array(&json, NULL);
    for (size_t i = 0; (entry = access_at(access, i)) != NULL; i++) {
        for (size_t j = 0; j < entry->grant_count; j++)
            roster_list_grant(&json, entry->name, &entry->grants[j]);
        if (entry->kind != ACCESS_SUBSCRIBER)
            continue;
        json_open_object(&json, NULL);
        json_add_text(&json, "channel", entry->name);
        json_add_text(&json, "audience", entry->route);
        json_add_int(&json, "county", entry->county);
        json_add_bool(&json, "expected", false);
        json_close_object(&json);
    }
    json_close_array(&json);
}

void
roster_list_keys(const struct access *access, struct buf *out)
{
    struct json json = {.out = out};
    const struct access_entry *entry;

    json_open_array(&json, NULL);
    for (size_t i = 0; (entry = access_at(access, i)) != NULL; i++) {
        if (entry->key == NULL)
            continue;
        json_open_object(&json, NULL);
        json_add_text(&json, "kind", entry->kind == ACCESS_ADAPTER ? "adapter" : "subscriber");
        json_add_text(&json, "channel", entry->name);
        json_add_text(&json, "public_key", entry->key);
        json_close_object(&json);
    }
    json_close_array(&json);
}

void
roster_list_logins(const struct access *access, struct buf *out)
{
    struct json json = {.out = out};
    const struct access_entry *entry;

    json_open_array(&json, NULL);
    for (size_t i = 0; (entry = access_at(access, i)) != NULL; i++)
        for (size_t j = 0; j < entry->county_count; j++) {
            json_open_object(&json, NULL);
            json_add_text(&json, "login", entry->name);
            json_add_int(&json, "county", entry->counties[j]);
            json_close_object(&json);
        }
    json_close_array(&json);
}
